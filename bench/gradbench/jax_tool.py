"""JAX as a tool of GradBench, compiled by jit; each call waits until its result is ready."""

import os
import sys
from functools import partial
from itertools import combinations
from math import log, pi
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import jax  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
from protocol import serve  # noqa: E402


def square(x):
    return x * x


def ode(s, x):
    h = 2.0 / s

    def slope(y):
        return x * jnp.concatenate([jnp.ones(1), y[:-1]])

    def step(y, _):
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        return y + h / 6 * (k1 + 2 * (k2 + k3) + k4), None

    return jax.lax.scan(step, jnp.zeros_like(x), None, length=s)[0]


def lse(x):
    top = jax.lax.stop_gradient(x.max())
    return jnp.log(jnp.exp(x - top).sum()) + top


def llsq(n, x):
    t = -1 + jnp.arange(n) * 2 / (n - 1)

    polynomial = jax.lax.scan(lambda p, coefficient: (p * t + coefficient, None), jnp.zeros(n), x, reverse=True)[0]
    r = jnp.sign(t) - polynomial
    return 0.5 * (r * r).sum()


def logsumexp(x, axis):
    top = jax.lax.stop_gradient(x.max(axis, keepdims=True))
    return jnp.log(jnp.exp(x - top).sum(axis)) + top.squeeze(axis)


def gmm(x, gamma, m, alpha, mu, q, l):
    (n, d), k = x.shape, len(alpha)
    columns, rows = np.triu_indices(d, 1)
    lower = jnp.zeros((k, d, d)).at[:, rows, columns].set(l)
    diagonal = jnp.exp(q)
    full = lower + diagonal[:, :, None] * jnp.eye(d)
    qx = jnp.einsum("nd,kid->nki", x, full) - jnp.einsum("kid,kd->ki", full, mu)
    terms = alpha + q.sum(1) - 0.5 * (qx * qx).sum(2)
    freedom = d + m + 1
    constant = freedom * d * (jnp.log(gamma) - 0.5 * log(2)) - jax.scipy.special.multigammaln(0.5 * freedom, d)
    prior = k * constant - 0.5 * gamma**2 * ((diagonal**2).sum() + (l * l).sum()) + m * q.sum()
    return logsumexp(terms, 1).sum() - n * logsumexp(alpha, 0) - n * d * 0.5 * log(2 * pi) + prior


def lstm(state, sequence, main, extra):
    layers, bits = len(state), sequence.shape[1]
    in_weight, out_weight, out_bias = extra

    def step(state, characters):
        now, gold = characters
        x, states = now * in_weight, []
        for layer in range(layers):
            (wf, wi, wo, wc), (bf, bi, bo, bc) = main[layer]
            hidden, cell = state[layer]
            cell = cell * jax.nn.sigmoid(x * wf + bf) + jax.nn.sigmoid(hidden * wi + bi) * jnp.tanh(hidden * wc + bc)
            x = jax.nn.sigmoid(x * wo + bo) * jnp.tanh(cell)
            states.append((x, cell))
        y = x * out_weight + out_bias
        return states, (gold * (y - jnp.log(jnp.exp(y).sum() + 2))).sum()

    start = [(state[layer, 0], state[layer, 1]) for layer in range(layers)]
    gains = jax.lax.scan(step, start, (sequence[:-1], sequence[1:]))[1]
    return -gains.sum() / ((len(sequence) - 1) * bits)


def det(a):
    """Expansion along the last row of ever larger minors, all minors of a size at once."""
    n = len(a)
    minors, number = jnp.ones(1), {(): 0}
    for size in range(1, n + 1):
        sets = list(combinations(range(n), size))
        smaller = np.array([[number[s[:i] + s[i + 1 :]] for i in range(size)] for s in sets])
        signs = (-1.0) ** (size - 1 - np.arange(size))
        minors = (signs * a[size - 1][np.array(sets)] * minors[smaller]).sum(1)
        number = {s: i for i, s in enumerate(sets)}
    return minors[0]


def array(value):
    return jnp.asarray(np.asarray(value, dtype=np.float64))


def network(data):
    main, extra, state, sequence = (array(data[name]) for name in ("main_params", "extra_params", "state", "sequence"))
    layers, bits = len(state) // 2, sequence.shape[1]
    return (), (state.reshape(layers, 2, bits), sequence, main.reshape(layers, 2, 4, bits), extra)


def mixture(data):
    names = ("x", "gamma", "m", "alpha", "mu", "q", "l")
    return (), tuple(array(data[name]) for name in names[:1]) + (data["gamma"], data["m"]) + tuple(
        array(data[name]) for name in names[3:]
    )


def flat(gradient):
    return np.asarray(gradient).ravel().tolist()


# For each eval: the names of the primal and the gradient, the function, the static arguments and the others from an
# input, the argument or arguments of the gradient, its output, and what the gradient differentiates.
EVALS = {
    "hello": ("square", "double", square, lambda x: ((), (float(x),)), 0, float, square),
    "ode": ("primal", "gradient", ode, lambda data: ((data["s"],), (array(data["x"]),)), 1, flat,
            lambda s, x: ode(s, x)[-1]),
    "lse": ("primal", "gradient", lse, lambda data: ((), (array(data["x"]),)), 0, flat, lse),
    "llsq": ("primal", "gradient", llsq, lambda data: ((data["n"],), (array(data["x"]),)), 1, flat, llsq),
    "gmm": ("objective", "jacobian", gmm, mixture, (3, 4, 5, 6),
            lambda g: dict(zip(("alpha", "mu", "q", "l"), (part.tolist() for part in g))), gmm),
    "lstm": ("objective", "jacobian", lstm, network, (2, 3), lambda g: [x for part in g for x in flat(part)], lstm),
    "det": ("primal", "gradient", det, lambda data: ((), (array(data["A"]).reshape(data["ell"], -1),)), 0, flat, det),
}

compiled = {}


def define(module):
    primal, gradient, function, _, arguments, _, differentiated = EVALS[module]
    static = (0,) if module in ("ode", "llsq") else ()
    compiled[module, primal] = jax.jit(function, static_argnums=static)
    # The value too, as our gradients have it.
    compiled[module, gradient] = jax.jit(jax.value_and_grad(differentiated, arguments), static_argnums=static)


def prepare(module, function, data, memory):
    primal, _, _, arguments, _, convert, _ = EVALS[module]
    static, others = arguments(data)
    call = partial(compiled[module, function], *static, *others)
    if function == primal:
        return lambda: jax.block_until_ready(call()), lambda result: np.asarray(result).tolist()
    return lambda: jax.block_until_ready(call()), lambda result: convert(result[1])


if __name__ == "__main__":
    serve("jax", define, prepare)
