"""Instructions and bytes of kernels, counted by the PTX interpreter, compared with the theoretical minimum."""

import json
import os
import subprocess
import sys

from common import ROOT, compile_library, run, workspace

# The calls: the function, the shapes of its tensors, the unit of work, the number of units, and the minimum of arithmetic
# instructions and of bytes that any program needs: each input is read once, each result written once.
CASES = [
    # tanh counts as one operation; the number of instructions that it takes is measured.
    ("elementwise", "x + y tanh x", [(1 << 16,)] * 2, "element", 1 << 16, 3, 12),
    ("sum", "sum of a vector", [(1 << 18,)], "element", 1 << 18, 1, 4),
    ("rows", "sums of rows, 256 × 1024", [(256, 1024)], "element", 1 << 18, 1, 4),
    ("columns", "sums of columns, 1024 × 256", [(1024, 256)], "element", 1 << 18, 1, 4),
    ("matmul", "product, 256 × 256 × 256", [(256, 256)] * 2, "multiplication", 1 << 24, 1, 3 * 4 / 256),
]
DIGITS = [("w1", (64, 64)), ("b1", (64,)), ("w2", (64, 10)), ("b2", (10,)), ("x", (256, 64)), ("labels", (256,))]

CALLER = """
import ctypes, sys, json
import numpy as np
library, function, message, shapes, outputs = json.loads(sys.argv[1])
library = ctypes.CDLL(library)
random = np.random.default_rng(0)
arguments, kept = [], []
for shape, kind, dynamic in shapes:
    array = random.uniform(-0.2, 0.2, shape).astype(np.float32) if kind == "f32" else random.integers(0, 10, shape).astype(np.int32)
    kept.append(array)
    arguments += [ctypes.c_void_p(array.ctypes.data), *(ctypes.c_int64(shape[dim]) for dim in dynamic)]
for shape in outputs:
    kept.append(np.zeros(shape, np.float32))
    arguments.append(ctypes.c_void_p(kept[-1].ctypes.data))
status = getattr(library, function)(*arguments)
if status:
    text = getattr(library, message)
    text.restype = ctypes.c_char_p
    sys.exit(text(status).decode())
"""


def counts(folder, library, function, message, shapes, outputs):
    """The counters of each kernel launch of a call, in order."""
    report = folder / "counts.jsonl"
    report.unlink(missing_ok=True)
    environment = dict(os.environ, LD_LIBRARY_PATH=str(folder / "driver"), DP_CUDA_DOUBLE_COUNTS=str(report))
    call = json.dumps([str(library), function, message, shapes, outputs])
    done = subprocess.run([sys.executable, "-c", CALLER, call], env=environment)
    if done.returncode != 0:
        sys.exit(f"{function} failed")
    return [json.loads(line) for line in report.read_text().splitlines()]


def row(title, launches, unit, units, least, least_bytes):
    """Prints a line of the table."""
    total = [launch["counts"] for launch in launches]
    instructions = sum(count["instructions"] for count in total) / units
    memory = [count["global"] for count in total]
    moved = sum(traffic["bytes_loaded"] + traffic["bytes_stored"] for traffic in memory) / units
    sectors = sum(count["sectors"] for count in total) * 32 / units
    print(
        f"{title:<32} {len(launches):>7} {instructions:>10.2f} {least:>7.2f} {moved:>9.2f} {sectors:>9.2f}"
        f" {least_bytes:>7.2f}  a {unit}"
    )


def main():
    folder = workspace("ptx")
    (folder / "driver").mkdir(exist_ok=True)
    run("cargo", "build", "--release", "-p", "dp-cuda-double")
    double = ROOT / "target" / "release" / "libdp_cuda_double.so"
    for name in ["libcuda.so", "libcuda.so.1"]:
        (folder / "driver" / name).unlink(missing_ok=True)
        (folder / "driver" / name).symlink_to(double)
    here = ROOT / "bench" / "ptx"
    compile_library(here / "model.mlir", folder / "libops.so", "--target=cuda")
    compile_library(ROOT / "examples/digits/model.mlir", folder / "libdigits.so", "--grad", "loss:wrt=0,1,2,3", "--target=cuda")
    print(f"{'':<32} {'kernels':>7} {'instr.':>10} {'least':>7} {'bytes':>9} {'sectors':>9} {'least':>7}")
    for function, title, shapes, unit, units, least, least_bytes in CASES:
        rows = shapes[0][0]
        outputs = {"sum": [()], "rows": [(rows,)], "columns": [(shapes[0][-1],)]}.get(function, [shapes[0]])
        dynamic = [(shape, "f32", list(range(len(shape)))) for shape in shapes]
        launches = counts(folder, folder / "libops.so", function, "ops_message", dynamic, outputs)
        row(title, launches, unit, units, least, least_bytes)
    # Five matmuls with 2 (64 × 64) + 3 (64 × 10) multiplications per row.
    shapes = [(shape, "i32" if name == "labels" else "f32", [0] if name in ("x", "labels") else []) for name, shape in DIGITS]
    outputs = [(), *(shape for _, shape in DIGITS[:4])]
    launches = counts(folder, folder / "libdigits.so", "loss_grad", "digits_message", shapes, outputs)
    rows, weights = 256, 64 * 64 + 64 + 64 * 10 + 10
    units = rows * (2 * 64 * 64 + 3 * 64 * 10)
    least_bytes = 4 * (2 * weights + 1 + rows * 65) / units
    row("gradient of the digits, 256 rows", launches, "multiplication", units, 1, least_bytes)


main()
