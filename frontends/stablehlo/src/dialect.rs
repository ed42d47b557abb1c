//! The dialects `stablehlo`, `chlo` and `sdy`, defined in ODS (`td/`) with custom assembly in C++ (`shim/`). They read
//! and print what JAX and torch-mlir print. Verifiers check what printers rely on and nothing of the semantics.

use melior::dialect::DialectRegistry;
use melior::ir::attribute::{Attribute, AttributeLike};
use melior::{StringRef, ir::Type};
use mlir_sys::*;

mod shim {
    use mlir_sys::{MlirAttribute, MlirDialectHandle};

    unsafe extern "C" {
        pub(super) fn mlirGetDialectHandle__stablehlo__() -> MlirDialectHandle;
        pub(super) fn mlirGetDialectHandle__chlo__() -> MlirDialectHandle;
        pub(super) fn mlirGetDialectHandle__sdy__() -> MlirDialectHandle;
        pub(super) fn dpHloFields(attribute: MlirAttribute) -> MlirAttribute;
    }
}

/// Adds the dialects `stablehlo`, `chlo` and `sdy` to a registry.
pub fn register(registry: &DialectRegistry) {
    // SAFETY: the functions take no arguments and return handles to static data; the registry is live.
    unsafe {
        for handle in [
            shim::mlirGetDialectHandle__stablehlo__(),
            shim::mlirGetDialectHandle__chlo__(),
            shim::mlirGetDialectHandle__sdy__(),
        ] {
            mlirDialectHandleInsertDialect(handle, registry.to_raw());
        }
    }
}

/// The fields of an attribute of these dialects, such as `#stablehlo.dot<...>`. The files `td/*.td` list them. Optional
/// fields are present with their default: zero or an empty list. The field of a keyword, such as
/// `#stablehlo<precision HIGH>`, is `value`; that of an attribute kept as text is `text`.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'c>(Attribute<'c>);

/// The fields of an attribute of these dialects; `None` for another attribute.
pub fn fields(attribute: Attribute<'_>) -> Option<Fields<'_>> {
    // SAFETY: the attribute is live; the result, unless null, is a dictionary attribute of the same context.
    unsafe { Attribute::from_option_raw(shim::dpHloFields(attribute.to_raw())) }.map(Fields)
}

impl<'c> Fields<'c> {
    /// A field.
    pub fn get(&self, name: &str) -> Option<Attribute<'c>> {
        let name = StringRef::new(name);
        // SAFETY: the attribute is a dictionary, and the string lives for the call.
        unsafe { Attribute::from_option_raw(mlirDictionaryAttrGetElementByName(self.0.to_raw(), name.to_raw())) }
    }

    /// A field that is an integer.
    pub fn integer(&self, name: &str) -> Option<i64> {
        let raw = self.get(name)?.to_raw();
        // SAFETY: the attribute is live, and an integer attribute where its value is read.
        unsafe { mlirAttributeIsAInteger(raw).then(|| mlirIntegerAttrGetValueInt(raw)) }
    }

    /// A field that is a list of integers. A dynamic bound is `i64::MIN`.
    pub fn integers(&self, name: &str) -> Option<Vec<i64>> {
        let raw = self.get(name)?.to_raw();
        // SAFETY: the attribute is live, a dense array of i64, and the positions are in range.
        unsafe {
            mlirAttributeIsADenseI64Array(raw).then(|| {
                (0..mlirDenseArrayGetNumElements(raw)).map(|at| mlirDenseI64ArrayGetElement(raw, at)).collect()
            })
        }
    }

    /// A field that is a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        let raw = self.get(name)?.to_raw();
        // SAFETY: the attribute is live, and a float attribute where its value is read.
        unsafe { mlirAttributeIsAFloat(raw).then(|| mlirFloatAttrGetValueDouble(raw)) }
    }

    /// A field that is a boolean.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        let raw = self.get(name)?.to_raw();
        // SAFETY: the attribute is live, and a boolean attribute where its value is read.
        unsafe { mlirAttributeIsABool(raw).then(|| mlirBoolAttrGetValue(raw)) }
    }

    /// A field that is a keyword or text.
    pub fn string(&self, name: &str) -> Option<&'c str> {
        let raw = self.get(name)?.to_raw();
        // SAFETY: the attribute is a string where its value is read; its characters live as long as the context.
        unsafe {
            mlirAttributeIsAString(raw)
                .then(|| StringRef::from_raw(mlirStringAttrGetValue(raw)))
                .and_then(|text| text.as_str().ok())
        }
    }

    /// A field that is a type.
    pub fn r#type(&self, name: &str) -> Option<Type<'c>> {
        let raw = self.get(name)?.to_raw();
        // SAFETY: the attribute is live, and a type attribute where its value is read.
        unsafe { mlirAttributeIsAType(raw).then(|| Type::from_raw(mlirTypeAttrGetValue(raw))) }
    }
}
