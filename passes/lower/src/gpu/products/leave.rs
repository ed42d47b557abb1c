//! How a tile of a product is left: in the result, or in the memory of parts.

use super::fits::Fits;
use super::tiles::{LANES, Tile, aligned};
use super::{Product, Shares};
use crate::checks::{Order, compare};
use crate::gpu::kernel::Kernel;
use crate::gpu::points::{Operand, extent, load_row, store_row, vector};
use crate::structured::Made;
use dp_dialects::ir::{Val, result};

/// How a tile of the result is left.
pub(in crate::gpu) struct Leave<'a, 'c> {
    pub of: &'a Product<'c>,
    pub tile: Tile,
    pub output: &'a Operand<'c>,
    pub fits: Fits<'c>,
    pub point: &'a [Val<'c>],
    pub batch: Val<'c>,
    /// The first row and column of the thread.
    pub row: Val<'c>,
    pub column: Val<'c>,
}

impl<'c> Leave<'_, 'c> {
    /// What a thread has, each row after the one before.
    pub(in crate::gpu) fn all(&self, k: &Kernel<'c>, shares: Option<&Shares<'c>>, sums: &[Val<'c>]) -> Made<()> {
        let Some(shares) = shares else { return self.rows(k, sums) };
        let is_whole = compare(&k.b(), Order::Eq, k.groups("y")?, k.index(1)?)?;
        let part = || self.part(k, shares, sums).map(|()| vec![]);
        k.choose(is_whole, &[], || self.rows(k, sums).map(|()| vec![]), part).map(|_| ())
    }

    /// To the result.
    fn rows(&self, k: &Kernel<'c>, sums: &[Val<'c>]) -> Made<()> {
        let w = self.tile.width;
        let rows = w.of(k, extent(k, self.of.rows.count)?)?;
        let columns = w.of(k, extent(k, self.of.columns.count)?)?;
        let mine = self.tile.mine() as usize;
        let vectors = || {
            for (number, sums) in (0..).zip(sums.chunks(mine)) {
                let row = w.plus(k, self.row, self.tile.along(number))?;
                k.when(k.less(row, rows)?, || {
                    self.quads(k, sums, columns, |column, sums| self.finish(k, row, column, sums))
                })?;
            }
            Ok(vec![])
        };
        let single = || {
            self.turn(k, sums, |number, sums| {
                let row = k.add(self.row, number)?;
                k.when(k.less(row, rows)?, || {
                    self.quads(k, sums, columns, |first, sums| {
                        for (lane, sum) in (0..).zip(sums) {
                            let column = w.plus(k, first, lane)?;
                            k.when(k.less(column, columns)?, || self.finish(k, row, column, &[*sum]))?;
                        }
                        Ok(())
                    })
                })
            })
            .map(|()| vec![])
        };
        self.fits.choose(k, &[], vectors, single).map(|_| ())
    }

    /// Neighbours of a row of the result, where there is the first of them.
    fn quads(
        &self,
        k: &Kernel<'c>,
        sums: &[Val<'c>],
        columns: Val<'c>,
        leave: impl Fn(Val<'c>, &[Val<'c>]) -> Made<()>,
    ) -> Made<()> {
        for (quad, sums) in (0..).zip(sums.chunks(LANES as usize)) {
            let column = self.tile.width.plus(k, self.column, self.tile.along(LANES * quad))?;
            k.when(k.less(column, columns)?, || leave(column, sums))?;
        }
        Ok(())
    }

    /// Row after row, by its distance from the first: in each turn the next one takes the place of the first. It is short
    /// text, for what takes its time in memory.
    fn turn(&self, k: &Kernel<'c>, sums: &[Val<'c>], row: impl FnOnce(Val<'c>, &[Val<'c>]) -> Made<()>) -> Made<()> {
        let w = self.tile.width;
        let mine = self.tile.mine();
        k.turn(0..mine, 1, sums, |number, sums| {
            let number = w.of(k, number)?;
            // As `Tile::along` has it.
            let far = w.times(k, w.parted(k, number, LANES)?.0, self.tile.along(LANES) - LANES)?;
            row(k.add(number, far)?, &sums[..mine as usize])?;
            let mut sums = sums.to_vec();
            sums.rotate_left(mine as usize);
            Ok(sums)
        })
        .map(|_| ())
    }

    /// To the memory of parts, in which rows and columns have room for whole tiles.
    fn part(&self, k: &Kernel<'c>, shares: &Shares<'c>, sums: &[Val<'c>]) -> Made<()> {
        let w = self.tile.width;
        let (row, column, batch) = (w.index(k, self.row)?, w.index(k, self.column)?, w.index(k, self.batch)?);
        let part = k.mul(k.group("y")?, extent(k, self.of.batch.count)?)?;
        let (rows, columns) = (extent(k, shares.rows)?, extent(k, shares.columns)?);
        let at = k.add(k.mul(k.add(part, batch)?, rows)?, row)?;
        let to = k.capture(shares.of.partial[0])?;
        let b = k.b();
        let vector = vector(self.of.work.to_type(b.context()), LANES);
        for (number, sums) in (0..).zip(sums.chunks(self.tile.mine() as usize)) {
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

    fn finish(&self, k: &Kernel<'c>, row: Val<'c>, column: Val<'c>, sums: &[Val<'c>]) -> Made<()> {
        let (row, column) = (self.tile.width.index(k, row)?, self.tile.width.index(k, column)?);
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
        store_row(k, self.output, &self.output.at(&point), &made.collect::<Made<Vec<_>>>()?)
    }
}
