"""Programs whose extents are symbols, as jax.export writes them: (name, function, arguments, whether to compare its
gradient, the shapes of the arguments)."""

import jax
import jax.numpy as jnp
from jax import lax

from programs import real, whole


def layer_norm(x, scale, offset):
    mean, variance = jnp.mean(x, -1, keepdims=True), jnp.var(x, -1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * scale + offset


def mlp(x, w, b, v):
    return jnp.tanh(x @ w + b) @ v


def loss(x, y, w, b, v):
    return jnp.mean((mlp(x, w, b, v)[:, 0] - y) ** 2)


def attention(q, k, v):
    scores = jnp.einsum("bnd,bmd->bnm", q, k) / jnp.sqrt(q.shape[-1])
    mask = jnp.tril(jnp.ones((q.shape[1], q.shape[1]), bool))
    return jnp.einsum("bnm,bmd->bnd", jax.nn.softmax(jnp.where(mask, scores, -1e9), -1), v)


def block(x, wq, wk, wv, w1, w2, scale, offset):
    """A block of a transformer with two heads."""
    h = layer_norm(x, scale, offset)
    heads = [(h @ w).reshape(x.shape[0], x.shape[1], 2, -1) for w in (wq, wk, wv)]
    scores = jnp.einsum("bnhd,bmhd->bhnm", heads[0], heads[1])
    x = x + jnp.einsum("bhnm,bmhd->bnhd", jax.nn.softmax(scores, -1), heads[2]).reshape(x.shape)
    return x + jax.nn.gelu(layer_norm(x, scale, offset) @ w1) @ w2


def cross_entropy(x, labels, w):
    logits = jax.nn.log_softmax(x @ w)
    return -jnp.mean(jnp.sum(jax.nn.one_hot(labels, w.shape[1]) * logits, -1))


def convolution(x, kernel, w):
    y = lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    y = lax.reduce_window(jax.nn.relu(y), -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return y.reshape(x.shape[0], -1) @ w


def recurrent(x, w, u):
    def step(h, x):
        h = jnp.tanh(x @ w + h @ u)
        return h, h

    return lax.scan(step, jnp.zeros((x.shape[1], u.shape[0])), x)


def all_programs():
    x = real(4, 3)
    w, b, v = real(3, 5), real(5), real(5, 1)
    yield "dynamic_mlp", mlp, [x, w, b, v], True, ["b, _", "...", "...", "..."]
    yield "dynamic_loss", loss, [x, real(4), w, b, v], True, ["b, _", "b", "...", "...", "..."]
    qkv = [real(2, 5, 4) for _ in range(3)]
    yield "dynamic_attention", attention, qkv, True, ["b, n, _"] * 3
    square = [real(4, 4) for _ in range(3)]
    yield ("dynamic_block", block, [real(2, 5, 4), *square, real(4, 6), real(6, 4), real(4), real(4)], True,
           ["b, n, _"] + ["..."] * 7)
    yield ("dynamic_block_f32", block,
           [jnp.asarray(a, "float32") for a in [real(2, 5, 4), *square, real(4, 6), real(6, 4), real(4), real(4)]],
           False, ["b, n, _"] + ["..."] * 7)
    yield "dynamic_cross_entropy", cross_entropy, [x, whole(4), w], True, ["b, _", "b", "..."]
    yield "dynamic_layer_norm", layer_norm, [x, real(3), real(3)], True, ["b, _", "...", "..."]
    yield ("dynamic_convolution", convolution, [real(2, 4, 4, 2), real(3, 3, 2, 3), real(12, 5)], True,
           ["b, _, _, _", "...", "..."])
    grouped = lambda x, k: lax.conv_general_dilated(x, k, (1,), [(1, 1)], feature_group_count=2)
    yield "dynamic_convolution_groups", grouped, [real(3, 4, 5), real(6, 2, 3)], True, ["b, _, _", "..."]
    yield "dynamic_recurrent", recurrent, [real(3, 2, 4), real(4, 5), real(5, 5)], True, ["_, b, _", "...", "..."]
    rows = {
        "flat": lambda x: x.reshape(-1), "split": lambda x: x.reshape(x.shape[0], 3, 1), "tail": lambda x: x[1:],
        "head": lambda x: x[:-1], "column": lambda x: x[:, 1], "reverse": lambda x: x[::-1],
        "flip": lambda x: jnp.flip(x, 0), "every_other": lambda x: x[::2], "difference": lambda x: x[1:] - x[:-1],
        "pad": lambda x: jnp.pad(x, ((1, 2), (0, 1))), "pad_negative": lambda x: lax.pad(x, 0.5, ((-1, 1, 0), (0, 0, 1))),
        "pad_interior": lambda x: lax.pad(x, 0.5, ((1, 0, 2), (0, 0, 0))),
        "pad_by_itself": lambda x: lax.pad(x, 0.5, ((0, x.shape[0], 0), (x.shape[0], 0, 0))),
        "concatenate": lambda x: jnp.concatenate([x, 2 * x]), "stack": lambda x: jnp.stack([x, x * x], 1),
        "transpose": lambda x: x.T, "gram": lambda x: x.T @ x, "outer": lambda x: x @ x.T, "sum": jnp.sum,
        "mean": lambda x: jnp.mean(x, 0), "variance": lambda x: jnp.var(x, 0), "max": lambda x: jnp.max(x, 0),
        "logsumexp": lambda x: jax.nn.logsumexp(x, 0), "norm": lambda x: jnp.linalg.norm(x, axis=-1),
        "product": lambda x: jnp.prod(x, 0), "weighted": lambda x: x * jnp.arange(x.shape[0])[:, None],
        "linspace": lambda x: x * jnp.linspace(0.0, 1.0, 3), "cumsum": lambda x: jnp.cumsum(x, 1),
        "sort": lambda x: jnp.sort(x, 0), "roll": lambda x: jnp.roll(x, 1, 0), "repeat": lambda x: jnp.repeat(x, 2, 0),
        "tile": lambda x: jnp.tile(x, (2, 1)), "broadcast": lambda x: jnp.broadcast_to(x[None], (2, *x.shape)) * 1.0,
        "diagonal": lambda x: x @ jnp.eye(3), "identity": lambda x: jnp.eye(x.shape[0]) @ x,
        "vmap": jax.vmap(lambda row: jnp.outer(row, row)), "clip": lambda x: jnp.clip(x, -1, 1),
        "cond": lambda x: lax.cond(jnp.sum(x) > 0, lambda x: x * 2, lambda x: jnp.sin(x), x),
        "loop": lambda x: lax.fori_loop(0, 3, lambda i, y: jnp.sin(y) + x, x),
        "solve": lambda x: jnp.linalg.norm(x, axis=0) / x.shape[0],
        "cumsum_rows": lambda x: lax.cumsum(x, 0), "cumsum_rows_reverse": lambda x: lax.cumsum(x, 0, reverse=True),
        "cumprod_rows": lambda x: lax.cumprod(x, 0), "cummax_rows": lambda x: lax.cummax(x, 0),
    }
    for name, function in rows.items():
        yield f"dynamic_{name}", function, [x], name != "sort", ["b, _"]
    positive = lambda x: x @ x.mT + jnp.eye(x.shape[-1])
    matrices = {
        "cholesky": lambda x: jnp.linalg.cholesky(positive(x)), "lu_solve": lambda x: jnp.linalg.solve(positive(x), x),
        "determinant": lambda x: jnp.linalg.det(x), "logdet": lambda x: jnp.linalg.slogdet(positive(x))[1],
        "inverse": lambda x: jnp.linalg.inv(positive(x)), "qr": lambda x: jnp.abs(jnp.linalg.qr(positive(x))[1]),
        "eigenvalues": lambda x: jnp.linalg.eigvalsh(positive(x)),
        "eigenvectors": lambda x: jnp.abs(jnp.linalg.eigh(positive(x))[1]),
        "singular_values": lambda x: jnp.linalg.svd(x, compute_uv=False),
        "singular_vectors": lambda x: jnp.abs(jnp.linalg.svd(x)[0]),
    }
    for name, function in matrices.items():
        yield f"dynamic_{name}", function, [real(2, 3, 3)], True, ["b, _, _"]
    yield "dynamic_cholesky_size", lambda x: jnp.linalg.cholesky(x @ x.T + jnp.eye(x.shape[0])), [x], True, ["b, _"]
    places = {
        "argmax": lambda x: jnp.argmax(x, 1), "argmin": lambda x: jnp.argmin(x, 0), "top_k": lambda x: lax.top_k(x, 2),
        "iota": lambda x: jnp.arange(2 * x.shape[0] + 1), "size": lambda x: x.shape[0] * x.shape[1], "any": lambda x: jnp.any(x > 0, 0),
        "argsort": lambda x: jnp.argsort(x, 0),
    }
    for name, function in places.items():
        yield f"dynamic_{name}", function, [x], False, ["b, _"]
    table, ids = real(7, 3), whole(4, high=7)
    yield "dynamic_embedding", lambda t, i: t[i], [table, ids], True, ["...", "b"]
    yield "dynamic_rows", lambda t, i: t[i], [table, ids], True, ["v, _", "b"]
    yield "dynamic_embedding_2d", lambda t, i: t[i], [table, whole(2, 3, high=7)], True, ["...", "b, n"]
    yield "dynamic_take", lambda x, i: jnp.take_along_axis(x, i[:, None], 1), [x, whole(4, high=3)], True, ["b, _", "b"]
    yield "dynamic_add_rows", lambda t, i, u: t.at[i].add(u), [table, ids, x], True, ["...", "b", "b, _"]
    yield "dynamic_set_rows", lambda t, i, u: t.at[i].set(u), [table, jnp.asarray([5, 0, 3, 1]), x], False, [
        "v, _", "b", "b, _"]
    yield "dynamic_segments", lambda x, i: jax.ops.segment_sum(x, i, 3), [x, whole(4, high=3)], True, ["b, _", "b"]
    yield "dynamic_two", lambda a, c: a @ c, [real(2, 3), real(3, 4)], True, ["m, k", "k, n"]
    yield "dynamic_double", lambda a, c: jnp.concatenate([a, a]) + c, [real(2), real(4)], True, ["n", "2*n"]
    yield "dynamic_slice_at", lambda x, i: lax.dynamic_slice(x, (i, 0), (1, 3)), [x, jnp.asarray(3)], True, ["b, _", ""]
    yield "dynamic_update_at", lambda x, i: lax.dynamic_update_slice(x, jnp.ones((1, 3)), (i, 0)), [
        x, jnp.asarray(2)], True, ["b, _", ""]
