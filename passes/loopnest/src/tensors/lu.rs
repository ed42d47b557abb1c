//! LU factorizations with partial pivoting, and exchanges of rows, on CPUs.
//!
//! A block of columns is factored column by column: the pivot is the first element of the greatest size from the diagonal
//! on, whole rows are exchanged, the column is divided by the pivot and its product with the row is subtracted from the rest
//! of the block. Then the rows of the block follow behind it, and a matrix multiplication eliminates the block from what is
//! left. If the order of sums is fixed, there is a single block.

use super::LoweringSite;
use super::cholesky::eliminated;
use super::contract::{Factors, contraction};
use super::matrices::{Along, Part, add, all, batched, blocks, min, mul, repeated, scratch, sub};
use crate::checks::require_equal;
use crate::structured::{Index, Indexed, arith, extent, generic, stepped_loop};
use dp_dialects::MlirType;
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{Val, is_unused, operands, replace_all_uses, result, results, users};
use dp_dialects::{Builder, License, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// The columns of a block.
const BLOCK: i64 = 32;

/// What the loops need.
struct Lu<'c> {
    /// A type with the elements of the matrices.
    of: ValueType,
    /// The type of a pivot.
    integer: ScalarType,
    /// The numbers of rows and columns, and the lesser of them.
    rows: Index<'c>,
    columns: Index<'c>,
    count: Index<'c>,
    /// The columns of a block, if there are several blocks.
    block: Option<i64>,
    /// Whether the pivots are given.
    given: bool,
}

/// The carried tensors: the matrix, the pivots, two rows, a column, a block of columns and a negative block of rows.
type Carried<'c> = Vec<Val<'c>>;

/// The pivots. A factorization with them has the same loops, and takes its result from there.
pub(super) fn pivots<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let (x, pivots) = (site.operands[0], result(site.op));
    let [factors, made] = factor(site, None)?;
    let with = |op: &dp_dialects::ir::Op<'c>| {
        OpKind::of(*op) == Some(OpKind::ArrayLu)
            && operands(*op) == [x, pivots]
            && results(*op)[0].r#type() == factors.r#type()
    };
    for op in users(pivots).into_iter().filter(with) {
        replace_all_uses(result(op), factors);
    }
    Ok(made)
}

/// The factors.
pub(super) fn lu<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    if is_unused(result(site.op)) {
        return Ok(site.operands[0]);
    }
    factor(site, Some(site.operands[1])).map(|[factors, _]| factors)
}

/// The factors and the pivots.
fn factor<'c>(site: &LoweringSite<'c>, given: Option<Val<'c>>) -> Result<[Val<'c>; 2]> {
    let (b, x, of) = (&site.b, site.operands[0], &site.types[0]);
    let rank = of.rank();
    let dims = (0..rank).map(|dim| Index::extent(b, x, of, dim)).collect::<Result<Vec<_>>>()?;
    let (rows, columns) = (dims[rank - 2], dims[rank - 1]);
    let count = min(b, rows, columns)?;
    let of_pivots = if given.is_some() { &site.types[1] } else { &site.result };
    let extents: Vec<Index> = dims[..rank - 2].iter().copied().chain([count]).collect();
    if let Some(given) = given {
        for (dim, wanted) in extents.iter().enumerate() {
            if of_pivots.extents()[dim].is_none() || matches!(wanted, Index::Value(_)) {
                let message = format!("the pivots of 'array.lu' do not have the extent of dimension {dim}");
                require_equal(b, extent(b, given, dim)?, wanted.value(b)?, &message)?;
            }
        }
    }
    let start = match given {
        Some(given) => given,
        None => scratch(b, of_pivots, &extents)?,
    };
    if of.extents().contains(&Some(0)) {
        return Ok([x, start]);
    }
    let is_small = matches!(count, Index::Known(count) if count <= BLOCK * 3 / 2);
    let block = Some(BLOCK).filter(|_| site.model.may(License::Reorder) && !is_small);
    let work = Lu { of: of.clone(), integer: of_pivots.dtype, rows, columns, count, block, given: given.is_some() };
    let width = block.map_or(count, Index::Known);
    let carried = [
        x,
        start,
        scratch(b, of, &[columns])?,
        scratch(b, of, &[columns])?,
        scratch(b, of, &[rows])?,
        scratch(b, of, &[rows, width])?,
        scratch(b, of, &[width, columns])?,
    ];
    let made = batched(b, &dims[..rank - 2], &mut Vec::new(), &carried, &mut |b, outer, carried| {
        let part = |of: &ValueType, extents: &[Index<'c>]| {
            let batch = outer.iter().map(|at| (Index::Value(*at), None));
            Part::of(of, &batch.chain(extents.iter().copied().map(all)).collect::<Vec<Along>>())
        };
        let (matrix, row) = (part(of, &[rows, columns]), part(of_pivots, &[count]));
        let mut inner = carried.to_vec();
        inner[0] = matrix.extract(b, carried[0])?;
        inner[1] = row.extract(b, carried[1])?;
        let mut inner = work.factor(b, inner)?;
        inner[0] = matrix.insert(b, inner[0], carried[0])?;
        inner[1] = if work.given { carried[1] } else { row.insert(b, inner[1], carried[1])? };
        Ok(inner)
    })?;
    let pivots = if ValueType::of_value(made[1])? == *of_pivots { made[1] } else { b.cast(made[1], of_pivots)? };
    Ok([made[0], pivots])
}

impl<'c> Lu<'c> {
    fn factor(&self, b: &Builder<'c>, carried: Carried<'c>) -> Result<Carried<'c>> {
        let Some(block) = self.block else {
            let carried = self.panel(b, carried, Index::Known(0), self.count)?;
            return self.behind(b, carried, Index::Known(0), self.count);
        };
        repeated(b, blocks(b, self.count, block)?, &carried, |b, index, carried| {
            let first = mul(b, Index::Value(index), Index::Known(block))?;
            let width = min(b, Index::Known(block), sub(b, self.count, first)?)?;
            let carried = self.panel(b, carried.to_vec(), first, width)?;
            let carried = self.behind(b, carried, first, width)?;
            self.rest(b, carried, first, width)
        })
    }

    /// Factors a block of columns, and copies it.
    fn panel(&self, b: &Builder<'c>, carried: Carried<'c>, first: Index<'c>, width: Index<'c>) -> Result<Carried<'c>> {
        let end = add(b, first, width)?;
        let carried = repeated(b, width, &carried, |b, index, carried| {
            let &[mut matrix, mut pivots, upper, lower, mut column, ref others @ ..] = carried else {
                return Ok(carried.to_vec());
            };
            let at = add(b, first, Index::Value(index))?;
            let next = add(b, at, Index::Known(1))?;
            let place = at.value(b)?;
            let pivot = if self.given { row_of(b, pivots, place, self.rows)? } else { self.search(b, matrix, place)? };
            if !self.given {
                let integer = self.integer.to_type(b.context());
                let stored = result(b.named("arith.index_cast", &[pivot], &[integer], &[], vec![])?);
                pivots = result(b.named("tensor.insert", &[stored, pivots, place], &[pivots.r#type()], &[], vec![])?);
            }
            let [next_matrix, upper, lower] =
                exchanged(b, &self.of, self.columns, [matrix, upper, lower], [place, pivot])?;
            matrix = next_matrix;

            let height = sub(b, self.rows, next)?;
            let divisor = Part::of(&self.of, &[(at, None)]).extract(b, upper)?;
            let below = Part::of(&self.of, &[(next, Some(height)), (at, None)]);
            let along = Part::of(&self.of, &[(next, Some(height))]);
            let inputs = [Indexed::identity(below.extract(b, matrix)?, 1), Indexed { value: divisor, loops: vec![] }];
            let output = Indexed::identity(along.extract(b, column)?, 1);
            let factors = generic(b, 1, &[], &inputs, &[output], |b, elements| {
                // A column of zeros stays.
                let zero = b.literal(Literal::number(self.of.dtype, Number::of_f64(0.0, self.of.dtype)))?;
                let equal = Parameters::Compare(Predicate::Eq);
                let is_zero = b.emit(OpKind::ScalarCompare, &equal, &[elements[1], zero])?;
                let quotient = b.scalar(OpKind::ScalarDiv, &elements[..2])?;
                b.scalar(OpKind::ScalarSelect, &[is_zero, elements[0], quotient]).map(|element| vec![element])
            })?[0];
            matrix = below.insert(b, factors, matrix)?;
            column = along.insert(b, factors, column)?;

            let width = sub(b, end, next)?;
            let row = Part::of(&self.of, &[(next, Some(width))]).extract(b, upper)?;
            let rest = Part::of(&self.of, &[(next, Some(height)), (next, Some(width))]);
            let factors = along.extract(b, column)?;
            let inputs = [Indexed { value: factors, loops: vec![0] }, Indexed { value: row, loops: vec![1] }];
            let output = Indexed::identity(rest.extract(b, matrix)?, 2);
            let made = generic(b, 2, &[], &inputs, &[output], |b, elements| {
                eliminated(b, elements[2], elements[0], elements[1]).map(|element| vec![element])
            })?;
            matrix = rest.insert(b, made[0], matrix)?;
            Ok([&[matrix, pivots, upper, lower, column], others].concat())
        })?;
        let [matrix, pivots, upper, lower, column, copy, negative] = carried[..] else { return Ok(carried) };
        let height = sub(b, self.rows, first)?;
        let source = Part::of(&self.of, &[(first, Some(height)), (first, Some(width))]).extract(b, matrix)?;
        let part = Part::of(&self.of, &[(first, Some(height)), all(width)]);
        let output = Indexed::identity(part.extract(b, copy)?, 2);
        let made = generic(b, 2, &[], &[Indexed::identity(source, 2)], &[output], |_, elements| Ok(vec![elements[0]]))?;
        Ok(vec![matrix, pivots, upper, lower, column, part.insert(b, made[0], copy)?, negative])
    }

    /// The row of the pivot of a column.
    fn search(&self, b: &Builder<'c>, matrix: Val<'c>, at: Val<'c>) -> Result<Val<'c>> {
        let dtype = self.of.dtype;
        let size = |b: &Builder<'c>, row: Val<'c>| -> Result<Val<'c>> {
            let element = dtype.to_type(b.context());
            let element = result(b.named("tensor.extract", &[matrix, row, at], &[element], &[], vec![])?);
            if !dtype.is_complex() {
                return b.scalar(OpKind::ScalarAbs, &[element]);
            }
            let part = |kind| b.scalar(OpKind::ScalarAbs, &[b.scalar(kind, &[element])?]);
            let parts = [part(OpKind::ScalarReal)?, part(OpKind::ScalarImag)?];
            b.scalar(OpKind::ScalarAdd, &parts)
        };
        let one = b.index(1)?;
        let range = [arith(b, "arith.addi", at, one)?, self.rows.value(b)?, one];
        let made = stepped_loop(b, range, &[size(b, at)?, at], |b, row, carried| {
            let size = size(b, row)?;
            let greater = b.emit(OpKind::ScalarCompare, &Parameters::Compare(Predicate::Gt), &[size, carried[0]])?;
            let choose = |yes: Val<'c>, no: Val<'c>| {
                b.named("arith.select", &[greater, yes, no], &[yes.r#type()], &[], vec![]).map(result)
            };
            Ok(vec![choose(size, carried[0])?, choose(row, carried[1])?])
        })?;
        Ok(made[1])
    }

    /// Eliminates a block from its rows behind it, and makes a negative copy of them.
    fn behind(&self, b: &Builder<'c>, carried: Carried<'c>, first: Index<'c>, width: Index<'c>) -> Result<Carried<'c>> {
        let end = add(b, first, width)?;
        let behind = sub(b, self.columns, end)?;
        if matches!(behind, Index::Known(0)) {
            return Ok(carried);
        }
        repeated(b, width, &carried, |b, index, carried| {
            let &[mut matrix, pivots, upper, lower, column, copy, mut negative] = carried else {
                return Ok(carried.to_vec());
            };
            let index = Index::Value(index);
            let at = add(b, first, index)?;
            let next = add(b, at, Index::Known(1))?;
            let row = Part::of(&self.of, &[(at, None), (end, Some(behind))]).extract(b, matrix)?;
            let part = Part::of(&self.of, &[(index, None), (end, Some(behind))]);
            let output = Indexed::identity(part.extract(b, negative)?, 1);
            let copied = generic(b, 1, &[], &[Indexed::identity(row, 1)], &[output], |b, elements| {
                b.scalar(OpKind::ScalarNeg, &elements[..1]).map(|element| vec![element])
            })?[0];
            negative = part.insert(b, copied, negative)?;
            let height = sub(b, end, next)?;
            let factors = Part::of(&self.of, &[(next, Some(height)), (index, None)]).extract(b, copy)?;
            let rest = Part::of(&self.of, &[(next, Some(height)), (end, Some(behind))]);
            let inputs = [
                Indexed { value: factors, loops: vec![0] },
                Indexed { value: part.extract(b, negative)?, loops: vec![1] },
            ];
            let output = Indexed::identity(rest.extract(b, matrix)?, 2);
            let made = generic(b, 2, &[], &inputs, &[output], |b, elements| {
                let product = b.scalar(OpKind::ScalarMul, &elements[..2])?;
                b.scalar(OpKind::ScalarAdd, &[elements[2], product]).map(|element| vec![element])
            })?;
            matrix = rest.insert(b, made[0], matrix)?;
            Ok(vec![matrix, pivots, upper, lower, column, copy, negative])
        })
    }

    /// Eliminates a block from the rows below it.
    fn rest(&self, b: &Builder<'c>, carried: Carried<'c>, first: Index<'c>, width: Index<'c>) -> Result<Carried<'c>> {
        let [matrix, pivots, upper, lower, column, copy, negative] = carried[..] else { return Ok(carried) };
        let end = add(b, first, width)?;
        let (height, behind) = (sub(b, self.rows, end)?, sub(b, self.columns, end)?);
        let left = Part::of(&self.of, &[(end, Some(height)), all(width)]).extract(b, copy)?;
        let right = Part::of(&self.of, &[all(width), (end, Some(behind))]).extract(b, negative)?;
        let place = Part::of(&self.of, &[(end, Some(height)), (end, Some(behind))]);
        let factors = Factors { left: (left, [0, 2]), right: (right, [2, 1]) };
        let made = contraction(b, &factors, place.extract(b, matrix)?, self.of.dtype)?;
        Ok(vec![place.insert(b, made, matrix)?, pivots, upper, lower, column, copy, negative])
    }
}

/// A pivot, as a row of a matrix: signed, clamped into range.
fn row_of<'c>(b: &Builder<'c>, pivots: Val<'c>, at: Val<'c>, rows: Index<'c>) -> Result<Val<'c>> {
    let integer = ValueType::of_value(pivots)?.dtype.to_type(b.context());
    let pivot = result(b.named("tensor.extract", &[pivots, at], &[integer], &[], vec![])?);
    let index = ScalarType::Index.to_type(b.context());
    let pivot = result(b.named("arith.index_cast", &[pivot], &[index], &[], vec![])?);
    let last = sub(b, rows, Index::Known(1))?.value(b)?;
    let pivot = arith(b, "arith.minsi", pivot, last)?;
    arith(b, "arith.maxsi", pivot, b.index(0)?)
}

/// A matrix with two rows exchanged, and copies of the rows, of which the first stands at the first place now.
fn exchanged<'c>(
    b: &Builder<'c>,
    of: &ValueType,
    columns: Index<'c>,
    [matrix, upper, lower]: [Val<'c>; 3],
    [at, pivot]: [Val<'c>; 2],
) -> Result<[Val<'c>; 3]> {
    let [first, second] = [at, pivot].map(|row| Part::of(of, &[(Index::Value(row), None), all(columns)]));
    let copy = |part: &Part<'c>, into: Val<'c>| -> Result<Val<'c>> {
        let row = Indexed::identity(part.extract(b, matrix)?, 1);
        let made = generic(b, 1, &[], &[row], &[Indexed::identity(into, 1)], |_, elements| Ok(vec![elements[0]]))?;
        Ok(made[0])
    };
    let (upper, lower) = (copy(&second, upper)?, copy(&first, lower)?);
    let matrix = first.insert(b, upper, matrix)?;
    // Where both are one row, it is the same.
    Ok([second.insert(b, lower, matrix)?, upper, lower])
}

/// `array.swap_rows`.
pub(super) fn swap_rows<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let Parameters::Swaps { reverse } = site.parameters else { return site.malformed() };
    let (b, x, pivots, of) = (&site.b, site.operands[0], site.operands[1], &site.types[0]);
    let of_pivots = &site.types[1];
    let rank = of.rank();
    for dim in 0..rank - 2 {
        if of.extents()[dim].is_none() || of_pivots.extents()[dim].is_none() {
            let message = format!("dimension {dim} of the operands of 'array.swap_rows' differs in extent");
            require_equal(b, extent(b, x, dim)?, extent(b, pivots, dim)?, &message)?;
        }
    }
    if of.extents().contains(&Some(0)) || of_pivots.extents().contains(&Some(0)) {
        return Ok(x);
    }
    let dims = (0..rank).map(|dim| Index::extent(b, x, of, dim)).collect::<Result<Vec<_>>>()?;
    let (rows, columns) = (dims[rank - 2], dims[rank - 1]);
    let count = min(b, Index::extent(b, pivots, of_pivots, rank - 2)?, rows)?;
    let carried = [x, scratch(b, of, &[columns])?, scratch(b, of, &[columns])?];
    let made = batched(b, &dims[..rank - 2], &mut Vec::new(), &carried, &mut |b, outer, carried| {
        let batch = || outer.iter().map(|at| (Index::Value(*at), None));
        let matrix = Part::of(of, &batch().chain([all(rows), all(columns)]).collect::<Vec<Along>>());
        let row = Part::of(of_pivots, &batch().chain([all(count)]).collect::<Vec<Along>>()).extract(b, pivots)?;
        let inner = [matrix.extract(b, carried[0])?, carried[1], carried[2]];
        let inner = repeated(b, count, &inner, |b, index, carried| {
            let at = match reverse {
                true => sub(b, sub(b, count, Index::Known(1))?, Index::Value(index))?,
                false => Index::Value(index),
            };
            let at = at.value(b)?;
            let pivot = row_of(b, row, at, rows)?;
            exchanged(b, of, columns, [carried[0], carried[1], carried[2]], [at, pivot]).map(Vec::from)
        })?;
        Ok(vec![matrix.insert(b, inner[0], carried[0])?, inner[1], inner[2]])
    })?;
    Ok(made[0])
}
