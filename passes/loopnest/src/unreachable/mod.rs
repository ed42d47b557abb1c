//! `prune-unreachable`: removes code after checks that always fail, and operations that move no elements.
//!
//! Code after such a check may have contradictory or negative extents. MLIR's folders would write them into types,
//! which its operations reject. The code is unreachable, so any values can replace its results. MLIR's slices and
//! reshapes also reject some types of empty tensors.

mod choices;
mod empty;
mod facts;
mod loops;
mod rules;

use crate::checks::is_assertion;
use crate::structured::address;
use choices::{Case, Shown};
use dp_dialects::ir::{
    Blk, Op, Val, ancestors, block_ops, body_ops, defining_op, erase, has_several_blocks, operands, region_block,
    set_operand, value_block, walk,
};
use dp_dialects::{Builder, OpKind, Result, ValueType};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use facts::{Dim, Facts, Source};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashSet;

/// `prune-unreachable`.
pub static PRUNE_UNREACHABLE: Pass = Pass {
    flag: "prune-unreachable",
    summary: "remove code after checks that always fail, and empty slices",
    description: "Takes functions on tensors with one block, after `lower-array` and before anything is folded. If an \
        assertion never holds, by constants, extents or earlier assertions, the rest of its block is removed, and \
        so is the code after a branch or loop that always reaches such an assertion. Values that the block returns \
        are replaced by placeholders of the same types. Slices and reshapes of tensors that are known to be empty \
        are removed. Only then is it safe to write known extents into types.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    for function in body_ops(module) {
        let is_function = OpKind::of(function) == Some(OpKind::FuncFunc) && !has_several_blocks(function);
        let mut is_concerned = false;
        walk(function, &mut |op| is_concerned |= is_assertion(op) || empty::may_move_no_elements(op));
        let Some(block) = region_block(function, 0).filter(|_| is_function && is_concerned) else { continue };
        let mut search = Search::default();
        search.block(block);
        let cuts = search.cuts.into_iter().try_for_each(Cut::make);
        let outcome = cuts.and_then(|()| search.empty.into_iter().try_for_each(empty::EmptyMove::drop));
        outcome.map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    Ok(())
}

/// A block whose end is unreachable.
struct Cut<'c> {
    /// The unreachable operations before the terminator.
    dead: Vec<Op<'c>>,
    /// The terminator.
    last: Op<'c>,
    /// The known extents of the tensors that it forwards.
    shapes: Vec<Vec<Dim<'c>>>,
}

impl<'c> Cut<'c> {
    fn make(self) -> Result<()> {
        let dead: HashSet<usize> = self.dead.iter().map(|op| address(*op)).collect();
        let is_dead = |value: Val| defining_op(value).is_some_and(|op| dead.contains(&address(op)));
        let ancestors: Vec<Blk> =
            std::iter::once(self.last).chain(ancestors(self.last)).filter_map(|op| op.block()).collect();
        let is_there =
            |value: Val| !is_dead(value) && value_block(value).is_some_and(|block| ancestors.contains(&block));
        let b = Builder::before(self.last);
        for (position, (value, shape)) in operands(self.last).into_iter().zip(self.shapes).enumerate() {
            if is_dead(value) {
                set_operand(self.last, position, placeholder(&b, value, &shape, is_there)?);
            }
        }
        self.dead.into_iter().rev().for_each(erase);
        Ok(())
    }
}

/// A placeholder of the type of a value, with its extents if they are known at this point.
fn placeholder<'c>(b: &Builder<'c>, of: Val<'c>, shape: &[Dim<'c>], is_there: impl Fn(Val) -> bool) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(of)?;
    if !r#type.is_tensor() {
        return b.placeholder(&r#type);
    }
    let extent = |dim: usize| match shape.get(dim) {
        Some(Dim::Known(extent @ 0..)) => b.index(*extent),
        Some(Dim::Value(extent)) if is_there(*extent) => Ok(*extent),
        Some(Dim::Of(x, dim)) if is_there(*x) => b.extent(*x, *dim),
        Some(Dim::Known(_) | Dim::Value(_) | Dim::Of(..)) | None => b.index(0),
    };
    let extents = r#type.dynamic_dimensions().map(extent).collect::<Result<Vec<_>>>()?;
    crate::structured::empty(b, &r#type, &extents)
}

/// Searches for checks that always fail, in program order.
#[derive(Default)]
struct Search<'c> {
    facts: Facts<'c>,
    /// The cases of enclosing branches: selector and case.
    inside: Vec<(Source, Case)>,
    /// The excluded cases in the rest of the block, since a check would have failed.
    excluded: Vec<(Source, Case)>,
    /// What checks in earlier regions have shown.
    shown: Vec<Shown>,
    cuts: Vec<Cut<'c>>,
    /// Operations that move no elements, outside unreachable code.
    empty: Vec<empty::EmptyMove<'c>>,
}

/// The state at the beginning of a block.
struct Scope {
    facts: usize,
    excluded: usize,
    shown: usize,
}

impl<'c> Search<'c> {
    /// Whether the end of a block is unreachable.
    fn block(&mut self, block: Blk<'c>) -> bool {
        let scope = self.enter();
        let is_stuck = self.operations(block);
        self.leave(&scope);
        is_stuck
    }

    fn enter(&self) -> Scope {
        Scope { facts: self.facts.mark(), excluded: self.excluded.len(), shown: self.shown.len() }
    }

    fn leave(&mut self, scope: &Scope) {
        self.facts.forget(scope.facts);
        self.excluded.truncate(scope.excluded);
        self.shown.truncate(scope.shown);
    }

    fn operations(&mut self, block: Blk<'c>) -> bool {
        let ops = block_ops(block);
        let Some((_, before)) = ops.split_last() else { return false };
        let found = before.iter().position(|op| self.operation(*op));
        if let Some(position) = found {
            self.cut(&ops[position + 1..]);
        }
        found.is_some()
    }

    /// Removes the rest of a block, or all of it.
    fn cut(&mut self, rest: &[Op<'c>]) {
        let Some((last, dead)) = rest.split_last() else { return };
        dead.iter().for_each(|op| self.facts.learn(*op));
        let handed = operands(*last);
        // Only scalars and tensors have placeholders.
        if handed.iter().all(|value| ValueType::of(value.r#type()).is_some()) {
            let shapes = handed.into_iter().map(|value| self.facts.shape(value)).collect();
            self.cuts.push(Cut { dead: dead.to_vec(), last: *last, shapes });
        }
    }

    /// Evaluates an operation; returns whether the code after it is unreachable.
    fn operation(&mut self, op: Op<'c>) -> bool {
        operands(op).into_iter().for_each(|value| self.choose(value));
        match OpKind::of(op) {
            Some(OpKind::CfAssert) => {
                let condition = operands(op)[0];
                let known = self.facts.integer(condition);
                if known.is_none() {
                    self.facts.assume(condition);
                }
                known == Some(0)
            }
            Some(OpKind::ScfIf | OpKind::ScfIndexSwitch) => self.branches(op),
            Some(OpKind::ScfFor) => self.counted(op),
            Some(OpKind::ScfWhile) => self.conditional(op),
            _ => {
                self.facts.learn(op);
                if empty::may_move_no_elements(op) {
                    self.empty.extend(empty::EmptyMove::of(&self.facts, op));
                }
                false
            }
        }
    }
}

/// The operands of a terminator.
fn forwarded<'c>(block: Blk<'c>) -> Vec<Val<'c>> {
    // SAFETY: the operation lives as long as its block, which lives for the pass.
    let last = block.terminator().map(|last| unsafe { Op::from_raw(last.to_raw()) });
    last.map(operands).unwrap_or_default()
}
