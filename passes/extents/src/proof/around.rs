//! The facts about extents that hold where an operation is executed.

use super::Extents;
use super::choices::is_choice;
use crate::loops::Loop;
use dp_dialects::ir::{Blk, Op, ancestors, block_ops, region_block};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

impl<'c> Extents<'c> {
    /// The facts that follow from the operations that are executed whenever this one is.
    pub fn at(op: Op<'c>) -> Self {
        let mut known = Extents::default();
        let blocks: Vec<Blk> = std::iter::once(op).chain(ancestors(op)).filter_map(|op| op.block()).collect();
        for block in blocks.into_iter().rev() {
            if let Some(parent) = block.parent_operation().filter(|parent| is_choice(*parent)) {
                let region = (0..parent.region_count()).find(|index| region_block(parent, *index) == Some(block));
                region.into_iter().for_each(|region| known.take(parent, region));
            }
            known.enter(block);
            block_ops(block).into_iter().for_each(|op| known.learn(op));
        }
        known
    }

    /// Only that the loops around an operation keep extents: facts that hold even if no other operation is executed.
    pub fn of_loops_around(op: Op<'c>) -> Self {
        let mut known = Extents::default();
        let blocks: Vec<Blk> = std::iter::once(op).chain(ancestors(op)).filter_map(|op| op.block()).collect();
        blocks.into_iter().rev().for_each(|block| known.enter(block));
        known
    }

    /// Adds the facts about what a loop carries, if a block is its body.
    fn enter(&mut self, block: Blk<'c>) {
        if let Some(looped) = block.parent_operation().and_then(Loop::of)
            && self.changing(&looped).is_none()
        {
            looped.carried.iter().for_each(|carried| self.assume(carried.argument, carried.initial));
            looped.passed.iter().for_each(|(argument, value)| self.assume(*argument, *value));
        }
    }
}
