//! [`Origin`]: the operation that a term comes from, which gives its location.

use crate::graph::Graph;
use crate::node::Node;
use dp_dialects::OpKind;
use egg::Id;

/// Where what is made comes from: numbers of operations, in the order of the program.
///
/// What a rule makes stands for the operation at its root. A check at run time is another matter: `-(b - a)` becomes
/// `a - b`, whose operands must agree in their extents because those of the difference had to, not of the negation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin {
    /// The operation that is replaced.
    pub op: u32,
    /// The operation whose check may fail.
    pub check: u32,
}

impl Origin {
    /// An operation of the program.
    pub fn of(op: u32) -> Origin {
        Origin { op, check: op }
    }

    /// Of what replaces a node: checks are those of its operands where it has none.
    pub fn below(node: &Node, op: u32, has_check: bool, origin_of: impl Fn(Id) -> u32) -> Origin {
        if has_check {
            return Origin::of(op);
        }
        let first = node.children.iter().map(|child| origin_of(*child)).min();
        Origin { op, check: first.map_or(op, |first| first.min(op)) }
    }

    /// Of one of the nodes that are made.
    pub fn take(self, has_check: bool) -> u32 {
        if has_check { self.check } else { self.op }
    }
}

/// Whether a node has a check at run time: it may fail where its operands are there. Types that know all extents say
/// that there is nothing to check, of positions apart.
pub fn has_check(graph: &dyn Graph, node: &Node) -> bool {
    use OpKind::*;
    let Some(kind) = node.kind() else { return false };
    let is_known = |id: &Id| graph.type_of(*id).is_static();
    if kind != TensorExtract
        && graph.interner().types.get(node.r#type).is_static()
        && node.children.iter().all(is_known)
    {
        return false;
    }
    if kind.is_elementwise() {
        let mut tensors = node.children.iter().filter(|id| graph.type_of(**id).is_tensor());
        return tensors.next().is_some_and(|first| tensors.any(|other| !graph.same_sizes(*first, *other)));
    }
    !matches!(kind, ArrayTranspose | ArrayReduce | TensorDim)
}
