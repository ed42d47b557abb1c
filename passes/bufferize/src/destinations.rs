//! `unshare-destinations`: gives every tensor operation its own destination.

use dp_dialects::ir::{Op, Val, erase, is_unused, operands, result, set_operand, users, walk};
use dp_dialects::{Builder, Diagnostic, Result};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// `unshare-destinations`.
pub static UNSHARE_DESTINATIONS: Pass = Pass {
    flag: "unshare-destinations",
    summary: "give each tensor operation its own destination",
    description: "Takes functions on tensors, right before bufferization. If several operations write to one `tensor.empty`, \
        or to one filled tensor, as common-subexpression elimination leaves them, each gets its own. Otherwise \
        upstream places the shared tensor in the memory of one result, computes another result there too, and does \
        not see that storing the first overwrites the second.",
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
