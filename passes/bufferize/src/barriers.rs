//! `drop-barriers`: replaces barriers by their operands.

use dp_dialects::OpKind;
use dp_dialects::ir::Op;
use dp_passes::dce::drop_identities;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};

/// `drop-barriers`.
pub static DROP_BARRIERS: Pass = Pass {
    flag: "drop-barriers",
    summary: "replace barriers by their operands",
    description: "Takes programs on buffers, after the last elimination of common subexpressions that could merge what a \
        checkpoint computes again. Replaces `ad.barrier` by its operand. Bufferization does so for tensors.",
    body: run,
};

/// Whether an operation is a barrier.
pub fn is_barrier(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::AdBarrier)
}

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    drop_identities(module, is_barrier);
    Ok(())
}
