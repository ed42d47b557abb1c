//! Carried values that never change, or that always equal another, and branches that return the same value in each case.

use super::is_loop;
use dp_dialects::OpKind;
use dp_dialects::ir::{
    Op, Val, defining_op, is_pure, operands, region_block, replace_all_uses, results, value_block, value_index,
};
use dp_extents::loops::{Carried, Loop};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// How many operations are compared to see whether two carried values stay equal.
const DEPTH: usize = 8;

/// How many carried values with the same initial value are compared with one another.
const COMPARED: usize = 32;

/// Replaces, in a construct and after it, values that are known to be others.
pub(super) fn replace(op: Op) {
    if is_loop(op) {
        unchanged(op);
        equal(op);
    } else {
        branches(op);
    }
}

/// A branch that returns a value from outside, the same in each case.
fn branches(op: Op) {
    let blocks: Vec<_> = (0..op.region_count()).map(|index| region_block(op, index)).collect();
    for result in results(op) {
        let yielded = |index: usize| {
            blocks[index].and_then(|block| operands(block.terminator()?).get(value_index(result)).copied())
        };
        let Some(first) = yielded(0).filter(|first| is_outside(*first, op)) else { continue };
        if (1..blocks.len()).all(|index| yielded(index) == Some(first)) {
            replace_all_uses(result, first);
        }
    }
}

/// Whether a value is defined outside of an operation that uses it.
fn is_outside<'c>(value: Val<'c>, op: Op<'c>) -> bool {
    let owner = value_block(value).and_then(|block| block.parent_operation());
    owner.is_some_and(|owner| owner != op && dp_dialects::ir::ancestors(owner).all(|outer| outer != op))
}

/// Carried values whose next value is the present or the initial one.
fn unchanged(op: Op) {
    let Some(looped) = Loop::of(op) else { return };
    for Carried { initial, argument, next } in &looped.carried {
        // The second block of a `while` has the value as an argument of its own.
        let passed = looped.passed.iter().find(|(own, _)| own == next).map(|(_, passed)| *passed);
        if next == argument || next == initial || passed == Some(*argument) {
            replace_all_uses(*argument, *initial);
        }
    }
    if OpKind::of(op) == Some(OpKind::ScfFor) {
        let Some(looped) = Loop::of(op) else { return };
        for (result, carried) in results(op).into_iter().zip(&looped.carried) {
            let is_fixed = carried.next == carried.argument || carried.next == carried.initial;
            if is_fixed {
                replace_all_uses(result, carried.initial);
            }
        }
        return;
    }
    let Some(looped) = Loop::of(op) else { return };
    for ((own, passed), result) in looped.passed.iter().zip(results(op)) {
        if is_outside(*passed, op) {
            replace_all_uses(*own, *passed);
            replace_all_uses(result, *passed);
        }
    }
}

/// Carried values that start equal and stay equal.
fn equal(op: Op) {
    let Some(looped) = Loop::of(op) else { return };
    let mut firsts: Vec<usize> = Vec::new();
    for (number, carried) in looped.carried.iter().enumerate() {
        let mut like = firsts.iter().rev().filter(|first| looped.carried[**first].initial == carried.initial);
        let same = like.by_ref().take(COMPARED).find(|first| {
            let pair = (looped.carried[**first].argument, carried.argument);
            Pair { looped: &looped, pair }.are_equal(looped.carried[**first].next, carried.next, DEPTH)
        });
        match same {
            None => firsts.push(number),
            Some(first) => {
                replace_all_uses(carried.argument, looped.carried[*first].argument);
                if OpKind::of(op) == Some(OpKind::ScfFor) {
                    let all = results(op);
                    replace_all_uses(all[number], all[*first]);
                }
            }
        }
    }
    // What a `while` passes on twice.
    let passed = Loop::of(op).map(|looped| looped.passed).unwrap_or_default();
    for (number, (own, value)) in passed.iter().enumerate() {
        if let Some(first) = passed[..number].iter().position(|(_, other)| other == value) {
            replace_all_uses(*own, passed[first].0);
            replace_all_uses(results(op)[number], results(op)[first]);
        }
    }
}

/// Two carried values that are assumed to be equal.
struct Pair<'a, 'c> {
    looped: &'a Loop<'c>,
    pair: (Val<'c>, Val<'c>),
}

impl<'c> Pair<'_, 'c> {
    /// Whether two values of an iteration are equal under the assumption.
    fn are_equal(&self, a: Val<'c>, b: Val<'c>, depth: usize) -> bool {
        if a == b || (a, b) == self.pair || (b, a) == self.pair {
            return true;
        }
        if depth == 0 || a.r#type() != b.r#type() {
            return false;
        }
        let passed = |value| self.looped.passed.iter().find(|(own, _)| *own == value).map(|(_, passed)| *passed);
        match (defining_op(a), defining_op(b)) {
            (Some(x), Some(y)) => {
                let is_plain = |op: Op<'c>| op.region_count() == 0 && is_pure(op);
                is_plain(x)
                    && is_plain(y)
                    && x.name() == y.name()
                    && value_index(a) == value_index(b)
                    && x.operand_count() == y.operand_count()
                    && x.attributes().eq(y.attributes())
                    && operands(x).into_iter().zip(operands(y)).all(|(a, b)| self.are_equal(a, b, depth - 1))
            }
            (None, None) => match (passed(a), passed(b)) {
                (Some(a), Some(b)) => self.are_equal(a, b, depth - 1),
                (_, _) => false,
            },
            (_, _) => false,
        }
    }
}
