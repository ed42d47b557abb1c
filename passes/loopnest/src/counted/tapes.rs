//! The tapes of a loop that repeats another: what it stores, and the loops that read it in reverse order.

use crate::bounds::form::Form;
use crate::bounds::rounds::Rounds;
use dp_dialects::ir::{
    Op, Val, ancestors, block_args, constant_integer, defining_op, operands, region_block, result, results, users,
    value_block,
};
use dp_dialects::ops::Work;
use dp_dialects::parameters::Start;
use dp_dialects::{OpKind, Parameters, ValueType};
use dp_extents::loops::Carried;
use dp_extents::proof::Extents;
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// A tape.
pub(super) struct Tape<'c> {
    /// What a round stores: a number, or a tensor.
    pub(super) stored: Val<'c>,
    /// The operations that read it.
    reads: Vec<Op<'c>>,
}

/// A loop that reads tapes, the last round first.
pub(super) struct Reverse<'c> {
    pub(super) op: Op<'c>,
    /// The reads, and the numbers of their tapes.
    pub(super) reads: Vec<(Op<'c>, usize)>,
}

/// Whether an index is the number of rounds of a loop that counts them: the counter, or its maximum with 0.
pub(super) fn is_count<'c>(value: Val<'c>, counter: Val<'c>) -> bool {
    let maximum = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::ArithMaxSI)).map(operands);
    value == counter || maximum.is_some_and(|all| all[0] == counter && constant_integer(all[1]) == Some(0))
}

impl<'c> Tape<'c> {
    /// Whether anything reads it.
    pub(super) fn is_read(&self) -> bool {
        !self.reads.is_empty()
    }

    /// The tape that a loop carries with this argument and result: filled, then with one row stored in each round, and
    /// read row by row. A row has the extents of the tape, so that it is read as it was stored.
    pub(super) fn of(carried: &Carried<'c>, result: Val<'c>, induction: Val<'c>, counter: Val<'c>) -> Option<Tape<'c>> {
        let r#type = ValueType::of(carried.argument.r#type())?;
        let fill = defining_op(carried.initial).filter(|op| OpKind::of(*op) == Some(OpKind::ArrayBroadcast))?;
        let filled = operands(fill);
        let [_, rows, extents @ ..] = &filled[..] else { return None };
        let has_rows = is_count(*rows, counter) && r#type.extents().first() == Some(&None);
        let update = defining_op(carried.next).filter(|op| OpKind::of(*op) == Some(OpKind::ArrayUpdateSlice))?;
        let is_own = users(carried.argument).len() == 1 && users(carried.next).len() == 1;
        let place = Parameters::Update { starts: starts(r#type.rank()), accumulate: false };
        let [tape, row, start] = operands(update)[..] else { return None };
        let is_stored = tape == carried.argument
            && start == induction
            && Parameters::of(OpKind::ArrayUpdateSlice, update).as_ref() == Some(&place);
        let stored = stored(row)?;
        let is_whole = ValueType::of(row.r#type())?.extents().get(1..) == r#type.extents().get(1..) && {
            let mut known = Extents::at(update);
            let mut open = r#type.dynamic_dimensions().skip(1).zip(extents);
            open.all(|(dim, extent)| known.is_extent(*extent, row, dim))
        };
        let reads = users(result);
        let all = has_rows && is_own && is_stored && is_whole;
        (all && value_block(carried.next) == value_block(carried.argument)
            && reads.iter().all(|read| is_row(*read, stored, &r#type, extents)))
        .then_some(Tape { stored, reads })
    }
}

impl Reverse<'_> {
    /// Whether no tensor that the loop reads leaves the round, as it is or as a part: it is memory of the tape.
    pub(super) fn keeps_inside(&self) -> bool {
        self.reads.iter().all(|(read, _)| is_kept_inside(result(*read)))
    }
}

/// Whether nothing that may be the memory of a tensor leaves the round.
fn is_kept_inside(value: Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_tensor())
        || users(value).into_iter().all(|user| {
            let is_plain = user.region_count() == 0 && user.successor_count() == 0;
            let leaves =
                |kind: OpKind| kind.entry().is_structure || kind.dialect() == "scf" || kind.dialect() == "func";
            let is_view = |kind: OpKind| matches!(kind.entry().work, Work::View | Work::Slice | Work::Move);
            match OpKind::of(user) {
                Some(kind) if is_plain && !leaves(kind) => {
                    !is_view(kind) || results(user).into_iter().all(is_kept_inside)
                }
                Some(_) | None => false,
            }
        })
}

/// Where the row of a round begins, in a tape of a rank.
fn starts(rank: usize) -> Vec<Start> {
    std::iter::once(Start::Operand).chain((1..rank).map(|_| Start::At(0))).collect()
}

/// The value in a row: the number or the tensor that it repeats once, or the row itself.
fn stored<'c>(row: Val<'c>) -> Option<Val<'c>> {
    let rank = ValueType::of(row.r#type())?.rank();
    let repeated = defining_op(row)
        .filter(|op| OpKind::of(*op) == Some(OpKind::ArrayBroadcast))
        .filter(|op| Parameters::of(OpKind::ArrayBroadcast, *op) == Some(Parameters::Broadcast((1..rank).collect())));
    Some(repeated.map_or(row, |op| operands(op)[0]))
}

/// Whether an operation reads a row of a tape: a number, or all of a tensor.
fn is_row<'c>(read: Op<'c>, stored: Val<'c>, tape: &ValueType, extents: &[Val<'c>]) -> bool {
    let is_tensor = ValueType::of(stored.r#type()).is_some_and(|r#type| r#type.is_tensor());
    match OpKind::of(read) {
        Some(OpKind::TensorExtract) => !is_tensor && tape.rank() == 1,
        Some(OpKind::ArraySlice) => {
            let whole = Parameters::Slice { starts: starts(tape.rank()), strides: vec![1; tape.rank()] };
            let row = ValueType::of(result(read).r#type());
            is_tensor
                && Parameters::of(OpKind::ArraySlice, read) == Some(whole)
                && row.is_some_and(|row| row.extents()[0] == Some(1) && row.extents()[1..] == tape.extents()[1..])
                && operands(read)[2..] == *extents
        }
        Some(_) | None => false,
    }
}

impl<'c> Reverse<'c> {
    /// The loops beside `beside` that read tapes; `None` if anything else reads them.
    pub(super) fn of(tapes: &[Tape<'c>], beside: Op<'c>, counter: Val<'c>) -> Option<Vec<Reverse<'c>>> {
        let mut found: Vec<Reverse> = Vec::new();
        for (number, tape) in tapes.iter().enumerate() {
            for read in &tape.reads {
                let home = ancestors(*read).find(|op| op.block() == beside.block())?;
                if !is_reverse(home, *read, counter) {
                    return None;
                }
                match found.iter_mut().find(|reverse| reverse.op == home) {
                    Some(reverse) => reverse.reads.push((*read, number)),
                    None => found.push(Reverse { op: home, reads: vec![(*read, number)] }),
                }
            }
        }
        Some(found)
    }
}

/// Whether an operation inside of a loop reads, in round k, the element of the k-th round from the end.
fn is_reverse<'c>(op: Op<'c>, read: Op<'c>, counter: Val<'c>) -> bool {
    let (Some(rounds), Some(body)) = (Rounds::of(op), region_block(op, 0)) else { return false };
    let (end, place) = (operands(op)[1], operands(read)[1]);
    let last = Form { plus: Form::of(end).plus, minus: block_args(body).first().copied(), constant: -1 };
    rounds.first() == 0 && is_count(end, counter) && Form::of(end).constant == 0 && Form::of(place) == last
}
