"""Value and gradient of the digits model through XLA on the CPU: our StableHLO against JAX's own."""

import json
import os
import statistics
import sys
from pathlib import Path

import jax
import numpy as np
from common import DPC, ROOT, run, workspace
from digits.model import arguments, loss_grad

ROUNDS = 2001
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def plugin():
    """The plugin that runs StableHLO: the one that DP_PJRT_PLUGIN names, or that `./x plugins` has left."""
    found = sorted((TARGET / "plugins").glob("pjrt-cpu-*.so"))
    path = os.environ.get("DP_PJRT_PLUGIN") or (found[-1] if found else None)
    return Path(path or sys.exit("there is no plugin that runs StableHLO; run `./x plugins`"))


def build_race():
    """The program that has the plugin run programs by turns, and takes the time."""
    run("cargo", "build", "--release", "-p", "dp-runtime", "--example", "race")
    return TARGET / "release" / "examples" / "race"


def save(folder, name, arrays):
    """Writes arrays as .npy files; their paths, in order."""
    paths = [folder / f"{name}{index}.npy" for index in range(len(arrays))]
    for path, array in zip(paths, arrays):
        np.save(path, np.asarray(array))
    return paths


def contest(rows, arrays, race):
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

    files = ["--arguments", *save(folder, "argument", arrays), "--results", *save(folder, "result", [value, *gradients])]
    # A sample takes about a millisecond, so that the system interrupts few of them.
    calls = max(2, 320 // rows)
    output, _ = run(race, plugin(), ROUNDS, calls, *files, "--programs", ours, theirs)
    answer = json.loads(output.splitlines()[0])
    difference = max(answer["difference"])
    assert difference < 1e-5, f"the results differ from JAX's by {difference}"

    medians = [statistics.median(samples) for samples in answer["seconds"]]
    print(f"batch {rows}, f32; greatest relative difference of a result {difference:.1e}")
    for name, seconds in zip(["our StableHLO", "JAX's StableHLO"], medians):
        print(f"  {name:<28} {1e6 * seconds:9.2f} µs")
    print(f"  ours / JAX's: {medians[0] / medians[1]:.3f}")


def main():
    race, arrays = build_race(), arguments()
    print(f"StableHLO of JAX {jax.__version__} and ours on {plugin().name}; medians of {ROUNDS} interleaved samples")
    for rows in (32, 256):
        contest(rows, arrays, race)


main()
