//! Run-time checks: assertions whose text is the message for the caller.

use dp_dialects::diagnostics::place;
use dp_dialects::ir::{Op, Val, defining_op, i64_attribute, is_pure, result, results};
use dp_dialects::{Builder, OpKind, Result, ValueType};
use melior::ir::attribute::{Attribute, IntegerAttribute, StringAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;
use melior::ir::{Location, ValueLike};

/// Predicates of `arith.cmpi`, with its encoding.
#[derive(Clone, Copy)]
pub enum Order {
    /// Equal.
    Eq = 0,
    /// Unequal.
    Ne = 1,
    /// Signed less.
    Slt = 2,
    /// Signed less or equal.
    Sle = 3,
    /// Signed greater.
    Sgt = 4,
    /// Signed greater or equal.
    Sge = 5,
    /// Unsigned less.
    Ult = 6,
}

/// A comparison of two `index` values.
pub fn compare<'c>(b: &Builder<'c>, order: Order, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    let context = b.context();
    let number: Attribute = IntegerAttribute::new(IntegerType::new(context, 64).into(), order as i64).into();
    let i1 = IntegerType::new(context, 1).into();
    b.named("arith.cmpi", &[x, y], &[i1], &[("predicate", number)], vec![]).map(result)
}

/// The message for the caller, in the form of a compiler's error.
pub fn message(at: Location, message: &str) -> String {
    format!("{}error: {message}", place(at).map_or_else(String::new, |place| place + ": "))
}

/// Asserts a condition.
pub fn require<'c>(b: &Builder<'c>, condition: Val<'c>, message: &str) -> Result<()> {
    let text = StringAttribute::new(b.context(), &self::message(b.location(), message)).into();
    b.op(OpKind::CfAssert, &[condition], &[], &[("msg", text)], vec![]).map(|_| ())
}

/// Asserts that two extents are equal, unless they are the same value.
pub fn require_equal<'c>(b: &Builder<'c>, x: Val<'c>, y: Val<'c>, message: &str) -> Result<()> {
    if x == y {
        return Ok(());
    }
    let condition = compare(b, Order::Eq, x, y)?;
    require(b, condition, message)
}

/// Asserts that a computed extent is not negative.
pub fn require_extent<'c>(b: &Builder<'c>, extent: Val<'c>) -> Result<()> {
    let made_by = defining_op(extent);
    if made_by.is_some_and(|op| OpKind::of(op) == Some(OpKind::TensorDim)) {
        return Ok(());
    }
    let known = made_by.filter(|op| OpKind::of(*op) == Some(OpKind::ArithConstant));
    if known.and_then(|op| i64_attribute(op, "value")).is_some_and(|extent| extent >= 0) {
        return Ok(());
    }
    let zero = b.index(0)?;
    let condition = compare(b, Order::Sge, extent, zero)?;
    require(b, condition, "an extent is negative")
}

/// Whether an operation is an assertion.
pub fn is_assertion(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::CfAssert)
}

/// Whether an operation computes scalars from scalars or extents of arguments.
pub fn is_light(op: Op) -> bool {
    let number = |value| ValueType::of(ValueLike::r#type(&value)).is_some_and(|r#type| !r#type.is_tensor());
    let is_view = op.name().as_string_ref().as_str() == Ok("bufferization.to_tensor");
    is_view || (op.region_count() == 0 && is_pure(op) && results(op).into_iter().all(number))
}
