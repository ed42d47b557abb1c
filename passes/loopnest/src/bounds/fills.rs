//! Tensors that a loop, or a nest of loops, writes completely: row i in iteration i, for every row. What they held before is
//! not read.

use super::form::Form;
use super::rounds::Rounds;
use crate::structured::is_named;
use dp_dialects::ir::{
    Op, Val, block_args, defining_op, i64_array, operands, region_block, results, set_operand, users, value_index,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{OpKind, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// Has a loop start with uninitialized tensors in place of filled ones that it writes completely.
pub(super) fn drop_fills(op: Op) {
    let all = operands(op);
    for position in 0..results(op).len() {
        let Some(fill) = defining_op(all[3 + position]).filter(|maker| is_named(*maker, "linalg.fill")) else {
            continue;
        };
        let target = operands(fill)[1];
        let extents = defining_op(target).filter(|maker| is_named(*maker, "tensor.empty")).map(operands);
        if extents.is_some_and(|extents| writes_all(op, position, &mut Vec::new(), &extents)) {
            set_operand(op, 3 + position, target);
        }
    }
}

/// Whether a loop writes all rows of a tensor that it carries, and nothing else uses the tensor. With the loops around it,
/// it has a dimension of the tensor for each loop; `extents` are those that the tensor's type leaves open.
fn writes_all<'c>(op: Op<'c>, position: usize, around: &mut Vec<Rounds<'c>>, extents: &[Val<'c>]) -> bool {
    let (Some(rounds), Some(block)) = (Rounds::of(op), region_block(op, 0)) else { return false };
    let (Some(tensor), Some(next)) = (
        block_args(block).get(1 + position).copied(),
        block.terminator().and_then(|end| operands(end).get(position).copied()),
    ) else {
        return false;
    };
    let is_only_use = |value| users(value).len() == 1;
    let Some(writer) = defining_op(next).filter(|writer| writer.block() == Some(block)) else { return false };
    if !is_only_use(tensor) || !is_only_use(next) {
        return false;
    }
    around.push(rounds);
    if is_named(writer, "tensor.insert_slice") {
        return operands(writer)[1] == tensor && writes_row(writer, around, extents);
    }
    let inner = value_index(next);
    let is_passed = OpKind::of(writer) == Some(OpKind::ScfFor) && operands(writer).get(3 + inner) == Some(&tensor);
    is_passed && writes_all(writer, inner, around, extents)
}

/// Whether an insertion writes one row in each iteration of these loops, from the outermost, and every row in some.
fn writes_row<'c>(row: Op<'c>, loops: &[Rounds<'c>], extents: &[Val<'c>]) -> bool {
    let all = operands(row);
    let read = |name| i64_array(row, name);
    let (Some(starts), Some(sizes), Some(strides), Some(r#type)) =
        (read("static_offsets"), read("static_sizes"), read("static_strides"), ValueType::of(all[1].r#type()))
    else {
        return false;
    };
    let depth = loops.len();
    if starts.len() < depth {
        return false;
    }
    let is_row = starts[..depth].iter().all(|start| *start == DYNAMIC)
        && starts[depth..].iter().all(|start| *start == 0)
        && sizes[..depth].iter().all(|size| *size == 1)
        && strides.iter().all(|stride| *stride == 1);
    let is_numbered = loops.iter().zip(&all[2..]).all(|(rounds, start)| rounds.is_number(*start));
    if !is_row || !is_numbered {
        return false;
    }
    // After the starts, the sizes that the attribute leaves open.
    let (mut extents, mut open) = (extents.iter().copied(), all[2 + depth..].iter().copied());
    r#type.extents().iter().zip(&sizes).enumerate().all(|(dim, (extent, size))| {
        let whole = match extent {
            Some(extent) => Some(Form::constant(*extent as i64)),
            None => extents.next().map(Form::of),
        };
        let Some(whole) = whole else { return false };
        if let Some(rounds) = loops.get(dim) {
            return rounds.is_count(whole);
        }
        let written = match *size {
            DYNAMIC => open.next().map(Form::of),
            size => Some(Form::constant(size)),
        };
        // Sizes of slices are not negative: a size is its maximum with 0.
        let clamped = whole.without_maximum().filter(|(_, _, least)| *least == 0 && whole.constant == 0);
        written == Some(whole) || clamped.is_some_and(|(exact, _, _)| written == Some(exact))
    })
}
