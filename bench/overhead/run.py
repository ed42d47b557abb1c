"""The overhead of a call: a tiny gradient, compared with an empty function with the same interface."""

from common import ROOT, compile_harness, compile_library, run, workspace


def main():
    folder = workspace("overhead")
    here = ROOT / "bench" / "overhead"
    options = ["--grad", "product:wrt=0,1", "--grad", "squares:wrt=0"]
    compile_library(here / "model.mlir", folder / "liboverhead.so", *options)
    compile_harness(here / "bench.c", folder / "bench", folder, "overhead")
    print(run(folder / "bench")[0], end="")


main()
