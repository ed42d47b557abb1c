"""Programs from JAX."""

from __future__ import annotations

import inspect
from typing import Callable

from . import _native
from ._program import Program
from ._trees import Leaf, Trees


def from_jax(function: Callable, *args) -> Program:
    """Traces a function of JAX with arguments like these: arrays, numbers, `jax.ShapeDtypeStruct`, and trees of them.

    Extents that are symbols, of `jax.export.symbolic_shape`, stay open, so that one program serves arrays of all sizes.

    >>> batch, = jax.export.symbolic_shape("batch")
    >>> program = dp.from_jax(loss, params, jax.ShapeDtypeStruct((batch, 64), "float32"))
    """
    import jax
    from jax import tree_util

    specifications = tree_util.tree_map(_specification, args)
    # For CPUs, linear algebra is calls of LAPACK, which the compiler reads.
    exported = jax.export.export(jax.jit(function, keep_unused=True), platforms=["cpu"])(*specifications)
    structures = tuple(tree_util.tree_structure(argument) for argument in args)
    leaves = iter([Leaf(aval.dtype) for aval in exported.in_avals])
    trees = Trees(
        names=_names(function, len(args)),
        arguments=structures,
        argument_leaves=tuple(tuple(next(leaves) for _ in range(tree.num_leaves)) for tree in structures),
        result=exported.out_tree,
        result_types=tuple(Leaf(aval.dtype) for aval in exported.out_avals),
    )
    name = getattr(function, "__name__", "program")
    return Program(_native.Program.read(f"<{name}>", exported.mlir_module().encode(), None), trees)


def _specification(leaf):
    import jax

    if isinstance(leaf, jax.ShapeDtypeStruct):
        return leaf
    array = jax.numpy.asarray(leaf)
    return jax.ShapeDtypeStruct(array.shape, array.dtype)


def _names(function: Callable, count: int) -> tuple[str, ...]:
    """The names of the arguments, as the function has them."""
    names: list[str] = []
    try:
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
                names.append(parameter.name)
    except (TypeError, ValueError):
        # Some callables have no signature.
        pass
    names += [f"arg{index}" for index in range(len(names), count)]
    return tuple(names[:count])


def text_of(data: bytes) -> str:
    """The text of serialized StableHLO: what `jax.export` serializes, or a portable artifact."""
    try:
        import jax
        from jax._src.interpreters.mlir import make_ir_context
        from jaxlib.mlir.dialects import stablehlo
    except ImportError as error:
        raise ImportError("serialized StableHLO is converted with jaxlib: pip install jax, or pass text") from error
    if data.startswith(b"ML\xefR"):
        with make_ir_context() as context:
            return str(stablehlo.deserialize_portable_artifact(context, data))
    return jax.export.deserialize(bytearray(data)).mlir_module()
