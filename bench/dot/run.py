"""f32 matmul, compared with OpenBLAS on one thread, for all four combinations of transposed operands."""

import os

from common import CLANG, ROOT, compile_library, run, workspace


def main():
    folder = workspace("dot")
    here = ROOT / "bench" / "dot"
    compile_library(here / "dot.mlir", folder / "libdot.so")
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra"]
    run(CLANG, *flags, here / "bench.c", "-o", folder / "bench", "-ldl", "-lm", "-lopenblas")
    # OpenBLAS must detect the CPU itself.
    for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]:
        os.environ.pop(name, None)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    print(run(folder / "bench", folder / "libdot.so")[0], end="")


main()
