"""dpc as a tool of GradBench: `python3 tool.py` speaks its protocol on standard input and output.

`define` compiles the program of an eval and its gradient to a shared library with $DPC.
"""

import ctypes
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from common import compile_library, workspace  # noqa: E402
from library import Library  # noqa: E402
from protocol import serve  # noqa: E402


def array(value):
    return np.ascontiguousarray(value, dtype=np.float64)


def square_matrix(data):
    return [array(data["A"]).reshape(data["ell"], data["ell"])]


def mixture(data):
    return [*(array(data[name]) for name in ("alpha", "mu", "q", "l", "x")), data["gamma"], data["m"]]


def network(data):
    main, extra, state, sequence = (array(data[name]) for name in ("main_params", "extra_params", "state", "sequence"))
    layers, bits = len(state) // 2, sequence.shape[1]
    return [main.reshape(layers, 2, 4, bits), extra, state.reshape(layers, 2, bits), sequence]


def value(results):
    return float(results[0])


def first(results):
    return np.asarray(results[0]).tolist()


def gradient(results):
    """The gradient, which follows the value."""
    return np.asarray(results[1]).ravel().tolist()


def mixture_gradient(results):
    return dict(zip(("alpha", "mu", "q", "l"), (result.tolist() for result in results[1:])))


def network_gradient(results):
    return np.concatenate([result.ravel() for result in results[1:]]).tolist()


# For each eval, the gradient that dpc adds and GradBench's functions: the library's function, its arguments from an
# input, and the output from its results.
EVALS = {
    "hello": (
        "square",
        {
            "square": ("square", lambda x: [x], value),
            "double": ("square_grad", lambda x: [x], lambda results: float(results[1])),
        },
    ),
    "ode": (
        "last:wrt=0",
        {
            "primal": ("ode", lambda data: [array(data["x"]), data["s"]], first),
            "gradient": ("last_grad", lambda data: [array(data["x"]), data["s"]], gradient),
        },
    ),
    "lstm": (
        "lstm:wrt=0,1",
        {"objective": ("lstm", network, value), "jacobian": ("lstm_grad", network, network_gradient)},
    ),
    "gmm": (
        "gmm:wrt=0,1,2,3",
        {"objective": ("gmm", mixture, value), "jacobian": ("gmm_grad", mixture, mixture_gradient)},
    ),
    "lse": (
        "lse",
        {
            "primal": ("lse", lambda data: [array(data["x"])], value),
            "gradient": ("lse_grad", lambda data: [array(data["x"])], gradient),
        },
    ),
    "llsq": (
        "llsq:wrt=0",
        {
            "primal": ("llsq", lambda data: [array(data["x"]), data["n"]], value),
            "gradient": ("llsq_grad", lambda data: [array(data["x"]), data["n"]], gradient),
        },
    ),
    "det": (
        "det",
        {"primal": ("det", square_matrix, value), "gradient": ("det_grad", square_matrix, gradient)},
    ),
}

libraries = {}


def define(module):
    path = workspace("gradbench") / f"lib{module}.so"
    compile_library(HERE / f"{module}.mlir", path, "--grad", EVALS[module][0])
    libraries[module] = Library(path)


def prepare(module, function, data, memory):
    """When memory is measured, the call allocates its workspace; otherwise calls share one."""
    name, arguments, output = EVALS[module][1][function]
    return libraries[module].prepare(name, *arguments(data), keep=not memory), output


def flush_denormals():
    """Makes this thread's floating-point unit treat denormal numbers as 0, as XLA does in its own threads."""
    environment = (ctypes.c_uint32 * 8)()  # glibc's fenv_t on x86-64; MXCSR is last.
    libm = ctypes.CDLL("libm.so.6")
    libm.fegetenv(environment)
    environment[7] |= 0x8040  # Flush to zero, and denormals are zero.
    libm.fesetenv(environment)


if __name__ == "__main__":
    flush_denormals()
    serve("dpc", define, prepare)
