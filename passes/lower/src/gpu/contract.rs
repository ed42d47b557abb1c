//! Products of matrices: tiles in shared memory, and smaller ones in registers.
//!
//! A block makes a tile of the result. Step by step along the contracting loops it brings a tile of each operand into
//! shared memory, and each thread multiplies a column of one with a row of the other, out of registers. Where there
//! are few tiles and much to contract, the steps are split over the grid, as reductions are.

use super::combine::Combiner;
use super::kernel::{Kernel, Kernels, ceil_div};
use super::points::{Operand, alignment, extent, known, lane_of, position, product, vector};
use super::reduce::memory;
use crate::structured::{Index, Indexed, Made, REGROUPED, arith, generic, is_named, map_dims, set_attribute};
use crate::vectors::nest::{Access, Nest};
use dp_dialects::ir::{Op, Val, defining_op, erase, operands, result, users, walk};
use dp_dialects::{Builder, Complaint, DType, Number, OpKind};
use dp_passes::Reported;
use melior::ir::ValueLike;
use melior::ir::attribute::{ArrayAttribute, Attribute};
use melior::ir::operation::OperationLike;

/// The attribute of a nest that is a contraction.
const CONTRACTION: &str = "dp.contraction";

/// The side of a tile of the result.
const TILE: i64 = 64;
/// How much of the contracting loops a tile has.
const DEPTH: i64 = 16;
/// The side of what a thread has in registers.
const SIDE: i64 = 4;
/// The threads along a side of a tile.
const ACROSS: i64 = TILE / SIDE;
const THREADS: i64 = ACROSS * ACROSS;
/// The distance of rows in shared memory: neighbours of a column lie in other banks, and rows stay aligned.
const PITCH: i64 = TILE + 4;
/// The most parts that the contracting loops are split into, and how many blocks there are to be.
const PARTS: i64 = 32;
const BLOCKS: i64 = 256;

/// Makes plain nests of contractions, marked.
pub(super) fn generalize_all<'c>(module: Op<'c>) -> Result<(), Reported> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_named(op, "linalg.contract").then_some(op)));
    for op in found {
        generalize(op).map_err(|complaint| {
            complaint.emit(op.location());
            Reported
        })?;
        erase(op);
    }
    Ok(())
}

/// A contraction as a plain nest of loops, before it.
fn generalize<'c>(op: Op<'c>) -> Made<()> {
    let unread = || Complaint::new("internal error: a contraction without maps");
    let maps = op.attribute("indexing_maps").and_then(ArrayAttribute::try_from).map_err(|_| unread())?;
    let mut operands_of = Vec::new();
    for (index, value) in operands(op).into_iter().enumerate() {
        let loops = maps.element(index).ok().and_then(map_dims).ok_or_else(unread)?;
        operands_of.push(Indexed { value, loops });
    }
    let kept = operands_of[2].loops.len();
    let rank = operands_of.iter().flat_map(|operand| &operand.loops).max().map_or(0, |last| last + 1);
    let reduced: Vec<usize> = (kept..rank).collect();
    let dtype = DType::of(crate::structured::element_type(operands_of[2].value.r#type())).ok_or_else(unread)?;
    generic(&Builder::before(op), rank, &reduced, &operands_of[..2], &operands_of[2..], |b, elements| {
        multiply(b, dtype, elements[0], elements[1], elements[2]).map(|sum| vec![sum])
    })?;
    let all = operands(op);
    let made = users(all[2]).into_iter().filter(|user| is_named(*user, "linalg.generic") && operands(*user) == all);
    let mark = Attribute::unit(dp_dialects::ir::context_of(op));
    made.for_each(|made| set_attribute(made, CONTRACTION, mark));
    Ok(())
}

/// `c + a b`.
fn multiply<'c>(b: &Builder<'c>, dtype: DType, x: Val<'c>, y: Val<'c>, sum: Val<'c>) -> Made<Val<'c>> {
    if dtype == DType::I1 {
        let both = b.named("arith.andi", &[x, y], &[x.r#type()], &[], vec![]).map(result)?;
        return b.named("arith.xori", &[sum, both], &[x.r#type()], &[], vec![]).map(result);
    }
    let product = b.scalar(OpKind::ScalarMul, &[x, y])?;
    let sum = b.scalar(OpKind::ScalarAdd, &[sum, product])?;
    if let Some(sum) = defining_op(sum) {
        set_attribute(sum, REGROUPED, Attribute::unit(b.context()));
    }
    Ok(sum)
}

/// Loops of one kind.
struct Group<'c> {
    dims: Vec<usize>,
    extents: Vec<Index<'c>>,
    count: Index<'c>,
}

impl<'c> Group<'c> {
    fn of(host: &Builder<'c>, nest: &Nest<'c>, is_it: impl Fn(usize) -> bool) -> Made<Self> {
        let dims: Vec<usize> = (0..nest.reduces.len()).filter(|dim| is_it(*dim)).collect();
        let extents: Vec<Index> = dims.iter().map(|dim| nest.extents[*dim]).collect();
        let count = product(host, extents.iter().copied())?;
        Ok(Group { dims, extents, count })
    }

    /// Writes where its loops are into a point.
    fn place(&self, k: &Kernel<'c>, number: Val<'c>, point: &mut [Val<'c>]) -> Made<()> {
        for (dim, at) in self.dims.iter().zip(position(k, number, &self.extents)?) {
            point[*dim] = at;
        }
        Ok(())
    }
}

/// A product under way.
struct Tiles<'c> {
    batch: Group<'c>,
    rows: Group<'c>,
    columns: Group<'c>,
    steps: Group<'c>,
    /// The type of the numbers in shared memory and registers: halves are multiplied and added as f32.
    work: DType,
    rank: usize,
}

/// A kernel for a contraction, or two; whether it has this form.
pub(super) fn contract<'c>(
    kernels: &Kernels<'c>,
    nest: &Nest<'c>,
    starts: &[Option<Val<'c>>],
    strict: bool,
) -> Made<bool> {
    if nest.op.attribute(CONTRACTION).is_err() {
        return Ok(false);
    }
    let host = Builder::before(nest.op);
    let [x, y, _] = &nest.accesses[..] else { return Ok(false) };
    let dtype = super::points::dtype(x)?;
    let rounds = dtype.is_float();
    if dtype.is_complex() || dtype == DType::I1 || dtype == DType::Index || (rounds && strict) {
        return Ok(false);
    }
    let in_x = |dim: usize| x.position(dim).is_some();
    let in_y = |dim: usize| y.position(dim).is_some();
    let tiles = Tiles {
        batch: Group::of(&host, nest, |dim| !nest.reduces[dim] && in_x(dim) && in_y(dim))?,
        rows: Group::of(&host, nest, |dim| !nest.reduces[dim] && in_x(dim) && !in_y(dim))?,
        columns: Group::of(&host, nest, |dim| !nest.reduces[dim] && !in_x(dim) && in_y(dim))?,
        steps: Group::of(&host, nest, |dim| nest.reduces[dim])?,
        work: if matches!(dtype, DType::F16 | DType::BF16) { DType::F32 } else { dtype },
        rank: nest.reduces.len(),
    };
    // A row of tiles that is mostly empty costs more than it gives.
    let is_thin = |group: &Group| known(group.count).is_some_and(|count| count < SIDE);
    if is_thin(&tiles.rows) || is_thin(&tiles.columns) {
        return Ok(false);
    }
    tiles.emit(kernels, nest, starts)?;
    Ok(true)
}

impl<'c> Tiles<'c> {
    fn emit(&self, kernels: &Kernels<'c>, nest: &Nest<'c>, starts: &[Option<Val<'c>>]) -> Made<()> {
        let host = Builder::before(nest.op);
        let down = ceil_div(&host, self.rows.count.value(&host)?, TILE)?;
        let along = ceil_div(&host, self.columns.count.value(&host)?, TILE)?;
        let split = self.split(&host)?;
        let k = kernels.begin(nest.op)?;
        let operands = Operand::all(&k, nest, starts)?;
        let (down_k, along_k) = (k.capture(down)?, k.capture(along)?);
        let thread = k.thread("x")?;
        let group = k.group("x")?;
        let tile = k.div(group, along_k)?;
        let side = k.index(TILE)?;
        let first_column = k.mul(k.rem(group, along_k)?, side)?;
        let first_row = k.mul(k.rem(tile, down_k)?, side)?;
        let zero = k.index(0)?;
        let mut point = vec![zero; self.rank];
        self.batch.place(&k, k.div(tile, down_k)?, &mut point)?;
        let steps = extent(&k, self.steps.count)?;
        let (from, to) = match &split {
            None => (zero, steps),
            Some((parts, _)) => {
                // Whole tiles to a part.
                let depth = k.index(DEPTH)?;
                let tiles = k.div(k.add(steps, k.index(DEPTH - 1)?)?, depth)?;
                let parts = k.capture(*parts)?;
                let part = k.div(k.add(tiles, k.add(parts, k.index(-1)?)?)?, parts)?;
                let part = k.mul(part, depth)?;
                let begin = k.mul(k.group("y")?, part)?;
                (begin, k.min(k.add(begin, part)?, steps)?)
            }
        };
        let work = self.work.to_type(host.context());
        let shared = [k.shared(work, &[DEPTH, PITCH])?, k.shared(work, &[DEPTH, PITCH])?];
        let across = k.index(ACROSS)?;
        let side = k.index(SIDE)?;
        let (mine_down, mine_along) = (k.mul(k.div(thread, across)?, side)?, k.mul(k.rem(thread, across)?, side)?);
        let none = vec![k.number(self.work, Number::of_f64(0.0, self.work))?; (SIDE * SIDE) as usize];
        let sums = k.repeat([from, to, k.index(DEPTH)?], &none, |step, sums| {
            let bounds = (step, to);
            self.bring(&k, nest, 0, &operands[0], shared[0], (&self.rows, first_row), bounds, (thread, &point))?;
            self.bring(&k, nest, 1, &operands[1], shared[1], (&self.columns, first_column), bounds, (thread, &point))?;
            k.barrier()?;
            // Four steps at once, so that there is something to do while shared memory answers.
            let sums = k.repeat([k.index(0)?, k.index(DEPTH)?, k.index(4)?], sums, |depth, sums| {
                let mut sums = sums.to_vec();
                for step in 0..4 {
                    let depth = k.add(depth, k.index(step)?)?;
                    let x = self.registers(&k, shared[0], depth, mine_down)?;
                    let y = self.registers(&k, shared[1], depth, mine_along)?;
                    for (index, sum) in sums.iter_mut().enumerate() {
                        let (row, column) = (index / SIDE as usize, index % SIDE as usize);
                        *sum = multiply(&k.b(), self.work, x[row], y[column], *sum)?;
                    }
                }
                Ok(sums)
            })?;
            k.barrier()?;
            Ok(sums)
        })?;
        let row = k.add(first_row, mine_down)?;
        let column = k.add(first_column, mine_along)?;
        let is_whole = match &split {
            None => None,
            Some(_) => Some(crate::checks::compare(&k.b(), crate::checks::Order::Eq, k.groups("y")?, k.index(1)?)?),
        };
        let (rows, columns) = (extent(&k, self.rows.count)?, extent(&k, self.columns.count)?);
        let batch = k.div(tile, down_k)?;
        for i in 0..SIDE {
            let row = k.add(row, k.index(i)?)?;
            let is_row = k.less(row, rows)?;
            for j in 0..SIDE {
                let column = k.add(column, k.index(j)?)?;
                let is_there = k.both(is_row, k.less(column, columns)?)?;
                let sum = sums[(i * SIDE + j) as usize];
                let finish = || {
                    let mut point = point.clone();
                    self.rows.place(&k, row, &mut point)?;
                    self.columns.place(&k, column, &mut point)?;
                    self.finish(&k, &operands[2], &point, sum)
                };
                k.when(is_there, || match (&split, is_whole) {
                    (Some((_, partial)), Some(is_whole)) => {
                        let leave = || {
                            let batches = extent(&k, self.batch.count)?;
                            let part = k.add(k.mul(k.group("y")?, batches)?, batch)?;
                            let at = k.add(k.mul(k.add(k.mul(part, rows)?, row)?, columns)?, column)?;
                            k.store(sum, k.capture(*partial)?, &[at]).map(|()| vec![])
                        };
                        k.choose(is_whole, &[], || finish().map(|()| vec![]), leave).map(|_| ())
                    }
                    _ => finish(),
                })?;
            }
        }
        let blocks =
            arith(&host, "arith.muli", arith(&host, "arith.muli", down, along)?, self.batch.count.value(&host)?)?;
        let one = host.index(1)?;
        let parts = split.as_ref().map_or(one, |(parts, _)| *parts);
        k.launch([blocks, parts, one], [host.index(THREADS)?, one, one])?;
        match split {
            Some((parts, partial)) => self.gather(kernels, nest, starts, parts, partial),
            None => Ok(()),
        }
    }

    /// What is added up, joined to what was there.
    fn finish(&self, k: &Kernel<'c>, output: &Operand<'c>, point: &[Val<'c>], sum: Val<'c>) -> Made<()> {
        let b = k.b();
        let before = self.wide(&b, output.element(k, point)?)?;
        let sum = Combiner::known(OpKind::ScalarAdd, self.work).pair(&b, before, sum)?;
        k.store(convert(&b, sum, output.dtype)?, output.value, &output.at(point))
    }

    fn wide(&self, b: &Builder<'c>, value: Val<'c>) -> Made<Val<'c>> {
        convert(b, value, self.work)
    }

    /// Numbers of a thread, out of a row of shared memory.
    fn registers(&self, k: &Kernel<'c>, from: Val<'c>, depth: Val<'c>, first: Val<'c>) -> Made<Vec<Val<'c>>> {
        let b = k.b();
        let row = vector(self.work.to_type(b.context()), SIDE);
        let aligned = alignment(&b, (super::points::bytes(self.work) * SIDE).min(16));
        let row = b.named("vector.load", &[from, depth, first], &[row], &[aligned], vec![]).map(result)?;
        (0..SIDE).map(|lane| lane_of(&b, row, lane)).collect()
    }

    /// Brings a tile of an operand to shared memory, zeros where it has nothing. Neighbouring threads read
    /// neighbours in memory.
    #[allow(clippy::too_many_arguments)]
    fn bring(
        &self,
        k: &Kernel<'c>,
        nest: &Nest<'c>,
        which: usize,
        from: &Operand<'c>,
        to: Val<'c>,
        (group, first): (&Group<'c>, Val<'c>),
        (step, end): (Val<'c>, Val<'c>),
        (thread, point): (Val<'c>, &[Val<'c>]),
    ) -> Made<()> {
        let deep = runs_deep(&nest.accesses[which], &self.steps);
        let (inner, outer) = if deep { (DEPTH, TILE) } else { (TILE, DEPTH) };
        let inner_of = k.index(inner)?;
        let (near, far) = (k.rem(thread, inner_of)?, k.div(thread, inner_of)?);
        let count = extent(k, group.count)?;
        for round in 0..inner * outer / THREADS {
            let far = k.add(far, k.index(round * (THREADS / inner))?)?;
            let (depth, beside) = if deep { (near, far) } else { (far, near) };
            let (number, deep_at) = (k.add(first, beside)?, k.add(step, depth)?);
            let is_there = k.both(k.less(number, count)?, k.less(deep_at, end)?)?;
            let load = || {
                let mut point = point.to_vec();
                group.place(k, number, &mut point)?;
                self.steps.place(k, deep_at, &mut point)?;
                Ok(vec![self.wide(&k.b(), from.element(k, &point)?)?])
            };
            let zero = || Ok(vec![k.number(self.work, Number::of_f64(0.0, self.work))?]);
            let value = k.choose(is_there, &[self.work.to_type(k.host.context())], load, zero)?;
            k.store(value[0], to, &[depth, beside])?;
        }
        Ok(())
    }

    /// In how many parts the contracting loops run, and memory for what they add up to.
    fn split(&self, host: &Builder<'c>) -> Made<Option<(Val<'c>, Val<'c>)>> {
        let (Some(batch), Some(rows), Some(columns)) =
            (known(self.batch.count), known(self.rows.count), known(self.columns.count))
        else {
            return Ok(None);
        };
        let tiles = batch * ((rows + TILE - 1) / TILE) * ((columns + TILE - 1) / TILE);
        let most = (BLOCKS / tiles.max(1)).min(PARTS);
        // Eight tiles to a part at least.
        let least = 8 * DEPTH;
        if tiles == 0 || most < 2 || known(self.steps.count).is_some_and(|steps| steps < 2 * least) {
            return Ok(None);
        }
        let parts = ceil_div(host, self.steps.count.value(host)?, least)?;
        let parts = arith(host, "arith.minui", parts, host.index(most)?)?;
        let parts = arith(host, "arith.maxui", parts, host.index(1)?)?;
        Ok(Some((parts, memory(host, self.work, Index::Known(most * batch * rows * columns))?)))
    }

    /// Adds up what the parts have left: a thread for each result. Nothing is launched where there was one part.
    fn gather(
        &self,
        kernels: &Kernels<'c>,
        nest: &Nest<'c>,
        starts: &[Option<Val<'c>>],
        parts: Val<'c>,
        partial: Val<'c>,
    ) -> Made<()> {
        let k = kernels.begin(nest.op)?;
        let host = k.host;
        let output = Operand::one(&k, nest, starts, 2)?;
        let counts = [self.batch.count, self.rows.count, self.columns.count];
        let total = product(&host, counts.iter().copied())?;
        let thread = k.add(k.mul(k.group("x")?, k.index(THREADS)?)?, k.thread("x")?)?;
        let total_k = extent(&k, total)?;
        let is_there = k.less(thread, total_k)?;
        let partial = k.capture(partial)?;
        k.when(is_there, || {
            let none = k.number(self.work, Number::of_f64(0.0, self.work))?;
            let one = k.index(1)?;
            let sums = k.repeat([k.index(0)?, k.capture(parts)?, one], &[none], |part, sums| {
                let value = k.load(partial, &[k.add(k.mul(part, total_k)?, thread)?])?;
                let add = Combiner::known(OpKind::ScalarAdd, self.work);
                Ok(vec![add.pair(&k.b(), sums[0], value)?])
            })?;
            let at = position(&k, thread, &counts)?;
            let mut point = vec![k.index(0)?; self.rank];
            self.batch.place(&k, at[0], &mut point)?;
            self.rows.place(&k, at[1], &mut point)?;
            self.columns.place(&k, at[2], &mut point)?;
            self.finish(&k, &output, &point, sums[0])
        })?;
        let one = host.index(1)?;
        let is_whole = crate::checks::compare(&host, crate::checks::Order::Eq, parts, one)?;
        let all = ceil_div(&host, total.value(&host)?, THREADS)?;
        let none = host.index(0)?;
        let blocks = host.named("arith.select", &[is_whole, none, all], &[one.r#type()], &[], vec![]).map(result)?;
        k.launch_over(blocks, THREADS)
    }
}

/// Whether neighbours in memory are neighbours along the contracting loops.
fn runs_deep(access: &Access, steps: &Group) -> bool {
    access.at.loops.last().is_some_and(|dim| steps.dims.contains(dim))
}

/// A number as one of another type.
fn convert<'c>(b: &Builder<'c>, value: Val<'c>, to: DType) -> Made<Val<'c>> {
    if DType::of(value.r#type()) == Some(to) {
        return Ok(value);
    }
    let r#type = dp_dialects::ValueType::number(to);
    b.emit_typed(OpKind::ScalarConvert, &dp_dialects::Parameters::Convert { unsigned: false }, &[value], &r#type)
}
