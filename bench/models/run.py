"""Values and gradients of models that JAX writes as StableHLO, against JAX's own: bench/models/run.py [NAME...]."""

import ctypes
import importlib.util
import os
import re
import statistics
import sys
import time
from math import exp, log
from pathlib import Path

import jax
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from common import compile_library, workspace  # noqa: E402
from models import MODELS  # noqa: E402

HAS_TORCH = importlib.util.find_spec("torch") is not None
if HAS_TORCH:
    import torch_models  # noqa: E402

ROUNDS = 21
COMPILATIONS = 3
ALIGNMENT = 4096
# What a result may differ by from that in f64, relative to its norm, where JAX's differs by less. The norm, since an
# activation that is about zero has one of two derivatives; one of a million in `residual_block` weighs about 3e-4.
TOLERANCE = 2e-3


class Gradient:
    """The library's value and gradients, in a workspace that all calls share."""

    def __init__(self, path, name, arguments, like):
        self.library = ctypes.CDLL(path)
        self.arguments = arguments
        self.results = [np.empty(result.shape, result.dtype) for result in like]
        parameters = [ctypes.c_void_p(array.ctypes.data) for array in arguments + self.results]
        self.size = ctypes.c_int64()
        if hasattr(self.library, f"{name}_grad__workspace_size"):
            self.check(self.library[f"{name}_grad__workspace_size"](*parameters, ctypes.byref(self.size)))
            self.memory = np.zeros(self.size.value + ALIGNMENT, np.uint8)
            start = ctypes.c_void_p(-(-self.memory.ctypes.data // ALIGNMENT) * ALIGNMENT)
            self.function = self.library[f"{name}_grad__with_workspace"]
            self.parameters = [*parameters, start, self.size]
        else:
            self.function, self.parameters = self.library[f"{name}_grad"], parameters

    def check(self, status):
        assert status == 0, f"returns {status}"

    def __call__(self):
        self.check(self.function(*self.parameters))


def difference(result, exact):
    """The norm of the difference of a result from that in f64, relative to the norm of the latter."""
    return float(np.linalg.norm(np.ravel(np.asarray(result) - exact)) / np.linalg.norm(np.ravel(exact)))


def in_f64(gradient, arguments):
    """Value and gradients in f64, as arrays."""
    with jax.enable_x64(True):
        wide = [array.astype(np.float64) if array.dtype == np.float32 else array for array in arguments]
        value, gradients = jax.jit(lambda *values: gradient(*values))(*wide)
        return [np.asarray(result) for result in (value, *gradients)]


def check(name, results, theirs, exact):
    """Checks that results are about as near to the exact ones as those of JAX."""
    for place, (a, b, known) in enumerate(zip(results, theirs, exact, strict=True)):
        worst, allowed = difference(a, known), max(TOLERANCE, 4 * difference(b, known))
        assert worst <= allowed, f"{name}: result {place} is wrong by {worst}, where {allowed} is allowed"


def seconds():
    """The time of the processor for this process and those that it has waited for: others share the core."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def timed(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def alternate(calls):
    """The times of calls, in turn; the order alternates."""
    samples = {side: [] for side in calls}
    for index in range(ROUNDS):
        for side in list(calls) if index % 2 else list(reversed(calls)):
            samples[side].append(timed(calls[side]))
    return samples


def compile_by_jax(function, arguments):
    """A fresh compilation: JAX caches what it traces by the identity of the function."""
    start = seconds()
    compiled = jax.jit(lambda *values: function(*values)).lower(*arguments).compile()
    return compiled, seconds() - start


def measure(folder, name, function, arguments, count):
    source, library = folder / f"{name}.mlir", folder / f"lib{name}.so"
    source.write_text(jax.jit(function, keep_unused=True).lower(*arguments).as_text())
    main = re.search(r"module @(?:jit_)?(\w+)", source.read_text())[1]
    places = ",".join(map(str, range(count)))
    gradient = jax.value_and_grad(function, tuple(range(count)))
    compile_ours, compile_theirs = [], []
    compile_by_jax(lambda x: x + 1, [arguments[0]])
    for _ in range(COMPILATIONS):
        start = seconds()
        compile_library(source, library, "--grad", f"main:wrt={places}")
        compile_ours.append(seconds() - start)
        compiled, taken = compile_by_jax(gradient, arguments)
        compile_theirs.append(taken)

    on_device = [jax.device_put(argument) for argument in arguments]
    value, gradients = jax.block_until_ready(compiled(*on_device))
    theirs = [value, *gradients]
    ours = Gradient(library, main, arguments, theirs)
    ours()
    exact = in_f64(gradient, arguments)
    check(f"{name}", ours.results, theirs, exact)

    calls = {"ours": ours, "jax": lambda: jax.block_until_ready(compiled(*on_device))}
    if HAS_TORCH:
        calls["torch"] = torch_models.gradient(name, arguments, count)
        check(f"{name} by PyTorch", calls["torch"](), theirs, exact)
    samples = alternate(calls)
    times = {side: 1e3 * statistics.median(samples[side]) for side in calls}
    least = min(samples["ours"]) / min(samples["jax"])
    ratio = times["ours"] / times["jax"]
    compilation = statistics.median(compile_ours), statistics.median(compile_theirs)
    print(
        f"  {name:16} {times['ours']:8.2f} ms, JAX {times['jax']:8.2f} ms, ratio {ratio:5.2f} ({least:5.2f} of the least);"
        f"  memory {ours.size.value / 2**20:6.2f} MiB, JAX"
        f" {compiled.memory_analysis().temp_size_in_bytes / 2**20:6.2f} MiB;"
        f"  compilation {compilation[0]:5.2f} s, JAX {compilation[1]:5.2f} s,"
        f" ratio {compilation[0] / compilation[1]:5.2f}",
        flush=True,
    )
    if not HAS_TORCH:
        return ratio
    with_torch = times["ours"] / times["torch"]
    print(f"  {'':16} torch.compile {times['torch']:8.2f} ms, ratio {with_torch:5.2f}", flush=True)
    return max(ratio, with_torch)


def main():
    folder = workspace("models")
    chosen = sys.argv[1:] or list(MODELS)
    ratios = [measure(folder, name, *MODELS[name]) for name in chosen]
    mean = exp(sum(map(log, ratios)) / len(ratios))
    print(f"  geometric mean of the ratios to the fastest other {mean:.2f}, greatest {max(ratios):.2f}")
    if not HAS_TORCH:
        print("  PyTorch is not installed: torch.compile is not measured")


main()
