//! [`Origin`]: the operation that a term comes from, from which it takes its location.

use crate::graph::Graph;
use crate::node::Node;
use dp_dialects::OpKind;
use egg::Id;

/// The origin of new terms: indices of operations, in program order.
///
/// Terms that a rule creates have the operation at the rule's root as their origin. A term with a run-time check has
/// the operation that required the check instead: `-(b - a)` becomes `a - b`, whose operands must have equal extents
/// because the subtraction required it, not the negation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin {
    /// The operation that is replaced.
    pub op: u32,
    /// The operation whose run-time check may fail.
    pub check: u32,
}

impl Origin {
    /// The origin of terms that an operation of the program creates directly.
    pub fn of(op: u32) -> Origin {
        Origin { op, check: op }
    }

    /// The origin of the terms that replace a node. If the node has no run-time check, checks come from its operands.
    pub fn below(node: &Node, op: u32, has_check: bool, origin_of: impl Fn(Id) -> u32) -> Origin {
        if has_check {
            return Origin::of(op);
        }
        let first = node.children.iter().map(|child| origin_of(*child)).min();
        Origin { op, check: first.map_or(op, |first| first.min(op)) }
    }

    /// The origin of one new node.
    pub fn take(self, has_check: bool) -> u32 {
        if has_check { self.check } else { self.op }
    }
}

/// Whether a node has a run-time check, which may fail on operands that were computed without an error. If all types
/// are static, only checks of positions remain.
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
    !matches!(kind, ArrayTranspose | ArrayReduce | ArrayScan | TensorDim)
}
