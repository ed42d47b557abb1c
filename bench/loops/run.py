"""Loops and their gradients against the same in C, adjoints written by hand."""

import ctypes
import time
from math import exp, log

from common import ROOT, CLANG, Harness, compile_library, interleave, run, workspace

# The case, elements, rounds of its loop, and the primal operations of each round and element.
CASES = [
    ("power", 1_000, 0),
    ("power", 1_000_000, 0),
    ("waves", 1_000, 0),
    ("waves", 100_000, 0),
    ("thomas", 1_000, 0),
    ("thomas", 100_000, 0),
    ("heat", 100, 100),
    ("heat", 10_000, 200),
    ("prefix", 1_000, 0),
    ("prefix", 1_000_000, 0),
    ("lorenz", 1, 1_000),
    ("lorenz", 1, 10_000),
]
NUMBERS = {name: number for number, name in enumerate(["power", "waves", "thomas", "heat", "prefix", "lorenz"])}
ROUNDS = 15


def mean(ratios):
    return exp(sum(log(ratio) for ratio in ratios) / len(ratios))


def main():
    folder = workspace("loops")
    here = ROOT / "bench" / "loops"
    compile_library(here / "loops.mlir", folder / "libloops.so", *(f"--grad={name}" for name in NUMBERS))
    flags = ["-std=gnu11", "-O3", "-march=native", "-Wall", "-Wextra", "-I", folder, "-I", ROOT / "bench"]
    link = ["-L", folder, "-lloops", f"-Wl,-rpath,{folder}", "-lm"]
    run(CLANG, *flags, here / "bench.c", "-o", folder / "bench", *link)
    harness = Harness(folder / "bench")
    ratios = {0: [], 1: []}
    for name, n, steps in CASES:
        line = f"  {name:7} {n:9,} elements {steps:7,} steps:"
        for gradient in (0, 1):
            case = NUMBERS[name]
            worst = harness(case, -1, gradient, n, steps)
            assert worst < 1e-9, f"{name}: ours differs from C's by {worst}"
            sides = {side: lambda side=side: harness(case, side, gradient, n, steps) for side in (0, 1)}
            times = interleave(sides, ROUNDS)
            ratios[gradient].append(times[0] / times[1])
            line += f"  {'gradient' if gradient else 'value':8} {1e6 * times[0]:10.2f} µs, C {1e6 * times[1]:10.2f} µs,"
            line += f" ratio {times[0] / times[1]:5.2f};"
            count, of_c, kept, kept_by_c = (harness(case, side, gradient, n, steps) for side in (2, 3, 4, 5))
            line += f" {count:.0f} allocations of {kept / 1024:,.0f} KiB, C {of_c:.0f} of {kept_by_c / 1024:,.0f} KiB;"
        print(line, flush=True)
    print(f"  geometric mean of the ratios: values {mean(ratios[0]):.2f}, gradients {mean(ratios[1]):.2f}")


def limited(folder, limit):
    """The gradient of a million rounds, by a library that keeps no more bytes than `limit`: a call, and its memory."""
    library = folder / f"liblogistic{limit}.so"
    compile_library(ROOT / "bench" / "loops" / "logistic.mlir", library, "--grad=logistic", f"--max-tape={limit}")
    made = ctypes.CDLL(library)
    numbers = [ctypes.c_double() for _ in range(3)]
    given = [ctypes.c_double(0.4), ctypes.c_double(2.5), ctypes.c_int64(1_000_000)]
    results = [ctypes.byref(number) for number in numbers]
    size = ctypes.c_int64()
    made.logistic_grad__workspace_size(*given, *results, ctypes.byref(size))

    def call():
        start = time.perf_counter()
        status = made.logistic_grad(*given, *results)
        seconds = time.perf_counter() - start
        assert status == 0, f"logistic_grad returns {status}"
        return seconds

    call()
    return call, size.value, [number.value for number in numbers]


def limits():
    folder = workspace("loops")
    sides = {limit: limited(folder, limit) for limit in ("none", "1M", "64K", "4K")}
    times = interleave({limit: side[0] for limit, side in sides.items()}, ROUNDS)
    for limit, (_, size, numbers) in sides.items():
        assert numbers == sides["none"][2], f"--max-tape={limit} changes the gradient"
        ratio = times[limit] / times["none"]
        assert ratio <= 4, f"--max-tape={limit} takes {ratio:.2f} times as long"
        print(f"  a million rounds, --max-tape={limit:5} {1e3 * times[limit]:8.2f} ms, ratio {ratio:.2f}, {size:10,} bytes")


main()
limits()
