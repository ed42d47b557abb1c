//! Going through the states of a loop from the last to the first with few of them kept (Griewank and Walther, "Algorithm
//! 799: revolve", 2000).
//!
//! With s snapshots and no round computed more than r times, β(s, r) = (s + r)! / (s! r!) rounds can be reversed. Let l be
//! the number of rounds from the youngest snapshot on that are still to be reversed, s the number of snapshots from it
//! on, and r the least number with l ≤ β(s, r). Any distance d of the next snapshot is optimal for which l - d rounds can
//! be reversed with s - 1 snapshots and r repetitions, and d rounds with s snapshots and r - 1 repetitions, but no fewer
//! of either suffice. The least such d is max(β(s, r - 2), l - β(s - 1, r)), and at least 1.
//!
//! The snapshots are a stack: a tensor of positions, and for each carried value a tensor with a row for each snapshot.

use super::index::Index;
use crate::regions::rounds::repeat;
use crate::regions::tape::Tape;
use dp_dialects::ir::{Val, results};
use dp_dialects::{Builder, MlirType, OpKind, Result, ScalarType, ValueType};
use melior::ir::{Type, ValueLike};

/// The number of snapshots.
pub(crate) struct Slots<'c> {
    /// As a value.
    count: Val<'c>,
    /// As a constant, if it is one.
    known: Option<u64>,
}

impl<'c> Slots<'c> {
    /// A constant number.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(crate) fn known(builder: Builder<'c>, count: u64) -> Result<Slots<'c>> {
        Ok(Slots { count: builder.index(count as i64)?, known: Some(count) })
    }
}

/// Makes a round: from its number and the carried values to the next carried values.
type Step<'s, 'c> = dyn Fn(Builder<'c>, Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>> + 's;

/// Makes the reverse of a round: from its number, the values carried into it, and cotangents, to cotangents.
type Reverse<'s, 'c> = dyn Fn(Builder<'c>, Val<'c>, &[Val<'c>], &[Val<'c>]) -> Result<Vec<Val<'c>>> + 's;

/// The distance from the youngest snapshot to the next one, for `rounds` rounds that are still to be reversed and
/// `slots` snapshots, the youngest included. The emitted form is [`distance`].
pub fn snapshot_distance(rounds: u64, slots: u64) -> u64 {
    let (mut repeats, mut two_fewer, mut fewer, mut reach) = (0, 0, 0, 1);
    while reach < rounds {
        repeats += 1;
        (two_fewer, fewer, reach) = (fewer, reach, reach * (slots + repeats) / repeats);
    }
    // β(s - 1, r) = β(s, r) - β(s, r - 1).
    let rest = rounds.saturating_sub(reach - fewer);
    two_fewer.max(rest).max(1).min(rounds.saturating_sub(1))
}

fn types<'c>(values: &[Val<'c>]) -> impl Iterator<Item = Type<'c>> {
    values.iter().map(|value| value.r#type())
}

/// As [`snapshot_distance`], at run time.
fn distance<'c>(builder: Builder<'c>, rounds: Val<'c>, slots: Val<'c>) -> Result<Val<'c>> {
    let index = Index(builder);
    let (zero, one) = (index.number(0)?, index.number(1)?);
    let initial = [zero, zero, zero, one];
    let all: Vec<Type> = types(&initial).collect();
    let (first, arguments, inner) = builder.region(&all);
    let goes_on = Index(inner).less(arguments[3], rounds)?;
    let passed: Vec<Val> = std::iter::once(goes_on).chain(arguments).collect();
    inner.op(OpKind::ScfCondition, &passed, &[], &[], vec![])?;
    let (second, arguments, inner) = builder.region(&all);
    let i = Index(inner);
    let repeats = i.add(arguments[0], i.number(1)?)?;
    let reach = i.div(i.mul(arguments[3], i.add(slots, repeats)?)?, repeats)?;
    inner.op(OpKind::ScfYield, &[repeats, arguments[2], arguments[3], reach], &[], &[], vec![])?;
    let made = results(builder.op(OpKind::ScfWhile, &initial, &all, &[], vec![first, second])?);
    let rest = index.sub(rounds, index.sub(made[3], made[2])?)?;
    let least = index.max(index.max(made[1], rest)?, one)?;
    index.min(least, index.sub(rounds, one)?)
}

/// The stack of snapshots.
struct Stack {
    position: Tape,
    states: Vec<Tape>,
}

/// A state of the loop on the way to a round.
#[derive(Clone)]
struct Place<'c> {
    /// The index of the youngest snapshot.
    top: Val<'c>,
    /// The number of the round.
    position: Val<'c>,
    /// The carried values.
    values: Vec<Val<'c>>,
    /// The tensor of positions, then those of the carried values.
    rows: Vec<Val<'c>>,
}

impl<'c> Place<'c> {
    fn flat(&self) -> Vec<Val<'c>> {
        [&[self.top, self.position], &self.values[..], &self.rows].concat()
    }

    fn of(flat: &[Val<'c>], values: usize) -> Place<'c> {
        let (values, rows) = flat[2..].split_at(values);
        Place { top: flat[0], position: flat[1], values: values.to_vec(), rows: rows.to_vec() }
    }
}

impl Stack {
    /// The tensors with a snapshot stored.
    fn store<'c>(&self, b: Builder<'c>, rows: &[Val<'c>], at: Val<'c>, values: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let tapes = std::iter::once(&self.position).chain(&self.states);
        tapes.zip(rows).zip(values).map(|((tape, row), value)| tape.store(b, *row, at, *value)).collect()
    }
}

/// Advances a state by a number of rounds.
fn advance<'c>(
    b: Builder<'c>,
    position: Val<'c>,
    count: Val<'c>,
    values: &[Val<'c>],
    step: &Step<'_, 'c>,
) -> Result<Vec<Val<'c>>> {
    let all: Vec<Type> = std::iter::once(position.r#type()).chain(types(values)).collect();
    let (region, arguments, inner) = b.region(&all);
    let next = step(inner, Index(inner).add(position, arguments[0])?, &arguments[1..])?;
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    dp_passes::dce::eliminate(inner.block());
    repeat(b, count, values, region)
}

/// Places snapshots on the way from the youngest one to a round, while there are free ones.
fn descend<'c>(
    b: Builder<'c>,
    place: &Place<'c>,
    round: Val<'c>,
    slots: &Slots<'c>,
    stack: &Stack,
    step: &Step<'_, 'c>,
) -> Result<Place<'c>> {
    if slots.known == Some(1) {
        return Ok(place.clone());
    }
    let index = Index(b);
    let free = index.sub(index.sub(slots.count, place.top)?, index.number(1)?)?;
    let count = index.min(free, index.sub(round, place.position)?)?;
    let initial = place.flat();
    let all: Vec<Type> = std::iter::once(place.top.r#type()).chain(types(&initial)).collect();
    let (region, arguments, inner) = b.region(&all);
    let here = Place::of(&arguments[1..], place.values.len());
    let i = Index(inner);
    let one = i.number(1)?;
    let left = i.sub(round, here.position)?;
    let distance = distance(inner, i.add(left, one)?, i.sub(slots.count, here.top)?)?;
    let values = advance(inner, here.position, distance, &here.values, step)?;
    let position = i.add(here.position, distance)?;
    // What is stored above the top is not used.
    let at = i.add(here.top, one)?;
    let stored: Vec<Val> = std::iter::once(position).chain(values.iter().copied()).collect();
    let rows = stack.store(inner, &here.rows, at, &stored)?;
    let top = i.add(here.top, i.min(distance, one)?)?;
    let next = Place { top, position, values, rows };
    inner.op(OpKind::ScfYield, &next.flat(), &[], &[], vec![])?;
    Ok(Place::of(&repeat(b, count, &initial, region)?, place.values.len()))
}

/// Goes through the rounds of a loop from the last to the first. Returns the cotangents after the first.
///
/// # Errors
/// If a round has no transpose.
pub(crate) fn run<'c>(
    b: Builder<'c>,
    count: Val<'c>,
    slots: Slots<'c>,
    initial: &[Val<'c>],
    cotangents: &[Val<'c>],
    step: &Step<'_, 'c>,
    reverse: &Reverse<'_, 'c>,
) -> Result<Vec<Val<'c>>> {
    let zero = b.index(0)?;
    let states = initial.iter().map(|value| Tape::new(*value, slots.known)).collect::<Result<_>>()?;
    let stack = Stack { position: Tape::new(zero, slots.known)?, states };
    let mut extents = vec![Vec::new()];
    for value in initial {
        let is_tensor = ValueType::of_value(*value)?.is_tensor();
        extents.push(if is_tensor { b.extents(*value)? } else { Vec::new() });
    }
    let mut rows = Vec::new();
    for (tape, extents) in std::iter::once(&stack.position).chain(&stack.states).zip(&extents) {
        rows.push(tape.empty(b, slots.count, extents)?);
    }
    let first: Vec<Val> = std::iter::once(zero).chain(initial.iter().copied()).collect();
    let rows = stack.store(b, &rows, zero, &first)?;
    let given: Vec<Val> = std::iter::once(zero).chain(rows.iter().copied()).chain(cotangents.iter().copied()).collect();
    let index = ScalarType::Index.to_type(b.context());
    let all: Vec<Type> = std::iter::once(index).chain(types(&given)).collect();
    let (region, arguments, inner) = b.region(&all);
    let i = Index(inner);
    let one = i.number(1)?;
    let round = i.sub(i.sub(count, one)?, arguments[0])?;
    let (top, rows) = (arguments[1], &arguments[2..2 + rows.len()]);
    let mut values = Vec::new();
    for ((tape, row), extents) in std::iter::once(&stack.position).chain(&stack.states).zip(rows).zip(&extents) {
        values.push(tape.load(inner, *row, top, extents)?);
    }
    let position = values.remove(0);
    let youngest = Place { top, position, values, rows: rows.to_vec() };
    let place = descend(inner, &youngest, round, &slots, &stack, step)?;
    let left = i.sub(round, place.position)?;
    let values = advance(inner, place.position, left, &place.values, step)?;
    let shares = reverse(inner, round, &values, &arguments[2 + place.rows.len()..])?;
    // The youngest snapshot is done with if it was that of this round.
    let top = i.sub(place.top, i.sub(one, i.min(left, one)?)?)?;
    let next: Vec<Val> = std::iter::once(top).chain(place.rows).chain(shares).collect();
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    Ok(repeat(b, count, &given, region)?.split_off(1 + initial.len() + 1))
}
