"""Calls functions of dpc's libraries on NumPy arrays, by the description that every library contains."""

import ctypes
import re

import numpy as np

SCALARS = {"f64": ctypes.c_double, "i64": ctypes.c_int64, "index": ctypes.c_int64}
ALIGNMENT = 4096
PARAMETER = re.compile(r"(\w+) (\w+)((?:\[[^]]*\])*)")


class Library:
    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        name = re.fullmatch(r"lib(\w+)\.so", path.name)[1]
        self.free = self.library[name + "_free"] if hasattr(self.library, name + "_free") else None
        self.message = self.library[name + "_message"]
        self.message.restype = ctypes.c_char_p
        text = ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(self.library, name + "__abi"))).decode()
        self.functions, self.with_workspace = {}, set()
        for line in text.splitlines()[1:]:
            function, signature = line.removesuffix("; workspace").split(": ", 1)
            if line.endswith("; workspace"):
                self.with_workspace.add(function)
            self.functions[function] = [PARAMETER.findall(side) for side in signature.split("->")]

    def prepare(self, name, *arguments, keep=True):
        """A call without arguments. It returns the results: numbers as arrays of rank 0, tensors as arrays.

        The calls share a workspace if `keep`; otherwise the library allocates one in each call.
        """
        takes, gives = self.functions[name]
        assert len(takes) == len(arguments), f"{name} takes {len(takes)} arguments"
        values, extents = [], {}
        for (number, argument, dims), value in zip(takes, arguments):
            if not dims:
                values.append(SCALARS[number](value))
                continue
            assert value.dtype == np.float64 and value.flags.c_contiguous
            values.append(ctypes.c_void_p(value.ctypes.data))
            for dim, extent in enumerate(re.findall(r"\[(.*?)\]", dims)):
                extents[f"{argument}.{dim}"] = value.shape[dim]
                if extent == "?":
                    values.append(ctypes.c_int64(value.shape[dim]))
        shapes = [re.findall(r"\[(.*?)\]", dims) for _, _, dims in gives]

        def results_and_parameters():
            results, parameters = [], list(values)
            for shape in shapes:
                if any(extent.startswith("*") for extent in shape):
                    result = Allocated(self.free, len(shape))
                    parameters += result.parameters
                else:
                    result = np.empty([extents[extent] if extent in extents else int(extent) for extent in shape])
                    parameters.append(ctypes.c_void_p(result.ctypes.data))
                results.append(result)
            return results, parameters

        if keep and name in self.with_workspace:
            size = ctypes.c_int64()
            self.check(self.library[name + "__workspace_size"](*results_and_parameters()[1], ctypes.byref(size)))
            memory = np.empty(size.value + ALIGNMENT, np.uint8)
            start = ctypes.c_void_p(-(-memory.ctypes.data // ALIGNMENT) * ALIGNMENT)
            function, workspace = self.library[name + "__with_workspace"], [start, size]
        else:
            function, workspace, memory = self.library[name], [], None

        def call():
            results, parameters = results_and_parameters()
            self.check(function(*parameters, *workspace))
            return results

        call.memory = arguments, memory  # Keeps it alive.
        return call

    def check(self, status):
        if status != 0:
            raise RuntimeError((self.message(status) or b"unknown status").decode())


class Allocated:
    """A result that the library allocates."""

    def __init__(self, free, rank):
        self.free = free
        self.address = ctypes.POINTER(ctypes.c_double)()
        self.extents = [ctypes.c_int64() for _ in range(rank)]
        self.parameters = [ctypes.byref(self.address), *map(ctypes.byref, self.extents)]

    def __array__(self, dtype=None, copy=None):
        return np.ctypeslib.as_array(self.address, [extent.value for extent in self.extents]).copy()

    def __del__(self):
        if self.address:
            self.free(self.address)
