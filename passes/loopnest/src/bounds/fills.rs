//! Tensors that a loop writes completely: row i in iteration i, for every row. What they held before is not read.

use super::form::Form;
use crate::structured::is_named;
use dp_dialects::ValueType;
use dp_dialects::ir::{
    Op, Val, block_args, constant_integer, defining_op, i64_array, operands, region_block, result, set_operand, users,
};
use dp_dialects::types::DYNAMIC;
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// The iterations of a loop in steps of 1.
struct Rounds<'c> {
    induction: Val<'c>,
    first: i64,
    end: Form<'c>,
}

impl<'c> Rounds<'c> {
    /// Whether an index is the number of the iteration, from 0.
    fn is_number(&self, index: Val<'c>) -> bool {
        Form::of(index) == Form { plus: Some(self.induction), minus: None, constant: -self.first }
    }

    /// Whether an extent is the number of iterations.
    fn is_count(&self, extent: Form<'c>) -> bool {
        let count = Form { constant: self.end.constant - self.first, ..self.end };
        // max(x, l) − l, where the loop goes from l to x.
        let clamped = extent.without_maximum();
        extent == count
            || clamped
                .is_some_and(|(exact, _, least)| exact == count && least == self.first && least + extent.constant == 0)
    }
}

/// Has a loop start with uninitialized tensors in place of filled ones that it writes completely.
pub(super) fn drop_fills(op: Op) {
    let all = operands(op);
    let first = constant_integer(all[0]).filter(|_| constant_integer(all[2]) == Some(1));
    let (Some(first), Some(block)) = (first, region_block(op, 0)) else { return };
    let arguments = block_args(block);
    let yielded = block.terminator().map(operands).unwrap_or_default();
    for (position, (argument, next)) in arguments[1..].iter().zip(yielded).enumerate() {
        let Some(fill) = defining_op(all[3 + position]).filter(|maker| is_named(*maker, "linalg.fill")) else {
            continue;
        };
        let target = operands(fill)[1];
        let extents = defining_op(target).filter(|maker| is_named(*maker, "tensor.empty")).map(operands);
        let Some(extents) = extents else { continue };
        let is_own = |row: &Op| row.block() == Some(block);
        let row = defining_op(next).filter(|row| is_named(*row, "tensor.insert_slice")).filter(is_own);
        let rounds = Rounds { induction: arguments[0], first, end: Form::of(all[1]) };
        if row.is_some_and(|row| writes_row(row, *argument, &rounds, &extents)) {
            set_operand(op, 3 + position, target);
        }
    }
}

/// Whether an insertion writes one row in each iteration, every row in some, and nothing else uses the tensor.
/// `extents` are those that the tensor's type leaves open.
fn writes_row<'c>(row: Op<'c>, tensor: Val<'c>, rounds: &Rounds<'c>, extents: &[Val<'c>]) -> bool {
    let all = operands(row);
    let is_only_use = all[1] == tensor && users(tensor).len() == 1 && users(result(row)).len() == 1;
    let read = |name| i64_array(row, name);
    let (Some(starts), Some(sizes), Some(strides), Some(r#type)) =
        (read("static_offsets"), read("static_sizes"), read("static_strides"), ValueType::of(tensor.r#type()))
    else {
        return false;
    };
    let is_row = starts.first() == Some(&DYNAMIC)
        && starts[1..].iter().all(|start| *start == 0)
        && sizes.first() == Some(&1)
        && strides.iter().all(|stride| *stride == 1);
    if !is_only_use || !is_row || !all.get(2).is_some_and(|start| rounds.is_number(*start)) {
        return false;
    }
    // After the start, the sizes that the attribute leaves open.
    let (mut extents, mut open) = (extents.iter().copied(), all[3..].iter().copied());
    r#type.extents().iter().zip(&sizes).enumerate().all(|(dim, (extent, size))| {
        let whole = match extent {
            Some(extent) => Some(Form::constant(*extent as i64)),
            None => extents.next().map(Form::of),
        };
        let Some(whole) = whole else { return false };
        if dim == 0 {
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
