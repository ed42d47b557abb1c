//! Transposes: composition, and moving outward if all operands have the same one.

use super::outward::moved_inside;
use crate::rule::Rule;
use crate::rule::Soundness::Exact;
use dp_dialects::{OpKind, Parameters};
use dp_terms::{Graph, Node};
use egg::Id;

const ALL: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const NUMBERS: &[(&str, crate::rule::Soundness)] = &[("fci", Exact)];
const TRANSPOSE: &[OpKind] = &[OpKind::ArrayTranspose];

pub const RULES: &[Rule] = &[
    Rule::function("transpose-none", "transpose(x) = x, by the identity permutation", TRANSPOSE, none, ALL).normal(),
    Rule::function("transpose-transpose", "(xᵖ)ᑫ = xʳ, r the composition", TRANSPOSE, twice, ALL).normal(),
    Rule::function("transpose-broadcast", "broadcast(x)ᵖ = broadcast(xᑫ)", TRANSPOSE, of_broadcast, ALL).normal(),
    Rule::function("transpose-iota", "transpose(iota) = iota along another dimension", TRANSPOSE, of_iota, NUMBERS)
        .normal(),
    Rule::elementwise("of-transposes", "f(aᵖ, bᵖ) = f(a, b)ᵖ; a splat matches any transpose", of_transposes, ALL)
        .normal(),
];

/// The permutation of a transpose node.
pub fn permutation(graph: &dyn Graph, node: &Node) -> Option<Vec<usize>> {
    match graph.parameters(node) {
        Parameters::Permutation(permutation) => Some(permutation.clone()),
        _ => None,
    }
}

fn none(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let permutation = permutation(graph, node)?;
    permutation.is_sorted().then_some(node.children[0])
}

fn twice(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let outer = permutation(graph, node)?;
    let (x, inner) = graph.transpose_of(node.children[0])?;
    graph.transpose(x, outer.iter().map(|dim| inner[*dim]).collect())
}

fn of_broadcast(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let permutation = permutation(graph, node)?;
    let (x, dims) = graph.broadcast_of(node.children[0])?;
    // Dimension i of x moves to where the permutation moves dims[i].
    let mut placed: Vec<(usize, usize)> = dims
        .iter()
        .enumerate()
        .map(|(from, dim)| Some((permutation.iter().position(|source| source == dim)?, from)))
        .collect::<Option<_>>()?;
    placed.sort_unstable();
    let sizes = graph.sizes_of(node)?;
    let r#type = graph.interner().types.get(node.r#type).clone();
    let x = if placed.is_empty() { x } else { graph.transpose(x, placed.iter().map(|(_, from)| *from).collect())? };
    Some(graph.broadcast(x, placed.into_iter().map(|(to, _)| to).collect(), &r#type, &sizes))
}

fn of_iota(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let permutation = permutation(graph, node)?;
    let iota = graph.get(node.children[0], OpKind::ArrayIota)?;
    let Parameters::Dim(dim) = *graph.parameters(&iota) else { return None };
    let to = permutation.iter().position(|from| *from == dim)?;
    let sizes = graph.sizes_of(node)?;
    let r#type = graph.interner().types.get(node.r#type).clone();
    let extents = graph.extents(&r#type, &sizes);
    Some(graph.typed(OpKind::ArrayIota, &Parameters::Dim(to), extents, &r#type))
}

fn of_transposes(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (like, permutation) = node.children.iter().find_map(|child| graph.transpose_of(*child))?;
    let inside = |graph: &dyn Graph, child| match graph.transpose_of(child) {
        Some((x, other)) => (other == permutation).then_some(Some(x)),
        None => Some(None),
    };
    let inner = moved_inside(graph, node, like, &inside)?;
    graph.transpose(inner, permutation)
}
