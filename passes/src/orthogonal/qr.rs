//! QR factors, by blocks of columns. Within a block, each column is reflected, and the reflection applied to the columns of
//! the block behind it. Then matrix multiplications apply the reflections of the block to all columns behind the block.

use super::reflector::Reflector;
use crate::matrices::{
    Reflections, Size, compare, conjugate, indices, integer, padded, places, product, rank, reflectors, slice, splat,
    spread, update, without,
};
use crate::parallel::nest;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::Val;
use dp_dialects::{Builder, Number, Result, ValueType};

/// The columns of a block.
const BLOCK: u64 = 32;

/// The packed factors, and the taus.
pub(super) fn qr<'c>(b: Builder<'c>, x: Val<'c>, _: &[bool]) -> Result<Vec<Option<Val<'c>>>> {
    factors(b, x).map(|[packed, taus]| vec![Some(packed), Some(taus)])
}

/// The packed factors, and the taus.
pub(super) fn factors<'c>(b: Builder<'c>, x: Val<'c>) -> Result<[Val<'c>; 2]> {
    let of = ValueType::of_value(x)?;
    let (rows, columns) = (of.rank() - 2, of.rank() - 1);
    let (m, n) = (Size::of(b, x, rows)?, Size::of(b, x, columns)?);
    let known = m.known.zip(n.known).map(|(m, n)| m.min(n));
    let least = indices(b, ArithMinSI, m.value, n.value)?;
    let count = Size { known, value: least };
    let width = known.filter(|known| *known <= BLOCK * 3 / 2).unwrap_or(BLOCK).max(1);
    // Whole blocks.
    let one_less = b.index(width as i64 - 1)?;
    let blocks = indices(b, ArithDivSI, indices(b, ArithAddI, least, one_less)?, b.index(width as i64)?)?;
    let whole = known.map(|known| known.div_ceil(width) * width);
    let taus = list(b, x, Size { known: whole, value: indices(b, ArithMulI, blocks, b.index(width as i64)?)? })?;
    if of.extents().contains(&Some(0)) {
        return Ok([x, slice(b, taus, &[(rows, None, count)])?]);
    }
    let more = match (whole, n.known) {
        (Some(whole), Some(n)) => whole.saturating_sub(n),
        (None, _) | (_, None) => width - 1,
    };
    let start = padded(b, x, columns, more)?;
    // A single block with all columns has none behind it.
    let is_single = n.known.is_some_and(|n| n <= width);
    let range = [b.index(0)?, blocks, b.index(1)?];
    let made = nest(b, &[range], &mut Vec::new(), &[start, taus], &mut |b, at, carried| {
        let first = indices(b, ArithMulI, at[0], b.index(width as i64)?)?;
        let panel = slice(b, carried[0], &[(columns, Some(first), Size::known(b, width)?)])?;
        let [panel, taus] = factored(b, panel, first, width)?;
        let mut whole = update(b, carried[0], panel, &[(columns, first)])?;
        if !is_single {
            let end = integer(b, indices(b, ArithAddI, first, b.index(width as i64)?)?)?;
            let vectors = reflectors(b, panel, Some(first))?;
            whole = Reflections::of(b, vectors, taus)?.apply_adjoint(b, whole, |along| {
                let places = places(b, along, columns)?;
                let behind = compare(b, Predicate::Ge, places, spread(b, end, &[], along)?)?;
                b.scalar(ScalarSelect, &[behind, along, splat(b, 0.0, along)?])
            })?;
        }
        Ok(vec![whole, update(b, carried[1], taus, &[(rows, first)])?])
    })?;
    let packed = match more {
        0 => made[0],
        _ => slice(b, made[0], &[(columns, None, n)])?,
    };
    Ok([packed, slice(b, made[1], &[(rows, None, count)])?])
}

/// Zeros, as many for each matrix as a size says.
pub(super) fn list<'c>(b: Builder<'c>, x: Val<'c>, size: Size<'c>) -> Result<Val<'c>> {
    let of = ValueType::of_value(x)?;
    let rows = of.rank() - 2;
    let r#type = ValueType::tensor(of.dtype, of.extents()[..rows].iter().copied().chain([size.known]).collect());
    let zero = b.literal(dp_dialects::Literal::number(of.dtype, Number::of_f64(0.0, of.dtype)))?;
    let open = r#type.dynamic_dimensions().map(|dim| if dim == rows { Ok(size.value) } else { b.extent(x, dim) });
    b.broadcast(zero, &[], &r#type, &open.collect::<Result<Vec<_>>>()?)
}

/// A block of columns, which starts in a row, and its taus.
fn factored<'c>(b: Builder<'c>, panel: Val<'c>, first: Val<'c>, width: u64) -> Result<[Val<'c>; 2]> {
    let rank = rank(panel)?;
    let (rows, columns) = (rank - 2, rank - 1);
    let taus = list(b, panel, Size::known(b, width)?)?;
    let range = [b.index(0)?, b.index(width as i64)?, b.index(1)?];
    let made = nest(b, &[range], &mut Vec::new(), &[panel, taus], &mut |b, at, carried| {
        let index = at[at.len() - 1];
        let place = integer(b, indices(b, ArithAddI, first, index)?)?;
        let column = slice(b, carried[0], &[(columns, Some(index), Size::known(b, 1)?)])?;
        let column = without(b, column, &[columns])?;
        let reflector = Reflector::of(b, column, place)?;
        let along = product(b, reflector.conjugate(b)?, carried[0], [rows, rows])?;
        let batch: Vec<usize> = (0..rows).collect();
        let factor = spread(b, conjugate(b, reflector.tau)?, &batch, along)?;
        let along = b.scalar(ScalarMul, &[factor, along])?;
        let of_rows: Vec<usize> = (0..columns).collect();
        let of_columns: Vec<usize> = (0..rows).chain([columns]).collect();
        let spread_rows = |x| spread(b, x, &of_rows, carried[0]);
        let moved =
            b.scalar(ScalarMul, &[spread_rows(reflector.vector)?, spread(b, along, &of_columns, carried[0])?])?;
        let moved = b.scalar(ScalarSub, &[carried[0], moved])?;
        let select = |condition, yes, no| b.scalar(ScalarSelect, &[condition, yes, no]);
        let here = select(reflector.at, spread(b, reflector.beta, &batch, column)?, column)?;
        let here = select(reflector.behind, reflector.vector, here)?;
        let places_of = |like, dim| places(b, like, dim);
        let (numbers, own) = (places_of(carried[0], columns)?, spread(b, integer(b, index)?, &[], carried[0])?);
        let rest = select(compare(b, Predicate::Gt, numbers, own)?, moved, carried[0])?;
        let next = select(compare(b, Predicate::Eq, numbers, own)?, spread_rows(here)?, rest)?;
        let (numbers, own) = (places_of(carried[1], rows)?, spread(b, integer(b, index)?, &[], carried[1])?);
        let tau = spread(b, reflector.tau, &batch, carried[1])?;
        Ok(vec![next, select(compare(b, Predicate::Eq, numbers, own)?, tau, carried[1])?])
    })?;
    Ok([made[0], made[1]])
}
