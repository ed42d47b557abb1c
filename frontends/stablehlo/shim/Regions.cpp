// The assembly of operations with regions.

#include "Assembly.h"

using namespace dp::hlo;

namespace dp::stablehlo {

/// `(%x init: %c), (%y init: %d)`
static ParseResult parseInits(OpAsmParser &parser, SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands) {
  SmallVector<OpAsmParser::UnresolvedOperand> inits;
  do {
    if (parser.parseLParen() || parser.parseOperand(operands.emplace_back()) || parser.parseKeyword("init") ||
        parser.parseColon() || parser.parseOperand(inits.emplace_back()) || parser.parseRParen())
      return failure();
  } while (succeeded(parser.parseOptionalComma()));
  llvm::append_range(operands, inits);
  return success();
}

/// Builds the body of `applies operation`: the operation on both arguments, and its result as that of the region.
static ParseResult buildBody(OpAsmParser &parser, SMLoc at, OperationName name, OperationState &state) {
  Type type = state.operands.size() == 2 ? state.operands[1].getType() : Type();
  if (!type)
    return parser.emitError(at, "an operation is applied to one tensor");
  if (!name.isRegistered() || !name.hasTrait<OpTrait::NOperands<2>::Impl>() || !name.hasTrait<OpTrait::OneResult>() ||
      !name.hasTrait<OpTrait::ZeroRegions>() || !name.hasTrait<OpTrait::ZeroSuccessors>())
    return parser.emitError(at) << "'" << name << "' is not an operation with two operands and one result";
  Location location = parser.getEncodedSourceLoc(at);
  Block &block = state.addRegion()->emplaceBlock();
  block.addArguments({type, type}, {location, location});
  OpBuilder builder(parser.getContext());
  builder.setInsertionPointToEnd(&block);
  OperationState inner(location, name, block.getArguments(), type);
  Operation *made = builder.create(inner);
  returnOp::create(builder, location, made->getResults());
  return success();
}

/// `reducer(%a: type, %b: type) (%c: type, %d: type) { ... }`: a pair for each input, of which the region takes the
/// first ones, then the second ones.
static ParseResult parseReducer(OpAsmParser &parser, size_t inputs, OperationState &state) {
  SmallVector<OpAsmParser::Argument> arguments(2 * inputs);
  if (parser.parseKeyword("reducer"))
    return failure();
  for (size_t i = 0; i < inputs; ++i)
    if (parser.parseLParen() || parser.parseArgument(arguments[i], /*allowType=*/true) || parser.parseComma() ||
        parser.parseArgument(arguments[inputs + i], /*allowType=*/true) || parser.parseRParen())
      return failure();
  return parser.parseRegion(*state.addRegion(), arguments);
}

ParseResult reduceOp::parse(OpAsmParser &parser, OperationState &state) {
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  if (parseInits(parser, operands))
    return failure();
  size_t inputs = operands.size() / 2;
  SMLoc at = parser.getCurrentLocation();
  FailureOr<OperationName> applied = failure();
  bool compact = succeeded(parser.parseOptionalKeyword("applies"));
  if (compact) {
    at = parser.getCurrentLocation();
    applied = parser.parseCustomOperationName();
    if (failed(applied))
      return failure();
  }
  if (parser.parseKeyword("across") || parser.parseKeyword("dimensions") || parser.parseEqual())
    return failure();
  DenseI64ArrayAttr dimensions = parseIntegers(parser);
  if (!dimensions || parser.parseOptionalAttrDict(state.attributes) || parseSignature(parser, operands, state))
    return failure();
  state.getOrAddProperties<Properties>().dimensions = dimensions;
  return compact ? buildBody(parser, at, *applied, state) : parseReducer(parser, inputs, state);
}

/// The operation of a body that applies one to both arguments and returns the result; null for another body.
static Operation *appliedOperation(reduceOp op) {
  Block &block = op.getBody().front();
  if (op.getInputs().size() != 1 || block.getNumArguments() != 2 || block.getOperations().size() != 2)
    return nullptr;
  Operation &inner = block.front();
  Operation &last = block.back();
  Type type = op.getInitValues()[0].getType();
  bool applies = inner.isRegistered() && inner.hasTrait<OpTrait::NOperands<2>::Impl>() &&
                 inner.hasTrait<OpTrait::OneResult>() && inner.hasTrait<OpTrait::ZeroRegions>() &&
                 inner.hasTrait<OpTrait::ZeroSuccessors>() && inner.getAttrs().empty() &&
                 inner.getOperand(0) == block.getArgument(0) && inner.getOperand(1) == block.getArgument(1) &&
                 inner.getOperand(0).getType() == type && inner.getOperand(1).getType() == type &&
                 inner.getResult(0).getType() == type;
  bool returns = isa<returnOp>(last) && last.getAttrs().empty() && last.getNumOperands() == 1 && applies &&
                 last.getOperand(0) == inner.getResult(0);
  return returns ? &inner : nullptr;
}

void reduceOp::print(OpAsmPrinter &printer) {
  llvm::interleaveComma(llvm::zip(getInputs(), getInitValues()), printer, [&](auto pair) {
    auto [input, init] = pair;
    printer << '(' << input << " init: " << init << ')';
  });
  Operation *applied = appliedOperation(*this);
  if (applied)
    printer << " applies " << applied->getName();
  printer << " across dimensions = ";
  printIntegers(printer, getDimensions());
  printer.printOptionalAttrDict((*this)->getAttrs(), {getDimensionsAttrName().getValue()});
  printer << " : ";
  printer.printFunctionalType(*this);
  if (applied)
    return;
  printer.printNewline();
  printer << " reducer";
  Block &block = getBody().front();
  size_t inputs = getInputs().size();
  for (size_t i = 0; i < inputs; ++i) {
    printer << '(';
    printer.printRegionArgument(block.getArgument(i));
    printer << ", ";
    printer.printRegionArgument(block.getArgument(inputs + i));
    printer << ") ";
  }
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult reduceOp::verify() {
  if (getInputs().empty() || getResults().size() != getInputs().size())
    return emitOpError("requires an initial value and a result for each input, and one input at least");
  if (getBody().getNumArguments() != 2 * getInputs().size())
    return emitOpError("requires a region with two arguments for each input");
  return success();
}

ParseResult whileOp::parse(OpAsmParser &parser, OperationState &state) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  SMLoc at = parser.getCurrentLocation();
  auto parseBinding = [&]() -> ParseResult {
    return failure(parser.parseArgument(arguments.emplace_back()) || parser.parseEqual() ||
                   parser.parseOperand(operands.emplace_back()));
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseBinding))
    return failure();
  SmallVector<Type> types;
  if (!operands.empty() && parser.parseColonTypeList(types))
    return failure();
  if (parser.resolveOperands(operands, types, at, state.operands))
    return failure();
  for (auto [argument, type] : llvm::zip(arguments, types))
    argument.type = type;
  state.addTypes(types);
  Region *condition = state.addRegion();
  Region *body = state.addRegion();
  return failure(parser.parseOptionalAttrDictWithKeyword(state.attributes) || parser.parseKeyword("cond") ||
                 parser.parseRegion(*condition, arguments) || parser.parseKeyword("do") ||
                 parser.parseRegion(*body, arguments));
}

void whileOp::print(OpAsmPrinter &printer) {
  Region &condition = getCond();
  printer << '(';
  llvm::interleaveComma(llvm::zip(condition.getArguments(), getOperand()), printer, [&](auto pair) {
    auto [argument, operand] = pair;
    printer.printOperand(argument);
    printer << " = " << operand;
  });
  printer << ')';
  if (!getOperand().empty()) {
    printer << " : ";
    llvm::interleaveComma(getOperand().getTypes(), printer);
  }
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs());
  printer.printNewline();
  printer << "cond ";
  printer.printRegion(condition, /*printEntryBlockArgs=*/false);
  printer << " do ";
  printer.shadowRegionArgs(getBody(), condition.getArguments());
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult whileOp::verify() {
  TypeRange types = getOperand().getTypes();
  if (types != TypeRange(getResults().getTypes()))
    return emitOpError("requires results of the operands' types");
  for (Region *region : getRegions())
    if (TypeRange(region->getArgumentTypes()) != types)
      return emitOpError("requires regions with arguments of the operands' types");
  return success();
}

} // namespace dp::stablehlo

namespace dp::chlo {

ParseResult scanOp::parse(OpAsmParser &parser, OperationState &state) {
  SmallVector<OpAsmParser::UnresolvedOperand> operands, inits;
  int64_t dimension;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseOperandList(operands, AsmParser::Delimiter::Paren) || parser.parseKeyword("inits") ||
      parser.parseOperandList(inits, AsmParser::Delimiter::Paren) || parser.parseKeyword("dimension") ||
      parser.parseEqual() || parser.parseInteger(dimension) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes) || parser.parseRegion(*state.addRegion()))
    return failure();
  int32_t inputs = operands.size(), carries = inits.size();
  llvm::append_range(operands, inits);
  if (parseSignature(parser, operands, state))
    return failure();
  int32_t results = state.types.size();
  if (results < carries)
    return parser.emitError(at, "expected a result for each initial value");
  auto &properties = state.getOrAddProperties<Properties>();
  properties.dimension = parser.getBuilder().getI64IntegerAttr(dimension);
  properties.operandSegmentSizes = {inputs, carries};
  properties.resultSegmentSizes = {results - carries, carries};
  return success();
}

void scanOp::print(OpAsmPrinter &printer) {
  printer << '(' << getInputs() << ") inits (" << getInits() << ") dimension=" << getDimension();
  StringRef elided[] = {"dimension", "operandSegmentSizes", "resultSegmentSizes"};
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), elided);
  printer << ' ';
  printer.printRegion(getBody());
  printer << " : ";
  printer.printFunctionalType(*this);
}

LogicalResult scanOp::verify() {
  if (getInits().size() != getCarries().size())
    return emitOpError("requires a result for each initial value");
  return success();
}

} // namespace dp::chlo

namespace dp::sdy {

/// A list of shardings, `[<...>, <...>]`, which is the text of the attribute without its angle brackets.
static ShardingPerValueAttr parseShardings(OpAsmParser &parser) {
  DictionaryAttr list = parseText(parser, "");
  if (!list)
    return {};
  Builder &builder = parser.getBuilder();
  StringAttr text = builder.getStringAttr("<" + string(list, "text") + ">");
  return ShardingPerValueAttr::get(parser.getContext(), builder.getDictionaryAttr(builder.getNamedAttr("text", text)));
}

static void printShardings(OpAsmPrinter &printer, ShardingPerValueAttr shardings) {
  StringRef text = string(shardings.getFields(), "text");
  text.consume_front("<");
  text.consume_back(">");
  printer << text;
}

ParseResult manual_computationOp::parse(OpAsmParser &parser, OperationState &state) {
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  SmallVector<OpAsmParser::Argument> arguments;
  auto &properties = state.getOrAddProperties<Properties>();
  auto parseNamed = [&](StringRef name, auto &attribute, auto parse) -> ParseResult {
    if (parser.parseKeyword(name) || parser.parseEqual())
      return failure();
    attribute = parse();
    return success(!!attribute);
  };
  auto shardings = [&] { return parseShardings(parser); };
  auto axes = [&] { return cast_or_null<ManualAxesAttr>(ManualAxesAttr::parse(parser, {})); };
  return failure(parser.parseOperandList(operands, AsmParser::Delimiter::Paren) ||
                 parseNamed("in_shardings", properties.in_shardings, shardings) ||
                 parseNamed("out_shardings", properties.out_shardings, shardings) ||
                 parseNamed("manual_axes", properties.manual_axes, axes) ||
                 parser.parseArgumentList(arguments, AsmParser::Delimiter::Paren, /*allowType=*/true) ||
                 parser.parseRegion(*state.addRegion(), arguments) ||
                 parser.parseOptionalAttrDict(state.attributes) || parseSignature(parser, operands, state));
}

void manual_computationOp::print(OpAsmPrinter &printer) {
  printer << '(' << getTensors() << ") in_shardings=";
  printShardings(printer, getInShardings());
  printer << " out_shardings=";
  printShardings(printer, getOutShardings());
  printer << " manual_axes=" << string(getManualAxes().getFields(), "text") << " (";
  llvm::interleaveComma(getBody().getArguments(), printer,
                        [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ") ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
  printer.printOptionalAttrDict((*this)->getAttrs(), {"in_shardings", "out_shardings", "manual_axes"});
  printer << " : ";
  printer.printFunctionalType(*this);
}

} // namespace dp::sdy
