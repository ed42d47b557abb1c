"""The heat equation, a loop that carries a tensor with dynamic extents, compared with C."""

from common import ROOT, CLANG, Harness, compile_library, interleave, run, workspace

SIZES = [(1_000, 20_000), (20_000, 1_000), (1_000_000, 100)]
ROUNDS = 15


def main():
    folder = workspace("heat")
    here = ROOT / "bench" / "heat"
    compile_library(here / "heat.mlir", folder / "libheat.so")
    flags = ["-std=gnu11", "-O3", "-march=native", "-ffp-contract=off", "-Wall", "-Wextra", "-I", folder]
    link = ["-L", folder, "-lheat", f"-Wl,-rpath,{folder}", "-lm"]
    run(CLANG, *flags, here / "bench.c", "-o", folder / "bench", *link)
    harness = Harness(folder / "bench")
    for n, steps in SIZES:
        worst = harness(-1, n, steps)
        assert worst < 1e-12, f"ours differs from C's by {worst}"
        times = interleave({"ours": lambda: harness(0, n, steps), "C": lambda: harness(1, n, steps)}, ROUNDS)
        ours, by_hand = times["ours"], times["C"]
        print(f"  {n:9,} points, {steps:6,} steps: ours {1e3 * ours:8.3f} ms, C {1e3 * by_hand:8.3f} ms, "
              f"ratio {ours / by_hand:5.2f}")


main()
