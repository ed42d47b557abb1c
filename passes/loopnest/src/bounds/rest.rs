//! What a loop overwrites in any case is not initialized: only the rest of a tensor is filled, or copied from an argument.
//!
//! Let each round of a loop store row `q` of a tensor that it carries, where `q` grows or falls by one from round to round,
//! and read only rows that rounds before stored, or that lie before the first. Then the rows from the least `q` to the largest
//! can start with any content.

use super::form::Form;
use crate::structured::{Index, Region, arith, empty, extent, fill, is_named, stepped_loop};
use dp_dialects::ir::{
    Blk, Op, Val, block_args, block_ops, constant_integer, defining_op, i64_array, is_set, operands, region_block,
    result, results, set_operand, users, value_block,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, OpKind, Result, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// Has a loop start with tensors of which only those rows are initialized that it does not overwrite.
pub(super) fn initialize_rest(op: Op) -> Result<()> {
    for number in 0..results(op).len() {
        if let (Some(initial), Some(stored)) = (Initial::of(op, number), Stored::of(op, number)) {
            initial.shorten(op, number, &stored)?;
        }
    }
    Ok(())
}

/// How a tensor starts.
struct Initial<'c> {
    root: Root<'c>,
    /// Insertions into the root, from the first.
    inserts: Vec<Op<'c>>,
}

enum Root<'c> {
    /// Filled with a number.
    Number(Val<'c>),
    /// A copy of an argument.
    Argument(Val<'c>),
}

impl<'c> Initial<'c> {
    fn of(op: Op<'c>, number: usize) -> Option<Initial<'c>> {
        let (mut tensor, mut inserts) = (operands(op)[3 + number], Vec::new());
        loop {
            let maker = defining_op(tensor)?;
            if is_named(maker, "linalg.fill") {
                let [number, target, ..] = operands(maker)[..] else { return None };
                let is_new = defining_op(target).is_some_and(|target| is_named(target, "tensor.empty"));
                return is_new.then_some(Initial { root: Root::Number(number), inserts });
            }
            if is_named(maker, "bufferization.to_tensor") && !is_set(maker, "writable") {
                return Some(Initial { root: Root::Argument(tensor), inserts });
            }
            if !is_named(maker, "tensor.insert_slice") || users(tensor).len() != 1 || maker.block() != op.block() {
                return None;
            }
            inserts.insert(0, maker);
            tensor = operands(maker)[1];
        }
    }

    /// Builds a tensor with the rest initialized, before the insertions.
    fn shorten(self, op: Op<'c>, number: usize, stored: &Stored<'c>) -> Result<()> {
        let first = self.inserts.first().copied();
        let old = first.map_or(operands(op)[3 + number], |insert| operands(insert)[1]);
        let r#type = ValueType::of_value(old)?;
        let b = Builder::before(first.unwrap_or(op));
        let extents = (0..r#type.rank()).map(|dim| extent(&b, old, dim)).collect::<Result<Vec<Val>>>()?;
        let open: Vec<Val> = r#type.dynamic_dimensions().map(|dim| extents[dim]).collect();
        let mut tensor = empty(&b, &r#type, &open)?;
        let shape = std::iter::once(Some(1)).chain(r#type.extents()[1..].iter().copied()).collect();
        let of_row = ValueType::tensor(r#type.dtype, shape);
        for (start, end) in stored.rest(b, extents[0])? {
            let built = stepped_loop(&b, [start, end, b.index(1)?], &[tensor], |b, row, carried| {
                let slice = Region {
                    offsets: std::iter::once(Index::Value(row))
                        .chain((1..r#type.rank()).map(|_| Index::Known(0)))
                        .collect(),
                    sizes: of_row
                        .extents()
                        .iter()
                        .map(|extent| Index::Known(extent.unwrap_or_default() as i64))
                        .collect(),
                    strides: vec![1; r#type.rank()],
                };
                let content = match self.root {
                    Root::Number(number) => fill(b, number, empty(b, &of_row, &[])?)?,
                    Root::Argument(argument) => slice.extract(b, argument, &of_row)?,
                };
                Ok(vec![slice.insert(b, content, carried[0])?])
            })?;
            tensor = built[0];
        }
        match first {
            Some(insert) => set_operand(insert, 1, tensor),
            None => set_operand(op, 3 + number, tensor),
        }
        Ok(())
    }
}

/// The rows that a loop stores.
struct Stored<'c> {
    first: Val<'c>,
    end: Val<'c>,
    /// The row in a round, as `p ± i + c`.
    row: Form<'c>,
    grows: bool,
}

impl<'c> Stored<'c> {
    fn of(op: Op<'c>, number: usize) -> Option<Stored<'c>> {
        let (block, all) = (region_block(op, 0)?, operands(op));
        let is_counted = constant_integer(all[2]) == Some(1) && constant_integer(all[0]).is_some();
        let induction = *block_args(block).first().filter(|_| is_counted)?;
        let (stores, reads) = accesses(block, block_args(block)[1 + number], number)?;
        let row = *stores.first()?;
        let grows = row.plus == Some(induction) && row.minus.is_none();
        let is_outside = |value| value_block(value) != Some(block);
        if !grows && (row.minus != Some(induction) || !row.plus.is_none_or(is_outside)) {
            return None;
        }
        let is_stored = |read: &Form<'c>| {
            let is_before = if grows { read.constant < row.constant } else { read.constant > row.constant };
            (read.plus, read.minus) == (row.plus, row.minus) && is_before
        };
        reads.iter().all(is_stored).then_some(Stored { first: all[0], end: all[1], row, grows })
    }

    /// The ranges of rows that are not stored, each from a start to an end. If the loop has no rounds, these are all rows.
    fn rest(&self, b: Builder<'c>, extent: Val<'c>) -> Result<Vec<(Val<'c>, Val<'c>)>> {
        let (zero, constant) = (b.index(0)?, b.index(self.row.constant)?);
        let count = arith(&b, "arith.subi", arith(&b, "arith.maxsi", self.end, self.first)?, self.first)?;
        // The first row from below, and the one after the last.
        let (low, high) = if self.grows {
            let low = arith(&b, "arith.addi", self.first, constant)?;
            (low, arith(&b, "arith.addi", low, count)?)
        } else {
            let top = self.row.plus.map_or(Ok(constant), |plus| arith(&b, "arith.addi", plus, constant))?;
            let next = b.index(1)?;
            let high = arith(&b, "arith.addi", arith(&b, "arith.subi", top, self.first)?, next)?;
            (arith(&b, "arith.subi", high, count)?, high)
        };
        // Without rounds, the rows may be anywhere.
        let within = |x, least| {
            let most = arith(&b, "arith.minsi", x, extent)?;
            arith(&b, "arith.maxsi", most, least)
        };
        let low = within(low, zero)?;
        let high = within(high, low)?;
        let mut rest = Vec::new();
        if !self.starts_with_the_first() {
            rest.push((zero, low));
        }
        if !self.ends_with_the_last(extent) {
            rest.push((high, extent));
        }
        Ok(rest)
    }

    /// Whether the first row of all is stored, if any is.
    fn starts_with_the_first(&self) -> bool {
        let (first, end) = (Form::of(self.first), Form::of(self.end));
        match self.grows {
            true => first.plus.is_none() && first.constant + self.row.constant == 0,
            // p - (end - 1) + c
            false => end.plus == self.row.plus && end.minus.is_none() && self.row.constant - end.constant + 1 == 0,
        }
    }

    /// Whether the last row of all is stored, if any is.
    fn ends_with_the_last(&self, extent: Val<'c>) -> bool {
        let (first, end, extent) = (Form::of(self.first), Form::of(self.end), Form::of(extent));
        let after = match self.grows {
            true => Form { constant: end.constant + self.row.constant, ..end },
            false => Form { plus: self.row.plus, minus: None, constant: self.row.constant - first.constant + 1 },
        };
        // A maximum is not less than its operand.
        is_same(after, extent) || after.without_maximum().is_some_and(|(exact, _, _)| is_same(exact, extent))
    }
}

/// Whether two forms are equal: an extent of a buffer is that of the tensor that it becomes.
fn is_same(a: Form, b: Form) -> bool {
    let buffer_extent = |value| -> Option<(Val, i64)> {
        let op = defining_op(value)
            .filter(|op| is_named(*op, "memref.dim") || OpKind::of(*op) == Some(OpKind::TensorDim))?;
        let [of, dim] = operands(op)[..] else { return None };
        let buffer = defining_op(of).filter(|of| is_named(*of, "bufferization.to_tensor")).map(|of| operands(of)[0]);
        Some((buffer.unwrap_or(of), constant_integer(dim)?))
    };
    let is_same_extent =
        || a.plus.and_then(buffer_extent).is_some_and(|extent| b.plus.and_then(buffer_extent) == Some(extent));
    a == b || ((a.minus, a.constant) == (b.minus, b.constant) && is_same_extent())
}

/// The rows that a block stores in a tensor and in what it becomes by that, in the order of the stores, and the rows that it
/// reads. Other uses are only that the terminator passes it on.
fn accesses<'c>(block: Blk<'c>, now: Val<'c>, number: usize) -> Option<(Vec<Form<'c>>, Vec<Form<'c>>)> {
    let (mut stores, mut reads, mut tensor) = (Vec::new(), Vec::new(), now);
    let end = block_ops(block).last().copied()?;
    let next = *operands(end).get(number)?;
    loop {
        let mut store = None;
        for user in users(tensor) {
            if user.block() != Some(block) {
                return None;
            }
            let all = operands(user);
            if user == end {
                if tensor != next || all.iter().filter(|value| **value == next).count() != 1 {
                    return None;
                }
            } else if is_named(user, "tensor.insert_slice") && all[1] == tensor && all[0] != tensor {
                if store.replace(user).is_some() {
                    return None;
                }
            } else if is_named(user, "tensor.extract_slice") {
                reads.push(row_of(user, 1, None)?);
            } else if OpKind::of(user) == Some(OpKind::TensorExtract) {
                reads.push(Form::of(*all.get(1)?));
            } else if OpKind::of(user) != Some(OpKind::TensorDim) {
                return None;
            }
        }
        let Some(store) = store else { break };
        // What it stores elsewhere does not matter.
        stores.extend(row_of(store, 2, Some(ValueType::of(tensor.r#type())?)));
        tensor = result(store);
    }
    (tensor == next).then_some((stores, reads))
}

/// The row, by its position in the first dimension, that a slice of one row takes; all of it, if a type is given. `starts` is
/// the number of the operand with the first position.
fn row_of<'c>(slice: Op<'c>, starts: usize, whole: Option<ValueType>) -> Option<Form<'c>> {
    let read = |name| i64_array(slice, name);
    let (offsets, sizes, strides) = (read("static_offsets")?, read("static_sizes")?, read("static_strides")?);
    let is_row = *sizes.first()? == 1 && strides.iter().all(|stride| *stride == 1);
    let is_whole = whole.is_none_or(|r#type| {
        let rest = offsets.iter().zip(&sizes).zip(r#type.extents()).skip(1);
        rest.into_iter()
            .all(|((offset, size), extent)| *offset == 0 && extent.is_some_and(|extent| extent as i64 == *size))
    });
    if !is_row || !is_whole {
        return None;
    }
    match offsets[0] {
        DYNAMIC => operands(slice).get(starts).map(|start| Form::of(*start)),
        start => Some(Form::constant(start)),
    }
}
