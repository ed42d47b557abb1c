"""Programs that sort, and search in what is sorted: as programs.py."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from programs import FLOATS, INTEGERS, complexes, real, whole

SPECIAL = [1.5, -2.0, 0.0, -0.0, jnp.inf, -jnp.inf, jnp.nan, 1e-3, -0.0, 0.0, 1.5]


def special(dtype="float64"):
    return jnp.asarray(SPECIAL, dtype)


def sorts():
    for dtype in ["float16", "bfloat16", *FLOATS]:
        yield f"sort_{dtype}", jnp.sort, [real(9, dtype=dtype)], dtype in FLOATS
        yield f"sort_special_{dtype}", lambda x: (jnp.sort(x), jnp.argsort(x)), [special(dtype)], False
    for dtype in INTEGERS:
        x = whole(20, dtype=dtype, low=0 if dtype.startswith("u") else -9, high=9)
        yield f"sort_{dtype}", lambda x: (jnp.sort(x), jnp.argsort(x)), [x], False
    yield "sort_unsigned_great", jnp.sort, [jnp.asarray([3, 2**32 - 1, 0, 2**31, 7], "uint32")], False
    yield "sort_bool", lambda x: (jnp.sort(x), jnp.argsort(x)), [jnp.asarray([True, False, True, False])], False
    yield "sort_complex", jnp.sort, [complexes(9)], False
    yield "sort_complex_ties", jnp.sort, [jnp.asarray([1 + 1j, 1 - 1j, -1j, 0, 1j, 1 - 2j])], False
    for axis in [0, 1, 2, -1]:
        yield f"sort_axis_{axis}", lambda x, a=axis: jnp.sort(x, a), [real(3, 4, 5)], True
        yield f"argsort_axis_{axis}", lambda x, a=axis: jnp.argsort(x, a), [real(3, 4, 5)], False
    yield "sort_flat", lambda x: jnp.sort(x, None), [real(3, 4)], True
    yield "sort_descending", lambda x: jnp.sort(x, descending=True), [real(8)], True
    yield "argsort_descending", lambda x: jnp.argsort(x, descending=True), [whole(12)], False
    yield "argsort_unstable", lambda x: jnp.argsort(x, stable=False), [real(9)], False
    yield "sort_reversed", lambda x: jnp.sort(x[::-1]), [real(9)], True
    yield "sort_strided", lambda x: jnp.sort(x[::-2, 1::2], 0), [real(9, 6)], True
    yield "sort_transposed", lambda x: jnp.sort(x.T, 1), [real(5, 3)], True
    yield "sort_empty", jnp.sort, [real(0)], False
    yield "sort_empty_lanes", lambda x: jnp.sort(x, 1), [real(0, 3)], False
    yield "sort_empty_axis", lambda x: jnp.sort(x, 0), [real(0, 3)], False
    yield "sort_one", jnp.sort, [real(1)], True
    yield "sort_one_lane", lambda x: jnp.sort(x, 0), [real(1, 3)], True
    yield "sort_ties", lambda x: jnp.argsort(x), [whole(50, high=3)], False
    yield "sort_long", lambda x: (jnp.sort(x), jnp.argsort(x)), [real(300)], False
    yield "sort_long_ties", lambda x: jnp.argsort(x), [whole(333, high=7)], False
    yield "sort_long_lanes", lambda x: jnp.sort(x, 0), [real(70, 3)], True
    yield "sort_sorted", lambda x: jnp.sort(x), [jnp.arange(40.0)], True
    yield "sort_backward", lambda x: jnp.sort(x), [jnp.arange(40.0)[::-1]], True
    yield "sort_three", lambda a, b, c: lax.sort((a, b, c), num_keys=1), [whole(30, high=4), real(30), whole(30)], True
    yield "sort_two_keys", lambda a, b, c: lax.sort((a, b, c), num_keys=2), [
        whole(30, high=3), whole(30, high=3), real(30)], True
    yield "sort_special_keys", lambda a, b: lax.sort((a, b), num_keys=2), [special(), special()[::-1]], False
    yield "sort_rows", lambda a, b: lax.sort((a, b), dimension=0, num_keys=1), [real(5, 3), real(5, 3)], True
    yield "lexsort", lambda a, b: jnp.lexsort((a, b)), [whole(20, high=3), whole(20, high=3)], False
    yield "sort_complex_numbers", jnp.sort_complex, [
        complexes(5)], False


def statistics():
    for dtype in FLOATS:
        yield f"median_{dtype}", jnp.median, [real(7, dtype=dtype)], True
        yield f"median_even_{dtype}", jnp.median, [real(8, dtype=dtype)], True
    yield "median_axis", lambda x: jnp.median(x, 1), [real(4, 5)], True
    yield "median_nan", jnp.median, [special()], False
    yield "nanmedian", jnp.nanmedian, [jnp.asarray([1.0, jnp.nan, 3.0, 2.0])], False
    for method in ["linear", "lower", "higher", "midpoint", "nearest"]:
        yield f"quantile_{method}", lambda x, m=method: jnp.quantile(x, 0.3, method=m), [real(9)], True
    yield "quantiles", lambda x, q: jnp.quantile(x, q, axis=0), [real(9, 2), jnp.asarray([0.1, 0.5, 0.9])], False
    yield "percentile", lambda x: jnp.percentile(x, jnp.asarray([5.0, 50.0])), [real(11)], True
    yield "unique", lambda x: jnp.unique(x, size=6, fill_value=-1), [whole(12, high=6)], False
    yield "unique_all", lambda x: jnp.unique(x, return_index=True, return_inverse=True, return_counts=True, size=8), [
        whole(12, high=6)], False
    yield "unique_floats", lambda x: jnp.unique(x, size=12), [special()], False
    yield "trimmed_mean", lambda x: jnp.mean(jnp.sort(x)[2:-2]), [real(11)], True
    yield "winsorized", lambda x: jnp.clip(x, jnp.sort(x)[1], jnp.sort(x)[-2]).sum(), [real(9)], True
    yield "rank_loss", lambda x, y: jnp.sum((jnp.sort(x) - jnp.sort(y)) ** 2), [real(9), real(9)], True
    yield "wasserstein", lambda x, y: jnp.mean(jnp.abs(jnp.sort(x, 0) - jnp.sort(y, 0))), [real(6, 2), real(6, 2)], True
    yield "sort_of_function", lambda x: jnp.sort(jnp.sin(3 * x) * x) @ jnp.arange(9.0), [real(9)], True
    yield "sort_in_loop", lambda x: lax.fori_loop(0, 3, lambda i, x: jnp.sort(jnp.sin(x * (i + 1.3))), x), [real(6)], True
    yield "sort_twice", lambda x: jnp.sort(jnp.sort(x, 0), 1), [real(4, 5)], True
    yield "sort_vmapped", jax.vmap(lambda a, i: lax.sort((a, i), num_keys=1)[1]), [real(3, 5), real(3, 5)], True
    yield "auc", lambda s, y: jnp.sum(jnp.cumsum(1.0 - y[jnp.argsort(s)]) * y[jnp.argsort(s)]), [
        real(12), jnp.asarray(RNG.integers(0, 2, 12), "float64")], False
    yield "sort_second_derivative", jax.grad(lambda x: jnp.sum(jnp.sort(x) ** 3 * jnp.arange(7.0))), [real(7)], True


RNG = np.random.default_rng(11)


def searches():
    edges = jnp.sort(real(16))
    for side in ["left", "right"]:
        for method in ["scan", "scan_unrolled", "sort", "compare_all"]:
            yield (f"searchsorted_{side}_{method}",
                   lambda a, v, s=side, m=method: jnp.searchsorted(a, v, side=s, method=m),
                   [edges, jnp.concatenate([real(7), edges[3:5]])], False)
    yield "searchsorted_special", lambda a, v: jnp.searchsorted(a, v), [jnp.sort(special()), special()], False
    yield "digitize", lambda x, b: jnp.digitize(x, b), [real(9), jnp.linspace(-2, 2, 5)], False
    yield "interp", lambda x, f: jnp.interp(x, jnp.linspace(-2, 2, 5), f), [real(9), real(5)], True
    yield "histogram", lambda x: jnp.histogram(x, 5, (-2, 2))[0], [real(30)], False
    yield "isin", lambda a, b: jnp.isin(a, b), [whole(12, high=20), whole(5, high=20)], False
    yield "setdiff", lambda a, b: jnp.setdiff1d(a, b, size=10, fill_value=-1), [
        whole(12, high=20), whole(5, high=20)], False


def greatest():
    for dtype in ["float16", "bfloat16", *FLOATS, "int32", "uint32", "int8", "int64"]:
        x = real(9, dtype=dtype) if "float" in dtype else whole(9, dtype=dtype, high=6)
        yield f"top_k_{dtype}", lambda x: lax.top_k(x, 4), [x], dtype in FLOATS
    yield "top_k_special", lambda x: lax.top_k(x, 11), [special()], False
    yield "top_k_special_float32", lambda x: lax.top_k(x, 11), [special("float32")], False
    yield "top_k_ties", lambda x: lax.top_k(x, 20), [whole(30, high=3)], False
    yield "top_k_rows", lambda x: lax.top_k(x, 2), [real(3, 4, 6)], True
    yield "top_k_none", lambda x: lax.top_k(x, 0), [real(5)], False
    yield "top_k_all", lambda x: lax.top_k(x, 5), [real(5)], True
    yield "top_k_axis", lambda x: lax.top_k(x, 2, axis=0), [real(5, 3)], True
    yield "top_k_loss", lambda x: jnp.sum(lax.top_k(jnp.sin(x), 3)[0] ** 2), [real(4, 7)], True
    yield "approx_max_k", lambda x: lax.approx_max_k(x, 3), [real(16, dtype="float32")], False
    yield "approx_min_k", lambda x: lax.approx_min_k(x, 3), [real(16, dtype="float32")], False
    yield "beam", lambda x: jax.nn.softmax(lax.top_k(x, 3)[0]), [real(2, 8)], True
    yield "mixture_of_experts", lambda x, w: jnp.einsum(
        "bk,bkd->bd", jax.nn.softmax(lax.top_k(x @ w, 2)[0]), w.T[lax.top_k(x @ w, 2)[1]]), [real(3, 4), real(4, 5)], True
    yield "argpartition", lambda x: jnp.sort(x[jnp.argpartition(x, 3)[:4]]), [real(9)], False
    yield "partition", lambda x: jnp.sort(jnp.partition(x, 3)[:4]), [real(9)], True


def all_programs():
    for section in [sorts, statistics, searches, greatest]:
        yield from section()
