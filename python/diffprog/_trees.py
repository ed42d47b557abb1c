"""The structure of arguments and results of programs from JAX: trees whose leaves are arrays."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, Callable, Optional

import numpy


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A leaf: the type of its elements."""

    dtype: Any

    @property
    def is_differentiable(self) -> bool:
        from jax import dtypes

        return dtypes.issubdtype(self.dtype, numpy.inexact)


@dataclasses.dataclass(frozen=True)
class Trees:
    """The trees of a function. Leaves of the arguments, and of the result, are numbered in order."""

    names: tuple[str, ...]
    """The names of the arguments."""
    arguments: tuple[Any, ...]
    """For each argument, its structure."""
    argument_leaves: tuple[tuple[Leaf, ...], ...]
    """For each argument, its leaves."""
    result: Any
    """The structure of the result."""
    result_types: tuple[Leaf, ...]
    """The leaves of the result."""
    tangents: Optional[tuple[Any, tuple[Leaf, ...]]] = None
    """Of a derivative in a direction: the structure and the leaves of the tangents of the result, of which alone the
    gradient is taken."""
    cotangents: Optional[tuple[Callable, Callable]] = None
    """Of a function with a pullback: what flattens cotangents of the result, and what restores those of arguments."""

    def signature(self) -> inspect.Signature:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter(name, kind) for name in self.names]
        return inspect.Signature([*parameters, inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None)])

    def leaves(self, arguments) -> list[Any]:
        """The leaves of arguments, whose structure must be that of the program."""
        if len(arguments) != len(self.arguments):
            raise TypeError(f"the function takes {len(self.arguments)} arguments ({', '.join(self.names)}), "
                            f"but got {len(arguments)}")
        leaves = []
        for name, tree, argument in zip(self.names, self.arguments, arguments):
            leaves += flattened(tree, argument, f"argument '{name}'")
        return leaves

    def result_leaves(self, out) -> list[Any]:
        """The leaves of what is given for the result."""
        return flattened(self.result, out, "out")

    def results(self, leaves):
        """The result from its leaves."""
        if len(self.result_types) == 1:
            leaves = [leaves]
        return self.result.unflatten([typed(leaf, of) for leaf, of in zip(leaves, self.result_types)])

    def pullback(self, pull: Callable) -> Callable:
        """A pullback over trees."""
        flatten, restore = self.cotangents

        def pullback(cotangents):
            """Cotangents of arguments, from those of the results."""
            return restore(pull(*flatten(cotangents)))

        return pullback

    def derivative(self, kind: str, wrt) -> tuple[list[int], Trees]:
        """The positions of the leaves to differentiate with respect to, and the trees of the derivative."""
        from jax import tree_util

        is_single = isinstance(wrt, int) or (wrt is None and len(self.arguments) == 1)
        chosen = self.chosen(wrt)
        starts = [0]
        for leaves in self.argument_leaves:
            starts.append(starts[-1] + len(leaves))
        positions, tangents = [], []
        for argument in chosen:
            leaves = self.argument_leaves[argument]
            places = [place for place, leaf in enumerate(leaves) if leaf.is_differentiable]
            if wrt is not None and len(places) < len(leaves):
                raise TypeError(f"argument '{self.names[argument]}' has leaves that cannot be differentiated: "
                                f"{leaves[[p not in places for p in range(len(leaves))].index(True)].dtype}")
            positions += [starts[argument] + place for place in places]
            # Leaves without a derivative are None, which is a tree without leaves.
            skeleton = self.arguments[argument].unflatten([leaf if leaf.is_differentiable else None for leaf in leaves])
            tangents.append(skeleton)
        if not positions:
            raise TypeError("no argument can be differentiated")
        result = self.result.unflatten(self.result_types)
        of_result = self.result.unflatten([leaf if leaf.is_differentiable else None for leaf in self.result_types])
        of_arguments = tangents[0] if is_single else tuple(tangents)
        structure, leaves_of = tree_util.tree_structure, tree_util.tree_leaves
        if kind == "grad":
            if self.tangents is not None:
                result = self.tangents[0].unflatten(self.tangents[1])
            both = (result, of_arguments)
            return positions, dataclasses.replace(
                self, result=structure(both), result_types=tuple(leaves_of(both)), tangents=None
            )
        if kind == "jvp":
            both = (result, of_result)
            prefix = "d_" if all(f"d_{name}" not in self.names for name in self.names) else "d2_"
            return positions, dataclasses.replace(
                self,
                names=(*self.names, *(prefix + self.names[argument] for argument in chosen)),
                arguments=(*self.arguments, *map(structure, tangents)),
                argument_leaves=(*self.argument_leaves, *(tuple(leaves_of(tangent)) for tangent in tangents)),
                result=structure(both),
                result_types=tuple(leaves_of(both)),
                tangents=(structure(of_result), tuple(leaves_of(of_result))),
            )
        cotangents, restored = structure(of_result), structure(of_arguments)
        count = len(leaves_of(of_arguments))

        def flatten(given):
            return flattened(cotangents, given, "cotangents")

        def restore(leaves):
            return restored.unflatten([leaves] if count == 1 else leaves)

        return positions, dataclasses.replace(self, cotangents=(flatten, restore))

    def chosen(self, wrt) -> list[int]:
        """The arguments to differentiate with respect to."""
        count = len(self.arguments)
        if wrt is None:
            return [index for index, leaves in enumerate(self.argument_leaves)
                    if any(leaf.is_differentiable for leaf in leaves)]
        chosen = [wrt] if isinstance(wrt, int) else list(wrt)
        for index in chosen:
            if not -count <= index < count:
                raise ValueError(f"wrt={index}: the function has {count} arguments, counted from 0")
        return [index % count for index in chosen]


def flattened(tree, given, subject: str) -> list[Any]:
    """The leaves of a tree, whose structure must be `tree`."""
    from jax import tree_util

    leaves, structure = tree_util.tree_flatten(given)
    if structure != tree:
        raise TypeError(f"{subject} has the structure {structure}, not {tree}")
    return leaves


def typed(leaf, of: Leaf):
    """A result with the type that JAX gives it: compiled functions return integers with signs."""
    return leaf.view(of.dtype) if numpy.issubdtype(of.dtype, numpy.unsignedinteger) else leaf
