//! `normalize-loops`: loops whose induction variable may overflow count iterations instead.
//!
//! A loop over `i = first, first + step, …` below `end` is defined on unbounded integers. In the loop's type, `i +
//! step` may overflow after the last iteration and wrap around to a value below `end`. The number of iterations is
//! ⌈(end − first) / step⌉ if `first < end`; the difference is exact as an unsigned number of the loop's type, and
//! `first + k · step` is exact, modulo the type's range, in each iteration k.

use crate::checks::{Order, compare, require};
use crate::structured::arith;
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Op, Val, ancestors, block_args, body_ops, defining_op, is_set, operands, region_block, replace_all_uses, result,
    set_operand, walk,
};
use dp_dialects::types::ScalarType;
use dp_dialects::{Builder, Diagnostic, Literal, OpKind, Result};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::{Attribute, IntegerAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, TypeLike, ValueLike};

/// `normalize-loops`.
pub static NORMALIZE_LOOPS: Pass = Pass {
    flag: "normalize-loops",
    summary: "rewrite loops that are unsigned or may overflow",
    description: "Takes `scf.for`. An unsigned loop, or one whose induction variable may overflow before the end, becomes a \
        loop over its iteration number, from 0 in steps of 1, which computes the original induction variable. A \
        step that is not positive is a run-time error; in the body of a tensor operation, where checks are \
        impossible, it is treated as a large unsigned number.",
    body: run,
};

/// The attribute of unsigned loops.
pub const UNSIGNED: &str = "unsignedCmp";

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    for function in body_ops(module) {
        walk(function, &mut |op| found.extend((OpKind::of(op) == Some(OpKind::ScfFor)).then_some(op)));
    }
    for op in found {
        let made = if never_wraps(op) { Ok(()) } else { count_iterations(op) };
        made.map_err(|diagnostic| diagnostic.report(op.location()))?;
        let name = melior::StringRef::new(UNSIGNED);
        // SAFETY: the operation is live, and the name outlives the call.
        unsafe { mlir_sys::mlirOperationRemoveAttributeByName(op.to_raw(), name.to_raw()) };
    }
    Ok(())
}

/// Whether the induction variable never overflows as a signed integer.
pub fn never_wraps(op: Op) -> bool {
    let [first, end, step, ..] = operands(op)[..] else { return false };
    let Some(step) = known(step).filter(|step| *step > 0) else { return false };
    let is_unsigned = is_set(op, UNSIGNED);
    if is_unsigned && known(first).is_none_or(|first| first < 0) {
        return false;
    }
    let Some(dtype) = ScalarType::of(end.r#type()) else { return false };
    let most = i64::MAX >> (64 - dtype.bits());
    match known(end) {
        Some(end) if is_unsigned && end < 0 => false,
        // The last value plus the step does not overflow.
        Some(end) => end <= most - (step - 1),
        // The loop reaches its end exactly.
        None if step == 1 => !is_unsigned,
        // No tensor has so large an extent.
        None => !is_unsigned && step <= most / 2 && is_extent(end),
    }
}

fn is_extent(value: Val) -> bool {
    defining_op(value).and_then(OpKind::of) == Some(OpKind::TensorDim)
}

/// A constant integer, of `arith` or of `scalar`.
pub fn known(value: Val) -> Option<i64> {
    let op = defining_op(value)?;
    let is_constant = matches!(OpKind::of(op), Some(OpKind::ArithConstant | OpKind::ScalarConstant));
    let literal = op.attribute("value").ok().filter(|_| is_constant).and_then(Literal::of)?;
    Some(literal.element(0).integer())
}

/// Rewrites a loop as a loop over iteration numbers.
fn count_iterations<'c>(op: Op<'c>) -> Result<()> {
    let missing = || Diagnostic::internal("internal error: a loop without a body");
    let block = region_block(op, 0).ok_or_else(missing)?;
    let (Some(number), [first, end, step, ..]) = (block_args(block).first().copied(), &operands(op)[..]) else {
        return Err(missing());
    };
    let b = Builder::before(op);
    let step = positive(&b, op, *step)?;
    let trip_count = trip_count(&b, [*first, *end, step], is_set(op, UNSIGNED))?;
    for (operand, value) in [b.index(0)?, trip_count, b.index(1)?].into_iter().enumerate() {
        set_operand(op, operand, value);
    }
    let r#type = number.r#type();
    let index = Type::index(b.context());
    // SAFETY: the argument and the type are live; uses of the argument are replaced below.
    unsafe { mlir_sys::mlirValueSetType(number.to_raw(), index.to_raw()) };
    let b = Builder::before(block.first_operation().ok_or_else(missing)?).located(op.location());
    let iteration = cast(&b, "arith.index_cast", number, r#type)?;
    let distance = arith(&b, "arith.muli", iteration, step)?;
    let made = arith(&b, "arith.addi", *first, distance)?;
    replace_all_uses(number, made);
    let first_use = if iteration == number { distance } else { iteration };
    defining_op(first_use).into_iter().for_each(|op| set_operand(op, 0, number));
    Ok(())
}

/// The step, checked to be positive. Where checks are impossible, a nonpositive step becomes a large one, which gives
/// one iteration.
fn positive<'c>(b: &Builder<'c>, op: Op<'c>, step: Val<'c>) -> Result<Val<'c>> {
    if known(step).is_some_and(|step| step > 0) {
        return Ok(step);
    }
    let is_body = ancestors(op).any(|op| OpKind::of(op).is_some_and(|kind| kind.dialect() == "array"));
    let (zero, one) = (constant(b, step.r#type(), 0)?, constant(b, step.r#type(), 1)?);
    if is_body {
        // Negative steps are already large as unsigned integers.
        let is_zero = compare(b, Order::Eq, step, zero)?;
        let of = [is_zero, constant(b, step.r#type(), -1)?, step];
        return b.named("arith.select", &of, &[step.r#type()], &[], vec![]).map(result);
    }
    let is_positive = match is_set(op, UNSIGNED) {
        true => compare(b, Order::Ne, step, zero)?,
        false => compare(b, Order::Sge, step, one)?,
    };
    require(b, is_positive, "the step of the loop is not positive")?;
    Ok(step)
}

/// The trip count as an `index`, at most the largest signed one; a loop with more iterations would never end.
fn trip_count<'c>(b: &Builder<'c>, [first, end, step]: [Val<'c>; 3], is_unsigned: bool) -> Result<Val<'c>> {
    let r#type = first.r#type();
    let some = compare(b, if is_unsigned { Order::Ult } else { Order::Slt }, first, end)?;
    let distance = arith(b, "arith.subi", end, first)?;
    let (zero, one) = (constant(b, r#type, 0)?, constant(b, r#type, 1)?);
    let last = arith(b, "arith.divui", arith(b, "arith.subi", distance, one)?, step)?;
    let trip_count = arith(b, "arith.addi", last, one)?;
    let trip_count = b.named("arith.select", &[some, trip_count, zero], &[r#type], &[], vec![]).map(result)?;
    let trip_count = cast(b, "arith.index_castui", trip_count, Type::index(b.context()))?;
    arith(b, "arith.minui", trip_count, b.index(i64::MAX)?)
}

fn cast<'c>(b: &Builder<'c>, name: &str, value: Val<'c>, to: Type<'c>) -> Result<Val<'c>> {
    if value.r#type() == to { Ok(value) } else { b.named(name, &[value], &[to], &[], vec![]).map(result) }
}

fn constant<'c>(b: &Builder<'c>, r#type: Type<'c>, value: i64) -> Result<Val<'c>> {
    let value: Attribute = IntegerAttribute::new(r#type, value).into();
    b.named("arith.constant", &[], &[r#type], &[("value", value)], vec![]).map(result)
}
