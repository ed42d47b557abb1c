//! Which values a program needs: those of operations with effects, and those that these are computed from. A carried value
//! is needed if an iteration needs it for something else than its next value, or if the loop's result is needed.

use super::{carried_arguments, is_construct};
use crate::structured::address;
use dp_dialects::OpKind;
use dp_dialects::ir::{
    Blk, Op, Val, ValueSet, block_ops, body_ops, defining_op, has_several_blocks, is_pure, operands, region_block,
    results, value_block, value_index, walk,
};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashSet;

/// The values and operations that a program needs.
#[derive(Default)]
pub(super) struct Needed<'c> {
    values: ValueSet,
    operations: HashSet<usize>,
    /// Values whose definitions are to be visited.
    pending: Vec<Val<'c>>,
}

impl<'c> Needed<'c> {
    /// What the functions of a module need.
    pub(super) fn of(module: Op<'c>) -> Self {
        let mut needed = Needed::default();
        for function in body_ops(module) {
            match region_block(function, 0) {
                Some(block) if OpKind::of(function) == Some(OpKind::FuncFunc) && !has_several_blocks(function) => {
                    needed.operations.insert(address(function));
                    needed.effects(block);
                    if let Some(end) = block.terminator() {
                        needed.run(end);
                    }
                }
                Some(_) | None => needed.whole(function),
            }
        }
        while let Some(value) = needed.pending.pop() {
            needed.define(value);
        }
        needed
    }

    /// Whether a value is needed.
    pub(super) fn contains(&self, value: Val<'c>) -> bool {
        self.values.contains(value)
    }

    /// Whether an operation has an effect or a result that is needed.
    pub(super) fn runs(&self, op: Op<'c>) -> bool {
        self.operations.contains(&address(op))
    }

    fn need(&mut self, value: Val<'c>) {
        if self.values.insert(value) {
            self.pending.push(value);
        }
    }

    /// An operation, all that is in it, and all that these use.
    fn whole(&mut self, op: Op<'c>) {
        let mut all = Vec::new();
        walk(op, &mut |inner| all.push(inner));
        for inner in all {
            self.operations.insert(address(inner));
            operands(inner).into_iter().chain(results(inner)).for_each(|value| self.need(value));
        }
    }

    /// The operations with effects in a block.
    fn effects(&mut self, block: Blk<'c>) {
        for op in block_ops(block) {
            if is_construct(op) {
                (0..op.region_count())
                    .filter_map(|index| region_block(op, index))
                    .for_each(|inner| self.effects(inner));
            } else if !is_pure(op) {
                self.run(op);
            }
        }
    }

    /// An operation runs, and so do the constructs around it.
    fn run(&mut self, op: Op<'c>) {
        if !self.operations.insert(address(op)) {
            return;
        }
        match OpKind::of(op) {
            Some(OpKind::ScfFor) => operands(op)[..3].iter().for_each(|bound| self.need(*bound)),
            Some(OpKind::ScfIf | OpKind::ScfIndexSwitch) => self.need(operands(op)[0]),
            Some(OpKind::ScfWhile) => {
                if let Some(condition) =
                    region_block(op, 0).and_then(|block| operands(block.terminator()?).first().copied())
                {
                    self.need(condition);
                }
            }
            Some(_) | None => self.whole(op),
        }
        if is_construct(op) {
            for block in (0..op.region_count()).filter_map(|index| region_block(op, index)) {
                // What it passes on is needed one by one.
                if let Some(end) = block.terminator() {
                    self.operations.insert(address(end));
                }
            }
        }
        if let Some(outer) = op.block().and_then(|block| block.parent_operation()).filter(|outer| is_construct(*outer))
        {
            self.run(outer);
        }
    }

    /// What a value is computed from.
    fn define(&mut self, value: Val<'c>) {
        let Some(op) = defining_op(value) else { return self.argument(value) };
        let number = value_index(value);
        if !is_construct(op) {
            return self.run(op);
        }
        self.run(op);
        let passed = |block: usize, index: usize| {
            region_block(op, block).and_then(|block| operands(block.terminator()?).get(index).copied())
        };
        let sources: Vec<Option<Val>> = match OpKind::of(op) {
            Some(OpKind::ScfFor) => vec![operands(op).get(3 + number).copied(), passed(0, number)],
            // After the condition.
            Some(OpKind::ScfWhile) => vec![passed(0, 1 + number)],
            Some(_) | None => (0..op.region_count()).map(|block| passed(block, number)).collect(),
        };
        sources.into_iter().flatten().for_each(|source| self.need(source));
    }

    /// What an argument of a block is computed from.
    fn argument(&mut self, value: Val<'c>) {
        let Some(block) = value_block(value) else { return };
        let Some(op) = block.parent_operation().filter(|op| is_construct(*op)) else { return };
        self.run(op);
        let place = |block| carried_arguments(op, block).iter().position(|argument| *argument == value);
        let passed = |block: usize, index: usize| {
            region_block(op, block).and_then(|block| operands(block.terminator()?).get(index).copied())
        };
        let sources = match (OpKind::of(op), place(0)) {
            (Some(OpKind::ScfFor), Some(number)) => vec![operands(op).get(3 + number).copied(), passed(0, number)],
            (Some(OpKind::ScfWhile), Some(number)) => vec![operands(op).get(number).copied(), passed(1, number)],
            (Some(OpKind::ScfWhile), None) => vec![place(1).and_then(|number| passed(0, 1 + number))],
            (_, _) => Vec::new(),
        };
        sources.into_iter().flatten().for_each(|source| self.need(source));
    }
}
