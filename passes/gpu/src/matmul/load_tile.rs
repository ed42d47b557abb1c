//! Loads of tiles from global to shared memory.

use super::fits::Fits;
use super::tiles::{LANES, THREADS, Tile, aligned};
use super::width::Width;
use super::{Group, Product};
use crate::contraction::convert;
use crate::indexing::{Operand, load_row, vector};
use crate::kernel::Kernel;
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Number, Result, ScalarType};

/// How the tiles of an operand are loaded.
pub(crate) struct Bring<'a, 'c> {
    pub of: &'a Product<'c>,
    pub operand: &'a Operand<'c>,
    pub group: &'a Group<'c>,
    /// The number of rows or columns.
    pub count: Val<'c>,
    /// The first row or column of the tile.
    pub first: Val<'c>,
    pub shared: Val<'c>,
    /// Whether the operand is contiguous along the contracting loops.
    pub deep: bool,
    pub fits: Fits<'c>,
    pub thread: Val<'c>,
    pub tile: Tile,
    pub point: &'a [Val<'c>],
}

/// The elements of a tile that a thread loads: [`LANES`] of them.
struct Mine<'c> {
    /// The row or column of the first one, and its position along the contracting loops.
    beside: Val<'c>,
    depth: Val<'c>,
    /// The distance from one to the next in both directions.
    step: (i64, i64),
}

impl<'c> Bring<'_, 'c> {
    /// With vectors, adjacent elements along the contiguous loop. Scalars are in one row or column, so that only one
    /// bounds check is needed: along the contiguous loop if it is the contracting one, else a few steps apart, so that
    /// accesses of neighbouring threads coalesce.
    fn mine(&self, k: &Kernel<'c>, in_vectors: bool) -> Result<Mine<'c>> {
        let w = self.tile.width;
        if !in_vectors && !self.deep {
            let (depth, beside) = w.parted(k, self.thread, self.tile.side)?;
            return Ok(Mine { beside, depth, step: (0, THREADS / self.tile.side) });
        }
        let (far, near) = w.parted(k, self.thread, if self.deep { self.tile.depth } else { self.tile.side } / LANES)?;
        let near = w.times(k, near, LANES)?;
        Ok(match self.deep {
            true => Mine { beside: far, depth: near, step: (0, 1) },
            false => Mine { beside: near, depth: far, step: (1, 0) },
        })
    }

    fn in_vectors(&self, vectors: bool) -> bool {
        match self.fits {
            Fits::Never => false,
            Fits::Always => true,
            Fits::Where(_) => vectors,
        }
    }

    /// Loads a thread's elements of a tile, with zeros out of bounds.
    pub(crate) fn fetch(&self, k: &Kernel<'c>, (step, end): (Val<'c>, Val<'c>), vectors: bool) -> Result<Vec<Val<'c>>> {
        let in_vectors = self.in_vectors(vectors);
        let mine = self.mine(k, in_vectors)?;
        let work = self.of.work.to_type(k.host.context());
        let w = self.tile.width;
        let (number, deep) = (k.add(self.first, mine.beside)?, k.add(step, mine.depth)?);
        let is_there = |lane: i64| {
            let (number, deep) = (w.plus(k, number, lane * mine.step.0)?, w.plus(k, deep, lane * mine.step.1)?);
            k.both(k.less(number, self.count)?, k.less(deep, end)?)
        };
        // Constant distances are added after widening, so that they become part of the address.
        let point = |lane: i64| {
            let (number, deep) = (w.index(k, number)?, w.index(k, deep)?);
            let mut point = self.point.to_vec();
            self.group.place(k, Width::Wide.plus(k, number, lane * mine.step.0)?, &mut point)?;
            self.of.steps.place(k, Width::Wide.plus(k, deep, lane * mine.step.1)?, &mut point)?;
            Ok(point)
        };
        let zeros = |count: i64| Ok(vec![zero(k, self.of.work)?; count as usize]);
        let wide = |read: Vec<Val<'c>>| read.into_iter().map(|value| convert(&k.b(), value, self.of.work)).collect();
        if in_vectors {
            let load = || wide(load_row(k, self.operand, &self.operand.at(&point(0)?), LANES)?);
            return k.choose(is_there(0)?, &[work; LANES as usize], load, || zeros(LANES));
        }
        let mut all = Vec::new();
        for lane in 0..LANES {
            let load = || wide(vec![self.operand.element(k, &point(lane)?)?]);
            all.extend(k.choose(is_there(lane)?, &[work], load, || zeros(1))?);
        }
        Ok(all)
    }

    /// Stores them into one of the two buffers in shared memory, starting at an index.
    pub(crate) fn put(&self, k: &Kernel<'c>, first: Val<'c>, read: &[Val<'c>], vectors: bool) -> Result<()> {
        let w = self.tile.width;
        let mine = self.mine(k, self.in_vectors(vectors))?;
        let place = k.add(w.times(k, mine.depth, self.tile.pitch())?, mine.beside)?;
        let place = w.index(k, k.add(first, place)?)?;
        if mine.step.0 == 0 {
            let apart = mine.step.1 * self.tile.pitch();
            return (0..)
                .zip(read)
                .try_for_each(|(lane, value)| k.store(*value, self.shared, &[k.add(place, k.index(lane * apart)?)?]));
        }
        let b = k.b();
        let vector = vector(self.of.work.to_type(b.context()), LANES);
        let vector = b.named("vector.from_elements", read, &[vector], &[], vec![]).map(result)?;
        b.named("vector.store", &[vector, self.shared, place], &[], &[aligned(k, self.of.work)], vec![]).map(|_| ())
    }
}

/// Zero of a type.
pub(crate) fn zero<'c>(k: &Kernel<'c>, dtype: ScalarType) -> Result<Val<'c>> {
    k.number(dtype, Number::of_f64(0.0, dtype))
}
