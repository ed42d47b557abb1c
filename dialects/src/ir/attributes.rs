//! Reading and writing of attributes, and the context of an operation.

use super::{Op, Val, defining_op};
use crate::OpKind;
use melior::ir::attribute::{BoolAttribute, DenseI64ArrayAttribute, IntegerAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, AttributeLike, Identifier};
use melior::{Context, ContextRef};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// An attribute as a list of 64-bit integers.
pub fn i64_array(op: Op, name: &str) -> Option<Vec<i64>> {
    op.attribute(name).ok().and_then(i64_array_of)
}

/// The elements of a dense array of 64-bit integers.
pub fn i64_array_of(attribute: Attribute) -> Option<Vec<i64>> {
    let array = DenseI64ArrayAttribute::try_from(attribute).ok()?;
    (0..array.len()).map(|index| array.element(index).ok()).collect()
}

/// An attribute as a list of non-negative integers.
pub fn positions(op: Op, name: &str) -> Option<Vec<usize>> {
    i64_array(op, name)?.into_iter().map(|position| usize::try_from(position).ok()).collect()
}

/// An attribute as an integer.
pub fn i64_attribute(op: Op, name: &str) -> Option<i64> {
    op.attribute(name).ok().and_then(|attribute| IntegerAttribute::try_from(attribute).ok()).map(|value| value.value())
}

/// An attribute as a string; `None` if it is another attribute or not UTF-8.
pub fn string_attribute<'c>(op: Op<'c>, name: &str) -> Option<&'c str> {
    text(op.attribute(name).ok()?)
}

/// The value of a string attribute; `None` if it is another attribute or not UTF-8. (melior's accessor panics on empty
/// and non-UTF-8 strings.)
pub fn text(attribute: Attribute<'_>) -> Option<&str> {
    // SAFETY: the attribute is live, and a string when its value is read, which lives as long as the context.
    unsafe {
        let raw = attribute.to_raw();
        mlir_sys::mlirAttributeIsAString(raw).then(|| text_of(mlir_sys::mlirStringAttrGetValue(raw)))?
    }
}

/// The text of an MLIR string reference; `None` if it is not UTF-8.
///
/// # Safety
/// The string must outlive the result.
pub(crate) unsafe fn text_of<'a>(raw: mlir_sys::MlirStringRef) -> Option<&'a str> {
    // SAFETY: as this function requires.
    std::str::from_utf8(unsafe { bytes_of(raw) }).ok()
}

/// The bytes of an MLIR string reference.
///
/// # Safety
/// The string must outlive the result.
pub(crate) unsafe fn bytes_of<'a>(raw: mlir_sys::MlirStringRef) -> &'a [u8] {
    if raw.length == 0 {
        return &[];
    }
    // SAFETY: the reference has the length of the string, which outlives the result.
    unsafe { std::slice::from_raw_parts(raw.data.cast(), raw.length) }
}

/// Sets an attribute of an operation.
pub fn set_attribute<'c>(op: Op<'c>, name: &str, value: Attribute<'c>) {
    let name = melior::StringRef::new(name);
    // SAFETY: operation and attribute are live, and the name outlives the call.
    unsafe { mlir_sys::mlirOperationSetAttributeByName(op.to_raw(), name.to_raw(), value.to_raw()) }
}

/// Removes an attribute of an operation, if it is there.
pub fn remove_attribute(op: Op, name: &str) {
    // SAFETY: the operation is live, and the name outlives the call.
    unsafe { mlir_sys::mlirOperationRemoveAttributeByName(op.to_raw(), melior::StringRef::new(name).to_raw()) };
}

/// Whether a boolean or unit attribute is set.
pub fn is_set(op: Op, name: &str) -> bool {
    op.attribute(name).is_ok_and(|attribute| BoolAttribute::try_from(attribute).map_or(true, |value| value.value()))
}

/// The context of an operation.
pub fn context_of<'c>(op: Op<'c>) -> &'c Context {
    context_at(op.context())
}

/// A context as a reference, which melior's builders require. melior's `ContextRef::to_ref` returns a reference into
/// the `ContextRef`, which may be a temporary. So this keeps one handle per context, for the rest of the process.
pub(crate) fn context_at<'c>(context: ContextRef<'c>) -> &'c Context {
    static HANDLES: Mutex<BTreeMap<usize, &'static ContextHandle>> = Mutex::new(BTreeMap::new());
    // SAFETY: the reference is to `context`, and is not used after it.
    let raw = unsafe { context.to_ref() }.to_raw();
    let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
    let handle = *handles.entry(raw.ptr as usize).or_insert_with(|| Box::leak(Box::new(ContextHandle(raw))));
    // SAFETY: `Context` holds the handle and nothing else, and the context lives for 'c.
    unsafe { std::mem::transmute::<&'static ContextHandle, &'c Context>(handle) }
}

/// The layout of melior's `Context`.
#[repr(transparent)]
struct ContextHandle(mlir_sys::MlirContext);

// SAFETY: a handle is an address; MLIR synchronizes accesses to the context.
unsafe impl Sync for ContextHandle {}
// SAFETY: as above.
unsafe impl Send for ContextHandle {}

/// The value of an integer or `index` constant.
pub fn constant_integer(value: Val) -> Option<i64> {
    let op = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::ArithConstant))?;
    i64_attribute(op, "value")
}

/// A dictionary of named attributes.
pub fn dictionary<'c>(context: &'c Context, entries: Vec<(&str, Attribute<'c>)>) -> Attribute<'c> {
    // SAFETY: the context, the names and the values are live; the dictionary copies them.
    unsafe {
        let entry = |(key, value): (&str, Attribute)| {
            mlir_sys::mlirNamedAttributeGet(Identifier::new(context, key).to_raw(), value.to_raw())
        };
        let entries: Vec<_> = entries.into_iter().map(entry).collect();
        let dictionary = mlir_sys::mlirDictionaryAttrGet(context.to_raw(), entries.len() as isize, entries.as_ptr());
        Attribute::from_raw(dictionary)
    }
}
