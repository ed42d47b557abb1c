//! Tiles of a product of matrices: shared memory feeds registers.
//!
//! A block makes a tile of the result. Step by step along the contracting loops it brings a tile of each operand into
//! shared memory, and each thread multiplies a column of one with a row of the other, out of registers. There are two
//! such places in shared memory: while threads compute with one, what they read from memory before is on its way, and
//! goes to the other.
//!
//! A thread has four neighbours along each side, or two times four, half a tile apart. Eight threads of a warp lie side
//! by side and four below each other: what eight of them read together is 128 bytes in a row, and each bank answers
//! once.

use super::contract::{Group, Parts, Product, convert, multiply, runs_deep};
use super::kernel::{Kernel, Kernels, WARP};
use super::points::{
    Operand, alignment, bytes, dtype, extent, is_aligned, lane_of, load_row, quotient, store_row, vector,
};
use super::sums::is_multiple;
use crate::checks::{Order, compare};
use crate::structured::{Index, Made, arith};
use crate::vectors::nest::{Access, Layout, Nest};
use dp_dialects::ir::{Val, result};
use dp_dialects::{DType, Number};

/// The threads of a block.
pub(super) const THREADS: i64 = 256;
/// How many neighbours are read and written at once.
const LANES: i64 = 4;
/// The threads along a side of a tile.
const ACROSS: i64 = 16;
/// The distance of what a thread has along a side.
const APART: i64 = ACROSS * LANES;
/// Parts begin at multiples of this, which is one of every depth.
const WHOLE: i64 = 16;

/// The size of tiles.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// The side of a tile of the result.
    pub side: i64,
    /// How much of the contracting loops a tile of an operand has.
    depth: i64,
    /// How many blocks run at the same time.
    pub blocks: i64,
    /// How many blocks of one multiprocessor the compiler of PTX is to leave registers for.
    beside: Option<i64>,
}

/// Eight neighbours along each side for a thread: four loads feed 64 products.
pub(super) const LARGE: Tile = Tile { side: 128, depth: 8, blocks: 264, beside: Some(2) };
/// Four neighbours along each side.
pub(super) const SMALL: Tile = Tile { side: 64, depth: 16, blocks: 528, beside: None };

/// Whether vectors may be read or written.
#[derive(Clone, Copy)]
enum Fits<'c> {
    Never,
    Always,
    /// By a truth of the kernel.
    Where(Val<'c>),
}

/// How tiles of an operand are brought.
struct Bring<'a, 'c> {
    operand: &'a Operand<'c>,
    group: &'a Group<'c>,
    count: Val<'c>,
    /// The first row or column of the tile.
    first: Val<'c>,
    shared: Val<'c>,
    /// Whether neighbours in memory are neighbours along the contracting loops.
    deep: bool,
    fits: Fits<'c>,
    /// Where the thread's numbers are in the tile: along what is near in memory, and across.
    near: Val<'c>,
    far: Val<'c>,
    point: &'a [Val<'c>],
}

impl Tile {
    fn pitch(self) -> i64 {
        // Neighbours of a column lie in other banks, and rows stay aligned.
        self.side + LANES
    }

    /// The neighbours that a thread has along a side.
    fn mine(self) -> i64 {
        self.side / ACROSS
    }

    /// The kernel, and its launch.
    pub(super) fn emit<'c>(
        self,
        of: &Product<'c>,
        kernels: &Kernels<'c>,
        (nest, starts): (&Nest<'c>, &[Option<Val<'c>>]),
        parts: Option<Parts<'c>>,
        blocks: Val<'c>,
    ) -> Made<()> {
        let k = kernels.begin(nest.op)?;
        let host = k.host;
        if let Some(beside) = self.beside {
            k.keep_beside(THREADS, beside);
        }
        let operands = Operand::all(&k, nest, starts)?;
        let tiles = |group: &Group<'c>| quotient(&host, "arith.ceildivui", group.count, Index::Known(self.side));
        let (down, along) = (extent(&k, tiles(&of.rows)?)?, extent(&k, tiles(&of.columns)?)?);
        let (thread, group) = (k.thread("x")?, k.group("x")?);
        let tile = k.div(group, along)?;
        let side = k.index(self.side)?;
        let first_column = k.mul(k.rem(group, along)?, side)?;
        let first_row = k.mul(k.rem(tile, down)?, side)?;
        let batch = k.div(tile, down)?;
        let zero = k.index(0)?;
        let mut point = vec![zero; of.rank];
        of.batch.place(&k, batch, &mut point)?;
        let steps = extent(&k, of.steps.count)?;
        let (from, to) = match &parts {
            None => (zero, steps),
            Some(Parts { parts, .. }) => {
                // Whole tiles to a part.
                let up = |x: Val<'c>, y: Val<'c>| k.div(k.add(x, k.add(y, k.index(-1)?)?)?, y);
                let whole = k.index(WHOLE)?;
                let part = k.mul(up(up(steps, k.capture(*parts)?)?, whole)?, whole)?;
                let begin = k.mul(k.group("y")?, part)?;
                (begin, k.min(k.add(begin, part)?, steps)?)
            }
        };
        let bring = |which: usize, group, first| {
            self.bring(&k, of, (&nest.accesses[which], nest), &operands[which], (group, first), (thread, &point))
        };
        let brings = [bring(0, &of.rows, first_row)?, bring(1, &of.columns, first_column)?];
        let (lane, warp) = (k.rem(thread, k.index(WARP)?)?, k.div(thread, k.index(WARP)?)?);
        let (two, four, eight) = (k.index(2)?, k.index(4)?, k.index(8)?);
        let ty = k.add(k.mul(k.div(warp, two)?, four)?, k.div(lane, eight)?)?;
        let tx = k.add(k.mul(k.rem(warp, two)?, eight)?, k.rem(lane, eight)?)?;
        let (mine_down, mine_along) = (k.mul(ty, four)?, k.mul(tx, four)?);
        let mine = self.mine() as usize;
        let run = |vectors: bool| self.run(&k, of, &brings, (from, to), (mine_down, mine_along), vectors);
        let types = vec![of.work.to_type(host.context()); mine * mine];
        // Both ways have a loop of their own: one that looks at each step has addresses for both in registers.
        let sums = brings[0].fits.and(&k, brings[1].fits)?.choose(&k, &types, || run(true), || run(false))?;

        let write = Write {
            of,
            output: &operands[2],
            parts,
            point: &point,
            batch,
            rows: extent(&k, of.rows.count)?,
            columns: extent(&k, of.columns.count)?,
        };
        let fits = fits(&k, nest, &nest.accesses[2], &of.columns)?;
        for (row, sums) in sums.chunks(mine).enumerate() {
            let row = k.add(k.add(first_row, mine_down)?, k.index(self.along(row as i64))?)?;
            let is_row = k.less(row, write.rows)?;
            k.when(is_row, || {
                for (quad, sums) in sums.chunks(LANES as usize).enumerate() {
                    let column = k.add(first_column, mine_along)?;
                    let column = k.add(column, k.index(quad as i64 * APART)?)?;
                    write.row(&k, fits, row, column, sums)?;
                }
                Ok(())
            })?;
        }
        let one = host.index(1)?;
        k.launch([blocks, parts.map_or(one, |parts| parts.parts), one], [host.index(THREADS)?, one, one])
    }

    /// What a thread's numbers add up to, along all steps.
    fn run<'c>(
        self,
        k: &Kernel<'c>,
        of: &Product<'c>,
        brings: &[Bring<'_, 'c>; 2],
        (from, to): (Val<'c>, Val<'c>),
        (down, along): (Val<'c>, Val<'c>),
        vectors: bool,
    ) -> Made<Vec<Val<'c>>> {
        let fetch = |step: Val<'c>| {
            brings.iter().map(|bring| bring.fetch(k, of, (step, to), vectors)).collect::<Made<Vec<_>>>()
        };
        let put = |at: Val<'c>, read: &[Vec<Val<'c>>]| {
            brings.iter().zip(read).try_for_each(|(bring, read)| bring.put(k, of.work, at, read))
        };
        let mine = self.mine() as usize;
        let (zero, depth) = (k.index(0)?, k.index(self.depth)?);
        put(zero, &fetch(from)?)?;
        k.barrier()?;
        let mut start = vec![k.number(of.work, Number::of_f64(0.0, of.work))?; mine * mine];
        start.push(zero);
        let mut state = k.repeat([from, to, depth], &start, |step, state| {
            let (mut sums, now) = (state[..mine * mine].to_vec(), state[mine * mine]);
            let read = fetch(k.add(step, depth)?)?;
            for deep in 0..self.depth {
                let deep = k.index(deep)?;
                let x = self.registers(k, of.work, brings[0].shared, [now, deep, down])?;
                let y = self.registers(k, of.work, brings[1].shared, [now, deep, along])?;
                for (index, sum) in sums.iter_mut().enumerate() {
                    *sum = multiply(&k.b(), of.work, x[index / mine], y[index % mine], *sum)?;
                }
            }
            let next = arith(&k.b(), "arith.subi", k.index(1)?, now)?;
            put(next, &read)?;
            k.barrier()?;
            sums.push(next);
            Ok(sums)
        })?;
        state.truncate(mine * mine);
        Ok(state)
    }

    /// Where a thread's numbers lie along a side, from its first.
    fn along(self, number: i64) -> i64 {
        number / LANES * APART + number % LANES
    }

    #[allow(clippy::too_many_arguments)]
    fn bring<'a, 'c>(
        self,
        k: &Kernel<'c>,
        of: &Product<'c>,
        (access, nest): (&Access<'c>, &Nest<'c>),
        operand: &'a Operand<'c>,
        (group, first): (&'a Group<'c>, Val<'c>),
        (thread, point): (Val<'c>, &'a [Val<'c>]),
    ) -> Made<Bring<'a, 'c>> {
        let deep = runs_deep(access, &of.steps);
        let vectors = k.index(if deep { self.depth } else { self.side } / LANES)?;
        let work = of.work.to_type(k.host.context());
        Ok(Bring {
            operand,
            group,
            count: extent(k, group.count)?,
            first,
            shared: k.shared(work, &[2, self.depth, self.pitch()])?,
            deep,
            fits: fits(k, nest, access, if deep { &of.steps } else { group })?,
            near: k.mul(k.rem(thread, vectors)?, k.index(LANES)?)?,
            far: k.div(thread, vectors)?,
            point,
        })
    }

    /// Numbers of a thread, out of a row of shared memory.
    fn registers<'c>(self, k: &Kernel<'c>, work: DType, from: Val<'c>, at: [Val<'c>; 3]) -> Made<Vec<Val<'c>>> {
        let b = k.b();
        let row = vector(work.to_type(b.context()), LANES);
        let mut all = Vec::new();
        for quad in 0..self.mine() / LANES {
            let place = k.add(at[2], k.index(quad * APART)?)?;
            let of = [from, at[0], at[1], place];
            let row = b.named("vector.load", &of, &[row], &[aligned(k, work)], vec![]).map(result)?;
            for lane in 0..LANES {
                all.push(lane_of(&b, row, lane)?);
            }
        }
        Ok(all)
    }
}

/// The alignment of neighbours in memory of our own.
fn aligned<'c>(k: &Kernel<'c>, work: DType) -> (&'static str, melior::ir::Attribute<'c>) {
    alignment(&k.b(), (bytes(work) * LANES).min(16))
}

/// Whether an operand's rows may be read or written in vectors: they run along the last loop of a group, and begin
/// where vectors do.
fn fits<'c>(k: &Kernel<'c>, nest: &Nest<'c>, access: &Access<'c>, group: &Group<'c>) -> Made<Fits<'c>> {
    let Some(last) = access.at.loops.last() else { return Ok(Fits::Never) };
    let is_dense = access.layout() == Layout::Dense && is_aligned(access.at.value);
    if group.dims.last() != Some(last) || !is_dense || bytes(dtype(access)?) > 4 {
        return Ok(Fits::Never);
    }
    Ok(match nest.extents[*last] {
        Index::Known(extent) if extent % LANES == 0 => Fits::Always,
        Index::Known(_) => Fits::Never,
        Index::Value(extent) => Fits::Where(is_multiple(k, k.capture(extent)?, LANES)?),
    })
}

impl<'c> Fits<'c> {
    /// What has to hold where there is something to choose.
    fn and(self, k: &Kernel<'c>, other: Self) -> Made<Self> {
        Ok(match (self, other) {
            (Fits::Where(x), Fits::Where(y)) => Fits::Where(k.both(x, y)?),
            (Fits::Where(x), _) | (_, Fits::Where(x)) => Fits::Where(x),
            (Fits::Always, _) | (_, Fits::Always) => Fits::Always,
            (Fits::Never, Fits::Never) => Fits::Never,
        })
    }

    /// One way or the other.
    fn choose(
        self,
        k: &Kernel<'c>,
        types: &[melior::ir::Type<'c>],
        vectors: impl FnOnce() -> Made<Vec<Val<'c>>>,
        single: impl FnOnce() -> Made<Vec<Val<'c>>>,
    ) -> Made<Vec<Val<'c>>> {
        match self {
            Fits::Never => single(),
            Fits::Always => vectors(),
            Fits::Where(fits) => k.choose(fits, types, vectors, single),
        }
    }
}

impl<'c> Bring<'_, 'c> {
    /// What a thread reads of a tile, zeros where there is nothing.
    fn fetch(
        &self,
        k: &Kernel<'c>,
        of: &Product<'c>,
        (step, end): (Val<'c>, Val<'c>),
        vectors: bool,
    ) -> Made<Vec<Val<'c>>> {
        let in_vectors = match self.fits {
            Fits::Never => false,
            Fits::Always => true,
            Fits::Where(_) => vectors,
        };
        let work = of.work.to_type(k.host.context());
        let place = |lane: i64| {
            let near = k.add(self.near, k.index(lane)?)?;
            let (depth, beside) = if self.deep { (near, self.far) } else { (self.far, near) };
            let (number, deep) = (k.add(self.first, beside)?, k.add(step, depth)?);
            let is_there = k.both(k.less(number, self.count)?, k.less(deep, end)?)?;
            Ok((number, deep, is_there))
        };
        let point = |number: Val<'c>, deep: Val<'c>| {
            let mut point = self.point.to_vec();
            self.group.place(k, number, &mut point)?;
            of.steps.place(k, deep, &mut point)?;
            Ok(point)
        };
        let zeros = |count: i64| Ok(vec![k.number(of.work, Number::of_f64(0.0, of.work))?; count as usize]);
        let wide = |read: Vec<Val<'c>>| read.into_iter().map(|value| convert(&k.b(), value, of.work)).collect();
        if in_vectors {
            let (number, deep, is_there) = place(0)?;
            let load = || wide(load_row(k, self.operand, &self.operand.at(&point(number, deep)?), LANES)?);
            return k.choose(is_there, &[work; LANES as usize], load, || zeros(LANES));
        }
        let mut all = Vec::new();
        for lane in 0..LANES {
            let (number, deep, is_there) = place(lane)?;
            let load = || wide(vec![self.operand.element(k, &point(number, deep)?)?]);
            all.extend(k.choose(is_there, &[work], load, || zeros(1))?);
        }
        Ok(all)
    }

    /// Puts it into one of the two places in shared memory.
    fn put(&self, k: &Kernel<'c>, work: DType, place: Val<'c>, read: &[Val<'c>]) -> Made<()> {
        if self.deep {
            return (0..).zip(read).try_for_each(|(lane, value)| {
                k.store(*value, self.shared, &[place, k.add(self.near, k.index(lane)?)?, self.far])
            });
        }
        let b = k.b();
        let row = vector(work.to_type(b.context()), LANES);
        let row = b.named("vector.from_elements", read, &[row], &[], vec![]).map(result)?;
        let of = [row, self.shared, place, self.far, self.near];
        b.named("vector.store", &of, &[], &[aligned(k, work)], vec![]).map(|_| ())
    }
}

/// How a tile of the result is written.
struct Write<'a, 'c> {
    of: &'a Product<'c>,
    output: &'a Operand<'c>,
    parts: Option<Parts<'c>>,
    point: &'a [Val<'c>],
    batch: Val<'c>,
    rows: Val<'c>,
    columns: Val<'c>,
}

impl<'c> Write<'_, 'c> {
    /// Neighbours of a row.
    fn row(&self, k: &Kernel<'c>, fits: Fits<'c>, row: Val<'c>, column: Val<'c>, sums: &[Val<'c>]) -> Made<()> {
        let vectors = || {
            let is_there = k.less(column, self.columns)?;
            k.when(is_there, || self.either(k, row, column, sums)).map(|()| vec![])
        };
        let single = || {
            for (lane, sum) in (0..).zip(sums) {
                let column = k.add(column, k.index(lane)?)?;
                let is_there = k.less(column, self.columns)?;
                k.when(is_there, || self.either(k, row, column, &[*sum]))?;
            }
            Ok(vec![])
        };
        fits.choose(k, &[], vectors, single).map(|_| ())
    }

    /// To the result, or to the memory of parts.
    fn either(&self, k: &Kernel<'c>, row: Val<'c>, column: Val<'c>, sums: &[Val<'c>]) -> Made<()> {
        let Some(parts) = self.parts else { return self.finish(k, row, column, sums) };
        let is_whole = compare(&k.b(), Order::Eq, k.groups("y")?, k.index(1)?)?;
        let leave = || {
            let batches = extent(k, self.of.batch.count)?;
            let part = k.add(k.mul(k.group("y")?, batches)?, self.batch)?;
            let at = k.add(k.mul(k.add(k.mul(part, self.rows)?, row)?, self.columns)?, column)?;
            let to = k.capture(parts.partial)?;
            if let [sum] = sums {
                return k.store(*sum, to, &[at]).map(|()| vec![]);
            }
            let b = k.b();
            let row = vector(self.of.work.to_type(b.context()), LANES);
            let row = b.named("vector.from_elements", sums, &[row], &[], vec![]).map(result)?;
            b.named("vector.store", &[row, to, at], &[], &[aligned(k, self.of.work)], vec![]).map(|_| vec![])
        };
        k.choose(is_whole, &[], || self.finish(k, row, column, sums).map(|()| vec![]), leave).map(|_| ())
    }

    fn finish(&self, k: &Kernel<'c>, row: Val<'c>, column: Val<'c>, sums: &[Val<'c>]) -> Made<()> {
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
