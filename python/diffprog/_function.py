"""Compiled functions."""

from __future__ import annotations

import functools
import inspect
from collections import namedtuple
from typing import TYPE_CHECKING, Any, Optional

from . import _native

if TYPE_CHECKING:
    from ._program import Program
    from ._trees import Trees


def _signature(function: _native.Function) -> inspect.Signature:
    """The arguments by name, with the types as annotations."""
    parameters = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=_Type(text))
        for name, text in function.arguments
        if name.isidentifier()
    ]
    if all(parameter.name != "out" for parameter in parameters):
        parameters.append(inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None))
    results = ", ".join(f"{name}: {text}" for name, text in function.results)
    returns = results if len(function.results) == 1 else f"({results})"
    if function.has_pullback:
        returns = f"({returns}, pullback)"
    return inspect.Signature(parameters, return_annotation=_Type(returns))


class _Type:
    """An annotation that prints as it is."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text


class Function(_native.Function):
    """A compiled function.

    It takes numbers and arrays, in order or by name, and returns a number or an array; several results are a named tuple.
    Arrays are used where they are: NumPy's, and others through DLPack, on the host. Only arrays that are not in row-major
    order are copied. With `out=`, results go to given arrays: one for each result, or None. Calls release the GIL, and any
    number of threads may call at once.
    """

    _program: Optional[Program]
    _options: dict[str, Any]

    def __new__(cls, function: _native.Function, program: Optional[Program] = None, options=None):
        make = None
        if len(function.results) > 1:
            results = namedtuple("Results", [name for name, _ in function.results], rename=True)
            # Faster than `_make`, whose check of the length is not needed here.
            make = functools.partial(tuple.__new__, results)
        self = super().__new__(cls, function, make)
        self.__name__ = self.__qualname__ = function.name
        self.__signature__ = _signature(function)
        self.__doc__ = f"{function.name}{self.__signature__}\n\n{inspect.cleandoc(cls.__doc__)}"
        self._program, self._options = program, options or {}
        return self

    def __repr__(self) -> str:
        return f"<diffprog function {self.__name__}{self.__signature__}>"

    def save(self, path) -> None:
        """Writes the program as a library, `libNAME.so`, and its header, `NAME.h` beside it."""
        _save(self, path)


def _save(function, path) -> None:
    if function._program is None:
        raise TypeError("the function is from a library; copy its file")
    function._program.save(path, **function._options)


class TreeFunction:
    """A compiled function over trees of arrays, as JAX has them: tuples, lists, dictionaries and registered classes.

    It takes the arguments of the function that JAX traced, and returns what that returns, with NumPy arrays. With `out=`,
    results go to arrays in a tree of the same structure. Everything else is as for `Function`.
    """

    def __init__(self, function: _native.Function, trees: Trees, program: Program, options: dict[str, Any]):
        self._function = _native.Function(function, None, True)
        self._trees, self._program, self._options = trees, program, options
        self.__name__ = self.__qualname__ = function.name
        self.__signature__ = trees.signature()

    @property
    def flat(self) -> Function:
        """The function over the leaves of the trees, in order."""
        return Function(self._function, self._program, self._options)

    def __repr__(self) -> str:
        return f"<diffprog function {self.__name__}{self.__signature__}>"

    def __call__(self, *args, out=None, **kwargs):
        trees = self._trees
        leaves = trees.leaves(self.__signature__.bind(*args, **kwargs).args if kwargs else args)
        if out is not None:
            out = trees.result_leaves(out)
        results = self._function(*leaves, out=out)
        if not self._function.has_pullback:
            return trees.results(results)
        results, pullback = results
        return trees.results(results), trees.pullback(pullback)

    def save(self, path) -> None:
        """Writes the program as a library, `libNAME.so`, and its header, `NAME.h` beside it."""
        _save(self, path)
