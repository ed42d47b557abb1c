"""PyTorch as a tool of GradBench, in eager mode on one thread."""

import sys
from itertools import combinations
from math import log, pi
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import torch  # noqa: E402
from protocol import serve  # noqa: E402

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
torch.set_flush_denormal(True)  # As XLA does.


def square(x):
    return x * x


def ode(s, x):
    h = 2.0 / s
    one, y = torch.ones(1), torch.zeros_like(x)

    def slope(y):
        return x * torch.cat([one, y[:-1]])

    for _ in range(s):
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        y = y + h / 6 * (k1 + 2 * (k2 + k3) + k4)
    return y


def lse(x):
    return logsumexp(x, 0)


def logsumexp(x, dim):
    top = x.detach().max(dim, keepdim=True).values
    return torch.log(torch.exp(x - top).sum(dim)) + top.squeeze(dim)


def llsq(n, x):
    t = -1 + torch.arange(n) * 2 / (n - 1)
    polynomial = torch.zeros(n)
    for coefficient in x.flip(0):
        polynomial = polynomial * t + coefficient
    r = torch.sign(t) - polynomial
    return 0.5 * (r * r).sum()


def gmm(x, gamma, m, alpha, mu, q, l):
    (n, d), k = x.shape, len(alpha)
    columns, rows = torch.triu_indices(d, d, 1)
    lower = torch.zeros(k, d, d)
    lower[:, rows, columns] = l
    diagonal = torch.exp(q)
    full = lower + torch.diag_embed(diagonal)
    qx = (x @ full.reshape(k * d, d).T).reshape(n, k, d) - torch.einsum("kid,kd->ki", full, mu)
    terms = alpha + q.sum(1) - 0.5 * (qx * qx).sum(2)
    freedom = d + m + 1
    log_gamma = float(torch.special.multigammaln(torch.tensor(0.5 * freedom), d))
    constant = freedom * d * (log(gamma) - 0.5 * log(2)) - log_gamma
    prior = k * constant - 0.5 * gamma**2 * ((diagonal**2).sum() + (l * l).sum()) + m * q.sum()
    return logsumexp(terms, 1).sum() - n * logsumexp(alpha, 0) - n * d * 0.5 * log(2 * pi) + prior


def lstm(state, sequence, main, extra):
    layers, bits = len(state), sequence.shape[1]
    in_weight, out_weight, out_bias = extra
    gates = [(*main[layer, 0], *main[layer, 1]) for layer in range(layers)]
    states = [(state[layer, 0], state[layer, 1]) for layer in range(layers)]
    total = 0.0
    for t in range(len(sequence) - 1):
        x = sequence[t] * in_weight
        for layer in range(layers):
            wf, wi, wo, wc, bf, bi, bo, bc = gates[layer]
            hidden, cell = states[layer]
            new = torch.sigmoid(hidden * wi + bi) * torch.tanh(hidden * wc + bc)
            cell = cell * torch.sigmoid(x * wf + bf) + new
            x = torch.sigmoid(x * wo + bo) * torch.tanh(cell)
            states[layer] = (x, cell)
        y = x * out_weight + out_bias
        total = total + (sequence[t + 1] * (y - torch.log(torch.exp(y).sum() + 2))).sum()
    return -total / ((len(sequence) - 1) * bits)


def det(a):
    """Expansion along the last row of ever larger minors, all minors of a size at once."""
    n = len(a)
    minors = torch.ones(1)
    for size, (sets, smaller, signs) in enumerate(levels(n), 1):
        minors = (signs * a[size - 1][sets] * minors[smaller]).sum(1)
    return minors[0]


tables = {}


def levels(n):
    """For each size, the sets of columns, the numbers of the sets with one column less, and the signs."""
    if n not in tables:
        tables[n], number = [], {(): 0}
        for size in range(1, n + 1):
            sets = list(combinations(range(n), size))
            smaller = torch.tensor([[number[s[:i] + s[i + 1 :]] for i in range(size)] for s in sets])
            tables[n].append((torch.tensor(sets), smaller, (-1.0) ** (size - 1 - torch.arange(size))))
            number = {s: i for i, s in enumerate(sets)}
    return tables[n]


def tensor(value):
    return torch.tensor(value, dtype=torch.float64)


def network(data):
    main, extra, state, sequence = (tensor(data[name]) for name in ("main_params", "extra_params", "state", "sequence"))
    layers, bits = len(state) // 2, sequence.shape[1]
    return [state.reshape(layers, 2, bits), sequence], [main.reshape(layers, 2, 4, bits), extra]


def mixture(data):
    return [tensor(data["x"]), data["gamma"], data["m"]], [tensor(data[name]) for name in ("alpha", "mu", "q", "l")]


def flat(gradients):
    return torch.cat([gradient.flatten() for gradient in gradients]).tolist()


# For each eval: the names of the primal and the gradient, the function, its other and its differentiated arguments from
# an input, the output of the gradient, and what the gradient differentiates.
EVALS = {
    "hello": ("square", "double", square, lambda x: ([], [tensor(x)]), lambda g: float(g[0]), square),
    "ode": ("primal", "gradient", ode, lambda data: ([data["s"]], [tensor(data["x"])]), flat,
            lambda s, x: ode(s, x)[-1]),
    "lse": ("primal", "gradient", lse, lambda data: ([], [tensor(data["x"])]), flat, lse),
    "llsq": ("primal", "gradient", llsq, lambda data: ([data["n"]], [tensor(data["x"])]), flat, llsq),
    "gmm": ("objective", "jacobian", gmm, mixture,
            lambda g: dict(zip(("alpha", "mu", "q", "l"), (part.tolist() for part in g))), gmm),
    "lstm": ("objective", "jacobian", lstm, network, flat, lstm),
    "det": ("primal", "gradient", det, lambda data: ([], [tensor(data["A"]).reshape(data["ell"], -1)]), flat, det),
}


def define(module):
    EVALS[module]


def prepare(module, function, data, memory):
    primal, _, value, arguments, convert, differentiated = EVALS[module]
    others, active = arguments(data)
    if function == primal:

        def call():
            with torch.no_grad():
                return value(*others, *active)

        return call, lambda result: result.tolist()
    for argument in active:
        argument.requires_grad_()

    def gradient():
        result = differentiated(*others, *active)
        return torch.autograd.grad(result, active)

    return gradient, convert


if __name__ == "__main__":
    serve("pytorch", define, prepare)
