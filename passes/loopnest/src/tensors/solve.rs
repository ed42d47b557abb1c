//! `array.triangular_solve`, by substitution in blocks of rows. A system with the matrix to the right is transposed first.
//!
//! Within a block, each row is divided by its pivot, and eliminated from the other rows of the block. Then a matrix
//! multiplication eliminates the block from the rows behind it; from those before it, if the matrix is upper triangular. If
//! the order of sums is fixed, there is a single block.

use super::LoweringSite;
use super::cholesky::{conjugate, eliminated, require_square};
use super::contract::{Factors, contraction};
use super::matrices::{Along, Part, add, all, batched, blocks, min, mul, repeated, scratch, sub};
use crate::checks::require_equal;
use crate::structured::{Index, Indexed, empty, extent, extents, generic};
use dp_dialects::ir::Val;
use dp_dialects::{Builder, License, OpKind, Parameters, Result, ValueType};

/// The rows of a block.
const BLOCK: i64 = 32;

/// What the loops need: systems with the matrix to the left.
struct Solve<'c> {
    /// A type with the elements of the matrices.
    of: ValueType,
    /// The number of unknowns, and of right sides.
    extents: [Index<'c>; 2],
    /// Whether the matrix is transposed.
    transposed: bool,
    /// Whether the transposed matrix is lower triangular.
    is_lower: bool,
    unit: bool,
    /// The rows of a block, if there are several blocks.
    block: Option<i64>,
}

/// The carried tensors: the solution, a row, and with several blocks a negative block of rows.
type Carried<'c> = Vec<Val<'c>>;

pub(super) fn solve<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Solve(form) = site.parameters else { return site.malformed() };
    let (of_a, of_b) = (&site.types[0], &site.types[1]);
    let rank = of_b.rank();
    require_square(b, site.operands[0], of_a)?;
    let own = rank - if form.right { 2 } else { 1 };
    for dim in (0..rank).filter(|dim| *dim != own) {
        if of_a.extents()[dim].is_none() || of_b.extents()[dim].is_none() {
            let message = format!("dimension {dim} of the operands of 'array.triangular_solve' differs in extent");
            let [x, y] = [0, 1].map(|operand| extent(b, site.operands[operand], dim));
            require_equal(b, x?, y?, &message)?;
        }
    }
    let known = |of: &ValueType| of.extents().contains(&Some(0));
    if known(of_a) || known(of_b) {
        return empty(b, &site.result, &extents_of_result(site)?);
    }
    let turned = |x: Val<'c>, of: &ValueType| turned(b, x, of);
    let mut a = site.operands[0];
    if form.conjugated && of_a.dtype.is_complex() {
        let into = empty(b, of_a, &extents(b, a)?)?;
        let [input, output] = [a, into].map(|value| Indexed::identity(value, rank));
        a = generic(b, rank, &[], &[input], &[output], |b, elements| {
            conjugate(b, elements[0]).map(|element| vec![element])
        })?[0];
    }
    let x = site.operands[1];
    let (x, of) = if form.right { turned(x, of_b)? } else { (x, of_b.clone()) };
    let of = &of;
    let (n, m) = (Index::extent(b, x, of, rank - 2)?, Index::extent(b, x, of, rank - 1)?);
    let is_small = matches!(n, Index::Known(n) if n <= BLOCK * 3 / 2);
    let block = Some(BLOCK).filter(|_| site.model.may(License::Reorder) && !is_small);
    let transposed = form.transposed != form.right;
    let is_lower = form.upper == transposed;
    let work = Solve { of: of.clone(), extents: [n, m], transposed, is_lower, unit: form.unit, block };
    let mut carried = vec![x, scratch(b, of, &[m])?];
    if let Some(block) = block {
        carried.push(scratch(b, of, &[Index::Known(block), m])?);
    }
    let counts = (0..rank - 2).map(|dim| Index::extent(b, x, of, dim)).collect::<Result<Vec<_>>>()?;
    let made = batched(b, &counts, &mut Vec::new(), &carried, &mut |b, outer, carried| {
        let part = |extents: [Index<'c>; 2]| {
            let batch = outer.iter().map(|at| (Index::Value(*at), None));
            Part::of(of, &batch.chain(extents.map(all)).collect::<Vec<Along>>())
        };
        let matrix = part([n, n]).extract(b, a)?;
        let sides = part([n, m]);
        let mut inner = carried.to_vec();
        inner[0] = sides.extract(b, carried[0])?;
        let mut inner = work.substitute(b, matrix, inner)?;
        inner[0] = sides.insert(b, inner[0], carried[0])?;
        Ok(inner)
    })?;
    let y = if form.right { turned(made[0], of)?.0 } else { made[0] };
    if ValueType::of_value(y)? == site.result { Ok(y) } else { b.cast(y, &site.result) }
}

/// The dynamic extents of the result.
fn extents_of_result<'c>(site: &LoweringSite<'c>) -> Result<Vec<Val<'c>>> {
    site.result.dynamic_dimensions().map(|dim| extent(&site.b, site.operands[1], dim)).collect()
}

/// A tensor with its last two dimensions swapped, and its type.
fn turned<'c>(b: &Builder<'c>, x: Val<'c>, of: &ValueType) -> Result<(Val<'c>, ValueType)> {
    let rank = of.rank();
    let mut loops: Vec<usize> = (0..rank).collect();
    loops.swap(rank - 2, rank - 1);
    let shape = ValueType::tensor(of.dtype, loops.iter().map(|dim| of.extents()[*dim]).collect());
    let open = shape.dynamic_dimensions().map(|dim| extent(b, x, loops[dim])).collect::<Result<Vec<_>>>()?;
    let into = empty(b, &shape, &open)?;
    let made =
        generic(b, rank, &[], &[Indexed { value: x, loops }], &[Indexed::identity(into, rank)], |_, elements| {
            Ok(vec![elements[0]])
        })?;
    Ok((made[0], shape))
}

impl<'c> Solve<'c> {
    /// A part of the matrix, at some rows and columns of the transposed matrix, and the loops over it.
    fn part(
        &self,
        b: &Builder<'c>,
        matrix: Val<'c>,
        along: [Along<'c>; 2],
        loops: [usize; 2],
    ) -> Result<(Val<'c>, [usize; 2])> {
        let ([row, column], [of_row, of_column]) = (along, loops);
        let (along, loops) = match self.transposed {
            true => ([column, row], [of_column, of_row]),
            false => ([row, column], [of_row, of_column]),
        };
        Ok((Part::of(&self.of, &along).extract(b, matrix)?, loops))
    }

    fn substitute(&self, b: &Builder<'c>, matrix: Val<'c>, carried: Carried<'c>) -> Result<Carried<'c>> {
        let [n, _] = self.extents;
        let Some(block) = self.block else { return self.rows(b, matrix, carried, Index::Known(0), n) };
        let count = blocks(b, n, block)?;
        repeated(b, count, &carried, |b, index, carried| {
            let number = self.in_order(b, Index::Value(index), count)?;
            let first = mul(b, number, Index::Known(block))?;
            let rows = min(b, Index::Known(block), sub(b, n, first)?)?;
            let carried = self.rows(b, matrix, carried.to_vec(), first, rows)?;
            self.others(b, matrix, carried, first, rows)
        })
    }

    /// The position of a step: from the last one on if the matrix is upper triangular.
    fn in_order(&self, b: &Builder<'c>, step: Index<'c>, count: Index<'c>) -> Result<Index<'c>> {
        if self.is_lower { Ok(step) } else { sub(b, sub(b, count, Index::Known(1))?, step) }
    }

    /// Solves the rows of a block.
    fn rows(
        &self,
        b: &Builder<'c>,
        matrix: Val<'c>,
        carried: Carried<'c>,
        first: Index<'c>,
        rows: Index<'c>,
    ) -> Result<Carried<'c>> {
        let m = self.extents[1];
        let end = add(b, first, rows)?;
        repeated(b, rows, &carried, |b, index, carried| {
            let &[mut solution, row, ref others @ ..] = carried else { return Ok(carried.to_vec()) };
            let at = add(b, first, self.in_order(b, Index::Value(index), rows)?)?;
            let place = Part::of(&self.of, &[(at, None), all(m)]);
            let mut inputs = vec![Indexed::identity(place.extract(b, solution)?, 1)];
            if !self.unit {
                let (pivot, _) = self.part(b, matrix, [(at, None), (at, None)], [0, 0])?;
                inputs.push(Indexed { value: pivot, loops: vec![] });
            }
            let row = generic(b, 1, &[], &inputs, &[Indexed::identity(row, 1)], |b, elements| match self.unit {
                true => Ok(vec![elements[0]]),
                false => b.scalar(OpKind::ScalarDiv, &elements[..2]).map(|element| vec![element]),
            })?[0];
            solution = place.insert(b, row, solution)?;
            let next = add(b, at, Index::Known(1))?;
            let (from, height) = match self.is_lower {
                true => (next, sub(b, end, next)?),
                false => (first, sub(b, at, first)?),
            };
            let (factors, _) = self.part(b, matrix, [(from, Some(height)), (at, None)], [0, 0])?;
            let place = Part::of(&self.of, &[(from, Some(height)), all(m)]);
            let inputs = [Indexed { value: factors, loops: vec![0] }, Indexed { value: row, loops: vec![1] }];
            let output = Indexed::identity(place.extract(b, solution)?, 2);
            let made = generic(b, 2, &[], &inputs, &[output], |b, elements| {
                eliminated(b, elements[2], elements[0], elements[1]).map(|element| vec![element])
            })?;
            solution = place.insert(b, made[0], solution)?;
            Ok([&[solution, row], others].concat())
        })
    }

    /// Eliminates a block from the rows that are solved later.
    fn others(
        &self,
        b: &Builder<'c>,
        matrix: Val<'c>,
        carried: Carried<'c>,
        first: Index<'c>,
        rows: Index<'c>,
    ) -> Result<Carried<'c>> {
        let [solution, row, negative] = carried[..] else { return Ok(carried) };
        let [n, m] = self.extents;
        let end = add(b, first, rows)?;
        let (from, height) = if self.is_lower { (end, sub(b, n, end)?) } else { (Index::Known(0), first) };
        let source = Part::of(&self.of, &[(first, Some(rows)), all(m)]).extract(b, solution)?;
        let part = Part::of(&self.of, &[all(rows), all(m)]);
        let output = Indexed::identity(part.extract(b, negative)?, 2);
        let copy = generic(b, 2, &[], &[Indexed::identity(source, 2)], &[output], |b, elements| {
            b.scalar(OpKind::ScalarNeg, &elements[..1]).map(|element| vec![element])
        })?[0];
        let negative = part.insert(b, copy, negative)?;
        let left = self.part(b, matrix, [(from, Some(height)), (first, Some(rows))], [0, 2])?;
        let factors = Factors { left, right: (part.extract(b, negative)?, [2, 1]) };
        let place = Part::of(&self.of, &[(from, Some(height)), all(m)]);
        let made = contraction(b, &factors, place.extract(b, solution)?, self.of.dtype)?;
        Ok(vec![place.insert(b, made, solution)?, row, negative])
    }
}
