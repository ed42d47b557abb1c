//! Shared code of rules that move an operation common to all operands out of an elementwise operation.

use dp_dialects::ValueType;
use dp_terms::{Graph, Node};
use egg::Id;

/// The inner term of an operand: `None` inside if the operand is not such an operation; `None` if it differs from the
/// others.
pub(super) type Inside<'a> = &'a dyn Fn(&dyn Graph, Id) -> Option<Option<Id>>;

/// The elementwise operation on the inner terms. All have the extents of `like`; splats are broadcast to these.
pub(super) fn moved_inside(graph: &mut dyn Graph, node: &Node, like: Id, inside: Inside) -> Option<Id> {
    let shape = graph.type_of(like).clone();
    let sizes = graph.sizes(like).to_vec();
    let mut children = Vec::new();
    for child in &node.children {
        children.push(match inside(graph, *child)? {
            Some(x) if graph.type_of(x).shape == shape.shape => x,
            Some(_) => return None,
            None => {
                let (number, dims) = graph.broadcast_of(*child)?;
                if !dims.is_empty() {
                    return None;
                }
                let wanted = shape.with_dtype(graph.dtype(number));
                graph.broadcast(number, dims, &wanted, &sizes)
            }
        });
    }
    let parameters = graph.parameters(node).clone();
    let dtype = graph.interner().types.get(node.r#type).dtype;
    let inner = ValueType { dtype, shape: shape.shape };
    Some(graph.typed(node.kind()?, &parameters, children, &inner))
}
