//! Empty slices, and reshapes of empty tensors.

use super::facts::{Dim, Facts};
use super::rules::slice_of;
use crate::structured::{Index, empty, is_named};
use dp_dialects::ir::{Op, Val, erase, operands, replace_all_uses, result};
use dp_dialects::{Builder, Result, ValueType};

/// Whether an operation is a slice, an insertion or a reshape.
pub(super) fn may_move_no_elements(op: Op) -> bool {
    ["tensor.extract_slice", "tensor.insert_slice", "tensor.expand_shape", "tensor.collapse_shape"]
        .iter()
        .any(|name| is_named(op, name))
}

/// An operation that moves no elements.
pub(super) enum EmptyMove<'c> {
    /// Inserts an empty slice.
    Insertion(Op<'c>),
    /// A result without elements, with these dynamic extents.
    View(Op<'c>, Vec<Index<'c>>),
}

impl<'c> EmptyMove<'c> {
    /// Whether an operation is known to move no elements.
    pub(super) fn of(facts: &Facts<'c>, op: Op<'c>) -> Option<Self> {
        let of = operands(op);
        if is_named(op, "tensor.insert_slice") {
            return is_empty_slice(facts, op, &of[1..])?.then_some(EmptyMove::Insertion(op));
        }
        let is_slice = is_named(op, "tensor.extract_slice");
        let is_no_op = if is_slice { is_empty_slice(facts, op, &of)? } else { is_empty(facts, of[0]) };
        if is_no_op { Some(EmptyMove::View(op, extents(facts, result(op))?)) } else { None }
    }

    /// Removes the operation. Its operands may come from operations removed before.
    pub(super) fn drop(self) -> Result<()> {
        let (op, new) = match self {
            EmptyMove::Insertion(op) => (op, operands(op)[1]),
            EmptyMove::View(op, extents) => {
                let b = Builder::before(op);
                let extents = extents.into_iter().map(|extent| extent.value(&b)).collect::<Result<Vec<_>>>()?;
                (op, empty(&b, &ValueType::of_value(result(op))?, &extents)?)
            }
        };
        replace_all_uses(result(op), new);
        erase(op);
        Ok(())
    }
}

fn is_empty<'c>(facts: &Facts<'c>, x: Val<'c>) -> bool {
    facts.shape(x).into_iter().any(|dim| facts.known(dim) == Some(0))
}

/// Whether a slice is empty; `of` is its tensor and the operands for offsets and sizes. One that begins at the end of
/// the tensor is empty, or a check has rejected it.
fn is_empty_slice<'c>(facts: &Facts<'c>, op: Op<'c>, of: &[Val<'c>]) -> Option<bool> {
    let (whole, given) = of.split_first()?;
    let (offsets, sizes) = slice_of(facts, op, given)?;
    let is_outside = |(offset, extent): (Dim<'c>, Dim<'c>)| {
        facts.known(offset).zip(facts.known(extent)).is_some_and(|(offset, extent)| offset >= extent)
    };
    let is_none = |size: Dim<'c>| facts.known(size) == Some(0);
    let mut places = offsets.into_iter().zip(facts.shape(*whole));
    Some(is_empty(facts, *whole) || sizes.into_iter().any(is_none) || places.any(is_outside))
}

/// The dynamic extents of an operation's result, if known or given by operands.
fn extents<'c>(facts: &Facts<'c>, value: Val<'c>) -> Option<Vec<Index<'c>>> {
    let extent = |dim| match facts.dim(value, dim) {
        Dim::Known(extent) => Some(Index::Known(extent)),
        Dim::Value(extent) => Some(Index::Value(extent)),
        Dim::Of(..) => None,
    };
    ValueType::of_value(value).ok()?.dynamic_dimensions().map(extent).collect()
}
