"""Models whose gradients are compared: (name, function, arguments, True)."""

import jax
import jax.numpy as jnp
from jax import lax

from programs import real, whole

NHWC = ("NHWC", "HWIO", "NHWC")


def convolution(x, kernel, strides=(1, 1), padding="SAME", **options):
    return lax.conv_general_dilated(x, kernel, strides, padding, dimension_numbers=NHWC, **options)


def pool(x, start, combine, size=2, stride=2, padding="VALID"):
    return lax.reduce_window(x, start, combine, (1, size, size, 1), (1, stride, stride, 1), padding)


def batch_norm(x, scale, shift):
    mean = x.mean((0, 1, 2))
    variance = ((x - mean) ** 2).mean((0, 1, 2))
    return (x - mean) * lax.rsqrt(variance + 1e-3) * scale + shift


def layer_norm(x, scale, shift):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * scale + shift


def convolutional():
    def normalized(k1, s1, t1, k2, w, x):
        x = jnp.tanh(batch_norm(convolution(x, k1), s1, t1))
        x = pool(x, -jnp.inf, lax.max)
        x = jax.nn.gelu(convolution(x, k2, (2, 2)))
        return jax.nn.log_softmax(x.mean((1, 2)) @ w)

    yield ("net_conv_batch_norm", normalized,
           [real(3, 3, 2, 4), real(4, low=0.5), real(4), real(3, 3, 4, 5), real(5, 3), real(2, 8, 8, 2)], True)

    def residual(k1, s1, t1, k2, s2, t2, x):
        hidden = jax.nn.silu(batch_norm(convolution(x, k1), s1, t1))
        return jax.nn.silu(batch_norm(convolution(hidden, k2), s2, t2) + x)

    yield ("net_residual", residual,
           [real(3, 3, 3, 3), real(3, low=0.5), real(3), real(3, 3, 3, 3), real(3, low=0.5), real(3), real(2, 5, 5, 3)],
           True)

    def separable(depthwise, pointwise, x):
        x = convolution(x, depthwise, (2, 2), feature_group_count=x.shape[-1])
        return jnp.sin(convolution(x, pointwise))

    yield "net_separable", separable, [real(3, 3, 1, 4), real(1, 1, 4, 6), real(2, 7, 6, 4)], True

    def autoencoder(down, up, x):
        hidden = jnp.tanh(convolution(x, down, (2, 2)))
        return jnp.mean((lax.conv_transpose(hidden, up, (2, 2), "SAME", dimension_numbers=NHWC) - x) ** 2)

    yield "net_autoencoder", autoencoder, [real(3, 3, 2, 3), real(3, 3, 3, 2), real(2, 6, 6, 2)], True

    def dilated(k1, k2, x):
        x = jnp.tanh(lax.conv_general_dilated(x, k1, (1,), ((4, 0),), rhs_dilation=(2,),
                                              dimension_numbers=("NWC", "WIO", "NWC")))
        return lax.conv_general_dilated(x, k2, (3,), ((2, 1),), rhs_dilation=(1,),
                                        dimension_numbers=("NWC", "WIO", "NWC"))

    yield "net_dilated", dilated, [real(3, 2, 17), real(2, 17, 2), real(2, 9, 2)], True

    def wide(k, x):
        return jnp.tanh(convolution(x, k, (2, 3), ((1, 2), (0, 1))))

    yield "net_conv_wide", wide, [real(3, 2, 16, 5), real(2, 9, 8, 16)], True
    yield "net_conv_wide_f32", wide, [real(3, 2, 16, 5, dtype="float32"), real(2, 9, 8, 16, dtype="float32")], True
    yield ("net_conv_unused", wide, [real(2, 2, 16, 2), real(1, 4, 2, 16)], True)

    def averaged(x):
        x = pool(x, 0.0, lax.add, 3, 2, "SAME") / 9
        return pool(jnp.sin(x), jnp.inf, lax.min, 2, 1)

    yield "net_pooling", averaged, [real(2, 7, 7, 3)], True
    yield ("net_max_pool_gradient", jax.grad(lambda x: jnp.sum(jnp.sin(pool(x, -jnp.inf, lax.max, 3, 2, "SAME")))),
           [real(1, 7, 6, 2)], False)

    def line(x):
        return jnp.sum(lax.reduce_window(x, -jnp.inf, lax.max, (3,), (1,), ((2, 1),)))

    yield "net_max_pool_all", jax.grad(line), [real(5)], False

    def combined(x):
        return lax.reduce_window(x, 0.0, lambda a, b: a + b - 0.1 * a * b, (2, 2), (1, 2), "VALID")

    yield "net_window_any", combined, [real(4, 6)], False


def sequential():
    def gru(wx, wh, b, bh, xs):
        def cell(h, x):
            i, j = x @ wx + b, h @ wh + bh
            ir, iz, iw = jnp.split(i, 3, -1)
            hr, hz, hw = jnp.split(j, 3, -1)
            r, z = jax.nn.sigmoid(ir + hr), jax.nn.sigmoid(iz + hz)
            h = (1 - z) * jnp.tanh(iw + r * hw) + z * h
            return h, h

        return lax.scan(cell, jnp.zeros((xs.shape[1], wh.shape[0])), xs)[1]

    yield "net_gru", gru, [real(3, 12), real(4, 12), real(12), real(12), real(5, 2, 3)], True

    def lstm(wx, wh, b, xs):
        def cell(state, x):
            h, c = state
            i, f, g, o = jnp.split(x @ wx + h @ wh + b, 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), None

        zeros = jnp.zeros((xs.shape[1], wh.shape[0]))
        return lax.scan(cell, (zeros, zeros), xs, reverse=True)[0]

    yield "net_lstm_batch", lstm, [real(3, 16), real(4, 16), real(16), real(5, 2, 3)], True

    def rk4(y0, w, t):
        def slope(y):
            return jnp.tanh(w @ y)

        def step(y, h):
            k1 = slope(y)
            k2 = slope(y + h / 2 * k1)
            k3 = slope(y + h / 2 * k2)
            k4 = slope(y + h * k3)
            return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

        return lax.scan(step, y0, jnp.diff(t))[0]

    yield "net_rk4", rk4, [real(3), real(3, 3), jnp.linspace(0.0, 1.0, 6)], True

    def adam(w, m, v, x, y):
        gradient = jax.grad(lambda w: jnp.mean((jnp.tanh(x @ w) - y) ** 2))(w)
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        return w - 0.1 * (m / (1 - 0.9)) / (jnp.sqrt(v / (1 - 0.999)) + 1e-3), m, v

    yield "net_adam", adam, [real(4, 2), real(4, 2), real(4, 2, low=0.1), real(6, 4), real(6, 2)], True


def attentive():
    def block(s1, t1, wqkv, wo, s2, t2, w1, b1, w2, b2, x):
        batch, length, width = x.shape
        q, k, v = (part.reshape(batch, length, 2, -1) for part in jnp.split(layer_norm(x, s1, t1) @ wqkv, 3, -1))
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / jnp.sqrt(width // 2)
        scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, -1e9)
        x = x + jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), v).reshape(x.shape) @ wo
        return x + jax.nn.gelu(layer_norm(x, s2, t2) @ w1 + b1) @ w2 + b2

    yield ("net_transformer", block,
           [real(8), real(8), real(8, 24), real(8, 8), real(8), real(8), real(8, 16), real(16), real(16, 8), real(8),
            real(2, 5, 8)], True)

    def rotary(q, k, v):
        angle = jnp.arange(q.shape[1])[:, None] * 10.0 ** -jnp.arange(q.shape[2] // 2)

        def turned(x):
            a, b = jnp.split(x, 2, -1)
            cos, sin = jnp.cos(angle), jnp.sin(angle)
            return jnp.concatenate([a * cos - b * sin, a * sin + b * cos], -1)

        return jax.nn.softmax(turned(q) @ turned(k).transpose(0, 2, 1)) @ v

    yield "net_rotary", rotary, [real(2, 4, 6), real(2, 5, 6)[:, :4], real(2, 4, 3)], True

    def embedding(words, places, w, tokens, labels):
        x = words[tokens] + places[None, : tokens.shape[1]]
        logits = jax.nn.log_softmax(jnp.tanh(x) @ w)
        return -jnp.take_along_axis(logits, labels[..., None], -1).mean()

    yield ("net_embedding", embedding,
           [real(9, 4), real(6, 4), real(4, 7), whole(2, 5, high=9), whole(2, 5, high=7)], True)


def tensors():
    def einsums(a, b, c):
        return (jnp.einsum("ij,jk->ik", a, b), jnp.einsum("ij,ij->j", a, a), jnp.einsum("ij,kl->jlik", a, b)[0, 0],
                jnp.einsum("ij,jk,kl->il", a, b, c), jnp.einsum("ii->", c @ c.T), jnp.einsum("ij->ji", a))

    yield "net_einsum", einsums, [real(3, 4), real(4, 2), real(2, 5)], True

    def cumulative(x):
        return jnp.cumsum(x, 0), jnp.cumprod(x, 1), lax.cumlogsumexp(x, axis=1), lax.cumsum(x, axis=1, reverse=True)

    yield "net_cumulative", cumulative, [real(3, 5, low=0.5)], True

    def bilinear(image, at):
        low = jnp.floor(at).astype("int32")
        part = at - low
        (i, j), (a, b) = low.T, part.T
        return ((1 - a) * (1 - b) * image[i, j] + (1 - a) * b * image[i, j + 1] + a * (1 - b) * image[i + 1, j]
                + a * b * image[i + 1, j + 1])

    yield "net_interpolation", bilinear, [real(5, 6), real(7, 2, low=0.1, high=3.9)], True

    def mixture(logits, means, scales, x):
        terms = -0.5 * (((x[:, None] - means) * jnp.exp(scales)) ** 2).sum(-1) + scales.sum(-1)
        return jax.nn.logsumexp(terms + jax.nn.log_softmax(logits), -1).mean()

    yield "net_mixture", mixture, [real(3), real(3, 2), real(3, 2), real(5, 2)], True

    def energy(w, x):
        return jnp.sum(jnp.tanh(x @ w) ** 2)

    w, x = real(3, 2), real(4, 3)
    yield "net_hessian", jax.hessian(energy), [w, x], False
    yield "net_jvp", lambda w, x, v: jax.jvp(energy, (w, x), (v, x)), [w, x, real(3, 2)], True
    yield "net_gradient_of_gradient", jax.grad(energy), [w, x], True


def all_networks():
    for section in [convolutional, sequential, attentive, tensors]:
        yield from section()
