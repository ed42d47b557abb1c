//! What a term costs: floating-point operations and bytes moved, from shapes.
//!
//! The unit is one addition, or one byte moved between memory and the
//! CPU. An extent that is known at run time only counts as
//! [`NOMINAL`]. Sums saturate.

use crate::interner::Interner;
use crate::node::{Node, NodeKind, is_elementwise};
use dp_dialects::{OpKind, Parameters, ValueType};

/// What an extent counts that is not known at compile time.
pub const NOMINAL: u64 = 64;

/// A cost: work and traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// Arithmetic, in additions.
    pub flops: u64,
    /// Bytes read and written.
    pub bytes: u64,
}

impl Cost {
    /// Both, as one number.
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
    // A number lives in a register.
    if !r#type.is_tensor() {
        return 0;
    }
    elements(r#type).saturating_mul(u64::from(r#type.dtype.bits()).div_ceil(8))
}

/// What one application of an elementwise operation costs, in additions.
pub const fn weight(kind: OpKind) -> u64 {
    use OpKind::*;
    match kind {
        ScalarDiv | ScalarRem | ScalarUdiv | ScalarUrem | ScalarSqrt | ScalarRsqrt => 4,
        ScalarExp | ScalarExpm1 | ScalarLog | ScalarLog1p | ScalarLogistic => 12,
        ScalarSin | ScalarCos | ScalarTan | ScalarTanh | ScalarErf | ScalarAtan2 => 16,
        ScalarExp2 | ScalarLog2 | ScalarLog10 | ScalarHypot => 12,
        ScalarSinh | ScalarCosh | ScalarAsin | ScalarAcos | ScalarAtan | ScalarCbrt | ScalarErfc => 20,
        ScalarAsinh | ScalarAcosh | ScalarAtanh => 20,
        ScalarPow | ScalarLgamma | ScalarDigamma | ScalarPolygamma => 40,
        _ => 1,
    }
}

/// The cost of a node, its children's apart. `child` gives a child's type.
pub fn cost<'a>(node: &Node, interner: &'a Interner, child: impl Fn(usize) -> &'a ValueType) -> Cost {
    let result = interner.types.get(node.r#type);
    let NodeKind::Op(kind) = node.head else { return Cost::default() };
    let n = elements(result);
    let inputs = || (0..node.children.len()).map(|index| bytes(child(index))).fold(0, u64::saturating_add);
    let moved = || inputs().saturating_add(bytes(result));
    if is_elementwise(kind) && kind != OpKind::AdStopGradient {
        return Cost { flops: n.saturating_mul(weight(kind)), bytes: moved() };
    }
    match (kind, interner.parameters.get(node.parameters)) {
        (OpKind::ScalarConstant | OpKind::ArrayConstant | OpKind::ArithConstant, _) => Cost::default(),
        // Whoever reads a broadcast or an iota computes where to read; nothing is stored.
        (OpKind::ArrayBroadcast | OpKind::ArrayIota, _) => Cost { flops: 1, bytes: 0 },
        (OpKind::ArrayReshape | OpKind::TensorCast | OpKind::TensorDim | OpKind::AdStopGradient, _) => {
            Cost { flops: 1, bytes: 0 }
        }
        (OpKind::ArrayReduce, _) => Cost { flops: elements(child(0)), bytes: moved() },
        (OpKind::ArrayDot, Parameters::Dot(dims)) => {
            let paired = |dim: &usize| child(0).extents()[*dim].unwrap_or(NOMINAL);
            let depth = dims.contract_a.iter().map(paired).fold(1, u64::saturating_mul);
            Cost { flops: n.saturating_mul(depth).saturating_mul(2), bytes: moved() }
        }
        // The box alone is touched.
        (OpKind::ArraySlice | OpKind::ArrayGather, _) => Cost { flops: 1, bytes: bytes(result).saturating_mul(2) },
        (OpKind::ArrayUpdateSlice, _) => Cost { flops: elements(child(1)), bytes: bytes(child(1)).saturating_mul(3) },
        (OpKind::ArrayScatter, _) => Cost { flops: elements(child(2)), bytes: bytes(child(2)).saturating_mul(3) },
        _ => Cost { flops: 1, bytes: moved() },
    }
}
