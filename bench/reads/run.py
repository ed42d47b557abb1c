"""How the time and the memory to compile grow with the number of parts of a program, its gradient included or not."""

import os
import subprocess
import sys

from cases import CASES, program
from common import DPC, workspace

# DP_READS takes the place of these, as extracts,slices:1000,2000.
CHOSEN, _, SIZES = os.environ.get("DP_READS", ":1000,10000").partition(":")
NAMES = CHOSEN.split(",") if CHOSEN else [case.__name__ for case in CASES]
SMALL, LARGE = map(int, SIZES.split(","))


def compiled(case, count, *options):
    """Seconds of the CPU, in which what else the machine does is not, and MiB of memory at the peak."""
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
    print(f"to compile programs of so many parts: seconds of CPU time; MiB of the larger one\n"
          f"  {'case':<18}{SMALL:>10,}{LARGE:>10,}{'ratio':>8}{'MiB':>8}, {LARGE / SMALL:g} times as many")
    for case in CASES:
        for name, options in [("", []), (" grad", ["--grad", "f:wrt=0"])]:
            if case.__name__ in NAMES:
                small, _ = compiled(case, SMALL, *options)
                large, memory = compiled(case, LARGE, *options)
                print(f"  {case.__name__ + name:<18}{small:10.2f}{large:10.2f}{large / small:8.1f}{memory:8.0f}",
                      flush=True)


main()
