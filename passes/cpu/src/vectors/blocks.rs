//! Block summation of floats, whose error does not grow with the length.
//!
//! Each lane adds at most [`BLOCK`] numbers. The sums of blocks are added with compensation: `s = fl(t + x)` and its
//! exact error `t + x - s` (Knuth), which is accumulated too. The error of a sum of n numbers, in lanes of any width,
//! is at most `(BLOCK + c) u` times the sum of their magnitudes, where `u` is half an ulp of 1 and `c < 32` is the
//! number of steps that combine lanes and errors. Terms in `n u^2` are negligible.

use super::emit::Emitter;
use super::plan::Output;
use super::spans::{Span, index_op};
use super::vectorize::{lanes_of, vector};
use super::vectorize::{number, splat_constant};
use dp_dialects::ir::{Op, Val, ValueMap, result, results};
use dp_dialects::{Builder, Result};
use dp_loopnest::structured::stepped_loop;
use melior::ir::attribute::IntegerAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;
use melior::ir::{Type, ValueLike};

/// The maximum number of steps in a block.
pub(super) const BLOCK: i64 = 256;

/// Whether an operation is a floating-point sum.
fn is_sum(op: Op) -> bool {
    op.name().as_string_ref().as_str() == Ok("arith.addf")
}

/// Whether any output is a floating-point sum.
pub(super) fn are_sums(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::Reduced(op, _) if is_sum(*op)))
}

fn float<'c>(b: &Builder<'c>, name: &str, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    // Without fast-math flags: this must not be simplified as if there were no rounding.
    b.named(name, &[x, y], &[x.r#type()], &[], vec![]).map(result)
}

/// `t + x`, with the rounding error added to the accumulated one.
fn add<'c>(b: &Builder<'c>, t: Val<'c>, x: Val<'c>, lost: Val<'c>) -> Result<(Val<'c>, Val<'c>)> {
    let sum = float(b, "arith.addf", t, x)?;
    let x_part = float(b, "arith.subf", sum, t)?;
    let t_part = float(b, "arith.subf", sum, x_part)?;
    let t_error = float(b, "arith.subf", t, t_part)?;
    let x_error = float(b, "arith.subf", x, x_part)?;
    let error = float(b, "arith.addf", t_error, x_error)?;
    Ok((sum, float(b, "arith.addf", lost, error)?))
}

/// Predicates of comparisons.
const ORDERED: i64 = 7;
const ULT: i64 = 6;

fn compare<'c>(b: &Builder<'c>, name: &str, predicate: i64, x: Val<'c>, y: Val<'c>, is: Type<'c>) -> Result<Val<'c>> {
    let predicate = IntegerAttribute::new(IntegerType::new(b.context(), 64).into(), predicate).into();
    b.named(name, &[x, y], &[is], &[("predicate", predicate)], vec![]).map(result)
}

/// The sum plus the accumulated error, which is NaN and ignored if the sum is infinite.
fn restored<'c>(b: &Builder<'c>, sum: Val<'c>, lost: Val<'c>) -> Result<Val<'c>> {
    let whole = float(b, "arith.addf", sum, lost)?;
    let booleans = vector(IntegerType::new(b.context(), 1).into(), lanes_of(lost));
    let known = compare(b, "arith.cmpf", ORDERED, lost, lost, booleans)?;
    b.named("arith.select", &[known, whole, sum], &[sum.r#type()], &[], vec![]).map(result)
}

impl<'c> Emitter<'_, 'c> {
    /// A long span of vectors, summed in blocks; returns the partial results.
    pub(super) fn in_blocks(
        &mut self,
        b: &Builder<'c>,
        span: &Span<'c>,
        shared: &ValueMap<Val<'c>>,
        at: &[Option<Val<'c>>],
        held: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let (count, _) = span.lanes.vectors();
        let size = b.index(BLOCK * (count * span.lanes.width(self.plan.lanes)) as i64)?;
        if count == 1 {
            return self.blocks(b, span, size, true, shared, at, held);
        }
        // The remainder first, with a short body: spans without full blocks cost no more than before.
        let extent = index_op(b, "arith.subi", span.to, span.from)?;
        let rest = index_op(b, "arith.remui", extent, size)?;
        let middle = index_op(b, "arith.addi", span.from, rest)?;
        let held = self.in_sequence(b, &Span { to: middle, ..*span }, shared, at, held)?;
        let more = compare(b, "arith.cmpi", ULT, middle, span.to, IntegerType::new(b.context(), 1).into())?;
        let types: Vec<Type> = held.iter().map(|value| value.r#type()).collect();
        let (blocks, _, inner) = b.region(&[]);
        let summed = self.blocks(&inner, &Span { from: middle, ..*span }, size, false, shared, at, &held)?;
        inner.named("scf.yield", &summed, &[], &[], vec![])?;
        let (none, _, inner) = b.region(&[]);
        inner.named("scf.yield", &held, &[], &[], vec![])?;
        b.named("scf.if", &[more], &types, &[], vec![blocks, none]).map(results)
    }

    /// A span of blocks, of which the last may be shorter if `part` is set.
    #[expect(clippy::too_many_arguments, reason = "a span and its position")]
    fn blocks(
        &mut self,
        b: &Builder<'c>,
        span: &Span<'c>,
        size: Val<'c>,
        part: bool,
        shared: &ValueMap<Val<'c>>,
        at: &[Option<Val<'c>>],
        held: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let lanes = span.lanes.width(self.plan.lanes);
        let fresh = self.start(b, at, lanes)?;
        let ops: Vec<Op> = self.reduced().into_iter().map(|(op, _)| op).collect();
        // Accumulated errors follow the values.
        let mut carried = held.to_vec();
        for (op, value) in ops.iter().zip(held) {
            if is_sum(*op) {
                carried.push(splat_constant(b, value.r#type(), number(b.context(), results(*op)[0].r#type(), "0.0")?)?);
            }
        }
        let total = stepped_loop(b, [span.from, span.to, size], &carried, |b, index, carried| {
            let mut to = index_op(b, "arith.addi", index, size)?;
            if part {
                to = index_op(b, "arith.minui", to, span.to)?;
            }
            let partial = self.in_sequence(b, &Span { from: index, to, ..*span }, shared, at, &fresh)?;
            let (totals, mut lost) = (&carried[..ops.len()], carried[ops.len()..].iter());
            let (mut values, mut errors) = (Vec::new(), Vec::new());
            for ((op, total), partial) in ops.iter().zip(totals).zip(partial) {
                match is_sum(*op).then(|| lost.next()).flatten() {
                    Some(lost) => {
                        let (sum, lost) = add(b, *total, partial, *lost)?;
                        values.push(sum);
                        errors.push(lost);
                    }
                    None => values.push(self.combined(b, *op, [*total, partial], lanes)?),
                }
            }
            Ok([values, errors].concat())
        })?;
        let (totals, mut lost) = (&total[..ops.len()], total[ops.len()..].iter());
        let restore = |(op, total): (&Op<'c>, &Val<'c>)| match is_sum(*op).then(|| lost.next()).flatten() {
            Some(lost) => restored(b, *total, *lost),
            None => Ok(*total),
        };
        ops.iter().zip(totals).map(restore).collect()
    }
}
