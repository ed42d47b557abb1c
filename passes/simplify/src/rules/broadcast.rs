//! Broadcasts: compute before broadcasting, not after.

use crate::rule::Rule;
use crate::rule::Soundness::Exact;
use dp_dialects::{OpKind, Parameters, ValueType};
use dp_terms::{Graph, Node};
use egg::Id;

const ALL: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const BROADCAST: &[OpKind] = &[OpKind::ArrayBroadcast];

pub const RULES: &[Rule] = &[
    Rule::function("broadcast-same", "broadcast(x) = x, to the shape of x", BROADCAST, same, ALL).normal(),
    Rule::function("broadcast-broadcast", "broadcast(broadcast(x)) = broadcast(x)", BROADCAST, twice, ALL).normal(),
    Rule::elementwise(
        "of-broadcasts",
        "f(broadcast(a), broadcast(b)) = broadcast(f(a, b)), b broadcast to the shape of a",
        of_broadcasts,
        ALL,
    )
    .normal(),
];

/// The dimensions of a broadcast node.
fn dims_of(graph: &dyn Graph, node: &Node) -> Option<Vec<usize>> {
    match graph.parameters(node) {
        Parameters::Broadcast(dims) => Some(dims.clone()),
        _ => None,
    }
}

fn same(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let x = node.children[0];
    (graph.facts(x).r#type == node.r#type).then_some(x)
}

fn twice(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let outer = dims_of(graph, node)?;
    let (x, inner) = graph.broadcast_of(node.children[0])?;
    let dims = inner.iter().map(|dim| outer[*dim]).collect();
    let mut children = node.children.to_vec();
    children[0] = x;
    let r#type = graph.interner().types.get(node.r#type).clone();
    Some(graph.typed(OpKind::ArrayBroadcast, &Parameters::Broadcast(dims), children, &r#type))
}

fn of_broadcasts(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let r#type = graph.interner().types.get(node.r#type).clone();
    if !r#type.is_tensor() {
        return None;
    }
    let operands: Vec<(Id, Vec<usize>)> =
        node.children.iter().map(|child| graph.broadcast_of(*child)).collect::<Option<_>>()?;
    // The operand with the most dimensions determines the shape to compute in.
    let rank = |(x, dims): &&(Id, Vec<usize>)| (dims.len(), graph.type_of(*x).is_tensor());
    let (largest, to) = operands.iter().max_by_key(rank)?.clone();
    if to.len() == r#type.rank() && r#type.rank() > 0 {
        return None;
    }
    let shape = graph.type_of(largest).clone();
    let sizes = graph.sizes(largest).to_vec();
    let mut children = Vec::new();
    for (x, dims) in operands {
        let at: Vec<usize> = dims.iter().map(|dim| to.iter().position(|to| to == dim)).collect::<Option<_>>()?;
        let wanted = shape.with_dtype(graph.dtype(x));
        let there = graph.type_of(x) == &wanted;
        if !there && dims.len() == to.len() && graph.type_of(x).is_tensor() {
            return None;
        }
        children.push(if there { x } else { graph.broadcast(x, at, &wanted, &sizes) });
    }
    let parameters = graph.parameters(node).clone();
    let inner = ValueType { dtype: r#type.dtype, shape: shape.shape };
    let first = *node.children.last()?;
    let outer = graph.sizes(first).to_vec();
    let inner = graph.typed(node.kind()?, &parameters, children, &inner);
    Some(graph.broadcast(inner, to, &r#type, &outer))
}
