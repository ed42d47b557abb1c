"""Exceptions, with the diagnostics of the compiler."""

from __future__ import annotations

from typing import Any, Optional


class DiffprogError(Exception):
    """An error of the compiler or of a compiled function. It prints as `dpc` prints it.

    The attributes are those of the first diagnostic; `diagnostics` has all, as dictionaries with the fields of
    `dpc --diagnostics=json`.
    """

    message: str
    code: Optional[str]
    help: Optional[str]
    file: Optional[str]
    line: Optional[int]
    column: Optional[int]
    diagnostics: list[dict[str, Any]]

    def __init__(self, text: str, diagnostics: Optional[list[dict[str, Any]]] = None):
        super().__init__(text)
        self.diagnostics = diagnostics or []
        first = self.diagnostics[0] if self.diagnostics else {}
        self.message = first.get("message", text)
        for name in ("code", "help", "file", "line", "column"):
            setattr(self, name, first.get(name))

    def __reduce__(self):
        return type(self), (self.args[0], self.diagnostics)


class CompileError(DiffprogError):
    """A program is invalid, or something in it is not supported."""


class RunError(DiffprogError):
    """A compiled function has failed: a check of the program, or of the extents of arguments."""
