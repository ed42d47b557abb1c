"""Programs and their derivatives."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Optional, Union

from . import _native
from ._function import Function, TreeFunction
from ._trees import Trees

Wrt = Union[None, int, Sequence[int]]


class Program:
    """A program and one of its functions. `str` gives its text, in MLIR.

    Derivatives are programs again, so that they can be combined: `program.grad().jvp()` has products with the Hessian.
    """

    def __init__(self, native: _native.Program, trees: Optional[Trees] = None):
        self._native, self._trees = native, trees

    @property
    def function(self) -> str:
        """The name of the function, in the text and in libraries."""
        return self._native.function

    def __str__(self) -> str:
        return self._native.text()

    def __repr__(self) -> str:
        return f"<diffprog program {self.function}>"

    def grad(self, wrt: Wrt = None) -> Program:
        """The function and its gradient. It must return one real number.

        `wrt` is the position of an argument, or several; by default, of all that can be differentiated. Of a program from
        JAX, arguments are trees, and the result is `(value, gradient)`: the gradient is a tree for one position, and a
        tuple of trees for several. Of other programs, the results are the value and each gradient, `d_NAME`.

        Of complex arguments, it is the gradient for descent, the conjugate of what `jax.grad` returns.
        """
        return self._derivative("grad", wrt)

    def jvp(self, wrt: Wrt = None) -> Program:
        """The function and its derivative in a direction. It takes tangents after the arguments, one for each position in
        `wrt`, and returns the results and their tangents."""
        return self._derivative("jvp", wrt)

    def vjp(self, wrt: Wrt = None) -> Program:
        """The function and its pullback: compiled, it returns `(results, pullback)`, and `pullback` takes cotangents of the
        results and returns those of the arguments in `wrt`. What it keeps is freed with it."""
        return self._derivative("vjp", wrt)

    def _derivative(self, kind: str, wrt: Wrt) -> Program:
        if self._native.primal is not None:
            raise TypeError(f"{self.function} returns a pullback; take other derivatives first, vjp() last")
        if self._trees is None:
            positions = wrt if wrt is None else [wrt] if isinstance(wrt, int) else list(wrt)
            return Program(self._native.derivative(kind, positions))
        positions, trees = self._trees.derivative(kind, wrt)
        return Program(self._native.derivative(kind, positions), trees)

    def simplify(self) -> Program:
        """The program after simplification."""
        if self._native.primal is not None:
            raise TypeError(f"{self.function} returns a pullback; simplify the program before vjp()")
        return Program(self._native.simplified(), self._trees)

    def compile(
        self,
        target: str = "cpu",
        *,
        fp: Optional[str] = None,
        level: Optional[int] = None,
        max_tape: Union[None, int, str] = None,
        specialize: Optional[dict[str, Sequence[int]]] = None,
        mcpu: Optional[str] = None,
        plugin: Union[None, str, os.PathLike] = None,
    ) -> Union[Function, TreeFunction]:
        """Compiles the function. Ctrl-C ends it.

        `target`: `"cpu"`; `"cuda"`, a GPU of NVIDIA; `"xla"`, through a PJRT plugin (`plugin`, or the environment's
        `DP_PJRT_PLUGIN`); `"interp"`, the interpreter, slow, which defines the correct results. `fp`: the floating-point
        model, `"strict"`, `"reassociate"` or `"fast"`. `level`: how much to optimize, 0 to 3. `max_tape`: the bytes that
        a derivative may keep, such as `"64M"`. `specialize`: fixed extents of arguments, by name. `mcpu`: the CPU, by
        LLVM's name; by default this one.
        """
        options = _options(target, fp, level, max_tape, specialize, mcpu, plugin)
        native = self._native.compile(options)
        if self._trees is None:
            return Function(native, self, options)
        return TreeFunction(native, self._trees, self, options)

    def save(self, path, target: str = "cpu", **options: Any) -> None:
        """Compiles all public functions of the program, its derivatives included, and writes a library, `libNAME.so`, and
        its C header, `NAME.h` beside it. The options are those of `compile`."""
        self._native.save(os.fspath(path), {**_options(target), **options})


def _options(target, fp=None, level=None, max_tape=None, specialize=None, mcpu=None, plugin=None) -> dict[str, Any]:
    return {
        "target": target,
        "fp": fp,
        "level": level,
        "max_tape": None if max_tape is None else str(max_tape),
        "specialize": specialize,
        "mcpu": mcpu,
        "plugin": None if plugin is None else os.fspath(plugin),
    }


def from_mlir(source, function: Optional[str] = None) -> Program:
    """Reads a program: the path of a file, or text, which has several lines or begins a function or a module.

    `function` is its function that is meant; by default the only public one.
    """
    if isinstance(source, os.PathLike) or not _is_text(source):
        path = os.fspath(source)
        with open(path, "rb") as file:
            return Program(_native.Program.read(path, file.read(), function))
    return Program(_native.Program.read("<text>", source.encode(), function))


def _is_text(source: str) -> bool:
    return "\n" in source or "{" in source


def from_stablehlo(source: Union[str, bytes], function: Optional[str] = None) -> Program:
    """Reads StableHLO: text, or what `jax.export` serializes, or a portable artifact; the last two need jaxlib."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        from ._jax import text_of

        source = text_of(bytes(source))
    return Program(_native.Program.read("<stablehlo>", source.encode(), function))
