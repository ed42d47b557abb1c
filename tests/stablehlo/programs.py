"""The programs: (name, function, arguments, whether to compare its gradient)."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import special

import matrices
import orthogonal

RANDOM = np.random.default_rng(1)

FLOATS = ["float32", "float64"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def real(*shape, dtype="float64", low=-2.0, high=2.0):
    return jnp.asarray(RANDOM.uniform(low, high, shape), dtype)


def whole(*shape, dtype="int32", low=0, high=5):
    return jnp.asarray(RANDOM.integers(low, high, shape), dtype)


def complexes(*shape, dtype="complex128"):
    return jnp.asarray(RANDOM.uniform(-1, 1, shape) + 1j * RANDOM.uniform(-1, 1, shape), dtype)


UNARY = {
    "abs": (jnp.abs, -2, 2), "ceil": (jnp.ceil, -2, 2), "floor": (jnp.floor, -2, 2), "negate": (jnp.negative, -2, 2),
    "sign": (jnp.sign, -2, 2), "exp": (jnp.exp, -2, 2), "expm1": (jnp.expm1, -2, 2), "log": (jnp.log, 0.1, 3),
    "log1p": (jnp.log1p, -0.5, 3), "sqrt": (jnp.sqrt, 0.1, 3), "rsqrt": (lax.rsqrt, 0.1, 3), "cbrt": (jnp.cbrt, 0.1, 3),
    "sin": (jnp.sin, -2, 2), "cos": (jnp.cos, -2, 2), "tan": (jnp.tan, -1, 1), "tanh": (jnp.tanh, -2, 2),
    "logistic": (lax.logistic, -2, 2), "round_even": (jnp.round, -2, 2),
    "round_away": (lambda x: lax.round(x, lax.RoundingMethod.AWAY_FROM_ZERO), -3, 3), "asin": (jnp.arcsin, -0.9, 0.9),
    "acos": (jnp.arccos, -0.9, 0.9), "atan": (jnp.arctan, -2, 2), "sinh": (jnp.sinh, -2, 2), "cosh": (jnp.cosh, -2, 2),
    "asinh": (jnp.arcsinh, -2, 2), "acosh": (jnp.arccosh, 1.1, 3), "atanh": (jnp.arctanh, -0.9, 0.9),
    "erf": (lax.erf, -2, 2), "erfc": (lax.erfc, -2, 2), "square": (lax.square, -2, 2), "exp2": (jnp.exp2, -2, 2),
    "log2": (jnp.log2, 0.1, 3), "log10": (jnp.log10, 0.1, 3), "reciprocal": (jnp.reciprocal, 0.5, 2),
    "relu": (jax.nn.relu, -2, 2), "gelu": (jax.nn.gelu, -2, 2), "silu": (jax.nn.silu, -2, 2),
    "softplus": (jax.nn.softplus, -2, 2), "elu": (jax.nn.elu, -2, 2), "softmax": (jax.nn.softmax, -2, 2),
    "log_softmax": (jax.nn.log_softmax, -2, 2), "logsumexp": (jax.nn.logsumexp, -2, 2), "is_finite": (jnp.isfinite, -2, 2),
    "is_nan": (jnp.isnan, -2, 2), "var": (jnp.var, -2, 2), "std": (jnp.std, -2, 2), "mean": (jnp.mean, -2, 2),
    "sinc": (jnp.sinc, 0.1, 2), "deg2rad": (jnp.deg2rad, -2, 2), "nan_to_num": (jnp.nan_to_num, -2, 2),
}

BINARY = {
    "add": jnp.add, "subtract": jnp.subtract, "multiply": jnp.multiply, "divide": jnp.divide, "maximum": jnp.maximum,
    "minimum": jnp.minimum, "remainder": lax.rem, "mod": jnp.mod, "atan2": jnp.arctan2, "hypot": jnp.hypot,
    "logaddexp": jnp.logaddexp, "power": lambda a, b: jnp.power(jnp.abs(a), b),
}

COMPARE = {"eq": jnp.equal, "ne": jnp.not_equal, "lt": jnp.less, "le": jnp.less_equal, "gt": jnp.greater,
           "ge": jnp.greater_equal}


def elementwise():
    for name, (function, low, high) in UNARY.items():
        for dtype in FLOATS:
            yield f"unary_{name}_{dtype}", function, [real(3, 4, dtype=dtype, low=low, high=high)], name not in (
                "is_finite", "is_nan")
        if "softmax" not in name:
            yield f"unary_{name}_rank0", function, [real(low=low, high=high)], False
    for order in range(4):
        yield (f"unary_polygamma_{order}", lambda x, n=order: special.polygamma(n, x), [real(3, 4, low=0.5, high=4)],
               True)
    for name, function in BINARY.items():
        for dtype in FLOATS:
            a, b = real(3, 4, dtype=dtype), real(3, 4, dtype=dtype, low=0.5, high=2)
            yield f"binary_{name}_{dtype}", function, [a, b], name not in ("remainder", "mod")
    for dtype in INTEGERS:
        low = 0 if dtype.startswith("u") else -100
        a, b = whole(12, dtype=dtype, low=low, high=100), whole(12, dtype=dtype, low=low, high=10)
        integers = {"add": lax.add, "sub": lax.sub, "mul": lax.mul, "div": lax.div, "rem": lax.rem, "max": lax.max,
                    "min": lax.min, "and": lax.bitwise_and, "or": lax.bitwise_or, "xor": lax.bitwise_xor,
                    "shl": lax.shift_left, "shr": lax.shift_right_arithmetic, "ushr": lax.shift_right_logical}
        for name, function in integers.items():
            other = jnp.abs(b) % 8 if name in ("shl", "shr", "ushr") else b
            yield f"integer_{name}_{dtype}", function, [a, other], False
        yield f"integer_unary_{dtype}", lambda x: (lax.population_count(x), lax.clz(x), lax.bitwise_not(x)), [a], False
        for name, function in COMPARE.items():
            yield f"compare_{name}_{dtype}", function, [a, b], False
        for to in ["float32", "float64", "int8", "uint32", "int64", "bool"]:
            yield f"convert_{dtype}_{to}", lambda x, to=to: x.astype(to), [a], False
    for name, function in COMPARE.items():
        x = jnp.asarray([1.0, jnp.nan, -0.0, 2.0, jnp.inf])
        yield f"compare_{name}_nan", function, [x, jnp.asarray([1.0, 1.0, 0.0, jnp.nan, jnp.inf])], False
    yield "maximum_nan", jnp.maximum, [jnp.asarray([1.0, jnp.nan]), jnp.asarray([jnp.nan, 2.0])], False
    for to in ["float32", "float16", "bfloat16", "int32", "bool", "complex128"]:
        yield f"convert_float64_{to}", lambda x, to=to: x.astype(to), [real(9)], False
    flags = jnp.asarray([True, False, True]), jnp.asarray([True, True, False])
    yield "booleans_compared", lambda a, b: (a > b, a <= b, jnp.argmax(a)), list(flags), False
    yield "booleans", lambda a, b: (a & b, a | b, a ^ b, ~a, a == b, jnp.maximum(a, b)), list(flags), False
    for name in ["add", "subtract", "multiply", "divide"]:
        yield f"complex_{name}", BINARY[name], [complexes(5), complexes(5)], False
    for name, function in {"exp": jnp.exp, "log": jnp.log, "sqrt": jnp.sqrt, "sin": jnp.sin, "cos": jnp.cos,
                           "tanh": jnp.tanh, "abs": jnp.abs, "conj": jnp.conj, "real": jnp.real, "imag": jnp.imag}.items():
        yield f"complex_{name}", function, [complexes(5)], False
    yield "complex_make", lax.complex, [real(4), real(4)], False
    yield "clamp", lambda x: jnp.clip(x, -0.5, 0.7), [real(8)], True
    yield "clamp_tensor", lax.clamp, [real(8, low=-1, high=0), real(8), real(8, low=0, high=1)], False
    yield "where", lambda x, y: jnp.where(x > y, x, y * 2), [real(8), real(8)], True
    yield "where_scalar", lambda p, x, y: jnp.where(p > 0, x, y), [real(), real(8), real(8)], False


def shapes():
    x = real(2, 3, 4)
    yield "reshape", lambda x: x.reshape(4, 6), [x], True
    yield "reshape_flat", jnp.ravel, [x], True
    yield "reshape_rank0", lambda x: x.reshape(()), [real(1, 1)], True
    yield "reshape_up", lambda x: x.reshape(1, 1), [real()], True
    yield "transpose", lambda x: jnp.transpose(x, (2, 0, 1)), [x], True
    yield "broadcast", lambda x: jnp.broadcast_to(x, (5, 2, 3, 4)), [x], True
    yield "broadcast_one", lambda x: jnp.broadcast_to(x, (3, 4)), [real(3, 1)], True
    yield "broadcast_ones", lambda x: jnp.broadcast_to(x, (3, 4)), [real(1, 1)], True
    yield "broadcast_number", lambda x: jnp.broadcast_to(x, (3, 4)), [real()], True
    yield "broadcast_order", lambda x: jnp.broadcast_to(x.T[:, None, :], (4, 5, 3)), [real(3, 4)], True
    yield "outer", jnp.outer, [real(3), real(4)], True
    yield "concatenate", lambda a, b: jnp.concatenate([a, b, a], 1), [real(2, 3), real(2, 4)], True
    yield "stack", lambda a, b: jnp.stack([a, b], 1), [real(3), real(3)], True
    yield "slice", lambda x: x[1:, ::2, 1:4:2], [x], True
    yield "slice_row", lambda x: x[1], [x], True
    yield "slice_element", lambda x: x[1, 2, 3], [x], True
    yield "slice_last", lambda x: x[..., -1], [x], True
    yield "flip", lambda x: jnp.flip(x, (0, 2)), [x], True
    yield "roll", lambda x: jnp.roll(x, 1, 1), [x], True
    yield "tile", lambda x: jnp.tile(x, (2, 3)), [real(2, 2)], True
    yield "repeat", lambda x: jnp.repeat(x, 3, 0), [real(2, 2)], True
    yield "pad", lambda x: lax.pad(x, 0.5, [(1, 2, 0), (0, 1, 2), (2, 0, 1)]), [x], True
    yield "pad_negative", lambda x: lax.pad(x, 0.5, [(-1, 2, 0), (0, -1, 2), (-1, -1, 1)]), [x], True
    yield "pad_edge", lambda x: jnp.pad(x, ((1, 1), (2, 0)), mode="edge"), [real(3, 3)], True
    yield "pad_reflect", lambda x: jnp.pad(x, ((1, 1), (2, 0)), mode="reflect"), [real(3, 3)], True
    yield "squeeze", lambda x: jnp.squeeze(x, 1), [real(3, 1, 2)], True
    yield "iota", lambda x: x + lax.broadcasted_iota("float64", (3, 4), 1), [real(3, 4)], True
    yield "arange", lambda x: x * jnp.arange(5), [real(5)], True
    yield "linspace", lambda a: jnp.linspace(a, 2.0, 7), [real()], True
    yield "eye", lambda x: x @ jnp.eye(3), [real(3, 3)], True
    yield "tril", jnp.tril, [real(4, 4)], True
    yield "triu", lambda x: jnp.triu(x, 1), [real(4, 4)], True
    yield "diag", jnp.diag, [real(4)], True
    yield "diagonal", jnp.diagonal, [real(4, 4)], True
    yield "trace", jnp.trace, [real(4, 4)], True
    yield "empty", lambda x: jnp.concatenate([x, x]) * 2, [real(0, 3)], False
    yield "empty_sum", lambda x: jnp.sum(x, 0), [real(0, 3)], False
    yield "dynamic_slice", lambda x, i: lax.dynamic_slice(x, (i, jnp.int32(1)), (2, 2)), [real(5, 4), jnp.int32(2)], True
    yield "dynamic_slice_clamped", lambda x, i: lax.dynamic_slice(x, (i, i), (2, 2)), [real(5, 4), jnp.int32(7)], True
    yield "dynamic_slice_low", lambda x, i: lax.dynamic_slice(x, (i, i), (2, 2)), [real(5, 4), jnp.int64(-3)], False
    yield ("dynamic_update_slice", lambda x, u, i: lax.dynamic_update_slice(x, u, (i, jnp.int32(1))),
           [real(5, 4), real(2, 2), jnp.int32(2)], True)
    yield ("dynamic_update_clamped", lambda x, u, i: lax.dynamic_update_slice(x, u, (i, i)),
           [real(5, 4), real(2, 2), jnp.uint32(9)], True)
    yield ("dynamic_slice_unsigned", lambda x, i: lax.dynamic_slice(x, (i,), (2,)),
           [real(5), jnp.uint64(2**64 - 1)], False)
    yield "dynamic_index", lambda x, i: x[i], [real(5, 4), jnp.int32(3)], True
    yield "barrier", lambda x: lax.optimization_barrier(x) * 2, [real(3)], True
    yield "splat_constants", lambda x: x + jnp.full((2, 2), 3.5) + jnp.asarray([[1.0, 2.0], [3.0, 4.0]]), [real(2, 2)], True
    yield "large_constant", lambda x: x @ jnp.asarray(np.linspace(0, 1, 400).reshape(20, 20)), [real(3, 20)], True
    yield ("unsigned_constant", lambda x: (x + jnp.asarray([4000000000, 1], "uint32"), x // jnp.uint32(3)),
           [whole(2, dtype="uint32")], False)
    yield "boolean_constant", lambda x: jnp.where(jnp.asarray([True, False, True]), x, 0), [real(3)], True


def reductions():
    x = real(3, 4, 5)
    for name, function in {"sum": jnp.sum, "prod": jnp.prod, "max": jnp.max, "min": jnp.min}.items():
        for axis in [None, 0, 1, (0, 2)]:
            label = "all" if axis is None else "".join(str(axis)).translate({ord(c): "" for c in "(), "})
            yield f"reduce_{name}_{label}", lambda x, f=function, axis=axis: f(x, axis), [x], True
        yield f"reduce_{name}_int32", lambda x, f=function: f(x, 0), [whole(4, 3, low=-9, high=9)], False
        yield f"reduce_{name}_uint32", lambda x, f=function: f(x, 0), [whole(4, 3, dtype="uint32", high=9)], False
    yield "reduce_any", lambda x: jnp.any(x > 1, 0), [x], False
    yield "reduce_all", lambda x: jnp.all(x > -1.5, 1), [x], False
    yield "argmax", lambda x: jnp.argmax(x, 1), [x], False
    yield "argmin_flat", jnp.argmin, [x], False
    yield "argmax_ties", lambda x: jnp.argmax(x, 0), [jnp.asarray([1.0, 3.0, 3.0, 2.0])], False
    yield "argmax_nan", lambda x: jnp.argmax(x, 0), [jnp.asarray([1.0, jnp.nan, 3.0])], False
    yield "reduce_init", lambda x: lax.reduce(x, 2.0, lax.add, (0,)), [x], True
    yield "reduce_region", lambda x: lax.reduce(x, 0.0, lambda a, b: a + b * 1.0, (0,)), [real(4, 3)], False
    yield ("reduce_nothing", lambda x: lax.reduce((x, x), (1.0, 2.0), lambda a, b: (a[0] * b[0] + 1, a[1] + b[0]), (0,)),
           [real(0, 3)], False)
    yield ("reduce_pairs", lambda x, y: lax.reduce((x, y), (0.0, 1.0), lambda a, b: (a[0] + b[0], a[1] * b[1]), (0,)),
           [real(4, 3), real(4, 3)], False)
    yield "reduce_bf16", lambda x: jnp.sum(x, 1), [real(4, 8, dtype="bfloat16")], False
    yield "reduce_f16", lambda x: jnp.sum(x, 1), [real(4, 8, dtype="float16")], False
    for name, function in {"cumsum": jnp.cumsum, "cumprod": jnp.cumprod, "cummax": lax.cummax, "cummin": lax.cummin,
                           "cumlogsumexp": lax.cumlogsumexp}.items():
        yield f"{name}_1d", function if name.startswith("cum") and name in ("cumsum", "cumprod") else (
            lambda x, f=function: f(x, axis=0)), [real(6)], True
        yield f"{name}_2d", lambda x, f=function: f(x, axis=1), [real(3, 5)], True
    yield "cumsum_reverse", lambda x: lax.cumsum(x, axis=0, reverse=True), [real(6)], True
    yield "diff", jnp.diff, [real(6)], True
    yield "norm", jnp.linalg.norm, [real(6)], True
    for name, (function, start) in {"sum": (lax.add, 0.0), "max": (lax.max, -jnp.inf), "min": (lax.min, jnp.inf)}.items():
        yield (f"window_{name}", lambda x, f=function, s=start: lax.reduce_window(x, s, f, (2, 3), (1, 2), "VALID"),
               [real(5, 7)], True)
        yield (f"window_{name}_same", lambda x, f=function, s=start: lax.reduce_window(x, s, f, (3, 3), (2, 2), "SAME"),
               [real(5, 7)], name != "sum")
    yield ("window_start", lambda x: lax.reduce_window(x, 2.5, lax.add, (2,), (1,), ((2, 1),)), [real(3)], False)
    yield ("window_start_scan", lambda x: lax.reduce_window(x, 2.5, lax.add, (3,), (1,), ((2, 0),)), [real(3)], False)
    yield ("window_empty", lambda x: lax.reduce_window(x, 0.0, lax.add, (5,), (1,), "VALID"), [real(3)], False)
    yield ("window_dilated", lambda x: lax.reduce_window(x, 0.0, lax.add, (2, 2), (1, 1), ((1, 0), (0, 2)), (2, 1), (1, 2)),
           [real(4, 5)], False)


def products():
    yield "dot_vectors", jnp.dot, [real(5), real(5)], True
    yield "dot_matrix_vector", jnp.dot, [real(4, 5), real(5)], True
    yield "matmul", jnp.matmul, [real(4, 5), real(5, 6)], True
    yield "matmul_f32", jnp.matmul, [real(4, 5, dtype="float32"), real(5, 6, dtype="float32")], True
    yield "matmul_batched", jnp.matmul, [real(3, 4, 5), real(3, 5, 6)], True
    yield "matmul_broadcast", jnp.matmul, [real(2, 3, 4, 5), real(5, 6)], True
    yield ("matmul_bf16", lambda a, b: lax.dot(a, b, preferred_element_type=jnp.float32),
           [real(4, 5, dtype="bfloat16"), real(5, 6, dtype="bfloat16")], False)
    yield ("matmul_int8", lambda a, b: lax.dot(a, b, preferred_element_type=jnp.int32),
           [whole(4, 5, dtype="int8", low=-100, high=100), whole(5, 6, dtype="int8", low=-100, high=100)], False)
    yield "matmul_complex", jnp.matmul, [complexes(3, 4), complexes(4, 2)], False
    yield "tensordot", lambda a, b: jnp.tensordot(a, b, ((0, 2), (1, 0))), [real(3, 4, 5), real(5, 3, 2)], True
    yield "kron", jnp.kron, [real(2, 3), real(2, 2)], True
    yield "inner", jnp.inner, [real(2, 3), real(4, 3)], True
    for place, text in enumerate(["ij,jk->ik", "ij,kj->ik", "bij,bjk->bik", "ii->i", "ij->", "i,j->ij", "bhqd,bhkd->bhqk",
                                  "ijk,ilm->jklm", "ij,ij->i", "abc,cd->dab"]):
        shapes = {letter: 2 + "ijkbhqdlmac".index(letter) % 3 for letter in "ijkbhqdlmac"}
        tensors = [real(*(shapes[letter] for letter in part)) for part in text.split("->")[0].split(",")]
        yield f"einsum_{place}", lambda *a, text=text: jnp.einsum(text, *a), tensors, True


def convolutions():
    def conv(x, k, **options):
        return lax.conv_general_dilated(x, k, **options)

    nhwc = ("NHWC", "HWIO", "NHWC")
    yield ("conv_2d", lambda x, k: conv(x, k, window_strides=(1, 1), padding="VALID", dimension_numbers=nhwc),
           [real(2, 6, 7, 3), real(3, 2, 3, 4)], True)
    yield ("conv_2d_same", lambda x, k: conv(x, k, window_strides=(1, 1), padding="SAME", dimension_numbers=nhwc),
           [real(2, 6, 7, 3), real(3, 3, 3, 4)], True)
    yield ("conv_2d_strided", lambda x, k: conv(x, k, window_strides=(2, 3), padding=((1, 2), (0, 1)),
                                                dimension_numbers=nhwc), [real(2, 6, 7, 3), real(3, 3, 3, 4)], True)
    yield ("conv_2d_nchw", lambda x, k: conv(x, k, window_strides=(1, 1), padding="SAME"),
           [real(2, 3, 6, 5), real(4, 3, 3, 3)], True)
    yield ("conv_dilated", lambda x, k: conv(x, k, window_strides=(1, 1), padding=((2, 2), (3, 1)), lhs_dilation=(2, 1),
                                             rhs_dilation=(1, 2), dimension_numbers=nhwc),
           [real(1, 4, 5, 2), real(2, 3, 2, 3)], True)
    yield ("conv_groups", lambda x, k: conv(x, k, window_strides=(1, 1), padding="SAME", feature_group_count=2,
                                            dimension_numbers=nhwc), [real(2, 4, 4, 4), real(3, 3, 2, 6)], True)
    yield ("conv_depthwise", lambda x, k: conv(x, k, window_strides=(1, 1), padding="SAME", feature_group_count=4,
                                               dimension_numbers=nhwc), [real(2, 4, 4, 4), real(3, 3, 1, 4)], True)
    yield ("conv_batch_groups", lambda x, k: conv(x, k, window_strides=(1, 1), padding="SAME", batch_group_count=2,
                                                  dimension_numbers=nhwc), [real(4, 4, 4, 3), real(3, 3, 3, 6)], False)
    yield ("conv_negative", lambda x, k: conv(x, k, window_strides=(1, 1), padding=((-1, 1), (0, -1)),
                                              dimension_numbers=nhwc), [real(1, 5, 5, 2), real(2, 2, 2, 2)], True)
    yield ("conv_empty", lambda x, k: conv(x, k, window_strides=(1, 1), padding="VALID", dimension_numbers=nhwc),
           [real(1, 2, 2, 2), real(3, 3, 2, 2)], False)
    yield "conv_1d", lambda x, k: jnp.convolve(x, k, "full"), [real(9), real(4)], True
    yield ("conv_1x1", lambda x, k: conv(x, k, window_strides=(1, 1), padding="VALID", dimension_numbers=nhwc),
           [real(2, 3, 3, 4), real(1, 1, 4, 5)], True)
    yield ("conv_3d", lambda x, k: conv(x, k, window_strides=(1, 1, 1), padding="VALID"),
           [real(1, 2, 4, 4, 4), real(3, 2, 2, 2, 2)], True)
    waves = lambda *shape: jnp.sin(jnp.arange(np.prod(shape), dtype="float64")).reshape(shape)
    yield ("conv_3d_cubes", lambda x, k: conv(x, k, window_strides=(1, 1, 1), padding="VALID"),
           [waves(1, 1, 5, 4, 4), waves(2, 1, 3, 3, 3)], True)
    yield ("conv_4d", lambda x, k: conv(x, k, window_strides=(1, 1, 1, 1), padding="VALID"),
           [waves(1, 2, 3, 3, 3, 3), waves(2, 2, 2, 2, 2, 2)], True)
    yield ("conv_transpose", lambda x, k: lax.conv_transpose(x, k, (2, 2), "SAME"),
           [real(1, 3, 3, 2), real(3, 3, 2, 4)], True)


def indexing():
    x, table = real(6, 4), real(10, 3)
    yield "take", lambda t, i: t[i], [table, whole(5, high=10)], True
    yield "take_2d", lambda t, i: t[i], [table, whole(2, 3, high=10)], True
    yield "take_columns", lambda t, i: t[:, i], [table, whole(5, high=3)], True
    yield "take_pairs", lambda t, i, j: t[i, j], [table, whole(5, high=10), whole(5, high=3)], True
    yield "take_clip", lambda t, i: jnp.take(t, i, axis=0, mode="clip"), [table, whole(5, low=-4, high=14)], True
    yield "take_fill", lambda t, i: jnp.take(t, i, axis=0, mode="fill", fill_value=7.0), [table, whole(5, low=0, high=14)], True
    yield "take_along", lambda x, i: jnp.take_along_axis(x, i, 1), [x, whole(6, 2, high=4)], True
    yield "take_uint8", lambda t, i: t[i], [table, whole(5, dtype="uint8", high=10)], False
    yield "gather_windows", lambda x, i: jax.vmap(lambda s: lax.dynamic_slice(x, (s, jnp.int32(1)), (2, 2)))(i), [x, whole(3, high=7)], True
    yield "gather_batched", lambda x, i: jax.vmap(lambda r, s: lax.dynamic_slice(r, (s,), (2,)))(x, i), [x, whole(6, high=4)], True
    yield "one_hot", lambda i: jax.nn.one_hot(i, 5), [whole(4)], False
    yield "at_add", lambda x, i, u: x.at[i].add(u), [x, whole(5, high=6), real(5, 4)], True
    yield "at_add_repeated", lambda x, i, u: x.at[i].add(u), [real(3), whole(8, high=3), real(8)], True
    yield "at_add_outside", lambda x, i, u: x.at[i].add(u, mode="drop"), [real(3), whole(8, low=0, high=6), real(8)], True
    yield "at_set", lambda x, i, u: x.at[i].set(u), [x, jnp.asarray([3, 1, 4]), real(3, 4)], True
    yield "at_set_pairs", lambda x, i, j, u: x.at[i, j].set(u), [x, jnp.asarray([3, 1]), jnp.asarray([0, 2]), real(2)], True
    yield "at_set_nothing", lambda x, i, u: x.at[i].set(u), [real(3), whole(0), real(0)], True
    yield "at_add_nothing", lambda x, i, u: x.at[i].add(u), [real(3), whole(0), real(0)], True
    yield "take_nothing", lambda x, i: x[i], [real(3, 2), whole(0)], False
    yield "at_set_outside", lambda x, i, u: x.at[i].set(u, mode="drop"), [real(3), jnp.asarray([1, 7]), real(2)], True
    yield "at_max", lambda x, i, u: x.at[i].max(u), [x, whole(5, high=6), real(5, 4)], False
    yield "at_multiply", lambda x, i, u: x.at[i].multiply(u), [x, jnp.asarray([3, 1, 4]), real(3, 4)], False
    yield "at_column", lambda x, u: x.at[:, 1].add(u), [x, real(6)], True
    yield "segment_sum", lambda x, i: jax.ops.segment_sum(x, i, 4), [real(7), whole(7, high=4)], True
    yield "segment_max", lambda x, i: jax.ops.segment_max(x, i, 4), [real(7), jnp.asarray([0, 1, 2, 3, 0, 1, 2])], False
    yield "bincount", lambda i: jnp.bincount(i, length=5), [whole(9)], False


def control():
    yield "cond", lambda p, x: lax.cond(p > 0, jnp.sin, lambda x: x * 2, x), [real(), real(3)], False
    yield ("switch", lambda i, x: lax.switch(i, [jnp.sin, jnp.cos, lambda x: x * x], x),
           [jnp.int32(2), real(3)], True)
    yield ("switch_clamped", lambda i, x: lax.switch(i, [jnp.sin, jnp.cos, lambda x: x * x], x),
           [jnp.int32(9), real(3)], False)
    yield "fori", lambda x: lax.fori_loop(0, 5, lambda i, x: jnp.sin(x) + i, x), [real(3)], False
    yield "fori_dynamic", lambda n, x: lax.fori_loop(0, n, lambda i, x: jnp.sin(x) * 1.5, x), [jnp.int32(4), real(3)], False
    yield "fori_empty", lambda n, x: lax.fori_loop(3, n, lambda i, x: jnp.sin(x) * 1.5, x), [jnp.int32(1), real(3)], False
    yield ("while_real_counter", lambda x: lax.while_loop(lambda s: s[0] < 10.0, lambda s: (s[0] + 1.0, s[1] * 1.5), (0.5, x)),
           [real(low=1)], False)
    yield ("while_other_step", lambda x: lax.while_loop(lambda s: s[0] < 10, lambda s: (s[0] + 3, s[1] * 1.5), (1, x)),
           [real(low=1)], False)
    yield ("while_counter_used", lambda n, x: lax.while_loop(lambda s: s[1] < n, lambda s: (s[0] * s[1], s[1] + 1), (x, jnp.int32(2))),
           [jnp.int32(6), real(low=1)], False)
    yield ("while_counter_past", lambda n, x: lax.while_loop(lambda s: s[1] < n, lambda s: (s[0] * s[1], s[1] + 1), (x, jnp.int32(9))),
           [jnp.int32(6), real(low=1)], False)
    yield ("while_data", lambda x: lax.while_loop(lambda s: s[0] < 100, lambda s: (s[0] * 2, s[1] + 1), (x, 0)),
           [real(low=1)], False)
    yield "scan", lambda c, xs: lax.scan(lambda c, x: (jnp.tanh(c + x), c * x), c, xs), [real(3), real(6, 3)], True
    yield "scan_reverse", lambda c, xs: lax.scan(lambda c, x: (c * 0.5 + x, c), c, xs, reverse=True), [real(), real(6)], True
    yield "scan_nested", lambda c, xs: lax.scan(
        lambda c, x: (lax.fori_loop(0, 3, lambda i, c: jnp.sin(c) + x, c), c), c, xs), [real(), real(4)], False
    yield "map", lambda xs: lax.map(lambda x: jnp.sum(jnp.sin(x)), xs), [real(4, 3)], True
    yield "associative_scan", lambda x: lax.associative_scan(jnp.multiply, x), [real(7)], True
    yield "call", lambda x: jax.jit(lambda y: jnp.sin(y) * 2)(x) + jax.jit(lambda y: y * y)(x), [real(3)], True
    yield "newton", lambda a: lax.fori_loop(0, 20, lambda i, x: 0.5 * (x + a / x), 1.0), [real(low=1, high=3)], False


def models():
    def mlp(w1, b1, w2, b2, x, y):
        hidden = jnp.tanh(x @ w1 + b1)
        return jnp.mean((hidden @ w2 + b2 - y) ** 2)

    yield "mlp", mlp, [real(4, 8), real(8), real(8, 2), real(2), real(5, 4), real(5, 2)], True
    yield ("mlp_gradient", jax.value_and_grad(mlp, (0, 1, 2, 3)),
           [real(4, 8), real(8), real(8, 2), real(2), real(5, 4), real(5, 2)], False)

    def attention(q, k, v):
        scores = jnp.einsum("bhqd,bhkd->bhqk", q, k) / jnp.sqrt(q.shape[-1])
        mask = jnp.tril(jnp.ones(scores.shape[-2:], bool))
        return jnp.einsum("bhqk,bhkd->bhqd", jax.nn.softmax(jnp.where(mask, scores, -1e30)), v)

    yield "attention", attention, [real(2, 2, 5, 3), real(2, 2, 5, 3), real(2, 2, 5, 3)], True

    def norm(x, g, b):
        mean, var = jnp.mean(x, -1, keepdims=True), jnp.var(x, -1, keepdims=True)
        return (x - mean) * lax.rsqrt(var + 1e-5) * g + b

    def block(x, wq, wo, g, b, w1, w2):
        h = norm(x, g, b)
        q, k, v = jnp.split((h @ wq).reshape(x.shape[0], x.shape[1], 3, 2, -1).transpose(2, 0, 3, 1, 4), 3)
        y = attention(q[0], k[0], v[0]).transpose(0, 2, 1, 3).reshape(x.shape)
        x = x + y @ wo
        return x + jax.nn.gelu(norm(x, g, b) @ w1) @ w2

    yield ("transformer", block,
           [real(2, 5, 8), real(8, 24), real(8, 8), real(8), real(8), real(8, 16), real(16, 8)], True)

    def cnn(k1, k2, w, x):
        dims = ("NHWC", "HWIO", "NHWC")
        x = jax.nn.relu(lax.conv_general_dilated(x, k1, (1, 1), "SAME", dimension_numbers=dims))
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = jax.nn.relu(lax.conv_general_dilated(x, k2, (1, 1), "SAME", dimension_numbers=dims))
        x = lax.reduce_window(x, 0.0, lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") / 4
        return jax.nn.log_softmax(x.reshape(x.shape[0], -1) @ w)

    yield "cnn", cnn, [real(3, 3, 1, 4), real(3, 3, 4, 4), real(16, 3), real(2, 8, 8, 1)], True

    def lstm(wx, wh, b, xs):
        def cell(state, x):
            h, c = state
            i, f, g, o = jnp.split(x @ wx + h @ wh + b, 4)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        return lax.scan(cell, (jnp.zeros(4), jnp.zeros(4)), xs)[1]

    yield "lstm", lstm, [real(3, 16), real(4, 16), real(16), real(6, 3)], True

    def lotka(y0, p):
        def step(y, _):
            f = lambda y: jnp.stack([p[0] * y[0] - p[1] * y[0] * y[1], -p[2] * y[1] + p[3] * y[0] * y[1]])
            k1 = f(y)
            k2 = f(y + 0.05 * k1)
            k3 = f(y + 0.05 * k2)
            k4 = f(y + 0.1 * k3)
            return y + 0.1 / 6 * (k1 + 2 * k2 + 2 * k3 + k4), y

        return lax.scan(step, y0, None, 20)[1]

    yield "lotka", lotka, [real(2, low=1), real(4, low=0.5, high=1)], True

    def embedding(table, w, tokens):
        return jnp.mean(jax.nn.log_softmax(table[tokens].mean(1) @ w))

    yield "embedding", embedding, [real(10, 4), real(4, 3), whole(3, 5, high=10)], True


def collectives():
    """Programs by hand for each device of a mesh, which has one."""
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:1]), ("i",))
    rows = jax.sharding.PartitionSpec("i")

    def by_hand(function):
        return jax.shard_map(function, mesh=mesh, in_specs=rows, out_specs=rows, check_vma=False)

    def all_of_them(x):
        y = jnp.sin(lax.psum(x, "i")) + lax.pmax(x, "i") * lax.all_gather(x, "i", tiled=True)
        y += lax.psum_scatter(jnp.cos(x), "i", tiled=True) * lax.ppermute(x, "i", [(0, 0)])
        return y + lax.all_to_all(x, "i", 0, 0, tiled=True) * lax.axis_index("i") - lax.pmean(x, "i")

    yield "collectives", by_hand(all_of_them), [real(4, 3)], False
    yield "collective_sum", by_hand(lambda x: x * lax.psum(jnp.sum(x**2), "i")), [real(4, 3)], True


def all_programs():
    import bits
    import sorting
    import spectra

    for section in [elementwise, shapes, reductions, products, convolutions, indexing, control, models, bits.all_programs,
                    sorting.all_programs, spectra.all_programs, matrices.linear_algebra, orthogonal.orthogonal, collectives]:
        yield from section()
