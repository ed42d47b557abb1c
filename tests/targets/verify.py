"""Parses and verifies StableHLO programs with jaxlib: verify.py FOLDER."""

import pathlib
import sys

from jaxlib.mlir import ir
from jaxlib.mlir._mlir_libs import _jax_mlir_ext
from jaxlib.mlir.dialects import stablehlo


def main(folder):
    registry = ir.DialectRegistry()
    _jax_mlir_ext.register_dialects(registry)
    context = ir.Context()
    context.append_dialect_registry(registry)
    context.load_all_available_dialects()
    stablehlo.register_dialect(context)
    paths = sorted(pathlib.Path(folder).glob("*.mlir"))
    refused = 0
    with context:
        for path in paths:
            try:
                ir.Module.parse(path.read_text()).operation.verify()
            except ir.MLIRError as error:
                refused += 1
                print(f"{path.name}: {error}")
    print(f"StableHLO {stablehlo.get_current_version()}: {len(paths) - refused} programs verified, {refused} refused")
    return 1 if refused or not paths else 0


sys.exit(main(sys.argv[1]))
