//! Attributes on the operations of a reduction's region, so that it can be recognized in a loop body.

use dp_dialects::OpKind;
use dp_dialects::ir::{Blk, Op, block_args, block_ops, operands, results};
use dp_dialects::marks::COMBINES;
use melior::ir::operation::OperationLike;

/// The role of an operand in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The first argument of the region: the partial result.
    Held,
    /// The second argument.
    Element,
    /// The result of the operation with this index.
    Result(usize),
}

/// The position of an operation in a region.
pub struct Mark {
    /// Its index.
    pub index: usize,
    /// The number of operations; the last one makes the region's result.
    pub count: usize,
    /// The roles of its operands.
    pub roles: Vec<Role>,
}

impl Mark {
    /// The mark of an operation, if any.
    pub fn of(op: Op) -> Option<Mark> {
        let numbers = COMBINES.of(op)?;
        let [index, count, roles @ ..] = numbers.as_slice() else { return None };
        let role = |number: &i64| match number {
            0 => Some(Role::Held),
            1 => Some(Role::Element),
            _ => usize::try_from(number.checked_sub(2)?).ok().map(Role::Result),
        };
        let roles = roles.iter().map(role).collect::<Option<_>>()?;
        Some(Mark { index: usize::try_from(*index).ok()?, count: usize::try_from(*count).ok()?, roles })
    }
}

/// Marks the operations of a region whose last operation computes its result. A region gets no marks if it contains
/// other than scalar operations or uses values from outside.
pub(super) fn mark(block: Blk) {
    let arguments = block_args(block);
    let all = block_ops(block);
    let Some((end, ops)) = all.split_last() else { return };
    let is_plain = |op: &Op| {
        OpKind::of(*op).is_some_and(|kind| kind.dialect() == "scalar")
            && op.region_count() == 0
            && results(*op).len() == 1
    };
    let gives = ops.last().is_some_and(|last| operands(*end) == results(*last));
    if !gives || !ops.iter().all(is_plain) {
        return;
    }
    let mut marks = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        let number = |operand| match arguments.iter().position(|argument| *argument == operand) {
            Some(argument) => Some(argument as i64),
            None => ops.iter().position(|op| results(*op)[0] == operand).map(|of| of as i64 + 2),
        };
        let Some(roles) = operands(*op).into_iter().map(number).collect::<Option<Vec<i64>>>() else { return };
        marks.push([index as i64, ops.len() as i64].into_iter().chain(roles).collect::<Vec<i64>>());
    }
    for (op, numbers) in ops.iter().zip(marks) {
        COMBINES.set(*op, &numbers);
    }
}
