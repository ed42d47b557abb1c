"""Differentiable programs: gradients, simplification, native code.

>>> import diffprog as dp
>>> program = dp.from_jax(loss, params, x, labels)
>>> step = program.grad(wrt=0).compile()
>>> value, gradient = step(params, x, labels)
>>> program.grad(wrt=0).save("libloss.so")

A `Program` comes from MLIR, StableHLO or JAX; its derivatives are programs again. `compile` makes a `Function`, which
takes NumPy arrays and all arrays that speak DLPack. `load` opens a library that was compiled before.
"""

import atexit as _atexit

from . import _native
from ._errors import CompileError, DiffprogError, RunError
from ._function import Function, TreeFunction
from ._library import Library, load
from ._program import Program, from_mlir, from_stablehlo
from ._jax import from_jax

__all__ = [
    "CompileError",
    "DiffprogError",
    "Function",
    "Library",
    "Program",
    "RunError",
    "TreeFunction",
    "from_jax",
    "from_mlir",
    "from_stablehlo",
    "load",
]
__version__ = "0.1.0"

# A compilation that Ctrl-C has ended stops after its current step, which must not run while the process ends.
_atexit.register(_native.join)
