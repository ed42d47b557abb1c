//! `drop-proved-checks`: assertions of positions that the loops around them show to hold.
//!
//! A loop to the extent of one tensor stays within another that is made with that extent, or comes from the first by
//! updates, through loops and branches too.

use super::ranges::{ends, is_true};
use crate::checks::{Order, is_assertion};
use dp_dialects::OpKind;
use dp_dialects::ir::{Op, Val, constant_integer, defining_op, erase, i64_attribute, operands, walk};
use dp_extents::proof::Extents;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// `drop-proved-checks`.
pub static DROP_PROVED_CHECKS: Pass = Pass {
    flag: "drop-proved-checks",
    summary: "drop assertions of positions that follow from the bounds of loops",
    description: "Takes programs before `lower-array`. An assertion that a position lies below an extent is dropped if this \
        follows from the bounds of the loops around it, also where the extent is that of another tensor. So \
        derivatives of loops that store elements have no checks.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_assertion(op).then_some(op)));
    let mut facts = HashMap::new();
    // All are examined before any is dropped: facts are of a block.
    let proved: Vec<Op> = found.into_iter().filter(|op| is_proved(*op, &mut facts)).collect();
    for assertion in proved {
        erase(assertion);
    }
    Ok(())
}

/// Whether an assertion of a position holds wherever it is executed. Facts of blocks are kept.
fn is_proved<'c>(assertion: Op<'c>, facts: &mut HashMap<usize, Extents<'c>>) -> bool {
    let condition = operands(assertion).first().copied().and_then(defining_op);
    let Some(compare) = condition.filter(|op| OpKind::of(*op) == Some(OpKind::ArithCmpI)) else { return false };
    let [position, extent] = operands(compare)[..] else { return false };
    if is_true(compare, position, extent) {
        return true;
    }
    let (Some((tensor, dim)), true) = (extent_of(extent), is_below(compare)) else { return false };
    let ends: Vec<Val> = ends(compare).into_iter().filter(|end| is_true(compare, position, *end)).collect();
    let Some(block) = compare.block().filter(|_| !ends.is_empty()) else { return false };
    let known = facts.entry(block.to_raw().ptr as usize).or_insert_with(|| Extents::of_loops_around(compare));
    ends.into_iter().any(|end| known.is_extent(end, tensor, dim))
}

/// Whether a comparison is that of a position with an extent.
fn is_below(compare: Op) -> bool {
    i64_attribute(compare, "predicate") == Some(Order::Ult as i64)
}

/// The tensor and the dimension whose extent an index is.
fn extent_of<'c>(extent: Val<'c>) -> Option<(Val<'c>, usize)> {
    let [tensor, dim] = operands(defining_op(extent).filter(|op| OpKind::of(*op) == Some(OpKind::TensorDim))?)[..]
    else {
        return None;
    };
    Some((tensor, usize::try_from(constant_integer(dim)?).ok()?))
}
