//! Singular values and vectors, from the polar decomposition `x = p h` and the eigenvalues of `h`. `p` is found by the
//! dynamically weighted Halley iteration (Nakatsukasa, Higham: Stable and Efficient Spectral Divide and Conquer Algorithms),
//! with QR factors while it is far away and Cholesky factors when it is near. The weights are those of matrices of any
//! condition, so their number is fixed. Vectors of singular values that vanish are completed by a QR factorization.

use super::eigh::all_finite;
use super::scale;
use super::tridiagonal::epsilon;
use crate::matrices::{
    Reflections, Size, Triangle, adjoint, compare, conjugate, identity, product, promoted, real, reflectors,
    scale_columns, slice, solve, splat, spread, weights,
};
use dp_dialects::OpKind::*;
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::Val;
use dp_dialects::parameters::SolveForm;
use dp_dialects::{Builder, Diagnostic, Number, Parameters, Result, ScalarType, ValueType};

/// The singular values, the left vectors, and the adjoint right ones.
pub(super) fn svd<'c>(b: Builder<'c>, x: Val<'c>, wanted: &[bool]) -> Result<Vec<Option<Val<'c>>>> {
    let of = ValueType::of_value(x)?;
    let (rows, columns) = (of.rank() - 2, of.rank() - 1);
    let (Some(m), Some(n)) = (of.extents()[rows], of.extents()[columns]) else {
        let diagnostic =
            Diagnostic::unsupported("singular values of matrices with dynamic extents are only interpreted");
        return Err(diagnostic.help("make the extents of the matrices static, by their types or by --specialize"));
    };
    if m < n {
        let turned = svd(b, adjoint(b, x)?, &[wanted[0], wanted[2], wanted[1]])?;
        let turn = |part: Option<Val<'c>>| part.map(|part| adjoint(b, part)).transpose();
        return Ok(vec![turned[0], turn(turned[2])?, turn(turned[1])?]);
    }
    if of.extents().contains(&Some(0)) {
        let values = real(b, super::qr::list(b, x, Size::known(b, n)?)?)?;
        let square = slice(b, x, &[(rows, None, Size::known(b, n)?)])?;
        return Ok(vec![Some(values), Some(identity(b, x)?), Some(identity(b, square)?)]);
    }
    let batch: Vec<usize> = (0..rows).collect();
    let finite = all_finite(b, x)?;
    let clean = b.scalar(ScalarSelect, &[spread(b, finite, &batch, x)?, x, splat(b, 0.0, x)?])?;
    let size = scale(b, clean)?;
    let divisor = promoted(b, spread(b, size, &batch, real(b, clean)?)?, of.dtype)?;
    let mut square = b.scalar(ScalarDiv, &[clean, divisor])?;
    let mut outer = None;
    if m > n {
        let [packed, q] = orthogonal(b, square, n)?;
        let top = slice(b, packed, &[(rows, None, Size::known(b, n)?)])?;
        square = b.scalar(ScalarMul, &[top, weights(b, top, Triangle::Upper, 1.0)?])?;
        outer = Some(q);
    }
    let polar = polar(b, square)?;
    let hermitian = product(b, conjugate(b, polar)?, square, [rows, rows])?;
    let twice = b.scalar(ScalarAdd, &[hermitian, adjoint(b, hermitian)?])?;
    // From the greatest on.
    let negative = b.scalar(ScalarMul, &[twice, splat(b, -0.5, twice)?])?;
    let values = b.scalar(ScalarNeg, &[b.emit(ArrayEighValues, &Parameters::None, &[negative])?])?;
    let values = b.scalar(ScalarMax, &[values, splat(b, 0.0, values)?])?;
    let values = b.scalar(ScalarMul, &[values, spread(b, size, &batch, values)?])?;
    let nan = |like: Val<'c>| b.splat(Number::Real(f64::NAN), &ValueType::of_value(like)?, like);
    let checked = |x: Val<'c>| {
        let nan = promoted(b, nan(real(b, x)?)?, ValueType::of_value(x)?.dtype)?;
        b.scalar(ScalarSelect, &[spread(b, finite, &batch, x)?, x, nan])
    };
    let mut made = vec![Some(checked(values)?), None, None];
    if wanted[1] || wanted[2] {
        let vectors = b.emit(ArrayEighVectors, &Parameters::None, &[negative])?;
        if wanted[1] {
            let left = completed(b, product(b, polar, vectors, [columns, rows])?)?;
            let left = outer.map_or(Ok(left), |outer| product(b, outer, left, [columns, rows]))?;
            made[1] = Some(checked(left)?);
        }
        made[2] = Some(checked(adjoint(b, vectors)?)?);
    }
    Ok(made)
}

/// QR factors, packed, and the first columns of `q`.
fn orthogonal<'c>(b: Builder<'c>, x: Val<'c>, count: u64) -> Result<[Val<'c>; 2]> {
    let packed = b.emit(ArrayQr, &Parameters::None, &[x])?;
    let taus = b.emit(ArrayQrTaus, &Parameters::None, &[x])?;
    let q = Reflections::of(b, reflectors(b, packed, None)?, taus)?.columns(b, Size::known(b, count)?)?;
    Ok([packed, q])
}

/// Columns that are orthonormal or 0, with others in the place of those that are 0.
fn completed<'c>(b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    let of = ValueType::of_value(x)?;
    let (rows, count) = (of.rank() - 2, of.extents()[of.rank() - 1]);
    let count = count.ok_or_else(|| Diagnostic::internal("internal error: an extent is not known"))?;
    let [packed, q] = orthogonal(b, x, count)?;
    let diagonal = b.scalar(ScalarMul, &[packed, identity(b, packed)?])?;
    let sum = Parameters::Reduce { kind: Reduction::Add, dims: vec![rows] };
    let diagonal = real(b, b.emit(ArrayReduce, &sum, &[diagonal])?)?;
    let negative = compare(b, Predicate::Lt, diagonal, splat(b, 0.0, diagonal)?)?;
    let sign = b.scalar(ScalarSelect, &[negative, splat(b, -1.0, diagonal)?, splat(b, 1.0, diagonal)?])?;
    scale_columns(b, q, promoted(b, sign, of.dtype)?)
}

/// The weights `a`, `b` and `c` of the iterations, for singular values between the least number and 1.
fn weights_of_iterations(dtype: ScalarType) -> Vec<[f64; 3]> {
    let mut least = epsilon(dtype);
    let mut made = Vec::new();
    while 1.0 - least > 8.0 * epsilon(dtype) {
        let square = least * least;
        let root = (1.0 + (4.0 * (1.0 - square) / (square * square)).cbrt()).sqrt();
        let rest = 8.0 - 4.0 * (root * root - 1.0) + 8.0 * (2.0 - square) / (square * root);
        let a = root + rest.max(0.0).sqrt() / 2.0;
        let b = (a - 1.0) * (a - 1.0) / 4.0;
        let c = a + b - 1.0;
        made.push([a, b, c]);
        least = (least * (a + b * square) / (1.0 + c * square)).min(1.0);
    }
    made
}

/// The unitary factor `p` of square matrices.
fn polar<'c>(b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    let of = ValueType::of_value(x)?;
    let (rows, columns) = (of.rank() - 2, of.rank() - 1);
    let batch: Vec<usize> = (0..rows).collect();
    // No singular value is greater than the root of the sum of squares.
    let squares = real(b, b.scalar(ScalarMul, &[conjugate(b, x)?, x])?)?;
    let sum = Parameters::Reduce { kind: Reduction::Add, dims: vec![rows, columns] };
    let most = b.scalar(ScalarSqrt, &[b.emit(ArrayReduce, &sum, &[squares])?])?;
    let none = compare(b, Predicate::Eq, most, splat(b, 0.0, most)?)?;
    let most = b.scalar(ScalarSelect, &[none, splat(b, 1.0, most)?, most])?;
    let divisor = promoted(b, spread(b, most, &batch, squares)?, of.dtype)?;
    let mut now = b.scalar(ScalarDiv, &[x, divisor])?;
    let size = of.extents()[columns].ok_or_else(|| Diagnostic::internal("internal error: an extent is not known"))?;
    let times = |factor: f64, x: Val<'c>| b.scalar(ScalarMul, &[splat(b, factor, x)?, x]);
    for [a, weight, c] in weights_of_iterations(of.dtype) {
        let kept = times(weight / c, now)?;
        let moved = if c > 100.0 {
            let stacked =
                b.emit(ArrayConcatenate, &Parameters::Dim(rows), &[times(c.sqrt(), now)?, identity(b, now)?])?;
            let [_, q] = orthogonal(b, stacked, size)?;
            let half = |start: u64| {
                let start = if start == 0 { None } else { Some(b.index(start as i64)?) };
                slice(b, q, &[(rows, start, Size::known(b, size)?)])
            };
            let made = product(b, half(0)?, conjugate(b, half(size)?)?, [columns, columns])?;
            times((a - weight / c) / c.sqrt(), made)?
        } else {
            let gram = times(c, product(b, conjugate(b, now)?, now, [rows, rows])?)?;
            let factor =
                b.emit(ArrayCholesky, &Parameters::None, &[b.scalar(ScalarAdd, &[gram, identity(b, gram)?])?])?;
            let right = SolveForm { right: true, ..SolveForm::default() };
            let first = solve(b, SolveForm { transposed: true, conjugated: true, ..right }, factor, now)?;
            times(a - weight / c, solve(b, right, factor, first)?)?
        };
        now = b.scalar(ScalarAdd, &[kept, moved])?;
    }
    Ok(now)
}
