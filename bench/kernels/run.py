"""Kernels bound by memory or arithmetic: matrix-vector products, transposes, matmul of every element type."""

import ctypes

import numpy as np

from common import CLANG, ROOT, compile_library, interleave, repeat, run, workspace

ROUNDS = 21
SAMPLE_SECONDS = 2e-3

# Names of element types in MLIR, numpy and C. Types that numpy lacks are represented by integers of the same width.
NUMBERS = {
    "f32": ("f32", np.float32, "float"),
    "f64": ("f64", np.float64, "double"),
    "f16": ("f16", np.float16, "_Float16"),
    "bf16": ("bf16", np.uint16, None),
    "i8": ("i8", np.int8, "int8_t"),
    "i32": ("i32", np.int32, "int32_t"),
    "i64": ("i64", np.int64, "int64_t"),
    "c32": ("complex<f32>", np.complex64, None),
    "c64": ("complex<f64>", np.complex128, None),
}

DOT = """func.func @dot_{name}_{layout}(%a: tensor<?x?x{type}>, %b: tensor<?x?x{type}>) -> tensor<?x?x{type}> {{
  %y = array.dot %a, %b contract [{of_a}] with [{of_b}] : tensor<?x?x{type}>, tensor<?x?x{type}>
  return %y : tensor<?x?x{type}>
}}
"""

TURN = """func.func @turn_{name}(%x: tensor<?x?x{type}>) -> tensor<?x?x{type}> {{
  %y = array.transpose %x permutation [1, 0] : tensor<?x?x{type}>
  return %y : tensor<?x?x{type}>
}}
func.func @mix_{name}(%x: tensor<?x?x{type}>, %y: tensor<?x?x{type}>) -> tensor<?x?x{type}> {{
  %t = array.transpose %y permutation [1, 0] : tensor<?x?x{type}>
  %z = scalar.add %x, %t : tensor<?x?x{type}>
  return %z : tensor<?x?x{type}>
}}
"""

# A blocked transpose and a row-wise integer matmul in C.
BASELINE = """#include <stdint.h>
#define TURN(name, type) \\
  void turn_##name(const type *restrict x, int64_t m, int64_t n, type *restrict y) { \\
    enum { B = 16 }; \\
    for (int64_t j0 = 0; j0 < n; j0 += B) \\
      for (int64_t i0 = 0; i0 < m; i0 += B) \\
        for (int64_t j = j0; j < (j0 + B < n ? j0 + B : n); j++) \\
          for (int64_t i = i0; i < (i0 + B < m ? i0 + B : m); i++) y[j * m + i] = x[i * n + j]; \\
  } \\
  void mix_##name(const type *restrict x, const type *restrict t, int64_t m, int64_t n, type *restrict y) { \\
    enum { B = 16 }; \\
    for (int64_t i0 = 0; i0 < m; i0 += B) \\
      for (int64_t j0 = 0; j0 < n; j0 += B) \\
        for (int64_t i = i0; i < (i0 + B < m ? i0 + B : m); i++) \\
          for (int64_t j = j0; j < (j0 + B < n ? j0 + B : n); j++) y[i * n + j] = x[i * n + j] + t[j * m + i]; \\
  }
#define DOT(name, type) \\
  void dot_##name(const type *restrict a, const type *restrict b, int64_t m, int64_t k, int64_t n, type *restrict y) { \\
    for (int64_t i = 0; i < m; i++) { \\
      for (int64_t j = 0; j < n; j++) y[i * n + j] = 0; \\
      for (int64_t p = 0; p < k; p++) \\
        for (int64_t j = 0; j < n; j++) y[i * n + j] += a[i * k + p] * b[p * n + j]; \\
    } \\
  }
"""

TURNED = ["f32", "f64", "i8", "f16"]
INTEGERS = ["i8", "i32", "i64"]


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def extents(*numbers):
    return [ctypes.c_int64(number) for number in numbers]


def compare(name, ours, reference, baseline_name):
    """Prints the times of a call on both sides, and their ratio."""
    count = max(1, int(SAMPLE_SECONDS / max(repeat(reference, 1), repeat(ours, 1))))
    medians = interleave({"ours": lambda: repeat(ours, count), "baseline": lambda: repeat(reference, count)}, ROUNDS)
    times = medians["ours"] / medians["baseline"]
    print(f"{name:28} {medians['ours'] * 1e6:10.1f} us   {medians['baseline'] * 1e6:10.1f} us {baseline_name:24} {times:5.2f} times",
          flush=True)


def numbers(shape, dtype):
    values = (np.arange(np.prod(shape)) * 7919 % 251 - 125).reshape(shape)
    return values.astype(dtype) if dtype != np.uint16 else (values.astype(np.float32).view(np.uint32) >> 16).astype(dtype)


def product(library, baseline, name, layout, m, k, n):
    dtype = NUMBERS[name][1]
    a = numbers((m, k) if layout[0] == "n" else (k, m), dtype)
    b = numbers((k, n) if layout[1] == "n" else (n, k), dtype)
    y = np.empty((m, n), dtype)
    function = getattr(library, f"dot_{name}_{layout}")
    arguments = [pointer(a), *extents(*a.shape), pointer(b), *extents(*b.shape), pointer(y)]
    if name in INTEGERS:
        reference, baseline_name = getattr(baseline, f"dot_{name}"), "C, nn"
        z = np.empty((m, n), dtype)
        theirs = [pointer(a), pointer(b), *extents(m, k, n), pointer(z)]
        call = lambda: reference(*theirs)
    else:
        # OpenBLAS has no f16 and bf16; compare with f32.
        wide, baseline_name = (dtype, "OpenBLAS") if name not in ("f16", "bf16") else (np.float32, "OpenBLAS in f32")
        left, right = numbers(a.shape, wide), numbers(b.shape, wide)
        left, right = left if layout[0] == "n" else left.T, right if layout[1] == "n" else right.T
        z = np.empty((m, n), wide)
        call = lambda: np.matmul(left, right, out=z)
    compare(f"{name} {layout} {m} x {k} x {n}", lambda: function(*arguments), call, baseline_name)


def turn(library, baseline, name, m, n):
    dtype = NUMBERS[name][1]
    x, t, y, z = numbers((m, n), dtype), numbers((n, m), dtype), np.empty((n, m), dtype), np.empty((m, n), dtype)
    ours, theirs = getattr(library, f"turn_{name}"), getattr(baseline, f"turn_{name}")
    arguments = [pointer(x), *extents(m, n), pointer(y)]
    compare(f"{name} transpose {m} x {n}", lambda: ours(*arguments), lambda: theirs(*arguments), "C")
    mine, other = getattr(library, f"mix_{name}"), getattr(baseline, f"mix_{name}")
    of_mine = [pointer(x), *extents(m, n), pointer(t), *extents(n, m), pointer(z)]
    of_other = [pointer(x), pointer(t), *extents(m, n), pointer(z)]
    compare(f"{name} x + transpose {m} x {n}", lambda: mine(*of_mine), lambda: other(*of_other), "C")


def main():
    folder = workspace("kernels")
    text = ""
    for name, (type_name, _, _) in NUMBERS.items():
        for layout in ["nn", "tn", "nt", "tt"]:
            of_a, of_b = int(layout[0] == "n"), int(layout[1] == "t")
            text += DOT.format(name=name, layout=layout, type=type_name, of_a=of_a, of_b=of_b)
        if name in TURNED:
            text += TURN.format(name=name, type=type_name)
    (folder / "kernels.mlir").write_text(text)
    compile_library(folder / "kernels.mlir", folder / "libkernels.so")
    source = BASELINE + "".join(f"TURN({name}, {NUMBERS[name][2]})\n" for name in TURNED)
    source += "".join(f"DOT({name}, {NUMBERS[name][2]})\n" for name in INTEGERS)
    (folder / "baseline.c").write_text(source)
    run(CLANG, "-O3", "-march=native", "-shared", "-fPIC", folder / "baseline.c", "-o", folder / "libbaseline.so")
    library, baseline = ctypes.CDLL(folder / "libkernels.so"), ctypes.CDLL(folder / "libbaseline.so")
    for name in ["f32", "f64"]:
        for layout in ["nn", "tn", "nt", "tt"]:
            for shape in [(1024, 1024, 1), (1, 1024, 1024), (4096, 4096, 1)]:
                product(library, baseline, name, layout, *shape)
    for name in ["f16", "bf16", "i8", "i32", "i64", "c32", "c64"]:
        for shape in [(64, 64, 64), (256, 256, 256), (1024, 1024, 1)]:
            for layout in ["nn"] if name in INTEGERS else ["nn", "tn", "nt"]:
                product(library, baseline, name, layout, *shape)
    for name in TURNED:
        for shape in [(64, 64), (500, 500), (2048, 2048)]:
            turn(library, baseline, name, *shape)


main()
