//! Stores of a tile: to the result, or to the partial results of split-K.

use super::tiles::{LANES, Tile, aligned};
use super::vector_access::VectorAccess;
use super::{Product, SplitK};
use crate::indexing::{Operand, extent, load_row, store_row, vector};
use crate::kernel::Kernel;
use dp_dialects::MlirType;
use dp_dialects::Result;
use dp_dialects::ir::{Val, result};
use dp_loopnest::checks::{Order, compare};

/// How a tile of the result is stored.
pub(crate) struct TileStore<'a, 'c> {
    pub of: &'a Product<'c>,
    pub tile: Tile,
    pub output: &'a Operand<'c>,
    pub fits: VectorAccess<'c>,
    pub point: &'a [Val<'c>],
    pub batch: Val<'c>,
    /// The first row and column of the thread.
    pub row: Val<'c>,
    pub column: Val<'c>,
}

impl<'c> TileStore<'_, 'c> {
    /// Stores a thread's elements, row by row.
    pub(crate) fn store(&self, k: &Kernel<'c>, split: Option<&SplitK<'c>>, sums: &[Val<'c>]) -> Result<()> {
        let Some(split) = split else { return self.store_rows(k, sums) };
        let is_whole = compare(&k.b(), Order::Eq, k.grid_dim("y")?, k.index(1)?)?;
        let partial = || self.store_partial(k, split, sums).map(|()| vec![]);
        k.choose(is_whole, &[], || self.store_rows(k, sums).map(|()| vec![]), partial).map(|_| ())
    }

    /// To the result.
    fn store_rows(&self, k: &Kernel<'c>, sums: &[Val<'c>]) -> Result<()> {
        let w = self.tile.width;
        let per_thread = self.tile.per_thread() as usize;
        let rows = w.of_index(k, extent(k, self.of.rows.count)?)?;
        let columns = w.of_index(k, extent(k, self.of.columns.count)?)?;
        for (number, sums) in (0..).zip(sums.chunks(per_thread)) {
            let row = w.add_constant(k, self.row, self.tile.along(number))?;
            k.when(k.less(row, rows)?, || {
                for (quad, sums) in (0..).zip(sums.chunks(LANES as usize)) {
                    self.quad(k, row, w.add_constant(k, self.column, self.tile.along(LANES * quad))?, columns, sums)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// To the partial results, which have room for whole tiles.
    fn store_partial(&self, k: &Kernel<'c>, split: &SplitK<'c>, sums: &[Val<'c>]) -> Result<()> {
        let w = self.tile.width;
        let (row, column, batch) = (w.to_index(k, self.row)?, w.to_index(k, self.column)?, w.to_index(k, self.batch)?);
        let part = k.mul(k.block_id("y")?, extent(k, self.of.batch.count)?)?;
        let (rows, columns) = (extent(k, split.rows)?, extent(k, split.columns)?);
        let at = k.add(k.mul(k.add(part, batch)?, rows)?, row)?;
        let to = k.capture(split.of.partial[0])?;
        let b = k.b();
        let vector = vector(self.of.work.to_type(b.context()), LANES);
        for (number, sums) in (0..).zip(sums.chunks(self.tile.per_thread() as usize)) {
            let at = k.add(at, k.index(self.tile.along(number))?)?;
            let at = k.add(k.mul(at, columns)?, column)?;
            for (quad, sums) in (0..).zip(sums.chunks(LANES as usize)) {
                let at = k.add(at, k.index(self.tile.along(LANES * quad))?)?;
                let row = b.named("vector.from_elements", sums, &[vector], &[], vec![]).map(result)?;
                b.named("vector.store", &[row, to, at], &[], &[aligned(k, self.of.work)], vec![])?;
            }
        }
        Ok(())
    }

    /// Stores adjacent elements of a row of the result.
    fn quad(&self, k: &Kernel<'c>, row: Val<'c>, column: Val<'c>, columns: Val<'c>, sums: &[Val<'c>]) -> Result<()> {
        let vectors = || {
            let in_bounds = k.less(column, columns)?;
            k.when(in_bounds, || self.finish(k, row, column, sums)).map(|()| vec![])
        };
        let single = || {
            for (lane, sum) in (0..).zip(sums) {
                let column = self.tile.width.add_constant(k, column, lane)?;
                let in_bounds = k.less(column, columns)?;
                k.when(in_bounds, || self.finish(k, row, column, &[*sum]))?;
            }
            Ok(vec![])
        };
        self.fits.choose(k, &[], vectors, single).map(|_| ())
    }

    fn finish(&self, k: &Kernel<'c>, row: Val<'c>, column: Val<'c>, sums: &[Val<'c>]) -> Result<()> {
        let (row, column) = (self.tile.width.to_index(k, row)?, self.tile.width.to_index(k, column)?);
        let mut point = self.point.to_vec();
        self.of.rows.place(k, row, &mut point)?;
        self.of.columns.place(k, column, &mut point)?;
        if let [sum] = sums {
            return self.of.finish(k, self.output, &point, *sum);
        }
        let is_looked_at = self.output.start.is_none() && self.output.is_read;
        let before = if is_looked_at {
            load_row(k, self.output, &self.output.at(&point), LANES)?
        } else {
            vec![self.output.element(k, &point)?; LANES as usize]
        };
        let made = before.into_iter().zip(sums);
        let made = made.map(|(before, sum)| self.of.joined(&k.b(), self.output, before, *sum));
        store_row(k, self.output, &self.output.at(&point), &made.collect::<Result<Vec<_>>>()?)
    }
}
