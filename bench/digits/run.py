"""Value and gradient of the digits model: ours and JAX's, called from Python and without Python."""

import ctypes

import jax
import jax.numpy as jnp
import numpy as np
from common import ROOT, Harness, compile_harness, compile_library, interleave, repeat, workspace
from digits_model import arguments, greatest_difference, loss_grad

ROUNDS = 101
ITERATIONS = 200  # of the loop inside one XLA program


@jax.jit
def looped(w1, b1, w2, b2, x, labels):
    """Many evaluations in one XLA program, which excludes the time of JAX's dispatch.

    Each evaluation depends on the previous one: a multiple of the loss, too small to
    change it, is added to an image. So XLA cannot hoist evaluations out of the loop.
    All results are carried, so that none is eliminated.
    """

    def body(_, carried):
        x, _ = carried
        results = loss_grad(w1, b1, w2, b2, x, labels)
        return x.at[0, 0].add(1e-30 * results[0]), results

    start = jax.tree.map(jnp.zeros_like, jax.eval_shape(loss_grad, w1, b1, w2, b2, x, labels))
    return jax.lax.fori_loop(0, ITERATIONS, body, (x, start))


def ctypes_call(library, arrays):
    """Returns a call through ctypes, with precomputed pointers, and the arrays of its results."""
    *weights, x, labels = arrays
    results = [np.zeros((), np.float32), *(np.zeros_like(weight) for weight in weights)]
    pointer, extent = (lambda array: array.ctypes.data), len(x)
    values = [*map(pointer, weights), pointer(x), extent, pointer(labels), extent, *map(pointer, results)]
    function = ctypes.CDLL(library).loss_grad
    function.argtypes = [*[ctypes.c_void_p] * 5, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64] + [ctypes.c_void_p] * 5
    assert function(*values) == 0
    return (lambda: function(*values)), results


def compare_sides(rows, arrays, library, harness):
    *weights, x, labels = arrays
    arrays = [*weights, x[:rows].copy(), labels[:rows].copy()]
    ours, results = ctypes_call(library, arrays)
    device = [jax.device_put(array) for array in arrays]
    compiled = jax.jit(loss_grad).lower(*device).compile()
    jitted = jax.jit(loss_grad)
    value, gradients = jax.block_until_ready(jitted(*device))
    difference = greatest_difference(results, [value, *gradients])
    assert difference < 1e-5, f"the results differ from JAX's by {difference}"

    calls = max(10, 25_600 // rows)
    times = interleave(
        {
            "ours, from Python (ctypes)": lambda: repeat(ours, calls),
            "JAX, from Python (jit)": lambda: repeat(lambda: jax.block_until_ready(jitted(*device)), calls),
            "JAX, from Python (compiled)": lambda: repeat(lambda: jax.block_until_ready(compiled(*device)), calls),
            "ours, from C": lambda: harness(rows, calls),
            "JAX, without Python (loop)": lambda: repeat(lambda: jax.block_until_ready(looped(*device)), 1) / ITERATIONS,
        },
        ROUNDS,
    )
    print(f"batch {rows}, f32; largest relative difference of a result {difference:.1e}")
    for name, seconds in times.items():
        print(f"  {name:<28} {1e6 * seconds:9.2f} µs")
    python = times["ours, from Python (ctypes)"] / times["JAX, from Python (jit)"]
    bare = times["ours, from C"] / times["JAX, without Python (loop)"]
    print(f"  ours / JAX: {python:.2f} from Python, {bare:.2f} without Python")


def main():
    folder = workspace("digits")
    library = folder / "libdigits.so"
    compile_library(ROOT / "examples" / "digits" / "model.mlir", library, "--grad", "loss:wrt=0,1,2,3")
    compile_harness(ROOT / "bench" / "digits" / "bench.c", folder / "bench", folder, "digits")
    arrays = arguments()
    (folder / "arguments.bin").write_bytes(b"".join(array.tobytes() for array in arrays))
    harness = Harness(folder / "bench", folder / "arguments.bin")
    print(f"JAX {jax.__version__}, XLA on one thread; medians of {ROUNDS} interleaved samples")
    for rows in (32, 256):
        compare_sides(rows, arrays, str(library), harness)


main()
