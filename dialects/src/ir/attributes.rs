//! Attributes of operations, and the context that both live in.

use super::{Op, Val, defining_op};
use crate::OpKind;
use melior::ir::attribute::{BoolAttribute, DenseI64ArrayAttribute, IntegerAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, AttributeLike};
use melior::{Context, ContextRef};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// An attribute as 64-bit integers.
pub fn i64_array(op: Op, name: &str) -> Option<Vec<i64>> {
    op.attribute(name).ok().and_then(i64_array_of)
}

/// The elements of a dense array of 64-bit integers.
pub fn i64_array_of(attribute: Attribute) -> Option<Vec<i64>> {
    let array = DenseI64ArrayAttribute::try_from(attribute).ok()?;
    (0..array.len()).map(|index| array.element(index).ok()).collect()
}

/// An attribute as positions: 64-bit integers, none negative.
pub fn positions(op: Op, name: &str) -> Option<Vec<usize>> {
    i64_array(op, name)?.into_iter().map(|position| usize::try_from(position).ok()).collect()
}

/// An attribute as one integer.
pub fn i64_attribute(op: Op, name: &str) -> Option<i64> {
    op.attribute(name).ok().and_then(|attribute| IntegerAttribute::try_from(attribute).ok()).map(|value| value.value())
}

/// An attribute as text; `None` where it is no text, as a string of bytes that are not UTF-8.
pub fn string_attribute<'c>(op: Op<'c>, name: &str) -> Option<&'c str> {
    text(op.attribute(name).ok()?)
}

/// The text of a string attribute. (melior's own reading panics where a string is empty, or not UTF-8.)
pub fn text(attribute: Attribute<'_>) -> Option<&str> {
    // SAFETY: the attribute is live, and a string where its value is asked for; values live as long as the context.
    unsafe {
        let raw = attribute.to_raw();
        mlir_sys::mlirAttributeIsAString(raw).then(|| text_of(mlir_sys::mlirStringAttrGetValue(raw)))?
    }
}

/// The text of MLIR's reference to a string; `None` where it is not UTF-8.
///
/// # Safety
/// The string lives as long as the result is used.
pub(crate) unsafe fn text_of<'a>(raw: mlir_sys::MlirStringRef) -> Option<&'a str> {
    // SAFETY: the caller's.
    std::str::from_utf8(unsafe { bytes_of(raw) }).ok()
}

/// The bytes of MLIR's reference to a string.
///
/// # Safety
/// The string lives as long as the result is used.
pub(crate) unsafe fn bytes_of<'a>(raw: mlir_sys::MlirStringRef) -> &'a [u8] {
    if raw.length == 0 {
        return &[];
    }
    // SAFETY: there are as many bytes as the reference says, and they live as long as the caller says.
    unsafe { std::slice::from_raw_parts(raw.data.cast(), raw.length) }
}

/// Sets an attribute of an operation.
pub fn set_attribute<'c>(op: Op<'c>, name: &str, value: Attribute<'c>) {
    let name = melior::StringRef::new(name);
    // SAFETY: operation and attribute are live, and the name outlives the call.
    unsafe { mlir_sys::mlirOperationSetAttributeByName(op.to_raw(), name.to_raw(), value.to_raw()) }
}

/// Whether a boolean or unit attribute is set.
pub fn is_set(op: Op, name: &str) -> bool {
    op.attribute(name).is_ok_and(|attribute| BoolAttribute::try_from(attribute).map_or(true, |value| value.value()))
}

/// The context of an operation.
pub fn context_of<'c>(op: Op<'c>) -> &'c Context {
    context_at(op.context())
}

/// A context as melior's builders want it. melior's own `ContextRef::to_ref`
/// gives a reference to the `ContextRef`, which is gone when its block ends; so
/// each context's handle is kept here, once, for good.
pub(crate) fn context_at<'c>(context: ContextRef<'c>) -> &'c Context {
    static HANDLES: Mutex<BTreeMap<usize, &'static ContextHandle>> = Mutex::new(BTreeMap::new());
    // SAFETY: the reference is to `context`, and is not used after it.
    let raw = unsafe { context.to_ref() }.to_raw();
    let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
    let handle = *handles.entry(raw.ptr as usize).or_insert_with(|| Box::leak(Box::new(ContextHandle(raw))));
    // SAFETY: `Context` holds the handle and nothing else, and the context lives for 'c.
    unsafe { std::mem::transmute::<&'static ContextHandle, &'c Context>(handle) }
}

/// What melior's `Context` holds.
#[repr(transparent)]
struct ContextHandle(mlir_sys::MlirContext);

// SAFETY: a handle is an address; what it points to is MLIR's, which locks it.
unsafe impl Sync for ContextHandle {}
// SAFETY: as above.
unsafe impl Send for ContextHandle {}

/// The value of an integer or `index` constant.
pub fn constant_integer(value: Val) -> Option<i64> {
    let op = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::ArithConstant))?;
    i64_attribute(op, "value")
}
