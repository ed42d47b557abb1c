"""Programs on the bits of numbers, and random ones: as programs.py."""

import jax
import jax.numpy as jnp
from jax import lax
from jax._src.lax import lax as internal

from programs import FLOATS, INTEGERS, real, whole

SPECIAL = [1.5, -2.0, 0.0, -0.0, jnp.inf, -jnp.inf, jnp.nan, 1e-3, 3.25e4]


def special(dtype):
    return jnp.asarray(SPECIAL, dtype)


def casts():
    same = [("float64", "int64"), ("float64", "uint64"), ("float32", "int32"), ("float32", "uint32"),
            ("float16", "int16"), ("bfloat16", "uint16"), ("float16", "bfloat16"), ("int8", "uint8")]
    for a, b in same:
        x = special(a) if "float" in a else whole(9, dtype=a, low=-100, high=100)
        yield f"bitcast_{a}_{b}", lambda x, b=b: lax.bitcast_convert_type(x, b), [x], False
        back = lambda x, a=a, b=b: lax.bitcast_convert_type(lax.bitcast_convert_type(x, b), a)
        yield f"bitcast_back_{a}_{b}", back, [x], False
    yield "bitcast_rank0", lambda x: lax.bitcast_convert_type(x, "int32"), [real(dtype="float32")], False
    yield "bitcast_empty", lambda x: lax.bitcast_convert_type(x, "uint8"), [real(0, 3, dtype="float32")], False
    for a, b in [("float64", "uint32"), ("float64", "int8"), ("uint64", "uint16"), ("int32", "float16"),
                 ("float32", "uint8"), ("int16", "int8"), ("float64", "float32")]:
        x = real(2, 3, dtype=a) if "float" in a else whole(2, 3, dtype=a, low=0, high=30000)
        yield f"bitcast_narrow_{a}_{b}", lambda x, b=b: lax.bitcast_convert_type(x, b), [x], False
        narrow = lax.bitcast_convert_type(x, b)
        yield f"bitcast_wide_{b}_{a}", lambda x, a=a: lax.bitcast_convert_type(x, a), [narrow], False
    yield "bitcast_narrow_rank0", lambda x: lax.bitcast_convert_type(x, "uint16"), [real()], False
    yield ("bitcast_wide_rank0", lambda x: lax.bitcast_convert_type(x, "float64"),
           [lax.bitcast_convert_type(real(), "uint16")], False)
    for dtype in FLOATS:
        yield f"signbit_{dtype}", jnp.signbit, [special(dtype)], False
        yield f"frexp_{dtype}", jnp.frexp, [jnp.asarray([1.5, -2.0, 0.0, 1e-3, 3.25e4, 7.0], dtype)], False
        yield f"ldexp_{dtype}", jnp.ldexp, [real(5, dtype=dtype), whole(5, low=-3, high=9)], False
        yield f"next_after_{dtype}", jnp.nextafter, [special(dtype), jnp.roll(special(dtype), 2)], False
        yield f"spacing_{dtype}", jnp.spacing, [real(5, dtype=dtype, low=0.1)], False
    yield "bitcast_same", lambda x: x * lax.bitcast_convert_type(x, "float64"), [real(4)], True
    yield "bitcast_is_constant", lambda x: x * lax.bitcast_convert_type(
        lax.bitcast_convert_type(x, "int64"), "float64"), [real(4)], True


def orders():
    x = special("float32")
    for name, function in {"eq": internal.eq_to_p, "lt": internal.lt_to_p, "le": internal.le_to_p}.items():
        for dtype in ["float16", "bfloat16", "float32", "float64"]:
            a = special(dtype)
            yield f"total_{name}_{dtype}", lambda a, b, f=function: f.bind(*jnp.broadcast_arrays(a[:, None], b)), [a, a], False
    yield "is_inf", lambda x: (jnp.isinf(x), jnp.isposinf(x), jnp.isneginf(x)), [x], False
    yield "is_inf_rank0", jnp.isinf, [real()], False


def roundings():
    for dtype in ["float16", "bfloat16", "float32", "float64"]:
        x = jnp.asarray([0.1, -1 / 3, 1e-6, 65519.0, 65520.0, 3e38, -1e-40, jnp.inf, -jnp.inf, jnp.nan, 0.0, -0.0], dtype)
        for exponent, mantissa in [(5, 10), (8, 7), (8, 23), (11, 52), (4, 3), (5, 2), (8, 0), (2, 1)]:
            yield (f"reduce_precision_{dtype}_e{exponent}m{mantissa}",
                   lambda x, e=exponent, m=mantissa: lax.reduce_precision(x, e, m), [x], False)
    yield "reduce_precision_gradient", lambda x: jnp.sin(lax.reduce_precision(x, 8, 7)), [real(2, 3)], True
    yield "reduce_precision_rank0", lambda x: lax.reduce_precision(x, 5, 10) ** 2, [real()], True
    yield "remat", jax.checkpoint(lambda x: jnp.sin(jnp.sin(x)).sum()), [real(4)], True
    for dtype in FLOATS:
        x = jnp.asarray([0.0, -0.0, 0.1, -0.5, 0.9, -0.999, 0.9999, 1e-10, 1.0, -1.0, 1.5, jnp.nan], dtype)
        yield f"erf_inv_{dtype}", lax.erf_inv, [x], False
        yield f"erf_inv_gradient_{dtype}", lax.erf_inv, [real(9, dtype=dtype, low=-0.95, high=0.95)], True
    yield "erf_inv_float16", lax.erf_inv, [real(9, dtype="float16", low=-0.95, high=0.95)], False
    yield "ndtri", jax.scipy.special.ndtri, [real(6, low=0.01, high=0.99)], True


def randoms():
    random = jax.random
    key = lambda seed=3: jax.random.PRNGKey(seed)
    for dtype in ["float16", "bfloat16", "float32", "float64"]:
        yield f"random_uniform_{dtype}", lambda k, d=dtype: random.uniform(k, (7,), d), [key()], False
        yield f"random_normal_{dtype}", lambda k, d=dtype: random.normal(k, (3, 5), d), [key()], False
    for dtype in INTEGERS:
        yield f"random_bits_{dtype}", lambda k, d=dtype: random.randint(k, (9,), 0, 100, d), [key()], False
    for dtype in ["uint8", "uint16", "uint32", "uint64"]:
        yield f"random_all_bits_{dtype}", lambda k, d=dtype: random.bits(k, (3, 3), d), [key()], False
    yield "random_seed", lambda s: random.PRNGKey(s), [jnp.asarray(12345)], False
    yield "random_split", lambda k: random.split(k, 5), [key()], False
    yield "random_fold_in", lambda k: random.fold_in(k, 7), [key()], False
    yield "random_rank0", lambda k: random.uniform(k), [key()], False
    yield "random_odd", lambda k: random.bits(k, (5, 5)), [key()], False
    yield "random_range", lambda k: random.uniform(k, (6,), minval=-3.0, maxval=5.0), [key()], False
    yield "random_bernoulli", lambda k: random.bernoulli(k, 0.3, (20,)), [key()], False
    yield "random_exponential", lambda k: random.exponential(k, (6,)), [key()], False
    yield "random_gumbel", lambda k: random.gumbel(k, (6,)), [key()], False
    yield "random_laplace", lambda k: random.laplace(k, (6,)), [key()], False
    yield "random_truncated", lambda k: random.truncated_normal(k, -1.0, 2.0, (6,)), [key()], False
    yield "random_categorical", lambda k, x: random.categorical(k, x), [key(), real(4, 5)], False
    yield "random_rademacher", lambda k: random.rademacher(k, (9,)), [key()], False
    yield "random_permutation", lambda k: random.permutation(k, 11), [key()], False
    yield "random_permuted_rows", lambda k, x: random.permutation(k, x), [key(), real(6, 2)], True
    yield "random_permuted_columns", lambda k, x: random.permutation(k, x, axis=1, independent=True), [
        key(), real(3, 6)], True
    yield "random_choice", lambda k, x: random.choice(k, x, (4,)), [key(), real(9)], True
    yield "random_choice_once", lambda k, x: random.choice(k, x, (4,), replace=False), [key(), real(9)], True
    yield "random_dropout", lambda k, x: jnp.where(random.bernoulli(k, 0.5, x.shape), x / 0.5, 0), [
        key(), real(4, 4)], True
    yield "random_reparameterized", lambda k, m, s: m + s * random.normal(k, (5,), "float64"), [
        key(), real(), real()], True
    for algorithm in [lax.RandomAlgorithm.RNG_THREE_FRY, lax.RandomAlgorithm.RNG_PHILOX,
                      lax.RandomAlgorithm.RNG_DEFAULT]:
        name = algorithm.name.lower()
        for dtype, shape in [("uint32", (4,)), ("uint32", (3, 5)), ("uint64", (3,)), ("uint64", (4, 2)),
                             ("uint8", (7,)), ("uint16", (3, 3)), ("uint32", ()), ("uint32", (0,))]:
            state = jnp.asarray([123456789, 987654321], "uint64")
            yield (f"generator_{name}_{dtype}_{len(shape)}_{'x'.join(map(str, shape))}",
                   lambda s, a=algorithm, d=dtype, n=shape: lax.rng_bit_generator(s, n, d, a), [state], False)
        if "default" not in name:
            short = jnp.asarray([1, 2, 3, 4], "uint32")
            yield (f"generator_{name}_short", lambda s, a=algorithm: lax.rng_bit_generator(s, (6,), "uint32", a),
                   [short], False)
    wrap = lambda k: jax.random.wrap_key_data(k, impl="rbg")
    yield "generator_rbg_normal", lambda k: random.normal(wrap(k), (6,), "float32"), [
        jax.random.key_data(jax.random.key(5, impl="rbg"))], False
    yield "generator_rbg_split", lambda k: jax.random.key_data(random.split(wrap(k), 3)), [
        jax.random.key_data(jax.random.key(5, impl="rbg"))], False


def all_programs():
    for section in [casts, orders, roundings, randoms]:
        yield from section()
