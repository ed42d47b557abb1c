//! `share-stored`: what a loop stores in two tensors is read from one of them.
//!
//! A tape often has values that the program keeps itself: the element that a round puts into an array, or one that it takes
//! from there and that no later round changes. Let round `i` of a loop store an element of `t` at `i + c`, and `a[i] = v`.
//! Then after the loop
//!
//! - `a[i]` is the last `t[i + c]` if `v` is what round `i` stores there;
//! - `a[i]` is the last `t[i + d]` if `v` is read there and d < c: rounds after `i` store further on;
//! - `a[i]` is the first `t[i + d]` if `v` is read there and d ≥ c: rounds before `i` stored before that;
//! - `a[i]` is the last `t[i + c - 1]` if `v` is a carried number of which round `i - 1` stored the next value there, and
//!   `t` starts with the initial value at that place.
//!
//! `t` must not be changed where a start is clamped, so positions are shown to lie within it.

use super::{element_update, is_within};
use crate::bounds::form::Form;
use crate::bounds::ranges::{is_at_least, is_at_most};
use crate::bounds::rounds::Rounds;
use crate::rows::Fill;
use dp_dialects::ir::{
    Op, Val, ancestors, block_args, body_ops, constant_integer, defining_op, operands, region_block, result, results,
    set_operand, users, value_block, walk,
};
use dp_dialects::{Builder, MlirType, OpKind, Result, ScalarType};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// `share-stored`.
pub static SHARE_STORED: Pass = Pass {
    flag: "share-stored",
    summary: "read what a loop stores in two tensors from one of them",
    description: "Takes functions on tensors, before `lower-array`. Where each round of an `scf.for` stores, in a row of its \
        own of one tensor, an element that another tensor keeps too, it is read from the latter. `simplify-carried` then \
        drops the former.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut loops = Vec::new();
    for function in body_ops(module) {
        walk(function, &mut |op| loops.extend((OpKind::of(op) == Some(OpKind::ScfFor)).then_some(op)));
    }
    for op in loops {
        share(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    Ok(())
}

/// A tensor of which each round of a loop stores one element: round `i`, counted by the induction variable, that at
/// `i + shift`.
struct Stored<'c> {
    first: Val<'c>,
    now: Val<'c>,
    last: Val<'c>,
    /// The element.
    value: Val<'c>,
    shift: i64,
    /// Whether all positions lie within the tensor.
    is_within: bool,
    /// Whether it is a tape: nothing in the loop reads it, and after the loop only elements are read.
    is_tape: bool,
}

/// An element of a tensor that is known outside of a loop, at a distance from the induction variable.
struct Place<'c> {
    tensor: Val<'c>,
    shift: i64,
}

fn share(op: Op) -> Result<()> {
    let Some(rounds) = Rounds::of(op) else { return Ok(()) };
    let stored = all_stored(op, &rounds);
    let Some(block) = region_block(op, 0).filter(|_| stored.len() > 1 || stored.iter().any(|one| !one.is_tape)) else {
        return Ok(());
    };
    let Some(induction) = block_args(block).first().copied() else { return Ok(()) };
    let found: Vec<(Val, Place)> = stored
        .iter()
        .filter(|tape| tape.is_tape)
        .filter_map(|tape| Some((tape.last, elsewhere(op, tape, &stored, induction, rounds.first())?)))
        .collect();
    for (tape, place) in found {
        for read in users(tape) {
            let b = Builder::before(read);
            let index = shifted(b, operands(read)[1], rounds.first() + place.shift)?;
            set_operand(read, 0, place.tensor);
            set_operand(read, 1, index);
        }
    }
    // In the loop itself: elements that no round before has changed.
    for tensor in stored.iter().filter(|tensor| !tensor.is_tape && is_argument(tensor.first)) {
        for read in users(tensor.now).into_iter().filter(|user| user.block() == Some(block)) {
            if OpKind::of(read) == Some(OpKind::TensorExtract)
                && distance(operands(read)[1], induction).is_some_and(|shift| shift >= tensor.shift)
                && rounds.first() + tensor.shift >= 0
            {
                set_operand(read, 0, tensor.first);
            }
        }
    }
    Ok(())
}

/// The tensors with one dimension that a loop carries and of which each round stores an element.
fn all_stored<'c>(op: Op<'c>, rounds: &Rounds<'c>) -> Vec<Stored<'c>> {
    let Some(block) = region_block(op, 0) else { return Vec::new() };
    let (arguments, all) = (block_args(block), operands(op));
    let yielded = block.terminator().map(operands).unwrap_or_default();
    let one = |number: usize| {
        let (first, now, next) = (all[3 + number], arguments[1 + number], yielded[number]);
        let update = defining_op(next).filter(|update| update.block() == Some(block))?;
        let (value, start) = element_update(update, now).filter(|_| users(next).len() == 1)?;
        let shift = distance(start, arguments[0])?;
        let fill = Fill::of(first);
        let extent = fill.as_ref().and_then(|fill| fill.forms().first().copied());
        let last = results(op)[number];
        let is_read_within = |user: Op<'c>| {
            let Some(extent) = extent else { return false };
            let index = operands(user).get(1).copied();
            OpKind::of(user) == Some(OpKind::TensorExtract)
                && index.is_some_and(|index| {
                    is_at_least(user, index, 0)
                        && is_at_most(user, index, Form { constant: extent.constant - 1, ..extent })
                })
        };
        let is_tape = users(now).len() == 1
            && rounds.is_number(start)
            && extent.is_some_and(|extent| rounds.is_count(extent))
            && users(last).into_iter().all(is_read_within);
        let is_within = is_within(update, start, first, &|_| true);
        Some(Stored { first, now, last, value, shift, is_within, is_tape })
    };
    (0..yielded.len()).filter_map(one).collect()
}

/// How far an index is from an induction variable.
fn distance<'c>(index: Val<'c>, induction: Val<'c>) -> Option<i64> {
    let form = Form::of(index);
    (form.plus == Some(induction) && form.minus.is_none()).then_some(form.constant)
}

/// Where else the values of a tape are after the loop.
fn elsewhere<'c>(
    op: Op<'c>,
    tape: &Stored<'c>,
    stored: &[Stored<'c>],
    induction: Val<'c>,
    first: i64,
) -> Option<Place<'c>> {
    let others = || stored.iter().filter(|other| !other.is_tape);
    let storing = |value| others().filter(move |other| other.value == value && other.is_within);
    if let Some(other) = storing(tape.value).next() {
        return Some(Place { tensor: other.last, shift: other.shift });
    }
    let block = region_block(op, 0)?;
    if let Some(number) = block_args(block).iter().skip(1).position(|argument| *argument == tape.value) {
        let (initial, next) = (operands(op)[3 + number], *operands(block.terminator()?).get(number)?);
        let other = storing(next).find(|other| starts_with(other.first, first + other.shift - 1, initial))?;
        return Some(Place { tensor: other.last, shift: other.shift - 1 });
    }
    let read = defining_op(tape.value).filter(|read| OpKind::of(*read) == Some(OpKind::TensorExtract))?;
    let all = operands(read);
    let from = others().find(|other| all.len() == 2 && all[0] == other.now)?;
    let shift = distance(all[1], induction)?;
    if shift < from.shift {
        return from.is_within.then_some(Place { tensor: from.last, shift });
    }
    (is_argument(from.first) && first + from.shift >= 0).then_some(Place { tensor: from.first, shift })
}

/// Whether a tensor has this element at this position because it was stored there last.
fn starts_with<'c>(tensor: Val<'c>, position: i64, element: Val<'c>) -> bool {
    let update = defining_op(tensor).and_then(|op| element_update(op, *operands(op).first()?));
    position >= 0 && update.is_some_and(|(value, start)| value == element && constant_integer(start) == Some(position))
}

/// Whether a tensor is an argument of a function, which is in memory as long as the function runs.
fn is_argument(tensor: Val) -> bool {
    let owner =
        value_block(tensor).filter(|_| defining_op(tensor).is_none()).and_then(|block| block.parent_operation());
    owner.is_some_and(|owner| OpKind::of(owner) == Some(OpKind::FuncFunc) && ancestors(owner).count() <= 1)
}

fn shifted<'c>(b: Builder<'c>, index: Val<'c>, by: i64) -> Result<Val<'c>> {
    if by == 0 {
        return Ok(index);
    }
    let r#type = ScalarType::Index.to_type(b.context());
    b.op(OpKind::ArithAddI, &[index, b.index(by)?], &[r#type], &[], vec![]).map(result)
}
