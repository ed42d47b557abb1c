//! `simplify-branches`: branches that are decided, equal or common to all cases, and branches on the same value.
//!
//! A branch says what its selector is in each of its regions. Derivatives repeat branches: the reverse sweep branches as
//! the forward sweep did, and both compute some of the same values in each case.

mod facts;
mod merge;

use crate::names::{Name, Names};
use crate::structured::all_blocks;
use dp_dialects::ir::{
    Blk, Op, Val, block_ops, body_ops, defining_op, has_several_blocks, i64_array, is_pure, is_unused, move_before,
    operands, region_block, replace_all_uses, result, results, set_operand, value_block, walk,
};
use dp_dialects::{Builder, OpKind, Result, ScalarType, ValueType};
use dp_passes::hoist::cannot_fail;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use facts::{Facts, literal};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// `simplify-branches`.
pub static SIMPLIFY_BRANCHES: Pass = Pass {
    flag: "simplify-branches",
    summary: "decide branches by those around them, and merge equal and related ones",
    description: "Takes functions with structured control flow. In the regions of `scf.if` and `scf.index_switch`, the \
        selector is a constant, and so are comparisons that it decides; a branch on a constant is replaced by the region \
        that it takes. Two branches of a block on the same value become one if nothing between them needs the first and is \
        needed by the second. An operation that all regions have moves before the branch if it cannot fail, and a result \
        that is the same in all of them is replaced by it. A branch without effects and used results is removed.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    for function in body_ops(module) {
        let mut is_there = false;
        walk(function, &mut |op| is_there |= is_branch(op));
        if is_there && !has_several_blocks(function) {
            simplify(function).map_err(|diagnostic| diagnostic.report(function.location()))?;
        }
    }
    Ok(())
}

/// Whether an operation is a branch.
pub fn is_branch(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScfIf | OpKind::ScfIndexSwitch))
}

fn simplify(function: Op) -> Result<()> {
    merge::merge(function)?;
    let mut search = Search::default();
    all_blocks(function).into_iter().try_for_each(|block| search.block(block))
}

/// When a region is taken.
enum Case {
    /// The selector has this value.
    Is(i64),
    /// The selector has none of these.
    Not(Vec<i64>),
}

/// The cases of the regions of a branch.
fn cases(op: Op) -> Vec<Case> {
    if OpKind::of(op) == Some(OpKind::ScfIf) {
        return vec![Case::Is(1), Case::Is(0)];
    }
    let numbers = i64_array(op, "cases").unwrap_or_default();
    let named: Vec<Case> = numbers.iter().map(|number| Case::Is(*number)).collect();
    std::iter::once(Case::Not(numbers)).chain(named).collect()
}

/// The values that a block passes on.
fn passed<'c>(block: Blk<'c>) -> Vec<Val<'c>> {
    block.terminator().map(operands).unwrap_or_default()
}

/// A walk in program order.
#[derive(Default)]
struct Search<'c> {
    names: Names,
    facts: Facts<'c>,
}

impl<'c> Search<'c> {
    fn block(&mut self, block: Blk<'c>) -> Result<()> {
        block_ops(block).into_iter().try_for_each(|op| self.operation(op))
    }

    fn operation(&mut self, op: Op<'c>) -> Result<()> {
        self.replace_known(op)?;
        if is_branch(op) {
            return self.branch(op);
        }
        if OpKind::of(op) == Some(OpKind::CfAssert) && number_of(operands(op)[0]) == Some(1) {
            self.names.erase(op);
            return Ok(());
        }
        for block in all_blocks(op) {
            self.block(block)?;
        }
        self.names.learn(op);
        if let Some(holds) = self.facts.holds(op, &mut self.names) {
            let constant = facts::number(&Builder::before(op), ScalarType::I1, holds as i64)?;
            replace_all_uses(result(op), constant);
            self.learn_definition(constant);
        }
        Ok(())
    }

    /// Uses constants in place of values that are known here.
    fn replace_known(&mut self, op: Op<'c>) -> Result<()> {
        for (index, value) in operands(op).into_iter().enumerate() {
            if let Some(constant) = self.facts.constant(value, &mut self.names)? {
                set_operand(op, index, constant);
            }
        }
        Ok(())
    }

    fn learn_definition(&mut self, value: Val<'c>) {
        if let Some(op) = defining_op(value) {
            self.names.learn(op);
        }
    }

    fn branch(&mut self, op: Op<'c>) -> Result<()> {
        let selector = operands(op)[0];
        if let Some(region) = self.taken(op, selector) {
            return self.inline(op, region);
        }
        // Before constants replace the selector in it.
        let own = written(op);
        for (region, case) in cases(op).into_iter().enumerate() {
            let Some(block) = region_block(op, region) else { continue };
            let mark = self.facts.mark();
            match case {
                Case::Is(number) => self.facts.assume(selector, number, block, &mut self.names),
                Case::Not(numbers) => self.facts.exclude(selector, &numbers, &mut self.names),
            }
            self.block(block)?;
            self.facts.forget(mark);
        }
        self.hoist(op);
        self.replace_results(op, selector, own)?;
        if results(op).into_iter().all(is_unused) && is_pure(op) {
            self.names.erase(op);
        }
        Ok(())
    }

    /// The region that a branch always takes.
    fn taken(&mut self, op: Op<'c>, selector: Val<'c>) -> Option<usize> {
        let number = number_of(selector);
        let mut open = cases(op).into_iter().enumerate().filter(|(_, case)| match (case, number) {
            (Case::Is(case), Some(number)) => *case == number,
            (Case::Is(case), None) => !self.facts.excludes(selector, *case, &mut self.names),
            (Case::Not(cases), Some(number)) => !cases.contains(&number),
            (Case::Not(_), None) => true,
        });
        let first = open.next()?;
        open.next().is_none().then_some(first.0)
    }

    /// Replaces a branch by one of its regions.
    fn inline(&mut self, op: Op<'c>, region: usize) -> Result<()> {
        let block = region_block(op, region);
        let end = block.and_then(|block| block.terminator());
        for inner in block.map(block_ops).unwrap_or_default() {
            if Some(inner) == end {
                self.replace_known(inner)?;
            } else {
                move_before(inner, op);
                self.operation(inner)?;
            }
        }
        for (value, passed) in results(op).into_iter().zip(block.map(passed).unwrap_or_default()) {
            self.replace(value, passed);
        }
        self.names.erase(op);
        Ok(())
    }

    fn replace(&mut self, value: Val<'c>, with: Val<'c>) {
        replace_all_uses(value, with);
        let name = self.names.get(with);
        self.names.set(value, name);
    }

    /// Moves what all regions compute before the branch.
    fn hoist(&mut self, op: Op<'c>) {
        let blocks: Option<Vec<Blk>> = (0..op.region_count()).map(|region| region_block(op, region)).collect();
        let Some((first, others)) = blocks.as_deref().and_then(<[Blk]>::split_first) else { return };
        let mut same: Vec<HashMap<Name, Op>> = Vec::new();
        for block in others {
            let movable = block_ops(*block).into_iter().filter(|op| is_movable(*op));
            let named = movable.map(|op| (self.names.get(result(op)), op)).collect::<Vec<_>>();
            // The first of several.
            same.push(named.into_iter().rev().collect());
        }
        for inner in block_ops(*first) {
            let is_outside = || operands(inner).into_iter().all(|value| value_block(value) != Some(*first));
            if !is_movable(inner) || !is_outside() {
                continue;
            }
            let name = self.names.get(result(inner));
            if !same.iter().all(|table| table.contains_key(&name)) {
                continue;
            }
            move_before(inner, op);
            for other in same.iter_mut().filter_map(|table| table.remove(&name)) {
                results(other)
                    .into_iter()
                    .zip(results(inner))
                    .for_each(|(other, inner)| replace_all_uses(other, inner));
                self.names.erase(other);
            }
        }
    }

    /// Replaces results that are the same in all regions, that are the selector, or that equal another result. `own` are
    /// the values from outside that all regions returned as they were written.
    fn replace_results(&mut self, op: Op<'c>, selector: Val<'c>, own: Vec<Option<Val<'c>>>) -> Result<()> {
        let regions: Vec<Blk> = (0..op.region_count()).filter_map(|region| region_block(op, region)).collect();
        let ends: Vec<Vec<Val>> = regions.iter().map(|block| passed(*block)).collect();
        let mut firsts: HashMap<Vec<Name>, Val> = HashMap::new();
        for (number, (value, own)) in results(op).into_iter().zip(own).enumerate() {
            if is_unused(value) {
                continue;
            }
            let passed: Vec<Val> = ends.iter().filter_map(|all| all.get(number).copied()).collect();
            let names: Vec<Name> = passed.iter().map(|value| self.names.get(*value)).collect();
            let is_same = names.iter().all(|name| Some(name) == names.first());
            let outside = passed.iter().find(|value| is_same && is_outside(**value, &regions)).copied();
            let is_choice = OpKind::of(op) == Some(OpKind::ScfIf) && is_boolean(value);
            let known: Vec<Option<i64>> = passed.iter().filter(|_| is_choice).map(|value| number_of(*value)).collect();
            if let Some(equal) = own.or(outside).or_else(|| firsts.get(&names).copied()) {
                self.replace(value, equal);
            } else if known == [Some(1), Some(0)] {
                self.replace(value, selector);
            } else if known == [Some(0), Some(1)] {
                let complement = Builder::before(op).scalar(OpKind::ScalarNot, &[selector])?;
                self.learn_definition(complement);
                self.replace(value, complement);
            } else {
                firsts.insert(names, value);
            }
        }
        Ok(())
    }
}

fn is_outside<'c>(value: Val<'c>, regions: &[Blk<'c>]) -> bool {
    value_block(value).is_some_and(|block| !regions.contains(&block))
}

/// For each result of a branch, the value from outside that all regions return.
fn written<'c>(op: Op<'c>) -> Vec<Option<Val<'c>>> {
    let regions: Vec<Blk> = (0..op.region_count()).filter_map(|region| region_block(op, region)).collect();
    let ends: Vec<Vec<Val>> = regions.iter().map(|block| passed(*block)).collect();
    let of = |number: usize| {
        let first = *ends.first()?.get(number)?;
        (is_outside(first, &regions) && ends.iter().all(|end| end.get(number) == Some(&first))).then_some(first)
    };
    (0..op.result_count()).map(of).collect()
}

/// The value of a constant integer or boolean.
fn number_of(value: Val) -> Option<i64> {
    literal(value).filter(|literal| !literal.dtype.is_differentiable()).map(|literal| literal.element(0).integer())
}

fn is_boolean(value: Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|r#type| r#type == ValueType::number(ScalarType::I1))
}

/// Whether an operation may move before a branch whose regions all have it: checks fail in the order of the program.
fn is_movable(op: Op) -> bool {
    let Some(kind) = OpKind::of(op) else { return false };
    let is_scalar = |value: Val| ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_tensor());
    let of_scalars = || operands(op).into_iter().chain(results(op)).all(is_scalar);
    let is_static = || {
        let types = operands(op).into_iter().chain(results(op)).map(|value| ValueType::of(value.r#type()));
        types.into_iter().all(|r#type| r#type.is_some_and(|r#type| r#type.is_static()))
    };
    let is_certain = match kind {
        OpKind::ScalarConstant | OpKind::ArrayConstant | OpKind::ArithConstant | OpKind::TensorDim => true,
        OpKind::ArithCmpI | OpKind::ArithSelect | OpKind::ArithIndexCast => of_scalars(),
        kind => match kind.dialect() {
            "scalar" if of_scalars() => true,
            // Their extents have been checked.
            "scalar" | "array" if is_static() => true,
            _ => cannot_fail(op),
        },
    };
    is_certain && op.region_count() == 0 && op.result_count() > 0 && is_pure(op)
}
