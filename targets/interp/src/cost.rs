//! Counts what the operations of an execution cost: arithmetic, and bytes of tensors that are read and written.
//!
//! Costs are those of the operations' entries, with the extents that the values have. A change of a slice counts as what
//! is written, since compiled programs change tensors in place. Numbers are in registers, and so is a tensor whose
//! elements are all known to be one number. Views, index arithmetic and control flow cost nothing. An elementwise result
//! that one operation uses element by element, or reduces or scans, is fused into it: it is not written. The parts of one
//! decomposition of a matrix that one block asks for are computed together: the one that takes most counts. A complex
//! modulus costs as much as `hypot`.

use dp_dialects::ir::{Op, Val, defining_op, operands, results, users};
use dp_dialects::ops::{DECOMPOSITIONS, Work, fourier};
use dp_dialects::{Literal, OpKind, Parameters};
use melior::ir::operation::OperationLike;
use std::cmp::Reverse;
use std::ops::AddAssign;

/// What an execution costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Arithmetic on numbers; the unit is one addition.
    pub operations: u64,
    /// Bytes of tensors that are read and written.
    pub bytes: u64,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        self.operations = self.operations.saturating_add(other.operations);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// The size of a value.
#[derive(Clone, Debug)]
struct Size {
    extents: Vec<u64>,
    elements: u64,
    element_bytes: u64,
    bytes: u64,
}

impl Size {
    /// The size of a value.
    fn of(value: Val, literal: &Literal) -> Size {
        let elements = literal.len() as u64;
        let element_bytes = u64::from(literal.dtype.bits()).div_ceil(8);
        let is_stored = literal.shape.is_some() && literal.splat_value().is_none() && !is_fused(value);
        let stored = if is_stored { stored_elements(value, literal.extents()) } else { 0 };
        let bytes = stored.saturating_mul(element_bytes);
        Size { extents: literal.extents().to_vec(), elements, element_bytes, bytes }
    }
}

/// The cost of an operation that was executed, without that of its regions.
pub(crate) fn of(op: Op, inputs: &[Literal], outputs: &[Literal]) -> Cost {
    let sizes = |values: Vec<Val>, literals: &[Literal]| {
        values.into_iter().zip(literals).map(|(value, literal)| Size::of(value, literal)).collect::<Vec<Size>>()
    };
    let Some(kind) = OpKind::of(op) else { return Cost::default() };
    let cost = cost(op, kind, Parameters::of(kind, op), &sizes(operands(op), inputs), &sizes(results(op), outputs));
    let takes_modulus = matches!(kind, OpKind::ScalarAbs | OpKind::ScalarSign)
        && inputs.first().is_some_and(|operand| operand.dtype.is_complex());
    match takes_modulus {
        true => {
            let each = OpKind::ScalarHypot.entry().work.per_element();
            Cost { operations: cost.operations.saturating_mul(each), ..cost }
        }
        false => cost,
    }
}

/// Whether a value is computed where it is used, element by element, and not stored.
fn is_fused(value: Val) -> bool {
    let is_elementwise = |kind: OpKind| matches!(kind.entry().work, Work::Elements(_)) || kind == OpKind::ArrayMap;
    let takes_elements = |kind: OpKind| is_elementwise(kind) || matches!(kind.entry().work, Work::Reduction);
    let producer = defining_op(value);
    let Some(block) = producer.filter(|op| OpKind::of(*op).is_some_and(is_elementwise)).and_then(|op| op.block())
    else {
        return false;
    };
    let users = users(value);
    let Some((first, others)) = users.split_first() else { return false };
    others.iter().all(|user| user == first)
        && first.block() == Some(block)
        && OpKind::of(*first).is_some_and(takes_elements)
}

/// The elements of a value that are in memory: those of the operand, if it is a broadcast, and none of an iota.
fn stored_elements(value: Val, extents: &[u64]) -> u64 {
    let producer = defining_op(value).and_then(|op| Some((OpKind::of(op)?, op)));
    match producer {
        Some((OpKind::ArrayIota, _)) => 0,
        Some((kind @ OpKind::ArrayBroadcast, op)) => match Parameters::of(kind, op) {
            Some(Parameters::Broadcast(dims)) => dims.iter().filter_map(|dim| extents.get(*dim)).product(),
            _ => extents.iter().product(),
        },
        _ => extents.iter().product(),
    }
}

/// Whether an operation is part of a decomposition of a matrix of which another operation of its block asks for a part that
/// takes more, or as much and stands before it in the family.
fn is_computed_with_another(op: Op) -> bool {
    let Some(kind) = OpKind::of(op) else { return false };
    let Some(family) = DECOMPOSITIONS.iter().find(|family| family.contains(&kind)) else { return false };
    let rank = |kind: OpKind| {
        let thirds = match kind.entry().work {
            Work::Factorization(thirds) => thirds,
            Work::Nothing
            | Work::View
            | Work::Move
            | Work::Elements(_)
            | Work::Reduction
            | Work::Contraction
            | Work::Elimination(_)
            | Work::Fourier
            | Work::Slice
            | Work::Update(_) => 0,
        };
        (thirds, Reverse(family.iter().position(|part| *part == kind)))
    };
    let others = operands(op).first().copied().map(users).unwrap_or_default();
    let others = others.into_iter().filter(|other| other.block() == op.block()).filter_map(OpKind::of);
    others.filter(|other| family.contains(other)).any(|other| rank(other) > rank(kind))
}

/// The cost of an operation without that of its regions.
fn cost(op: Op, kind: OpKind, parameters: Option<Parameters>, operands: &[Size], results: &[Size]) -> Cost {
    let elements = |sizes: &[Size], index: usize| sizes.get(index).map_or(0, |size| size.elements);
    let bytes = |sizes: &[Size]| sizes.iter().map(|size| size.bytes).fold(0, u64::saturating_add);
    let (n, written) = (elements(results, 0), bytes(results));
    let moved = bytes(operands).saturating_add(written);
    let has_region = matches!(kind, OpKind::ArrayMap | OpKind::AdRecord | OpKind::AdRecall | OpKind::AdRelease);
    match kind.entry().work {
        _ if kind == OpKind::TensorExtract => Cost { operations: 0, bytes: operands.first().map_or(0, one) },
        _ if kind.dialect() == "arith" => Cost::default(),
        _ if has_region => Cost { operations: 0, bytes: moved },
        Work::Nothing | Work::View => Cost::default(),
        Work::Elements(each) => Cost { operations: n.saturating_mul(each), bytes: moved },
        Work::Move if kind.dialect() == "array" || kind == OpKind::TensorFromElements => {
            Cost { operations: 0, bytes: moved }
        }
        // Control flow: its regions are counted.
        Work::Move => Cost::default(),
        Work::Reduction => Cost { operations: elements(operands, 0), bytes: moved },
        Work::Contraction => {
            let depth = match (&parameters, operands.first()) {
                (Some(Parameters::Dot(dims)), Some(a)) => {
                    dims.contract_a.iter().filter_map(|dim| a.extents.get(*dim)).product()
                }
                _ => 1,
            };
            Cost { operations: n.saturating_mul(depth).saturating_mul(2), bytes: moved }
        }
        Work::Elimination(thirds) => {
            let rows = operands.first().and_then(|a| a.extents.last()).copied().unwrap_or(1);
            Cost { operations: n.saturating_mul(rows).saturating_mul(thirds) / 3, bytes: moved }
        }
        Work::Factorization(_) if is_computed_with_another(op) => Cost { operations: 0, bytes: written },
        Work::Factorization(thirds) => {
            let columns = operands.first().and_then(|a| a.extents.last()).copied().unwrap_or(1);
            Cost { operations: elements(operands, 0).saturating_mul(columns).saturating_mul(thirds) / 3, bytes: moved }
        }
        Work::Fourier => {
            let operations =
                parameters.as_ref().map_or(0, |parameters| fourier(parameters, elements(operands, 0).max(n)));
            Cost { operations, bytes: moved }
        }
        Work::Slice => Cost { operations: 0, bytes: written.saturating_mul(2) },
        Work::Update(operand) => {
            let Some(update) = operands.get(operand) else { return Cost::default() };
            let target = operands.first().map_or(0, |size| size.element_bytes);
            let stored = update.elements.saturating_mul(target);
            let accumulates =
                kind == OpKind::ArrayScatter || matches!(parameters, Some(Parameters::Update { accumulate: true, .. }));
            match accumulates {
                true => Cost { operations: update.elements, bytes: update.bytes + 2 * stored },
                false => Cost { operations: 0, bytes: update.bytes + stored },
            }
        }
    }
}

/// The bytes of one element, if it is in memory.
fn one(size: &Size) -> u64 {
    size.bytes.min(size.element_bytes)
}
