//! Dead-code elimination, and removal of identities.

use dp_dialects::ir::{
    Blk, Op, block_ops, erase, is_pure, is_unused, operands, replace_all_uses, result, results, walk,
};
use melior::ir::operation::OperationLike;

/// Removes unused pure operations from a block and the regions in it. One backward sweep suffices, since definitions
/// precede uses.
pub fn eliminate(block: Blk) {
    for op in block_ops(block).into_iter().rev() {
        if op.result_count() > 0 && results(op).into_iter().all(is_unused) && is_pure(op) {
            erase(op);
            continue;
        }
        for region in op.regions() {
            let mut next = melior::ir::RegionLike::first_block(&region);
            while let Some(block) = next {
                eliminate(block);
                next = melior::ir::BlockLike::next_in_region(&block);
            }
        }
    }
}

/// Replaces operations whose result is their first operand by it.
pub fn drop_identities<'c>(module: Op<'c>, is_identity: fn(Op) -> bool) {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_identity(op).then_some(op)));
    for op in found {
        replace_all_uses(result(op), operands(op)[0]);
        erase(op);
    }
}
