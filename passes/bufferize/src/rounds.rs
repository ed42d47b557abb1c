//! The blocks of the rounds of `scf.for` and `scf.while`, and what they pass to one another.

use dp_dialects::OpKind;
use dp_dialects::ir::{Blk, Op, Val, block_args, block_ops, operands, region_block, set_operands};
use dp_loopnest::structured::is_named;
use melior::ir::operation::OperationLike;

/// A block of a loop.
#[derive(Clone, Copy)]
pub(crate) struct Part<'c> {
    /// The loop.
    pub(crate) op: Op<'c>,
    pub(crate) number: usize,
    pub(crate) block: Blk<'c>,
    /// The terminator.
    pub(crate) last: Op<'c>,
}

impl<'c> Part<'c> {
    /// A block of a loop, by its number.
    pub(crate) fn of(op: Op<'c>, number: usize) -> Option<Self> {
        let block = region_block(op, number)?;
        Some(Part { op, number, block, last: block_ops(block).pop()? })
    }

    /// The block that gets what this one passes on, and whether the next iteration begins with it.
    pub(crate) fn next(self) -> Option<(Self, bool)> {
        let is_last = self.number + 1 == self.op.region_count();
        Some((Part::of(self.op, if is_last { 0 } else { self.number + 1 })?, is_last))
    }

    /// What the block passes on: all operands of its terminator but the condition.
    pub(crate) fn passed(self) -> Vec<Val<'c>> {
        operands(self.last).split_off(self.skipped())
    }

    /// What the block is given: all arguments but the induction variable.
    pub(crate) fn given(self) -> Vec<Val<'c>> {
        block_args(self.block).split_off(usize::from(OpKind::of(self.op) == Some(OpKind::ScfFor)))
    }

    /// Passes these values on.
    pub(crate) fn pass(self, values: Vec<Val<'c>>) {
        let condition = operands(self.last).into_iter().take(self.skipped());
        set_operands(self.last, &condition.chain(values).collect::<Vec<_>>());
    }

    /// The number of operands of the terminator that are no values.
    fn skipped(self) -> usize {
        usize::from(is_named(self.last, "scf.condition"))
    }
}
