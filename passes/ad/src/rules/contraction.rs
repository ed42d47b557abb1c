//! Contractions and reductions.

use super::fold::fold;
use super::product::exclusive;
use super::{Derivative, DerivativeRule, Linearity, Tangents};
use crate::rules::shape::{inverse, permute};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::{Op, Val, operands};
use dp_dialects::parameters::DotDims;
use dp_dialects::{Builder, Diagnostic, Number, Parameters, Result, ValueType};

pub(super) static ROWS: &[DerivativeRule] = &[
    DerivativeRule::new(ArrayDot, Derivative::Bilinear).transposed(Linearity::Product, dot),
    DerivativeRule::new(ArrayReduce, Derivative::Special(reduce, REDUCTIONS))
        .expanded(fold)
        .transposed(Linearity::SumWhere(is_sum), sum)
        .nondifferentiable("at a tie for max or min, the mean over the tied elements"),
];

const REDUCTIONS: &str = "add: `Σ dx`; mul: `Σ e * dx`, where e is the product of the other elements, itself computed by \
    products, so that derivatives of every order are correct at zeros (3 multiplications per element); max, min: \
    the mean of `dx` over the elements that attain it; and, or: none; region: that of a \
    loop along the reduced dimensions";

fn reduction(op: Op) -> Result<(Reduction, Vec<usize>)> {
    match Parameters::of(ArrayReduce, op) {
        Some(Parameters::Reduce { kind, dims }) => Ok((kind, dims)),
        _ => Err(Diagnostic::invalid("has a missing or malformed attribute")),
    }
}

fn is_sum(op: Op) -> bool {
    reduction(op).is_ok_and(|(kind, _)| kind == Reduction::Add)
}

fn add(dims: &[usize]) -> Parameters {
    Parameters::Reduce { kind: Reduction::Add, dims: dims.to_vec() }
}

/// Tangents of a reduction: of a sum, the sum; of a product, the sum of the
/// tangents, each times the other elements; of a maximum, the mean over the
/// elements that attain it.
fn reduce<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let (kind, dims) = reduction(site.op)?;
    let dy = match (kind, site.tangents[0].value()) {
        (Reduction::Region, _) => {
            return Err(Diagnostic::internal("internal error: a reduction by a region is differentiated as a loop"));
        }
        // Bitwise reductions carry no tangent.
        (Reduction::And | Reduction::Or, _) | (_, None) => return Ok(vec![site.inactive()]),
        (Reduction::Add, Some(dx)) => site.linear.emit(ArrayReduce, &add(&dims), &[dx])?,
        (Reduction::Mul, Some(dx)) => {
            let terms = match exclusive(site.primal, site.operands[0], &dims)? {
                Some(others) => site.linear.scalar(ScalarMul, &[others, dx])?,
                None => dx,
            };
            site.linear.emit(ArrayReduce, &add(&dims), &[terms])?
        }
        (Reduction::Max | Reduction::Min, Some(dx)) => mean_where_attained(site, &dims, dx)?,
    };
    Ok(vec![Tangent::Value(dy)])
}

fn mean_where_attained<'c>(site: &LinearizationSite<'c, '_>, dims: &[usize], dx: Val<'c>) -> Result<Val<'c>> {
    let (x, y) = (site.operands[0], site.results[0]);
    let r#type = ValueType::of_value(x)?;
    let kept: Vec<usize> = (0..r#type.rank()).filter(|dim| !dims.contains(dim)).collect();
    let spread = repeat(site.primal, y, &kept, x)?;
    let attained = site.primal.emit(ScalarCompare, &Parameters::Compare(Predicate::Eq), &[x, spread])?;
    let weight = Parameters::Convert { unsigned: false };
    let weight = site.primal.emit_typed(ScalarConvert, &weight, &[attained], &r#type)?;
    let count = site.primal.emit(ArrayReduce, &add(dims), &[weight])?;
    // The tangent of an empty maximum is zero.
    let one = site.primal.splat(Number::of_f64(1.0, r#type.dtype), &ValueType::of_value(count)?, count)?;
    let count = site.primal.scalar(ScalarMax, &[count, one])?;
    let zero = site.primal.splat(Number::of_f64(0.0, r#type.dtype), &r#type, x)?;
    let chosen = site.linear.scalar(ScalarSelect, &[attained, dx, zero])?;
    let sum = site.linear.emit(ArrayReduce, &add(dims), &[chosen])?;
    site.linear.scalar(ScalarDiv, &[sum, count])
}

/// Broadcasts a reduction's result along the reduced dimensions.
pub(super) fn repeat<'c>(builder: Builder<'c>, y: Val<'c>, kept: &[usize], like: Val<'c>) -> Result<Val<'c>> {
    let extents = builder.extents(like)?;
    builder.broadcast(y, kept, &ValueType::of_value(like)?, &extents)
}

/// A sum transposes to a broadcast.
fn sum<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let (kind, dims) = reduction(op)?;
    if kind != Reduction::Add {
        return Err(Diagnostic::internal("internal error: only sums are linear"));
    }
    let (x, builder) = (operands(op)[0], t.at(op));
    let r#type = ValueType::of_value(x)?;
    let kept: Vec<usize> = (0..r#type.rank()).filter(|dim| !dims.contains(dim)).collect();
    let extents = t.extents_of(builder, x)?;
    let back = builder.broadcast(ct, &kept, &r#type, &extents)?;
    t.accumulate(x, back)
}

/// `y[b, i, j] = Σ_k a[b, i, k] c[b, j, k]` transposes to
/// `abar[b, i, k] = Σ_j ybar[b, i, j] c[b, j, k]`, and alike for `c`.
fn dot<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Some(Parameters::Dot(dims)) = Parameters::of(ArrayDot, op) else {
        return Err(Diagnostic::invalid("has a missing or malformed attribute"));
    };
    let [a, b] = operands(op)[..] else { return Ok(()) };
    let builder = t.at(op);
    let (rank_a, rank_b) = (ValueType::of_value(a)?.rank(), ValueType::of_value(b)?.rank());
    let (free_a, free_b) = (dims.free_a(rank_a), dims.free_b(rank_b));
    let batch: Vec<usize> = (0..dims.batch_a.len()).collect();
    let from_a: Vec<usize> = (batch.len()..batch.len() + free_a.len()).collect();
    let from_b: Vec<usize> = (batch.len() + free_a.len()..batch.len() + free_a.len() + free_b.len()).collect();
    if t.is_linear(a) {
        let other = t.residual(b)?;
        let pairs = (&dims.contract_a[..], &dims.contract_b[..]);
        let sides =
            DotDims { batch_a: batch.clone(), batch_b: dims.batch_b.clone(), contract_a: from_b, contract_b: free_b };
        let back = one_side(builder, ct, other, sides, &dims.batch_a, &free_a, pairs)?;
        t.accumulate(a, back)?;
    }
    if t.is_linear(b) {
        let other = t.residual(a)?;
        let pairs = (&dims.contract_b[..], &dims.contract_a[..]);
        let free_b = dims.free_b(rank_b);
        let sides = DotDims { batch_a: batch, batch_b: dims.batch_a.clone(), contract_a: from_a, contract_b: free_a };
        let back = one_side(builder, ct, other, sides, &dims.batch_b, &free_b, pairs)?;
        t.accumulate(b, back)?;
    }
    Ok(())
}

/// The cotangent of the operand whose batch and free dimensions are given, from
/// that of the result and the other operand. What is contracted between the
/// operands is free here; it comes out in the order of the other operand.
fn one_side<'c>(
    builder: Builder<'c>,
    ct: Val<'c>,
    other: Val<'c>,
    dims: DotDims,
    batch: &[usize],
    free: &[usize],
    (contract, contract_other): (&[usize], &[usize]),
) -> Result<Val<'c>> {
    let product = builder.emit(ArrayDot, &Parameters::Dot(dims), &[ct, other])?;
    let mut contracted: Vec<(usize, usize)> = contract_other.iter().copied().zip(contract.iter().copied()).collect();
    contracted.sort_unstable();
    // For each dimension of the product, the operand's dimension that it is.
    let order: Vec<usize> =
        batch.iter().chain(free).copied().chain(contracted.into_iter().map(|(_, dim)| dim)).collect();
    permute(builder, product, &inverse(&order))
}
