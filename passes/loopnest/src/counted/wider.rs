//! An `scf.while` that gets more carried values and results.

use dp_dialects::ir::{
    Blk, Op, Val, add_argument, block_args, block_ops, operands, region_block, replace_all_uses, results, set_operands,
    take_blocks, value_block,
};
use dp_dialects::{Builder, Result};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// The loop.
pub(super) struct Wider<'c> {
    op: Op<'c>,
    before: Blk<'c>,
    after: Blk<'c>,
    /// The initial values.
    given: Vec<Val<'c>>,
    /// What the first block passes to the second.
    passed: Vec<Val<'c>>,
}

impl<'c> Wider<'c> {
    /// The loop as it is.
    pub(super) fn of(op: Op<'c>) -> Option<Self> {
        let (before, after) = (region_block(op, 0)?, region_block(op, 1)?);
        let passed = block_ops(before).pop().map(operands)?.split_off(1);
        Some(Wider { op, before, after, given: operands(op), passed })
    }

    /// The value at the beginning of a round.
    pub(super) fn argument(&self, number: usize) -> Val<'c> {
        block_args(self.before)[number]
    }

    /// Carries one more value; returns its value at the beginning of a round.
    pub(super) fn carry(&mut self, initial: Val<'c>) -> Val<'c> {
        self.given.push(initial);
        add_argument(self.before, initial.r#type(), self.op.location())
    }

    /// The number of the result that a value of the first block becomes.
    pub(super) fn pass(&mut self, value: Val<'c>) -> usize {
        if let Some(number) = self.passed.iter().position(|passed| *passed == value) {
            return number;
        }
        self.passed.push(value);
        add_argument(self.after, value.r#type(), self.op.location());
        self.passed.len() - 1
    }

    /// A value of the loop, in the second block.
    pub(super) fn inside(&mut self, value: Val<'c>) -> Val<'c> {
        if value_block(value) != Some(self.before) {
            return value;
        }
        let number = self.pass(value);
        block_args(self.after)[number]
    }

    /// The terminator of the second block.
    pub(super) fn end(&self) -> Option<Op<'c>> {
        block_ops(self.after).pop()
    }

    /// The values after the loop, which is replaced.
    pub(super) fn finish(self) -> Result<Op<'c>> {
        if let Some(condition) = block_ops(self.before).pop() {
            let all: Vec<Val> = operands(condition).into_iter().take(1).chain(self.passed.iter().copied()).collect();
            set_operands(condition, &all);
        }
        let types: Vec<Type> = self.passed.iter().map(|value| value.r#type()).collect();
        let regions = self.op.regions().map(take_blocks).collect();
        let made = Builder::before(self.op).remake(self.op, &self.given, &types, regions)?;
        for (old, new) in results(self.op).into_iter().zip(results(made)) {
            replace_all_uses(old, new);
        }
        dp_dialects::ir::erase(self.op);
        Ok(made)
    }
}
