//! Single elements of tensors that loops carry: `share-stored`, `promote-elements` and `sink-updates`.

pub mod last;
pub mod promoted;
pub mod stored;

use crate::bounds::form::Form;
use crate::bounds::ranges::{is_at_least, is_at_most};
use crate::rows::Fill;
use dp_dialects::ir::{
    Op, Val, block_args, block_ops, constant_integer, defining_op, operands, region_block, result, users, value_block,
    value_index,
};
use dp_dialects::parameters::Start;
use dp_dialects::{OpKind, Parameters, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// The element that an operation stores in a tensor with one dimension, and its position.
fn element_update<'c>(update: Op<'c>, tensor: Val<'c>) -> Option<(Val<'c>, Val<'c>)> {
    let Parameters::Update { starts, accumulate: false } = Parameters::of(OpKind::of(update)?, update)? else {
        return None;
    };
    let [to, row, start] = operands(update)[..] else { return None };
    (to == tensor && starts[..] == [Start::Operand]).then_some((element(row)?, start))
}

/// The number of which a tensor is a broadcast.
fn element<'c>(row: Val<'c>) -> Option<Val<'c>> {
    let row = defining_op(row).filter(|row| OpKind::of(*row) == Some(OpKind::ArrayBroadcast))?;
    Some(operands(row)[0]).filter(|value| ValueType::of(value.r#type()).is_some_and(|of| !of.is_tensor()))
}

/// Whether a position lies within a tensor with one dimension where an operation is executed: by the bounds of the loops
/// around it, or because its block reads an element there of a tensor with this extent. Only reads from tensors that are
/// `counted` by what they start as count.
fn is_within<'c>(op: Op<'c>, position: Val<'c>, tensor: Val<'c>, counted: &dyn Fn(Val<'c>) -> bool) -> bool {
    let extents = extents(tensor);
    let last = |extent: &Form<'c>| Form { constant: extent.constant - 1, ..*extent };
    if is_at_least(op, position, 0) && extents.iter().any(|extent| is_at_most(op, position, last(extent))) {
        return true;
    }
    let is_read_there = |read: Op<'c>| {
        let all = operands(read);
        OpKind::of(read) == Some(OpKind::TensorExtract)
            && all.len() == 2
            && Form::of(all[1]) == Form::of(position)
            && counted(origin(all[0]))
            && (origin(all[0]) == origin(tensor) || self::extents(all[0]).iter().any(|extent| extents.contains(extent)))
    };
    op.block().is_some_and(|block| block_ops(block).into_iter().any(is_read_there))
}

/// Forms of a tensor's first extent.
fn extents(tensor: Val) -> Vec<Form> {
    let tensor = origin(tensor);
    let known = ValueType::of(tensor.r#type()).and_then(|r#type| r#type.extents().first().copied().flatten());
    let known = known.and_then(|extent| i64::try_from(extent).ok()).map(Form::constant);
    let filled = Fill::of(tensor).and_then(|fill| fill.forms().first().copied());
    let read = users(tensor).into_iter().filter(|user| is_first_extent(*user)).map(|user| Form::of(result(user)));
    known.into_iter().chain(filled).chain(read).collect()
}

fn is_first_extent(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::TensorDim)
        && operands(op).get(1).is_some_and(|dim| constant_integer(*dim) == Some(0))
}

/// A tensor with the extents of another, before updates and loops.
fn origin<'c>(tensor: Val<'c>) -> Val<'c> {
    let mut tensor = tensor;
    loop {
        tensor = match defining_op(tensor) {
            Some(op) if OpKind::of(op) == Some(OpKind::ArrayUpdateSlice) => operands(op)[0],
            Some(op) if OpKind::of(op) == Some(OpKind::ScfFor) => {
                let argument =
                    region_block(op, 0).and_then(|body| block_args(body).get(1 + value_index(tensor)).copied());
                match argument.and_then(carried_from) {
                    Some(first) => first,
                    None => return tensor,
                }
            }
            Some(_) => return tensor,
            None => match carried_from(tensor) {
                Some(first) => first,
                None => return tensor,
            },
        }
    }
}

/// The initial value of what a counted loop carries, if the loop only updates it.
fn carried_from<'c>(argument: Val<'c>) -> Option<Val<'c>> {
    let block = value_block(argument)?;
    let op = block.parent_operation().filter(|op| OpKind::of(*op) == Some(OpKind::ScfFor))?;
    let number = block_args(block).iter().skip(1).position(|other| *other == argument)?;
    let mut next = *operands(block.terminator()?).get(number)?;
    while let Some(update) = defining_op(next).filter(|op| OpKind::of(*op) == Some(OpKind::ArrayUpdateSlice)) {
        next = operands(update)[0];
    }
    (next == argument).then(|| operands(op)[3 + number])
}
