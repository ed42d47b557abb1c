//! Reshapes: composition, and moving outward if all operands have the same one.

use super::outward::moved_inside;
use crate::rule::Rule;
use crate::rule::Soundness::Exact;
use dp_dialects::{OpKind, Parameters};
use dp_terms::{Graph, Node};
use egg::Id;

const ALL: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const RESHAPE: &[OpKind] = &[OpKind::ArrayReshape];

pub const RULES: &[Rule] = &[
    Rule::function("reshape-same", "reshape(x) = x, to the shape of x", RESHAPE, same, ALL).normal(),
    Rule::function("reshape-reshape", "reshape(reshape(x)) = reshape(x)", RESHAPE, twice, ALL).normal(),
    Rule::function(
        "reshape-broadcast",
        "reshape(broadcast(x)) = reshape(x), broadcast along dimensions of extent 1",
        RESHAPE,
        of_units,
        ALL,
    )
    .normal(),
    Rule::function("reshape-splat", "reshape(splat) = splat", RESHAPE, of_splat, ALL).normal(),
    Rule::elementwise("of-reshapes", "f(reshape(a), reshape(b)) = reshape(f(a, b))", of_reshapes, ALL).normal(),
];

fn same(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let x = node.children[0];
    let dynamic = graph.type_of(x).dynamic_dimensions().count();
    // One unknown extent follows from the number of elements.
    let agree = |sizes: Vec<dp_terms::Size>| {
        dynamic <= 1 || sizes.iter().zip(graph.sizes(x)).all(|(a, b)| graph.same_size(*a, *b))
    };
    (graph.facts(x).r#type == node.r#type && agree(graph.sizes_of(node)?)).then_some(x)
}

fn twice(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let inner = graph.get(node.children[0], OpKind::ArrayReshape)?;
    let mut children = node.children.to_vec();
    children[0] = inner.children[0];
    let r#type = graph.interner().types.get(node.r#type).clone();
    Some(graph.typed(OpKind::ArrayReshape, &Parameters::None, children, &r#type))
}

/// What is broadcast along dimensions of extent 1 has the same elements in the same order.
fn of_units(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (x, dims) = graph.broadcast_of(node.children[0])?;
    let of_broadcast = graph.type_of(node.children[0]);
    let is_kept = |(dim, extent): (usize, &Option<u64>)| dims.contains(&dim) || *extent == Some(1);
    if dims.is_empty() || !of_broadcast.extents().iter().enumerate().all(is_kept) {
        return None;
    }
    let sizes = graph.sizes_of(node)?;
    let r#type = graph.interner().types.get(node.r#type).clone();
    Some(graph.reshape(x, &r#type, &sizes))
}

fn of_splat(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (x, dims) = graph.broadcast_of(node.children[0])?;
    if !dims.is_empty() {
        return None;
    }
    let mut children = node.children.to_vec();
    children[0] = x;
    let r#type = graph.interner().types.get(node.r#type).clone();
    Some(graph.typed(OpKind::ArrayBroadcast, &Parameters::Broadcast(dims), children, &r#type))
}

fn of_reshapes(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let r#type = graph.interner().types.get(node.r#type).clone();
    let like = node.children.iter().find_map(|child| graph.get(*child, OpKind::ArrayReshape))?.children[0];
    let inside = |graph: &dyn Graph, child| {
        let Some(reshape) = graph.get(child, OpKind::ArrayReshape) else { return Some(None) };
        let x = reshape.children[0];
        graph.same_sizes(x, like).then_some(Some(x))
    };
    let outer = graph.sizes(*node.children.last()?).to_vec();
    let inner = moved_inside(graph, node, like, &inside)?;
    Some(graph.reshape(inner, &r#type, &outer))
}
