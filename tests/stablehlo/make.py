"""Makes programs with JAX, and what JAX computes with them: make.py FOLDER.

The programs of `dynamic.py` are exported with symbols as extents, and run with those of their arguments.

For each program NAME, FOLDER gets NAME.mlir (StableHLO's own syntax), NAME.generic.mlir, and NAME.json: the arguments, the
results, and for differentiable programs the gradient of the sum of the results with some weights. For models it also gets
the tangents of the results in some direction, and the product of that sum's Hessian with the direction. A value is
written as {"dtype", "shape", "elements"}; floats as text, so that they are exact.
"""

import concurrent.futures
import dataclasses
import itertools
import json
import multiprocessing
import os
import pathlib
import sys
from collections.abc import Callable

# What Equinox checks at run time gives NaN where it fails, in place of calls of Python.
os.environ["EQX_ON_ERROR"] = "nan"

import jax
import jax.numpy as jnp
import numpy as np
from jax import export
from jax._src.interpreters.mlir import make_ir_context
from jaxlib.mlir import ir

import dynamic
import iterations
import models
import networks
import programs
import sciences

jax.config.update("jax_enable_x64", True)


@dataclasses.dataclass(frozen=True)
class Compared:
    """Which derivatives of a program are compared."""

    gradient_of: Callable = jax.grad
    """Makes a gradient: jax.jacfwd where JAX refuses reverse mode."""
    second: bool = False
    """Whether tangents and products with the Hessian are compared too."""
    bound: int | None = None
    """The greatest number of rounds of loops whose own number is known only at run time, for XLA."""


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


def derivatives(function, arguments, results, compared):
    """The gradient of the weighted sum of the results, and for models what is named above."""
    random = np.random.default_rng(7)
    floats = [r for r in results if is_float(r)]
    weights = [jnp.asarray(random.uniform(0.5, 1.5, np.shape(r)), np.asarray(r).dtype) for r in floats]
    leaves = jax.tree.leaves(arguments)
    wrt = [place for place, leaf in enumerate(leaves) if is_float(leaf)]
    structure = jax.tree.structure(tuple(arguments))

    def varied(function):
        """`function` of those arguments alone that vary."""
        def of(*values):
            whole = list(leaves)
            for place, value in zip(wrt, values):
                whole[place] = value
            return function(*jax.tree.unflatten(structure, whole))

        return of

    point = tuple(leaves[place] for place in wrt)
    gradient = compared.gradient_of(varied(weighted(function, weights)), argnums=tuple(range(len(wrt))))
    record = {"wrt": wrt, "weights": [written(w) for w in weights], "bound": compared.bound}
    if not compared.second:
        record["gradients"] = [written(g) for g in jax.jit(gradient)(*point)]
        return record
    direction = tuple(jnp.asarray(random.uniform(-1, 1, np.shape(x)), np.asarray(x).dtype) for x in point)
    numbers = varied(lambda *whole: [r for r in jax.tree.leaves(function(*whole)) if is_float(r)])
    along = jax.jit(jax.jvp, static_argnums=0)
    gradients, products = along(gradient, point, direction)
    record["gradients"] = [written(g) for g in gradients]
    record["direction"] = [written(v) for v in direction]
    record["tangents"] = [written(t) for t in along(numbers, point, direction)[1]]
    record["hessian_products"] = [written(p) for p in products]
    return record


def make(folder, name, function, arguments, compared=None, shapes=None):
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
    if compared is not None:
        record |= derivatives(function, arguments, results, compared)
    (folder / f"{name}.json").write_text(json.dumps(record))


def every_program():
    """What `make` takes, for each program."""
    for name, function, arguments, differentiable in programs.all_programs():
        yield name, function, arguments, Compared() if differentiable else None
    for name, function, arguments, differentiable, shapes in dynamic.all_programs():
        yield name, function, arguments, Compared() if differentiable else None, shapes
    for name, function, arguments, differentiable in networks.all_networks():
        yield name, function, arguments, Compared(second=True) if differentiable else None
    for model in itertools.chain(models.all_models(), sciences.all_sciences()):
        yield *model, Compared(second=True)
    for model in iterations.iterations():
        yield *model, Compared(jax.jacfwd, second=True, bound=iterations.BOUND)
    for program in iterations.of_first_order():
        yield *program, Compared(jax.jacfwd, bound=iterations.BOUND)


def make_share(folder, share, shares):
    """Makes each of the programs whose number leaves the remainder `share`; returns how many these are."""
    made = 0
    for program in itertools.islice(every_program(), share, None, shares):
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
