"""The models: functions of arrays that return a number, as JAX users write them.

Each entry of `MODELS` has the function, its arguments, and how many of them are differentiated, from the first on.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

RANDOM = np.random.default_rng(3)
NHWC = ("NHWC", "HWIO", "NHWC")


def data(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


def weights(*shape, inputs):
    """Weights of a layer with some inputs, so that its outputs are as large as its inputs."""
    return (RANDOM.standard_normal(shape) / np.sqrt(inputs)).astype(np.float32)


def zeros(*shape):
    return np.zeros(shape, np.float32)


def ones(*shape):
    return np.ones(shape, np.float32)


def cross_entropy(logits, labels):
    return -jnp.mean(jnp.sum(jax.nn.log_softmax(logits) * jax.nn.one_hot(labels, logits.shape[-1]), axis=-1))


def mlp(w1, b1, w2, b2, w3, b3, x, labels):
    hidden = jax.nn.relu(x @ w1 + b1)
    hidden = jax.nn.relu(hidden @ w2 + b2)
    return cross_entropy(hidden @ w3 + b3, labels)


def convolution(x, kernel):
    return lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=NHWC)


def max_pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def conv_net(k1, b1, k2, b2, w, b, x, labels):
    x = max_pool(jax.nn.relu(convolution(x, k1) + b1))
    x = max_pool(jax.nn.relu(convolution(x, k2) + b2))
    return cross_entropy(x.reshape(x.shape[0], -1) @ w + b, labels)


def batch_norm(x, scale, shift):
    mean = x.mean((0, 1, 2))
    variance = ((x - mean) ** 2).mean((0, 1, 2))
    return (x - mean) * lax.rsqrt(variance + 1e-5) * scale + shift


def residual_block(k1, s1, t1, k2, s2, t2, x, target):
    hidden = jax.nn.relu(batch_norm(convolution(x, k1), s1, t1))
    hidden = batch_norm(convolution(hidden, k2), s2, t2)
    return jnp.mean((jax.nn.relu(hidden + x) - target) ** 2)


def layer_norm(x, scale, shift):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * scale + shift


def transformer_block(heads):
    def block(s1, t1, wqkv, wo, s2, t2, w1, b1, w2, b2, x, target):
        batch, length, width = x.shape
        q, k, v = jnp.split(layer_norm(x, s1, t1) @ wqkv, 3, axis=-1)
        q, k, v = (part.reshape(batch, length, heads, width // heads) for part in (q, k, v))
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / np.float32(np.sqrt(width // heads))
        scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, np.float32(-1e9))
        mixed = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), v).reshape(batch, length, width)
        x = x + mixed @ wo
        x = x + jax.nn.gelu(layer_norm(x, s2, t2) @ w1 + b1) @ w2 + b2
        return jnp.mean((x - target) ** 2)

    return block


def lstm(wx, wh, b, xs, target):
    def step(state, x):
        hidden, cell = state
        i, f, g, o = jnp.split(x @ wx + hidden @ wh + b, 4, axis=-1)
        cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
        hidden = jax.nn.sigmoid(o) * jnp.tanh(cell)
        return (hidden, cell), hidden

    start = jnp.zeros((xs.shape[1], wh.shape[0]), xs.dtype)
    _, hidden = lax.scan(step, (start, start), xs)
    return jnp.mean((hidden - target) ** 2)


def transformer_arguments(d, length, batch):
    return [
        ones(d), zeros(d), weights(d, 3 * d, inputs=d), weights(d, d, inputs=d), ones(d), zeros(d),
        weights(d, 4 * d, inputs=d), zeros(4 * d), weights(4 * d, d, inputs=4 * d), zeros(d),
        data(batch, length, d), data(batch, length, d),
    ]  # fmt: skip


def labels(batch):
    return RANDOM.integers(0, 10, batch).astype(np.int32)


MODELS = {
    "mlp": (mlp, [
        weights(784, 512, inputs=784), zeros(512), weights(512, 512, inputs=512), zeros(512),
        weights(512, 10, inputs=512), zeros(10), data(128, 784), labels(128)], 6),
    "conv_net": (conv_net, [
        weights(3, 3, 1, 32, inputs=9), zeros(32), weights(3, 3, 32, 64, inputs=288), zeros(64),
        weights(3136, 10, inputs=3136), zeros(10), data(64, 28, 28, 1), labels(64)], 6),
    "residual_block": (residual_block, [
        weights(3, 3, 64, 64, inputs=576), ones(64), zeros(64), weights(3, 3, 64, 64, inputs=576), ones(64), zeros(64),
        data(16, 32, 32, 64), data(16, 32, 32, 64)], 7),
    "transformer_256": (transformer_block(4), transformer_arguments(256, 128, 2), 11),
    "transformer_768": (transformer_block(12), transformer_arguments(768, 128, 2), 11),
    "lstm": (lstm, [
        weights(256, 1024, inputs=256), weights(256, 1024, inputs=256), zeros(1024), data(64, 32, 256),
        data(64, 32, 256)], 3),
}  # fmt: skip
