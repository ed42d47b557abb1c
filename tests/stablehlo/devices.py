"""Gradients of programs that are spread over four devices: devices.py DPC.

JAX writes a loss of a network with shardings; DPC differentiates it and writes StableHLO with shardings; XLA's partitioner
spreads that over four devices of the CPU. The loss and the gradients are those of JAX on one device, and the compiled
program has the collectives that the shardings ask for.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4 " + os.environ.get("XLA_FLAGS", "")

import jax
import jax.extend.backend
import jax.numpy as jnp
import numpy as np
from jax._src.interpreters import mlir
from jax._src.lib import xla_client
from jax._src.lib.mlir import ir
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

MESH = Mesh(np.array(jax.devices()[:4]).reshape(2, 2), ("data", "model"))


def loss_with(spec):
    """The loss of a network whose hidden layer is spread in some way."""

    def loss(w1, w2, x, y):
        hidden = jax.lax.with_sharding_constraint(jnp.tanh(x @ w1), NamedSharding(MESH, spec))
        return jnp.mean((hidden @ w2 - y) ** 2)

    return loss


# A name, the loss, and how w1, w2, x and y are spread.
CASES = [
    ("data", loss_with(P("data")), [P(), P(), P("data"), P("data")]),
    ("tensor", loss_with(P("data", "model")), [P(None, "model"), P("model", None), P("data"), P("data")]),
    ("none", loss_with(P()), [P(), P(), P(), P()]),
]


def compiled(text):
    """The executable for four devices of a program."""
    options = xla_client.CompileOptions()
    options.num_partitions = 4
    build = options.executable_build_options
    build.num_partitions = 4
    build.use_spmd_partitioning = True
    build.use_shardy_partitioner = True
    build.device_assignment = xla_client.DeviceAssignment.create(np.arange(4).reshape(1, 4))
    with mlir.make_ir_context():
        module = ir.Module.parse(text)
        devices = xla_client.DeviceList(tuple(jax.devices()[:4]))
        return jax.extend.backend.get_backend().compile_and_load(module, devices, options)


def whole(shards, sharding, shape):
    """An array from the shards of four devices."""
    result = np.full(shape, np.nan, np.float32)
    for device, place in sharding.devices_indices_map(shape).items():
        part = np.asarray(shards[device.id])
        assert part.shape == result[place].shape, f"a shard has the shape {part.shape}"
        result[place] = part
    return result


def check(dpc, folder, name, function, specs):
    random = np.random.default_rng(3)
    shapes = [(8, 16), (16, 4), (32, 8), (32, 4)]
    arguments = [random.standard_normal(shape).astype(np.float32) for shape in shapes]
    shardings = [NamedSharding(MESH, spec) for spec in specs]
    source, target = folder / f"{name}.mlir", folder / f"{name}_grad.mlir"
    source.write_text(jax.jit(function, in_shardings=shardings).lower(*arguments).as_text())
    command = [dpc, source, "--grad", "main:wrt=0,1", "--target=xla", "--emit=stablehlo", "-o", target]
    entry = re.search(r"module @jit_(\w+)", source.read_text())[1]
    subprocess.run([*command, f"--entry={entry}_grad"], check=True)

    executable = compiled(target.read_text())
    hlo = executable.hlo_modules()[0].to_string()
    collectives = len(re.findall(r" all-reduce(?:-start)?\(", hlo))
    spread = [jax.device_put(argument, sharding) for argument, sharding in zip(arguments, shardings)]
    shards = executable.execute_sharded(spread).disassemble_into_single_device_arrays()
    expected = jax.value_and_grad(function, (0, 1))(*arguments)
    expected = [expected[0], *expected[1]]
    replicated = NamedSharding(MESH, P())
    for found, want, sharding in zip(shards, expected, [replicated, *shardings[:2]]):
        found = whole(found, sharding, np.shape(want))
        error = np.max(np.abs(found - np.asarray(want)))
        assert error <= 2e-6, f"{name}: an error of {error}"
    assert (collectives > 0) == (name != "none"), f"{name}: {collectives} all-reduces"
    return f"{name}: {collectives} all-reduces"


def main():
    dpc = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        print(", ".join(check(dpc, pathlib.Path(folder), *case) for case in CASES))


if __name__ == "__main__":
    main()
