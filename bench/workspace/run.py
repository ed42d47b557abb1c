"""Programs with large intermediate tensors: ours, with and without a reused workspace, and JAX."""

import ctypes

import jax
import numpy as np
from common import ROOT, compile_library, interleave, repeat, workspace

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402

ROUNDS = 15
PAGE = 2 << 20


def softmax(x):
    return jax.nn.softmax(x, axis=1)


def layer_norm(x, g, b):
    mean = x.mean(axis=1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + x.dtype.type(1e-5)) * g + b


def layer_norm_loss(x, g, b, w):
    return (w * layer_norm(x, g, b)).sum()


def llsq(a, x, b):
    return 0.5 * ((a @ x - b) ** 2).sum()


def mixture(w, mu, q, x):
    z = (x[:, None, :] - mu) * jnp.exp(q)
    return jax.scipy.special.logsumexp(w - 0.5 * (z * z).sum(axis=2), axis=1).sum()


# The function of the library, its baseline, the element type, and the extents of the arguments.
PROGRAMS = [
    ("softmax", softmax, np.float32, [(16_384, 1_024)]),
    ("layer_norm", layer_norm, np.float32, [(16_384, 1_024), (1_024,), (1_024,)]),
    ("layer_norm_loss_grad", jax.value_and_grad(layer_norm_loss, (0, 1, 2)), np.float32,
     [(16_384, 1_024), (1_024,), (1_024,), (16_384, 1_024)]),
    ("llsq", llsq, np.float64, [(16_392, 128), (128,), (16_392,)]),
    ("llsq_grad", jax.value_and_grad(llsq, 1), np.float64, [(16_392, 128), (128,), (16_392,)]),
    ("mixture", mixture, np.float64, [(100,), (100, 64), (100, 64), (1_000, 64)]),
    ("mixture_grad", jax.value_and_grad(mixture, (0, 1, 2)), np.float64, [(100,), (100, 64), (100, 64), (1_000, 64)]),
]


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


def calls(library, name, arguments, results):
    """Returns two ways to call a function: one allocates the workspace, one passes it."""
    values = []
    for argument in arguments:
        values += [pointer(argument), *map(ctypes.c_int64, argument.shape)]
    values += map(pointer, results)
    size = ctypes.c_int64()
    assert getattr(library, f"{name}__workspace_size")(*values, ctypes.byref(size)) == 0
    kept = np.zeros(size.value + PAGE, np.uint8)
    start = ctypes.c_void_p(-(-kept.ctypes.data // PAGE) * PAGE)
    plain, given = getattr(library, name), getattr(library, f"{name}__with_workspace")
    assert plain(*values) == 0
    return (lambda: plain(*values)), (lambda: given(*values, start, size)), kept


def compare(library, name, baseline, dtype, shapes):
    random = np.random.default_rng(0)
    arguments = [random.uniform(0.1, 1.0, shape).astype(dtype) for shape in shapes]
    compiled = jax.jit(baseline).lower(*arguments).compile()
    device = [jax.device_put(argument) for argument in arguments]
    expected = [np.asarray(result) for result in jax.tree.leaves(compiled(*device))]
    results = [np.empty_like(result) for result in expected]
    plain, given, kept = calls(library, name, arguments, results)
    for result, right in zip(results, expected):
        difference = np.abs(result - right).max() / np.abs(right).max()
        assert difference < (2e-4 if dtype == np.float32 else 1e-10), f"{name} differs from JAX's by {difference}"
    times = interleave(
        {
            "ours": lambda: repeat(plain, 1),
            "kept": lambda: repeat(given, 1),
            "JAX": lambda: repeat(lambda: jax.block_until_ready(compiled(*device)), 1),
        },
        ROUNDS,
    )
    ours, with_kept, theirs = (times[side] for side in ("ours", "kept", "JAX"))
    print(f"  {name:22} {len(kept) / (1 << 20):7.1f} MiB: ours {1e3 * ours:8.2f} ms, workspace kept {1e3 * with_kept:8.2f} ms, "
          f"JAX {1e3 * theirs:8.2f} ms; ours / JAX {ours / theirs:5.2f}, {with_kept / theirs:5.2f}", flush=True)


def main():
    folder = workspace("workspace")
    options = ["--grad", "llsq:wrt=1", "--grad", "mixture:wrt=0,1,2", "--grad", "layer_norm_loss:wrt=0,1,2"]
    compile_library(ROOT / "bench" / "workspace" / "models.mlir", folder / "libmodels.so", *options)
    library = ctypes.CDLL(folder / "libmodels.so")
    for program in PROGRAMS:
        compare(library, *program)


main()
