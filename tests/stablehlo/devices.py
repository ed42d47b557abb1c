"""Gradients of programs that are spread over four devices: devices.py DPC.

JAX writes a loss of a network with shardings; DPC differentiates it and runs the gradient on four devices of the CPU, over
which XLA's partitioner divides it. The loss and the gradients are those of JAX on one device, and the compiled program has
the collectives that the shardings ask for.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4 " + os.environ.get("XLA_FLAGS", "")

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

MESH = Mesh(np.array(jax.devices()[:4]).reshape(2, 2), ("data", "model"))


def loss_with(spec):
    """The loss of a network whose hidden layer is spread in some way."""

    def loss(w1, w2, x, y):
        hidden = jax.lax.with_sharding_constraint(jnp.tanh(x @ w1), NamedSharding(MESH, spec))
        return jnp.mean((hidden @ w2 - y) ** 2)

    return loss


# A name, the loss, how w1, w2, x and y are spread, and the elements that each device gets by all-reduces: the loss and the
# gradients of both layers; the same, of which each device has half, and its rows of the output; nothing.
CASES = [
    ("data", loss_with(P("data")), [P(), P(), P("data"), P("data")], 1 + 8 * 16 + 16 * 4),
    (
        "tensor",
        loss_with(P("data", "model")),
        [P(None, "model"), P("model", None), P("data"), P("data")],
        1 + 8 * 16 // 2 + 16 * 4 // 2 + 16 * 4,
    ),
    ("none", loss_with(P()), [P(), P(), P(), P()], 0),
]


def check(dpc, folder, name, function, specs, exchanged):
    random = np.random.default_rng(3)
    shapes = [(8, 16), (16, 4), (32, 8), (32, 4)]
    arguments = [random.standard_normal(shape).astype(np.float32) for shape in shapes]
    shardings = [NamedSharding(MESH, spec) for spec in specs]
    source, results = folder / f"{name}.mlir", folder / f"{name}.npz"
    source.write_text(jax.jit(function, in_shardings=shardings).lower(*arguments).as_text())
    files = [folder / f"{index}.npy" for index in range(len(arguments))]
    for file, argument in zip(files, arguments):
        np.save(file, argument)
    entry = re.search(r"module @jit_(\w+)", source.read_text())[1]
    command = [dpc, source, "--grad", "main:wrt=0,1", "--target=xla", "--run", f"{entry}_grad", "-o", results]
    command += ["--args", ",".join(f"@{file}" for file in files), "--devices=4", "--print-costs"]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr

    expected = jax.value_and_grad(function, (0, 1))(*arguments)
    expected = [expected[0], *expected[1]]
    with np.load(results) as archive:
        found = [archive[key] for key in archive.files]
    assert len(found) == len(expected)
    for result, want in zip(found, expected):
        error = np.max(np.abs(result - np.asarray(want)))
        assert error <= 2e-6, f"{name}: an error of {error}"
    collectives = re.findall(r"collective (\S+) +\d+ operations +(\d+) elements", done.stderr)
    expected = [("all-reduce", str(exchanged))] if exchanged else [("none", "0")]
    assert collectives == expected, f"{name}: {collectives}, not {expected}"
    return f"{name}: {exchanged} elements by all-reduces"


def main():
    dpc = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        print(", ".join(check(dpc, pathlib.Path(folder), *case) for case in CASES))


if __name__ == "__main__":
    main()
