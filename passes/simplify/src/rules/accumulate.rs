//! Sums of tensors that are zero except for a slice, which reverse mode emits for reads. They become concatenations, or
//! additions in place.

use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Real, Rounded};
use dp_dialects::parameters::Start;
use dp_dialects::{OpKind, Parameters, ValueType};
use dp_terms::{Graph, Node};
use egg::Id;

const ADD: &[OpKind] = &[OpKind::ScalarAdd];
const UPDATE: &[OpKind] = &[OpKind::ArrayUpdateSlice];
const ALL: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const ROUNDED: &[(&str, crate::rule::Soundness)] = &[("fc", Rounded), ("ib", Exact)];
/// Types with addition: not booleans.
const SUMS: &[(&str, crate::rule::Soundness)] = &[("fc", Rounded), ("i", Exact)];
const REAL: &[(&str, crate::rule::Soundness)] = &[("fc", Real), ("i", Exact)];

pub const RULES: &[Rule] = &[
    Rule::function("pad-plus-pad", "pad(x, 0) + pad(y, 0) = pad(concatenate(x, y), 0), adjacent", ADD, pads, SUMS)
        .normal(),
    Rule::function(
        "update-beside",
        "update(pad(x, 0), y) = pad(concatenate(x, y), 0), adjacent",
        UPDATE,
        beside,
        ROUNDED,
    )
    .normal(),
    Rule::function("plus-pad", "y + pad(x, 0) = update(y, += x)", ADD, plus_pad, SUMS),
    Rule::function("plus-update", "y + update(0, += x) = update(y, += x)", ADD, plus_update, SUMS),
    Rule::function("plus-scatter", "y + scatter(0, i, u) = scatter(y, i, u)", ADD, plus_scatter, SUMS),
    Rule::function("update-all", "update(y, x) = x or y + x, of everything", UPDATE, all, ALL).normal(),
    Rule::function("update-splat", "update(splat v, x) = pad(x, v)", UPDATE, replaces_splat, ALL).normal(),
    Rule::function("update-zero", "update(0, += x) = pad(x, 0)", UPDATE, adds_to_zero, SUMS).normal(),
    Rule::function("update-by-zero", "update(y, += 0) = y", UPDATE, adds_zero, SUMS).normal(),
    Rule::function(
        "update-twice",
        "update(update(z, += x), += y) = update(z, += x + y), same slice",
        UPDATE,
        adds_twice,
        REAL,
    ),
    Rule::function("update-over", "update(update(z, x), y) = update(z, y), same slice", UPDATE, replaced_twice, ALL)
        .normal(),
    Rule::function("scatter-zero", "scatter(y, i, 0) = y", &[OpKind::ArrayScatter], scatter_zero, SUMS).normal(),
];

/// Zero padding around a term: the term, and the padding before and after.
type Margins = (Id, Vec<usize>, Vec<usize>);

fn zero_pad(graph: &dyn Graph, id: Id) -> Option<Margins> {
    let pad = graph.get(id, OpKind::ArrayPad)?;
    let Parameters::Pad { low, high, interior } = graph.parameters(&pad) else { return None };
    let dense = interior.iter().all(|gap| *gap == 0) && graph.is(pad.children[1], 0.0);
    dense.then(|| (pad.children[0], low.clone(), high.clone()))
}

fn zero(graph: &mut dyn Graph, r#type: &ValueType) -> Id {
    let zero = dp_dialects::Number::of_f64(0.0, r#type.dtype);
    graph.literal(dp_dialects::Literal::number(r#type.dtype, zero))
}

fn pads(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let x = zero_pad(graph, node.children[0])?;
    let y = zero_pad(graph, node.children[1])?;
    join(graph, node, x, y)
}

/// An accumulating update next to a padded term.
fn beside(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (starts, _) = update(graph, node)?;
    let x = zero_pad(graph, node.children[0])?;
    let (low, high) = margins(graph, node, &starts)?;
    join(graph, node, x, (node.children[1], low, high))
}

/// Two adjacent padded terms that agree in all other dimensions: their concatenation, padded. `node` has the extents of
/// the whole, as has its first operand.
fn join(graph: &mut dyn Graph, node: &Node, x: Margins, y: Margins) -> Option<Id> {
    let r#type = graph.interner().types.get(node.r#type).clone();
    let extents = |id| graph.type_of(id).extents().iter().copied().collect::<Option<Vec<u64>>>();
    let along = (0..x.1.len()).find(|dim| x.1[*dim] != y.1[*dim])?;
    let [first, second] = if x.1[along] < y.1[along] { [x, y] } else { [y, x] };
    let before = extents(first.0)?;
    let alike =
        (0..before.len()).all(|dim| dim == along || (first.1[dim], first.2[dim]) == (second.1[dim], second.2[dim]));
    if !alike || second.1[along] as u64 != first.1[along] as u64 + before[along] {
        return None;
    }
    let joined = graph.apply(OpKind::ArrayConcatenate, &Parameters::Dim(along), vec![first.0, second.0])?;
    let (low, mut high) = (first.1, first.2);
    high[along] = second.2[along];
    let margins = Parameters::Pad { interior: vec![0; low.len()], low, high };
    let zero = zero(graph, &r#type);
    let mut children = vec![joined, zero];
    let sizes = graph.sizes(node.children[0]).to_vec();
    children.extend(graph.extents(&r#type, &sizes));
    Some(graph.typed(OpKind::ArrayPad, &margins, children, &r#type))
}

fn plus_pad(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    for [y, pad] in [[0, 1], [1, 0]].map(|order| order.map(|at| node.children[at])) {
        let Some((x, low, _)) = zero_pad(graph, pad) else { continue };
        let starts = low.iter().map(|start| Start::At(*start as i64)).collect();
        let parameters = Parameters::Update { starts, accumulate: true };
        return graph.apply(OpKind::ArrayUpdateSlice, &parameters, vec![y, x]);
    }
    None
}

fn plus_update(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    for [y, update] in [[0, 1], [1, 0]].map(|order| order.map(|at| node.children[at])) {
        let Some(update) = graph.get(update, OpKind::ArrayUpdateSlice) else { continue };
        if !graph.is(update.children[0], 0.0) {
            continue;
        }
        let Parameters::Update { starts, .. } = graph.parameters(&update).clone() else { return None };
        let mut children = update.children.to_vec();
        children[0] = y;
        let parameters = Parameters::Update { starts, accumulate: true };
        return graph.apply(OpKind::ArrayUpdateSlice, &parameters, children);
    }
    None
}

fn plus_scatter(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    for [y, scatter] in [[0, 1], [1, 0]].map(|order| order.map(|at| node.children[at])) {
        let Some(scatter) = graph.get(scatter, OpKind::ArrayScatter) else { continue };
        if !graph.is(scatter.children[0], 0.0) {
            continue;
        }
        let mut children = scatter.children.to_vec();
        children[0] = y;
        return graph.apply(OpKind::ArrayScatter, &Parameters::None, children);
    }
    None
}

/// The position of an update, and whether it accumulates.
fn update(graph: &dyn Graph, node: &Node) -> Option<(Vec<Start>, bool)> {
    match graph.parameters(node) {
        Parameters::Update { starts, accumulate } => Some((starts.clone(), *accumulate)),
        _ => None,
    }
}

fn all(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (_, accumulate) = update(graph, node)?;
    let (x, u) = (node.children[0], node.children[1]);
    // A slice with the extents of the tensor is clamped to the tensor.
    if graph.facts(x).r#type != graph.facts(u).r#type || !graph.same_sizes(x, u) {
        return None;
    }
    if accumulate { graph.scalar(OpKind::ScalarAdd, vec![x, u]) } else { Some(u) }
}

/// The padding around an update, if all extents are known.
fn margins(graph: &dyn Graph, node: &Node, starts: &[Start]) -> Option<(Vec<usize>, Vec<usize>)> {
    let (x, u) = (node.children[0], node.children[1]);
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for (dim, start) in starts.iter().enumerate() {
        let (n, count) = (graph.type_of(x).extents()[dim]?, graph.type_of(u).extents()[dim]?);
        let Start::At(start) = start else { return None };
        let start = (*start as u64).min(n.checked_sub(count)?);
        low.push(start as usize);
        high.push((n - count - start) as usize);
    }
    Some((low, high))
}

/// The padding that is equal to an update of a splat.
fn padded(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (starts, _) = update(graph, node)?;
    let (number, dims) = graph.broadcast_of(node.children[0])?;
    if !dims.is_empty() || graph.type_of(number).is_tensor() {
        return None;
    }
    let (low, high) = margins(graph, node, &starts)?;
    let parameters = Parameters::Pad { interior: vec![0; low.len()], low, high };
    let r#type = graph.interner().types.get(node.r#type).clone();
    Some(graph.typed(OpKind::ArrayPad, &parameters, vec![node.children[1], number], &r#type))
}

fn replaces_splat(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (_, accumulate) = update(graph, node)?;
    if accumulate { None } else { padded(graph, node) }
}

fn adds_to_zero(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (_, accumulate) = update(graph, node)?;
    if accumulate && graph.is(node.children[0], 0.0) { padded(graph, node) } else { None }
}

fn adds_zero(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (_, accumulate) = update(graph, node)?;
    (accumulate && graph.is(node.children[1], 0.0)).then_some(node.children[0])
}

/// An update of the same slice of an update.
fn again(graph: &dyn Graph, node: &Node) -> Option<Node> {
    let inner = graph.get(node.children[0], OpKind::ArrayUpdateSlice)?;
    let same_box = inner.parameters == node.parameters
        && graph.facts(inner.children[1]).r#type == graph.facts(node.children[1]).r#type
        && graph.same_sizes(inner.children[1], node.children[1])
        && inner.children[2..].iter().zip(&node.children[2..]).all(|(a, b)| graph.same(*a, *b));
    same_box.then_some(inner)
}

fn adds_twice(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (starts, accumulate) = update(graph, node)?;
    let inner = again(graph, node).filter(|_| accumulate)?;
    let sum = graph.scalar(OpKind::ScalarAdd, vec![inner.children[1], node.children[1]])?;
    let mut children = inner.children.to_vec();
    children[1] = sum;
    graph.apply(OpKind::ArrayUpdateSlice, &Parameters::Update { starts, accumulate }, children)
}

fn replaced_twice(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (starts, accumulate) = update(graph, node)?;
    let inner = again(graph, node).filter(|_| !accumulate)?;
    let mut children = node.children.to_vec();
    children[0] = inner.children[0];
    graph.apply(OpKind::ArrayUpdateSlice, &Parameters::Update { starts, accumulate }, children)
}

fn scatter_zero(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    graph.is(node.children[2], 0.0).then_some(node.children[0])
}
