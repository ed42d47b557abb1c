//! Activity of the values of a loop: which of them vary with the active inputs, by a fixpoint over the carried values.
//! The analysis is conservative: a value may be active and have a zero tangent.

use dp_dialects::OpKind;
use dp_dialects::ir::{Blk, Op, Val, ValueSet, block_ops, operands, region_block, results, walk};
use dp_dialects::types::tangent_type;
use dp_extents::loops::Loop;
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// How activity flows through an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Its results are inactive.
    Stops,
    /// Its results are active if an operand is.
    Through,
    /// Its results are active if what its regions yield is, or, if the regions have arguments, if an operand is.
    Regions,
}

/// The active values.
pub(crate) struct Varying<'c, 'a> {
    /// The flow through an operation; `None` for an operation without a rule.
    flow: &'a dyn Fn(OpKind) -> Option<Flow>,
    /// Whether a value from outside the loop is active.
    outside: &'a dyn Fn(Val<'c>) -> bool,
    known: ValueSet,
}

impl<'c, 'a> Varying<'c, 'a> {
    /// For each carried value of a loop, whether it is active in some iteration.
    pub fn carried(
        looped: &Loop<'c>,
        flow: &'a dyn Fn(OpKind) -> Option<Flow>,
        outside: &'a dyn Fn(Val<'c>) -> bool,
    ) -> Vec<bool> {
        let mut varying = Varying { flow, outside, known: ValueSet::default() };
        varying.rounds(looped);
        looped.carried.iter().map(|carried| varying.varies(carried.argument)).collect()
    }

    fn varies(&self, value: Val<'c>) -> bool {
        self.known.contains(value) || (self.outside)(value)
    }

    /// Marks a value as active, if its type carries a derivative.
    fn note(&mut self, value: Val<'c>) {
        if tangent_type(value.r#type()).is_some() {
            self.known.insert(value);
        }
    }

    /// Repeats the analysis of the loop until no more carried value becomes active.
    fn rounds(&mut self, looped: &Loop<'c>) {
        for carried in &looped.carried {
            if self.varies(carried.initial) {
                self.note(carried.argument);
            }
        }
        loop {
            for (index, block) in looped.blocks.iter().enumerate() {
                self.block(*block);
                if index == 0 {
                    for (argument, value) in &looped.passed {
                        if self.varies(*value) {
                            self.note(*argument);
                        }
                    }
                }
            }
            let grown = looped.carried.iter().filter(|x| self.varies(x.next) && !self.varies(x.argument));
            let grown: Vec<Val> = grown.map(|x| x.argument).filter(|x| tangent_type(x.r#type()).is_some()).collect();
            if grown.is_empty() {
                return;
            }
            grown.into_iter().for_each(|argument| self.note(argument));
        }
    }

    fn block(&mut self, block: Blk<'c>) {
        block_ops(block).into_iter().for_each(|op| self.operation(op));
    }

    fn operation(&mut self, op: Op<'c>) {
        if let Some(looped) = Loop::of(op) {
            self.rounds(&looped);
            for (result, value) in results(op).into_iter().zip(&looped.results) {
                if self.varies(*value) {
                    self.note(result);
                }
            }
            return;
        }
        match OpKind::of(op).and_then(self.flow) {
            Some(Flow::Stops) => {}
            Some(Flow::Regions) if takes_nothing(op) => self.branches(op),
            Some(Flow::Regions | Flow::Through) | None => {
                let mut varies = false;
                walk(op, &mut |inner| varies = varies || inner.operands().any(|operand| self.varies(operand)));
                if varies {
                    results(op).into_iter().for_each(|result| self.note(result));
                }
            }
        }
    }

    /// An operation whose results are those of one of its regions.
    fn branches(&mut self, op: Op<'c>) {
        for block in (0..op.region_count()).filter_map(|index| region_block(op, index)) {
            self.block(block);
            let yielded = block.terminator().map(operands).unwrap_or_default();
            for (result, value) in results(op).into_iter().zip(yielded) {
                if self.varies(value) {
                    self.note(result);
                }
            }
        }
    }
}

/// Whether the regions of an operation have no arguments, so that they only use values from outside directly.
fn takes_nothing(op: Op) -> bool {
    (0..op.region_count()).filter_map(|index| region_block(op, index)).all(|block| block.argument_count() == 0)
}
