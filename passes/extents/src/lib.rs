//! Extents of tensors, derived from the entries of operations: where an extent comes from ([`source`]), a proof that two
//! are equal ([`proof`]), what a function keeps ([`proof::callees`]), what a loop carries ([`loops`]), extents of values in
//! a loop, computed before it ([`carried`]), and the passes that read extents of carried tensors before loops ([`kept`]).

pub mod carried;
mod forms;
pub mod kept;
pub mod loops;
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

/// The rank of a tensor; 0 for other values.
pub fn rank(value: Val) -> usize {
    ValueType::of(value.r#type()).map_or(0, |r#type| r#type.rank())
}

/// Whether a value is a tensor of numbers.
pub fn is_tensor(value: &Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor())
}
