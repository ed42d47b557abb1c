//! `simplify-bounds`: uses the bounds of counted loops.
//!
//! In a loop `for i = 0 to n`, the position `i` lies within a dimension of extent `n`: clamps and comparisons that say so
//! are dropped, and so are clamps that repeat an assertion (`asserted`). The initial fill of a tensor that the loop writes
//! completely is dropped too (`fills`); of one that it writes in part, only the rest is initialized (`rest`). A position
//! that is the induction variable itself is what later passes, LLVM's included, recognize as an access of consecutive
//! elements.

mod asserted;
mod fills;
pub(crate) mod form;
pub mod proved;
pub(crate) mod ranges;
mod rest;
pub(crate) mod rounds;

use asserted::{Asserted, Below};
use dp_dialects::ir::{Op, Val, body_ops, constant_integer, operands, replace_all_uses, result, walk};
use dp_dialects::{Builder, MlirType, OpKind, Result, ScalarType};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use form::Form;
use melior::ir::attribute::IntegerAttribute;
use melior::ir::operation::OperationLike;
use ranges::{is_at_least, is_at_most, is_at_most_value, is_true};

/// `simplify-bounds`.
pub static SIMPLIFY_BOUNDS: Pass = Pass {
    flag: "simplify-bounds",
    summary: "drop clamps, comparisons and fills that the bounds of loops make redundant",
    description: "Takes functions on tensors with `scf.for` loops that do not overflow, after `lower-array`. A minimum or \
        maximum of an index whose outcome follows from the bounds of an enclosing loop is replaced by that operand, \
        and such a comparison by true. A tensor that is filled before a loop, and of which the loop writes every row \
        and reads none, is not filled; one of which the loop writes only some rows, in order, and reads only those that it \
        has written or that lie before the first, is filled, or copied from an argument, only where it is not written.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let (mut within, mut loops, mut asserted) = (Vec::new(), Vec::new(), Asserted::default());
    for function in body_ops(module) {
        walk(function, &mut |op| match OpKind::of(op) {
            Some(OpKind::ArithMinSI | OpKind::ArithMaxSI | OpKind::ArithCmpI) => within.push((op, asserted.before(op))),
            Some(OpKind::ScfFor) => loops.push(op),
            Some(OpKind::CfAssert) => asserted.note(op),
            _ => {}
        });
    }
    if loops.is_empty() {
        return Ok(());
    }
    for (op, before) in within {
        let facts = op.block().map_or(&[][..], |block| asserted.of(block, before));
        simplify(op, facts).map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    for op in loops {
        fills::drop_fills(op);
        rest::initialize_rest(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    Ok(())
}

/// Whether an index is at least 0 and below an extent wherever an operation is executed.
pub fn is_within(op: Op, index: Val, extent: u64) -> bool {
    let Some(last) = i64::try_from(extent).ok().and_then(|extent| extent.checked_sub(1)) else { return false };
    match constant_integer(index) {
        Some(index) => (0..=last).contains(&index),
        None => is_at_least(op, index, 0) && is_at_most(op, index, Form::constant(last)),
    }
}

/// Replaces an operation by what it gives in every iteration of the loops around it. Its operands are simplified.
fn simplify<'c>(op: Op<'c>, asserted: &[Below<'c>]) -> Result<()> {
    let [a, b] = operands(op)[..] else { return Ok(()) };
    let number = |value, constant| constant_integer(constant).filter(|number| is_at_least(op, value, *number));
    let is_at_most = |a, b| is_at_most_value(op, a, b) || asserted.iter().any(|fact| fact.shows_at_most(a, b));
    let replacement = match OpKind::of(op) {
        Some(OpKind::ArithMaxSI) if number(a, b).is_some() => Some(a),
        Some(OpKind::ArithMaxSI) if number(b, a).is_some() => Some(b),
        Some(OpKind::ArithMinSI) if is_at_most(a, b) => Some(a),
        Some(OpKind::ArithMinSI) if is_at_most(b, a) => Some(b),
        Some(OpKind::ArithCmpI) if is_true(op, a, b) => Some(always(Builder::before(op))?),
        _ => None,
    };
    if let Some(replacement) = replacement {
        replace_all_uses(result(op), replacement);
    }
    Ok(())
}

/// The boolean true.
fn always<'c>(b: Builder<'c>) -> Result<Val<'c>> {
    let r#type = ScalarType::I1.to_type(b.context());
    let value = IntegerAttribute::new(r#type, 1).into();
    b.op(OpKind::ArithConstant, &[], &[r#type], &[("value", value)], vec![]).map(result)
}
