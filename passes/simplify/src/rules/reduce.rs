//! Reductions. The interpreter reduces in row-major order; a rule that changes the order is not exact.

use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Real, Rounded};
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};
use dp_terms::{Graph, Node, Size};
use egg::Id;

const REDUCE: &[OpKind] = &[OpKind::ArrayReduce];
const ALL: &[(&str, crate::rule::Soundness)] = &[("fcib", Exact)];
const ROUNDED: &[(&str, crate::rule::Soundness)] = &[("fc", Rounded), ("ib", Exact)];
/// Types with addition: not booleans.
const SUMS: &[(&str, crate::rule::Soundness)] = &[("fc", Rounded), ("i", Exact)];
const REAL: &[(&str, crate::rule::Soundness)] = &[("fc", Real), ("i", Exact)];

pub const RULES: &[Rule] = &[
    Rule::function("reduce-nothing", "reduce(x) = x, along no dimensions", REDUCE, nothing, ROUNDED).normal(),
    Rule::function("reduce-unit", "reduce(x) = reshape(x), along dimensions of extent 1", REDUCE, unit, ROUNDED)
        .normal(),
    Rule::function("reduce-reduce", "reduce(reduce(x)) = reduce(x), same kind", REDUCE, twice, ROUNDED).normal(),
    Rule::function(
        "extreme-extreme",
        "max(max(x)) = max(x), nested reductions; also min",
        REDUCE,
        extreme_twice,
        &[("fi", Exact)],
    )
    .normal(),
    Rule::function("reduce-transpose", "reduce(xᵖ) = reduce(x)ᑫ, in the same order", REDUCE, in_order, ALL).normal(),
    Rule::function("reduce-transposed", "reduce(xᵖ) = reduce(x)ᑫ, in any order", REDUCE, of_transpose, ROUNDED)
        .normal(),
    Rule::function(
        "sum-broadcast",
        "Σ broadcast(x) = broadcast(n Σ x), n copies",
        REDUCE,
        sum_broadcast,
        &[("fc", Rounded), ("i", Exact)],
    )
    .normal(),
    Rule::function(
        "extreme-broadcast",
        "max broadcast(x) = broadcast(max x), not empty; also min, and, or",
        REDUCE,
        extreme_broadcast,
        &[("fib", Exact)],
    )
    .normal(),
    Rule::function("sum-neg", "Σ -x = -Σ x", REDUCE, sum_neg, SUMS).normal(),
    Rule::function("extreme-neg", "max -x = -min x", REDUCE, extreme_neg, &[("f", Exact)]).normal(),
    Rule::function("sum-pad", "Σ pad(x, 0) = Σ x, along the padded dimensions", REDUCE, sum_pad, SUMS).normal(),
    Rule::function("sum-scaled", "Σ x s = s Σ x, s constant along the sum", REDUCE, sum_scaled, REAL),
    Rule::function(
        "sum-over",
        "Σ x / s = (Σ x) / s, s constant along the sum, not empty",
        REDUCE,
        sum_over,
        &[("fc", Real)],
    ),
    Rule::function("sum-dot", "Σᵢ dot(a, b)ᵢⱼ = dot(Σᵢ aᵢ, b)ⱼ", REDUCE, sum_dot, REAL),
];

/// The kind and the dimensions of a reduction.
fn reduction(graph: &dyn Graph, node: &Node) -> Option<(Reduction, Vec<usize>)> {
    let Parameters::Reduce { kind, dims } = graph.parameters(node) else { return None };
    let mut dims = dims.clone();
    dims.sort_unstable();
    (*kind != Reduction::Region).then_some((*kind, dims))
}

/// A reduction of a term; the term itself if there are no dimensions.
pub fn reduce(graph: &mut dyn Graph, kind: Reduction, x: Id, dims: Vec<usize>) -> Option<Id> {
    if dims.is_empty() {
        return Some(x);
    }
    graph.apply(OpKind::ArrayReduce, &Parameters::Reduce { kind, dims }, vec![x])
}

/// The dimensions that are not reduced, in order.
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
    let r#type = graph.interner().types.get(node.r#type).clone();
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

fn is_extreme(kind: Reduction) -> bool {
    matches!(kind, Reduction::Max | Reduction::Min)
}

fn extreme_twice(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (kind, _) = reduction(graph, node)?;
    if is_extreme(kind) { twice(graph, node) } else { None }
}

/// A permutation that keeps the order of reduced dimensions, or a reduction whose order does not matter.
fn in_order(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (kind, dims) = reduction(graph, node)?;
    let (_, permutation) = graph.transpose_of(node.children[0])?;
    // A sum along no dimensions still adds 0.
    let ordered = !dims.is_empty() && dims.iter().map(|dim| permutation[*dim]).is_sorted();
    if ordered || is_extreme(kind) { of_transpose(graph, node) } else { None }
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

/// The parts of a reduction of a broadcast: the reduction along the operand's own dimensions, the positions of those
/// that remain, and the extents along which it only repeats.
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
    let (r#type, sizes) = (graph.interner().types.get(node.r#type).clone(), graph.sizes_of(node)?);
    let scaled = times(graph, reduced, &repeated)?;
    Some(graph.broadcast(scaled, to, &r#type, &sizes))
}

/// A term times a product of extents. If the product is not representable in the term's type, it is formed in a larger
/// type.
fn times(graph: &mut dyn Graph, x: Id, sizes: &[Size]) -> Option<Id> {
    let (like, extents) = (graph.type_of(x).clone(), graph.sizes(x).to_vec());
    let product = sizes.iter().try_fold(1.0, |product, size| match size {
        Size::Known(extent) => Some(product * *extent as f64),
        Size::Term(_) | Size::Of(..) => None,
    });
    let narrow = matches!(like.dtype, ScalarType::F16 | ScalarType::BF16);
    let is_number = |product: f64| Number::of_f64(product, like.dtype).is(product);
    let dtype = if narrow && !product.is_some_and(is_number) { ScalarType::F32 } else { like.dtype };
    let count = number_of(graph, sizes, &ValueType::number(dtype))?;
    let wide = like.with_dtype(dtype);
    let wide_count = graph.broadcast(count, Vec::new(), &wide, &extents);
    let wide_x = convert(graph, x, &wide);
    let scaled = graph.scalar(OpKind::ScalarMul, vec![wide_x, wide_count])?;
    let scaled = convert(graph, scaled, &like);
    let some = sizes.iter().all(|size| matches!(size, Size::Known(1..)));
    if some || graph.is_finite(x) {
        return Some(scaled);
    }
    // An empty sum is 0, unlike a multiple of NaN or infinity.
    let zero = graph.splat_like(Number::of_f64(0.0, dtype), dtype, count);
    // Complex numbers are not ordered.
    let predicate = if dtype.is_complex() { Predicate::Ne } else { Predicate::Gt };
    let any = graph.apply(OpKind::ScalarCompare, &Parameters::Compare(predicate), vec![count, zero])?;
    let any = graph.broadcast(any, Vec::new(), &like.with_dtype(ScalarType::I1), &extents);
    let zero = graph.splat_like(Number::of_f64(0.0, like.dtype), like.dtype, x);
    graph.scalar(OpKind::ScalarSelect, vec![any, scaled, zero])
}

/// A conversion, if the types differ.
fn convert(graph: &mut dyn Graph, x: Id, r#type: &ValueType) -> Id {
    if graph.type_of(x) == r#type {
        return x;
    }
    graph.typed(OpKind::ScalarConvert, &Parameters::Convert { unsigned: false }, vec![x], r#type)
}

/// The product of extents as a number of a type; `None` if it is too large. Products of integers wrap, as sums do;
/// products of floats are formed in floating point.
fn number_of(graph: &mut dyn Graph, sizes: &[Size], element: &ValueType) -> Option<Id> {
    let dtype = element.dtype;
    let known: Vec<u64> =
        sizes.iter().filter_map(|size| if let Size::Known(n) = size { Some(*n) } else { None }).collect();
    let value = if dtype.is_integer() {
        Number::Integer(known.iter().fold(1_u64, |product, n| product.wrapping_mul(*n)) as i64).round(dtype)
    } else {
        Number::of_f64(known.iter().map(|n| *n as f64).product(), dtype)
    };
    if !value.complex().is_finite() {
        return None;
    }
    let mut product = None;
    if known.iter().any(|n| *n != 1) || known.len() == sizes.len() {
        product = Some(graph.literal(Literal::number(dtype, value)));
    }
    for size in sizes.iter().filter(|size| !matches!(size, Size::Known(_))) {
        let extent = graph.extent(*size);
        let wide = ValueType::number(ScalarType::I64);
        let integer = graph.typed(OpKind::ArithIndexCast, &Parameters::None, vec![extent], &wide);
        let factor = convert(graph, integer, element);
        product = Some(match product {
            Some(before) => graph.scalar(OpKind::ScalarMul, vec![before, factor])?,
            None => factor,
        });
    }
    product
}

fn extreme_broadcast(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (kind, reduced, to, repeated) = split(graph, node)?;
    let idempotent = matches!(kind, Reduction::Max | Reduction::Min | Reduction::And | Reduction::Or);
    if !idempotent || repeated.iter().any(|size| !matches!(size, Size::Known(1..))) {
        return None;
    }
    let (r#type, sizes) = (graph.interner().types.get(node.r#type).clone(), graph.sizes_of(node)?);
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

/// Moves a factor that is constant along the sum outside.
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

/// An empty sum is 0, whatever it is divided by.
fn sum_over(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let (_, dims) = reduction(graph, node)?;
    let sizes = graph.sizes(node.children[0]);
    if dims.iter().any(|dim| !matches!(sizes[*dim], Size::Known(1..))) {
        return None;
    }
    factor(graph, node, OpKind::ScalarDiv, &[[0, 1]])
}

/// A sum over free dimensions of a dot product is moved to its operand.
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
