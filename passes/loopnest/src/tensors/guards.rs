//! Checks before upstream tensor operations that are undefined out of bounds.

use crate::checks::{Order, compare, message, require};
use crate::structured::{self, set_attribute};
use dp_dialects::ir::{Op, context_of, defining_op, i64_attribute, operands, result, string_attribute};
use dp_dialects::{Builder, OpKind, Result, ValueType};
use melior::ir::ValueLike;
use melior::ir::attribute::StringAttribute;
use melior::ir::operation::OperationLike;

/// Emits the check of an operation, if it needs one.
pub(super) fn guard<'c>(kind: OpKind, op: Op<'c>) -> Result<()> {
    match kind {
        OpKind::TensorExtract => extract(op),
        OpKind::TensorCast => cast(op),
        OpKind::ArithDivSI | OpKind::ArithRemSI => quotient(kind, op),
        OpKind::CfAssert => assertion(op),
        _ => Ok(()),
    }
}

/// Adds the location to the message of an assertion, unless a pass has done so.
fn assertion<'c>(op: Op<'c>) -> Result<()> {
    let what = string_attribute(op, "msg").unwrap_or("assertion failed");
    if what.starts_with(&message(op.location(), "")) {
        return Ok(());
    }
    let message = StringAttribute::new(context_of(op), &message(op.location(), what));
    set_attribute(op, "msg", message.into());
    Ok(())
}

/// Indices are in bounds. The comparison is unsigned, so negative indices are out of bounds.
fn extract<'c>(op: Op<'c>) -> Result<()> {
    let (arguments, b) = (operands(op), Builder::before(op));
    for (dim, position) in arguments[1..].iter().enumerate() {
        let extent = structured::extent(&b, arguments[0], dim)?;
        let within = compare(&b, Order::Ult, *position, extent)?;
        require(&b, within, &format!("'tensor.extract' is out of bounds in dimension {dim}"))?;
    }
    Ok(())
}

/// The divisor is not 0 and the quotient does not overflow: a CPU may trap otherwise.
fn quotient<'c>(kind: OpKind, op: Op<'c>) -> Result<()> {
    let [dividend, divisor] = operands(op)[..] else { return Ok(()) };
    let known = defining_op(divisor).and_then(|op| i64_attribute(op, "value"));
    let (b, name) = (Builder::before(op), kind.name());
    if known.is_none_or(|known| known == 0) {
        let is_none = compare(&b, Order::Ne, divisor, b.index(0)?)?;
        require(&b, is_none, &format!("'{name}' divides by 0"))?;
    }
    if known.is_none_or(|known| known == -1) {
        // Not the minimum divided by -1: one of the two differences is nonzero.
        let least = b.op(OpKind::ArithSubI, &[dividend, b.index(i64::MIN)?], &[dividend.r#type()], &[], vec![])?;
        let minus = b.op(OpKind::ArithSubI, &[divisor, b.index(-1)?], &[dividend.r#type()], &[], vec![])?;
        let either = b.named("arith.ori", &[result(least), result(minus)], &[dividend.r#type()], &[], vec![])?;
        let fits = compare(&b, Order::Ne, result(either), b.index(0)?)?;
        require(&b, fits, &format!("the quotient of '{name}' overflows"))?;
    }
    Ok(())
}

/// Dynamic extents of the operand match the result type.
fn cast<'c>(op: Op<'c>) -> Result<()> {
    let (x, b) = (operands(op)[0], Builder::before(op));
    let (from, to) = (ValueType::of_value(x)?, ValueType::of_value(result(op))?);
    for (dim, known) in to.extents().iter().enumerate() {
        let (Some(known), None) = (known, from.extents()[dim]) else { continue };
        let (extent, known) = (structured::extent(&b, x, dim)?, b.index(*known as i64)?);
        let same = compare(&b, Order::Eq, extent, known)?;
        require(&b, same, &format!("the extent of dimension {dim} does not match the type of 'tensor.cast'"))?;
    }
    Ok(())
}
