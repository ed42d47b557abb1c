"""Value and gradient of the digits model through XLA on the CPU: our StableHLO and JAX's."""

import json
import os
import statistics
import sys
from pathlib import Path

import jax
import numpy as np
from common import DPC, ROOT, interleave, repeat, run, workspace
from digits_model import arguments, greatest_difference, loss_grad
from jaxlib import xla_client

ROUNDS = 2001
NAMES = ["our StableHLO", "JAX's StableHLO"]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def plugin():
    """The path of the PJRT plugin: DP_PJRT_PLUGIN, or the plugin that `./x plugins` downloaded."""
    found = sorted((TARGET / "plugins").glob("pjrt-cpu-*.so"))
    path = os.environ.get("DP_PJRT_PLUGIN") or (found[-1] if found else None)
    return Path(path or sys.exit("no PJRT plugin found; run `./x plugins`"))


def build_race():
    """Builds the program that runs StableHLO programs alternately and measures their times."""
    run("cargo", "build", "--release", "-p", "dp-runtime", "--example", "race")
    return TARGET / "release" / "examples" / "race"


def save(folder, name, arrays):
    """Writes arrays as .npy files and returns their paths, in order."""
    paths = [folder / f"{name}{index}.npy" for index in range(len(arrays))]
    for path, array in zip(paths, arrays):
        np.save(path, np.asarray(array))
    return paths


def on_plugin(race, programs, arrays, expected, calls):
    """The medians of the programs' samples, and the largest difference from the expected results."""
    folder = programs[0].parent
    files = ["--arguments", *save(folder, "argument", arrays), "--results", *save(folder, "result", expected)]
    output, _ = run(race, plugin(), ROUNDS, calls, *files, "--programs", *programs)
    answer = json.loads(output.splitlines()[0])
    return [statistics.median(samples) for samples in answer["seconds"]], max(answer["difference"])


def on_jaxlib(programs, arrays, expected, calls):
    """The same with jaxlib's XLA, called from Python without JAX's dispatch."""
    (device,) = jax.local_devices(backend="cpu")
    devices = xla_client.DeviceList((device,))
    on_device = [jax.device_put(array, device) for array in arrays]
    compiled = [device.client.compile_and_load(program.read_text(), devices) for program in programs]

    def call(program):
        results = program.execute_sharded(on_device).disassemble_into_single_device_arrays()
        return jax.block_until_ready([result for (result,) in results])

    difference = max(greatest_difference(call(program), expected) for program in compiled)
    sides = {
        index: lambda program=program: repeat(lambda: call(program), calls) for index, program in enumerate(compiled)
    }
    return list(interleave(sides, ROUNDS).values()), difference


def compare_sides(rows, arrays, race):
    folder = workspace(f"xla/{rows}")
    *weights, x, labels = arrays
    arrays = [*weights, x[:rows], labels[:rows]]
    ours, theirs = folder / "ours.mlir", folder / "jax.mlir"
    model = ROOT / "examples" / "digits" / "model.mlir"
    gradient = ["--grad", "loss:wrt=0,1,2,3", "--specialize", f"x={rows}x64,labels={rows}", "--entry", "loss_grad"]
    run(DPC, model, *gradient, "--target=xla", "-o", ours)
    jitted = jax.jit(loss_grad)
    theirs.write_text(jitted.lower(*arrays).as_text())
    value, gradients = jitted(*arrays)
    expected = [np.asarray(array) for array in (value, *gradients)]

    # A sample takes about a millisecond, so that few samples are interrupted.
    calls = max(2, 320 // rows)
    places = {
        plugin().name: on_plugin(race, [ours, theirs], arrays, expected, calls),
        "jaxlib": on_jaxlib([ours, theirs], arrays, expected, calls),
    }
    difference = max(difference for _, difference in places.values())
    assert difference < 1e-5, f"the results differ from JAX's by {difference}"
    print(f"batch {rows}, f32; largest relative difference of a result {difference:.1e}")
    for place, (medians, _) in places.items():
        for name, seconds in zip(NAMES, medians):
            print(f"  {f'{name}, {place}':<40} {1e6 * seconds:9.2f} µs")
        print(f"  ours / JAX's, {place}: {medians[0] / medians[1]:.3f}")


def main():
    race, arrays = build_race(), arguments()
    print(f"XLA on one thread, JAX and jaxlib {jax.__version__}; medians of {ROUNDS} interleaved samples")
    for rows in (32, 256):
        compare_sides(rows, arrays, race)


main()
