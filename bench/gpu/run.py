"""Times of our kernels and XLA's on this machine's GPU.

run.py --build FOLDER only compiles, for a machine with a GPU but no compiler; run.py --take FOLDER there uses the result.
"""

import ctypes
import os
import sys
from pathlib import Path

from common import ROOT, compile_library, interleave, repeat, workspace

MODELS = {"ops": ROOT / "bench" / "ptx" / "model.mlir", "digits": ROOT / "examples" / "digits" / "model.mlir"}
OPTIONS = {"ops": [], "digits": ["--grad", "loss:wrt=0,1,2,3"]}
ROUNDS = 15


class Device:
    """Makes the context of JAX current."""

    def __init__(self):
        self.driver = ctypes.CDLL("libcuda.so.1")
        device, context = ctypes.c_int(), ctypes.c_void_p()
        self.check(self.driver.cuInit(0))
        self.check(self.driver.cuDeviceGet(ctypes.byref(device), 0))
        self.check(self.driver.cuDevicePrimaryCtxRetain(ctypes.byref(context), device))
        self.check(self.driver.cuCtxSetCurrent(context))

    def check(self, status):
        if status != 0:
            raise OSError(f"the driver returned {status}")

    def wait(self):
        self.check(self.driver.cuCtxSynchronize())


def build(folder):
    """Compiles the libraries with dpc."""
    for name, model in MODELS.items():
        compile_library(model, folder / f"lib{name}.so", "--target=cuda", "--chip=sm_90", *OPTIONS[name])


def library(folder, name):
    """Calls functions of a library by name."""
    loaded = ctypes.CDLL(str(folder / f"lib{name}.so"))
    message = getattr(loaded, f"{name}_message")
    message.restype = ctypes.c_char_p

    def call(function, *arguments):
        status = getattr(loaded, function)(*arguments)
        if status != 0:
            raise OSError(f"{function}: {message(status).decode()}")

    return call


def pointer(array):
    return ctypes.c_void_p(array.unsafe_buffer_pointer())


def main(folder):
    import jax
    import jax.numpy as jnp
    import numpy as np
    from digits_model import greatest_difference, loss_grad

    random = np.random.default_rng(0)
    device = Device()
    none = ctypes.c_void_p()

    def race(title, work, unit, call, arguments, outputs, baseline, count=20):
        """Prints a line of the table: times of `call` and `baseline`, run alternately."""
        outputs = [jnp.zeros(shape, jnp.float32) for shape in outputs]
        jax.block_until_ready((arguments, outputs))
        ours = lambda: call(*outputs, none)

        def sample_ours():
            device.wait()
            seconds = repeat(ours, count - 1) * (count - 1)
            return (seconds + repeat(lambda: (ours(), device.wait()), 1)) / count

        sides = {"ours": sample_ours}
        # The precision that we use, and XLA's default.
        for name, precision in [("f32", "highest"), ("default", "default")]:
            with jax.default_matmul_precision(precision):
                compiled = jax.jit(baseline).lower(*arguments).compile()

            def sample(compiled=compiled):
                device.wait()
                seconds = repeat(lambda: compiled(*arguments), count - 1) * (count - 1)
                return (seconds + repeat(lambda: jax.block_until_ready(compiled(*arguments)), 1)) / count

            sides[name] = sample
        with jax.default_matmul_precision("highest"):
            expected = jax.tree.leaves(jax.jit(baseline)(*arguments))
        ours()
        device.wait()
        difference = greatest_difference([np.asarray(y) for y in outputs], [np.asarray(y) for y in expected])
        if not difference <= 1e-5:
            sys.exit(f"{title}: the results differ by {difference:.0e}")
        seconds = interleave(sides, ROUNDS)
        rates = "".join(f"{work / seconds[name] / 1e12:>9.2f}" for name in sides)
        ratios = "".join(f"{seconds['ours'] / seconds[name]:>8.2f}" for name in ["f32", "default"])
        print(f"{title:<34}{unit:<8}{rates}{ratios}{seconds['ours'] * 1e6:>10.1f}{difference:>9.0e}", flush=True)

    print(f"{jax.devices()[0].device_kind}: XLA with matmul precision 'highest', and with the default")
    print(f"{'':<34}{'':<8}{'ours':>9}{'XLA f32':>9}{'XLA':>9}{'to f32':>8}{'to XLA':>8}{'ours, us':>10}{'differ':>9}")
    ops = library(folder, "ops")
    i64 = ctypes.c_int64

    def normal(*shape):
        return jnp.asarray(random.standard_normal(shape, np.float32))

    def tensor(x):
        return [pointer(x), *map(i64, x.shape)]

    def operation(title, work, unit, function, arguments, output, baseline):
        call = lambda y, stream: ops(f"{function}__device", *sum(map(tensor, arguments), []), pointer(y), stream)
        race(title, work, unit, call, arguments, [output], baseline)

    for m, k, n in [(512,) * 3, (1024,) * 3, (1000,) * 3, (2048,) * 3, (4096,) * 3, (256, 8192, 256), (8192, 64, 8192)]:
        operation(f"product, {m} x {k} x {n}", 2 * m * k * n, "Tflop/s", "matmul", [normal(m, k), normal(k, n)], (m, n), jnp.matmul)
    large = normal(1 << 26)
    operation("x + y tanh x, 2^26", 12 << 26, "TB/s", "elementwise", [large, normal(1 << 26)], large.shape, lambda x, y: x + y * jnp.tanh(x))
    operation("sum, 2^26", 4 << 26, "TB/s", "sum", [large], (), jnp.sum)
    for rows, columns in [(8192, 8192), (65536, 100), (64, 1 << 20)]:
        x = normal(rows, columns)
        work = 4 * rows * columns
        operation(f"sums of rows, {rows} x {columns}", work, "TB/s", "rows", [x], (rows,), lambda x: x.sum(1))
        operation(f"sums of columns, {rows} x {columns}", work, "TB/s", "columns", [x], (columns,), lambda x: x.sum(0))
    digits = library(folder, "digits")
    weights = [jnp.asarray(random.uniform(-0.2, 0.2, shape).astype(np.float32)) for shape in [(64, 64), 64, (64, 10), 10]]
    for rows in [32, 256, 16384]:
        x = jnp.asarray(random.uniform(0, 1, (rows, 64)).astype(np.float32))
        labels = jnp.asarray(random.integers(0, 10, rows).astype(np.int32))
        given = [*map(pointer, weights), pointer(x), i64(rows), pointer(labels), i64(rows)]
        call = lambda *outputs: digits("loss_grad__device", *given, *map(pointer, outputs[:-1]), outputs[-1])
        shapes = [(), *(w.shape for w in weights)]
        work = rows * 2 * (2 * 64 * 64 + 3 * 64 * 10)
        race(f"gradient of the digits, {rows} rows", work, "Tflop/s", call, [*weights, x, labels], shapes, loss_grad)


def missing():
    """What is missing on this machine, or None."""
    try:
        Device()
        import jax

        jax.devices("cuda")
    except (OSError, ImportError, RuntimeError) as error:
        return str(error).splitlines()[0]


if __name__ == "__main__":
    os.environ |= {"JAX_PLATFORMS": "cuda,cpu", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    option, folder = (sys.argv[1], Path(sys.argv[2])) if len(sys.argv) == 3 else ("", workspace("gpu"))
    if option != "--build" and (lack := missing()):
        print(f"skipped: this needs an NVIDIA GPU and JAX for it ({lack})")
        sys.exit()
    if option != "--take":
        build(folder)
    if option != "--build":
        main(folder)
