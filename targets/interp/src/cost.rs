//! Counts what the operations of an execution cost: arithmetic, and bytes of tensors that are read and written.
//!
//! Costs are those of the operations' entries, with the extents that the values have. A change of a slice counts as what
//! is written, since compiled programs change tensors in place. Numbers are in registers, and so is a tensor whose
//! elements are all known to be one number. Views, index arithmetic and control flow cost nothing. Operations are
//! not fused: a tensor between two elementwise operations counts as written and read.

use dp_dialects::ir::Op;
use dp_dialects::ops::Work;
use dp_dialects::{Literal, OpKind, Parameters};
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
    fn of(value: &Literal) -> Size {
        let elements = value.len() as u64;
        let element_bytes = u64::from(value.dtype.bits()).div_ceil(8);
        let is_stored = value.shape.is_some() && value.splat_value().is_none();
        let bytes = if is_stored { elements.saturating_mul(element_bytes) } else { 0 };
        Size { extents: value.extents().to_vec(), elements, element_bytes, bytes }
    }
}

/// The cost of an operation that was executed, without that of its regions.
pub(crate) fn of(op: Op, operands: &[Literal], results: &[Literal]) -> Cost {
    let sizes = |values: &[Literal]| values.iter().map(Size::of).collect::<Vec<Size>>();
    let Some(kind) = OpKind::of(op) else { return Cost::default() };
    cost(kind, Parameters::of(kind, op), &sizes(operands), &sizes(results))
}

/// The cost of an operation without that of its regions.
fn cost(kind: OpKind, parameters: Option<Parameters>, operands: &[Size], results: &[Size]) -> Cost {
    let elements = |sizes: &[Size], index: usize| sizes.get(index).map_or(0, |size| size.elements);
    let bytes = |sizes: &[Size]| sizes.iter().map(|size| size.bytes).fold(0, u64::saturating_add);
    let (n, written) = (elements(results, 0), bytes(results));
    let moved = bytes(operands).saturating_add(written);
    let has_region = matches!(kind, OpKind::ArrayMap | OpKind::AdRecord | OpKind::AdRecall);
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
