//! Slices, padding and concatenation, which cancel.

use crate::rule::Rule;
use crate::rule::Soundness::Exact;
use dp_dialects::parameters::{Start, clamped_starts};
use dp_dialects::{Number, OpKind, Parameters, ValueType};
use dp_terms::{Graph, Node, Size};
use egg::Id;

const ALL: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const SLICE: &[OpKind] = &[OpKind::ArraySlice];
const PAD: &[OpKind] = &[OpKind::ArrayPad];
const CONCATENATE: &[OpKind] = &[OpKind::ArrayConcatenate];

pub const RULES: &[Rule] = &[
    Rule::function("slice-all", "slice(x) = x, of everything", SLICE, all, ALL).normal(),
    Rule::function("slice-slice", "slice(slice(x)) = slice(x)", SLICE, of_slice, ALL).normal(),
    Rule::function("slice-pad", "slice(pad(x)) = slice(x), or a splat of the padding", SLICE, of_pad, ALL).normal(),
    Rule::function("slice-concatenate", "slice(concatenate(x…)) = slice(xᵢ)", SLICE, of_concatenate, ALL).normal(),
    Rule::function("slice-broadcast", "slice(broadcast(x)) = broadcast(slice(x))", SLICE, of_broadcast, ALL).normal(),
    Rule::function("slice-elementwise", "slice(f(a, b)) = f(slice(a), slice(b))", SLICE, of_elementwise, ALL),
    Rule::function("pad-nothing", "pad(x) = x, without padding", PAD, pad_nothing, ALL).normal(),
    Rule::function("pad-pad", "pad(pad(x)) = pad(x), same padding value", PAD, pad_pad, ALL).normal(),
    Rule::function("pad-splat", "pad(splat) = splat, same value", PAD, pad_splat, ALL).normal(),
    Rule::function("concatenate-one", "concatenate(x) = x", CONCATENATE, one, ALL).normal(),
    Rule::function("concatenate-splats", "concatenate(equal splats) = splat", CONCATENATE, splats, ALL).normal(),
    Rule::function(
        "concatenate-flat",
        "concatenate(concatenate(…), …) = concatenate(…), same dimension",
        CONCATENATE,
        flat,
        ALL,
    )
    .normal(),
    Rule::function("concatenate-slices", "concatenate(adjacent slices of x) = slice(x)", CONCATENATE, slices, ALL)
        .normal(),
];

/// The largest extent, start or stride that rules handle, so that products and sums of products do not overflow.
const MOST: i64 = 1 << 31;

/// A constant start.
fn known(start: &Start) -> Option<i64> {
    match start {
        Start::At(at) => Some(*at),
        Start::Operand => None,
    }
}

/// Constant starts and strides within the limit.
fn known_box(graph: &dyn Graph, node: &Node) -> Option<(Vec<i64>, Vec<usize>)> {
    let Parameters::Slice { starts, strides } = graph.parameters(node) else { return None };
    let starts: Vec<i64> = starts.iter().map(known).collect::<Option<_>>()?;
    let moderate = starts.iter().all(|start| start.unsigned_abs() <= MOST as u64)
        && strides.iter().all(|stride| *stride as i64 <= MOST);
    moderate.then(|| (starts, strides.clone()))
}

/// Static extents within the limit.
fn shape(r#type: &ValueType) -> Option<Vec<i64>> {
    let known = |extent: &Option<u64>| extent.and_then(|extent| i64::try_from(extent).ok()).filter(|n| *n <= MOST);
    r#type.extents().iter().map(known).collect()
}

fn known_sizes(r#type: &ValueType) -> Vec<Size> {
    r#type.extents().iter().filter_map(|extent| extent.map(Size::Known)).collect()
}

fn type_of(graph: &dyn Graph, node: &Node) -> ValueType {
    graph.interner().types.get(node.r#type).clone()
}

fn all(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let x = node.children[0];
    let (starts, strides) = known_box(graph, node)?;
    let whole = starts.iter().all(|start| *start == 0) && strides.iter().all(|stride| *stride == 1);
    let sizes = graph.sizes_of(node)?;
    let same = sizes.iter().zip(graph.sizes(x)).all(|(a, b)| graph.same_size(*a, *b));
    (whole && same && graph.facts(x).r#type == node.r#type).then_some(x)
}

fn of_slice(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (outer, outer_strides) = known_box(graph, node)?;
    let middle = node.children[0];
    let inner = graph.get(middle, OpKind::ArraySlice)?;
    let (starts, strides) = known_box(graph, &inner)?;
    let x = inner.children[0];
    let r#type = type_of(graph, node);
    // Static extents prove that no start is clamped.
    for r#type in [graph.type_of(x), graph.type_of(middle), &r#type] {
        shape(r#type)?;
    }
    let begin: Vec<i64> = (0..starts.len()).map(|dim| starts[dim] + strides[dim] as i64 * outer[dim]).collect();
    let steps = strides.iter().zip(&outer_strides).map(|(a, b)| a * b).collect();
    Some(graph.slice(x, &begin, steps, &r#type, &known_sizes(&r#type)))
}

fn of_pad(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (starts, strides) = known_box(graph, node)?;
    let pad = graph.get(node.children[0], OpKind::ArrayPad)?;
    let Parameters::Pad { low, interior, .. } = graph.parameters(&pad).clone() else { return None };
    let r#type = type_of(graph, node);
    let x = pad.children[0];
    let (extents, counts) = (shape(graph.type_of(x))?, shape(&r#type)?);
    shape(graph.type_of(node.children[0]))?;
    if interior.iter().any(|gap| *gap != 0) || counts.contains(&0) {
        return None;
    }
    let mut begin = Vec::new();
    let mut inside = true;
    for dim in 0..starts.len() {
        let first = starts[dim] - low[dim] as i64;
        let last = first + (counts[dim] - 1) * strides[dim] as i64;
        if last < 0 || first >= extents[dim] {
            return Some(graph.broadcast(pad.children[1], Vec::new(), &r#type, &known_sizes(&r#type)));
        }
        inside &= first >= 0 && last < extents[dim];
        begin.push(first);
    }
    inside.then(|| graph.slice(x, &begin, strides, &r#type, &known_sizes(&r#type)))
}

fn of_concatenate(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (mut starts, strides) = known_box(graph, node)?;
    let whole = graph.get(node.children[0], OpKind::ArrayConcatenate)?;
    let Parameters::Dim(dim) = *graph.parameters(&whole) else { return None };
    let r#type = type_of(graph, node);
    let counts = shape(&r#type)?;
    let last = starts[dim] + (counts[dim] - 1) * strides[dim] as i64;
    let mut before = 0;
    for part in &whole.children {
        let extent = shape(graph.type_of(*part))?[dim];
        if counts[dim] > 0 && starts[dim] >= before && last < before + extent {
            starts[dim] -= before;
            return Some(graph.slice(*part, &starts, strides, &r#type, &known_sizes(&r#type)));
        }
        before += extent;
    }
    None
}

fn of_broadcast(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (x, dims) = graph.broadcast_of(node.children[0])?;
    let r#type = type_of(graph, node);
    let sizes = graph.sizes_of(node)?;
    if dims.is_empty() {
        return Some(graph.broadcast(x, dims, &r#type, &sizes));
    }
    let (starts, strides) = known_box(graph, node)?;
    shape(graph.type_of(x))?;
    let kept = ValueType::tensor(r#type.dtype, dims.iter().map(|dim| r#type.extents()[*dim]).collect());
    shape(&kept)?;
    let strides: Vec<usize> = dims.iter().map(|dim| strides[*dim]).collect();
    // If a start is clamped, the broadcast may have dynamic extents.
    let starts: Vec<Start> = dims.iter().map(|dim| Start::At(starts[*dim])).collect();
    let starts = clamped_starts(&starts, &strides, graph.type_of(x), &kept);
    let starts: Vec<i64> = starts.iter().filter_map(known).collect();
    let x = graph.slice(x, &starts, strides, &kept, &known_sizes(&kept));
    Some(graph.broadcast(x, dims, &r#type, &sizes))
}

/// Useful if little of the whole is used: the e-graph decides.
fn of_elementwise(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let from = graph.nodes(node.children[0]);
    let whole = from.iter().find(|node| node.kind().is_some_and(OpKind::is_elementwise))?.clone();
    let (parameters, slice) = (graph.parameters(&whole).clone(), graph.parameters(node).clone());
    let r#type = type_of(graph, node);
    let mut children = Vec::new();
    for child in &whole.children {
        let mut operands = node.children.to_vec();
        operands[0] = *child;
        let wanted = r#type.with_dtype(graph.dtype(*child));
        children.push(graph.typed(OpKind::ArraySlice, &slice, operands, &wanted));
    }
    Some(graph.typed(whole.kind()?, &parameters, children, &r#type))
}

fn pad_nothing(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let Parameters::Pad { low, high, interior } = graph.parameters(node) else { return None };
    let none = low.iter().chain(high).chain(interior).all(|margin| *margin == 0);
    let x = node.children[0];
    (none && graph.facts(x).r#type == node.r#type).then_some(x)
}

fn pad_pad(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let inner = graph.get(node.children[0], OpKind::ArrayPad)?;
    let Parameters::Pad { low, high, interior } = graph.parameters(node).clone() else { return None };
    let Parameters::Pad { low: l, high: h, interior: i } = graph.parameters(&inner).clone() else { return None };
    let dense = interior.iter().chain(&i).all(|gap| *gap == 0);
    if !dense || !graph.same(node.children[1], inner.children[1]) {
        return None;
    }
    let sum = |a: Vec<usize>, b: Vec<usize>| a.iter().zip(&b).map(|(a, b)| a + b).collect();
    let parameters = Parameters::Pad { low: sum(low, l), high: sum(high, h), interior };
    let mut children = node.children.to_vec();
    children[0] = inner.children[0];
    let r#type = type_of(graph, node);
    Some(graph.typed(OpKind::ArrayPad, &parameters, children, &r#type))
}

fn pad_splat(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (number, dims) = graph.broadcast_of(node.children[0])?;
    let value = node.children[1];
    let equal = graph.same(number, value) || graph.number(number).is_some_and(|n| Some(n) == graph.number(value));
    if !dims.is_empty() || !equal {
        return None;
    }
    let (r#type, sizes) = (type_of(graph, node), graph.sizes_of(node)?);
    Some(graph.broadcast(value, dims, &r#type, &sizes))
}

fn one(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    (node.children.len() == 1 && graph.facts(node.children[0]).r#type == node.r#type).then_some(node.children[0])
}

fn splats(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let value: Number = graph.number(*node.children.first()?)?;
    if node.children.iter().any(|child| graph.number(*child) != Some(value)) {
        return None;
    }
    let (r#type, sizes) = (type_of(graph, node), graph.sizes_of(node)?);
    let (number, _) = graph.broadcast_of(node.children[0])?;
    let number = graph.broadcast_of(number).map_or(number, |(inner, _)| inner);
    (!graph.type_of(number).is_tensor()).then(|| graph.broadcast(number, Vec::new(), &r#type, &sizes))
}

fn flat(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let same = |child: Id| graph.get(child, OpKind::ArrayConcatenate).filter(|c| c.parameters == node.parameters);
    if node.children.iter().all(|child| same(*child).is_none()) {
        return None;
    }
    let parts = |child: &Id| same(*child).map_or_else(|| vec![*child], |inner| inner.children.to_vec());
    let children: Vec<Id> = node.children.iter().flat_map(parts).collect();
    let (parameters, r#type) = (graph.parameters(node).clone(), type_of(graph, node));
    Some(graph.typed(OpKind::ArrayConcatenate, &parameters, children, &r#type))
}

/// Merges two adjacent slices of one tensor; the others stay.
fn slices(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let Parameters::Dim(dim) = *graph.parameters(node) else { return None };
    for index in 1..node.children.len() {
        let pair = [node.children[index - 1], node.children[index]];
        let Some((x, starts, strides, r#type)) = neighbours(graph, pair, dim) else { continue };
        let joined = graph.slice(x, &starts, strides, &r#type, &known_sizes(&r#type));
        let mut children = node.children.to_vec();
        children.splice(index - 1..=index, [joined]);
        return graph.apply(OpKind::ArrayConcatenate, &Parameters::Dim(dim), children);
    }
    None
}

fn neighbours(graph: &dyn Graph, pair: [Id; 2], dim: usize) -> Option<(Id, Vec<i64>, Vec<usize>, ValueType)> {
    let [a, b] = [graph.get(pair[0], OpKind::ArraySlice)?, graph.get(pair[1], OpKind::ArraySlice)?];
    let ((starts, strides), (mut next, steps)) = (known_box(graph, &a)?, known_box(graph, &b)?);
    let mut r#type = type_of(graph, &a);
    let (counts, more) = (shape(&r#type)?, shape(&type_of(graph, &b))?);
    shape(graph.type_of(a.children[0]))?;
    let follows = next[dim] == starts[dim] + counts[dim] * strides[dim] as i64;
    next[dim] = starts[dim];
    if !graph.same(a.children[0], b.children[0]) || !follows || next != starts || steps != strides {
        return None;
    }
    r#type.shape.as_mut()?[dim] = Some((counts[dim] + more[dim]) as u64);
    Some((a.children[0], starts, strides, r#type))
}
