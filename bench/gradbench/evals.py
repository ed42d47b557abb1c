"""Inputs of GradBench's evals, and their results computed otherwise."""

from math import lgamma, log, pi

import numpy as np

SEED = 31337


def hello(x):
    return x


def ode(n, s):
    return {"x": random().random(n).tolist(), "s": s}


def lse(n):
    return {"x": random().random(n).tolist()}


def llsq(n, m):
    return {"x": random().random(m).tolist(), "n": n}


def det(ell):
    return {"A": random().random(ell * ell).tolist(), "ell": ell}


def gmm(d, k, n=1000):
    draw = random()
    return {
        "d": d,
        "k": k,
        "n": n,
        "x": draw.normal(size=(n, d)).tolist(),
        "m": 0,
        "gamma": 1.0,
        "mu": draw.uniform(size=(k, d)).tolist(),
        "q": draw.normal(size=(k, d)).tolist(),
        "l": draw.normal(size=(k, d * (d - 1) // 2)).tolist(),
        "alpha": draw.normal(size=k).tolist(),
    }


def lstm(layers, characters, bits=14):
    draw = random()
    return {
        "main_params": draw.random((2 * layers, 4 * bits)).tolist(),
        "extra_params": draw.random((3, bits)).tolist(),
        "state": draw.random((2 * layers, bits)).tolist(),
        "sequence": draw.integers(0, 2, (characters, bits)).astype(float).tolist(),
    }


def random():
    return np.random.default_rng(SEED)


# For each eval: its primal, its gradient, the input of a size, and the sizes. The sizes are GradBench's, after a small
# one where the gradient of a large one says little: it underflows to 0 in `ode`.
EVALS = {
    "hello": ("square", "double", hello, [(3.0,)]),
    "ode": ("primal", "gradient", ode, [(6, 20), (1_000, 100), (10_000, 100)]),
    "lstm": ("objective", "jacobian", lstm, [(2, 1_024), (4, 4_096)]),
    "gmm": ("objective", "jacobian", gmm, [(10, 25), (20, 50), (64, 100)]),
    "lse": ("primal", "gradient", lse, [(160_000,), (1_280_000,)]),
    "llsq": ("primal", "gradient", llsq, [(1_024, 128), (16_392, 128)]),
    "det": ("primal", "gradient", det, [(5,), (8,), (11,)]),
}


def hello_expected(x):
    return x * x, 2 * x


def ode_expected(data):
    x, h = np.array(data["x"]), 2.0 / data["s"]
    y = np.zeros_like(x)

    def slope(y):
        return x * np.concatenate([[1.0], y[:-1]])

    for _ in range(data["s"]):
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    # The last component is a constant times the product of all x.
    return y, y[-1] / x


def lse_expected(data):
    x = np.array(data["x"])
    e = np.exp(x - x.max())
    return np.log(e.sum()) + x.max(), e / e.sum()


def llsq_expected(data):
    x, n = np.array(data["x"]), data["n"]
    t = -1 + np.arange(n) * 2 / (n - 1)
    powers = np.vander(t, len(x), increasing=True)
    r = np.sign(t) - powers @ x
    return 0.5 * (r * r).sum(), -r @ powers


def det_expected(data):
    a = np.array(data["A"]).reshape(data["ell"], -1)
    value = np.linalg.det(a)
    return value, value * np.linalg.inv(a).T


def gmm_expected(data):
    n, d, k, m, gamma = (data[name] for name in ("n", "d", "k", "m", "gamma"))
    x, mu, q, l, alpha = (np.array(data[name]) for name in ("x", "mu", "q", "l", "alpha"))
    columns, rows = np.triu_indices(d, 1)
    freedom = d + m + 1
    log_gamma = d * (d - 1) / 4 * log(pi) + sum(lgamma((freedom - j) / 2) for j in range(d))
    constant = k * (freedom * d * (log(gamma) - 0.5 * log(2)) - log_gamma) - n * d * 0.5 * log(2 * pi)
    matrices, terms, scaled = [], np.empty((k, n)), []
    for i in range(k):
        matrix = np.diag(np.exp(q[i]))
        matrix[rows, columns] = l[i]
        matrices.append(matrix)
        scaled.append((x - mu[i]) @ matrix.T)
        terms[i] = alpha[i] + q[i].sum() - 0.5 * (scaled[i] ** 2).sum(1)
    top = terms.max(0)
    sums = top + np.log(np.exp(terms - top).sum(0))
    weights = np.exp(alpha - alpha.max())
    prior = m * q.sum() - 0.5 * gamma**2 * (np.exp(2 * q).sum() + (l**2).sum())
    value = constant + sums.sum() - n * (np.log(weights.sum()) + alpha.max()) + prior
    share = np.exp(terms - sums)
    d_mu, d_q, d_l = np.empty_like(mu), np.empty_like(q), np.empty_like(l)
    for i in range(k):
        outer = -(share[i][:, None] * scaled[i]).T @ (x - mu[i])
        d_mu[i] = share[i] @ scaled[i] @ matrices[i]
        d_q[i] = share[i].sum() + np.diag(outer) * np.exp(q[i]) + m - gamma**2 * np.exp(2 * q[i])
        d_l[i] = outer[rows, columns] - gamma**2 * l[i]
    d_alpha = share.sum(1) - n * weights / weights.sum()
    return value, {"alpha": d_alpha, "mu": d_mu, "q": d_q, "l": d_l}


def lstm_loss(main, extra, data):
    state, sequence = np.array(data["state"]), np.array(data["sequence"])
    layers, bits = len(state) // 2, sequence.shape[1]
    gates = main.reshape(layers, 2, 4, bits)
    hidden, cell = [list(part) for part in state.reshape(layers, 2, bits).transpose(1, 0, 2)]

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    total = 0.0
    for now, gold in zip(sequence, sequence[1:]):
        x = now * extra[0]
        for i, ((wf, wi, wo, wc), (bf, bi, bo, bc)) in enumerate(gates):
            change = sigmoid(hidden[i] * wi + bi) * np.tanh(hidden[i] * wc + bc)
            cell[i] = cell[i] * sigmoid(x * wf + bf) + change
            x = hidden[i] = sigmoid(x * wo + bo) * np.tanh(cell[i])
        y = x * extra[1] + extra[2]
        total = total + (gold * (y - np.log(np.exp(y).sum() + 2))).sum()
    return -total / ((len(sequence) - 1) * bits)


def lstm_expected(data):
    """The loss; for the gradient, a function that compares it with complex steps in random directions."""
    main, extra = np.array(data["main_params"]), np.array(data["extra_params"])

    def directions(gradient):
        draw, worst = random(), 0.0
        assert len(gradient) == main.size + extra.size
        for _ in range(2):
            along = draw.normal(size=len(gradient)) * 1e-30j
            steps = np.split(along, [main.size])
            ahead = main + steps[0].reshape(main.shape), extra + steps[1].reshape(extra.shape)
            right = lstm_loss(*ahead, data).imag * 1e30
            worst = max(worst, difference(right, np.array(gradient) @ along.imag * 1e30))
        return worst

    return lstm_loss(main, extra, data), directions


EXPECTED = {
    "hello": hello_expected,
    "ode": ode_expected,
    "lstm": lstm_expected,
    "gmm": gmm_expected,
    "lse": lse_expected,
    "llsq": llsq_expected,
    "det": det_expected,
}


def difference(right, result):
    """The largest difference, relative to the values where they are above 1; infinite if the shapes differ."""
    if callable(right):
        return right(result)
    if isinstance(right, dict):
        return max(difference(right[name], result[name]) for name in right)
    right = np.asarray(right)
    result = np.asarray(result, dtype=np.float64)
    if result.size != right.size:
        return np.inf
    scale = np.maximum(1.0, np.abs(right.ravel()) + np.abs(result.ravel()))
    worst = np.max(np.abs(right.ravel() - result.ravel()) / scale)
    return worst if np.isfinite(worst) else np.inf
