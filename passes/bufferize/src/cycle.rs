//! The extents of a buffer in the rounds of a loop.
//!
//! The extents of what a round is given follow from those of the round before. If a loop only passes extents on, as one
//! that swaps two tensors does, they repeat after a few rounds: a buffer has one of finitely many sizes, which are known
//! before the loop.

use crate::rounds::Part;
use crate::views::VIEWS;
use crate::workspace::size::{MOST, Size, row_major_extents};
use dp_dialects::ir::{
    Blk, Op, Val, ancestors, block_ops, constant_integer, defining_op, is_pure, operands, result, results, users,
    value_block, value_index,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use dp_loopnest::structured::{all_blocks, arith, is_buffer, is_named};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// The maximum number of rounds after which extents repeat.
const ROUNDS: usize = 8;

/// An extent that is known before a loop.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Extent<'c> {
    Known(i64),
    /// A loop-invariant scalar; the loop may compute it.
    Scalar(Val<'c>),
    /// The extent of a buffer from outside of the loop.
    Dim(Val<'c>, usize),
}

/// The extents of buffers, as far as they are known; none for other values.
type Extents<'c> = Vec<Vec<Option<Extent<'c>>>>;

/// The dynamic extents that an allocation in a block of a loop has in the rounds, without duplicates; `None` if they
/// are not known before the loop.
pub(crate) fn extents_in_rounds<'c>(part: Part<'c>, alloc: Op<'c>) -> Option<Vec<Vec<Extent<'c>>>> {
    let first = Part::of(part.op, 0)?;
    let count = operands(part.op).len() - first.given().len();
    let mut given: Extents =
        operands(part.op).split_off(count).into_iter().map(|value| shape(value, first, &[])).collect();
    let (mut seen, mut found) = (Vec::new(), Vec::new());
    while !seen.contains(&given) {
        if seen.len() == ROUNDS {
            return None;
        }
        let mut next = given.clone();
        for number in 0..part.op.region_count() {
            let block = Part::of(part.op, number)?;
            if number == part.number {
                let sizes = operands(alloc).into_iter().map(|size| scalar(size, block, &next));
                let sizes = sizes.collect::<Option<Vec<Extent>>>()?;
                if !found.contains(&sizes) {
                    found.push(sizes);
                }
            }
            next = block.passed().into_iter().map(|value| shape(value, block, &next)).collect();
        }
        seen.push(std::mem::replace(&mut given, next));
    }
    Some(found)
}

/// The extents of a value of a block, by those of what the block is given.
fn shape<'c>(value: Val<'c>, part: Part<'c>, given: &[Vec<Option<Extent<'c>>>]) -> Vec<Option<Extent<'c>>> {
    let rank = row_major_extents(value.r#type()).filter(|_| is_buffer(value)).map_or(0, |extents| extents.len());
    (0..rank).map(|dim| extent(value, dim, part, given)).collect()
}

fn extent<'c>(value: Val<'c>, dim: usize, part: Part<'c>, given: &[Vec<Option<Extent<'c>>>]) -> Option<Extent<'c>> {
    let extents = row_major_extents(value.r#type())?;
    let known = *extents.get(dim)?;
    if known != DYNAMIC {
        return Some(Extent::Known(known));
    }
    match defining_op(value) {
        Some(op) if is_named(op, VIEWS[0]) => extent(operands(op)[0], dim, part, given),
        Some(op) if is_named(op, "memref.alloc") => {
            let number = extents[..dim].iter().filter(|extent| **extent == DYNAMIC).count();
            scalar(*operands(op).get(number)?, part, given)
        }
        Some(op)
            if is_inside(value, part.op) && matches!(OpKind::of(op), Some(OpKind::ScfIf | OpKind::ScfIndexSwitch)) =>
        {
            let yielded = |block: Blk<'c>| operands(block_ops(block).pop()?).get(value_index(value)).copied();
            let mut extents = all_blocks(op).into_iter().map(|block| extent(yielded(block)?, dim, part, given));
            let first = extents.next()??;
            extents.all(|other| other == Some(first)).then_some(first)
        }
        Some(_) | None if !is_inside(value, part.op) => Some(Extent::Dim(value, dim)),
        Some(_) => None,
        None => {
            let place = part.given().into_iter().position(|argument| argument == value)?;
            *given.get(place)?.get(dim)?
        }
    }
}

fn scalar<'c>(value: Val<'c>, part: Part<'c>, given: &[Vec<Option<Extent<'c>>>]) -> Option<Extent<'c>> {
    if let Some(op) = defining_op(value).filter(|op| is_named(*op, "memref.dim")) {
        let [of, dim] = operands(op)[..] else { return None };
        let dim = constant_integer(dim).and_then(|dim| usize::try_from(dim).ok());
        if let Some(extent) = dim.and_then(|dim| extent(of, dim, part, given)) {
            return Some(extent);
        }
    }
    is_invariant(value, part.op).then_some(Extent::Scalar(value))
}

/// Whether a value is defined in a loop.
fn is_inside(value: Val, op: Op) -> bool {
    let parent = value_block(value).and_then(|block| block.parent_operation());
    parent.is_some_and(|parent| std::iter::once(parent).chain(ancestors(parent)).any(|outer| outer == op))
}

/// Whether a scalar is loop-invariant.
fn is_invariant(value: Val, op: Op) -> bool {
    let is_computed = |maker: Op| {
        is_pure(maker)
            && maker.region_count() == 0
            && operands(maker).into_iter().all(|operand| is_invariant(operand, op))
    };
    !is_inside(value, op) || defining_op(value).is_some_and(is_computed)
}

/// Extents as values before a loop.
pub(crate) struct Before<'c> {
    op: Op<'c>,
    b: Builder<'c>,
    /// What the loop computes, and the same before the loop.
    copied: Vec<(Val<'c>, Val<'c>)>,
}

impl<'c> Before<'c> {
    pub(crate) fn of(op: Op<'c>) -> Self {
        Before { op, b: Builder::before(op).located(op.location()), copied: Vec::new() }
    }

    /// The value of an extent.
    pub(crate) fn value(&mut self, extent: Extent<'c>) -> Result<Val<'c>> {
        match extent {
            Extent::Known(extent) => self.b.index(extent),
            Extent::Scalar(value) => Ok(self.scalar(value)),
            Extent::Dim(of, dim) => {
                if let Some(known) = self.known(of, dim) {
                    return Ok(known);
                }
                let dim = self.b.index(dim as i64)?;
                self.b.named("memref.dim", &[of, dim], &[dim.r#type()], &[], vec![]).map(result)
            }
        }
    }

    /// An extent of a buffer that is computed before the loop, or before an operation around it.
    fn known(&self, of: Val<'c>, dim: usize) -> Option<Val<'c>> {
        let is_it = |user: &Op<'c>| {
            is_named(*user, "memref.dim") && constant_integer(operands(*user)[1]) == i64::try_from(dim).ok()
        };
        let precedes = |user: &Op<'c>| {
            let mut outer = std::iter::once(self.op).chain(ancestors(self.op));
            let after = outer.find(|outer| outer.block() == user.block());
            let after =
                after.and_then(|after| Some(block_ops(after.block()?).into_iter().take_while(move |op| *op != after)));
            after.is_some_and(|mut before| before.any(|op| op == *user))
        };
        users(of).into_iter().filter(is_it).find(precedes).map(result)
    }

    fn scalar(&mut self, value: Val<'c>) -> Val<'c> {
        if let Some((_, copy)) = self.copied.iter().find(|(old, _)| *old == value) {
            return *copy;
        }
        let Some(op) = defining_op(value).filter(|_| is_inside(value, self.op)) else { return value };
        operands(op).into_iter().for_each(|operand| _ = self.scalar(operand));
        let copy = self.b.clone_op(op, &self.copied);
        self.copied.extend(results(op).into_iter().zip(results(copy)));
        self.scalar(value)
    }

    /// The number of bytes of an allocation with the largest of several extents. If it exceeds the address space, so does
    /// the value.
    pub(crate) fn largest(&mut self, alloc: Op<'c>, extents: &[Vec<Extent<'c>>]) -> Result<Val<'c>> {
        let missing = || Diagnostic::internal("internal error: a buffer without a size");
        let size = Size::of(alloc).ok_or_else(missing)?;
        let mut largest = None;
        for extents in extents {
            let factors = extents.iter().map(|extent| self.value(*extent)).collect::<Result<Vec<Val>>>()?;
            let (bytes, fits) = Size { factors, ..size }.value(&self.b, MOST)?;
            let too_large = self.b.index(i64::MAX)?;
            let bytes = self.b.named("arith.select", &[fits, bytes, too_large], &[bytes.r#type()], &[], vec![])?;
            largest = Some(match largest {
                Some(other) => arith(&self.b, "arith.maxui", other, result(bytes))?,
                None => result(bytes),
            });
        }
        largest.ok_or_else(missing)
    }
}
