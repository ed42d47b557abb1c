//! `array.cholesky`, by block rows of the adjoint of the factor, `U = Lᴴ`: so all inner loops run along rows.
//!
//! Each block of rows is eliminated row by row: `U_j = A_j / √a_jj`, and `A_i -= conj(u_ji) U_j` for the rows `i` of the
//! block. The rows behind the block follow in matrix multiplications, `A_I -= (U_KI)ᴴ U_K`, one for each block of them, so
//! that nothing before the diagonal is computed. If the order of sums is fixed, there is a single block. A pivot that is not
//! positive becomes NaN, which spreads to the last one.

use super::LoweringSite;
use super::contract::{Factors, contraction};
use super::matrices::{Along, Part, add, all, batched, blocks, min, mul, repeated, scratch, sub};
use crate::checks::{Order, compare, require_equal};
use crate::structured::{Index, Indexed, empty, extent, extents, generic, loop_index};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::Val;
use dp_dialects::{Builder, License, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};

/// The rows of a block.
const BLOCK: i64 = 32;

/// What the loops need.
struct Cholesky<'c> {
    /// A type with the elements of the matrices.
    of: ValueType,
    n: Index<'c>,
    /// The rows of a block, if there are several blocks.
    block: Option<i64>,
}

/// The carried tensors: the matrix, a row, a pivot, and with several blocks a block of rows and its negative conjugate.
type Carried<'c> = Vec<Val<'c>>;

pub(super) fn cholesky<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let (b, x, of) = (&site.b, site.operands[0], &site.types[0]);
    let rank = of.rank();
    require_square(b, x, of)?;
    let y = empty(b, &site.result, &extents(b, x)?)?;
    if of.extents().contains(&Some(0)) {
        return Ok(y);
    }
    let n = Index::extent(b, x, of, rank - 1)?;
    let is_small = matches!(n, Index::Known(n) if n <= BLOCK * 3 / 2);
    let block = Some(BLOCK).filter(|_| site.model.may(License::Reorder) && !is_small);
    let work = Cholesky { of: of.clone(), n, block };

    let mut turned: Vec<usize> = (0..rank).collect();
    turned.swap(rank - 2, rank - 1);
    let input = Indexed { value: x, loops: turned.clone() };
    let start = empty(b, of, &extents(b, x)?)?;
    let start = generic(b, rank, &[], &[input], &[Indexed::identity(start, rank)], |b, elements| {
        conjugate(b, elements[0]).map(|element| vec![element])
    })?;
    let real = of.with_dtype(of.dtype.real());
    let mut carried = vec![start[0], scratch(b, of, &[n])?, scratch(b, &real, &[])?];
    if let Some(block) = block {
        carried.push(scratch(b, of, &[Index::Known(block), n])?);
        carried.push(scratch(b, of, &[Index::Known(block), n])?);
    }
    let counts = (0..rank - 2).map(|dim| Index::extent(b, x, of, dim)).collect::<Result<Vec<_>>>()?;
    let made = batched(b, &counts, &mut Vec::new(), &carried, &mut |b, outer, carried| {
        let along: Vec<Along> = outer.iter().map(|at| (Index::Value(*at), None)).chain([all(n), all(n)]).collect();
        let matrix = Part::of(of, &along);
        let mut inner = carried.to_vec();
        inner[0] = matrix.extract(b, carried[0])?;
        let mut inner = work.factor(b, inner)?;
        inner[0] = matrix.insert(b, inner[0], carried[0])?;
        Ok(inner)
    })?;
    finish(site, &counts, n, made[0], y)
}

/// Requires matrices to be square.
pub(super) fn require_square<'c>(b: &Builder<'c>, x: Val<'c>, of: &ValueType) -> Result<()> {
    let last = of.rank() - 1;
    if of.extents()[last - 1].is_some() && of.extents()[last].is_some() {
        return Ok(());
    }
    require_equal(b, extent(b, x, last - 1)?, extent(b, x, last)?, "a square matrix has as many columns as rows")
}

/// The lower triangular factor from its adjoint; NaN if the last pivot is.
fn finish<'c>(
    site: &LoweringSite<'c>,
    counts: &[Index<'c>],
    n: Index<'c>,
    upper: Val<'c>,
    y: Val<'c>,
) -> Result<Val<'c>> {
    let (b, of) = (&site.b, &site.types[0]);
    let rank = of.rank();
    let last = sub(b, n, Index::Known(1))?;
    let along: Vec<Along> = counts.iter().map(|count| all(*count)).chain([(last, None), (last, None)]).collect();
    let pivots = Part::of(of, &along).extract(b, upper)?;
    let mut turned: Vec<usize> = (0..rank).collect();
    turned.swap(rank - 2, rank - 1);
    let inputs = [Indexed { value: upper, loops: turned }, Indexed::identity(pivots, rank - 2)];
    let made = generic(b, rank, &[], &inputs, &[Indexed::identity(y, rank)], |b, elements| {
        let (row, column) = (loop_index(b, rank - 2)?, loop_index(b, rank - 1)?);
        let is_below = compare(b, Order::Sge, row, column)?;
        let pivot = real_part(b, elements[1])?;
        let fails = b.scalar(OpKind::ScalarIsNan, &[pivot])?;
        let nan = b.literal(Literal::number(of.dtype.real(), Number::Real(f64::NAN)))?;
        let nan = if of.dtype.is_complex() { b.scalar(OpKind::ScalarComplex, &[nan, nan])? } else { nan };
        let element = conjugate(b, elements[0])?;
        let element = b.scalar(OpKind::ScalarSelect, &[fails, nan, element])?;
        let zero = b.literal(Literal::number(of.dtype, Number::of_f64(0.0, of.dtype)))?;
        b.scalar(OpKind::ScalarSelect, &[is_below, element, zero]).map(|element| vec![element])
    })?;
    Ok(made[0])
}

impl<'c> Cholesky<'c> {
    fn factor(&self, b: &Builder<'c>, carried: Carried<'c>) -> Result<Carried<'c>> {
        let Some(block) = self.block else { return self.rows(b, carried, Index::Known(0), self.n) };
        let count = blocks(b, self.n, block)?;
        repeated(b, count, &carried, |b, index, carried| {
            let first = mul(b, Index::Value(index), Index::Known(block))?;
            let rows = min(b, Index::Known(block), sub(b, self.n, first)?)?;
            let carried = self.rows(b, carried.to_vec(), first, rows)?;
            self.behind(b, carried, first, rows, block)
        })
    }

    /// Eliminates the rows of a block.
    fn rows(&self, b: &Builder<'c>, carried: Carried<'c>, first: Index<'c>, rows: Index<'c>) -> Result<Carried<'c>> {
        let end = add(b, first, rows)?;
        repeated(b, rows, &carried, |b, index, carried| {
            let &[mut matrix, mut row, pivot, ref others @ ..] = carried else { return Ok(carried.to_vec()) };
            let at = add(b, first, Index::Value(index))?;
            let next = add(b, at, Index::Known(1))?;
            let (width, height) = (sub(b, self.n, next)?, sub(b, end, next)?);

            let diagonal = Part::of(&self.of, &[(at, None), (at, None)]);
            let place = diagonal.extract(b, matrix)?;
            let output = Indexed::identity(pivot, 0);
            let root = generic(b, 0, &[], &[Indexed::identity(place, 0)], &[output], |b, elements| {
                root(b, elements[0]).map(|root| vec![root])
            })?[0];
            let inputs = [Indexed::identity(root, 0)];
            let made = generic(b, 0, &[], &inputs, &[Indexed::identity(place, 0)], |b, elements| {
                whole(b, elements[0], self.of.dtype).map(|root| vec![root])
            })?;
            matrix = diagonal.insert(b, made[0], matrix)?;

            let (right, along) =
                (Part::of(&self.of, &[(at, None), (next, Some(width))]), Part::of(&self.of, &[(next, Some(width))]));
            let inputs = [Indexed::identity(right.extract(b, matrix)?, 1), Indexed { value: root, loops: vec![] }];
            let output = Indexed::identity(along.extract(b, row)?, 1);
            let scaled = generic(b, 1, &[], &inputs, &[output], |b, elements| {
                divide(b, elements[0], elements[1]).map(|element| vec![element])
            })?[0];
            matrix = right.insert(b, scaled, matrix)?;
            row = along.insert(b, scaled, row)?;

            let factors = Part::of(&self.of, &[(next, Some(height))]).extract(b, row)?;
            let below = Part::of(&self.of, &[(next, Some(height)), (next, Some(width))]);
            let inputs =
                [Indexed { value: factors, loops: vec![0] }, Indexed { value: along.extract(b, row)?, loops: vec![1] }];
            let output = Indexed::identity(below.extract(b, matrix)?, 2);
            let made = generic(b, 2, &[], &inputs, &[output], |b, elements| {
                let factor = conjugate(b, elements[0])?;
                eliminated(b, elements[2], factor, elements[1]).map(|element| vec![element])
            })?;
            matrix = below.insert(b, made[0], matrix)?;
            Ok([&[matrix, row, root], others].concat())
        })
    }

    /// Updates the rows behind a block.
    fn behind(
        &self,
        b: &Builder<'c>,
        carried: Carried<'c>,
        first: Index<'c>,
        rows: Index<'c>,
        block: i64,
    ) -> Result<Carried<'c>> {
        let [matrix, row, pivot, copy, negative] = carried[..] else { return Ok(carried) };
        let end = add(b, first, rows)?;
        let width = sub(b, self.n, end)?;
        let source = Part::of(&self.of, &[(first, Some(rows)), (end, Some(width))]).extract(b, matrix)?;
        let part = Part::of(&self.of, &[all(rows), (end, Some(width))]);
        let outputs = [copy, negative].into_iter().map(|x| Ok(Indexed::identity(part.extract(b, x)?, 2)));
        let outputs = outputs.collect::<Result<Vec<_>>>()?;
        let made = generic(b, 2, &[], &[Indexed::identity(source, 2)], &outputs, |b, elements| {
            let conjugate = conjugate(b, elements[0])?;
            Ok(vec![elements[0], b.scalar(OpKind::ScalarNeg, &[conjugate])?])
        })?;
        let (copy, negative) = (part.insert(b, made[0], copy)?, part.insert(b, made[1], negative)?);
        let count = blocks(b, width, block)?;
        let made = repeated(b, count, &[matrix], |b, index, carried| {
            let offset = mul(b, Index::Value(index), Index::Known(block))?;
            let from = add(b, end, offset)?;
            let width = sub(b, self.n, from)?;
            let height = min(b, Index::Known(block), width)?;
            let left = Part::of(&self.of, &[all(rows), (from, Some(height))]).extract(b, negative)?;
            let right = Part::of(&self.of, &[all(rows), (from, Some(width))]).extract(b, copy)?;
            let place = Part::of(&self.of, &[(from, Some(height)), (from, Some(width))]);
            let factors = Factors { left: (left, [2, 0]), right: (right, [2, 1]) };
            let made = contraction(b, &factors, place.extract(b, carried[0])?, self.of.dtype)?;
            Ok(vec![place.insert(b, made, carried[0])?])
        })?;
        Ok(vec![made[0], row, pivot, copy, negative])
    }
}

/// The square root of a positive pivot, NaN for others.
fn root<'c>(b: &Builder<'c>, pivot: Val<'c>) -> Result<Val<'c>> {
    let pivot = real_part(b, pivot)?;
    let dtype = ValueType::of_value(pivot)?.dtype;
    let number = |value: f64| b.literal(Literal::number(dtype, Number::Real(value)));
    let (zero, nan) = (number(0.0)?, number(f64::NAN)?);
    let is_positive = b.emit(OpKind::ScalarCompare, &Parameters::Compare(Predicate::Gt), &[pivot, zero])?;
    let root = b.scalar(OpKind::ScalarSqrt, &[pivot])?;
    b.scalar(OpKind::ScalarSelect, &[is_positive, root, nan])
}

fn is_complex(x: Val) -> Result<bool> {
    Ok(ValueType::of_value(x)?.dtype.is_complex())
}

fn real_part<'c>(b: &Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    if is_complex(x)? { b.scalar(OpKind::ScalarReal, &[x]) } else { Ok(x) }
}

/// The complex conjugate; a real number itself.
pub(super) fn conjugate<'c>(b: &Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    if is_complex(x)? { b.scalar(OpKind::ScalarConj, &[x]) } else { Ok(x) }
}

/// A real number as one of a type.
fn whole<'c>(b: &Builder<'c>, x: Val<'c>, dtype: ScalarType) -> Result<Val<'c>> {
    if !dtype.is_complex() {
        return Ok(x);
    }
    let zero = b.literal(Literal::number(dtype.real(), Number::Real(0.0)))?;
    b.scalar(OpKind::ScalarComplex, &[x, zero])
}

/// A number divided by a real one.
fn divide<'c>(b: &Builder<'c>, x: Val<'c>, by: Val<'c>) -> Result<Val<'c>> {
    if !is_complex(x)? {
        return b.scalar(OpKind::ScalarDiv, &[x, by]);
    }
    let part = |kind| b.scalar(OpKind::ScalarDiv, &[b.scalar(kind, &[x])?, by]);
    let parts = [part(OpKind::ScalarReal)?, part(OpKind::ScalarImag)?];
    b.scalar(OpKind::ScalarComplex, &parts)
}

/// `y - a b`.
pub(super) fn eliminated<'c>(b: &Builder<'c>, y: Val<'c>, x: Val<'c>, z: Val<'c>) -> Result<Val<'c>> {
    let product = b.scalar(OpKind::ScalarMul, &[x, z])?;
    b.scalar(OpKind::ScalarSub, &[y, product])
}
