//! Matrix multiplication: tile sizes and split-K.
//!
//! With few tiles and a long contraction, the contraction is split over the grid, as reductions are. Large tiles need
//! less memory traffic per flop; small tiles leave fewer multiprocessors idle. With dynamic extents, there are kernels
//! for both, and the host chooses.

mod load_tile;
mod store_partial;
mod tiles;
mod vector_access;
mod width;

use crate::contraction::convert;
use crate::indexing::{Operand, bytes, dtype, extent, known, lesser, pick, position, product, quotient};
use crate::kernel::{Kernel, Kernels};
use crate::reductions::{Block, Combiner, Gather, GridSplit, memory};
use dp_dialects::ir::{Val, result};
use dp_dialects::marks::CONTRACTION;
use dp_dialects::{Builder, OpKind, Result, ScalarType};
use dp_loopnest::checks::{Order, compare};
use dp_loopnest::nest::{Access, Nest};
use dp_loopnest::structured::{Index, arith};
use melior::ir::ValueLike;
use std::ops::Range;
use tiles::{LARGE, SMALL, Tile};
use width::NARROW;

/// Thinner tiles cost more than they gain.
const THIN: i64 = 4;
/// The minimum number of rows and columns for large tiles.
const WIDE: i64 = 96;
/// The minimum number of blocks for large tiles: about one per multiprocessor.
const FILLED: i64 = 128;
/// The maximum number of parts of split-K, and the minimum length of a part.
const PARTS: i64 = 128;
const LEAST: i64 = 128;
/// The number of adjacent results per block when parts are combined, by the number of results: with few results, more
/// threads work on each.
const GATHERED: [(i64, i64); 2] = [(4096, 16), (32768, 64)];

/// The loops of one kind.
pub(crate) struct Group<'c> {
    pub dims: Vec<usize>,
    pub extents: Vec<Index<'c>>,
    pub count: Index<'c>,
}

impl<'c> Group<'c> {
    fn of(host: &Builder<'c>, nest: &Nest<'c>, is_it: impl Fn(usize) -> bool) -> Result<Self> {
        let dims: Vec<usize> = (0..nest.reduces.len()).filter(|dim| is_it(*dim)).collect();
        let extents: Vec<Index> = dims.iter().map(|dim| nest.extents[*dim]).collect();
        let count = product(host, extents.iter().copied())?;
        Ok(Group { dims, extents, count })
    }

    /// Sets its loop indices in a point.
    pub(crate) fn place(&self, k: &Kernel<'c>, number: Val<'c>, point: &mut [Val<'c>]) -> Result<()> {
        for (dim, at) in self.dims.iter().zip(position(k, number, &self.extents)?) {
            point[*dim] = at;
        }
        Ok(())
    }
}

/// A matrix product under construction.
pub(crate) struct Product<'c> {
    pub batch: Group<'c>,
    pub rows: Group<'c>,
    pub columns: Group<'c>,
    pub steps: Group<'c>,
    /// The type in shared memory and registers: f32 for f16 and bf16.
    pub work: ScalarType,
    pub rank: usize,
}

/// The partial results of split-K, each a full matrix.
pub(crate) struct SplitK<'c> {
    pub of: GridSplit<'c>,
    /// The allocated rows and columns: whole tiles, so that no bounds checks are needed.
    pub rows: Index<'c>,
    pub columns: Index<'c>,
}

/// Makes kernels for a contraction; returns whether it has this form.
pub(crate) fn contract<'c>(
    kernels: &Kernels<'c>,
    nest: &Nest<'c>,
    starts: &[Option<Val<'c>>],
    strict: bool,
) -> Result<bool> {
    if !CONTRACTION.is_on(nest.op) {
        return Ok(false);
    }
    let host = Builder::before(nest.op);
    let [x, y, _] = &nest.accesses[..] else { return Ok(false) };
    let dtype = dtype(x)?;
    let rounds = dtype.is_float();
    if dtype.is_complex() || dtype == ScalarType::I1 || dtype == ScalarType::Index || (rounds && strict) {
        return Ok(false);
    }
    let in_x = |dim: usize| x.position(dim).is_some();
    let in_y = |dim: usize| y.position(dim).is_some();
    let of = Product {
        batch: Group::of(&host, nest, |dim| !nest.reduces[dim] && in_x(dim) && in_y(dim))?,
        rows: Group::of(&host, nest, |dim| !nest.reduces[dim] && in_x(dim) && !in_y(dim))?,
        columns: Group::of(&host, nest, |dim| !nest.reduces[dim] && !in_x(dim) && in_y(dim))?,
        steps: Group::of(&host, nest, |dim| nest.reduces[dim])?,
        work: dtype.accumulator(),
        rank: nest.reduces.len(),
    };
    let is_thin = |group: &Group| known(group.count).is_some_and(|count| count < THIN);
    if is_thin(&of.rows) || is_thin(&of.columns) {
        return Ok(false);
    }
    of.emit(kernels, nest, starts)?;
    Ok(true)
}

impl<'c> Product<'c> {
    fn emit(&self, kernels: &Kernels<'c>, nest: &Nest<'c>, starts: &[Option<Val<'c>>]) -> Result<()> {
        let host = Builder::before(nest.op);
        let useful = quotient(&host, "arith.divui", self.steps.count, Index::Known(LEAST))?;
        let useful = bounded(&host, useful, PARTS)?;
        let is_large = self.is_large(&host, useful)?;
        let sizes: &[Tile] = match is_large {
            Index::Known(0) => &[SMALL],
            Index::Known(_) => &[LARGE],
            Index::Value(_) => &[LARGE, SMALL],
        };
        let mut count = None;
        for tile in sizes.iter().rev() {
            let most = lesser(&host, "arith.maxui", self.tiles(&host, *tile)?, Index::Known(1))?;
            let most = quotient(&host, "arith.divui", Index::Known(tile.blocks), most)?;
            let of_tile = lesser(&host, "arith.minui", useful, bounded(&host, most, PARTS)?)?;
            count = Some(match count {
                None => of_tile,
                Some(small) => choose(&host, is_large, of_tile, small)?,
            });
        }
        let split = match count {
            None | Some(Index::Known(1)) => None,
            Some(count) => Some(self.split_k(&host, count)?),
        };
        for tile in sizes {
            let blocks = self.tiles(&host, *tile)?;
            let none = Index::Known(0);
            let blocks = match (is_large, tile.side == LARGE.side) {
                (Index::Known(_), _) => blocks,
                (is_large, true) => choose(&host, is_large, blocks, none)?,
                (is_large, false) => choose(&host, is_large, none, blocks)?,
            };
            tile.emit(self, kernels, (nest, starts), split.as_ref(), blocks.value(&host)?)?;
        }
        split.map_or(Ok(()), |split| self.gather(kernels, nest, starts, &split))
    }

    /// The number of tiles of a size.
    fn tiles(&self, host: &Builder<'c>, tile: Tile) -> Result<Index<'c>> {
        let side = Index::Known(tile.side);
        let down = quotient(host, "arith.ceildivui", self.rows.count, side)?;
        let along = quotient(host, "arith.ceildivui", self.columns.count, side)?;
        product(host, [self.batch.count, down, along].into_iter())
    }

    /// Whether large tiles are used: 0, 1, or a host condition.
    fn is_large(&self, host: &Builder<'c>, useful: Index<'c>) -> Result<Index<'c>> {
        let blocks = product(host, [self.tiles(host, LARGE)?, useful].into_iter())?;
        let bounds = [
            (self.rows.count, WIDE..NARROW),
            (self.columns.count, WIDE..NARROW),
            (self.steps.count, 0..NARROW),
            (blocks, FILLED..i64::MAX),
        ];
        let fails = |(count, range): &(Index, Range<i64>)| known(*count).is_some_and(|count| !range.contains(&count));
        // Positions along several loops need divisions, and more registers than large tiles leave.
        let is_plain = [&self.rows, &self.columns, &self.steps].iter().all(|group| group.dims.len() <= 1);
        if bytes(self.work) > 4 || !is_plain || bounds.iter().any(fails) {
            return Ok(Index::Known(0));
        }
        let mut all = None;
        for (count, range) in bounds {
            let Index::Value(count) = count else { continue };
            // Below the range, the difference is a large unsigned number.
            let above = arith(host, "arith.subi", count, host.index(range.start)?)?;
            let holds = compare(host, Order::Ult, above, host.index(range.end - range.start)?)?;
            all = Some(match all {
                None => holds,
                Some(all) => host.named("arith.andi", &[all, holds], &[holds.r#type()], &[], vec![]).map(result)?,
            });
        }
        Ok(all.map_or(Index::Known(1), Index::Value))
    }

    /// Memory for partial results; none if there is only one part.
    fn split_k(&self, host: &Builder<'c>, count: Index<'c>) -> Result<SplitK<'c>> {
        let whole = |count: Index<'c>| {
            let side = Index::Known(LARGE.side);
            product(host, [quotient(host, "arith.ceildivui", count, side)?, side].into_iter())
        };
        let (rows, columns) = (whole(self.rows.count)?, whole(self.columns.count)?);
        let mut room = product(host, [count, self.batch.count, rows, columns].into_iter())?;
        if let Index::Value(parts) = count {
            let is_whole = compare(host, Order::Eq, parts, host.index(1)?)?;
            room = choose(host, Index::Value(is_whole), Index::Known(0), room)?;
        }
        let of = GridSplit { parts: count.value(host)?, partial: vec![memory(host, self.work, room)?] };
        Ok(SplitK { of, rows, columns })
    }

    /// Combines the sum with the previous value of the output.
    pub(crate) fn finish(&self, k: &Kernel<'c>, output: &Operand<'c>, point: &[Val<'c>], sum: Val<'c>) -> Result<()> {
        let before = output.element(k, point)?;
        k.store(self.joined(&k.b(), output, before, sum)?, output.value, &output.at(point))
    }

    /// An element of the result.
    pub(crate) fn joined(
        &self,
        b: &Builder<'c>,
        output: &Operand<'c>,
        before: Val<'c>,
        sum: Val<'c>,
    ) -> Result<Val<'c>> {
        let before = convert(b, before, self.work)?;
        convert(b, self.adds().pair(b, before, sum)?, output.dtype)
    }

    fn adds(&self) -> Combiner<'c> {
        Combiner::known(OpKind::ScalarAdd, self.work)
    }

    /// Combines the partial results.
    fn gather(
        &self,
        kernels: &Kernels<'c>,
        nest: &Nest<'c>,
        starts: &[Option<Val<'c>>],
        split: &SplitK<'c>,
    ) -> Result<()> {
        let k = kernels.begin(nest.op)?;
        let host = k.host;
        let counts = [self.batch.count, self.rows.count, self.columns.count];
        let results = product(&host, counts.iter().copied())?;
        let from = Gather {
            block: Block::wide(&host, false, pick(&host, results, &GATHERED, 256)?)?,
            combiners: &[self.adds()],
            accumulators: 4,
            results,
            part_stride: product(&host, [self.batch.count, split.rows, split.columns].into_iter())?,
        };
        let place = |k: &Kernel<'c>, number: Val<'c>| {
            let [batch, row, column] = position(k, number, &counts)?[..] else { return Ok(number) };
            k.add(k.mul(k.add(k.mul(batch, extent(k, split.rows)?)?, row)?, extent(k, split.columns)?)?, column)
        };
        let finish = |k: &Kernel<'c>, number: Val<'c>, sums: &[Val<'c>]| {
            let mut point = vec![k.index(0)?; self.rank];
            for (group, at) in [&self.batch, &self.rows, &self.columns].into_iter().zip(position(k, number, &counts)?) {
                group.place(k, at, &mut point)?;
            }
            self.finish(k, &Operand::one(k, nest, starts, 2)?, &point, sums[0])
        };
        split.of.gather(k, from, place, finish)
    }
}

/// The number of parts, between 1 and `most`.
fn bounded<'c>(host: &Builder<'c>, parts: Index<'c>, most: i64) -> Result<Index<'c>> {
    lesser(host, "arith.maxui", lesser(host, "arith.minui", parts, Index::Known(most))?, Index::Known(1))
}

/// Selects an extent by a host condition.
fn choose<'c>(host: &Builder<'c>, is: Index<'c>, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    let of = [is.value(host)?, x.value(host)?, y.value(host)?];
    host.named("arith.select", &of, &[of[1].r#type()], &[], vec![]).map(|op| Index::Value(result(op)))
}

/// Whether an operand is contiguous along the contracting loops.
pub(crate) fn is_contiguous_in_k(access: &Access, steps: &Group) -> bool {
    access.at.loops.last().is_some_and(|dim| steps.dims.contains(dim))
}
