//! `lower-copies`: lowers copies of buffers to loops.

use dp_dialects::Builder;
use dp_dialects::ir::{Op, erase, operands, walk};
use dp_loopnest::structured::{Indexed, generic};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;
use melior::ir::{TypeLike, ValueLike};

/// `lower-copies`.
pub static LOWER_COPIES: Pass = Pass {
    flag: "lower-copies",
    summary: "lower copies of buffers to loops",
    description: "Lowers `memref.copy` to `linalg.generic`, and drops a copy of a buffer to itself. Upstream lowers strided copies to calls of MLIR's runner \
        library, on which our libraries must not depend.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    lower(module, |_| true)
}

/// Lowers the selected copies to loops.
pub fn lower<'c>(module: Op<'c>, is_lowered: impl Fn(Op<'c>) -> bool) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| {
        if op.name().as_string_ref().as_str() == Ok("memref.copy") && is_lowered(op) {
            found.push(op);
        }
    });
    for op in found {
        let [from, to] = operands(op)[..] else { continue };
        // Bufferization has made the update in place.
        if from == to {
            erase(op);
            continue;
        }
        // SAFETY: the operand is live and a buffer.
        let rank = unsafe { mlir_sys::mlirShapedTypeGetRank(from.r#type().to_raw()) } as usize;
        let (from, to) = (Indexed::identity(from, rank), Indexed::identity(to, rank));
        let made = generic(&Builder::before(op), rank, &[], &[from], &[to], |_, elements| Ok(vec![elements[0]]));
        made.map_err(|diagnostic| diagnostic.report(op.location()))?;
        erase(op);
    }
    Ok(())
}
