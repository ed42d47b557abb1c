//! Extents of tensors, derived from the entries of operations. Transposition (`transpose::extents`) computes them, and
//! the proof that gradients have the extents of their arguments uses them.

pub(crate) mod carried;
pub mod checked;
mod forms;
pub mod proof;

use dp_dialects::ir::{Op, Val, operands};
use dp_dialects::ops::Source;
use dp_dialects::{OpKind, Parameters, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// The source of a dynamic extent of a result.
pub fn source(kind: OpKind, op: Op, result: &ValueType, dim: usize) -> Source {
    let rank = |operand: usize| rank(operands(op)[operand]);
    let parameters = || Parameters::of(kind, op).unwrap_or(Parameters::None);
    kind.extent_source(parameters, op.operand_count(), &rank, result, dim)
}

pub(crate) fn rank(value: Val) -> usize {
    ValueType::of(value.r#type()).map_or(0, |r#type| r#type.rank())
}

/// Whether a value is a tensor of numbers.
pub(crate) fn is_tensor(value: &Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor())
}
