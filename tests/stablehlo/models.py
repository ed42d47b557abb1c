"""Models of machine learning whose derivatives of first and second order are compared: (name, function, arguments)."""

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import lax

from networks import NHWC, convolution, layer_norm, pool
from programs import real, whole


def rms_norm(x, scale):
    return x * lax.rsqrt((x**2).mean(-1, keepdims=True) + 1e-5) * scale


def cross_entropy(logits, labels):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], -1).mean()


def dense():
    def classifier(w1, b1, w2, b2, w3, b3, x, labels):
        x = jax.nn.relu(x @ w1 + b1)
        x = jax.nn.relu(x @ w2 + b2)
        return cross_entropy(x @ w3 + b3, labels)

    layers = [real(7, 6), real(6), real(6, 5), real(5), real(5, 4), real(4)]
    yield "model_mlp", classifier, [*layers, real(8, 7), whole(8, high=4)]
    floats = [real(*x.shape, dtype="float32") for x in layers]
    yield "model_mlp_f32", classifier, [*floats, real(8, 7, dtype="float32"), whole(8, high=4)]

    def dropout(w1, w2, x, key):
        hidden = jnp.tanh(x @ w1)
        kept = jax.random.bernoulli(key, 0.7, hidden.shape)
        return jnp.where(kept, hidden / 0.7, 0.0) @ w2

    yield "model_dropout", dropout, [real(4, 6), real(6, 2), real(5, 4), jnp.asarray([3, 9], "uint32")]

    def deep(ws, bs, x):
        return lax.scan(lambda x, layer: (x + jnp.tanh(x @ layer[0] + layer[1]), None), x, (ws, bs))[0]

    yield "model_layers_by_scan", deep, [real(5, 3, 3), real(5, 3), real(4, 3)]

    def gated(w, v, o, x):
        return (jax.nn.silu(x @ w) * (x @ v)) @ o

    yield "model_gated", gated, [real(4, 6), real(4, 6), real(6, 4), real(3, 4)]

    def experts(router, ws, x):
        scores = jax.nn.softmax(x @ router)
        weights, chosen = lax.top_k(scores, 2)
        hidden = jnp.tanh(jnp.einsum("bi,ebij->bej", x, ws[:, None].repeat(x.shape[0], 1)))
        picked = jnp.take_along_axis(hidden, chosen[..., None], 1)
        return jnp.einsum("bk,bkj->bj", weights / weights.sum(-1, keepdims=True), picked)

    yield "model_experts", experts, [real(3, 4), real(4, 3, 5), real(6, 3)]

    def autoencoder(wm, ws, wd, x, noise):
        mean, deviation = x @ wm, jnp.exp(0.5 * (x @ ws))
        decoded = jax.nn.sigmoid((mean + deviation * noise) @ wd)
        likelihood = jnp.sum((decoded - x) ** 2, -1)
        return jnp.mean(likelihood + 0.5 * jnp.sum(mean**2 + deviation**2 - 1 - 2 * jnp.log(deviation), -1))

    yield "model_variational", autoencoder, [real(5, 2), real(5, 2), real(2, 5), real(4, 5), real(4, 2)]

    def flow(ws, vs, x):
        """Affine couplings, with the logarithm of their determinant."""
        total = 0.0
        for w, v in zip(ws, vs):
            a, b = jnp.split(x, 2, -1)
            scale = jnp.tanh(a @ w)
            x = jnp.concatenate([b * jnp.exp(scale) + a @ v, a], -1)
            total = total + scale.sum(-1)
        return jnp.mean(total - 0.5 * (x**2).sum(-1))

    yield "model_flow", flow, [real(3, 2, 2), real(3, 2, 2), real(5, 4)]

    def contrastive(w, a, b, temperature):
        a, b = a @ w, b @ w
        a, b = (x / jnp.linalg.norm(x, axis=-1, keepdims=True) for x in (a, b))
        scores = a @ b.T / temperature
        return -jnp.mean(jnp.diagonal(jax.nn.log_softmax(scores, 1)) + jnp.diagonal(jax.nn.log_softmax(scores, 0)))

    yield "model_contrastive", contrastive, [real(4, 3), real(5, 4), real(5, 4), real(low=0.5, high=1.0)]

    def triplet(w, a, p, n):
        far = lambda x, y: jnp.sqrt(jnp.sum((x @ w - y @ w) ** 2, -1) + 1e-6)
        return jnp.mean(jax.nn.softplus(far(a, p) - far(a, n) + 0.3))

    yield "model_triplet", triplet, [real(4, 3), real(5, 4), real(5, 4), real(5, 4)]

    def hyper(w, z, x):
        weights = jnp.tanh(z @ w).reshape(-1, 3, 2)
        return jnp.einsum("bi,bij->bj", x, weights)

    yield "model_hyper", hyper, [real(2, 6), real(4, 2), real(4, 3)]

    def factors(users, items, bias, rows, columns, ratings):
        found = (users[rows] * items[columns]).sum(-1) + bias[columns]
        return jnp.mean((found - ratings) ** 2) + 0.1 * jnp.sum(users**2)

    yield ("model_factors", factors,
           [real(5, 3), real(6, 3), real(6), whole(9, high=5), whole(9, high=6), real(9)])

    def machine(w, v, x):
        """A factorization machine."""
        return x @ w + 0.5 * ((x @ v) ** 2 - (x**2) @ v**2).sum(-1)

    yield "model_factorization_machine", machine, [real(5), real(5, 3), real(4, 5)]

    def radial(centers, widths, w, x):
        distance = ((x[:, None] - centers) ** 2).sum(-1)
        return jnp.exp(-distance * jax.nn.softplus(widths)) @ w

    yield "model_radial", radial, [real(4, 2), real(4), real(4), real(6, 2)]

    def sets(w1, w2, w3, x):
        hidden = jnp.tanh(x @ w1)
        return jnp.concatenate([hidden.max(1), hidden.mean(1)], -1) @ w2 + jax.nn.logsumexp(hidden, 1) @ w3

    yield "model_sets", sets, [real(3, 5), real(10, 2), real(5, 2), real(4, 6, 3)]

    def focal(w, x, labels):
        p = jax.nn.softmax(x @ w)[jnp.arange(x.shape[0]), labels]
        return -jnp.mean((1 - p) ** 2 * jnp.log(p))

    yield "model_focal", focal, [real(4, 3), real(6, 4), whole(6, high=3)]


def graphs():
    edges = [whole(10, high=6), whole(10, high=6)]

    def convolved(w1, w2, x, source, target):
        degree = jax.ops.segment_sum(jnp.ones(10), target, 6) + 1
        for w in (w1, w2):
            x = jnp.tanh((jax.ops.segment_sum(x[source] @ w, target, 6) + x @ w) / degree[:, None])
        return x.sum(0)

    yield "model_graph", convolved, [real(3, 4), real(4, 2), real(6, 3), *edges]

    def attended(w, a, b, x, source, target):
        x = x @ w
        score = jnp.tanh((x @ a)[source] + (x @ b)[target])
        greatest = jax.ops.segment_max(score, target, 6)
        weight = jnp.exp(score - lax.stop_gradient(greatest)[target])
        total = jax.ops.segment_sum(weight, target, 6)
        return jax.ops.segment_sum(x[source] * (weight / total[target])[:, None], target, 6)

    yield "model_graph_attention", attended, [real(3, 4), real(4), real(4), real(6, 3), *edges]


def attention():
    def heads(wq, wk, wv, wo, x, y):
        q, k, v = x @ wq, y @ wk, y @ wv
        q = q.reshape(*q.shape[:2], 4, -1)
        scores = jnp.einsum("bqhd,bkd->bhqk", q, k) / jnp.sqrt(q.shape[-1])
        slope = -jnp.abs(jnp.arange(x.shape[1])[:, None] - jnp.arange(y.shape[1])) * 0.5 ** jnp.arange(4)[:, None, None]
        return jnp.einsum("bhqk,bkd->bqhd", jax.nn.softmax(scores + slope), v).reshape(q.shape[:2] + (-1,)) @ wo

    yield ("model_cross_attention", heads,
           [real(4, 8), real(3, 2), real(3, 2), real(8, 4), real(2, 5, 4), real(2, 4, 3)])

    def linear(q, k, v):
        q, k = jax.nn.elu(q) + 1, jax.nn.elu(k) + 1

        def step(state, qkv):
            s, z = state
            q, k, v = qkv
            s, z = s + jnp.outer(k, v), z + k
            return (s, z), q @ s / (q @ z)

        return lax.scan(step, (jnp.zeros((3, 2)), jnp.zeros(3)), (q, k, v))[1]

    yield "model_linear_attention", linear, [real(6, 3), real(6, 3), real(6, 2)]

    def decoder(s1, wq, wk, wv, wo, s2, wg, wu, wd, x):
        length, width = x.shape[1:]
        h = rms_norm(x, s1)
        place = jnp.arange(length)
        near = (place[:, None] >= place) & (place[:, None] - place < 3)
        scores = jnp.where(near, (h @ wq) @ (h @ wk).transpose(0, 2, 1) / jnp.sqrt(width), -jnp.inf)
        x = x + jax.nn.softmax(scores) @ (h @ wv) @ wo
        h = rms_norm(x, s2)
        return x + (jax.nn.silu(h @ wg) * (h @ wu)) @ wd

    yield ("model_decoder", decoder,
           [real(4, low=0.5), *(real(4, 4) for _ in range(4)), real(4, low=0.5), real(4, 6), real(4, 6), real(6, 4),
            real(2, 5, 4)])

    def vision(patch, place, wq, wk, wv, head, image):
        x = jnp.tanh(convolution(image, patch, (2, 2), "VALID")).reshape(image.shape[0], -1, patch.shape[-1]) + place
        x = x + jax.nn.softmax((x @ wq) @ (x @ wk).transpose(0, 2, 1) / 8) @ (x @ wv)
        return layer_norm(x.mean(1), 1.0, 0.0) @ head

    yield ("model_vision", vision,
           [real(2, 2, 3, 4), real(9, 4), *(real(4, 4) for _ in range(3)), real(4, 3), real(2, 6, 6, 3)])

    def jax_attention(q, k, v):
        return jax.nn.dot_product_attention(q, k, v, is_causal=True)

    # In f32: JAX takes the softmax in f32 for every type.
    yield ("model_dot_product_attention", jax_attention, [real(2, 5, 2, 4, dtype="float32") for _ in range(3)])


def recurrent():
    def both(wf, wb, u, x):
        forward = lax.scan(lambda h, x: (jnp.tanh(x @ wf + h @ u),) * 2, jnp.zeros((2, 3)), x)[1]
        backward = lax.scan(lambda h, x: (jnp.tanh(x @ wb + h @ u),) * 2, jnp.zeros((2, 3)), x, reverse=True)[1]
        return jnp.concatenate([forward, backward], -1)

    yield "model_bidirectional", both, [real(4, 3), real(4, 3), real(3, 3), real(5, 2, 4)]

    def selective(a, b, x):
        """A diagonal state space, by an associative scan."""
        combine = lambda l, r: (l[0] * r[0], l[1] * r[0] + r[1])
        return lax.associative_scan(combine, (jax.nn.sigmoid(a), b * x))[1]

    yield "model_state_space", selective, [real(7, 3), real(7, 3), real(7, 3)]

    def field(transitions, emissions, tags):
        """A conditional random field: the likelihood of a sequence of tags."""
        forward = lambda alpha, e: (jax.nn.logsumexp(alpha[:, None] + transitions, 0) + e, None)
        total = jax.nn.logsumexp(lax.scan(forward, emissions[0], emissions[1:])[0])
        score = jnp.take_along_axis(emissions, tags[:, None], 1).sum() + transitions[tags[:-1], tags[1:]].sum()
        return total - score

    yield "model_random_field", field, [real(3, 3), real(6, 3), whole(6, high=3)]

    def temporal(logits, labels):
        return optax.ctc_loss(logits, jnp.zeros(logits.shape[:2]), labels, jnp.zeros(labels.shape))

    yield "model_ctc", temporal, [real(2, 6, 4), jnp.asarray([[1, 2, 1], [3, 3, 2]], "int32")]

    def warped(x, y, gamma):
        """Soft dynamic time warping."""
        cost = (x[:, None] - y) ** 2

        def row(above, cost):
            def cell(left, each):
                diagonal, up, cost = each
                value = cost - gamma * jax.nn.logsumexp(-jnp.stack([diagonal, up, left]) / gamma)
                return value, value

            below = lax.scan(cell, 1e3, (above[:-1], above[1:], cost))[1]
            return jnp.concatenate([jnp.full(1, 1e3), below]), None

        return lax.scan(row, jnp.concatenate([jnp.zeros(1), jnp.full(y.size, 1e3)]), cost)[0][-1]

    yield "model_time_warping", warped, [real(4), real(5), real(low=0.5, high=1.0)]


def images():
    def unet(k1, k2, k3, x):
        a = jax.nn.silu(convolution(x, k1))
        b = jnp.tanh(convolution(pool(a, 0.0, lax.add) / 4, k2))
        up = jax.image.resize(b, a.shape[:3] + b.shape[3:], "bilinear")
        return convolution(jnp.concatenate([a, up], -1), k3)

    yield "model_unet", unet, [real(3, 3, 2, 3), real(3, 3, 3, 4), real(3, 3, 7, 1), real(1, 6, 6, 2)]

    def excited(k, w1, w2, x):
        x = convolution(x, k)
        scale = jax.nn.sigmoid(jax.nn.relu(x.mean((1, 2)) @ w1) @ w2)
        return (x * scale[:, None, None]).sum((1, 2))

    yield "model_squeezed", excited, [real(3, 3, 2, 4), real(4, 3), real(3, 4), real(2, 5, 5, 2)]

    def grouped(k, scale, shift, x):
        x = convolution(x, k)
        g = x.reshape(*x.shape[:3], 2, -1)
        mean, spread = g.mean((1, 2, 4), keepdims=True), g.var((1, 2, 4), keepdims=True)
        return jax.nn.gelu(((g - mean) * lax.rsqrt(spread + 1e-5)).reshape(x.shape) * scale + shift)

    yield "model_group_norm", grouped, [real(3, 3, 2, 4), real(4, low=0.5), real(4), real(2, 4, 5, 2)]

    def similar(a, b):
        """The structural similarity of two images."""
        window = jnp.full((3, 3, 1, 1), 1 / 9)
        mean = lambda x: convolution(x, window, padding="VALID")
        ma, mb = mean(a), mean(b)
        va, vb, both = mean(a * a) - ma**2, mean(b * b) - mb**2, mean(a * b) - ma * mb
        return jnp.mean((2 * ma * mb + 0.01) * (2 * both + 0.03) / ((ma**2 + mb**2 + 0.01) * (va + vb + 0.03)))

    yield "model_similarity", similar, [real(1, 6, 7, 1), real(1, 6, 7, 1)]

    def varied(x):
        return jnp.sum(jnp.sqrt((x[1:, :-1] - x[:-1, :-1]) ** 2 + (x[:-1, 1:] - x[:-1, :-1]) ** 2 + 1e-3))

    yield "model_total_variation", varied, [real(6, 7)]

    def sampled(image, theta):
        """A spatial transformer: bilinear samples of an image at the places that an affine map gives."""
        n = image.shape[0]
        grid = jnp.stack(jnp.meshgrid(jnp.linspace(-0.7, 0.7, 4), jnp.linspace(-0.6, 0.6, 5), indexing="ij"), -1)
        places = ((grid @ theta[:, :2].T + theta[:, 2]) + 1) * (n - 1) / 2
        return jax.scipy.ndimage.map_coordinates(image, [places[..., 0], places[..., 1]], 1, mode="nearest")

    turn = jnp.asarray([[0.8, -0.3, 0.05], [0.2, 0.9, -0.1]])
    yield "model_spatial_transformer", sampled, [real(7, 7), turn]


def libraries():
    """Models and training steps of Equinox and Optax."""
    key = jax.random.key(0)
    perceptron = eqx.nn.MLP(3, 2, 5, 2, activation=jnp.tanh, key=key, dtype="float64")
    weights, rest = eqx.partition(perceptron, eqx.is_inexact_array)

    def loss(weights, x, y):
        return jnp.mean((jax.vmap(eqx.combine(weights, rest))(x) - y) ** 2)

    batch = [real(6, 3), real(6, 2)]
    yield "model_equinox_mlp", loss, [weights, *batch]

    gru = eqx.nn.GRUCell(3, 4, key=key, dtype="float64")
    yield ("model_equinox_gru",
           lambda gru, xs: lax.scan(lambda h, x: (gru(x, h), None), jnp.zeros(4), xs)[0], [gru, real(5, 3)])

    layers = eqx.nn.Conv2d(2, 3, 3, key=key, dtype="float64"), eqx.nn.LayerNorm((3, 4, 4), dtype="float64")
    arrays, others = eqx.partition(layers, eqx.is_inexact_array)

    def convolved(arrays, x):
        layer, norm = eqx.combine(arrays, others)
        return eqx.nn.AvgPool2d(2, 2)(jax.nn.gelu(norm(layer(x))))

    yield "model_equinox_conv", convolved, [arrays, real(2, 6, 6)]

    for name, optimizer in [
        ("adam", optax.adam(1e-2, eps=1e-3)),
        ("adamw", optax.adamw(optax.cosine_decay_schedule(1e-2, 10), eps=1e-3)),
        ("momentum", optax.chain(optax.clip_by_global_norm(0.5), optax.sgd(1e-1, momentum=0.9, nesterov=True))),
        ("rmsprop", optax.rmsprop(1e-2, eps=1e-3)),
    ]:
        def step(weights, state, x, y, optimizer=optimizer):
            value, gradient = jax.value_and_grad(loss)(weights, x, y)
            updates, state = optimizer.update(gradient, state, weights)
            return optax.apply_updates(weights, updates), state, value

        # A state that has seen steps: the derivative of a square root at zero is infinite.
        state = optimizer.init(weights)
        for _ in range(2):
            trained, state, _ = step(weights, state, *batch)
        yield f"model_optax_{name}", step, [trained, state, *batch]


def all_models():
    for section in [dense, graphs, attention, recurrent, images, libraries]:
        yield from section()
