//! `drop-shardings`: replaces shardings by their operands.

use crate::{ErrorGuaranteed, NoOptions, Pass};
use dp_dialects::OpKind;
use dp_dialects::ir::{Op, erase, operands, replace_all_uses, result, walk};

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
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_sharding(op).then_some(op)));
    for op in found {
        replace_all_uses(result(op), operands(op)[0]);
        erase(op);
    }
    Ok(())
}
