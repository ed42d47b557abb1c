//! Dead-code elimination.

use dp_dialects::ir::{Blk, block_ops, erase, is_pure, is_unused, results};
use melior::ir::operation::OperationLike;

/// Removes dead operations from a block and from the regions within it. One
/// sweep from the end suffices: what an operation uses stands before it.
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
