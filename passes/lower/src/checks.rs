//! Checks at run time: assertions whose text is what the caller will read.

use crate::structured::Made;
use dp_dialects::ir::{Val, defining_op, result};
use dp_dialects::{Builder, OpKind};
use melior::ir::Location;
use melior::ir::attribute::{Attribute, IntegerAttribute, StringAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;
use mlir_sys::*;

/// How `arith.cmpi` compares; the numbers are its own.
#[derive(Clone, Copy)]
pub enum Order {
    /// Equal.
    Eq = 0,
    /// Signed less or equal.
    Sle = 3,
    /// Signed greater or equal.
    Sge = 5,
    /// Unsigned less.
    Ult = 6,
}

/// A comparison of two `index` values.
pub fn compare<'c>(b: &Builder<'c>, order: Order, x: Val<'c>, y: Val<'c>) -> Made<Val<'c>> {
    let context = b.context();
    let number: Attribute = IntegerAttribute::new(IntegerType::new(context, 64).into(), order as i64).into();
    let i1 = IntegerType::new(context, 1).into();
    b.named("arith.cmpi", &[x, y], &[i1], &[("predicate", number)], vec![]).map(result)
}

/// Asserts a condition; the message says where and what, as a compiler would.
pub fn require<'c>(b: &Builder<'c>, condition: Val<'c>, what: &str) -> Made<()> {
    let message = StringAttribute::new(b.context(), &format!("{}error: {what}", place(b.location()))).into();
    b.named("cf.assert", &[condition], &[], &[("msg", message)], vec![]).map(|_| ())
}

/// Asserts that two extents agree; nothing where they are one value.
pub fn require_equal<'c>(b: &Builder<'c>, x: Val<'c>, y: Val<'c>, what: &str) -> Made<()> {
    if x == y {
        return Ok(());
    }
    let condition = compare(b, Order::Eq, x, y)?;
    require(b, condition, what)
}

/// Asserts that an extent which the program computes is not negative.
pub fn require_extent<'c>(b: &Builder<'c>, extent: Val<'c>) -> Made<()> {
    if defining_op(extent).is_some_and(|op| OpKind::of(op) == Some(OpKind::TensorDim)) {
        return Ok(());
    }
    let zero = b.index(0)?;
    let condition = compare(b, Order::Sge, extent, zero)?;
    require(b, condition, "an extent is negative")
}

/// A location as `file:line:column: `; empty where it is unknown.
pub fn place(location: Location) -> String {
    // SAFETY: the location is live; each part is asked for of the kind that has it.
    unsafe { file_line_column(location.to_raw()).map(|place| place + ": ").unwrap_or_default() }
}

/// # Safety
/// The location is live.
unsafe fn file_line_column(location: MlirLocation) -> Option<String> {
    // SAFETY: by this function's contract, and by the kinds that are asked first.
    unsafe {
        if mlirLocationIsAFileLineColRange(location) {
            let name = mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(location));
            let name = melior::StringRef::from_raw(name).as_str().ok()?;
            let line = mlirLocationFileLineColRangeGetStartLine(location);
            let column = mlirLocationFileLineColRangeGetStartColumn(location);
            return Some(format!("{name}:{line}:{column}"));
        }
        if mlirLocationIsAFused(location) {
            let count = mlirLocationFusedGetNumLocations(location) as usize;
            let null = MlirLocation { ptr: std::ptr::null() };
            let mut parts = vec![null; count];
            mlirLocationFusedGetLocations(location, parts.as_mut_ptr());
            return parts.into_iter().find_map(|part| file_line_column(part));
        }
        if mlirLocationIsACallSite(location) {
            return file_line_column(mlirLocationCallSiteGetCallee(location));
        }
        if mlirLocationIsAName(location) {
            return file_line_column(mlirLocationNameGetChildLoc(location));
        }
        None
    }
}

/// Whether an operation is an assertion.
pub fn is_assertion(op: dp_dialects::ir::Op) -> bool {
    op.name().as_string_ref().as_str() == Ok("cf.assert")
}
