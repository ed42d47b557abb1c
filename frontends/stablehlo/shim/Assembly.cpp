// Parsers and printers of the parts of operations.

#include "Assembly.h"

namespace dp::hlo {

/// Takes types from a function type.
static ParseResult takeTypes(OpAsmParser &parser, SMLoc at, FunctionType type, ArrayRef<Type *> operands,
                             Type &result) {
  if (type.getNumInputs() != operands.size() || type.getNumResults() != 1)
    return parser.emitError(at) << "expected a function type with " << operands.size() << " inputs and 1 result";
  for (auto [operand, input] : llvm::zip(operands, type.getInputs()))
    *operand = input;
  result = type.getResult(0);
  return success();
}

ParseResult parseSameTypes(OpAsmParser &parser, ArrayRef<Type *> operands, Type &result) {
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseType(result))
    return failure();
  if (auto type = dyn_cast<FunctionType>(result))
    return takeTypes(parser, at, type, operands, result);
  for (Type *operand : operands)
    *operand = result;
  return success();
}

void printSameTypes(OpAsmPrinter &printer, Operation *op, TypeRange operands, Type result) {
  if (llvm::all_of(operands, [&](Type operand) { return operand == result; }))
    printer << result;
  else
    printer.printFunctionalType(op);
}

ParseResult parseVariadicSameType(OpAsmParser &parser, const Operands &operands, SmallVectorImpl<Type> &types,
                                  Type &result) {
  types.resize(operands.size());
  SmallVector<Type *> pointers;
  for (Type &type : types)
    pointers.push_back(&type);
  return parseSameTypes(parser, pointers, result);
}

void printVariadicSameType(OpAsmPrinter &printer, Operation *op, OperandRange, TypeRange types, Type result) {
  printSameTypes(printer, op, types, result);
}

/// The type of the real parts, or null if the type is not a tensor of complex numbers.
static Type realType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto element = tensor ? dyn_cast<ComplexType>(tensor.getElementType()) : ComplexType();
  return element ? Type(tensor.clone(element.getElementType())) : Type();
}

ParseResult parseComplexType(OpAsmParser &parser, Type &lhs, Type &rhs, Type &result) {
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseType(result))
    return failure();
  if (auto type = dyn_cast<FunctionType>(result))
    return takeTypes(parser, at, type, {&lhs, &rhs}, result);
  lhs = rhs = realType(result);
  return lhs ? success() : parser.emitError(at, "expected a tensor of complex numbers");
}

void printComplexType(OpAsmPrinter &printer, Operation *op, Type lhs, Type rhs, Type result) {
  if (lhs == rhs && lhs == realType(result))
    printer << result;
  else
    printer.printFunctionalType(op);
}

ParseResult parseSelectType(OpAsmParser &parser, Type &pred, Type &onTrue, Type &onFalse, Type &result) {
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseType(pred))
    return failure();
  if (auto type = dyn_cast<FunctionType>(pred))
    return takeTypes(parser, at, type, {&pred, &onTrue, &onFalse}, result);
  if (parser.parseComma() || parser.parseType(result))
    return failure();
  onTrue = onFalse = result;
  return success();
}

void printSelectType(OpAsmPrinter &printer, Operation *op, Type pred, Type onTrue, Type onFalse, Type result) {
  if (onTrue == result && onFalse == result)
    printer << pred << ", " << result;
  else
    printer.printFunctionalType(op);
}

ParseResult parseTupleType(OpAsmParser &parser, SmallVectorImpl<Type> &operands, Type &result) {
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseType(result))
    return failure();
  auto tuple = dyn_cast<TupleType>(result);
  if (!tuple)
    return parser.emitError(at, "expected a tuple type");
  llvm::append_range(operands, tuple.getTypes());
  return success();
}

void printTupleType(OpAsmPrinter &printer, Operation *, TypeRange, Type result) { printer << result; }

ParseResult parsePairwiseTypes(OpAsmParser &parser, SmallVectorImpl<Type> &operands, SmallVectorImpl<Type> &results) {
  if (parser.parseTypeList(operands))
    return failure();
  llvm::append_range(results, operands);
  return success();
}

void printPairwiseTypes(OpAsmPrinter &printer, Operation *, TypeRange operands, TypeRange) {
  llvm::interleaveComma(operands, printer);
}

ParseResult parseOperandsBeforeKeyword(OpAsmParser &parser, Operands &operands) {
  while (true) {
    OpAsmParser::UnresolvedOperand operand;
    OptionalParseResult parsed = parser.parseOptionalOperand(operand);
    if (!parsed.has_value())
      return success();
    if (*parsed || parser.parseComma())
      return failure();
    operands.push_back(operand);
  }
}

void printOperandsBeforeKeyword(OpAsmPrinter &printer, Operation *, OperandRange operands) {
  llvm::interleaveComma(operands, printer);
  if (!operands.empty())
    printer << ',';
}

ParseResult parseFloatFormat(OpAsmParser &parser, IntegerAttr &exponent, IntegerAttr &mantissa) {
  SMLoc at = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  int32_t bits[2];
  if (!keyword.consume_front("e") || keyword.consumeInteger(10, bits[0]) || !keyword.consume_front("m") ||
      keyword.consumeInteger(10, bits[1]) || !keyword.empty())
    return parser.emitError(at, "expected a format such as e5m10");
  exponent = parser.getBuilder().getI32IntegerAttr(bits[0]);
  mantissa = parser.getBuilder().getI32IntegerAttr(bits[1]);
  return success();
}

void printFloatFormat(OpAsmPrinter &printer, Operation *, IntegerAttr exponent, IntegerAttr mantissa) {
  printer << 'e' << exponent.getValue().getSExtValue() << 'm' << mantissa.getValue().getSExtValue();
}

ParseResult parseSliceRanges(OpAsmParser &parser, DenseI64ArrayAttr &starts, DenseI64ArrayAttr &limits,
                             DenseI64ArrayAttr &strides) {
  SmallVector<int64_t> start, limit, stride;
  auto parseRange = [&]() -> ParseResult {
    stride.push_back(1);
    if (parser.parseInteger(start.emplace_back()) || parser.parseColon() || parser.parseInteger(limit.emplace_back()))
      return failure();
    return succeeded(parser.parseOptionalColon()) ? parser.parseInteger(stride.back()) : ParseResult(success());
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseRange))
    return failure();
  Builder &builder = parser.getBuilder();
  starts = builder.getDenseI64ArrayAttr(start);
  limits = builder.getDenseI64ArrayAttr(limit);
  strides = builder.getDenseI64ArrayAttr(stride);
  return success();
}

void printSliceRanges(OpAsmPrinter &printer, Operation *, DenseI64ArrayAttr starts, DenseI64ArrayAttr limits,
                      DenseI64ArrayAttr strides) {
  printer << '[';
  auto ranges = llvm::zip(starts.asArrayRef(), limits.asArrayRef(), strides.asArrayRef());
  llvm::interleaveComma(ranges, printer, [&](auto range) {
    auto [start, limit, stride] = range;
    printer << start << ':' << limit;
    if (stride != 1)
      printer << ':' << stride;
  });
  printer << ']';
}

/// `[0] x [1]`
static ParseResult parsePair(OpAsmParser &parser, NamedAttrList &fields, StringRef lhs, StringRef rhs) {
  DenseI64ArrayAttr left, right;
  if (!(left = parseIntegers(parser)) || parser.parseKeyword("x") || !(right = parseIntegers(parser)))
    return failure();
  fields.append(lhs, left);
  fields.append(rhs, right);
  return success();
}

ParseResult parseDotDimensions(OpAsmParser &parser, stablehlo::DotAttr &dimensions) {
  NamedAttrList fields;
  if (succeeded(parser.parseOptionalKeyword("batching_dims"))) {
    if (parser.parseEqual() || parsePair(parser, fields, "lhs_batching_dimensions", "rhs_batching_dimensions") ||
        parser.parseComma())
      return failure();
  } else {
    DenseI64ArrayAttr none = parser.getBuilder().getDenseI64ArrayAttr({});
    fields.append("lhs_batching_dimensions", none);
    fields.append("rhs_batching_dimensions", none);
  }
  if (parser.parseKeyword("contracting_dims") || parser.parseEqual() ||
      parsePair(parser, fields, "lhs_contracting_dimensions", "rhs_contracting_dimensions"))
    return failure();
  dimensions = stablehlo::DotAttr::get(parser.getContext(), fields.getDictionary(parser.getContext()));
  return success();
}

void printDotDimensions(OpAsmPrinter &printer, Operation *, stablehlo::DotAttr dimensions) {
  auto print = [&](StringRef lhs, StringRef rhs) {
    printIntegers(printer, integers(dimensions.getFields(), lhs));
    printer << " x ";
    printIntegers(printer, integers(dimensions.getFields(), rhs));
  };
  if (!integers(dimensions.getFields(), "lhs_batching_dimensions").empty() ||
      !integers(dimensions.getFields(), "rhs_batching_dimensions").empty()) {
    printer << "batching_dims = ";
    print("lhs_batching_dimensions", "rhs_batching_dimensions");
    printer << ", ";
  }
  printer << "contracting_dims = ";
  print("lhs_contracting_dimensions", "rhs_contracting_dimensions");
}

ParseResult parsePrecision(OpAsmParser &parser, ArrayAttr &precision, stablehlo::DotAlgorithmAttr &algorithm) {
  if (failed(parser.parseOptionalComma()))
    return success();
  if (succeeded(parser.parseOptionalKeyword("precision"))) {
    SmallVector<Attribute> values;
    auto parseValue = [&] {
      values.push_back(stablehlo::PrecisionAttr::parse(parser, {}));
      return success(!!values.back());
    };
    if (parser.parseEqual() || parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseValue))
      return failure();
    precision = parser.getBuilder().getArrayAttr(values);
    if (failed(parser.parseOptionalComma()))
      return success();
  }
  if (parser.parseKeyword("algorithm") || parser.parseEqual())
    return failure();
  algorithm = cast_or_null<stablehlo::DotAlgorithmAttr>(stablehlo::DotAlgorithmAttr::parse(parser, {}));
  return success(!!algorithm);
}

void printPrecision(OpAsmPrinter &printer, Operation *, ArrayAttr precision, stablehlo::DotAlgorithmAttr algorithm) {
  if (precision) {
    printer << ", precision = [";
    llvm::interleaveComma(precision, printer, [&](Attribute value) {
      if (auto keyword = dyn_cast<stablehlo::PrecisionAttr>(value))
        printer << string(keyword.getFields(), "value");
    });
    printer << ']';
  }
  if (algorithm) {
    printer << ", algorithm = ";
    algorithm.print(printer);
  }
}

ParseResult parseConvDimensions(OpAsmParser &parser, stablehlo::ConvAttr &dimensions) {
  DictionaryAttr fields = parseConvBody(parser);
  if (!fields)
    return failure();
  dimensions = stablehlo::ConvAttr::get(parser.getContext(), fields);
  return success();
}

void printConvDimensions(OpAsmPrinter &printer, Operation *, stablehlo::ConvAttr dimensions) {
  printConvBody(printer, dimensions.getFields());
}

/// `[[0, 0], [1, 1]]`, a pair for each dimension.
static DenseIntElementsAttr parsePadding(OpAsmParser &parser) {
  SmallVector<int64_t> padding;
  auto parseEntry = [&]() -> ParseResult {
    return failure(parser.parseLSquare() || parser.parseInteger(padding.emplace_back()) || parser.parseComma() ||
                   parser.parseInteger(padding.emplace_back()) || parser.parseRSquare());
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseEntry))
    return {};
  int64_t rank = padding.size() / 2;
  auto type = RankedTensorType::get({rank, 2}, parser.getBuilder().getI64Type());
  return DenseIntElementsAttr::get(type, padding);
}

ParseResult parseWindow(OpAsmParser &parser, DenseI64ArrayAttr &strides, DenseIntElementsAttr &padding,
                        DenseI64ArrayAttr &lhsDilation, DenseI64ArrayAttr &rhsDilation, DenseBoolArrayAttr &reversal) {
  bool first = true;
  while (true) {
    SMLoc at = parser.getCurrentLocation();
    StringRef keyword;
    if (failed(parser.parseOptionalKeyword(&keyword)))
      return first ? success() : parser.emitError(at, "expected a keyword");
    first = false;
    if (parser.parseEqual())
      return failure();
    auto parseInto = [&](auto &attribute, auto parse) -> ParseResult {
      if (attribute)
        return parser.emitError(at) << "'" << keyword << "' is given twice";
      attribute = parse();
      return success(!!attribute);
    };
    auto list = [&] { return parseIntegers(parser); };
    ParseResult parsed = success();
    if (keyword == "stride")
      parsed = parseInto(strides, list);
    else if (keyword == "lhs_dilate")
      parsed = parseInto(lhsDilation, list);
    else if (keyword == "rhs_dilate")
      parsed = parseInto(rhsDilation, list);
    else if (keyword == "pad")
      parsed = parseInto(padding, [&] { return parsePadding(parser); });
    else if (keyword == "reverse")
      parsed = parseInto(reversal,
                         [&] { return cast_or_null<DenseBoolArrayAttr>(DenseBoolArrayAttr::parse(parser, {})); });
    else
      return parser.emitError(at, "expected one of stride, pad, lhs_dilate, rhs_dilate, reverse");
    if (parsed)
      return failure();
    if (failed(parser.parseOptionalComma()))
      return success();
  }
}

void printWindow(OpAsmPrinter &printer, Operation *, DenseI64ArrayAttr strides, DenseIntElementsAttr padding,
                 DenseI64ArrayAttr lhsDilation, DenseI64ArrayAttr rhsDilation, DenseBoolArrayAttr reversal) {
  StringRef separator = "";
  auto begin = [&](StringRef keyword) {
    printer << separator << keyword << " = ";
    separator = ", ";
  };
  auto list = [&](StringRef keyword, DenseI64ArrayAttr integers) {
    if (!integers)
      return;
    begin(keyword);
    printIntegers(printer, integers);
  };
  list("stride", strides);
  if (padding) {
    begin("pad");
    SmallVector<int64_t> values = llvm::to_vector(padding.getValues<int64_t>());
    printer << '[';
    for (size_t i = 0; i + 1 < values.size(); i += 2)
      printer << (i ? ", [" : "[") << values[i] << ", " << values[i + 1] << ']';
    printer << ']';
  }
  list("lhs_dilate", lhsDilation);
  list("rhs_dilate", rhsDilation);
  if (reversal) {
    begin("reverse");
    printer << '[';
    llvm::interleaveComma(reversal.asArrayRef(), printer, [&](bool value) { printer << (value ? "true" : "false"); });
    printer << ']';
  }
}

ParseResult parseSignature(OpAsmParser &parser, Operands &operands, OperationState &state) {
  SMLoc at = parser.getCurrentLocation();
  FunctionType type;
  if (parser.parseColonType(type) || parser.resolveOperands(operands, type.getInputs(), at, state.operands))
    return failure();
  state.addTypes(type.getResults());
  return success();
}

} // namespace dp::hlo
