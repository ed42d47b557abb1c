//! Copies of loops that are executed before, to know what a tape needs: the greatest extents of what all rounds keep, or
//! the sum of the extents.
//!
//! A copy computes no more than that depends on. Where an `scf.while` in the loop is executed for it, its results are kept,
//! so that the loop itself need not execute it again: a nest of such loops is executed twice, however deep it is, and
//! the tensors that an inner loop updates in place are copied once and not in each round.

use super::index::Index;
use super::tape::Tape;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ValueSet, block_args, block_ops, defining_op, is_unused, operands, results, value_block,
    value_index, walk,
};
use dp_dialects::{Builder, OpKind, Result, ScalarType, ValueType};
use dp_extents::carried::Before;
use dp_extents::loops::Loop;
use dp_passes::copies::copy_ops;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// A loop of which a copy is executed before.
pub(super) struct Counted<'c> {
    /// The body, without a terminator.
    pub(super) body: Blk<'c>,
    /// The bounds: the first three operands of the loop.
    pub(super) bounds: [Val<'c>; 3],
    /// What the loop carries.
    pub(super) initial: Vec<Val<'c>>,
    /// The carried values of the next round.
    pub(super) next: Vec<Val<'c>>,
    /// The number of the round.
    pub(super) round: Val<'c>,
    /// The attributes of the loop.
    pub(super) attributes: Vec<(&'static str, melior::ir::Attribute<'c>)>,
}

impl<'c> Counted<'c> {
    /// The greatest values of indices that the body computes, over all rounds, or 0.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(super) fn greatest(&self, b: Builder<'c>, indices: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        self.over_rounds(b, indices, &Index::max, &mut [])
    }

    /// The sums of indices that the body computes, over all rounds. Values of each round are stored on tapes.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(super) fn totals(
        &self,
        b: Builder<'c>,
        indices: &[Val<'c>],
        repeated: &mut [Repeated<'c>],
    ) -> Result<Vec<Val<'c>>> {
        self.over_rounds(b, indices, &Index::add, repeated)
    }

    /// Indices that the body computes, combined over all rounds, from 0.
    fn over_rounds(
        &self,
        b: Builder<'c>,
        indices: &[Val<'c>],
        combine: &dyn Fn(Index<'c>, Val<'c>, Val<'c>) -> Result<Val<'c>>,
        repeated: &mut [Repeated<'c>],
    ) -> Result<Vec<Val<'c>>> {
        if indices.is_empty() {
            return Ok(Vec::new());
        }
        let zero = b.index(0)?;
        let arguments = block_args(self.body);
        let round = (!repeated.is_empty()).then_some(self.round);
        let (needed, ops) = self.slice(indices.iter().copied().chain(round).collect());
        let carried: Vec<usize> = (0..self.initial.len()).filter(|n| needed.contains(arguments[n + 1])).collect();
        let given = carried.iter().map(|number| self.initial[*number]).chain(indices.iter().map(|_| zero));
        let given: Vec<Val> = given.chain(repeated.iter().map(|repeated| repeated.tape)).collect();
        let types: Vec<Type> = given.iter().map(|value| value.r#type()).collect();
        let inner_types: Vec<Type> = std::iter::once(self.bounds[0].r#type()).chain(types.iter().copied()).collect();
        let (region, own, inner) = b.region(&inner_types);
        let mut copies = ValueMap::new();
        copies.insert(arguments[0], own[0]);
        for (number, copy) in carried.iter().zip(&own[1..]) {
            copies.insert(arguments[number + 1], *copy);
        }
        copy_ops(inner, &ops, &mut copies);
        let there = |value: &Val<'c>| copies.get(*value).copied().unwrap_or(*value);
        let mut yielded: Vec<Val> = carried.iter().map(|number| there(&self.next[*number])).collect();
        let (combined, tapes) = own[1 + carried.len()..].split_at(indices.len());
        for (index, combined) in indices.iter().zip(combined) {
            yielded.push(combine(Index(inner), *combined, there(index))?);
        }
        for (repeated, tape) in repeated.iter().zip(tapes) {
            yielded.push(repeated.of.store(inner, *tape, there(&self.round), there(&repeated.value))?);
        }
        inner.op(OpKind::ScfYield, &yielded, &[], &[], vec![])?;
        let all: Vec<Val> = self.bounds.into_iter().chain(given).collect();
        let made = b.op(OpKind::ScfFor, &all, &types, &self.attributes, vec![region])?;
        let mut totals = results(made).split_off(carried.len());
        let tapes = totals.split_off(indices.len());
        repeated.iter_mut().zip(tapes).for_each(|(repeated, tape)| repeated.tape = tape);
        Ok(totals)
    }

    /// The results of `scf.while`s, and of loops around such, that a copy for these indices executes and that the loop need
    /// not execute again, with their dynamic extents before the loop: numbers, and what was stored in new tensors.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(super) fn repeats(
        &self,
        indices: &[Val<'c>],
        before: &mut Before<'c, '_>,
    ) -> Result<Vec<(Val<'c>, Vec<Val<'c>>)>> {
        let (needed, ops) = self.slice(indices.to_vec());
        let mut found = Vec::new();
        for op in ops.into_iter().filter(|op| executes_while(*op)) {
            let used: Vec<Val> = results(op).into_iter().filter(|result| !is_unused(*result)).collect();
            let extents = used.iter().map(|value| match is_counted(*value) {
                true => before.extents(*value),
                false => Ok(None),
            });
            let extents: Option<Vec<Vec<Val>>> = extents.collect::<Result<_>>()?;
            if used.iter().any(|value| needed.contains(*value)) {
                found.extend(used.into_iter().zip(extents.unwrap_or_default()));
            }
        }
        Ok(found)
    }

    /// The values of the body on which indices depend, in some round, and the operations that compute them, with the
    /// checks of these values.
    fn slice(&self, mut pending: Vec<Val<'c>>) -> (ValueSet, Vec<Op<'c>>) {
        let arguments = block_args(self.body);
        let mut needed = ValueSet::default();
        while let Some(value) = pending.pop() {
            if !needed.insert(value) || value_block(value) != Some(self.body) {
                continue;
            }
            match defining_op(value) {
                Some(op) => walk(op, &mut |inner| pending.extend(operands(inner))),
                None => {
                    let carried = arguments.iter().skip(1).position(|argument| *argument == value);
                    pending.extend(carried.and_then(|number| self.next.get(number)));
                }
            }
        }
        let is_there = |value: Val<'c>| value_block(value) != Some(self.body) || needed.contains(value);
        let is_copied = |op: &Op<'c>| match op.result_count() {
            0 => op.region_count() == 0 && operands(*op).into_iter().all(is_there),
            _ => results(*op).into_iter().any(|result| needed.contains(result)),
        };
        let ops = block_ops(self.body).into_iter().filter(is_copied).collect();
        (needed, ops)
    }
}

/// What the loop reads from a tape of its copy, instead of executing an operation again.
pub(super) struct Repeated<'c> {
    pub(super) value: Val<'c>,
    /// The dynamic extents of the value.
    pub(super) extents: Vec<Val<'c>>,
    pub(super) of: Tape,
    /// The tape: an empty one, then what the copy returns.
    pub(super) tape: Val<'c>,
}

/// Whether an operation is an `scf.while`, or has one in it.
fn executes_while(op: Op) -> bool {
    let mut found = false;
    walk(op, &mut |inner| found |= OpKind::of(inner) == Some(OpKind::ScfWhile));
    found
}

/// Whether a value is an index, or a tensor of integers that a loop has stored in a new tensor.
fn is_counted(value: Val) -> bool {
    let Some(r#type) = ValueType::of(value.r#type()) else { return false };
    let is_new = || {
        let looped = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::ScfFor)).and_then(Loop::of);
        let initial = looped.and_then(|looped| looped.initial_of(value_index(value)));
        initial.is_some_and(|initial| {
            value_block(initial) == value_block(value)
                && defining_op(initial).and_then(OpKind::of) == Some(OpKind::ArrayBroadcast)
        })
    };
    match r#type.is_tensor() {
        true => r#type.dtype == ScalarType::I64 && is_new(),
        false => r#type.dtype == ScalarType::Index,
    }
}
