//! Attributes of StableHLO as plain data.

use crate::dialect::Fields;
use dp_dialects::ir::{Op, i64_array_of};
use melior::ir::attribute::{DenseElementsAttribute, DenseI64ArrayAttribute, IntegerAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, AttributeLike};
use mlir_sys::{
    mlirAttributeGetType, mlirAttributeIsADenseBoolArray, mlirDenseArrayGetNumElements, mlirDenseBoolArrayGetElement,
    mlirDenseElementsAttrGetBoolValue, mlirDenseElementsAttrGetInt64Value, mlirElementsAttrGetNumElements,
    mlirIntegerTypeGetWidth, mlirShapedTypeGetElementType, mlirTypeIsAInteger,
};

/// An attribute that is a list of integers: a dense array, or the elements of a tensor of integers.
pub(super) fn ints(op: Op, name: &str) -> Option<Vec<i64>> {
    ints_of(op.attribute(name).ok()?)
}

fn ints_of(attribute: Attribute) -> Option<Vec<i64>> {
    if let Ok(value) = IntegerAttribute::try_from(attribute) {
        return Some(vec![value.value()]);
    }
    if DenseI64ArrayAttribute::try_from(attribute).is_ok() {
        return i64_array_of(attribute);
    }
    let raw = attribute.to_raw();
    DenseElementsAttribute::try_from(attribute).ok()?;
    // SAFETY: the attribute is live and a dense tensor, whose elements are read if they are 64-bit integers.
    unsafe {
        let element = mlirShapedTypeGetElementType(mlirAttributeGetType(raw));
        if !mlirTypeIsAInteger(element) || mlirIntegerTypeGetWidth(element) != 64 {
            return None;
        }
        let count = mlirElementsAttrGetNumElements(raw);
        // A splat may stand for more elements than there is memory.
        (count <= MOST)
            .then(|| (0..count).map(|place| mlirDenseElementsAttrGetInt64Value(raw, place as isize)).collect())
    }
}

/// The shape of an attribute that is a tensor.
pub(super) fn shape_of(op: Op, name: &str) -> Option<Vec<usize>> {
    let attribute = DenseElementsAttribute::try_from(op.attribute(name).ok()?).ok()?;
    let shape = super::types::of(attribute.r#type()).ok()?;
    shape.extents().iter().map(|extent| usize::try_from((*extent)?).ok()).collect()
}

/// The most elements of a list: two for each dimension, and more than any tensor has.
const MOST: i64 = 4096;

/// An attribute that is a list of booleans.
pub(super) fn flags(op: Op, name: &str) -> Option<Vec<bool>> {
    let attribute = op.attribute(name).ok()?;
    let raw = attribute.to_raw();
    // SAFETY: the attribute is live and of the kind that is read.
    unsafe {
        if mlirAttributeIsADenseBoolArray(raw) {
            let count = mlirDenseArrayGetNumElements(raw);
            return Some((0..count).map(|place| mlirDenseBoolArrayGetElement(raw, place)).collect());
        }
        DenseElementsAttribute::try_from(attribute).ok()?;
        let element = mlirShapedTypeGetElementType(mlirAttributeGetType(raw));
        if !mlirTypeIsAInteger(element) || mlirIntegerTypeGetWidth(element) != 1 {
            return None;
        }
        let count = mlirElementsAttrGetNumElements(raw);
        (count <= MOST)
            .then(|| (0..count).map(|place| mlirDenseElementsAttrGetBoolValue(raw, place as isize)).collect())
    }
}

/// The fields of an attribute of an operation, such as dimension numbers.
pub(super) fn fields<'c>(op: Op<'c>, name: &str) -> Option<Fields<'c>> {
    crate::dialect::fields(op.attribute(name).ok()?)
}

/// The keyword of an enumeration, such as `GE`.
pub(super) fn keyword<'c>(op: Op<'c>, name: &str) -> Option<&'c str> {
    fields(op, name)?.string("value")
}

/// An attribute that is a boolean.
pub(super) fn boolean(op: Op, name: &str) -> Option<bool> {
    let attribute = op.attribute(name).ok()?;
    melior::ir::attribute::BoolAttribute::try_from(attribute).ok().map(|value| value.value())
}

/// An integer among the options of a custom call, such as `{uplo = 76 : ui8}`.
pub(super) fn option(op: Op, name: &str) -> Option<u64> {
    let options = op.attribute("mhlo.backend_config").ok()?.to_raw();
    let name = melior::StringRef::new(name);
    // SAFETY: the attribute is live and of the kind that is read.
    unsafe {
        if !mlir_sys::mlirAttributeIsADictionary(options) {
            return None;
        }
        let value = mlir_sys::mlirDictionaryAttrGetElementByName(options, name.to_raw());
        if value.ptr.is_null() || !mlir_sys::mlirAttributeIsAInteger(value) {
            return None;
        }
        let r#type = mlirAttributeGetType(value);
        (mlirTypeIsAInteger(r#type) && mlir_sys::mlirIntegerTypeIsUnsigned(r#type))
            .then(|| mlir_sys::mlirIntegerAttrGetValueUInt(value))
    }
}
