//! What is known of every term: its type, its extents, its value where it is
//! one number throughout, and bounds of its elements.

use crate::interner::Interner;
use crate::node::{Node, NodeKind, is_elementwise};
use crate::range::{Range, range};
use dp_dialects::{Number, OpKind, Parameters, ValueType};
use egg::Id;
use std::rc::Rc;

/// An extent of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// Known at compile time.
    Known(u64),
    /// The value of an index term.
    Term(Id),
    /// That of a dimension of a term which nothing else tells.
    Of(Id, usize),
}

/// What is known of a term.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Its type.
    pub r#type: u32,
    /// Its extents.
    pub sizes: Rc<[Size]>,
    /// The number that all its elements are.
    pub splat: Option<Number>,
    /// What its elements can be, where they are floats.
    pub range: Range,
}

impl Facts {
    /// What follows for a node from what is known of its children.
    pub fn of<'a>(node: &Node, own: Id, interner: &Interner, child: &impl Fn(Id) -> &'a Facts) -> Facts {
        let r#type = interner.types.get(node.r#type);
        let parameters = interner.parameters.get(node.parameters);
        let splat = match (node.head, parameters) {
            (_, Parameters::Constant(literal)) => literal.splat_value(),
            (NodeKind::Op(OpKind::ArrayBroadcast), _) => child(node.children[0]).splat,
            // Arithmetic on known numbers is known before it is folded, so that no rule takes it for unknown.
            (NodeKind::Op(kind), Parameters::None) if is_arithmetic(kind) => {
                let known: Option<Vec<Number>> = node.children.iter().map(|id| child(*id).splat).collect();
                known.and_then(|known| dp_semantics::scalar(kind, parameters, &known, r#type.dtype, r#type.dtype).ok())
            }
            _ => None,
        };
        let dtype = |id: Id| interner.types.get(child(id).r#type).dtype;
        let range = range(node, r#type, parameters, dtype, child);
        Facts { r#type: node.r#type, sizes: sizes(node, own, r#type, parameters, child), splat, range }
    }
}

/// Operations that every model computes alike, to the bit.
const fn is_arithmetic(kind: OpKind) -> bool {
    use OpKind::*;
    matches!(kind, ScalarAdd | ScalarSub | ScalarMul | ScalarDiv | ScalarNeg)
}

/// The extents of a node's result. Operands that must agree do agree, so any of
/// them tells; what no operand tells is a property of the result itself.
fn sizes<'a>(
    node: &Node,
    own: Id,
    r#type: &ValueType,
    parameters: &Parameters,
    child: &impl Fn(Id) -> &'a Facts,
) -> Rc<[Size]> {
    let of_child = |index: usize| -> Rc<[Size]> { child(node.children[index]).sizes.clone() };
    if !r#type.is_tensor() {
        return Rc::default();
    }
    if let Some(kind) = node.kind().filter(|kind| is_elementwise(*kind)) {
        return of_child(usize::from(kind == OpKind::ScalarSelect));
    }
    let told: Vec<Size> = match (node.kind(), parameters) {
        _ if r#type.is_static() => Vec::new(),
        (Some(OpKind::ArrayBroadcast | OpKind::ArrayIota | OpKind::ArrayReshape), _)
        | (Some(OpKind::ArraySlice | OpKind::ArrayPad), _) => {
            let first = node.children.len() - r#type.dynamic_dimensions().count();
            let mut given = node.children[first..].iter().map(|id| Size::Term(*id));
            let dynamic =
                |extent: &Option<u64>| extent.map_or_else(|| given.next(), |extent| Some(Size::Known(extent)));
            r#type.extents().iter().filter_map(dynamic).collect()
        }
        (Some(OpKind::TensorCast | OpKind::ArrayUpdateSlice | OpKind::ArrayScatter), _) => of_child(0).to_vec(),
        (_, Parameters::Permutation(permutation)) => {
            let from = of_child(0);
            permutation.iter().map(|dim| from[*dim]).collect()
        }
        (_, Parameters::Reduce { dims, .. }) => {
            let from = of_child(0);
            (0..from.len()).filter(|dim| !dims.contains(dim)).map(|dim| from[dim]).collect()
        }
        (_, Parameters::Dot(dims)) => {
            let (a, b) = (of_child(0), of_child(1));
            let batch = dims.batch_a.iter().map(|dim| a[*dim]);
            let free_a = dims.free_a(a.len()).into_iter().map(|dim| a[dim]);
            batch.chain(free_a).chain(dims.free_b(b.len()).into_iter().map(|dim| b[dim])).collect()
        }
        (Some(OpKind::ArrayGather), _) => of_child(1).iter().chain(&of_child(0)[1..]).copied().collect(),
        (Some(OpKind::ArrayConcatenate), Parameters::Dim(along)) => {
            let from = of_child(0);
            (0..from.len()).map(|dim| if dim == *along { Size::Of(own, dim) } else { from[dim] }).collect()
        }
        _ => Vec::new(),
    };
    let own_size = |(dim, extent): (usize, &Option<u64>)| match extent {
        Some(extent) => Size::Known(*extent),
        None => told.get(dim).copied().unwrap_or(Size::Of(own, dim)),
    };
    r#type.extents().iter().enumerate().map(own_size).collect()
}
