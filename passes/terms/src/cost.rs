//! The cost of a term: flops and bytes moved, computed from shapes.
//!
//! The unit is one addition, or one byte moved between memory and the CPU. A dynamic extent counts as [`NOMINAL`]. The
//! arithmetic saturates.

use crate::interner::Interner;
use crate::node::{Node, NodeKind};
use dp_dialects::ops::{Work, fourier};
use dp_dialects::{Parameters, ValueType};

/// The nominal value of a dynamic extent.
pub const NOMINAL: u64 = 64;

/// A cost: arithmetic and memory traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// Arithmetic, in additions.
    pub flops: u64,
    /// Bytes read and written.
    pub bytes: u64,
}

impl Cost {
    /// Arithmetic plus memory traffic.
    pub fn total(self) -> u64 {
        self.flops.saturating_add(self.bytes)
    }

    /// The sum.
    pub fn plus(self, other: Cost) -> Cost {
        Cost { flops: self.flops.saturating_add(other.flops), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

/// The number of elements of a type.
pub fn elements(r#type: &ValueType) -> u64 {
    r#type.extents().iter().map(|extent| extent.unwrap_or(NOMINAL)).fold(1, u64::saturating_mul)
}

fn bytes(r#type: &ValueType) -> u64 {
    // A scalar lives in a register.
    if !r#type.is_tensor() {
        return 0;
    }
    elements(r#type).saturating_mul(u64::from(r#type.dtype.bits()).div_ceil(8))
}

/// The cost of a node without its children. `child` returns the type of the child with an index.
pub fn cost<'a>(node: &Node, interner: &'a Interner, child: impl Fn(usize) -> &'a ValueType) -> Cost {
    let result = interner.types.get(node.r#type);
    let NodeKind::Op(kind) = node.head else { return Cost::default() };
    let n = elements(result);
    let moved = || (0..node.children.len()).map(|index| bytes(child(index))).fold(bytes(result), u64::saturating_add);
    match kind.entry().work {
        Work::Nothing => Cost::default(),
        Work::View => Cost { flops: 1, bytes: 0 },
        Work::Elements(each) => Cost { flops: n.saturating_mul(each), bytes: moved() },
        Work::Move => Cost { flops: 1, bytes: moved() },
        Work::Reduction => Cost { flops: elements(child(0)), bytes: moved() },
        Work::Contraction => {
            let paired = |dim: &usize| child(0).extents()[*dim].unwrap_or(NOMINAL);
            let depth = match interner.parameters.get(node.parameters) {
                Parameters::Dot(dims) => dims.contract_a.iter().map(paired).fold(1, u64::saturating_mul),
                _ => 1,
            };
            Cost { flops: n.saturating_mul(depth).saturating_mul(2), bytes: moved() }
        }
        Work::Elimination(thirds) => {
            let rows = child(0).extents().last().copied().flatten().unwrap_or(NOMINAL);
            Cost { flops: n.saturating_mul(rows).saturating_mul(thirds) / 3, bytes: moved() }
        }
        Work::Factorization(thirds) => {
            let columns = child(0).extents().last().copied().flatten().unwrap_or(NOMINAL);
            Cost { flops: elements(child(0)).saturating_mul(columns).saturating_mul(thirds) / 3, bytes: moved() }
        }
        Work::Fourier => {
            let flops = fourier(interner.parameters.get(node.parameters), elements(child(0)).max(n));
            Cost { flops, bytes: moved() }
        }
        // Only the elements of the slice are read and written.
        Work::Slice => Cost { flops: 1, bytes: bytes(result).saturating_mul(2) },
        Work::Update(operand) => {
            Cost { flops: elements(child(operand)), bytes: bytes(child(operand)).saturating_mul(3) }
        }
    }
}
