//! Loads of tiles from global to shared memory.

use super::tiles::{LANES, THREADS, Tile, aligned};
use super::vector_access::VectorAccess;
use super::width::Width;
use super::{Group, Product};
use crate::contraction::convert;
use crate::indexing::{Operand, load_row, vector};
use crate::kernel::Kernel;
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Number, Result, ScalarType};

/// How the tiles of an operand are loaded.
pub(crate) struct TileLoad<'a, 'c> {
    pub of: &'a Product<'c>,
    pub operand: &'a Operand<'c>,
    pub group: &'a Group<'c>,
    /// The number of rows or columns.
    pub count: Val<'c>,
    /// The first row or column of the tile.
    pub first: Val<'c>,
    pub shared: Val<'c>,
    /// Whether the operand is contiguous along the contracting loops.
    pub contiguous_in_k: bool,
    pub fits: VectorAccess<'c>,
    pub thread: Val<'c>,
    pub tile: Tile,
    pub point: &'a [Val<'c>],
}

/// The elements of a tile that a thread loads: [`LANES`] of them.
struct ThreadElements<'c> {
    /// The row or column of the first one, and its position along the contracting loops.
    across: Val<'c>,
    depth: Val<'c>,
    /// The distance from one to the next in both directions.
    step: (i64, i64),
}

impl<'c> TileLoad<'_, 'c> {
    /// With vectors, adjacent elements along the contiguous loop. Scalars are in one row or column, so that only one
    /// bounds check is needed: along the contiguous loop if it is the contracting one, else a few steps apart, so that
    /// accesses of neighbouring threads coalesce.
    fn thread_elements(&self, k: &Kernel<'c>, in_vectors: bool) -> Result<ThreadElements<'c>> {
        let w = self.tile.width;
        if !in_vectors && !self.contiguous_in_k {
            let (depth, across) = w.div_rem(k, self.thread, self.tile.side)?;
            return Ok(ThreadElements { across, depth, step: (0, THREADS / self.tile.side) });
        }
        let (far, near) =
            w.div_rem(k, self.thread, if self.contiguous_in_k { self.tile.depth } else { self.tile.side } / LANES)?;
        let near = w.mul_constant(k, near, LANES)?;
        Ok(match self.contiguous_in_k {
            true => ThreadElements { across: far, depth: near, step: (0, 1) },
            false => ThreadElements { across: near, depth: far, step: (1, 0) },
        })
    }

    fn in_vectors(&self, vectors: bool) -> bool {
        match self.fits {
            VectorAccess::Never => false,
            VectorAccess::Always => true,
            VectorAccess::If(_) => vectors,
        }
    }

    /// Loads a thread's elements of a tile, with zeros out of bounds.
    pub(crate) fn load_global(
        &self,
        k: &Kernel<'c>,
        (step, end): (Val<'c>, Val<'c>),
        vectors: bool,
    ) -> Result<Vec<Val<'c>>> {
        let in_vectors = self.in_vectors(vectors);
        let own = self.thread_elements(k, in_vectors)?;
        let work = self.of.work.to_type(k.host.context());
        let w = self.tile.width;
        let (number, depth) = (k.add(self.first, own.across)?, k.add(step, own.depth)?);
        let in_bounds = |lane: i64| {
            let (number, depth) =
                (w.add_constant(k, number, lane * own.step.0)?, w.add_constant(k, depth, lane * own.step.1)?);
            k.both(k.less(number, self.count)?, k.less(depth, end)?)
        };
        // Constant distances are added after widening, so that they become part of the address.
        let point = |lane: i64| {
            let (number, depth) = (w.to_index(k, number)?, w.to_index(k, depth)?);
            let mut point = self.point.to_vec();
            self.group.place(k, Width::Wide.add_constant(k, number, lane * own.step.0)?, &mut point)?;
            self.of.steps.place(k, Width::Wide.add_constant(k, depth, lane * own.step.1)?, &mut point)?;
            Ok(point)
        };
        let zeros = |count: i64| Ok(vec![zero(k, self.of.work)?; count as usize]);
        let wide = |read: Vec<Val<'c>>| read.into_iter().map(|value| convert(&k.b(), value, self.of.work)).collect();
        if in_vectors {
            let load = || wide(load_row(k, self.operand, &self.operand.at(&point(0)?), LANES)?);
            return k.choose(in_bounds(0)?, &[work; LANES as usize], load, || zeros(LANES));
        }
        let mut all = Vec::new();
        for lane in 0..LANES {
            let load = || wide(vec![self.operand.element(k, &point(lane)?)?]);
            all.extend(k.choose(in_bounds(lane)?, &[work], load, || zeros(1))?);
        }
        Ok(all)
    }

    /// Stores them into one of the two buffers in shared memory, starting at an index.
    pub(crate) fn store_shared(&self, k: &Kernel<'c>, first: Val<'c>, read: &[Val<'c>], vectors: bool) -> Result<()> {
        let w = self.tile.width;
        let own = self.thread_elements(k, self.in_vectors(vectors))?;
        let place = k.add(w.mul_constant(k, own.depth, self.tile.pitch())?, own.across)?;
        let place = w.to_index(k, k.add(first, place)?)?;
        if own.step.0 == 0 {
            let apart = own.step.1 * self.tile.pitch();
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
