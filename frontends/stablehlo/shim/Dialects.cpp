// Class definitions of the StableHLO dialects, and their registration.

#include "Assembly.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Registration.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dp::stablehlo {
using namespace dp::hlo;
} // namespace dp::stablehlo

#include "StablehloDialect.cpp.inc"
#include "ChloDialect.cpp.inc"
#include "SdyDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "StablehloTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "StablehloAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "StablehloOps.cpp.inc"

namespace dp::stablehlo {

void StablehloDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "StablehloTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "StablehloAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "StablehloOps.cpp.inc"
      >();
}

LogicalResult sliceOp::verify() {
  size_t rank = getStartIndices().size();
  if (getLimitIndices().size() != rank || getStrides().size() != rank)
    return emitOpError("requires as many limits and strides as starts");
  return success();
}

LogicalResult convolutionOp::verify() {
  if (std::optional<DenseIntElementsAttr> padding = getPadding()) {
    ShapedType type = padding->getType();
    if (type.getRank() != 2 || type.getDimSize(1) != 2)
      return emitOpError("requires a padding with two columns");
  }
  return success();
}

LogicalResult optimization_barrierOp::verify() {
  if (TypeRange(getOperandTypes()) != TypeRange(getResultTypes()))
    return emitOpError("requires results of the operands' types");
  return success();
}

LogicalResult tupleOp::verify() {
  auto type = dyn_cast<TupleType>(getResult().getType());
  if (!type || TypeRange(type.getTypes()) != TypeRange(getOperandTypes()))
    return emitOpError("requires a tuple of the operands' types");
  return success();
}

} // namespace dp::stablehlo

extern "C" {
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Stablehlo, stablehlo);
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Chlo, chlo);
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Sdy, sdy);
}

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Stablehlo, stablehlo, dp::stablehlo::StablehloDialect)
MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Chlo, chlo, dp::chlo::ChloDialect)
MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Sdy, sdy, dp::sdy::SdyDialect)
