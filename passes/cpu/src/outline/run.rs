//! A run of operations, and its split into parts.

use super::kinds::{is_constant, is_number, is_repeated, weight};
use super::slots::Slots;
use dp_dialects::Result;
use dp_dialects::ir::{Blk, Op, Val, ValueSet, block_args, defining_op, operands, results, users, walk};
use dp_loopnest::structured::address;
use melior::ir::RegionLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// A run and its parts, numbered from 1: 0 is the code before the run, and the number after the last part is the code
/// after it.
pub(super) struct Run<'c> {
    pub(super) parts: Vec<Part<'c>>,
    block: Blk<'c>,
    part_of: HashMap<usize, usize>,
}

/// A part: consecutive operations of a run.
pub(super) struct Part<'c> {
    pub(super) ops: Vec<Op<'c>>,
    /// Outside values that it uses, looking through constants and views, which are cloned.
    pub(super) inputs: Vec<Val<'c>>,
}

impl<'c> Part<'c> {
    fn new(ops: Vec<Op<'c>>) -> Self {
        let own = defined(&ops);
        let (mut seen, mut inputs) = (ValueSet::default(), Vec::new());
        for op in &ops {
            walk(*op, &mut |op| {
                let mut pending = operands(op);
                pending.reverse();
                while let Some(value) = pending.pop() {
                    if own.contains(value) || !seen.insert(value) {
                        continue;
                    }
                    match defining_op(value).filter(|op| is_repeated(*op)) {
                        Some(repeated) => pending.extend(operands(repeated).into_iter().rev()),
                        None => inputs.push(value),
                    }
                }
            });
        }
        Part { ops, inputs }
    }

    /// Buffers and other non-scalar values: arguments of the part's function.
    pub(super) fn arguments(&self) -> Vec<Val<'c>> {
        self.inputs.iter().copied().filter(|value| !is_number(*value)).collect()
    }
}

/// The values that operations define, including in their regions.
pub(super) fn defined<'c>(ops: &[Op<'c>]) -> ValueSet {
    let mut own = ValueSet::default();
    for op in ops {
        walk(*op, &mut |op| {
            own.extend(results(op));
            for region in op.regions() {
                let blocks = std::iter::successors(region.first_block(), |block: &Blk<'c>| block.next_in_region());
                blocks.for_each(|block| own.extend(block_args(block)));
            }
        });
    }
    own
}

impl<'c> Run<'c> {
    /// Splits operations of a block into parts of at most this weight, as evenly as possible; `None` if there would be
    /// fewer than two. A part can end only where all values in use are scalars, or buffers from before the run.
    pub(super) fn new(block: Blk<'c>, ops: &[Op<'c>], bound: usize) -> Option<Self> {
        let weights: Vec<usize> = ops.iter().map(|op| weight(*op)).collect();
        let total: usize = weights.iter().sum();
        if total <= bound {
            return None;
        }
        let target = total.div_ceil(total.div_ceil(bound));
        let places: HashMap<usize, usize> = ops.iter().enumerate().map(|(at, op)| (address(*op), at)).collect();
        let until = |value: Val<'c>| {
            let last = |user: Op<'c>| within(user, block).and_then(|op| places.get(&address(op)).copied());
            reached(value, block).into_iter().map(|user| last(user).unwrap_or(ops.len())).max().unwrap_or(0)
        };
        let (mut parts, mut part, mut held, mut blocked) = (Vec::new(), Vec::new(), 0, 0);
        for (at, (op, weight)) in ops.iter().zip(weights).enumerate() {
            if !part.is_empty() && held + weight > target && blocked < at {
                parts.push(std::mem::take(&mut part));
                held = 0;
            }
            part.push(*op);
            held += weight;
            let bound_values = results(*op).into_iter().filter(|value| !is_number(*value));
            blocked = bound_values.map(until).fold(blocked, usize::max);
        }
        // Non-scalar values with uses in the rest of the block stay, and so do the operations after them.
        if blocked < ops.len() {
            parts.push(part);
        }
        if parts.len() < 2 {
            return None;
        }
        let numbered = parts.iter().enumerate().flat_map(|(index, part)| part.iter().map(move |op| (index + 1, *op)));
        let part_of = numbered.map(|(number, op)| (address(op), number)).collect();
        Some(Run { parts: parts.into_iter().map(Part::new).collect(), block, part_of })
    }

    /// The number of the code after the run.
    pub(super) fn after(&self) -> usize {
        self.parts.len() + 1
    }

    /// The part of an operation that uses a result of the run.
    pub(super) fn reader(&self, op: Op<'c>) -> usize {
        let part = within(op, self.block).and_then(|op| self.part_of.get(&address(op)).copied());
        part.unwrap_or(self.after())
    }

    /// The views in the run, in order: those used after it, and those that are not.
    pub(super) fn views(&self) -> (Vec<Op<'c>>, Vec<Op<'c>>) {
        let first = self.parts.first().and_then(|part| part.ops.first()).copied();
        let last = self.parts.last().and_then(|part| part.ops.last()).copied();
        let among = std::iter::successors(first, |op| if Some(*op) == last { None } else { following(*op) });
        let is_after = |value| reached(value, self.block).into_iter().any(|user| self.reader(user) == self.after());
        let is_late = |op: &Op<'c>| results(*op).into_iter().any(is_after);
        among.filter(|op| is_repeated(*op) && !is_constant(*op)).partition(is_late)
    }

    /// The part that defines a scalar.
    fn origin(&self, value: Val<'c>) -> usize {
        defining_op(value).and_then(|op| self.part_of.get(&address(op)).copied()).unwrap_or(0)
    }

    /// A slot for each scalar that is used in a different part.
    pub(super) fn slots(&self) -> Result<Slots<'c>> {
        let mut slots = Slots::default();
        for (index, part) in self.parts.iter().enumerate() {
            for input in part.inputs.iter().filter(|input| is_number(**input) && self.origin(**input) == 0) {
                slots.crosses(*input, 0, index + 1)?;
            }
            for value in part.ops.iter().flat_map(|op| results(*op)) {
                let last = reached(value, self.block).into_iter().map(|user| self.reader(user)).max().unwrap_or(0);
                if last > index + 1 {
                    slots.crosses(value, index + 1, last)?;
                }
            }
        }
        slots.assign(self.after());
        Ok(slots)
    }
}

/// The operations that use a value of a block, directly or through views. Views nested in another operation move with
/// it, even if unused.
fn reached<'c>(value: Val<'c>, block: Blk<'c>) -> Vec<Op<'c>> {
    let (mut found, mut pending) = (Vec::new(), users(value));
    while let Some(user) = pending.pop() {
        if is_repeated(user) && user.block() == Some(block) {
            pending.extend(results(user).into_iter().flat_map(users));
        } else {
            found.push(user);
        }
    }
    found
}

/// The next operation.
pub(super) fn following<'c>(op: Op<'c>) -> Option<Op<'c>> {
    // SAFETY: the operation lives as long as its block, which lives for the pass.
    op.next_in_block().map(|next| unsafe { melior::ir::operation::OperationRef::from_raw(next.to_raw()) })
}

/// The operation of a block that is or contains another one.
fn within<'c>(op: Op<'c>, block: Blk<'c>) -> Option<Op<'c>> {
    let mut op = op;
    while op.block() != Some(block) {
        op = op.block()?.parent_operation()?;
    }
    Some(op)
}
