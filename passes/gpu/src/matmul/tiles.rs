//! Tiled matrix multiplication through shared memory and registers.
//!
//! A block computes a tile of the result. In each step along the contracting loops, it loads a tile of each operand
//! into shared memory, and each thread accumulates an outer product in registers. Shared memory is double-buffered:
//! while threads compute with one tile, the loads of the next are in flight.
//!
//! A thread computes four adjacent elements along each side, or two groups of four, half a tile apart. A warp is 8 by 4
//! threads: eight threads together read 128 contiguous bytes, without bank conflicts.

use super::load_tile::{TileLoad, zero};
use super::store_partial::TileStore;
use super::vector_access::VectorAccess;
use super::width::Width;
use super::{Group, Product, SplitK, is_contiguous_in_k};
use crate::contraction::multiply;
use crate::indexing::{Operand, alignment, bytes, extent, known, lane_of, quotient, vector};
use crate::kernel::{Kernel, Kernels, WARP};
use crate::reductions::GridSplit;
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Result, ScalarType};
use dp_loopnest::nest::Nest;
use dp_loopnest::structured::{Index, arith};
use std::ops::Range;

/// Threads per block.
pub(crate) const THREADS: i64 = 256;
/// The number of elements loaded and stored at once.
pub(crate) const LANES: i64 = 4;
/// Threads along a side of a tile.
const ACROSS: i64 = 16;
/// The distance between a thread's groups along a side.
const APART: i64 = ACROSS * LANES;
/// GridSplit begin at multiples of this, twice every tile depth, so that the buffer of a step's tile is given by one bit of
/// the step.
const WHOLE: i64 = 32;

/// The tile size.
#[derive(Clone, Copy)]
pub(crate) struct Tile {
    /// The side of a tile of the result.
    pub side: i64,
    /// The depth of a tile of an operand along the contracting loops.
    pub depth: i64,
    /// The number of depths per iteration of the innermost loop, with vector and with scalar loads. The PTX compiler
    /// unrolls this loop, so small bodies give the same machine code from shorter text. But it uses more registers:
    /// with scalar loads, whose addresses leave few, everything between two loads is one straight line.
    unroll: [i64; 2],
    /// The number of blocks that run at the same time.
    pub blocks: i64,
    /// Whether the loads of both operands are in flight at the same time. One after the other needs half the registers;
    /// but the compiler may delay products between the two branches that load, and keep their inputs in registers. This
    /// is better if a depth has many products and there are few depths.
    at_once: bool,
    /// The number of blocks per multiprocessor for which registers are limited.
    blocks_per_multiprocessor: Option<i64>,
    /// The width of row, column and step numbers.
    pub width: Width,
}

/// Eight elements along each side per thread: four loads feed 64 products. Accumulators and loads in flight leave few
/// registers for indices.
pub(crate) const LARGE: Tile = Tile {
    side: 128,
    depth: 8,
    unroll: [1, 4],
    blocks: 264,
    at_once: false,
    blocks_per_multiprocessor: Some(2),
    width: Width::Narrow,
};
/// Four elements along each side per thread.
pub(crate) const SMALL: Tile = Tile {
    side: 64,
    depth: 16,
    unroll: [2, 2],
    blocks: 528,
    at_once: true,
    blocks_per_multiprocessor: None,
    width: Width::Wide,
};

impl Tile {
    pub(crate) fn pitch(self) -> i64 {
        // Padding puts elements of a column into different banks, and keeps rows aligned.
        self.side + LANES
    }

    /// The number of elements of a thread along a side.
    pub(crate) fn per_thread(self) -> i64 {
        self.side / ACROSS
    }

    /// Emits the kernel and its launch.
    pub(crate) fn emit<'c>(
        self,
        of: &Product<'c>,
        kernels: &Kernels<'c>,
        (nest, starts): (&Nest<'c>, &[Option<Val<'c>>]),
        split: Option<&SplitK<'c>>,
        blocks: Val<'c>,
    ) -> Result<()> {
        let k = kernels.begin(nest.op)?;
        let host = k.host;
        if let Some(blocks) = self.blocks_per_multiprocessor {
            k.limit_registers(THREADS, blocks);
        }
        let w = self.width;
        let operands = Operand::all(&k, nest, starts)?;
        let tiles = |group: &Group<'c>| quotient(&host, "arith.ceildivui", group.count, Index::Known(self.side));
        let (down, along) =
            (w.of_index(&k, extent(&k, tiles(&of.rows)?)?)?, w.of_index(&k, extent(&k, tiles(&of.columns)?)?)?);
        let (thread, group) = (w.of_index(&k, k.thread_id("x")?)?, w.of_index(&k, k.block_id("x")?)?);
        let tile = k.div(group, along)?;
        let first_column = w.mul_constant(&k, k.rem(group, along)?, self.side)?;
        let first_row = w.mul_constant(&k, k.rem(tile, down)?, self.side)?;
        let batch = if known(of.batch.count) == Some(1) { w.constant(&k, 0)? } else { k.div(tile, down)? };
        let mut point = vec![k.index(0)?; of.rank];
        of.batch.place(&k, w.to_index(&k, batch)?, &mut point)?;
        let steps = match of.steps.count {
            // The body of a loop with one iteration would be moved to the stores, one branch after the other, and keep
            // all its inputs in registers until then.
            Index::Known(steps) if steps <= self.depth => k.pass(host.index(steps)?),
            steps => extent(&k, steps)?,
        };
        let steps = w.of_index(&k, steps)?;
        let (from, to) = match split {
            None => (w.constant(&k, 0)?, steps),
            Some(SplitK { of: GridSplit { parts, .. }, .. }) => {
                // A part has whole tiles.
                let part = w.div_ceil(&k, steps, w.of_index(&k, k.capture(*parts)?)?)?;
                let part = w.mul_constant(&k, w.div_ceil(&k, part, w.constant(&k, WHOLE)?)?, WHOLE)?;
                let begin = k.mul(w.of_index(&k, k.block_id("y")?)?, part)?;
                (begin, k.min(k.add(begin, part)?, steps)?)
            }
        };
        let load = |which: usize, first| {
            let (access, group) = (&nest.accesses[which], [&of.rows, &of.columns][which]);
            let contiguous_in_k = is_contiguous_in_k(access, &of.steps);
            Ok(TileLoad {
                of,
                operand: &operands[which],
                group,
                count: w.of_index(&k, extent(&k, group.count)?)?,
                first,
                shared: k.shared(of.work.to_type(host.context()), &[2 * self.depth * self.pitch()])?,
                contiguous_in_k,
                fits: VectorAccess::of(&k, nest, access, if contiguous_in_k { &of.steps.dims } else { &group.dims })?,
                thread,
                tile: self,
                point: &point,
            })
        };
        let loads = [load(0, first_row)?, load(1, first_column)?];
        let (warp, lane) = w.div_rem(&k, thread, WARP)?;
        let ((warp_down, warp_along), (lane_down, lane_along)) = (w.div_rem(&k, warp, 2)?, w.div_rem(&k, lane, 8)?);
        let thread_row = w.mul_constant(&k, k.add(w.mul_constant(&k, warp_down, 4)?, lane_down)?, LANES)?;
        let thread_column = w.mul_constant(&k, k.add(w.mul_constant(&k, warp_along, 8)?, lane_along)?, LANES)?;
        let (row, column) = (k.add(first_row, thread_row)?, k.add(first_column, thread_column)?);
        let per_thread = self.per_thread() as usize;
        let run = |vectors: bool| self.run(&k, of, &loads, (from, to), (thread_row, thread_column), vectors);
        let types = vec![of.work.to_type(host.context()); per_thread * per_thread];
        // Each variant has its own loop: a loop that checks each step would keep addresses for both in registers.
        let sums = loads[0].fits.and(&k, loads[1].fits)?.choose(&k, &types, || run(true), || run(false))?;

        let fits = VectorAccess::of(&k, nest, &nest.accesses[2], &of.columns.dims)?;
        let store = TileStore { of, tile: self, output: &operands[2], fits, point: &point, batch, row, column };
        store.store(&k, split, &sums)?;
        let one = host.index(1)?;
        k.launch([blocks, split.map_or(one, |split| split.of.parts), one], [host.index(THREADS)?, one, one])
    }

    /// A thread's sums over all steps.
    fn run<'c>(
        self,
        k: &Kernel<'c>,
        of: &Product<'c>,
        loads: &[TileLoad<'_, 'c>; 2],
        (from, to): (Val<'c>, Val<'c>),
        (down, along): (Val<'c>, Val<'c>),
        vectors: bool,
    ) -> Result<Vec<Val<'c>>> {
        let w = self.width;
        let depth = w.constant(k, self.depth)?;
        for load in loads {
            load.store_shared(k, w.constant(k, 0)?, &load.load_global(k, (from, to), vectors)?, vectors)?;
        }
        k.barrier()?;
        let per_thread = self.per_thread() as usize;
        let start = vec![zero(k, of.work)?; per_thread * per_thread];
        k.repeat([from, to, depth], &start, |step, sums| {
            let mut sums = sums.to_vec();
            let next = k.add(step, depth)?;
            // The positions of the next and the current tile in shared memory.
            let other = arith(&k.b(), "arith.andi", next, depth)?;
            let now = w.mul_constant(k, arith(&k.b(), "arith.xori", other, depth)?, self.pitch())?;
            let other = w.mul_constant(k, other, self.pitch())?;
            let (column, row) = (w.to_index(k, k.add(now, down)?)?, w.to_index(k, k.add(now, along)?)?);
            let tiles = [(loads[0].shared, column), (loads[1].shared, row)];
            for (loads, depths) in self.schedule(loads) {
                let read =
                    loads.iter().map(|load| load.load_global(k, (next, to), vectors)).collect::<Result<Vec<_>>>()?;
                let unroll = self.unroll[usize::from(!vectors)];
                let places = self.pitch() * depths.start..self.pitch() * depths.end;
                sums = k.rolled_repeat(places, self.pitch() * unroll, &sums, |place, sums| {
                    let tiles = [(tiles[0].0, k.add(tiles[0].1, place)?), (tiles[1].0, k.add(tiles[1].1, place)?)];
                    let mut sums = sums.to_vec();
                    (0..unroll).try_for_each(|depth| self.multiply(k, of.work, tiles, depth, &mut sums))?;
                    Ok(sums)
                })?;
                for (load, read) in loads.iter().zip(&read) {
                    load.store_shared(k, other, read, vectors)?;
                }
            }
            k.barrier()?;
            Ok(sums)
        })
    }

    /// Which loads are in flight during which depths.
    fn schedule<T>(self, loads: &[T; 2]) -> Vec<(&[T], Range<i64>)> {
        match self.at_once {
            true => vec![(loads, 0..self.depth)],
            false => vec![(&loads[..1], 0..self.depth / 2), (&loads[1..], self.depth / 2..self.depth)],
        }
    }

    /// The position of a thread's element along a side, from its first.
    pub(crate) fn along(self, number: i64) -> i64 {
        number / LANES * APART + number % LANES
    }

    /// Adds the outer product of a column and a row of the two tiles, four elements at once. The tiles are given by the
    /// positions of the thread's elements of the first depth in shared memory.
    fn multiply<'c>(
        self,
        k: &Kernel<'c>,
        work: ScalarType,
        tiles: [(Val<'c>, Val<'c>); 2],
        depth: i64,
        sums: &mut [Val<'c>],
    ) -> Result<()> {
        let quads = 0..self.per_thread() / LANES;
        let mut column = Vec::new();
        for quad in quads.clone() {
            column.extend(self.quad(k, work, tiles[0], (depth, quad))?);
        }
        for quad in quads {
            let row = self.quad(k, work, tiles[1], (depth, quad))?;
            for (x, sums) in column.iter().zip(sums.chunks_mut(self.per_thread() as usize)) {
                for (y, sum) in row.iter().zip(&mut sums[(quad * LANES) as usize..]) {
                    *sum = multiply(&k.b(), work, *x, *y, *sum)?;
                }
            }
        }
        Ok(())
    }

    /// Loads four elements of a thread from shared memory.
    fn quad<'c>(
        self,
        k: &Kernel<'c>,
        work: ScalarType,
        (from, at): (Val<'c>, Val<'c>),
        (depth, quad): (i64, i64),
    ) -> Result<Vec<Val<'c>>> {
        let b = k.b();
        let row = vector(work.to_type(b.context()), LANES);
        let at = k.add(at, k.index(depth * self.pitch() + self.along(LANES * quad))?)?;
        let row = b.named("vector.load", &[from, at], &[row], &[aligned(k, work)], vec![]).map(result)?;
        (0..LANES).map(|lane| lane_of(&b, row, lane)).collect()
    }
}

/// The alignment of a vector in memory that we allocate.
pub(crate) fn aligned<'c>(k: &Kernel<'c>, work: ScalarType) -> (&'static str, melior::ir::Attribute<'c>) {
    alignment(&k.b(), (bytes(work) * LANES).min(16))
}
