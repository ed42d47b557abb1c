// The fields of attributes, for Rust.

#include "Hlo.h"
#include "mlir/CAPI/IR.h"

using namespace mlir;

extern "C" {

/// The fields of an attribute of `stablehlo`, `chlo` or `sdy` as a dictionary; null for another attribute.
MlirAttribute dpHloFields(MlirAttribute attribute) {
  Attribute of = unwrap(attribute);
  DictionaryAttr fields;
  if (of)
    fields = dp::hlo::fieldsOf<
#define GET_ATTRDEF_LIST
#include "StablehloAttrs.cpp.inc"
        ,
#define GET_ATTRDEF_LIST
#include "ChloAttrs.cpp.inc"
        ,
#define GET_ATTRDEF_LIST
#include "SdyAttrs.cpp.inc"
        >(of);
  return wrap(Attribute(fields));
}
}
