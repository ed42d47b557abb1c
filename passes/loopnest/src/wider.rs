//! An `scf.while` that gets more carried values and results.

use dp_dialects::ir::{
    Blk, Op, Val, add_argument, block_args, block_ops, operands, region_block, replace_all_uses, results, set_operands,
    take_blocks, value_block,
};
use dp_dialects::{Builder, Result};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// An `scf.while` whose blocks have got more arguments, until [`Wider::finish`] gives it the operands and results.
pub struct Wider<'c> {
    op: Op<'c>,
    before: Blk<'c>,
    after: Blk<'c>,
    /// The terminator of the first block.
    condition: Op<'c>,
    /// The initial values.
    given: Vec<Val<'c>>,
}

impl<'c> Wider<'c> {
    /// The loop as it is.
    pub fn of(op: Op<'c>) -> Option<Self> {
        let (before, after) = (region_block(op, 0)?, region_block(op, 1)?);
        let condition = block_ops(before).pop()?;
        Some(Wider { op, before, after, condition, given: operands(op) })
    }

    /// The value at the beginning of a round.
    pub fn argument(&self, number: usize) -> Val<'c> {
        block_args(self.before)[number]
    }

    /// Carries one more value; returns its value at the beginning of a round.
    pub fn carry(&mut self, initial: Val<'c>) -> Val<'c> {
        self.given.push(initial);
        add_argument(self.before, initial.r#type(), self.op.location())
    }

    /// The number of the result that a value of the first block becomes.
    pub fn pass(&mut self, value: Val<'c>) -> usize {
        // The first operand is the condition.
        let mut passed = operands(self.condition);
        if let Some(number) = passed.iter().skip(1).position(|passed| *passed == value) {
            return number;
        }
        passed.push(value);
        set_operands(self.condition, &passed);
        add_argument(self.after, value.r#type(), self.op.location());
        passed.len() - 2
    }

    /// A value of the loop, in the second block.
    pub fn inside(&mut self, value: Val<'c>) -> Val<'c> {
        if value_block(value) != Some(self.before) {
            return value;
        }
        let number = self.pass(value);
        block_args(self.after)[number]
    }

    /// The terminator of the second block.
    pub fn end(&self) -> Option<Op<'c>> {
        block_ops(self.after).pop()
    }

    /// Replaces the loop by one with these arguments; returns it.
    ///
    /// # Errors
    /// If MLIR rejects the loop.
    pub fn finish(self) -> Result<Op<'c>> {
        let types: Vec<Type> = operands(self.condition).iter().skip(1).map(|value| value.r#type()).collect();
        let regions = self.op.regions().map(take_blocks).collect();
        let made = Builder::before(self.op).remake(self.op, &self.given, &types, regions)?;
        for (old, new) in results(self.op).into_iter().zip(results(made)) {
            replace_all_uses(old, new);
        }
        dp_dialects::ir::erase(self.op);
        Ok(made)
    }
}
