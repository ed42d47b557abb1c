"""Growth of compile time and memory with the size of a program, with and without its gradient."""

import os
import subprocess
import sys

from cases import CASES, program
from common import DPC, workspace

# DP_READS overrides these, for example extracts,slices:1000,2000.
CHOSEN, _, SIZES = os.environ.get("DP_READS", ":1000,10000").partition(":")
NAMES = CHOSEN.split(",") if CHOSEN else [case.__name__ for case in CASES]
SMALL, LARGE = map(int, SIZES.split(","))


def compiled(case, count, *options):
    """CPU time in seconds, which excludes other work on the machine, and peak memory in MiB."""
    folder = workspace("reads")
    model = folder / f"{case.__name__}{count}.mlir"
    model.write_text(program(case, count))
    command = [DPC, model, *options, "-o", folder / "libreads.so"]
    process = subprocess.Popen([str(word) for word in command])
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))}: status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    print(f"CPU time in seconds to compile programs of two sizes; peak memory in MiB for the larger one\n"
          f"  {'case':<18}{SMALL:>10,}{LARGE:>10,}{'ratio':>8}{'MiB':>8}, {LARGE / SMALL:g} times as many")
    for case in CASES:
        for name, options in [("", []), (" grad", ["--grad", "f:wrt=0"])]:
            if case.__name__ in NAMES:
                small, _ = compiled(case, SMALL, *options)
                large, memory = compiled(case, LARGE, *options)
                print(f"  {case.__name__ + name:<18}{small:10.2f}{large:10.2f}{large / small:8.1f}{memory:8.0f}",
                      flush=True)


main()
