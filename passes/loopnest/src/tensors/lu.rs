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
    /// The columns of a block.
    width: Index<'c>,
    /// Whether the pivots are given.
    given: bool,
}

/// The carried tensors, by these places.
type Carried<'c> = Vec<Val<'c>>;

/// The matrix.
const MATRIX: usize = 0;
/// The pivots.
const PIVOTS: usize = 1;
/// The rows of the matrix that were exchanged last.
const UPPER: usize = 2;
const LOWER: usize = 3;
/// A block of columns, and its rows that were exchanged last.
const COPY: usize = 4;
const UPPER_COPY: usize = 5;
const LOWER_COPY: usize = 6;
/// A column.
const COLUMN: usize = 7;
/// The negative block of rows.
const NEGATIVE: usize = 8;

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
    let width = block.map_or(count, Index::Known);
    let (integer, given) = (of_pivots.dtype, given.is_some());
    let work = Lu { of: of.clone(), integer, rows, columns, count, block, width, given };
    let carried = [
        x,
        start,
        scratch(b, of, &[columns])?,
        scratch(b, of, &[columns])?,
        scratch(b, of, &[rows, width])?,
        scratch(b, of, &[width])?,
        scratch(b, of, &[width])?,
        scratch(b, of, &[rows])?,
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

    /// Factors a block of columns, in a copy: its rows are near one another.
    fn panel(&self, b: &Builder<'c>, carried: Carried<'c>, first: Index<'c>, width: Index<'c>) -> Result<Carried<'c>> {
        let height = sub(b, self.rows, first)?;
        let panel = Part::of(&self.of, &[(first, Some(height)), (first, Some(width))]);
        let part = Part::of(&self.of, &[(first, Some(height)), all(width)]);
        let mut carried = carried;
        let source = Indexed::identity(panel.extract(b, carried[MATRIX])?, 2);
        let output = Indexed::identity(part.extract(b, carried[COPY])?, 2);
        let made = generic(b, 2, &[], &[source], &[output], |_, elements| Ok(vec![elements[0]]))?;
        carried[COPY] = part.insert(b, made[0], carried[COPY])?;
        let mut carried = repeated(b, width, &carried, |b, index, carried| {
            let mut carried = carried.to_vec();
            let at = add(b, first, Index::Value(index))?;
            let place = at.value(b)?;
            let pivot = match self.given {
                true => row_of(b, carried[PIVOTS], place, self.rows)?,
                false => self.search(b, carried[COPY], place, index)?,
            };
            if !self.given {
                let integer = self.integer.to_type(b.context());
                let stored = result(b.named("arith.index_cast", &[pivot], &[integer], &[], vec![])?);
                let into = carried[PIVOTS];
                carried[PIVOTS] =
                    result(b.named("tensor.insert", &[stored, into, place], &[into.r#type()], &[], vec![])?);
            }
            let of_matrix = [carried[MATRIX], carried[UPPER], carried[LOWER]];
            [carried[MATRIX], carried[UPPER], carried[LOWER]] =
                exchanged(b, &self.of, self.columns, of_matrix, [place, pivot])?;
            let of_copy = [carried[COPY], carried[UPPER_COPY], carried[LOWER_COPY]];
            [carried[COPY], carried[UPPER_COPY], carried[LOWER_COPY]] =
                exchanged(b, &self.of, self.width, of_copy, [place, pivot])?;
            self.column(b, carried, at, Index::Value(index), width)
        })?;
        let source = Indexed::identity(part.extract(b, carried[COPY])?, 2);
        let output = Indexed::identity(panel.extract(b, carried[MATRIX])?, 2);
        let made = generic(b, 2, &[], &[source], &[output], |_, elements| Ok(vec![elements[0]]))?;
        carried[MATRIX] = panel.insert(b, made[0], carried[MATRIX])?;
        Ok(carried)
    }

    /// Eliminates a column of a block from the columns behind it. `at` is its row, and `index` its number in the block.
    fn column(
        &self,
        b: &Builder<'c>,
        mut carried: Carried<'c>,
        at: Index<'c>,
        index: Index<'c>,
        width: Index<'c>,
    ) -> Result<Carried<'c>> {
        let (below, behind) = (add(b, at, Index::Known(1))?, add(b, index, Index::Known(1))?);
        let (height, width) = (sub(b, self.rows, below)?, sub(b, width, behind)?);
        let divisor = Part::of(&self.of, &[(index, None)]).extract(b, carried[UPPER_COPY])?;
        let column = Part::of(&self.of, &[(below, Some(height)), (index, None)]);
        let along = Part::of(&self.of, &[(below, Some(height))]);
        let inputs =
            [Indexed::identity(column.extract(b, carried[COPY])?, 1), Indexed { value: divisor, loops: vec![] }];
        let output = Indexed::identity(along.extract(b, carried[COLUMN])?, 1);
        let factors = generic(b, 1, &[], &inputs, &[output], |b, elements| {
            // A column of zeros stays.
            let zero = b.literal(Literal::number(self.of.dtype, Number::of_f64(0.0, self.of.dtype)))?;
            let equal = Parameters::Compare(Predicate::Eq);
            let is_zero = b.emit(OpKind::ScalarCompare, &equal, &[elements[1], zero])?;
            let quotient = b.scalar(OpKind::ScalarDiv, &elements[..2])?;
            b.scalar(OpKind::ScalarSelect, &[is_zero, elements[0], quotient]).map(|element| vec![element])
        })?[0];
        carried[COPY] = column.insert(b, factors, carried[COPY])?;
        carried[COLUMN] = along.insert(b, factors, carried[COLUMN])?;

        let row = Part::of(&self.of, &[(behind, Some(width))]).extract(b, carried[UPPER_COPY])?;
        let rest = Part::of(&self.of, &[(below, Some(height)), (behind, Some(width))]);
        let factors = along.extract(b, carried[COLUMN])?;
        let inputs = [Indexed { value: factors, loops: vec![0] }, Indexed { value: row, loops: vec![1] }];
        let output = Indexed::identity(rest.extract(b, carried[COPY])?, 2);
        let made = generic(b, 2, &[], &inputs, &[output], |b, elements| {
            eliminated(b, elements[2], elements[0], elements[1]).map(|element| vec![element])
        })?;
        carried[COPY] = rest.insert(b, made[0], carried[COPY])?;
        Ok(carried)
    }

    /// The row of the pivot of a column.
    fn search(&self, b: &Builder<'c>, copy: Val<'c>, at: Val<'c>, column: Val<'c>) -> Result<Val<'c>> {
        let dtype = self.of.dtype;
        let size = |b: &Builder<'c>, row: Val<'c>| -> Result<Val<'c>> {
            let element = dtype.to_type(b.context());
            let element = result(b.named("tensor.extract", &[copy, row, column], &[element], &[], vec![])?);
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
            let mut carried = carried.to_vec();
            let index = Index::Value(index);
            let at = add(b, first, index)?;
            let next = add(b, at, Index::Known(1))?;
            let row = Part::of(&self.of, &[(at, None), (end, Some(behind))]).extract(b, carried[MATRIX])?;
            let part = Part::of(&self.of, &[(index, None), (end, Some(behind))]);
            let output = Indexed::identity(part.extract(b, carried[NEGATIVE])?, 1);
            let copied = generic(b, 1, &[], &[Indexed::identity(row, 1)], &[output], |b, elements| {
                b.scalar(OpKind::ScalarNeg, &elements[..1]).map(|element| vec![element])
            })?[0];
            carried[NEGATIVE] = part.insert(b, copied, carried[NEGATIVE])?;
            let height = sub(b, end, next)?;
            let factors = Part::of(&self.of, &[(next, Some(height)), (index, None)]).extract(b, carried[COPY])?;
            let rest = Part::of(&self.of, &[(next, Some(height)), (end, Some(behind))]);
            let row = Indexed { value: part.extract(b, carried[NEGATIVE])?, loops: vec![1] };
            let inputs = [Indexed { value: factors, loops: vec![0] }, row];
            let output = Indexed::identity(rest.extract(b, carried[MATRIX])?, 2);
            let made = generic(b, 2, &[], &inputs, &[output], |b, elements| {
                let product = b.scalar(OpKind::ScalarMul, &elements[..2])?;
                b.scalar(OpKind::ScalarAdd, &[elements[2], product]).map(|element| vec![element])
            })?;
            carried[MATRIX] = rest.insert(b, made[0], carried[MATRIX])?;
            Ok(carried)
        })
    }

    /// Eliminates a block from the rows below it.
    fn rest(&self, b: &Builder<'c>, carried: Carried<'c>, first: Index<'c>, width: Index<'c>) -> Result<Carried<'c>> {
        let mut carried = carried;
        let end = add(b, first, width)?;
        let (height, behind) = (sub(b, self.rows, end)?, sub(b, self.columns, end)?);
        let left = Part::of(&self.of, &[(end, Some(height)), all(width)]).extract(b, carried[COPY])?;
        let right = Part::of(&self.of, &[all(width), (end, Some(behind))]).extract(b, carried[NEGATIVE])?;
        let place = Part::of(&self.of, &[(end, Some(height)), (end, Some(behind))]);
        let factors = Factors { left: (left, [0, 2]), right: (right, [2, 1]) };
        let made = contraction(b, &factors, place.extract(b, carried[MATRIX])?, self.of.dtype)?;
        carried[MATRIX] = place.insert(b, made, carried[MATRIX])?;
        Ok(carried)
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
