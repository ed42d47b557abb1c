// Parsers and printers of attributes.

#include "Hlo.h"

using namespace mlir;

namespace dp::hlo {

namespace {

/// `name:kind`, and `?` if the field is omitted when it is zero or empty.
struct Field {
  StringRef name;
  StringRef kind;
  bool optional;
};

SmallVector<Field> fieldsOfLayout(StringRef layout) {
  SmallVector<Field> fields;
  SmallVector<StringRef> words;
  layout.split(words, ' ', -1, /*KeepEmpty=*/false);
  for (StringRef word : words) {
    bool optional = word.consume_back("?");
    auto [name, kind] = word.split(':');
    fields.push_back({name, kind, optional});
  }
  return fields;
}

Attribute parseField(AsmParser &parser, StringRef kind) {
  Builder &builder = parser.getBuilder();
  if (kind == "dims")
    return parseIntegers(parser);
  if (kind == "int") {
    int64_t integer;
    return parser.parseInteger(integer) ? Attribute() : builder.getI64IntegerAttr(integer);
  }
  if (kind == "float") {
    double number;
    return parser.parseFloat(number) ? Attribute() : builder.getF64FloatAttr(number);
  }
  if (kind == "bool") {
    if (succeeded(parser.parseOptionalKeyword("true")))
      return builder.getBoolAttr(true);
    return parser.parseKeyword("false") ? Attribute() : builder.getBoolAttr(false);
  }
  if (kind == "type") {
    Type type;
    return parser.parseType(type) ? Attribute() : TypeAttr::get(type);
  }
  Attribute attribute;
  return parser.parseAttribute(attribute) ? Attribute() : attribute;
}

/// The value of an omitted field.
Attribute zero(AsmParser &parser, StringRef kind) {
  Builder &builder = parser.getBuilder();
  if (kind == "dims")
    return builder.getDenseI64ArrayAttr({});
  if (kind == "int")
    return builder.getI64IntegerAttr(0);
  return builder.getF64FloatAttr(0);
}

bool isZero(Attribute value) {
  if (auto integers = dyn_cast<DenseI64ArrayAttr>(value))
    return integers.empty();
  if (auto integer = dyn_cast<IntegerAttr>(value))
    return integer.getValue().isZero();
  auto number = dyn_cast<FloatAttr>(value);
  return number && number.getValue().isPosZero();
}

void printField(AsmPrinter &printer, StringRef kind, Attribute value) {
  if (auto integers = dyn_cast<DenseI64ArrayAttr>(value))
    return printIntegers(printer, integers);
  if (kind == "attribute")
    return printer.printAttribute(value);
  printer.printAttributeWithoutType(value);
}

} // namespace

ParseResult parseIntegers(AsmParser &parser, SmallVectorImpl<int64_t> &integers) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                        [&] { return parser.parseInteger(integers.emplace_back()); });
}

DenseI64ArrayAttr parseIntegers(AsmParser &parser) {
  SmallVector<int64_t> integers;
  if (parseIntegers(parser, integers))
    return {};
  return parser.getBuilder().getDenseI64ArrayAttr(integers);
}

void printIntegers(AsmPrinter &printer, ArrayRef<int64_t> integers) {
  printer << '[';
  llvm::interleaveComma(integers, printer);
  printer << ']';
}

ArrayRef<int64_t> integers(DictionaryAttr fields, StringRef name) {
  auto integers = fields.getAs<DenseI64ArrayAttr>(name);
  return integers ? integers.asArrayRef() : ArrayRef<int64_t>();
}

StringRef string(DictionaryAttr fields, StringRef name) {
  auto string = fields.getAs<StringAttr>(name);
  return string ? string.getValue() : StringRef();
}

DictionaryAttr parseStruct(AsmParser &parser, StringRef layout) {
  SmallVector<Field> fields = fieldsOfLayout(layout);
  NamedAttrList values;
  SMLoc start = parser.getCurrentLocation();
  auto parseNamed = [&]() -> ParseResult {
    SMLoc at = parser.getCurrentLocation();
    StringRef name;
    if (parser.parseKeyword(&name))
      return failure();
    auto *field = llvm::find_if(fields, [&](Field &field) { return field.name == name; });
    if (field == fields.end())
      return parser.emitError(at) << "there is no field '" << name << "'";
    if (values.get(name))
      return parser.emitError(at) << "the field '" << name << "' is given twice";
    if (parser.parseEqual())
      return failure();
    Attribute value = parseField(parser, field->kind);
    if (!value)
      return failure();
    values.append(field->name, value);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseNamed))
    return {};
  for (Field &field : fields) {
    if (values.get(field.name))
      continue;
    if (!field.optional) {
      parser.emitError(start) << "the field '" << field.name << "' is missing";
      return {};
    }
    values.append(field.name, zero(parser, field.kind));
  }
  return values.getDictionary(parser.getContext());
}

void printStruct(AsmPrinter &printer, DictionaryAttr values, StringRef layout) {
  printer << '<';
  StringRef separator = "";
  for (Field &field : fieldsOfLayout(layout)) {
    Attribute value = values.get(field.name);
    if (!value || (field.optional && isZero(value)))
      continue;
    printer << separator << field.name << " = ";
    printField(printer, field.kind, value);
    separator = ", ";
  }
  printer << '>';
}

DictionaryAttr parseKeyword(AsmParser &parser, StringRef values) {
  bool bracketed = succeeded(parser.parseOptionalLess());
  SMLoc at = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return {};
  SmallVector<StringRef> known;
  values.split(known, ' ', -1, /*KeepEmpty=*/false);
  if (!llvm::is_contained(known, keyword)) {
    InFlightDiagnostic error = parser.emitError(at) << "expected one of ";
    llvm::interleaveComma(known, error);
    error << ", not '" << keyword << "'";
    return {};
  }
  Builder &builder = parser.getBuilder();
  NamedAttribute value = builder.getNamedAttr("value", builder.getStringAttr(keyword));
  if (bracketed && parser.parseGreater())
    return {};
  return builder.getDictionaryAttr(value);
}

void printKeyword(AsmPrinter &printer, DictionaryAttr fields, StringRef) { printer << ' ' << string(fields, "value"); }

void printBracketedKeyword(AsmPrinter &printer, DictionaryAttr fields, StringRef) {
  printer << '<' << string(fields, "value") << '>';
}

DictionaryAttr parseText(AsmParser &parser, StringRef) {
  const char *begin = parser.getCurrentLocation().getPointer();
  const char *end = begin;
  // The closing brackets that are due, the innermost last.
  std::string due;
  do {
    const char *at = parser.getCurrentLocation().getPointer();
    if (succeeded(parser.parseOptionalLess())) {
      due.push_back('>');
    } else if (succeeded(parser.parseOptionalLSquare())) {
      due.push_back(']');
    } else if (succeeded(parser.parseOptionalLBrace())) {
      due.push_back('}');
    } else if (succeeded(parser.parseOptionalLParen())) {
      due.push_back(')');
    } else if (due.empty()) {
      parser.emitError(parser.getCurrentLocation(), "expected an opening bracket");
      return {};
    } else if ((due.back() == '>' && succeeded(parser.parseOptionalGreater())) ||
               (due.back() == ']' && succeeded(parser.parseOptionalRSquare())) ||
               (due.back() == '}' && succeeded(parser.parseOptionalRBrace())) ||
               (due.back() == ')' && succeeded(parser.parseOptionalRParen()))) {
      due.pop_back();
      end = at + 1;
    } else {
      StringRef keyword;
      std::string text;
      StringAttr symbol;
      APInt integer;
      bool known = succeeded(parser.parseOptionalComma()) || succeeded(parser.parseOptionalEqual()) ||
                   succeeded(parser.parseOptionalColon()) || succeeded(parser.parseOptionalQuestion()) ||
                   succeeded(parser.parseOptionalArrow()) || succeeded(parser.parseOptionalStar()) ||
                   succeeded(parser.parseOptionalKeyword(&keyword)) || succeeded(parser.parseOptionalString(&text)) ||
                   succeeded(parser.parseOptionalSymbolName(symbol));
      if (!known) {
        OptionalParseResult number = parser.parseOptionalInteger(integer);
        if (number.has_value() && failed(*number))
          return {};
        known = number.has_value();
      }
      if (!known) {
        parser.emitError(SMLoc::getFromPointer(at)) << "expected '" << due.substr(due.size() - 1) << "'";
        return {};
      }
    }
  } while (!due.empty());
  Builder &builder = parser.getBuilder();
  StringRef text(begin, end - begin);
  return builder.getDictionaryAttr(builder.getNamedAttr("text", builder.getStringAttr(text)));
}

void printText(AsmPrinter &printer, DictionaryAttr fields, StringRef) { printer << string(fields, "text"); }

namespace {

/// One list of `[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]`: its two letters, and the names of their fields.
struct ConvList {
  StringRef subject;
  StringRef letters;
  StringRef first;
  StringRef second;
};

const ConvList CONV_LISTS[] = {
    {"input", "bf", "input_batch_dimension", "input_feature_dimension"},
    {"kernel", "io", "kernel_input_feature_dimension", "kernel_output_feature_dimension"},
    {"output", "bf", "output_batch_dimension", "output_feature_dimension"},
};

std::string spatialField(const ConvList &list) { return (list.subject + "_spatial_dimensions").str(); }

ParseResult parseConvList(AsmParser &parser, const ConvList &list, NamedAttrList &fields) {
  SMLoc start = parser.getCurrentLocation();
  std::optional<int64_t> letters[2];
  SmallVector<std::pair<int64_t, int64_t>> spatial;
  int64_t position = 0;
  auto parseEntry = [&]() -> ParseResult {
    SMLoc at = parser.getCurrentLocation();
    int64_t number;
    OptionalParseResult integer = parser.parseOptionalInteger(number);
    if (integer.has_value()) {
      spatial.push_back({number, position++});
      return *integer;
    }
    StringRef keyword;
    if (parser.parseKeyword(&keyword))
      return failure();
    size_t which = keyword.size() == 1 ? list.letters.find(keyword[0]) : StringRef::npos;
    if (which == StringRef::npos || letters[which])
      return parser.emitError(at) << "expected a spatial dimension, or '" << list.letters.substr(0, 1) << "' or '"
                                  << list.letters.substr(1) << "' once";
    letters[which] = position++;
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseEntry))
    return failure();
  SmallVector<int64_t> positions(spatial.size(), -1);
  bool valid = letters[0] && letters[1];
  for (auto [dimension, at] : spatial) {
    bool inside = dimension >= 0 && dimension < static_cast<int64_t>(positions.size());
    valid = valid && inside && positions[dimension] == -1;
    if (inside)
      positions[dimension] = at;
  }
  if (!valid)
    return parser.emitError(start) << "the dimensions of the " << list.subject << " must name '"
                                   << list.letters.substr(0, 1) << "', '" << list.letters.substr(1)
                                   << "' and each spatial dimension from 0 once";
  Builder &builder = parser.getBuilder();
  fields.append(list.first, builder.getI64IntegerAttr(*letters[0]));
  fields.append(list.second, builder.getI64IntegerAttr(*letters[1]));
  fields.append(spatialField(list), builder.getDenseI64ArrayAttr(positions));
  return success();
}

void printConvList(AsmPrinter &printer, const ConvList &list, DictionaryAttr fields) {
  ArrayRef<int64_t> spatial = integers(fields, spatialField(list));
  SmallVector<std::string> entries(spatial.size() + 2);
  auto place = [&](int64_t position, std::string entry) {
    if (position >= 0 && position < static_cast<int64_t>(entries.size()))
      entries[position] = entry;
  };
  auto letter = [&](StringRef name, StringRef entry) {
    if (auto position = fields.getAs<IntegerAttr>(name))
      place(position.getInt(), entry.str());
  };
  letter(list.first, list.letters.substr(0, 1));
  letter(list.second, list.letters.substr(1));
  for (auto [dimension, position] : llvm::enumerate(spatial))
    place(position, std::to_string(dimension));
  printer << '[';
  llvm::interleaveComma(entries, printer);
  printer << ']';
}

} // namespace

DictionaryAttr parseConvBody(AsmParser &parser) {
  NamedAttrList fields;
  if (parseConvList(parser, CONV_LISTS[0], fields) || parser.parseKeyword("x") ||
      parseConvList(parser, CONV_LISTS[1], fields) || parser.parseArrow() ||
      parseConvList(parser, CONV_LISTS[2], fields))
    return {};
  return fields.getDictionary(parser.getContext());
}

void printConvBody(AsmPrinter &printer, DictionaryAttr fields) {
  printConvList(printer, CONV_LISTS[0], fields);
  printer << 'x';
  printConvList(printer, CONV_LISTS[1], fields);
  printer << "->";
  printConvList(printer, CONV_LISTS[2], fields);
}

DictionaryAttr parseConv(AsmParser &parser, StringRef) {
  if (parser.parseLess())
    return {};
  DictionaryAttr fields = parseConvBody(parser);
  return !fields || parser.parseGreater() ? DictionaryAttr() : fields;
}

void printConv(AsmPrinter &printer, DictionaryAttr fields, StringRef) {
  printer << '<';
  printConvBody(printer, fields);
  printer << '>';
}

DictionaryAttr parseBounds(AsmParser &parser, StringRef) {
  SmallVector<int64_t> bounds;
  auto parseBound = [&]() -> ParseResult {
    int64_t &bound = bounds.emplace_back(ShapedType::kDynamic);
    return succeeded(parser.parseOptionalQuestion()) ? success() : parser.parseInteger(bound);
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseBound))
    return {};
  Builder &builder = parser.getBuilder();
  return builder.getDictionaryAttr(builder.getNamedAttr("bounds", builder.getDenseI64ArrayAttr(bounds)));
}

void printBounds(AsmPrinter &printer, DictionaryAttr fields, StringRef) {
  printer << '<';
  llvm::interleaveComma(integers(fields, "bounds"), printer, [&](int64_t bound) {
    if (ShapedType::isDynamic(bound))
      printer << '?';
    else
      printer << bound;
  });
  printer << '>';
}

} // namespace dp::hlo
