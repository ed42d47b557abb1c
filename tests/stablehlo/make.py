"""Makes programs with JAX, and what JAX computes with them: make.py FOLDER.

The programs of `dynamic.py` are exported with symbols as extents, and run with those of their arguments.

For each program NAME, FOLDER gets NAME.mlir (StableHLO's own syntax), NAME.generic.mlir, and NAME.json: the arguments, the
results, and for differentiable programs the gradient of the sum of the results with some weights. A value is written as
{"dtype", "shape", "elements"}; floats as text, so that they are exact.
"""

import concurrent.futures
import itertools
import json
import multiprocessing
import os
import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax import export
from jax._src.interpreters.mlir import make_ir_context
from jaxlib.mlir import ir

import dynamic
import networks
import programs

jax.config.update("jax_enable_x64", True)


def number(value):
    """One element, exactly."""
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, complex):
        return [repr(value.real), repr(value.imag)]
    if isinstance(value, float):
        return repr(value)
    return int(value)


def written(value):
    array = np.asarray(value)
    dtype = str(array.dtype)
    if array.dtype.kind == "c":
        elements = array.astype(np.complex128)
    elif array.dtype.kind in "biu":
        elements = array
    else:
        elements = array.astype(np.float64)
    return {"dtype": dtype, "shape": list(array.shape), "elements": [number(e) for e in elements.ravel().tolist()]}


def is_float(value):
    return jnp.issubdtype(jnp.asarray(value).dtype, jnp.floating)


def weighted(function, weights):
    """The sum of all results that are floats, each element with its weight."""

    def total(*arguments):
        results = jax.tree.leaves(function(*arguments))
        floats = [r for r in results if is_float(r)]
        return sum(jnp.sum(r * w) for r, w in zip(floats, weights))

    return total


def exported(function, arguments, shapes):
    """The program with symbols as extents."""
    specifications = export.symbolic_args_specs(arguments, shapes)
    return export.export(jax.jit(function))(*specifications).mlir_module()


def make(folder, name, function, arguments, differentiable, shapes=None):
    lowered = jax.jit(function, keep_unused=True).lower(*arguments)
    text = lowered.as_text() if shapes is None else exported(function, arguments, shapes)
    with make_ir_context():
        module = ir.Module.parse(text).operation
        (folder / f"{name}.mlir").write_text(module.get_asm(enable_debug_info=False))
        (folder / f"{name}.generic.mlir").write_text(module.get_asm(print_generic_op_form=True))
    results = jax.tree.leaves(lowered.compile()(*arguments))
    record = {
        "arguments": [written(a) for a in jax.tree.leaves(arguments)],
        "results": [written(r) for r in results],
    }
    if differentiable:
        random = np.random.default_rng(7)
        floats = [r for r in results if is_float(r)]
        weights = [jnp.asarray(random.uniform(0.5, 1.5, np.shape(r)), np.asarray(r).dtype) for r in floats]
        leaves = jax.tree.leaves(arguments)
        wrt = [place for place, leaf in enumerate(leaves) if is_float(leaf)]
        structure = jax.tree.structure(tuple(arguments))

        def flat(*of):
            whole = list(leaves)
            for place, value in zip(wrt, of):
                whole[place] = value
            return weighted(function, weights)(*jax.tree.unflatten(structure, whole))

        gradient = jax.jit(jax.grad(flat, argnums=tuple(range(len(wrt)))))
        gradients = gradient(*(leaves[place] for place in wrt))
        record["wrt"] = wrt
        record["weights"] = [written(w) for w in weights]
        record["gradients"] = [written(g) for g in gradients]
    (folder / f"{name}.json").write_text(json.dumps(record))


def make_share(folder, share, shares):
    """Makes each of the programs whose number leaves the remainder `share`; returns how many these are."""
    made = 0
    every = itertools.chain(programs.all_programs(), networks.all_networks(), dynamic.all_programs())
    for program in itertools.islice(every, share, None, shares):
        make(folder, *program)
        made += 1
    return made


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    shares = os.cpu_count() or 1
    with concurrent.futures.ProcessPoolExecutor(shares, multiprocessing.get_context("spawn")) as pool:
        made = pool.map(make_share, [folder] * shares, range(shares), [shares] * shares)
        print(f"{sum(made)} programs")


if __name__ == "__main__":
    main()
