"""Compile time, from source text to shared library: dpc on the digits model, clang on equivalent C."""

from common import CLANG, DPC, ROOT, interleave, run, workspace

ROUNDS = 15


def main():
    folder = workspace("compile")
    model = ROOT / "examples" / "digits" / "model.mlir"
    source = ROOT / "bench" / "compile" / "digits.c"
    dpc = [DPC, model, "--grad", "loss:wrt=0,1,2,3", "-o", folder / "libdigits.so"]
    clang = [CLANG, "-O3", "-shared", "-fPIC", source, "-o", folder / "libbyhand.so", "-lm"]
    times = interleave(
        {
            "dpc": lambda: run(*dpc)[1],
            "clang -O3 -shared": lambda: run(*clang)[1],
            "clang -O3 -shared -march=native": lambda: run(*clang, "-march=native")[1],
        },
        ROUNDS,
    )
    print(f"process start to written library, medians of {ROUNDS} interleaved runs")
    for name, seconds in times.items():
        print(f"  {name:<32} {1e3 * seconds:8.1f} ms")
    print(f"  dpc / clang -O3 -shared: {times['dpc'] / times['clang -O3 -shared']:.2f}")
    print("dpc's phases:")
    print(run(*dpc, "-v")[0].rstrip())


main()
