//! The tapes of a loop that repeats another: which numbers it stores, and the loops that read them in reverse order.

use crate::bounds::form::Form;
use crate::bounds::rounds::Rounds;
use dp_dialects::ir::{
    Op, Val, ancestors, block_args, constant_integer, defining_op, operands, region_block, users, value_block,
};
use dp_dialects::parameters::Start;
use dp_dialects::{OpKind, Parameters, ValueType};
use dp_extents::loops::Carried;
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// A tape.
pub(super) struct Tape<'c> {
    /// The number that a round stores.
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

    /// The tape that a loop carries with this argument and result: filled, then with one number stored in each round, and
    /// read element by element.
    pub(super) fn of(carried: &Carried<'c>, result: Val<'c>, induction: Val<'c>, counter: Val<'c>) -> Option<Tape<'c>> {
        let r#type = ValueType::of(carried.argument.r#type())?;
        let fill = defining_op(carried.initial).filter(|op| OpKind::of(*op) == Some(OpKind::ArrayBroadcast))?;
        let has_rows = matches!(operands(fill)[..], [_, rows] if is_count(rows, counter));
        let update = defining_op(carried.next).filter(|op| OpKind::of(*op) == Some(OpKind::ArrayUpdateSlice))?;
        let is_own = users(carried.argument).len() == 1 && users(carried.next).len() == 1;
        let place = Parameters::Update { starts: vec![Start::Operand], accumulate: false };
        let [tape, row, start] = operands(update)[..] else { return None };
        let is_stored = tape == carried.argument
            && start == induction
            && Parameters::of(OpKind::ArrayUpdateSlice, update).as_ref() == Some(&place);
        let made = defining_op(row).filter(|op| OpKind::of(*op) == Some(OpKind::ArrayBroadcast))?;
        let [stored] = operands(made)[..] else { return None };
        let is_number = ValueType::of(stored.r#type()).is_some_and(|r#type| !r#type.is_tensor());
        let reads = users(result);
        let is_read = |op: &Op<'c>| OpKind::of(*op) == Some(OpKind::TensorExtract);
        let all = r#type.extents() == [None] && has_rows && is_own && is_stored && is_number;
        (all && value_block(carried.next) == value_block(carried.argument) && reads.iter().all(is_read))
            .then_some(Tape { stored, reads })
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
