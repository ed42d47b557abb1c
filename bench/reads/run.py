"""How the time to compile grows with the number of parts of a program, gradient included."""

import os
import resource

from cases import CASES, program
from common import DPC, run, workspace

# DP_READS takes the place of these, as extracts,slices:1000,2000.
CHOSEN, _, SIZES = os.environ.get("DP_READS", ":1000,2000").partition(":")
NAMES = CHOSEN.split(",") if CHOSEN else [case.__name__ for case in CASES]
SMALL, LARGE = map(int, SIZES.split(","))


def seconds(case, count):
    """The processor's time that the gradient of a program takes: what else the machine does is not in it."""
    folder = workspace("reads")
    model = folder / f"{case.__name__}{count}.mlir"
    model.write_text(program(case, count))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(DPC, model, "--grad", "f:wrt=0", "-o", folder / "libreads.so")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    print(f"seconds of processor time to compile programs of so many parts, gradient included\n"
          f"  {'case':<12}{SMALL:>10,}{LARGE:>10,}{'ratio':>8}, {LARGE / SMALL:g} times as many")
    for case in CASES:
        if case.__name__ in NAMES:
            small, large = seconds(case, SMALL), seconds(case, LARGE)
            print(f"  {case.__name__:<12}{small:10.2f}{large:10.2f}{large / small:8.1f}", flush=True)


main()
