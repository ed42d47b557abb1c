//! Transforms of all lines of a tensor on CPUs, in vectors.
//!
//! Along a dimension that is not the last one, lines at neighboring places of the last dimension are columns, which are
//! transformed together. A line along the last dimension is a matrix, if its length has factors that are long enough.

use super::columns::{Columns, Load, Store};
use super::lanes::{Arithmetic, Lanes};
use super::matrix::{Matrix, split};
use crate::structured::{Index, arith, stepped_loop};
use crate::tensors::LoweringSite;
use crate::tensors::matrices::{add, batched, min};
use dp_dialects::ir::Val;
use dp_dialects::{Builder, License, Result, ScalarType};

/// Where complex numbers are, in lines along a dimension.
#[derive(Clone, Copy)]
pub(super) enum Numbers<'c> {
    /// The real parts in one tensor, the imaginary ones in another.
    Planes(Val<'c>, Val<'c>),
    /// In a tensor of complex numbers.
    Complex(Val<'c>),
    /// In a real tensor, whose elements at even places of the lines are the real parts.
    Pairs(Val<'c>),
}

impl<'c> Numbers<'c> {
    fn tensors(self) -> Vec<Val<'c>> {
        match self {
            Numbers::Planes(re, im) => vec![re, im],
            Numbers::Complex(x) | Numbers::Pairs(x) => vec![x],
        }
    }
}

/// Transforms of all lines of a tensor.
pub(super) struct Lines<'c> {
    /// The operand.
    pub(super) from: Numbers<'c>,
    /// What becomes the result.
    pub(super) to: Numbers<'c>,
    /// The extents of the complex numbers.
    pub(super) extents: Vec<Index<'c>>,
    /// The dimension of the lines.
    pub(super) dim: usize,
    /// Whether real and imaginary parts are exchanged before and after, as in inverse transforms.
    pub(super) exchanged: bool,
    /// A factor of the result.
    pub(super) scale: f64,
}

/// Transforms lines whose length is a product of the radices.
pub(super) fn lines<'c>(
    site: &LoweringSite<'c>,
    lines: &Lines<'c>,
    dtype: ScalarType,
    radices: &[u64],
) -> Result<Vec<Val<'c>>> {
    let a = Arithmetic {
        dtype,
        lanes: (site.vectors.bytes() / (dtype.bits() as usize / 8)).max(1),
        contracts: site.model.may(License::Contract),
    };
    let n: u64 = radices.iter().product();
    match (lines.dim + 1 < lines.extents.len(), split(n, a.lanes as u64)) {
        (true, _) => lines.columns(&site.b, a, radices),
        (false, Some(split)) => lines.matrices(&site.b, a, split),
        (false, None) => lines.single(&site.b, a, radices),
    }
}

impl<'c> Lines<'c> {
    /// A transform whose dimensions are not set yet.
    pub(super) fn new(from: Numbers<'c>, to: Numbers<'c>) -> Lines<'c> {
        Lines { from, to, extents: Vec::new(), dim: 0, exchanged: false, scale: 1.0 }
    }

    /// The loops over the dimensions but some.
    fn outer(
        &self,
        b: &Builder<'c>,
        without: &[usize],
        carried: &[Val<'c>],
        body: &mut Nest<'_, 'c>,
    ) -> Result<Vec<Val<'c>>> {
        let dims: Vec<usize> = (0..self.extents.len()).filter(|dim| !without.contains(dim)).collect();
        let counts: Vec<Index> = dims.iter().map(|dim| self.extents[*dim]).collect();
        batched(b, &counts, &mut Vec::new(), carried, &mut |b, outer, carried| {
            let place = |others: &[(usize, Val<'c>)]| -> Vec<Val<'c>> {
                let outer = dims.iter().copied().zip(outer.iter().copied());
                let mut all: Vec<(usize, Val)> = outer.chain(others.iter().copied()).collect();
                all.sort_by_key(|(dim, _)| *dim);
                all.into_iter().map(|(_, at)| at).collect()
            };
            body(b, &place, carried)
        })
    }

    /// Transforms columns along the last dimension.
    fn columns(&self, b: &Builder<'c>, a: Arithmetic, radices: &[u64]) -> Result<Vec<Val<'c>>> {
        let y = self.to.tensors();
        let along = self.extents[self.extents.len() - 1];
        let Index::Known(count) = along else {
            // Whole vectors, then the rest one by one.
            let (count, lanes) = (along.value(b)?, b.index(a.lanes as i64)?);
            let vectors = arith(b, "arith.divui", count, lanes)?;
            let whole = arith(b, "arith.muli", vectors, lanes)?;
            let y = self.blocks(b, a, radices, [b.index(0)?, whole, lanes], None, &y)?;
            let range = [whole, count, b.index(1)?];
            return self.blocks(b, Arithmetic { lanes: 1, ..a }, radices, range, None, &y);
        };
        let a = Arithmetic { lanes: a.lanes.min(1 << count.max(1).ilog2()), ..a };
        let range = [b.index(0)?, b.index(count)?, b.index(a.lanes as i64)?];
        let last = (count % a.lanes as i64 != 0).then_some(count - a.lanes as i64);
        self.blocks(b, a, radices, range, last, &y)
    }

    /// Transforms columns at some places of the last dimension, no block of which begins behind `last`.
    fn blocks(
        &self,
        b: &Builder<'c>,
        a: Arithmetic,
        radices: &[u64],
        range: [Val<'c>; 3],
        last: Option<i64>,
        y: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let columns = Columns::new(b, a, radices)?;
        let memory = columns.memory(b)?;
        let used = memory.len();
        let along = self.extents.len() - 1;
        let made = self.outer(b, &[self.dim, along], &[&memory[..], y].concat(), &mut |b, place, carried| {
            stepped_loop(b, range, carried, |b, column, carried| {
                let column = match last {
                    Some(last) => min(b, Index::Value(column), Index::Known(last))?.value(b)?,
                    None => column,
                };
                let place = |row: Val<'c>| place(&[(self.dim, row), (along, column)]);
                let load = |b: &Builder<'c>, row: Index<'c>| self.load(b, a, row, &place);
                let store = |b: &Builder<'c>, row: Index<'c>, lanes: Lanes<'c>, y: &[Val<'c>]| {
                    self.store(b, a, lanes, y, row, &place)
                };
                let (memory, y) = columns.transform(b, &load, &store, &carried[..used], &carried[used..])?;
                Ok([memory, y].concat())
            })
        })?;
        Ok(made[used..].to_vec())
    }

    /// Transforms lines one by one, an element at a time.
    fn single(&self, b: &Builder<'c>, a: Arithmetic, radices: &[u64]) -> Result<Vec<Val<'c>>> {
        let a = Arithmetic { lanes: 1, ..a };
        let columns = Columns::new(b, a, radices)?;
        let memory = columns.memory(b)?;
        self.each(b, a, &memory, &|b, load, store, memory, y| columns.transform(b, load, store, memory, y))
    }

    /// Transforms lines as matrices.
    fn matrices(&self, b: &Builder<'c>, a: Arithmetic, (n1, n2, lanes): (u64, u64, usize)) -> Result<Vec<Val<'c>>> {
        let a = Arithmetic { lanes, ..a };
        let matrix = Matrix::new(b, a, n1, n2)?;
        let memory = matrix.memory(b)?;
        self.each(b, a, &memory, &|b, load, store, memory, y| matrix.transform(b, load, store, memory, y))
    }

    /// Transforms each line along the last dimension.
    fn each(
        &self,
        b: &Builder<'c>,
        a: Arithmetic,
        memory: &[Val<'c>],
        transform: &Transform<'_, 'c>,
    ) -> Result<Vec<Val<'c>>> {
        let used = memory.len();
        let made = self.outer(b, &[self.dim], &[memory, &self.to.tensors()].concat(), &mut |b, place, carried| {
            let place = |at: Val<'c>| place(&[(self.dim, at)]);
            let load = |b: &Builder<'c>, row: Index<'c>| self.load(b, a, row, &place);
            let store = |b: &Builder<'c>, row: Index<'c>, lanes: Lanes<'c>, y: &[Val<'c>]| {
                self.store(b, a, lanes, y, row, &place)
            };
            let (memory, y) = transform(b, &load, &store, &carried[..used], &carried[used..])?;
            Ok([memory, y].concat())
        })?;
        Ok(made[used..].to_vec())
    }

    /// The indices of both elements of a pair.
    fn pair(&self, b: &Builder<'c>, row: Index<'c>, place: &Place<'_, 'c>) -> Result<[Vec<Val<'c>>; 2]> {
        let first = add(b, row, row)?;
        Ok([place(first.value(b)?), place(add(b, first, Index::Known(1))?.value(b)?)])
    }

    /// A vector from a place of a line on.
    fn load(&self, b: &Builder<'c>, a: Arithmetic, row: Index<'c>, place: &Place<'_, 'c>) -> Result<Lanes<'c>> {
        let Lanes { re, im } = match self.from {
            Numbers::Planes(re, im) => {
                let at = place(row.value(b)?);
                Lanes { re: a.read(b, re, &at)?, im: a.read(b, im, &at)? }
            }
            Numbers::Complex(x) => a.read_complex(b, x, &place(row.value(b)?))?,
            Numbers::Pairs(x) => {
                let [even, odd] = self.pair(b, row, place)?;
                match self.dim + 1 == self.extents.len() {
                    true => a.read_pairs(b, x, &even)?,
                    false => Lanes { re: a.read(b, x, &even)?, im: a.read(b, x, &odd)? },
                }
            }
        };
        Ok(if self.exchanged { Lanes { re: im, im: re } } else { Lanes { re, im } })
    }

    /// Writes a vector to the result.
    fn store(
        &self,
        b: &Builder<'c>,
        a: Arithmetic,
        lanes: Lanes<'c>,
        y: &[Val<'c>],
        row: Index<'c>,
        place: &Place<'_, 'c>,
    ) -> Result<Vec<Val<'c>>> {
        let Lanes { re, im } = if self.scale == 1.0 { lanes } else { a.scaled(b, lanes, self.scale)? };
        let lanes = if self.exchanged { Lanes { re: im, im: re } } else { Lanes { re, im } };
        match self.to {
            Numbers::Planes(..) => {
                let at = place(row.value(b)?);
                Ok(vec![a.write(b, lanes.re, y[0], &at)?, a.write(b, lanes.im, y[1], &at)?])
            }
            Numbers::Complex(_) => Ok(vec![a.write_complex(b, lanes, y[0], &place(row.value(b)?))?]),
            Numbers::Pairs(_) => {
                let [even, odd] = self.pair(b, row, place)?;
                if self.dim + 1 == self.extents.len() {
                    return Ok(vec![a.write_pairs(b, lanes, y[0], &even)?]);
                }
                let y = a.write(b, lanes.re, y[0], &even)?;
                Ok(vec![a.write(b, lanes.im, y, &odd)?])
            }
        }
    }
}

/// The indices of an element, by those in the dimensions without a loop.
type Inner<'i, 'c> = dyn Fn(&[(usize, Val<'c>)]) -> Vec<Val<'c>> + 'i;

/// The body of a nest with carried tensors.
type Nest<'n, 'c> = dyn FnMut(&Builder<'c>, &Inner<'_, 'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>> + 'n;

/// The indices of a place in a line.
type Place<'p, 'c> = dyn Fn(Val<'c>) -> Vec<Val<'c>> + 'p;

/// Transforms a line, with what is used meanwhile and what is changed.
type Transform<'t, 'c> = dyn Fn(&Builder<'c>, &Load<'_, 'c>, &Store<'_, 'c>, &[Val<'c>], &[Val<'c>]) -> Result<(Vec<Val<'c>>, Vec<Val<'c>>)>
    + 't;
