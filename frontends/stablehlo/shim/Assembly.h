// The parts of operations' assembly that ODS formats name by `custom<...>`.
#pragma once

#include "Hlo.h"

namespace dp::hlo {
using namespace mlir;

/// The types of operands and of the result: one type if all are the same, else a function type.
ParseResult parseSameTypes(OpAsmParser &parser, ArrayRef<Type *> operands, Type &result);
void printSameTypes(OpAsmPrinter &printer, Operation *op, TypeRange operands, Type result);

inline ParseResult parseSameType(OpAsmParser &parser, Type &a, Type &result) {
  return parseSameTypes(parser, {&a}, result);
}
inline ParseResult parseSameType(OpAsmParser &parser, Type &a, Type &b, Type &result) {
  return parseSameTypes(parser, {&a, &b}, result);
}
inline ParseResult parseSameType(OpAsmParser &parser, Type &a, Type &b, Type &c, Type &result) {
  return parseSameTypes(parser, {&a, &b, &c}, result);
}
inline void printSameType(OpAsmPrinter &printer, Operation *op, Type a, Type result) {
  printSameTypes(printer, op, {a}, result);
}
inline void printSameType(OpAsmPrinter &printer, Operation *op, Type a, Type b, Type result) {
  printSameTypes(printer, op, {a, b}, result);
}
inline void printSameType(OpAsmPrinter &printer, Operation *op, Type a, Type b, Type c, Type result) {
  printSameTypes(printer, op, {a, b, c}, result);
}

using Operands = SmallVectorImpl<OpAsmParser::UnresolvedOperand>;

ParseResult parseVariadicSameType(OpAsmParser &parser, const Operands &operands, SmallVectorImpl<Type> &types,
                                  Type &result);
void printVariadicSameType(OpAsmPrinter &printer, Operation *op, OperandRange operands, TypeRange types, Type result);

/// The type of a complex result, from which those of the operands follow, or a function type.
ParseResult parseComplexType(OpAsmParser &parser, Type &lhs, Type &rhs, Type &result);
void printComplexType(OpAsmPrinter &printer, Operation *op, Type lhs, Type rhs, Type result);

/// The types of the predicate and of the result, or a function type.
ParseResult parseSelectType(OpAsmParser &parser, Type &pred, Type &onTrue, Type &onFalse, Type &result);
void printSelectType(OpAsmPrinter &printer, Operation *op, Type pred, Type onTrue, Type onFalse, Type result);

/// A tuple type, whose elements are the types of the operands.
ParseResult parseTupleType(OpAsmParser &parser, SmallVectorImpl<Type> &operands, Type &result);
void printTupleType(OpAsmPrinter &printer, Operation *op, TypeRange operands, Type result);

/// Types of operands, which are also those of the results.
ParseResult parsePairwiseTypes(OpAsmParser &parser, SmallVectorImpl<Type> &operands, SmallVectorImpl<Type> &results);
void printPairwiseTypes(OpAsmPrinter &printer, Operation *op, TypeRange operands, TypeRange results);

/// Operands, each with a comma behind it.
ParseResult parseOperandsBeforeKeyword(OpAsmParser &parser, Operands &operands);
void printOperandsBeforeKeyword(OpAsmPrinter &printer, Operation *op, OperandRange operands);

/// `e5m10`
ParseResult parseFloatFormat(OpAsmParser &parser, IntegerAttr &exponent, IntegerAttr &mantissa);
void printFloatFormat(OpAsmPrinter &printer, Operation *op, IntegerAttr exponent, IntegerAttr mantissa);

/// `[0:2, 1:3:2]`
ParseResult parseSliceRanges(OpAsmParser &parser, DenseI64ArrayAttr &starts, DenseI64ArrayAttr &limits,
                             DenseI64ArrayAttr &strides);
void printSliceRanges(OpAsmPrinter &printer, Operation *op, DenseI64ArrayAttr starts, DenseI64ArrayAttr limits,
                      DenseI64ArrayAttr strides);

/// `batching_dims = [0] x [0], contracting_dims = [1] x [1]`
ParseResult parseDotDimensions(OpAsmParser &parser, stablehlo::DotAttr &dimensions);
void printDotDimensions(OpAsmPrinter &printer, Operation *op, stablehlo::DotAttr dimensions);

/// `, precision = [DEFAULT, DEFAULT], algorithm = <...>`; both may be absent.
ParseResult parsePrecision(OpAsmParser &parser, ArrayAttr &precision, stablehlo::DotAlgorithmAttr &algorithm);
void printPrecision(OpAsmPrinter &printer, Operation *op, ArrayAttr precision,
                    stablehlo::DotAlgorithmAttr algorithm);
inline ParseResult parsePrecision(OpAsmParser &parser, ArrayAttr &precision) {
  SMLoc at = parser.getCurrentLocation();
  stablehlo::DotAlgorithmAttr algorithm;
  if (parsePrecision(parser, precision, algorithm))
    return failure();
  return algorithm ? parser.emitError(at, "expected no algorithm") : success();
}
inline void printPrecision(OpAsmPrinter &printer, Operation *op, ArrayAttr precision) {
  printPrecision(printer, op, precision, {});
}

ParseResult parseConvDimensions(OpAsmParser &parser, stablehlo::ConvAttr &dimensions);
void printConvDimensions(OpAsmPrinter &printer, Operation *op, stablehlo::ConvAttr dimensions);

/// `stride = [1, 1], pad = [[0, 0], [1, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, true]`; each
/// may be absent.
ParseResult parseWindow(OpAsmParser &parser, DenseI64ArrayAttr &strides, DenseIntElementsAttr &padding,
                        DenseI64ArrayAttr &lhsDilation, DenseI64ArrayAttr &rhsDilation, DenseBoolArrayAttr &reversal);
void printWindow(OpAsmPrinter &printer, Operation *op, DenseI64ArrayAttr strides, DenseIntElementsAttr padding,
                 DenseI64ArrayAttr lhsDilation, DenseI64ArrayAttr rhsDilation, DenseBoolArrayAttr reversal);

inline ParseResult parseCallTarget(OpAsmParser &parser, StringAttr &target) { return parser.parseSymbolName(target); }
inline void printCallTarget(OpAsmPrinter &printer, Operation *, StringAttr target) {
  printer.printSymbolName(target.getValue());
}

/// The keyword of an attribute, without its mnemonic.
template <typename Keyword> ParseResult parseKeywordValue(OpAsmParser &parser, Keyword &keyword) {
  keyword = llvm::cast_or_null<Keyword>(Keyword::parse(parser, {}));
  return success(!!keyword);
}
template <typename Keyword> void printKeywordValue(OpAsmPrinter &printer, Operation *, Keyword keyword) {
  if (keyword)
    printer << string(keyword.getFields(), "value");
}

/// The function type after a colon, whose inputs are the types of the operands and whose results are those of the
/// operation.
ParseResult parseSignature(OpAsmParser &parser, Operands &operands, OperationState &state);

} // namespace dp::hlo
