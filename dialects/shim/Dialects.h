// The classes of our dialects, generated from ODS. Verifiers, folders and type inference are implemented in Rust,
// behind the trampolines declared here.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace dp {

llvm::LogicalResult verifyInRust(mlir::Operation *op);
llvm::LogicalResult verifyRequestInRust(mlir::Operation *op, mlir::Operation *callee);
mlir::OpFoldResult foldInRust(mlir::Operation *op, llvm::ArrayRef<mlir::Attribute> operands);
llvm::LogicalResult inferInRust(llvm::StringRef name, mlir::MLIRContext *context,
                                std::optional<mlir::Location> location, mlir::ValueRange operands,
                                mlir::DictionaryAttr attributes, llvm::SmallVectorImpl<mlir::Type> &types);

/// The attributes including inherent ones, which are in the properties or, from a generic builder, in the dictionary.
template <typename OpTy>
mlir::DictionaryAttr allAttributes(mlir::MLIRContext *context, mlir::DictionaryAttr attributes,
                                   mlir::OpaqueProperties properties) {
  mlir::NamedAttrList all(attributes);
  if constexpr (OpTy::hasProperties()) {
    if (properties) {
      using Properties = typename OpTy::template InferredProperties<OpTy>;
      if (auto dict = llvm::dyn_cast_or_null<mlir::DictionaryAttr>(
              OpTy::getPropertiesAsAttr(context, *properties.as<Properties *>())))
        for (mlir::NamedAttribute attribute : dict)
          all.set(attribute.getName(), attribute.getValue());
    }
  }
  return all.getDictionary(context);
}

} // namespace dp

#include "ScalarEnums.h.inc"
#include "ArrayEnums.h.inc"

#include "ScalarDialect.h.inc"
#include "ArrayDialect.h.inc"
#include "AdDialect.h.inc"
#include "DpDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "AdTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "AdAttrs.h.inc"

#define GET_OP_CLASSES
#include "ScalarOps.h.inc"
#define GET_OP_CLASSES
#include "ArrayOps.h.inc"
#define GET_OP_CLASSES
#include "AdOps.h.inc"
