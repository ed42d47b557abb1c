//! Which values vary with the active inputs, by a fixpoint over what loops carry.

use super::Flow;
use super::useful::{Program, Summaries};
use dp_dialects::OpKind;
use dp_dialects::ir::{Blk, Op, Val, ValueSet, block_args, block_ops, operands, region_block, results, walk};
use dp_dialects::types::tangent_type;
use dp_extents::loops::Loop;
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// The values that vary.
pub struct Varying<'c, 'a> {
    program: &'a Program<'c, 'a>,
    /// What calls depend on.
    summaries: &'a Summaries<'c>,
    /// Whether a value from outside varies.
    outside: &'a dyn Fn(Val<'c>) -> bool,
    known: ValueSet,
}

impl<'c, 'a> Varying<'c, 'a> {
    /// For each carried value of a loop, whether it varies in some iteration.
    pub fn carried(
        looped: &Loop<'c>,
        program: &'a Program<'c, 'a>,
        summaries: &'a Summaries<'c>,
        outside: &'a dyn Fn(Val<'c>) -> bool,
    ) -> Vec<bool> {
        let mut varying = Varying { program, summaries, outside, known: ValueSet::default() };
        varying.rounds(looped);
        looped.carried.iter().map(|carried| varying.varies(carried.argument)).collect()
    }

    /// The values of a block that vary with those for which `outside` holds.
    pub fn of_block(
        block: Blk<'c>,
        program: &'a Program<'c, 'a>,
        summaries: &'a Summaries<'c>,
        outside: &'a dyn Fn(Val<'c>) -> bool,
    ) -> Self {
        let mut varying = Varying { program, summaries, outside, known: ValueSet::default() };
        varying.block(block);
        varying
    }

    /// Whether a value varies.
    pub fn varies(&self, value: Val<'c>) -> bool {
        self.known.contains(value) || (self.outside)(value)
    }

    /// Marks a value, if its type carries a derivative.
    fn note(&mut self, value: Val<'c>) {
        if tangent_type(value.r#type()).is_some() {
            self.known.insert(value);
        }
    }

    /// Repeats the analysis of the loop until no more carried value is marked.
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
        let kind = OpKind::of(op);
        if kind == Some(OpKind::FuncCall) {
            return self.call(op);
        }
        match kind.and_then(self.program.flow) {
            Some(Flow::Stops) => {}
            Some(Flow::Regions) => self.regions(op),
            Some(Flow::Through | Flow::Unknown) | None => {
                let mut varies = false;
                walk(op, &mut |inner| varies = varies || inner.operands().any(|operand| self.varies(operand)));
                if varies {
                    results(op).into_iter().for_each(|result| self.note(result));
                }
            }
        }
    }

    fn call(&mut self, op: Op<'c>) {
        let varies: Vec<bool> = op.operands().map(|operand| self.varies(operand)).collect();
        if !varies.contains(&true) {
            return;
        }
        for (number, result) in results(op).into_iter().enumerate() {
            let depends = match self.summaries.reaching(self.program, op, number) {
                Some(reaching) => varies.iter().zip(reaching.iter()).any(|(varies, reaches)| *varies && *reaches),
                None => true,
            };
            if depends {
                self.note(result);
            }
        }
    }

    /// An operation whose results are those of its regions.
    fn regions(&mut self, op: Op<'c>) {
        for block in (0..op.region_count()).filter_map(|index| region_block(op, index)) {
            for (argument, operand) in block_args(block).into_iter().zip(op.operands()) {
                if self.varies(operand) {
                    self.note(argument);
                }
            }
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
