//! `sink-updates`: what a loop stores and only passes on is stored at the end of a round.
//!
//! The tape of a value that a loop carries is stored where the round begins, before the next value is computed. LLVM
//! vectorizes a loop whose carried numbers are those of the round before (a recurrence of first order) only if nothing with
//! an effect needs them before the next ones are there.

use super::element;
use dp_dialects::OpKind;
use dp_dialects::ir::{Op, Val, block_ops, body_ops, defining_op, move_before, operands, region_block, users, walk};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;

/// `sink-updates`.
pub static SINK_UPDATES: Pass = Pass {
    flag: "sink-updates",
    summary: "store elements that a loop only passes on at the end of its rounds",
    description: "Takes functions on tensors, before `lower-array`. In an `scf.for`, an `array.update_slice` by a number whose \
        result is only passed on, or updated and then passed on, moves to the end of the block.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    for function in body_ops(module) {
        walk(function, &mut |op| {
            if OpKind::of(op) == Some(OpKind::ScfFor) {
                sink(op);
            }
        });
    }
    Ok(())
}

fn sink(op: Op) {
    let Some(end) = region_block(op, 0).and_then(|block| block_ops(block).last().copied()) else { return };
    for next in operands(end) {
        let updates = updates(end, next);
        for update in updates.into_iter().rev() {
            let row = operands(update)[1];
            // The row, unless others need it earlier.
            if let Some(maker) = defining_op(row).filter(|maker| maker.block() == end.block() && users(row).len() == 1)
            {
                move_before(maker, end);
            }
            move_before(update, end);
        }
    }
}

/// The updates by numbers of which a value is the result, each used once, from the last.
fn updates<'c>(end: Op<'c>, next: Val<'c>) -> Vec<Op<'c>> {
    let (mut found, mut value) = (Vec::new(), next);
    while let Some(update) = defining_op(value).filter(|update| is_update(*update, end) && users(value).len() == 1) {
        found.push(update);
        value = operands(update)[0];
    }
    found
}

fn is_update<'c>(update: Op<'c>, end: Op<'c>) -> bool {
    OpKind::of(update) == Some(OpKind::ArrayUpdateSlice)
        && update.block() == end.block()
        && element(operands(update)[1]).is_some()
}
