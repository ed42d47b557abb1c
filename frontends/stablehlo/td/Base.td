//===- Base.td - definitions shared by the StableHLO dialects ---------------===//
#ifndef DP_HLO_BASE_TD
#define DP_HLO_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Every attribute is a dictionary of fields: integers are `i64`, lists of
// integers are `array<i64>`, keywords and opaque text are strings.
class Hlo_Attr<Dialect dialect, string name, string keyword> : AttrDef<dialect, name> {
  let mnemonic = keyword;
  let parameters = (ins "::mlir::DictionaryAttr":$fields);
  let hasCustomAssemblyFormat = 1;
  string layout = "";
  string parser = "";
  string printer = "";
  let extraClassDefinition = [{
    ::mlir::Attribute $cppClass::parse(::mlir::AsmParser &parser, ::mlir::Type) {
      auto fields = ::dp::hlo::}] # parser # [{(parser, "}] # layout # [{");
      return fields ? get(parser.getContext(), fields) : $cppClass();
    }
    void $cppClass::print(::mlir::AsmPrinter &printer) const {
      ::dp::hlo::}] # printer # [{(printer, getFields(), "}] # layout # [{");
    }
  }];
}

// `#dialect.keyword<field = value, ...>`. The layout lists `name:kind`; a `?`
// marks a field that is omitted if it is zero or empty.
class Hlo_Struct<Dialect dialect, string name, string keyword, string fields> : Hlo_Attr<dialect, name, keyword> {
  let layout = fields;
  let parser = "parseStruct";
  let printer = "printStruct";
}

// `#dialect<keyword VALUE>`, with the field `value`. The layout lists the
// values.
class Hlo_Keyword<Dialect dialect, string name, string keyword, string values> : Hlo_Attr<dialect, name, keyword> {
  let layout = values;
  let parser = "parseKeyword";
  let printer = "printKeyword";
}

// Text in brackets that is kept as it is, in the field `text`. The layout is
// empty.
class Hlo_Text<Dialect dialect, string name, string keyword> : Hlo_Attr<dialect, name, keyword> {
  let parser = "parseText";
  let printer = "printText";
}

// A list of keywords.
class Hlo_Keywords<Attr element> : TypedArrayAttrBase<element, "list of keywords">;

#endif
