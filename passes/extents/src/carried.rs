//! Extents in loops. A tape is one tensor for all iterations, so a saved value must have the same extents in each:
//! those of carried values are proved to be preserved, and those of other values are computed before the loop.

use super::proof::Extents;
use super::source;
use crate::loops::Loop;
use crate::proof::callees::{Given, result_extent};
use dp_dialects::ir::{
    Blk, Op, Val, block_ops, constant_integer, defining_op, is_pure, key, operands, region_block, result, results,
    value_block, value_index,
};
use dp_dialects::marks::PLACEHOLDER;
use dp_dialects::ops::Source;
use dp_dialects::{Builder, OpKind, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

impl<'c> Extents<'c> {
    /// The position of a carried value whose extents may change, if any. By induction: if all carried values have their
    /// initial extents at the beginning of an iteration, they have them at its end.
    pub fn changing(&self, looped: &Loop<'c>) -> Option<usize> {
        let open = |value: Val<'c>| ValueType::of(value.r#type()).filter(|r#type| !r#type.is_static());
        if looped.carried.iter().all(|carried| open(carried.argument).is_none()) {
            return None;
        }
        let mut inside = self.within(looped);
        looped.carried.iter().position(|carried| {
            let dims = open(carried.argument).map(|r#type| r#type.dynamic_dimensions().collect::<Vec<_>>());
            dims.unwrap_or_default().into_iter().any(|dim| !inside.agrees(carried.next, carried.initial, dim))
        })
    }

    /// The facts at the beginning of an iteration of a loop that preserves extents.
    pub(crate) fn assuming(&self, looped: &Loop<'c>) -> Self {
        let mut inside = self.clone();
        for carried in &looped.carried {
            inside.assume(carried.argument, carried.initial);
        }
        looped.passed.iter().for_each(|(argument, value)| inside.assume(*argument, *value));
        inside
    }

    /// The facts in an iteration of a loop that preserves extents.
    fn within(&self, looped: &Loop<'c>) -> Self {
        let mut inside = self.assuming(looped);
        looped.blocks.iter().flat_map(|block| block_ops(*block)).for_each(|op| inside.learn(op));
        inside
    }

    /// A value from before a loop whose extent a result of the loop has, if the loop preserves extents.
    pub fn initial_of(&self, op: Op<'c>, looped: &Loop<'c>, result: usize, dim: usize) -> Option<Val<'c>> {
        if !self.preserves(op, looped) {
            return None;
        }
        looped.initial_of(result).or_else(|| {
            let guess = looped.origin_of(result)?;
            self.within(looped).agrees(looped.results[result], guess, dim).then_some(guess)
        })
    }
}

/// Computes extents of values of a loop body before the loop.
pub struct Before<'c, 'a> {
    /// The builder before the loop.
    pub builder: Builder<'c>,
    /// The first block of the loop.
    pub block: Blk<'c>,
    /// For an argument of the block, a value from outside with the same extents, if the loop preserves them.
    pub arguments: &'a dyn Fn(usize) -> Option<Val<'c>>,
    /// The extents computed so far.
    pub known: HashMap<(usize, usize), Val<'c>>,
}

impl<'c> Before<'c, '_> {
    /// The dynamic extents of a value, in order; `None` if one depends on the iteration.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn extents(&mut self, value: Val<'c>) -> Result<Option<Vec<Val<'c>>>> {
        let dims = ValueType::of(value.r#type()).map(|r#type| r#type.dynamic_dimensions().collect::<Vec<_>>());
        dims.unwrap_or_default().into_iter().map(|dim| self.extent(value, dim)).collect()
    }

    /// Whether a value is defined in the block, or in a region within it.
    pub fn is_local(&self, value: Val<'c>) -> bool {
        let mut block = value_block(value);
        while let Some(here) = block {
            if here == self.block {
                return true;
            }
            block = here.parent_operation().and_then(|op| op.block());
        }
        false
    }

    fn extent(&mut self, value: Val<'c>, dim: usize) -> Result<Option<Val<'c>>> {
        if let Some(known) = self.known.get(&(key(value), dim)) {
            return Ok(Some(*known));
        }
        let extent = self.computed(value, dim)?;
        if let Some(extent) = extent {
            self.known.insert((key(value), dim), extent);
        }
        Ok(extent)
    }

    fn computed(&mut self, value: Val<'c>, dim: usize) -> Result<Option<Val<'c>>> {
        let Some(r#type) = ValueType::of(value.r#type()) else { return Ok(None) };
        if let Some(extent) = r#type.extents().get(dim).copied().flatten() {
            return self.builder.index(extent as i64).map(Some);
        }
        if !self.is_local(value) {
            return self.builder.extent(value, dim).map(Some);
        }
        let Some((op, kind)) = defining_op(value).and_then(|op| Some((op, OpKind::of(op)?))) else {
            return match (value_block(value) == Some(self.block))
                .then(|| (self.arguments)(value_index(value)))
                .flatten()
            {
                Some(alike) => self.extent(alike, dim),
                None => Ok(None),
            };
        };
        let all = operands(op);
        let tensors = || all.iter().copied().filter(super::is_tensor);
        match source(kind, op, &r#type, dim) {
            Source::Operand(operand, dim) => self.extent(all[operand], dim),
            Source::Both(a, b) => match self.extent(all[0], a)? {
                None => self.extent(all[1], b),
                known => Ok(known),
            },
            Source::Agreed => {
                for tensor in tensors() {
                    if let Some(extent) = self.extent(tensor, dim)? {
                        return Ok(Some(extent));
                    }
                }
                Ok(None)
            }
            // If the operation is never executed, the index may be negative.
            Source::Index(operand) => match self.index(all[operand])? {
                Some(index) => at_least_zero(self.builder, index).map(Some),
                None => Ok(None),
            },
            Source::Carried => {
                let looped = Loop::of(op);
                match looped.and_then(|looped| Extents::at(op).initial_of(op, &looped, value_index(value), dim)) {
                    Some(initial) => self.extent(initial, dim),
                    None => Ok(None),
                }
            }
            Source::Yielded => {
                self.of_regions(op, value_index(value), &mut |inside, yielded| inside.extent(yielded, dim))
            }
            Source::Own => self.called(op, value_index(value), dim),
            Source::Sum => Ok(None),
        }
    }

    /// The extent of a result of a call, from what the function is given.
    fn called(&mut self, op: Op<'c>, result: usize, dim: usize) -> Result<Option<Val<'c>>> {
        let Some(extent) = result_extent(op, result, dim) else { return Ok(None) };
        let all = operands(op);
        let mut sum: Option<Val> = None;
        for (given, factor) in &extent.terms {
            let term = match *given {
                Given::Extent(number, dim) => self.extent(all[number], dim)?,
                Given::Index(number) => self.index(all[number])?,
            };
            let Some(mut term) = term else { return Ok(None) };
            if *factor != 1 {
                term = self.arithmetic(OpKind::ArithMulI, term, self.builder.index(*factor)?)?;
            }
            sum = Some(match sum {
                Some(sum) => self.arithmetic(OpKind::ArithAddI, sum, term)?,
                None => term,
            });
        }
        match (sum, &extent.terms[..], extent.constant) {
            (Some(sum), [(Given::Extent(..), 1)], 0) => Ok(Some(sum)),
            // If the function is never called, this may be negative.
            (Some(sum), _, 0) => at_least_zero(self.builder, sum).map(Some),
            (Some(sum), _, constant) => {
                let sum = self.arithmetic(OpKind::ArithAddI, sum, self.builder.index(constant)?)?;
                at_least_zero(self.builder, sum).map(Some)
            }
            (None, _, constant) => self.builder.index(constant.max(0)).map(Some),
        }
    }

    fn arithmetic(&self, kind: OpKind, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.builder.op(kind, &[a, b], &[a.r#type()], &[], vec![]).map(result)
    }

    /// The value on which all regions of an operation agree for one of its results.
    fn of_regions(
        &mut self,
        op: Op<'c>,
        result: usize,
        get: &mut dyn FnMut(&mut Self, Val<'c>) -> Result<Option<Val<'c>>>,
    ) -> Result<Option<Val<'c>>> {
        let mut found: Option<Val> = None;
        for region in 0..op.region_count() {
            let yielded = region_block(op, region).and_then(|block| block.terminator()).map(operands);
            let Some(yielded) = yielded.and_then(|all| all.get(result).copied()) else { return Ok(None) };
            // If a region that yields a placeholder is executed, the result is not used.
            if defining_op(yielded).is_some_and(|op| PLACEHOLDER.is_on(op)) {
                continue;
            }
            let Some(here) = get(self, yielded)? else { return Ok(None) };
            if found.is_some_and(|found| found != here) {
                return Ok(None);
            }
            found = Some(here);
        }
        Ok(found)
    }

    /// An index; `None` if it depends on the iteration.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn index(&mut self, index: Val<'c>) -> Result<Option<Val<'c>>> {
        if ValueType::of(index.r#type()) != Some(ValueType::number(ScalarType::Index)) {
            return Ok(None);
        }
        self.number(index)
    }

    /// A scalar; `None` if it depends on the iteration, or if computing it may fail, since there may be no iteration.
    fn number(&mut self, index: Val<'c>) -> Result<Option<Val<'c>>> {
        if !self.is_local(index) {
            return Ok(Some(index));
        }
        let Some(op) = defining_op(index) else { return Ok(None) };
        let all = operands(op);
        if OpKind::of(op) == Some(OpKind::TensorDim) {
            let dim = constant_integer(all[1]);
            return match dim {
                Some(dim) => self.extent(all[0], dim as usize),
                None => Ok(None),
            };
        }
        if matches!(OpKind::of(op), Some(OpKind::ScfIf | OpKind::ScfIndexSwitch | OpKind::AdCheckpoint)) {
            return self.of_regions(op, value_index(index), &mut |inside, yielded| inside.number(yielded));
        }
        let are_numbers = all.iter().all(|x| ValueType::of(x.r#type()).is_some_and(|x| !x.is_tensor()));
        let divides = matches!(OpKind::of(op), Some(OpKind::ArithDivSI | OpKind::ArithRemSI | OpKind::ScalarDiv));
        if op.region_count() > 0
            || !is_pure(op)
            || !are_numbers
            || (divides && constant_integer(all[1]).is_none_or(|x| x <= 0))
        {
            return Ok(None);
        }
        let mut replaced = Vec::new();
        for x in all {
            let Some(there) = self.number(x)? else { return Ok(None) };
            replaced.push((x, there));
        }
        Ok(Some(results(self.builder.clone_op(op, &replaced))[value_index(index)]))
    }
}

/// The maximum of an index and 0.
fn at_least_zero<'c>(b: Builder<'c>, index: Val<'c>) -> Result<Val<'c>> {
    let is_maximum = |op: Op<'c>| OpKind::of(op) == Some(OpKind::ArithMaxSI);
    let is_extent = |op: Op<'c>| OpKind::of(op) == Some(OpKind::TensorDim);
    let known = |value: Val<'c>| constant_integer(value).is_some_and(|number| number >= 0);
    let is_known = |op: Op<'c>| is_extent(op) || (is_maximum(op) && operands(op).into_iter().any(known));
    if known(index) || defining_op(index).is_some_and(is_known) {
        return Ok(index);
    }
    let zero = b.index(0)?;
    b.op(OpKind::ArithMaxSI, &[index, zero], &[index.r#type()], &[], vec![]).map(result)
}

/// For an argument of the first block of a loop: the loop, and the position of the carried value.
pub fn carried_in<'c>(argument: Val<'c>) -> Option<(Op<'c>, usize)> {
    let block = value_block(argument).filter(|_| defining_op(argument).is_none())?;
    let op = block.parent_operation()?;
    let at = Loop::of(op)?.carried.iter().position(|carried| carried.argument == argument)?;
    Some((op, at))
}
