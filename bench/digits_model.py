"""The digits model in JAX, its arguments, and the comparison of results."""

import gzip

import jax
import jax.numpy as jnp
import numpy as np
from common import ROOT

CLASSES = 10


def arguments():
    """Random weights, and the first 256 digits."""
    random = np.random.default_rng(0)
    weights = [random.uniform(-0.2, 0.2, shape).astype(np.float32) for shape in [(64, 64), 64, (64, 10), 10]]
    with gzip.open(ROOT / "examples" / "digits" / "digits.csv.gz") as file:
        rows = np.loadtxt(file, delimiter=",", max_rows=256)
    return [*weights, (rows[:, :64] / 16).astype(np.float32), rows[:, 64].astype(np.int32)]


def loss(w1, b1, w2, b2, x, labels):
    """The loss as in model.mlir."""
    logits = jnp.tanh(x @ w1 + b1) @ w2 + b2
    shifted = logits - jax.lax.stop_gradient(logits.max(axis=1, keepdims=True))
    is_label = jnp.arange(CLASSES, dtype=jnp.int32)[None, :] == labels[:, None]
    losses = jnp.log(jnp.exp(shifted).sum(axis=1)) - jnp.where(is_label, shifted, 0).sum(axis=1)
    return losses.sum() / losses.shape[0]


loss_grad = jax.value_and_grad(loss, argnums=(0, 1, 2, 3))


def greatest_difference(results, expected):
    """The largest difference of a result, relative to its largest element."""
    return max(float(np.abs(one - two).max() / np.abs(two).max()) for one, two in zip(results, expected))
