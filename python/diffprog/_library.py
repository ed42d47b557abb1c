"""Libraries that were compiled before."""

from __future__ import annotations

import os

from . import _native
from ._function import Function


class Library:
    """A compiled library. Its functions are attributes, with names, signatures and documentation."""

    def __init__(self, path):
        name, functions = _native.load(os.fspath(path))
        self.__name__ = name
        self._path = path
        self._functions = {function.name: Function(function) for function in functions}
        for function in self._functions.values():
            setattr(self, function.__name__, function)
        lines = "\n".join(f"  {function.__name__}{function.__signature__}" for function in self)
        self.__doc__ = f"The library {name}, from {path}.\n\n{lines}\n"

    def __getitem__(self, name: str) -> Function:
        return self._functions[name]

    def __iter__(self):
        return iter(self._functions.values())

    def __len__(self) -> int:
        return len(self._functions)

    def __repr__(self) -> str:
        return f"<diffprog library {self.__name__}: {', '.join(self._functions)}>"


def load(path) -> Library:
    """Loads a library that `dpc` or `save` has written. Loading is like running a program: only load files that you
    trust.

    >>> wave = dp.load("libwave.so")
    >>> wave.wave_grad(2.0, numpy.array([0.5, 1.0, 1.5]))
    Results(sum=..., d_a=..., d_x=array(...))
    """
    return Library(path)
