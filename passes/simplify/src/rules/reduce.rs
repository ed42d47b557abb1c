//! Reductions. The dialect leaves the order of a reduction open, so rules that
//! change nothing but the order hold in every model, though bits may differ.

use crate::rule::Truth::{Exact, Finite, Real};
use crate::rule::{Fp, Rule};
use dp_dialects::attributes::Reduction;
use dp_dialects::types::count;
use dp_dialects::{DType, Number, OpKind, Parameters, ValueType};
use dp_terms::{Graph, Node, Size};
use egg::Id;

const REDUCE: &[OpKind] = &[OpKind::ArrayReduce];
const ALL: &[(&str, crate::rule::Truth)] = &[("fcib", Exact)];
const ORDER: &[(&str, crate::rule::Truth)] = &[("fc", Real), ("ib", Exact)];
const FINITE: &[(&str, crate::rule::Truth)] = &[("fc", Finite), ("ib", Exact)];
const REAL: &[(&str, crate::rule::Truth)] = &[("fc", Real), ("i", Exact)];

pub const RULES: &[Rule] = &[
    Rule::function("reduce-nothing", "reduce(x) = x, along no dimension", REDUCE, nothing, FINITE).normal(),
    Rule::function("reduce-unit", "reduce(x) = reshape(x), along extents 1", REDUCE, unit, FINITE).normal(),
    Rule::function("reduce-reduce", "reduce(reduce(x)) = reduce(x), of one kind", REDUCE, twice, ORDER)
        .from(Fp::Strict)
        .normal(),
    Rule::function("reduce-transpose", "reduce(xᵖ) = reduce(x)ᑫ", REDUCE, of_transpose, ORDER)
        .from(Fp::Strict)
        .normal(),
    Rule::function("sum-broadcast", "Σ broadcast(x) = broadcast(n Σ x), n repetitions", REDUCE, sum_broadcast, REAL)
        .from(Fp::Default)
        .normal(),
    Rule::function(
        "extreme-broadcast",
        "max broadcast(x) = broadcast(max x), where there are elements; so min, and, or",
        REDUCE,
        extreme_broadcast,
        ALL,
    )
    .normal(),
    Rule::function("sum-neg", "Σ -x = -Σ x", REDUCE, sum_neg, FINITE).normal(),
    Rule::function("extreme-neg", "max -x = -min x", REDUCE, extreme_neg, &[("f", Exact)]).normal(),
    Rule::function("sum-pad", "Σ pad(x, 0) = Σ x, along the padded dimensions", REDUCE, sum_pad, ORDER)
        .from(Fp::Default)
        .normal(),
    Rule::function("sum-scaled", "Σ x s = s Σ x, s constant along the sum", REDUCE, sum_scaled, REAL),
    Rule::function(
        "sum-over",
        "Σ x / s = (Σ x) / s, s constant along a sum of something",
        REDUCE,
        sum_over,
        &[("fc", Real)],
    ),
    Rule::function("sum-dot", "Σᵢ dot(a, b)ᵢⱼ = dot(Σᵢ aᵢ, b)ⱼ", REDUCE, sum_dot, REAL),
];

/// How a node reduces, and along which dimensions, in order.
fn reduction(graph: &dyn Graph, node: &Node) -> Option<(Reduction, Vec<usize>)> {
    let Parameters::Reduce { kind, dims } = graph.parameters(node) else { return None };
    let mut dims = dims.clone();
    dims.sort_unstable();
    (*kind != Reduction::Region).then_some((*kind, dims))
}

/// A reduction of a term; none where there are no dimensions.
pub fn reduce(graph: &mut dyn Graph, kind: Reduction, x: Id, dims: Vec<usize>) -> Option<Id> {
    if dims.is_empty() {
        return Some(x);
    }
    graph.apply(OpKind::ArrayReduce, &Parameters::Reduce { kind, dims }, vec![x])
}

/// The dimensions of a tensor of some rank that are not reduced, in order.
fn kept(rank: usize, dims: &[usize]) -> Vec<usize> {
    (0..rank).filter(|dim| !dims.contains(dim)).collect()
}

fn nothing(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (_, dims) = reduction(graph, node)?;
    dims.is_empty().then_some(node.children[0])
}

fn unit(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (_, dims) = reduction(graph, node)?;
    let x = node.children[0];
    if dims.iter().any(|dim| graph.sizes(x)[*dim] != Size::Known(1)) {
        return None;
    }
    let sizes = graph.sizes_of(node)?;
    let r#type = graph.store().types.get(node.r#type).clone();
    Some(graph.reshape(x, &r#type, &sizes))
}

fn twice(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (kind, outer) = reduction(graph, node)?;
    let inner = graph.get(node.children[0], OpKind::ArrayReduce)?;
    let (other, mut dims) = reduction(graph, &inner)?;
    let x = inner.children[0];
    let left = kept(graph.type_of(x).rank(), &dims);
    dims.extend(outer.iter().map(|dim| left[*dim]));
    dims.sort_unstable();
    if other == kind { reduce(graph, kind, x, dims) } else { None }
}

fn of_transpose(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (kind, dims) = reduction(graph, node)?;
    let (x, permutation) = graph.transpose_of(node.children[0])?;
    let left: Vec<usize> = kept(permutation.len(), &dims).into_iter().map(|dim| permutation[dim]).collect();
    let mut sorted = left.clone();
    sorted.sort_unstable();
    let mut dims: Vec<usize> = dims.into_iter().map(|dim| permutation[dim]).collect();
    dims.sort_unstable();
    let reduced = reduce(graph, kind, x, dims)?;
    let order: Option<Vec<usize>> = left.iter().map(|dim| sorted.iter().position(|at| at == dim)).collect();
    graph.transpose(reduced, order?)
}

/// What a reduction of a broadcast is made of: the reduction along the
/// operand's own dimensions, where those that remain go, and the extents along
/// which it only repeats.
fn split(graph: &mut dyn Graph, node: &Node) -> Option<(Reduction, Id, Vec<usize>, Vec<Size>)> {
    let (kind, dims) = reduction(graph, node)?;
    let whole = node.children[0];
    let (x, placed) = graph.broadcast_of(whole)?;
    let own: Vec<usize> = (0..placed.len()).filter(|from| dims.contains(&placed[*from])).collect();
    let left = kept(graph.type_of(whole).rank(), &dims);
    let to: Option<Vec<usize>> =
        placed.iter().filter(|dim| !dims.contains(dim)).map(|dim| left.iter().position(|kept| kept == dim)).collect();
    let repeated = dims.iter().filter(|dim| !placed.contains(dim)).map(|dim| graph.sizes(whole)[*dim]).collect();
    let reduced = reduce(graph, kind, x, own)?;
    Some((kind, reduced, to?, repeated))
}

fn sum_broadcast(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (Reduction::Add, reduced, to, repeated) = split(graph, node)? else { return None };
    let (r#type, sizes) = (graph.store().types.get(node.r#type).clone(), graph.sizes_of(node)?);
    let element = ValueType::number(r#type.dtype);
    let count = number_of(graph, &repeated, &element)?;
    let like = graph.type_of(reduced).clone();
    let inner = graph.sizes(reduced).to_vec();
    let count = graph.broadcast(count, Vec::new(), &like, &inner);
    let scaled = graph.scalar(OpKind::ScalarMul, vec![reduced, count])?;
    Some(graph.broadcast(scaled, to, &r#type, &sizes))
}

/// The product of extents, as a number of a type; `None` where indices do not hold it.
fn number_of(graph: &mut dyn Graph, sizes: &[Size], element: &ValueType) -> Option<Id> {
    let known: Vec<u64> = sizes.iter().map(|size| if let Size::Known(extent) = size { *extent } else { 1 }).collect();
    let mut unknown = sizes.iter().filter(|size| !matches!(size, Size::Known(_)));
    let Some(first) = unknown.next() else {
        let value = match count(&known) {
            Some(count) => count as f64,
            None => known.iter().map(|extent| *extent as f64).product(),
        };
        return Some(graph.literal(dp_dialects::Literal::number(element.dtype, Number::of_f64(value, element.dtype))));
    };
    let known = count(&known).filter(|known| *known <= i64::MAX as u64)?;
    let index = ValueType::number(DType::Index);
    let mut product = graph.extent(*first);
    for size in unknown {
        let extent = graph.extent(*size);
        product = graph.typed(OpKind::ArithMulI, &Parameters::None, vec![product, extent], &index);
    }
    if known != 1 {
        let known = graph.index(known as i64);
        product = graph.typed(OpKind::ArithMulI, &Parameters::None, vec![product, known], &index);
    }
    let wide = ValueType::number(DType::I64);
    let integer = graph.typed(OpKind::ArithIndexCast, &Parameters::None, vec![product], &wide);
    Some(graph.typed(OpKind::ScalarConvert, &Parameters::Convert { unsigned: false }, vec![integer], element))
}

fn extreme_broadcast(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (kind, reduced, to, repeated) = split(graph, node)?;
    let idempotent = matches!(kind, Reduction::Max | Reduction::Min | Reduction::And | Reduction::Or);
    if !idempotent || repeated.iter().any(|size| !matches!(size, Size::Known(1..))) {
        return None;
    }
    let (r#type, sizes) = (graph.store().types.get(node.r#type).clone(), graph.sizes_of(node)?);
    Some(graph.broadcast(reduced, to, &r#type, &sizes))
}

fn negated(graph: &mut dyn Graph, node: &Node, from: &[Reduction], to: &[Reduction]) -> Option<Id> {
    let (kind, dims) = reduction(graph, node)?;
    let to = to[from.iter().position(|from| *from == kind)?];
    let inner = graph.get(node.children[0], OpKind::ScalarNeg)?;
    let reduced = reduce(graph, to, inner.children[0], dims)?;
    graph.scalar(OpKind::ScalarNeg, vec![reduced])
}

fn sum_neg(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    negated(graph, node, &[Reduction::Add], &[Reduction::Add])
}

fn extreme_neg(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    negated(graph, node, &[Reduction::Max, Reduction::Min], &[Reduction::Min, Reduction::Max])
}

fn sum_pad(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (Reduction::Add, dims) = reduction(graph, node)? else { return None };
    let pad = graph.get(node.children[0], OpKind::ArrayPad)?;
    let Parameters::Pad { low, high, interior } = graph.parameters(&pad) else { return None };
    let within = (0..low.len()).all(|dim| dims.contains(&dim) || low[dim] + high[dim] + interior[dim] == 0);
    if within && graph.is(pad.children[1], 0.0) { reduce(graph, Reduction::Add, pad.children[0], dims) } else { None }
}

/// The factor of a sum, constant along it, moved outside.
fn factor(graph: &mut dyn Graph, node: &Node, operation: OpKind, orders: &[[usize; 2]]) -> Option<Id> {
    let (Reduction::Add, dims) = reduction(graph, node)? else { return None };
    let inner = graph.get(node.children[0], operation)?;
    let left = kept(graph.type_of(node.children[0]).rank(), &dims);
    for [x, factor] in orders.iter().map(|order| order.map(|at| inner.children[at])) {
        let Some((s, placed)) = graph.broadcast_of(factor) else { continue };
        if placed.iter().any(|dim| dims.contains(dim)) {
            continue;
        }
        let to: Option<Vec<usize>> = placed.iter().map(|dim| left.iter().position(|kept| kept == dim)).collect();
        let sum = reduce(graph, Reduction::Add, x, dims.clone())?;
        let (r#type, sizes) = (graph.type_of(sum).clone(), graph.sizes(sum).to_vec());
        let factor = graph.broadcast(s, to?, &r#type, &sizes);
        return graph.scalar(operation, vec![sum, factor]);
    }
    None
}

fn sum_scaled(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    factor(graph, node, OpKind::ScalarMul, &[[0, 1], [1, 0]])
}

/// The sum of nothing is 0, whatever it would be divided by.
fn sum_over(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (_, dims) = reduction(graph, node)?;
    let sizes = graph.sizes(node.children[0]);
    if dims.iter().any(|dim| !matches!(sizes[*dim], Size::Known(1..))) {
        return None;
    }
    factor(graph, node, OpKind::ScalarDiv, &[[0, 1]])
}

/// A sum over free dimensions of a dot's operands is taken before.
fn sum_dot(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (Reduction::Add, dims) = reduction(graph, node)? else { return None };
    let (a, b, dot) = graph.dot_of(node.children[0])?;
    if !dot.batch_a.is_empty() {
        return None;
    }
    let (free_a, free_b) = (dot.free_a(graph.type_of(a).rank()), dot.free_b(graph.type_of(b).rank()));
    let of_a: Vec<usize> = dims.iter().filter(|dim| **dim < free_a.len()).map(|dim| free_a[*dim]).collect();
    let of_b: Vec<usize> =
        dims.iter().filter(|dim| **dim >= free_a.len()).map(|dim| free_b[*dim - free_a.len()]).collect();
    let renumbered = |contract: &[usize], gone: &[usize]| -> Vec<usize> {
        contract.iter().map(|dim| dim - gone.iter().filter(|gone| *gone < dim).count()).collect()
    };
    let mut smaller = dot.clone();
    smaller.contract_a = renumbered(&dot.contract_a, &of_a);
    smaller.contract_b = renumbered(&dot.contract_b, &of_b);
    let a = reduce(graph, Reduction::Add, a, of_a)?;
    let b = reduce(graph, Reduction::Add, b, of_b)?;
    graph.apply(OpKind::ArrayDot, &Parameters::Dot(smaller), vec![a, b])
}
