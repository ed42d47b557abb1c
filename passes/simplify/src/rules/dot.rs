//! Contractions. The interpreter sums in the order of the contracting dimensions.

use super::reduce::reduce;
use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Finite, Real, Rounded};
use dp_dialects::attributes::Reduction;
use dp_dialects::parameters::DotDims;
use dp_dialects::{OpKind, Parameters};
use dp_terms::{Graph, Node};
use egg::Id;

const DOT: &[OpKind] = &[OpKind::ArrayDot];
const ALL: &[(&str, crate::rule::Soundness)] = &[("fci", Exact)];
const ROUNDED: &[(&str, crate::rule::Soundness)] = &[("fc", Rounded), ("i", Exact)];
const FINITE: &[(&str, crate::rule::Soundness)] = &[("fc", Finite), ("i", Exact)];
const REAL: &[(&str, crate::rule::Soundness)] = &[("fc", Real), ("i", Exact)];

pub const RULES: &[Rule] = &[
    // The order of contracting dimensions does not change.
    Rule::function("dot-transposed", "dot(aᵖ, bᑫ) = dot(a, b) along other dimensions", DOT, of_transpose, ALL).normal(),
    Rule::function(
        "transpose-dot",
        "dot(a, b)ᵖ = dot(b, a), p swaps the free dimensions",
        &[OpKind::ArrayTranspose],
        transposed,
        ALL,
    )
    .normal(),
    Rule::function("dot-zero", "dot(0, b) = 0", DOT, of_zero, FINITE).normal(),
    Rule::function("dot-neg", "dot(-a, b) = -dot(a, b)", DOT, of_neg, ROUNDED).normal(),
    Rule::function("dot-ones", "dot(a, 1) = broadcast(Σ a)", DOT, of_ones, ROUNDED).normal(),
    Rule::function(
        "dot-broadcast",
        "dot(a, broadcast(x)) = (Σ a) x, x constant along the sum",
        DOT,
        of_broadcast,
        REAL,
    ),
    Rule::function("dot-scaled", "dot(a s, b) = dot(a, b) s, s constant along the sum", DOT, of_scaled, REAL),
    Rule::function("scale-dot", "dot(a, b) s = dot(a s, b), s a scalar", &[OpKind::ScalarMul], scaled, REAL),
    Rule::function("dot-associate-left", "dot(dot(a, b), c) = dot(a, dot(b, c))", DOT, from_left, REAL),
    Rule::function("dot-associate-right", "dot(a, dot(b, c)) = dot(dot(a, b), c)", DOT, from_right, REAL),
    Rule::function(
        "dot-factor",
        "dot(a, b) ± dot(a, c) = dot(a, b ± c); also on the left",
        &[OpKind::ScalarAdd, OpKind::ScalarSub],
        factored,
        REAL,
    ),
    Rule::function("dot-outer", "dot(a, b) = broadcast(a) broadcast(b), no contraction", DOT, outer, ALL),
];

fn dims_of(graph: &dyn Graph, node: &Node) -> Option<DotDims> {
    match graph.parameters(node) {
        Parameters::Dot(dims) => Some(dims.clone()),
        _ => None,
    }
}

fn dot(graph: &mut dyn Graph, a: Id, b: Id, dims: DotDims) -> Option<Id> {
    graph.apply(OpKind::ArrayDot, &Parameters::Dot(dims), vec![a, b])
}

fn exchanged(dims: DotDims) -> DotDims {
    let DotDims { batch_a, batch_b, contract_a, contract_b } = dims;
    DotDims { batch_a: batch_b, batch_b: batch_a, contract_a: contract_b, contract_b: contract_a }
}

/// Maps dimensions through a permutation.
fn through(dims: &mut [usize], permutation: &[usize]) {
    dims.iter_mut().for_each(|dim| *dim = permutation[*dim]);
}

fn of_transpose(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let mut dims = dims_of(graph, node)?;
    let [a, b] = node.children[..] else { return None };
    // The result has free dimensions in the operand's order.
    if let Some((x, permutation)) = graph.transpose_of(a) {
        let mut free = dims.free_a(permutation.len());
        through(&mut free, &permutation);
        if free.is_sorted() {
            through(&mut dims.batch_a, &permutation);
            through(&mut dims.contract_a, &permutation);
            return dot(graph, x, b, dims);
        }
    }
    let (x, permutation) = graph.transpose_of(b)?;
    let mut free = dims.free_b(permutation.len());
    through(&mut free, &permutation);
    through(&mut dims.batch_b, &permutation);
    through(&mut dims.contract_b, &permutation);
    if free.is_sorted() { dot(graph, a, x, dims) } else { None }
}

fn transposed(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let permutation = super::transpose::permutation(graph, node)?;
    let (a, b, dims) = graph.dot_of(node.children[0])?;
    let batch = dims.batch_a.len();
    let free_a = dims.free_a(graph.type_of(a).rank()).len();
    let exchange = (0..batch).chain(batch + free_a..permutation.len()).chain(batch..batch + free_a);
    if exchange.eq(permutation.iter().copied()) { dot(graph, b, a, exchanged(dims)) } else { None }
}

fn of_zero(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    if !node.children.iter().any(|child| graph.is(*child, 0.0)) {
        return None;
    }
    let (r#type, sizes) = (graph.interner().types.get(node.r#type).clone(), graph.sizes_of(node)?);
    let zero = dp_dialects::Number::of_f64(0.0, r#type.dtype);
    let zero = graph.literal(dp_dialects::Literal::number(r#type.dtype, zero));
    Some(graph.broadcast(zero, Vec::new(), &r#type, &sizes))
}

fn of_neg(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let dims = dims_of(graph, node)?;
    let mut children = [node.children[0], node.children[1]];
    let side = children.iter().position(|child| graph.get(*child, OpKind::ScalarNeg).is_some())?;
    children[side] = graph.get(children[side], OpKind::ScalarNeg)?.children[0];
    let product = dot(graph, children[0], children[1], dims)?;
    graph.scalar(OpKind::ScalarNeg, vec![product])
}

/// `dot(a, broadcast(x))`, x constant along the contracted dimensions: the sum of a times x, each broadcast along the
/// other's free dimensions.
fn constant_side(graph: &mut dyn Graph, node: &Node, admits: fn(&dyn Graph, Id) -> bool) -> Option<Id> {
    let mut dims = dims_of(graph, node)?;
    let [mut a, mut b] = node.children[..] else { return None };
    if !dims.batch_a.is_empty() {
        return None;
    }
    let constant = |graph: &dyn Graph, id: Id, contract: &[usize]| {
        let (x, placed) = graph.broadcast_of(id)?;
        (admits(graph, id) && placed.iter().all(|dim| !contract.contains(dim))).then_some((x, placed))
    };
    let swap = constant(graph, b, &dims.contract_b).is_none();
    if swap {
        (a, b) = (b, a);
        dims = exchanged(dims);
    }
    let (x, placed) = constant(graph, b, &dims.contract_b)?;
    let (rank_a, rank_b) = (graph.type_of(a).rank(), graph.type_of(b).rank());
    let (free_a, free_b) = (dims.free_a(rank_a).len(), dims.free_b(rank_b));
    let (r#type, sizes) = (graph.interner().types.get(node.r#type).clone(), graph.sizes_of(node)?);
    let (first_a, first_b) = if swap { (free_b.len(), 0) } else { (0, free_a) };
    let mut contract = dims.contract_a.clone();
    contract.sort_unstable();
    let sum = reduce(graph, Reduction::Add, a, contract)?;
    let sum = graph.broadcast(sum, (first_a..first_a + free_a).collect(), &r#type, &sizes);
    let at: Option<Vec<usize>> = placed.iter().map(|dim| free_b.iter().position(|free| free == dim)).collect();
    let at = at?.into_iter().map(|dim| first_b + dim).collect();
    let factor = graph.broadcast(x, at, &r#type, &sizes);
    graph.scalar(OpKind::ScalarMul, vec![sum, factor])
}

fn of_ones(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    constant_side(graph, node, |graph, id| graph.is(id, 1.0))
}

fn of_broadcast(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    constant_side(graph, node, |_, _| true)
}

fn of_scaled(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let dims = dims_of(graph, node)?;
    let (r#type, sizes) = (graph.interner().types.get(node.r#type).clone(), graph.sizes_of(node)?);
    for side in 0..2 {
        let Some(product) = graph.get(node.children[side], OpKind::ScalarMul) else { continue };
        let rank = graph.type_of(node.children[side]).rank();
        let free_a = dims.free_a(graph.type_of(node.children[0]).rank());
        let (batch, free, first) = match side {
            0 => (&dims.batch_a, free_a, dims.batch_a.len()),
            _ => (&dims.batch_b, dims.free_b(rank), dims.batch_a.len() + free_a.len()),
        };
        for (x, factor) in [(0, 1), (1, 0)].map(|(x, s)| (product.children[x], product.children[s])) {
            let Some((s, placed)) = graph.broadcast_of(factor) else { continue };
            let position = |dim: &usize| {
                let in_batch = batch.iter().position(|batch| batch == dim);
                in_batch.or_else(|| free.iter().position(|free| free == dim).map(|at| first + at))
            };
            let Some(at) = placed.iter().map(position).collect::<Option<Vec<usize>>>() else { continue };
            if !at.is_sorted() {
                continue;
            }
            let mut children = [node.children[0], node.children[1]];
            children[side] = x;
            let product = dot(graph, children[0], children[1], dims.clone())?;
            let factor = graph.broadcast(s, at, &r#type, &sizes);
            return graph.scalar(OpKind::ScalarMul, vec![product, factor]);
        }
    }
    None
}

fn scaled(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    for (product, factor) in [(0, 1), (1, 0)].map(|(p, s)| (node.children[p], node.children[s])) {
        let (Some((a, b, dims)), Some((s, placed))) = (graph.dot_of(product), graph.broadcast_of(factor)) else {
            continue;
        };
        if !placed.is_empty() || graph.type_of(s).is_tensor() {
            continue;
        }
        let size = |id| dp_terms::cost::elements(graph.type_of(id));
        let side = usize::from(size(b) < size(a));
        let mut children = [a, b];
        let (r#type, sizes) = (graph.type_of(children[side]).clone(), graph.sizes(children[side]).to_vec());
        let factor = graph.broadcast(s, Vec::new(), &r#type, &sizes);
        children[side] = graph.scalar(OpKind::ScalarMul, vec![children[side], factor])?;
        return dot(graph, children[0], children[1], dims);
    }
    None
}

/// For a product of matrices or vectors: the contracting dimension of each side, and the free dimension of each side
/// that has one.
struct Matrices {
    contract: [usize; 2],
    free: [Option<usize>; 2],
}

fn matrices(graph: &dyn Graph, a: Id, b: Id, dims: &DotDims) -> Option<Matrices> {
    let (free_a, free_b) = (dims.free_a(graph.type_of(a).rank()), dims.free_b(graph.type_of(b).rank()));
    let [contract_a] = dims.contract_a[..] else { return None };
    let [contract_b] = dims.contract_b[..] else { return None };
    let plain = dims.batch_a.is_empty() && free_a.len() <= 1 && free_b.len() <= 1;
    let free = [free_a.first().copied(), free_b.first().copied()];
    plain.then_some(Matrices { contract: [contract_a, contract_b], free })
}

fn pair(a: usize, b: usize) -> DotDims {
    DotDims { contract_a: vec![a], contract_b: vec![b], ..DotDims::default() }
}

fn from_left(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let [left, c] = node.children[..] else { return None };
    let outer = matrices(graph, left, c, &dims_of(graph, node)?)?;
    let (a, b, dims) = graph.dot_of(left)?;
    let inner = matrices(graph, a, b, &dims)?;
    // The outer contraction is over the free dimension of b or of a.
    let over_b = outer.contract[0] == usize::from(inner.free[0].is_some());
    let (kept, summed, at) = if over_b { (a, b, 1) } else { (b, a, 0) };
    let product = dot(graph, summed, c, pair(inner.free[at]?, outer.contract[1]))?;
    dot(graph, kept, product, pair(inner.contract[1 - at], 0))
}

fn from_right(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let [a, right] = node.children[..] else { return None };
    let outer = matrices(graph, a, right, &dims_of(graph, node)?)?;
    let (b, c, dims) = graph.dot_of(right)?;
    let inner = matrices(graph, b, c, &dims)?;
    let over_b = outer.contract[1] == 0 && inner.free[0].is_some();
    let (kept, summed, at) = if over_b { (c, b, 0) } else { (b, c, 1) };
    let product = dot(graph, a, summed, pair(outer.contract[0], inner.free[at]?))?;
    let last = usize::from(outer.free[0].is_some());
    dot(graph, product, kept, pair(last, inner.contract[1 - at]))
}

fn factored(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let kind = node.kind()?;
    let (a, b, dims) = graph.dot_of(node.children[0])?;
    let (c, d, others) = graph.dot_of(node.children[1])?;
    if dims != others {
        return None;
    }
    let alike = |x, y| graph.facts(x).r#type == graph.facts(y).r#type;
    if graph.same(a, c) && alike(b, d) {
        let sum = graph.scalar(kind, vec![b, d])?;
        return dot(graph, a, sum, dims);
    }
    if graph.same(b, d) && alike(a, c) {
        let sum = graph.scalar(kind, vec![a, c])?;
        return dot(graph, sum, b, dims);
    }
    None
}

fn outer(graph: &mut dyn Graph, node: &Node) -> Option<Id> {
    let dims = dims_of(graph, node)?;
    let [a, b] = node.children[..] else { return None };
    if !dims.contract_a.is_empty() || !dims.batch_a.is_empty() {
        return None;
    }
    let (r#type, sizes) = (graph.interner().types.get(node.r#type).clone(), graph.sizes_of(node)?);
    let first = graph.type_of(a).rank();
    let a = graph.broadcast(a, (0..first).collect(), &r#type, &sizes);
    let b = graph.broadcast(b, (first..r#type.rank()).collect(), &r#type, &sizes);
    graph.scalar(OpKind::ScalarMul, vec![a, b])
}
