//! `expand-elimination`: LU factorizations and exchanges of rows as loops on whole tensors.
//!
//! Each round of a factorization makes one column of the factors, in all matrices of a batch at once: elements are chosen
//! and replaced by masks, so that positions of pivots are data and not addresses.

use crate::manager::Pass;
use crate::matrices::{compare, integer, reduce};
use crate::parallel::nest;
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::{Op, Val, erase, operands, replace_all_uses, result, walk};
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, Diagnostic, MlirType, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::operation::OperationLike;

/// `expand-elimination`.
pub static EXPAND_ELIMINATION: Pass = Pass {
    flag: "expand-elimination",
    summary: "expand LU factorizations to loops on whole tensors",
    description: "Takes `array.lu_pivots`, `array.lu` and `array.swap_rows`. Leaves `scf.for` with other operations of `array` \
        and `scalar`, for targets without a lowering of their own.",
    body: |module, _| {
        let mut found = Vec::new();
        walk(module, &mut |op| found.extend(OpKind::of(op).filter(|kind| is_expanded(*kind)).map(|kind| (kind, op))));
        for (kind, op) in found {
            let made = expand(kind, op).map_err(|diagnostic| diagnostic.report(op.location()))?;
            replace_all_uses(result(op), made);
            erase(op);
        }
        Ok(())
    },
};

/// Whether a module has operations that the pass expands.
pub fn eliminates(op: Op) -> bool {
    OpKind::of(op).is_some_and(is_expanded)
}

fn is_expanded(kind: OpKind) -> bool {
    matches!(kind, OpKind::ArrayLuPivots | OpKind::ArrayLu | OpKind::ArraySwapRows)
}

fn expand<'c>(kind: OpKind, op: Op<'c>) -> Result<Val<'c>> {
    let (b, arguments) = (Builder::before(op), operands(op));
    let matrices = Matrices::of(b, arguments[0])?;
    if kind == OpKind::ArrayLuPivots {
        return matrices.factor(b, ValueType::of_value(result(op))?, None).map(|[_, pivots]| pivots);
    }
    let pivots = arguments[1];
    if kind == OpKind::ArrayLu {
        return matrices.factor(b, ValueType::of_value(pivots)?, Some(pivots)).map(|[factors, _]| factors);
    }
    let Some(Parameters::Swaps { reverse }) = Parameters::of(kind, op) else {
        return Err(Diagnostic::invalid("has a missing or malformed attribute"));
    };
    matrices.exchanged(b, pivots, reverse)
}

/// A batch of matrices.
struct Matrices<'c> {
    x: Val<'c>,
    r#type: ValueType,
    /// The numbers of the rows and columns of all elements.
    rows: Val<'c>,
    columns: Val<'c>,
}

impl<'c> Matrices<'c> {
    fn of(b: Builder<'c>, x: Val<'c>) -> Result<Matrices<'c>> {
        let r#type = ValueType::of_value(x)?;
        let (rank, extents) = (r#type.rank(), b.extents(x)?);
        let place =
            |dim| b.emit_typed(OpKind::ArrayIota, &Parameters::Dim(dim), &extents, &r#type.with_dtype(ScalarType::I64));
        Ok(Matrices { x, rows: place(rank - 2)?, columns: place(rank - 1)?, r#type })
    }

    fn rank(&self) -> usize {
        self.r#type.rank()
    }

    /// A value with some dimensions of the matrices, repeated to others of them.
    fn spread(&self, b: Builder<'c>, x: Val<'c>, from: &[usize], to: &[usize]) -> Result<Val<'c>> {
        let extents = to.iter().map(|dim| self.r#type.extents()[*dim]).collect::<Vec<_>>();
        let open = to.iter().filter(|dim| self.r#type.extents()[**dim].is_none());
        let open = open.map(|dim| b.extent(self.x, *dim)).collect::<Result<Vec<_>>>()?;
        let r#type = ValueType::tensor(ValueType::of_value(x)?.dtype, extents);
        let dims: Vec<usize> = from.iter().filter_map(|dim| to.iter().position(|other| other == dim)).collect();
        b.broadcast(x, &dims, &r#type, &open)
    }

    /// A number, repeated to some dimensions of the matrices.
    fn number(&self, b: Builder<'c>, value: f64, dtype: ScalarType, to: &[usize]) -> Result<Val<'c>> {
        let number = b.literal(dp_dialects::Literal::number(dtype, Number::of_f64(value, dtype)))?;
        self.spread(b, number, &[], to)
    }

    /// Whether there are no elements, by the type.
    fn is_empty(&self) -> bool {
        self.r#type.extents().contains(&Some(0))
    }

    fn all(&self) -> Vec<usize> {
        (0..self.rank()).collect()
    }

    fn batch(&self) -> Vec<usize> {
        (0..self.rank() - 2).collect()
    }

    /// The dimensions without one.
    fn without(&self, dim: usize) -> Vec<usize> {
        self.all().into_iter().filter(|other| *other != dim).collect()
    }

    /// The elements that a mask selects along a dimension.
    fn chosen(&self, b: Builder<'c>, mask: Val<'c>, x: Val<'c>, dim: usize) -> Result<Val<'c>> {
        let zero = self.number(b, 0.0, self.r#type.dtype, &self.all())?;
        let chosen = b.scalar(OpKind::ScalarSelect, &[mask, x, zero])?;
        reduce(b, Reduction::Add, chosen, dim)
    }

    /// Rows with their numbers exchanged, where the number of the second one depends on the batch.
    fn exchange(&self, b: Builder<'c>, x: Val<'c>, at: Val<'c>, pivot: Val<'c>) -> Result<(Val<'c>, Val<'c>)> {
        let rank = self.rank();
        let at = self.spread(b, at, &[], &self.all())?;
        let pivot = self.spread(b, pivot, &self.batch(), &self.all())?;
        let (is_at, is_pivot) =
            (compare(b, Predicate::Eq, self.rows, at)?, compare(b, Predicate::Eq, self.rows, pivot)?);
        let (upper, lower) = (self.chosen(b, is_pivot, x, rank - 2)?, self.chosen(b, is_at, x, rank - 2)?);
        let spread = |row| self.spread(b, row, &self.without(rank - 2), &self.all());
        let swapped = b.scalar(OpKind::ScalarSelect, &[is_pivot, spread(lower)?, x])?;
        Ok((b.scalar(OpKind::ScalarSelect, &[is_at, spread(upper)?, swapped])?, upper))
    }

    /// Pivots of a round, as i64: given ones, clamped.
    fn given(&self, b: Builder<'c>, pivots: Val<'c>, at: Val<'c>) -> Result<Val<'c>> {
        let of = ValueType::of_value(pivots)?;
        let rank = of.rank();
        let mut starts = vec![Start::At(0); rank];
        starts[rank - 1] = Start::Operand;
        let mut extents = of.extents().to_vec();
        extents[rank - 1] = Some(1);
        let open: Vec<Val> = of
            .dynamic_dimensions()
            .filter(|dim| *dim != rank - 1)
            .map(|dim| b.extent(pivots, dim))
            .collect::<Result<_>>()?;
        let slice = Parameters::Slice { starts, strides: vec![1; rank] };
        let one = b.emit_typed(
            OpKind::ArraySlice,
            &slice,
            &[&[pivots, at], &open[..]].concat(),
            &ValueType::tensor(of.dtype, extents),
        )?;
        let only = reduce(b, Reduction::Max, one, rank - 1)?;
        let wide = ValueType::of_value(only)?.with_dtype(ScalarType::I64);
        let only = b.emit_typed(OpKind::ScalarConvert, &Parameters::Convert { unsigned: false }, &[only], &wide)?;
        let last = b.extent(self.x, self.rank() - 2)?;
        let last =
            b.op(OpKind::ArithSubI, &[last, b.index(1)?], &[ScalarType::Index.to_type(b.context())], &[], vec![])?;
        let last = self.spread(b, integer(b, result(last))?, &[], &self.batch())?;
        let zero = self.number(b, 0.0, ScalarType::I64, &self.batch())?;
        let only = b.scalar(OpKind::ScalarMin, &[only, last])?;
        b.scalar(OpKind::ScalarMax, &[only, zero])
    }

    /// The first row of the greatest size in a column, from the diagonal on.
    fn search(&self, b: Builder<'c>, x: Val<'c>, at: Val<'c>) -> Result<Val<'c>> {
        let (rank, real) = (self.rank(), self.r#type.dtype.real());
        let of_column = self.without(rank - 1);
        let everywhere = self.spread(b, at, &[], &self.all())?;
        let column = self.chosen(b, compare(b, Predicate::Eq, self.columns, everywhere)?, x, rank - 1)?;
        let size = match self.r#type.dtype.is_complex() {
            true => {
                let part = |kind| b.scalar(OpKind::ScalarAbs, &[b.scalar(kind, &[column])?]);
                let parts = [part(OpKind::ScalarReal)?, part(OpKind::ScalarImag)?];
                b.scalar(OpKind::ScalarAdd, &parts)?
            }
            false => b.scalar(OpKind::ScalarAbs, &[column])?,
        };
        let open = self.spread(b, at, &[], &of_column)?;
        let open_extents = b.extents(column)?;
        let places = ValueType::of_value(column)?.with_dtype(ScalarType::I64);
        let row = b.emit_typed(OpKind::ArrayIota, &Parameters::Dim(rank - 2), &open_extents, &places)?;
        let outside = self.number(b, -1.0, real, &of_column)?;
        let size = b.scalar(OpKind::ScalarSelect, &[compare(b, Predicate::Ge, row, open)?, size, outside])?;
        let best = reduce(b, Reduction::Max, size, rank - 2)?;
        let best = self.spread(b, best, &self.batch(), &of_column)?;
        let none = self.number(b, i32::MAX.into(), ScalarType::I64, &of_column)?;
        let row = b.scalar(OpKind::ScalarSelect, &[compare(b, Predicate::Eq, size, best)?, row, none])?;
        let pivot = reduce(b, Reduction::Min, row, rank - 2)?;
        // Where the column has a NaN, none is equal.
        let (none, here) =
            (self.number(b, i32::MAX.into(), ScalarType::I64, &self.batch())?, self.spread(b, at, &[], &self.batch())?);
        b.scalar(OpKind::ScalarSelect, &[compare(b, Predicate::Eq, pivot, none)?, here, pivot])
    }

    /// The factors and the pivots, which are searched unless they are given.
    fn factor(&self, b: Builder<'c>, of_pivots: ValueType, given: Option<Val<'c>>) -> Result<[Val<'c>; 2]> {
        let rank = self.rank();
        let [rows, columns] = [rank - 2, rank - 1].map(|dim| b.extent(self.x, dim));
        let count =
            b.op(OpKind::ArithMinSI, &[rows?, columns?], &[ScalarType::Index.to_type(b.context())], &[], vec![])?;
        let count = result(count);
        let open = of_pivots.dynamic_dimensions();
        let open = open
            .map(|dim| if dim == rank - 2 { Ok(count) } else { b.extent(self.x, dim) })
            .collect::<Result<Vec<_>>>()?;
        let zero = b.literal(dp_dialects::Literal::number(of_pivots.dtype, Number::Integer(0)))?;
        let pivots = b.broadcast(zero, &[], &of_pivots, &open)?;
        if self.is_empty() {
            return Ok([self.x, pivots]);
        }
        let range = [b.index(0)?, count, b.index(1)?];
        let made = nest(b, &[range], &mut Vec::new(), &[self.x, pivots], &mut |b, at, carried| {
            let place = integer(b, at[0])?;
            let pivot = match given {
                Some(given) => self.given(b, given, at[0])?,
                None => self.search(b, carried[0], place)?,
            };
            let factors = self.step(b, carried[0], place, pivot)?;
            let mut shape = of_pivots.extents().to_vec();
            shape[rank - 2] = Some(1);
            let narrow = ValueType::of_value(pivot)?.with_dtype(of_pivots.dtype);
            let stored =
                b.emit_typed(OpKind::ScalarConvert, &Parameters::Convert { unsigned: false }, &[pivot], &narrow)?;
            let open: Vec<Val> = narrow.dynamic_dimensions().map(|dim| b.extent(self.x, dim)).collect::<Result<_>>()?;
            let stored = b.broadcast(stored, &self.batch(), &ValueType::tensor(of_pivots.dtype, shape), &open)?;
            let mut starts = vec![Start::At(0); rank - 1];
            starts[rank - 2] = Start::Operand;
            let update = Parameters::Update { starts, accumulate: false };
            let pivots = b.emit(OpKind::ArrayUpdateSlice, &update, &[carried[1], stored, at[0]])?;
            Ok(vec![factors, pivots])
        })?;
        Ok([made[0], made[1]])
    }

    /// Exchanges two rows and eliminates a column.
    fn step(&self, b: Builder<'c>, x: Val<'c>, place: Val<'c>, pivot: Val<'c>) -> Result<Val<'c>> {
        let (rank, all) = (self.rank(), self.all());
        let (x, row) = self.exchange(b, x, place, pivot)?;
        let at = self.spread(b, place, &[], &all)?;
        let in_column = compare(b, Predicate::Eq, self.columns, at)?;
        let (below, behind) = (compare(b, Predicate::Gt, self.rows, at)?, compare(b, Predicate::Gt, self.columns, at)?);
        let row = self.spread(b, row, &self.without(rank - 2), &all)?;
        let divisor = self.chosen(b, in_column, row, rank - 1)?;
        let column = self.chosen(b, in_column, x, rank - 1)?;
        let zero = self.number(b, 0.0, self.r#type.dtype, &self.without(rank - 1))?;
        // A column of zeros stays.
        let quotient = b.scalar(OpKind::ScalarDiv, &[column, divisor])?;
        let factor = b.scalar(OpKind::ScalarSelect, &[compare(b, Predicate::Eq, divisor, zero)?, column, quotient])?;
        let factor = self.spread(b, factor, &self.without(rank - 1), &all)?;
        let product = b.scalar(OpKind::ScalarMul, &[factor, row])?;
        let eliminated = b.scalar(OpKind::ScalarSub, &[x, product])?;
        let rest = b.scalar(OpKind::ScalarSelect, &[behind, eliminated, x])?;
        let rest = b.scalar(OpKind::ScalarSelect, &[in_column, factor, rest])?;
        b.scalar(OpKind::ScalarSelect, &[below, rest, x])
    }

    /// The rows, exchanged one after the other.
    fn exchanged(&self, b: Builder<'c>, pivots: Val<'c>, reverse: bool) -> Result<Val<'c>> {
        let rank = self.rank();
        if self.is_empty() || ValueType::of_value(pivots)?.extents().contains(&Some(0)) {
            return Ok(self.x);
        }
        let index = ScalarType::Index.to_type(b.context());
        let extents = [b.extent(pivots, rank - 2)?, b.extent(self.x, rank - 2)?];
        let count = result(b.op(OpKind::ArithMinSI, &extents, &[index], &[], vec![])?);
        let last = result(b.op(OpKind::ArithSubI, &[count, b.index(1)?], &[index], &[], vec![])?);
        let range = [b.index(0)?, count, b.index(1)?];
        let made = nest(b, &[range], &mut Vec::new(), &[self.x], &mut |b, at, carried| {
            let at = match reverse {
                true => result(b.op(OpKind::ArithSubI, &[last, at[0]], &[index], &[], vec![])?),
                false => at[0],
            };
            let pivot = self.given(b, pivots, at)?;
            Ok(vec![self.exchange(b, carried[0], integer(b, at)?, pivot)?.0])
        })?;
        Ok(made[0])
    }
}
