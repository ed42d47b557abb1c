//! Going through the states of a loop from the last to the first with few of them kept (Griewank and Walther,
//! "Algorithm 799: revolve", 2000).
//!
//! With s snapshots and no round computed more than r times, β(s, r) = (s + r)! / (s! r!) rounds can be reversed. Let l
//! be the number of rounds from the youngest snapshot on that are still to be reversed, s the number of snapshots from
//! it on, and r the least number with l ≤ β(s, r). Any distance d of the next snapshot is optimal for which l - d
//! rounds can be reversed with s - 1 snapshots and r repetitions, and d rounds with s snapshots and r - 1 repetitions,
//! but no fewer of either suffice. The least such d is max(β(s, r - 2), l - β(s - 1, r)), and at least 1.
//!
//! The snapshots are a stack: a tensor of positions, and for each carried value a tensor with a row for each snapshot.

use super::index::Index;
use crate::loops::rounds::repeat;
use crate::loops::tape::Tape;
use dp_dialects::ir::{Val, results};
use dp_dialects::{Builder, OpKind, Result, ValueType};
use dp_passes::dce::eliminate;
use melior::ir::{Type, ValueLike};

/// The number of snapshots.
pub struct Slots<'c> {
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
    pub fn known(builder: Builder<'c>, count: u64) -> Result<Slots<'c>> {
        Ok(Slots { count: builder.index(count as i64)?, known: Some(count) })
    }
}

impl<'c> Slots<'c> {
    /// A number that is known at run time, at least 1.
    pub fn value(count: Val<'c>) -> Slots<'c> {
        Slots { count, known: None }
    }
}

/// Advances the carried values: from the number of the next round, and a number of rounds.
type Advance<'s, 'c> = dyn Fn(Builder<'c>, Val<'c>, Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>> + 's;

/// Makes the reverse of a round: from its number, the values carried into it, and cotangents, to cotangents.
type Reverse<'s, 'c> = dyn Fn(Builder<'c>, Val<'c>, &[Val<'c>], &[Val<'c>]) -> Result<Vec<Val<'c>>> + 's;

/// The distance from the youngest snapshot to the next one, for `rounds` rounds that are still to be reversed and
/// `slots` snapshots, the youngest included. The emitted form is `distance`.
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

/// The stack of snapshots: the position of each, and the values carried into its round.
struct Stack<'c> {
    tapes: Vec<Tape>,
    extents: Vec<Vec<Val<'c>>>,
    slots: Slots<'c>,
}

impl<'c> Stack<'c> {
    fn new(b: Builder<'c>, slots: Slots<'c>, first: &[Val<'c>]) -> Result<Stack<'c>> {
        let tapes = first.iter().map(|value| Tape::new(*value, slots.known)).collect::<Result<_>>()?;
        let mut extents = Vec::new();
        for value in first {
            let is_tensor = ValueType::of_value(*value)?.is_tensor();
            extents.push(if is_tensor { b.extents(*value)? } else { Vec::new() });
        }
        Ok(Stack { tapes, extents, slots })
    }

    /// The tensors without snapshots.
    fn empty(&self, b: Builder<'c>) -> Result<Vec<Val<'c>>> {
        let tapes = self.tapes.iter().zip(&self.extents);
        tapes.map(|(tape, extents)| tape.empty(b, self.slots.count, extents)).collect()
    }

    /// The tensors with a snapshot stored.
    fn store(&self, b: Builder<'c>, rows: &[Val<'c>], at: Val<'c>, values: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let tapes = self.tapes.iter().zip(rows).zip(values);
        tapes.map(|((tape, row), value)| tape.store(b, *row, at, *value)).collect()
    }

    /// The position of a snapshot, and its values.
    fn load(&self, b: Builder<'c>, rows: &[Val<'c>], at: Val<'c>) -> Result<(Val<'c>, Vec<Val<'c>>)> {
        let tapes = self.tapes.iter().zip(rows).zip(&self.extents);
        let mut values = tapes
            .map(|((tape, row), extents)| tape.load_clamped(b, *row, at, extents))
            .collect::<Result<Vec<Val>>>()?;
        Ok((values.remove(0), values))
    }

    /// Places snapshots on the way from the youngest one to a round, while there are free ones. Values stay in the
    /// tensors between two snapshots, so that what advances them needs no memory that outlives it. Returns the index of
    /// the youngest snapshot, and the tensors.
    fn descend(
        &self,
        b: Builder<'c>,
        top: Val<'c>,
        rows: &[Val<'c>],
        round: Val<'c>,
        advance: &Advance<'_, 'c>,
    ) -> Result<(Val<'c>, Vec<Val<'c>>)> {
        if self.slots.known == Some(1) {
            return Ok((top, rows.to_vec()));
        }
        let index = Index(b);
        let free = index.sub(index.sub(self.slots.count, top)?, index.number(1)?)?;
        let (position, _) = self.load(b, rows, top)?;
        let count = index.min(free, index.sub(round, position)?)?;
        let initial: Vec<Val> = std::iter::once(top).chain(rows.iter().copied()).collect();
        let all: Vec<Type> = std::iter::once(top.r#type()).chain(types(&initial)).collect();
        let (region, arguments, inner) = b.region(&all);
        let (top, rows) = (arguments[1], &arguments[2..]);
        let i = Index(inner);
        let one = i.number(1)?;
        let (position, values) = self.load(inner, rows, top)?;
        let left = i.sub(round, position)?;
        let distance = distance(inner, i.add(left, one)?, i.sub(self.slots.count, top)?)?;
        let values = advance(inner, position, distance, &values)?;
        // What is stored above the top is not used.
        let stored: Vec<Val> = std::iter::once(i.add(position, distance)?).chain(values).collect();
        let rows = self.store(inner, rows, i.add(top, one)?, &stored)?;
        let top = i.add(top, i.min(distance, one)?)?;
        let next: Vec<Val> = std::iter::once(top).chain(rows).collect();
        inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
        eliminate(inner.block());
        let mut made = repeat(b, count, &initial, region, None)?;
        Ok((made.remove(0), made))
    }
}

/// Goes through the rounds of a loop from the last to the first. Returns the cotangents after the first.
///
/// # Errors
/// If a round has no transpose.
pub fn run<'c>(
    b: Builder<'c>,
    count: Val<'c>,
    slots: Slots<'c>,
    initial: &[Val<'c>],
    cotangents: &[Val<'c>],
    advance: &Advance<'_, 'c>,
    reverse: &Reverse<'_, 'c>,
) -> Result<Vec<Val<'c>>> {
    let zero = b.index(0)?;
    let first: Vec<Val> = std::iter::once(zero).chain(initial.iter().copied()).collect();
    let stack = Stack::new(b, slots, &first)?;
    let rows = stack.store(b, &stack.empty(b)?, zero, &first)?;
    let given: Vec<Val> = std::iter::once(zero).chain(rows.iter().copied()).chain(cotangents.iter().copied()).collect();
    let all: Vec<Type> = std::iter::once(zero.r#type()).chain(types(&given)).collect();
    let (region, arguments, inner) = b.region(&all);
    let i = Index(inner);
    let one = i.number(1)?;
    let round = i.sub(i.sub(count, one)?, arguments[0])?;
    let (top, (rows, cotangents)) = (arguments[1], arguments[2..].split_at(rows.len()));
    let (top, rows) = stack.descend(inner, top, rows, round, advance)?;
    let (position, values) = stack.load(inner, &rows, top)?;
    let left = i.sub(round, position)?;
    let values = advance(inner, position, left, &values)?;
    let shares = reverse(inner, round, &values, cotangents)?;
    // The youngest snapshot is done with if it was that of this round.
    let top = i.sub(top, i.sub(one, i.min(left, one)?)?)?;
    let count_of_rows = rows.len();
    let next: Vec<Val> = std::iter::once(top).chain(rows).chain(shares).collect();
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    Ok(repeat(b, count, &given, region, None)?.split_off(1 + count_of_rows))
}
