//! Eigenvalues and eigenvectors of Hermitian matrices: reflections make them tridiagonal, and rotations diagonal.

use super::qr::list;
use super::reflector::Reflector;
use super::scale;
use super::tridiagonal::{Tridiagonal, identity_of, member, sorted};
use crate::matrices::{
    Reflections, Size, Triangle, adjoint, compare, conjugate, indices, integer, places, product, promoted, rank, real,
    reduce, slice, splat, spread, transposed, update, weights, without,
};
use crate::parallel::nest;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::Val;
use dp_dialects::{Builder, Number, Parameters, Result, ValueType};

/// The eigenvalues and the eigenvectors.
pub(super) fn eigh<'c>(b: Builder<'c>, x: Val<'c>, wanted: &[bool]) -> Result<Vec<Option<Val<'c>>>> {
    let of = ValueType::of_value(x)?;
    let rows = of.rank() - 2;
    if of.extents().contains(&Some(0)) {
        let none = list(b, x, Size::of(b, x, rows)?)?;
        return Ok(vec![Some(real(b, none)?), Some(x)]);
    }
    // Elements of size 1 at most, and zeros where they are not finite: the loops end.
    let lower = b.scalar(ScalarMul, &[x, weights(b, x, Triangle::Lower, 0.5)?])?;
    let read = compare(b, Predicate::Ge, places(b, x, rows)?, places(b, x, rows + 1)?)?;
    let lower = b.scalar(ScalarSelect, &[read, lower, splat(b, 0.0, x)?])?;
    let whole = b.scalar(ScalarAdd, &[lower, adjoint(b, lower)?])?;
    let finite = all_finite(b, whole)?;
    let batch: Vec<usize> = (0..rows).collect();
    let whole = b.scalar(ScalarSelect, &[spread(b, finite, &batch, whole)?, whole, splat(b, 0.0, whole)?])?;
    let size = scale(b, whole)?;
    let divisor = promoted(b, spread(b, size, &batch, real(b, whole)?)?, of.dtype)?;
    let scaled = b.scalar(ScalarDiv, &[whole, divisor])?;

    let [diagonal, beside, vectors, taus] = tridiagonal(b, scaled)?;
    let zeros = splat(b, 0.0, real(b, scaled)?)?;
    let ranges = (0..rows).map(|dim| Ok([b.index(0)?, b.extent(x, dim)?, b.index(1)?])).collect::<Result<Vec<_>>>()?;
    let carried: Vec<Val> = [diagonal].into_iter().chain(wanted[1].then_some(zeros)).collect();
    let made = nest(b, &ranges, &mut Vec::new(), &carried, &mut |b, at, carried| {
        let diagonal = member(b, diagonal, at)?;
        let rotated = if wanted[1] { Some(identity_of(b, diagonal)?) } else { None };
        let matrix = Tridiagonal { diagonal, beside: member(b, beside, at)?, vectors: rotated };
        let matrix = matrix.diagonalized(b)?;
        let (values, vectors) = sorted(b, matrix.diagonal, matrix.vectors)?;
        [values].into_iter().chain(vectors).zip(carried).map(|(part, all)| put(b, *all, part, at)).collect()
    })?;
    let nan = |x| b.splat(Number::Real(f64::NAN), &ValueType::of_value(x)?, x);
    let values = b.scalar(ScalarMul, &[made[0], spread(b, size, &batch, made[0])?])?;
    let values = b.scalar(ScalarSelect, &[spread(b, finite, &batch, values)?, values, nan(values)?])?;
    if !wanted[1] {
        return Ok(vec![Some(values), None]);
    }
    let reflections = Reflections::of(b, transposed(b, vectors)?, taus)?;
    let q = reflections.columns(b, Size::of(b, x, rows)?)?;
    let rotated = promoted(b, made[1], of.dtype)?;
    let vectors = product(b, q, rotated, [rows + 1, rows + 1])?;
    let nan = promoted(b, nan(real(b, vectors)?)?, of.dtype)?;
    let vectors = b.scalar(ScalarSelect, &[spread(b, finite, &batch, vectors)?, vectors, nan])?;
    Ok(vec![Some(values), Some(vectors)])
}

/// Whether all elements of each matrix are finite.
pub(super) fn all_finite<'c>(b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    let finite = match ValueType::of_value(x)?.dtype.is_complex() {
        true => {
            let part = |kind| b.scalar(ScalarIsFinite, &[b.scalar(kind, &[x])?]);
            b.scalar(ScalarAnd, &[part(ScalarReal)?, part(ScalarImag)?])?
        }
        false => b.scalar(ScalarIsFinite, &[x])?,
    };
    let rank = rank(x)?;
    b.emit(ArrayReduce, &Parameters::Reduce { kind: Reduction::And, dims: vec![rank - 2, rank - 1] }, &[finite])
}

/// A batch with another member.
fn put<'c>(b: Builder<'c>, whole: Val<'c>, part: Val<'c>, at: &[Val<'c>]) -> Result<Val<'c>> {
    if at.is_empty() {
        return Ok(part);
    }
    let of = ValueType::of_value(part)?;
    let extents = at.iter().map(|_| Some(1)).chain(of.extents().iter().copied()).collect();
    let part = crate::matrices::reshaped(b, part, extents)?;
    update(b, whole, part, &at.iter().copied().enumerate().collect::<Vec<_>>())
}

/// The diagonal, the elements beside it, the vectors of the reflections as rows, and their taus. Step `j` reflects column
/// `j` below row `j`, and what follows from it in the rest of the matrix.
fn tridiagonal<'c>(b: Builder<'c>, x: Val<'c>) -> Result<[Val<'c>; 4]> {
    let rank = rank(x)?;
    let (rows, columns) = (rank - 2, rank - 1);
    let n = Size::of(b, x, rows)?;
    let taus = list(b, x, n)?;
    let reals = real(b, taus)?;
    let range = [b.index(0)?, n.value, b.index(1)?];
    let carried = [x, reals, reals, splat(b, 0.0, x)?, taus];
    let batch: Vec<usize> = (0..rows).collect();
    let made = nest(b, &[range], &mut Vec::new(), &carried, &mut |b, at, carried| {
        let &[x, diagonal, beside, vectors, taus] = carried else { return Ok(carried.to_vec()) };
        let step = integer(b, at[0])?;
        let next = integer(b, indices(b, ArithAddI, at[0], b.index(1)?)?)?;
        let column = slice(b, x, &[(columns, Some(at[0]), Size::known(b, 1)?)])?;
        let column = without(b, column, &[columns])?;
        let Reflector { vector, tau, beta, at: here, behind } = Reflector::of(b, column, next)?;
        let select = |condition, yes, no| b.scalar(ScalarSelect, &[condition, yes, no]);
        let zero = splat(b, 0.0, vector)?;
        let along = product(b, x, vector, [columns, rows])?;
        let along = select(b.scalar(ScalarOr, &[here, behind])?, along, zero)?;
        let inner = b.scalar(ScalarMul, &[conjugate(b, vector)?, along])?;
        let inner = real(b, reduce(b, Reduction::Add, inner, rows)?)?;
        // `w = tau x v - |tau|² (vᴴ x v) v / 2`; then `x - v wᴴ - w vᴴ` has the reflection on both sides.
        let size = real(b, b.scalar(ScalarMul, &[conjugate(b, tau)?, tau])?)?;
        let half = b.scalar(ScalarMul, &[b.scalar(ScalarMul, &[size, inner])?, splat(b, 0.5, size)?])?;
        let dtype = ValueType::of_value(x)?.dtype;
        let scaled = |factor, x| b.scalar(ScalarMul, &[spread(b, factor, &batch, x)?, x]);
        let w = b.scalar(ScalarSub, &[scaled(tau, along)?, scaled(promoted(b, half, dtype)?, vector)?])?;
        let of_rows: Vec<usize> = (0..columns).collect();
        let of_columns: Vec<usize> = (0..rows).chain([columns]).collect();
        let outer = |x_rows, x_columns| {
            let factors = [spread(b, x_rows, &of_rows, x)?, spread(b, conjugate(b, x_columns)?, &of_columns, x)?];
            b.scalar(ScalarMul, &factors)
        };
        let both = b.scalar(ScalarAdd, &[outer(vector, w)?, outer(w, vector)?])?;
        let next = b.scalar(ScalarSub, &[x, both])?;

        let numbers = places(b, column, rows)?;
        let own = compare(b, Predicate::Eq, numbers, spread(b, step, &[], column)?)?;
        let element = real(b, reduce(b, Reduction::Add, select(own, column, zero)?, rows)?)?;
        let diagonal = select(own, spread(b, element, &batch, diagonal)?, diagonal)?;
        let beside = select(own, spread(b, real(b, beta)?, &batch, beside)?, beside)?;
        let taus = select(own, spread(b, tau, &batch, taus)?, taus)?;
        let of = ValueType::of_value(vector)?;
        let mut row = of.extents().to_vec();
        row.insert(rows, Some(1));
        let vectors = update(b, vectors, crate::matrices::reshaped(b, vector, row)?, &[(rows, at[0])])?;
        Ok(vec![next, diagonal, beside, vectors, taus])
    })?;
    Ok([made[1], made[2], made[3], made[4]])
}
