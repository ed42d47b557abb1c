//! Transforms of several columns at once, one in each lane of vectors: Stockham's passes, which need no reordering.
//!
//! A pass transforms `r` numbers at a time. With `L` numbers left in each transform, `m = L / r` and `s = n / L`:
//! `y[q + s (r p + i)] = w_L^ip Σ_t x[q + s (p + t m)] w_r^it` for `p < m`, `q < s` and `i < r`. The first pass reads the
//! operand and the last one writes the result; between them, rows go from one tensor to another and back.

use super::butterflies::butterfly;
use super::lanes::{Arithmetic, Lanes};
use super::roots::parts;
use crate::structured::Index;
use crate::tensors::matrices::{add, mul, repeated, scratch};
use crate::tensors::sort::read;
use dp_dialects::ir::Val;
use dp_dialects::{Builder, Result, ValueType};
use dp_semantics::fourier::root;

/// Transforms of one length.
pub(super) struct Columns<'c> {
    arithmetic: Arithmetic,
    n: u64,
    passes: Vec<Pass<'c>>,
}

/// One pass.
struct Pass<'c> {
    radix: u64,
    /// The numbers that are left after it.
    rest: u64,
    /// The distance between the results of a butterfly.
    stride: u64,
    /// The powers of the roots by `p` and `i`, if there are several `p`.
    roots: Option<Val<'c>>,
}

/// Reads a row.
pub(super) type Load<'l, 'c> = dyn Fn(&Builder<'c>, Index<'c>) -> Result<Lanes<'c>> + 'l;

/// Writes a row to carried tensors.
pub(super) type Store<'s, 'c> = dyn Fn(&Builder<'c>, Index<'c>, Lanes<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>> + 's;

impl<'c> Columns<'c> {
    /// Transforms of `n` numbers, a product of the radices.
    pub(super) fn new(b: &Builder<'c>, arithmetic: Arithmetic, radices: &[u64]) -> Result<Columns<'c>> {
        let n: u64 = radices.iter().product();
        let (mut left, mut passes) = (n, Vec::new());
        for radix in radices {
            let rest = left / radix;
            let powers = (0..rest).flat_map(|p| (1..*radix).map(move |i| root(p * i, left)));
            let roots = match rest {
                1 => None,
                _ => Some(parts(b, arithmetic.dtype, powers)?),
            };
            passes.push(Pass { radix: *radix, rest, stride: n / left, roots });
            left = rest;
        }
        Ok(Columns { arithmetic, n, passes })
    }

    /// The number of tensors between the passes.
    pub(super) fn between(&self) -> usize {
        self.passes.len().saturating_sub(1).min(2)
    }

    /// The tensors between the passes.
    pub(super) fn memory(&self, b: &Builder<'c>) -> Result<Vec<Val<'c>>> {
        (0..self.between()).map(|_| rows(b, self.arithmetic, Index::Known(self.n as i64))).collect()
    }

    /// Transforms the columns. `memory` are the tensors between passes, `results` those that `store` changes; both are
    /// returned.
    pub(super) fn transform(
        &self,
        b: &Builder<'c>,
        load: &Load<'_, 'c>,
        store: &Store<'_, 'c>,
        memory: &[Val<'c>],
        results: &[Val<'c>],
    ) -> Result<(Vec<Val<'c>>, Vec<Val<'c>>)> {
        let (mut memory, mut results) = (memory.to_vec(), results.to_vec());
        for (place, pass) in self.passes.iter().enumerate() {
            let from = if place == 0 { None } else { Some(memory[(place - 1) % 2]) };
            let between = |b: &Builder<'c>, row: Index<'c>| match from {
                Some(from) => read_row(b, self.arithmetic, from, row),
                None => load(b, row),
            };
            if place + 1 == self.passes.len() {
                results = self.pass(b, pass, &between, store, &results)?;
            } else {
                let to = |b: &Builder<'c>, row: Index<'c>, lanes: Lanes<'c>, into: &[Val<'c>]| {
                    write_row(b, self.arithmetic, lanes, into[0], row).map(|into| vec![into])
                };
                memory[place % 2] = self.pass(b, pass, &between, &to, &[memory[place % 2]])?[0];
            }
        }
        Ok((memory, results))
    }

    fn pass(
        &self,
        b: &Builder<'c>,
        pass: &Pass<'c>,
        load: &Load<'_, 'c>,
        store: &Store<'_, 'c>,
        into: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let a = self.arithmetic;
        let known = |number: u64| Index::Known(number as i64);
        counted(b, pass.rest, into, &|b, p, into| {
            let mut powers = Vec::new();
            if let Some(roots) = pass.roots {
                let first = mul(b, p, known(2 * (pass.radix - 1)))?;
                for part in 0..2 * (pass.radix - 1) {
                    let at = add(b, first, known(part))?.value(b)?;
                    powers.push(a.spread(b, read(b, &[roots], &[at])?[0])?);
                }
            }
            let (from, to) = (mul(b, p, known(pass.stride))?, mul(b, p, known(pass.stride * pass.radix))?);
            counted(b, pass.stride, into, &|b, q, into| {
                let (from, to) = (add(b, from, q)?, add(b, to, q)?);
                let row = |t: u64| load(b, add(b, from, known(t * pass.stride * pass.rest))?);
                let x = (0..pass.radix).map(row).collect::<Result<Vec<_>>>()?;
                let mut into = into.to_vec();
                for (i, mut y) in butterfly(a, b, &x)?.into_iter().enumerate() {
                    if i > 0 && !powers.is_empty() {
                        y = a.mul(b, y, Lanes { re: powers[2 * i - 2], im: powers[2 * i - 1] })?;
                    }
                    into = store(b, add(b, to, known(i as u64 * pass.stride))?, y, &into)?;
                }
                Ok(into)
            })
        })
    }
}

/// An iteration of a loop with carried tensors.
type Round<'r, 'c> = dyn Fn(&Builder<'c>, Index<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>> + 'r;

/// A loop, of which a single iteration is none.
pub(super) fn counted<'c>(
    b: &Builder<'c>,
    count: u64,
    carried: &[Val<'c>],
    body: &Round<'_, 'c>,
) -> Result<Vec<Val<'c>>> {
    match count {
        1 => body(b, Index::Known(0), carried),
        _ => repeated(b, Index::Known(count as i64), carried, |b, at, carried| body(b, Index::Value(at), carried)),
    }
}

/// A tensor for rows of complex numbers: the real parts, then the imaginary ones.
pub(super) fn rows<'c>(b: &Builder<'c>, a: Arithmetic, count: Index<'c>) -> Result<Val<'c>> {
    scratch(b, &ValueType::number(a.dtype), &[count, Index::Known(2), Index::Known(a.lanes as i64)])
}

pub(super) fn read_row<'c>(b: &Builder<'c>, a: Arithmetic, from: Val<'c>, row: Index<'c>) -> Result<Lanes<'c>> {
    let (row, zero) = (row.value(b)?, b.index(0)?);
    Ok(Lanes { re: a.read(b, from, &[row, zero, zero])?, im: a.read(b, from, &[row, b.index(1)?, zero])? })
}

pub(super) fn write_row<'c>(
    b: &Builder<'c>,
    a: Arithmetic,
    lanes: Lanes<'c>,
    into: Val<'c>,
    row: Index<'c>,
) -> Result<Val<'c>> {
    let (row, zero) = (row.value(b)?, b.index(0)?);
    let into = a.write(b, lanes.re, into, &[row, zero, zero])?;
    a.write(b, lanes.im, into, &[row, b.index(1)?, zero])
}
