//! Factorizations of matrices, and the solution of triangular systems, which is linear in the right sides.

use super::{DerivativeRule, Linearity, Tangents};
use crate::rules::Derivative;
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::OpKind::*;
use dp_dialects::ir::{Op, Val, operands};
use dp_dialects::parameters::{SolveForm, Start};
use dp_dialects::{Builder, Diagnostic, Literal, Number, Parameters, Result, ValueType};
use dp_passes::matrices::{Triangle, adjoint, conjugate, product, weights};

pub(super) static ROWS: &[DerivativeRule] = &[
    DerivativeRule::new(ArrayCholesky, Derivative::Special(cholesky, CHOLESKY)),
    DerivativeRule::new(ArrayTriangularSolve, Derivative::Special(solve, SOLVE))
        .transposed(Linearity::Solution, transpose_solve),
    DerivativeRule::inactive(ArrayLuPivots, "positions of rows"),
    DerivativeRule::new(ArrayLu, Derivative::Special(lu, LU)),
    DerivativeRule::linear(ArraySwapRows, transpose_swaps),
];

const CHOLESKY: &str = "`y Φ(y⁻¹ dx y⁻ᴴ)`, where Φ takes the lower triangle and halves the diagonal, and dx is the Hermitian \
    matrix with the lower triangle of the tangent";

const SOLVE: &str = "the solution with the right sides `db - op(da) y`, or `db - y op(da)`, where da is the triangle of the \
    tangent that is read";

const LU: &str = "`L Ψ(z) + (z - Ψ(z)) U` with `z = L⁻¹ (P dx) U⁻¹`, where P exchanges rows and Ψ takes what is below the \
    diagonal; L and U are completed to square matrices by an identity";

/// The lower triangles of tangents, in the shape of other matrices, with half of the diagonal: the sum with the adjoint is
/// Hermitian.
pub(super) fn lower_half<'c>(site: &LinearizationSite<'c, '_>, dx: Val<'c>, like: Val<'c>) -> Result<Val<'c>> {
    site.linear.scalar(ScalarMul, &[dx, weights(site.primal, like, Triangle::Lower, 0.5)?])
}

/// The Hermitian matrices with the lower triangles of tangents, in the shape of others.
fn hermitian<'c>(site: &LinearizationSite<'c, '_>, dx: Val<'c>, like: Val<'c>) -> Result<Val<'c>> {
    let lower = lower_half(site, dx, like)?;
    site.linear.scalar(ScalarAdd, &[lower, adjoint(site.linear, lower)?])
}

/// The rule of Smith and Murray.
fn cholesky<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let Some(dx) = site.tangents[0].value() else { return Ok(vec![site.inactive()]) };
    let (factor, linear) = (site.results[0], site.linear);
    let rank = ValueType::of_value(factor)?.rank();
    let weights = weights(site.primal, factor, Triangle::Lower, 0.5)?;
    let whole = hermitian(site, dx, factor)?;
    let left = SolveForm::default();
    let right = SolveForm { right: true, transposed: true, conjugated: true, ..left };
    let solve = |form, x| linear.emit(ArrayTriangularSolve, &Parameters::Solve(form), &[factor, x]);
    let inner = solve(right, solve(left, whole)?)?;
    let inner = linear.scalar(ScalarMul, &[inner, weights])?;
    product(linear, factor, inner, [rank - 1, rank - 2]).map(|dy| vec![Tangent::Value(dy)])
}

fn form(op: Op) -> Result<SolveForm> {
    match Parameters::of(ArrayTriangularSolve, op) {
        Some(Parameters::Solve(form)) => Ok(form),
        _ => Err(Diagnostic::invalid("has a missing or malformed attribute")),
    }
}

fn solve<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let form = form(site.op)?;
    let (a, y, linear) = (site.operands[0], site.results[0], site.linear);
    let rank = ValueType::of_value(y)?.rank();
    let (rows, columns) = (rank - 2, rank - 1);
    let of_matrix = match site.tangents[0].value() {
        None => None,
        Some(da) => {
            let triangle = if form.upper { Triangle::Upper } else { Triangle::Lower };
            let diagonal = if form.unit { 0.0 } else { 1.0 };
            let read = linear.scalar(ScalarMul, &[da, weights(site.primal, a, triangle, diagonal)?])?;
            let read = if form.conjugated { conjugate(linear, read)? } else { read };
            let of_matrix = if form.transposed == form.right { columns } else { rows };
            Some(match form.right {
                true => product(linear, y, read, [columns, of_matrix])?,
                false => product(linear, read, y, [of_matrix, rows])?,
            })
        }
    };
    let sides = match (site.tangents[1].value(), of_matrix) {
        (None, None) => return Ok(vec![site.inactive()]),
        (Some(db), None) => db,
        (Some(db), Some(of_matrix)) => linear.scalar(ScalarSub, &[db, of_matrix])?,
        (None, Some(of_matrix)) => linear.scalar(ScalarNeg, &[of_matrix])?,
    };
    let dy = linear.emit(ArrayTriangularSolve, &Parameters::Solve(form), &[a, sides])?;
    Ok(vec![Tangent::Value(dy)])
}

/// `y = op(a)⁻¹ b` transposes to `bbar = op(a)⁻ᵀ ybar`.
fn transpose_solve<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let form = form(op)?;
    let [a, b] = operands(op)[..] else { return Ok(()) };
    let matrix = t.residual(a)?;
    let back = Parameters::Solve(SolveForm { transposed: !form.transposed, ..form });
    let back = t.at(op).emit(ArrayTriangularSolve, &back, &[matrix, ct])?;
    t.accumulate(b, back)
}

/// Exchanges transpose to the same ones in the other order.
fn transpose_swaps<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Some(Parameters::Swaps { reverse }) = Parameters::of(ArraySwapRows, op) else {
        return Err(Diagnostic::invalid("has a missing or malformed attribute"));
    };
    let [x, pivots] = operands(op)[..] else { return Ok(()) };
    let pivots = t.residual(pivots)?;
    let back = t.at(op).emit(ArraySwapRows, &Parameters::Swaps { reverse: !reverse }, &[ct, pivots])?;
    t.accumulate(x, back)
}

/// Packed factors as square matrices of a dimension: cut, or completed by zeros, with 1 on the diagonal of `U`.
fn square<'c>(b: Builder<'c>, factors: Val<'c>, dim: usize) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(factors)?;
    let rank = r#type.rank();
    let other = if dim == rank - 2 { rank - 1 } else { rank - 2 };
    let extents = r#type.extents();
    if extents[rank - 2] == extents[rank - 1] {
        return Ok(factors);
    }
    let (Some(size), Some(had)) = (extents[dim], extents[other]) else {
        let diagnostic =
            Diagnostic::unsupported("'array.lu' has no derivative where it may be that matrices are not square");
        return Err(diagnostic.help("make the extents of the matrices static, by their types or by --specialize"));
    };
    let mut shape = extents.to_vec();
    shape[other] = Some(size);
    let shape = ValueType::tensor(r#type.dtype, shape);
    let open = b.extents(factors)?;
    if had > size {
        let slice = Parameters::Slice { starts: vec![Start::At(0); rank], strides: vec![1; rank] };
        return b.emit_typed(ArraySlice, &slice, &[&[factors], &open[..]].concat(), &shape);
    }
    let mut high = vec![0; rank];
    high[other] = (size - had) as usize;
    let pad = Parameters::Pad { low: vec![0; rank], high, interior: vec![0; rank] };
    let zero = b.literal(Literal::number(r#type.dtype, Number::of_f64(0.0, r#type.dtype)))?;
    let padded = b.emit_typed(ArrayPad, &pad, &[&[factors, zero], &open[..]].concat(), &shape)?;
    let diagonal: Vec<Number> = (0..size * size)
        .map(|place| {
            Number::of_f64(f64::from(u8::from(place / size == place % size && place / size >= had)), r#type.dtype)
        })
        .collect();
    let diagonal = b.literal(Literal::tensor(r#type.dtype, vec![size, size], diagonal))?;
    let batch = shape.dynamic_dimensions().map(|dim| b.extent(factors, dim)).collect::<Result<Vec<_>>>()?;
    let diagonal = b.broadcast(diagonal, &[rank - 2, rank - 1], &shape, &batch)?;
    b.scalar(ScalarAdd, &[padded, diagonal])
}

fn lu<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let Some(dx) = site.tangents[0].value() else { return Ok(vec![site.inactive()]) };
    let (factors, pivots, linear) = (site.results[0], site.operands[1], site.linear);
    let rank = ValueType::of_value(factors)?.rank();
    let (rows, columns) = (rank - 2, rank - 1);
    let (lower, upper) = (square(site.primal, factors, rows)?, square(site.primal, factors, columns)?);
    let left = SolveForm { unit: true, ..SolveForm::default() };
    let right = SolveForm { right: true, upper: true, ..SolveForm::default() };
    let solve = |form, a, x| linear.emit(ArrayTriangularSolve, &Parameters::Solve(form), &[a, x]);
    let inner = linear.emit(ArraySwapRows, &Parameters::Swaps { reverse: false }, &[dx, pivots])?;
    let inner = solve(right, upper, solve(left, lower, inner)?)?;
    let below = linear.scalar(ScalarMul, &[inner, weights(site.primal, factors, Triangle::Lower, 0.0)?])?;
    let above = linear.scalar(ScalarMul, &[inner, weights(site.primal, factors, Triangle::Upper, 1.0)?])?;
    let masked = |x, triangle| site.primal.scalar(ScalarMul, &[x, weights(site.primal, x, triangle, 1.0)?]);
    // The diagonal of L is 1, so that `below` is added.
    let strict = site.primal.scalar(ScalarMul, &[lower, weights(site.primal, lower, Triangle::Lower, 0.0)?])?;
    let of_lower = product(linear, strict, below, [columns, rows])?;
    let of_upper = product(linear, above, masked(upper, Triangle::Upper)?, [columns, rows])?;
    let sum = linear.scalar(ScalarAdd, &[of_lower, below])?;
    linear.scalar(ScalarAdd, &[sum, of_upper]).map(|dy| vec![Tangent::Value(dy)])
}
