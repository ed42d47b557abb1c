//! `unshare-destinations`: gives every tensor operation its own destination, in every execution.

use dp_dialects::ir::{Op, Val, ancestors, erase, is_unused, operands, result, set_operand, users, value_block, walk};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use dp_loopnest::structured::segments;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// `unshare-destinations`.
pub static UNSHARE_DESTINATIONS: Pass = Pass {
    flag: "unshare-destinations",
    summary: "give each tensor operation its own destination",
    description: "Takes functions on tensors, right before bufferization. If several operations write to one `tensor.empty`, \
        or to one filled tensor, as common-subexpression elimination leaves them, each gets its own. Otherwise \
        upstream places the shared tensor in the memory of one result, computes another result there too, and does \
        not see that storing the first overwrites the second. A `tensor.insert_slice` in a loop into a tensor from \
        outside of the loop gets a copy of it: every iteration needs the tensor, and upstream computes the slice in \
        its memory.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    // Fills first: their copies share a destination, which is separated next.
    for name in ["linalg.fill", "tensor.empty"] {
        let mut found = Vec::new();
        walk(module, &mut |op| {
            if op.name().as_string_ref().as_str() == Ok(name) && op.result_count() == 1 {
                found.push(op);
            }
        });
        for op in found {
            unshare(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
        }
    }
    let mut updates = Vec::new();
    walk(module, &mut |op| updates.extend(is_update_of_invariant(op).then_some(op)));
    updates.into_iter().try_for_each(|op| copy(op).map_err(|diagnostic| diagnostic.report(op.location())))
}

/// Whether an operation inserts into a tensor that is the same in all iterations of a loop around the operation.
fn is_update_of_invariant(op: Op) -> bool {
    if op.name().as_string_ref().as_str() != Ok("tensor.insert_slice") {
        return false;
    }
    let home = value_block(operands(op)[1]);
    let blocks = std::iter::once(op).chain(ancestors(op)).map(|op| (op, op.block()));
    let within = blocks.take_while(|(_, block)| *block != home).filter_map(|(_, block)| block?.parent_operation());
    within.into_iter().any(|parent| matches!(OpKind::of(parent), Some(OpKind::ScfFor | OpKind::ScfWhile)))
}

/// Inserts into a copy of the tensor.
fn copy(op: Op) -> Result<()> {
    let b = Builder::before(op);
    let tensor = operands(op)[1];
    let parts = segments(b.context(), &[0, 1, 0]);
    let copy = b.named("bufferization.alloc_tensor", &[tensor], &[tensor.r#type()], &[parts], vec![])?;
    set_operand(op, 1, result(copy));
    Ok(())
}

/// Clones the operation for each use but one.
fn unshare<'c>(op: Op<'c>) -> Result<()> {
    let shared = result(op);
    if is_unused(shared) {
        erase(op);
        return Ok(());
    }
    // Uses are listed last first; the first one keeps the original.
    for user in users(shared).into_iter().rev().skip(1) {
        let own = result(Builder::before(user).clone_op(op, &[]));
        let place = operands(user).into_iter().position(|operand: Val| operand == shared);
        let place =
            place.ok_or_else(|| Diagnostic::internal(format!("internal error: no use of {}", shared.r#type())))?;
        set_operand(user, place, own);
    }
    Ok(())
}
