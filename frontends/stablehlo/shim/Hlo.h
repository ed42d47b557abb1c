// The classes of the StableHLO dialects, generated from ODS, and the parsers and printers that ODS calls.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

// Bodies of attributes, after the mnemonic. Parsers return null after a diagnostic. td/Base.td explains the layouts.
namespace dp::hlo {

mlir::DictionaryAttr parseStruct(mlir::AsmParser &parser, llvm::StringRef layout);
void printStruct(mlir::AsmPrinter &printer, mlir::DictionaryAttr fields, llvm::StringRef layout);

mlir::DictionaryAttr parseKeyword(mlir::AsmParser &parser, llvm::StringRef values);
void printKeyword(mlir::AsmPrinter &printer, mlir::DictionaryAttr fields, llvm::StringRef values);
void printBracketedKeyword(mlir::AsmPrinter &printer, mlir::DictionaryAttr fields, llvm::StringRef values);

mlir::DictionaryAttr parseText(mlir::AsmParser &parser, llvm::StringRef layout);
void printText(mlir::AsmPrinter &printer, mlir::DictionaryAttr fields, llvm::StringRef layout);

mlir::DictionaryAttr parseConv(mlir::AsmParser &parser, llvm::StringRef layout);
void printConv(mlir::AsmPrinter &printer, mlir::DictionaryAttr fields, llvm::StringRef layout);
// The same without angle brackets.
mlir::DictionaryAttr parseConvBody(mlir::AsmParser &parser);
void printConvBody(mlir::AsmPrinter &printer, mlir::DictionaryAttr fields);

mlir::DictionaryAttr parseBounds(mlir::AsmParser &parser, llvm::StringRef layout);
void printBounds(mlir::AsmPrinter &printer, mlir::DictionaryAttr fields, llvm::StringRef layout);

/// `[0, 1]`
mlir::ParseResult parseIntegers(mlir::AsmParser &parser, llvm::SmallVectorImpl<int64_t> &integers);
mlir::DenseI64ArrayAttr parseIntegers(mlir::AsmParser &parser);
void printIntegers(mlir::AsmPrinter &printer, llvm::ArrayRef<int64_t> integers);

/// A field of an attribute as a list of integers or a string; empty if it is absent.
llvm::ArrayRef<int64_t> integers(mlir::DictionaryAttr fields, llvm::StringRef name);
llvm::StringRef string(mlir::DictionaryAttr fields, llvm::StringRef name);

/// The fields of an attribute, if it is one of `Attrs`.
template <typename... Attrs> mlir::DictionaryAttr fieldsOf(mlir::Attribute attribute) {
  mlir::DictionaryAttr fields;
  ((fields = llvm::isa<Attrs>(attribute) ? llvm::cast<Attrs>(attribute).getFields() : fields), ...);
  return fields;
}

} // namespace dp::hlo

#include "StablehloDialect.h.inc"
#include "ChloDialect.h.inc"
#include "SdyDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "StablehloTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "StablehloAttrs.h.inc"
#define GET_ATTRDEF_CLASSES
#include "ChloAttrs.h.inc"
#define GET_ATTRDEF_CLASSES
#include "SdyAttrs.h.inc"

#define GET_OP_CLASSES
#include "StablehloOps.h.inc"
#define GET_OP_CLASSES
#include "ChloOps.h.inc"
#define GET_OP_CLASSES
#include "SdyOps.h.inc"
