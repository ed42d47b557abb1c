//! Facts about terms: type, extents, the value of a splat constant, and bounds of the elements. Each follows from the
//! facts of the operands.

pub mod range;

use crate::interner::Interner;
use crate::node::{Node, NodeKind};
use dp_dialects::ops::{Extents, Source};
use dp_dialects::{Number, OpKind, Parameters, ValueType};
use egg::Id;
use range::{Range, range};
use std::rc::Rc;

/// An extent of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// Known at compile time.
    Known(u64),
    /// The value of an index term.
    Term(Id),
    /// The extent of a dimension of a term, which no other term determines.
    Of(Id, usize),
}

/// The facts of a term.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The type, as an index into [`Interner::types`](crate::Interner).
    pub r#type: u32,
    /// The extents.
    pub sizes: Rc<[Size]>,
    /// The value of all elements, if it is a known constant.
    pub splat: Option<Number>,
    /// Bounds of the elements; [`Range::ANY`] unless they are floats.
    pub range: Range,
}

impl Facts {
    /// The facts of a node, from those of its children. `own` is the id of the node's term.
    pub fn of<'a>(node: &Node, own: Id, interner: &Interner, child: &impl Fn(Id) -> &'a Facts) -> Facts {
        let r#type = interner.types.get(node.r#type);
        let parameters = interner.parameters.get(node.parameters);
        let splat = match (node.head, parameters) {
            (_, Parameters::Constant(literal)) => literal.splat_value(),
            (NodeKind::Op(OpKind::ArrayBroadcast), _) => child(node.children[0]).splat,
            // Arithmetic on constants counts as constant before it is folded, so that rules for non-constant terms do
            // not match it.
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

/// Operations that have the same bits in every floating-point model.
const fn is_arithmetic(kind: OpKind) -> bool {
    use OpKind::*;
    matches!(kind, ScalarAdd | ScalarSub | ScalarMul | ScalarDiv | ScalarNeg)
}

/// The extents of a node's result. Where operands must agree, the first one determines them. An extent that no operand
/// determines belongs to the result itself.
fn sizes<'a>(
    node: &Node,
    own: Id,
    r#type: &ValueType,
    parameters: &Parameters,
    child: &impl Fn(Id) -> &'a Facts,
) -> Rc<[Size]> {
    if !r#type.is_tensor() {
        return Rc::default();
    }
    let of_child = |index: usize| &child(node.children[index]).sizes;
    let known = |dim: usize, extent: &Option<u64>| extent.map(Size::Known).unwrap_or(Size::Of(own, dim));
    let NodeKind::Op(kind) = node.head else {
        return r#type.extents().iter().enumerate().map(|(dim, extent)| known(dim, extent)).collect();
    };
    if let (Extents::Agreed, false) = (kind.entry().extents, node.children.is_empty()) {
        return of_child(0).clone();
    }
    let rank = |operand: usize| of_child(operand).len();
    let size = |(dim, extent): (usize, &Option<u64>)| {
        if extent.is_some() {
            return known(dim, extent);
        }
        match kind.extent_source(|| parameters.clone(), node.children.len(), &rank, r#type, dim) {
            Source::Operand(operand, dim) => of_child(operand)[dim],
            Source::Both(dim, _) => of_child(0)[dim],
            Source::Agreed => of_child(0)[dim],
            Source::Index(operand) => Size::Term(node.children[operand]),
            Source::Sum | Source::Yielded | Source::Carried | Source::Own => Size::Of(own, dim),
        }
    };
    r#type.extents().iter().enumerate().map(size).collect()
}
