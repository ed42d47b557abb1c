# Tests of IR and of the command-line tools, for LLVM's lit: each file says in
# `RUN:` lines what to run and in `CHECK:` lines what must come out.
#
# The tools are those in $DP_BIN, by default target/debug; LLVM's own are those
# in $DP_LLVM_BIN, by default Debian's. Run `lit -j2 -v tests/lit`.

import glob
import os
import sys

import lit.formats

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
tools = os.environ.get("DP_BIN", os.path.join(root, "target", "debug"))
llvm = os.environ.get("DP_LLVM_BIN", "/usr/lib/llvm-22/bin")

config.name = "dp"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Output"]
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
config.test_exec_root = os.path.join(root, "target", "lit")

config.environment["PATH"] = os.pathsep.join([tools, llvm, config.environment["PATH"]])
config.environment["FILECHECK_OPTS"] = "--dump-input-filter=error"
# The plugin for --target=xla: the one that is named, or that `./x plugins` leaves in the target folder.
plugin = os.environ.get("DP_PJRT_PLUGIN") or max(glob.glob(os.path.join(tools, "..", "plugins", "pjrt-cpu-*.so")), default="")
config.environment["DP_PJRT_PLUGIN"] = plugin
# A user's mistake: the command ends in exit code 1, neither in success nor in a crash.
config.substitutions.append(("%refused", """sh -c '"$@"; test $? -eq 1' -"""))
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%examples", os.path.join(root, "examples")))

for tool in ["dpopt", "dpc"]:
    if not os.path.exists(os.path.join(tools, tool)):
        lit_config.fatal(f"{tool} is not in {tools}: build it with `cargo build`, or set DP_BIN")
