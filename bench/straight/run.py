"""Growth of the time to differentiate, simplify and compile with the length of a program."""

import re

from common import DPC, interleave, run, workspace
from generate import INPUTS, program

SIZES = [12_500, 25_000, 50_000, 100_000]
ROUNDS = 3
UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}
PHASE = re.compile(r"^\s*(\S.*?)\s+([0-9.]+)\s*(s|ms|µs)(?:, \d+ operations)?\s*$", re.MULTILINE)


def phases(output):
    """The time of each phase in seconds, from the output of `dpc -v`."""
    return {name: float(number) * UNITS[unit] for name, number, unit in PHASE.findall(output)}


def main():
    folder = workspace("straight")
    latest = {}

    def compile_size(size):
        model, library = folder / f"straight{size}.mlir", folder / f"libstraight{size}.so"
        if not model.exists():
            model.write_text(program(size))
        wrt = ",".join(map(str, range(INPUTS)))
        output, seconds = run(DPC, model, "--grad", f"f:wrt={wrt}", "-v", "-o", library)
        latest[size] = phases(output)
        return seconds

    times = interleave({size: lambda size=size: compile_size(size) for size in SIZES}, ROUNDS)
    print(f"seconds for straight-line programs over {INPUTS} inputs, gradient included; medians of {ROUNDS} runs")
    print(f"  {'operations':<24}" + "".join(f"{size:>10,}" for size in SIZES))
    for phase in latest[SIZES[0]]:
        print(f"  {phase:<24}" + "".join(f"{latest[size].get(phase, 0.0):10.3f}" for size in SIZES))
    print(f"  {'process':<24}" + "".join(f"{times[size]:10.3f}" for size in SIZES))
    print(f"  largest / smallest: {times[SIZES[-1]] / times[SIZES[0]]:.1f} for {SIZES[-1] / SIZES[0]:.0f} times the length")


main()
