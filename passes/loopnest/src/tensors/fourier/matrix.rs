//! Transforms of single lines in vectors: a line of `n1 n2` elements is a matrix of `n1` rows. Its columns are transformed,
//! the elements are multiplied by `w_n^(k1 j2)`, the matrix is transposed, and its columns are transformed again, which
//! leaves the result in order: `y[k1 + n1 k2] = Σ_j2 w_n2^(j2 k2) w_n^(k1 j2) Σ_j1 x[n2 j1 + j2] w_n1^(j1 k1)`.

use super::butterflies::radices;
use super::columns::{Columns, Load, Store, counted, read_row, rows, write_row};
use super::lanes::{Arithmetic, Lanes};
use super::roots::{Roots, constant};
use crate::structured::Index;
use crate::tensors::matrices::{add, min, mul};
use crate::transpose::transposed;
use dp_dialects::ir::Val;
use dp_dialects::{Builder, Result};
use dp_semantics::fourier::root;
use num_complex::Complex;

/// The most elements of a line whose factors between both steps are in one table.
const MOST: u64 = 1 << 14;

/// The factors `n1 n2` of a length, and the number of lanes, that take the least work. `None` if both are not at least 2
/// lanes.
pub(super) fn split(n: u64, most: u64) -> Option<(u64, u64, usize)> {
    let lanes = |n1: u64, n2: u64| 1 << n1.min(n2).min(most).ilog2();
    let work = |n1: u64, n2: u64| {
        let lanes = lanes(n1, n2);
        // The last vector of a row may overlap with the one before.
        let along = |count: u64, n: u64| count.div_ceil(lanes) * n * (2 + radices(n).map_or(0, |r| r.len()) as u64);
        // Columns that do not fit into a cache take longer.
        let slow = |n: u64| match n {
            0..=256 => 2,
            257..=4096 => 3,
            _ => 12,
        };
        along(n2, n1) * slow(n1) + along(n1, n2) * slow(n2)
    };
    let factors = (2..n)
        .take_while(|n1| n1 * n1 <= n)
        .filter(|n1| n.is_multiple_of(*n1))
        .flat_map(|n1| [(n1, n / n1), (n / n1, n1)]);
    let (n1, n2) = factors.filter(|(n1, n2)| lanes(*n1, *n2) > 1).min_by_key(|(n1, n2)| work(*n1, *n2))?;
    Some((n1, n2, lanes(n1, n2) as usize))
}

/// Transforms of lines of `n1 n2` elements.
pub(super) struct Matrix<'c> {
    a: Arithmetic,
    n1: u64,
    n2: u64,
    first: Columns<'c>,
    second: Columns<'c>,
    factors: Factors<'c>,
}

/// The factors `w_n^(k1 j2)` of a vector of neighboring `j2`.
enum Factors<'c> {
    /// Those of each vector.
    All(Val<'c>),
    /// Those for the first lane, and by what the others differ.
    Products(Roots<'c>, Val<'c>),
}

impl<'c> Matrix<'c> {
    pub(super) fn new(b: &Builder<'c>, a: Arithmetic, n1: u64, n2: u64) -> Result<Matrix<'c>> {
        let columns = |n: u64| Columns::new(b, a, &radices(n).unwrap_or_default());
        let (n, lanes) = (n1 * n2, a.lanes as u64);
        let row = |first: u64, k1: u64| (0..lanes).map(move |lane| root(k1 * (first + lane), n));
        let table = |firsts: Vec<u64>| {
            let rows = firsts.into_iter().flat_map(|first| (0..n1).map(move |k1| (first, k1)));
            parts_of_rows(b, a, rows.map(|(first, k1)| row(first, k1).collect()))
        };
        let factors = match n <= MOST {
            true => {
                Factors::All(table((0..n2.div_ceil(lanes)).map(|block| (block * lanes).min(n2 - lanes)).collect())?)
            }
            false => Factors::Products(Roots::new(b, a.dtype, n, n)?, table(vec![0])?),
        };
        Ok(Matrix { a, n1, n2, first: columns(n1)?, second: columns(n2)?, factors })
    }

    /// The tensors that a transform uses: those of both steps, the matrix between them, and a block of its columns.
    pub(super) fn memory(&self, b: &Builder<'c>) -> Result<Vec<Val<'c>>> {
        let between = rows(b, self.a, Index::Known((self.blocks(self.n2) * self.height()) as i64))?;
        let turned = rows(b, self.a, Index::Known(self.n2 as i64))?;
        Ok([self.first.memory(b)?, self.second.memory(b)?, vec![between, turned]].concat())
    }

    /// The vectors of a row. The last one may overlap with the one before.
    fn blocks(&self, n: u64) -> u64 {
        n.div_ceil(self.a.lanes as u64)
    }

    /// The rows from a block to the next one: more than there are, if blocks would share too few sets of the cache.
    fn height(&self) -> u64 {
        if self.n1.is_multiple_of(64) { self.n1 + 1 } else { self.n1 }
    }

    /// The first column of a block.
    fn start(&self, b: &Builder<'c>, block: Index<'c>, n: u64) -> Result<Index<'c>> {
        let (lanes, n) = (self.a.lanes as i64, n as i64);
        let start = mul(b, block, Index::Known(lanes))?;
        if n % lanes == 0 { Ok(start) } else { min(b, start, Index::Known(n - lanes)) }
    }

    /// Transforms a line. `load` and `store` take the place of the first element of a vector.
    pub(super) fn transform(
        &self,
        b: &Builder<'c>,
        load: &Load<'_, 'c>,
        store: &Store<'_, 'c>,
        memory: &[Val<'c>],
        results: &[Val<'c>],
    ) -> Result<(Vec<Val<'c>>, Vec<Val<'c>>)> {
        let (one, rest) = memory.split_at(self.first.between());
        let (two, rest) = rest.split_at(self.second.between());
        let (between, turned) = (rest[0], rest[1]);
        let (one, between) = self.rows(b, load, one, between)?;
        let carried = [two, &[turned], results].concat();
        let made = counted(b, self.blocks(self.n1), &carried, &|b, block, carried| {
            let (two, rest) = carried.split_at(two.len());
            let first = self.start(b, block, self.n1)?;
            let turned = self.turn(b, between, first, rest[0])?;
            let read = |b: &Builder<'c>, row: Index<'c>| read_row(b, self.a, turned, row);
            let write = |b: &Builder<'c>, row: Index<'c>, lanes: Lanes<'c>, y: &[Val<'c>]| {
                store(b, add(b, mul(b, row, Index::Known(self.n1 as i64))?, first)?, lanes, y)
            };
            let (two, y) = self.second.transform(b, &read, &write, two, &rest[1..])?;
            Ok([two, vec![turned], y].concat())
        })?;
        let (two, rest) = made.split_at(two.len());
        Ok(([&one[..], two, &[between, rest[0]]].concat(), rest[1..].to_vec()))
    }

    /// Transforms the columns and multiplies by the factors. The results are in blocks of vectors.
    fn rows(
        &self,
        b: &Builder<'c>,
        load: &Load<'_, 'c>,
        memory: &[Val<'c>],
        between: Val<'c>,
    ) -> Result<(Vec<Val<'c>>, Val<'c>)> {
        let carried = [memory, &[between]].concat();
        let mut made = counted(b, self.blocks(self.n2), &carried, &|b, block, carried| {
            let (memory, between) = carried.split_at(carried.len() - 1);
            let column = self.start(b, block, self.n2)?;
            let base = mul(b, block, Index::Known(self.height() as i64))?;
            let read =
                |b: &Builder<'c>, row: Index<'c>| load(b, add(b, mul(b, row, Index::Known(self.n2 as i64))?, column)?);
            let write = |b: &Builder<'c>, row: Index<'c>, lanes: Lanes<'c>, into: &[Val<'c>]| {
                let at = add(b, base, row)?;
                let lanes = self.a.mul(b, lanes, self.factor(b, row, column, block)?)?;
                write_row(b, self.a, lanes, into[0], at).map(|into| vec![into])
            };
            let (memory, between) = self.first.transform(b, &read, &write, memory, between)?;
            Ok([memory, between].concat())
        })?;
        let between = made.split_off(memory.len());
        Ok((made, between[0]))
    }

    /// The factors for a row and a block of columns, which begins at a column.
    fn factor(&self, b: &Builder<'c>, row: Index<'c>, column: Index<'c>, block: Index<'c>) -> Result<Lanes<'c>> {
        match &self.factors {
            Factors::All(table) => {
                let at = add(b, mul(b, block, Index::Known(self.n1 as i64))?, row)?;
                read_row(b, self.a, *table, at)
            }
            Factors::Products(roots, table) => {
                let first = roots.at(b, mul(b, row, column)?.value(b)?)?;
                let first = Lanes { re: self.a.spread(b, first[0])?, im: self.a.spread(b, first[1])? };
                self.a.mul(b, first, read_row(b, self.a, *table, row)?)
            }
        }
    }

    /// Transposes the blocks of some rows, so that these are columns.
    fn turn(&self, b: &Builder<'c>, between: Val<'c>, first: Index<'c>, into: Val<'c>) -> Result<Val<'c>> {
        let lanes = self.a.lanes as i64;
        let made = counted(b, self.blocks(self.n2), &[into], &|b, block, into| {
            let row = add(b, mul(b, block, Index::Known(self.height() as i64))?, first)?;
            let column = self.start(b, block, self.n2)?;
            let row = |lane: i64| read_row(b, self.a, between, add(b, row, Index::Known(lane))?);
            let square = (0..lanes).map(row).collect::<Result<Vec<Lanes>>>()?;
            let re = transposed(b, square.iter().map(|row| row.re).collect())?;
            let im = transposed(b, square.iter().map(|row| row.im).collect())?;
            let mut into = into[0];
            for (lane, (re, im)) in re.into_iter().zip(im).enumerate() {
                let at = add(b, column, Index::Known(lane as i64))?;
                into = write_row(b, self.a, Lanes { re, im }, into, at)?;
            }
            Ok(vec![into])
        })?;
        Ok(made[0])
    }
}

/// A table of vectors of complex numbers, which is read as rows are.
fn parts_of_rows<'c>(b: &Builder<'c>, a: Arithmetic, rows: impl Iterator<Item = Vec<Complex<f64>>>) -> Result<Val<'c>> {
    let mut all = Vec::new();
    for row in rows {
        all.extend(row.iter().map(|number| number.re));
        all.extend(row.iter().map(|number| number.im));
    }
    let count = all.len() as u64 / (2 * a.lanes as u64);
    constant(b, a.dtype, vec![count, 2, a.lanes as u64], all)
}
