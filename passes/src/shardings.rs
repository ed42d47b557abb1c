//! `drop-shardings`: replaces shardings by their operands.

use crate::dce::drop_identities;
use crate::{ErrorGuaranteed, NoOptions, Pass};
use dp_dialects::OpKind;
use dp_dialects::ir::Op;

/// `drop-shardings`.
pub static DROP_SHARDINGS: Pass = Pass {
    flag: "drop-shardings",
    summary: "replace shardings by their operands",
    description: "For targets of one device. Replaces `array.shard` by its operand. The marks `dp.sharding` and `dp.meshes` \
        stay, and mean nothing there.",
    body: run,
};

/// Whether an operation is a sharding.
pub fn is_sharding(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::ArrayShard)
}

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    drop_identities(module, is_sharding);
    Ok(())
}
