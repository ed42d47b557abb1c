//! Reductions in any order: many threads per result, combined by shuffles and then through shared memory.
//!
//! Threads along x run along the innermost loop, so that accesses coalesce. If that loop is a reduction, a row of the
//! block computes one result (*rows*); otherwise each thread computes one, and the reduction is distributed along y
//! (*columns*). Few results with long reductions are also split over the grid: each part stores a partial result, and a
//! second kernel combines them. With dynamic extents, the host chooses the block size and the number of parts. Extents
//! alone determine which thread adds what, so results are deterministic.

mod block;
mod block_reduce;
mod combination;
mod combine;
mod grid_split;
mod sources;
mod walk;

pub(crate) use block::Block;
pub(crate) use combine::Combiner;
pub(crate) use grid_split::{Gather, GridSplit, memory};

use crate::contraction::convert;
use crate::indexing::{
    Operand, bytes, dtype, extent, is_aligned, is_multiple, known, lesser, pick, position, product, quotient,
};
use crate::kernel::{Kernel, Kernels};
use block_reduce::THREADS;
use dp_dialects::ir::{Val, block_ops, result};
use dp_dialects::{Builder, OpKind, Result, ScalarType};
use dp_loopnest::checks::{Order, compare};
use dp_loopnest::nest::{Layout, Nest};
use dp_loopnest::structured::{Index, arith};
use melior::ir::ValueLike;
use sources::{Body, Output, outputs};
use walk::{Row, Sums, Walk};

/// The target number of blocks: as many as run at the same time on the largest devices.
const BLOCKS: i64 = 1024;
/// The minimum number of elements per thread before more parts are made: four times the loads in flight, but at least
/// this many.
const STEPS: i64 = 8;
/// Shorter rows are reduced by one thread.
const SHORT: i64 = 8;
/// GridSplit begin at multiples of this, so that vectors are aligned.
const WHOLE: i64 = 16;
/// The width of the widest load, in bytes.
const WIDEST: i64 = 16;

/// Threads per row of a block, by the length of the rows to reduce.
const ROWS: [(i64, i64); 2] = [(64, 8), (2048, 32)];
/// Adjacent results per block, by their number. Threads read up to 128 contiguous bytes; more adjacent results would
/// need more parts, each of which costs memory and time in the second kernel.
const COLUMNS: [(i64, i64); 5] = [(1, 1), (4, 4), (8, 8), (16, 16), (4095, 32)];
/// The same for combining parts.
const PARTIALS: [(i64, i64); 1] = [(7, 1)];

/// Operations that need few instructions and registers, so that many can be in flight.
const QUICK: [OpKind; 15] = [
    OpKind::ScalarConstant,
    OpKind::ScalarAdd,
    OpKind::ScalarSub,
    OpKind::ScalarMul,
    OpKind::ScalarMax,
    OpKind::ScalarMin,
    OpKind::ScalarUmax,
    OpKind::ScalarUmin,
    OpKind::ScalarAnd,
    OpKind::ScalarOr,
    OpKind::ScalarXor,
    OpKind::ScalarNeg,
    OpKind::ScalarAbs,
    OpKind::ScalarConvert,
    OpKind::ScalarSelect,
];

/// Makes one or two kernels for a reducing nest; returns whether it has this form.
pub(crate) fn reduce<'c>(
    kernels: &Kernels<'c>,
    nest: &Nest<'c>,
    starts: &[Option<Val<'c>>],
    strict: bool,
) -> Result<bool> {
    let Some(outputs) = outputs(nest, starts, strict) else { return Ok(false) };
    let dims = |reduces: bool| (0..nest.reduces.len()).filter(|dim| nest.reduces[*dim] == reduces).collect::<Vec<_>>();
    let (kept, reduced) = (dims(false), dims(true));
    let host = Builder::before(nest.op);
    let of = |dims: &[usize]| dims.iter().map(|dim| nest.extents[*dim]).collect::<Vec<Index>>();
    let (of_kept, of_reduced) = (of(&kept), of(&reduced));
    let (results, steps) = (product(&host, of_kept.iter().copied())?, product(&host, of_reduced.iter().copied())?);
    let in_rows = nest.reduces.last() == Some(&true);
    if in_rows && known(steps).is_some_and(|steps| steps <= SHORT) {
        return Ok(false);
    }
    let block = block(&host, in_rows, results, steps)?;
    let combiners: Vec<Combiner> = outputs.iter().filter_map(Output::combiner).collect();
    let accumulators = accumulators(nest, &outputs, &combiners);
    let split = split(&host, &combiners, block, results, (steps, (4 * accumulators).max(STEPS)))?;

    let k = kernels.begin(nest.op)?;
    let operands = Operand::all(&k, nest, starts)?;
    let at = block.place(&k)?;
    let (results_k, steps_k) = (extent(&k, results)?, extent(&k, steps)?);
    let in_bounds = k.less(at.number, results_k)?;
    let zero = k.index(0)?;
    let (begin, end) = match &split {
        None => (zero, steps_k),
        Some(split) => {
            let whole = k.index(WHOLE)?;
            let part = up(&k, up(&k, steps_k, k.capture(split.parts)?)?, whole)?;
            let part = k.mul(part, whole)?;
            let begin = k.mul(k.block_id("y")?, part)?;
            (begin, k.min(k.add(begin, part)?, steps_k)?)
        }
    };
    let end = k.b().named("arith.select", &[in_bounds, end, zero], &[end.r#type()], &[], vec![]).map(result)?;
    let mut point = vec![zero; nest.reduces.len()];
    for (dim, at) in kept.iter().zip(position(&k, at.number, &of_kept)?) {
        point[*dim] = at;
    }
    let row = if in_rows && reduced.len() == 1 && accumulators > 2 { row(&k, nest)? } else { None };
    let body = Body {
        nest,
        operands: &operands,
        outputs: &outputs,
        point: point.clone(),
        reduced: &reduced,
        extents: &of_reduced,
    };
    let walk = Walk { begin, lane: at.lane, stride: at.stride, end };
    let sums = Sums { combiners: &combiners, accumulators, row }.of(&k, &body, walk)?;
    let (sums, leads) = block.reduce(&k, &combiners, sums)?;
    let writes = k.both(in_bounds, leads)?;
    let finish = || finish(&k, &outputs, &operands[nest.inputs..], &point, &sums);
    k.when(writes, || match &split {
        None => finish(),
        Some(split) => {
            let is_whole = compare(&k.b(), Order::Eq, k.grid_dim("y")?, k.index(1)?)?;
            let store_partial = || {
                let at = k.add(k.mul(k.block_id("y")?, results_k)?, at.number)?;
                let partial = split.partial.iter().zip(&sums);
                partial.into_iter().try_for_each(|(partial, sum)| k.store(*sum, k.capture(*partial)?, &[at]))?;
                Ok(vec![])
            };
            k.choose(is_whole, &[], || finish().map(|()| vec![]), store_partial).map(|_| ())
        }
    })?;
    let one = host.index(1)?;
    let blocks = block.count(&host, results)?.value(&host)?;
    let parts = split.as_ref().map_or(one, |split| split.parts);
    k.launch([blocks, parts, one], [block.across.value(&host)?, block.down.value(&host)?, one])?;
    match split {
        None => Ok(true),
        Some(split) => {
            let k = kernels.begin(nest.op)?;
            let from = Gather {
                block: Block::wide(&host, false, pick(&host, results, &PARTIALS, 8)?)?,
                combiners: &combiners,
                accumulators: gather_accumulators(&combiners),
                results,
                part_stride: results,
            };
            let done = |k: &Kernel<'c>, number: Val<'c>, sums: &[Val<'c>]| {
                let operands = (0..outputs.len()).map(|output| Operand::one(k, nest, starts, nest.inputs + output));
                let mut point = vec![k.index(0)?; nest.reduces.len()];
                for (dim, at) in kept.iter().zip(position(k, number, &of_kept)?) {
                    point[*dim] = at;
                }
                self::finish(k, &outputs, &operands.collect::<Result<Vec<_>>>()?, &point, sums)
            };
            split.gather(k, from, |_, number| Ok(number), done).map(|()| true)
        }
    }
}

/// The quotient of positive kernel values, rounded up.
fn up<'c>(k: &Kernel<'c>, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    k.div(k.add(x, k.add(y, k.index(-1)?)?)?, y)
}

/// Combines sums with previous values.
fn finish<'c>(
    k: &Kernel<'c>,
    outputs: &[Output<'c>],
    operands: &[Operand<'c>],
    point: &[Val<'c>],
    sums: &[Val<'c>],
) -> Result<()> {
    let held = outputs.iter().zip(operands).filter_map(|(output, operand)| Some((output.combiner()?, operand)));
    held.zip(sums).try_for_each(|((combiner, output), sum)| {
        let before = convert(&k.b(), output.element(k, point)?, combiner.dtype)?;
        let whole = convert(&k.b(), combiner.pair(&k.b(), before, *sum)?, output.dtype)?;
        k.store(whole, output.value, &output.at(point))
    })
}

/// The block for this many results of this many steps.
fn block<'c>(host: &Builder<'c>, in_rows: bool, results: Index<'c>, steps: Index<'c>) -> Result<Block<'c>> {
    let across = if in_rows { pick(host, steps, &ROWS, THREADS)? } else { pick(host, results, &COLUMNS, THREADS)? };
    Block::wide(host, in_rows, across)
}

/// The number of accumulators per thread and combiner. If the nest writes at every point, order must be kept.
fn accumulators(nest: &Nest, outputs: &[Output], combiners: &[Combiner]) -> i64 {
    let is_along = outputs.iter().any(|output| matches!(output, Output::Elementwise));
    if is_along || combiners.iter().any(|combiner| combiner.dtype.is_complex()) {
        return 1;
    }
    let ops = block_ops(nest.body);
    let is_quick = |op| OpKind::of(op).is_none_or(|kind| QUICK.contains(&kind));
    match (ops.len() <= 9 && ops.into_iter().all(is_quick), combiners.len()) {
        (false, _) => 2,
        (true, 1 | 2) => 8,
        (true, _) => 4,
    }
}

/// The same for combining parts: as many as fit into a few registers.
fn gather_accumulators(combiners: &[Combiner]) -> i64 {
    if combiners.iter().any(|combiner| combiner.dtype.is_complex()) {
        return 1;
    }
    let registers: i64 = combiners.iter().map(|combiner| (bytes(combiner.dtype) / 4).max(1)).sum();
    [8, 4, 2].into_iter().find(|many| many * registers <= 32).unwrap_or(1)
}

/// Vectors along the innermost loop, if possible.
fn row<'c>(k: &Kernel<'c>, nest: &Nest<'c>) -> Result<Option<Row<'c>>> {
    let last = nest.reduces.len() - 1;
    let (mut widest, mut has_rows) = (1, false);
    for access in &nest.accesses {
        let Some(dim) = access.position(last) else { continue };
        let rank = access.at.loops.len();
        let dtype = dtype(access)?;
        let is_dense = dim == rank - 1 && access.layout() == Layout::Dense && is_aligned(access.at.value);
        if !is_dense || dtype.is_complex() || matches!(dtype, ScalarType::Index | ScalarType::I1) {
            return Ok(None);
        }
        widest = widest.max(bytes(dtype));
        has_rows = has_rows || rank > 1;
    }
    let lanes = (WIDEST / widest).min(8);
    Ok(match nest.extents[last] {
        _ if lanes == 1 => None,
        _ if !has_rows => Some(Row { lanes, fits: None }),
        Index::Known(extent) => (extent % lanes == 0).then_some(Row { lanes, fits: None }),
        Index::Value(extent) => Some(Row { lanes, fits: Some(is_multiple(k, k.capture(extent)?, lanes)?) }),
    })
}

/// Splits a long reduction with few results over the grid, with a minimum number of elements per thread.
fn split<'c>(
    host: &Builder<'c>,
    combiners: &[Combiner<'c>],
    block: Block<'c>,
    results: Index<'c>,
    (steps, least): (Index<'c>, i64),
) -> Result<Option<GridSplit<'c>>> {
    let one = Index::Known(1);
    let blocks = lesser(host, "arith.maxui", block.count(host, results)?, one)?;
    let most = quotient(host, "arith.divui", Index::Known(BLOCKS), blocks)?;
    // A part is for a whole block even if rows have few threads: an additional launch costs as much as it gains.
    let share = if block.in_rows { Index::Known(THREADS * least) } else { times(host, block.down, least)? };
    let useful = quotient(host, "arith.divui", steps, share)?;
    let is_one = |parts: Index| known(parts).is_some_and(|parts| parts < 2);
    if is_one(most) || is_one(useful) || known(results) == Some(0) {
        return Ok(None);
    }
    let parts = lesser(host, "arith.maxui", lesser(host, "arith.minui", useful, most)?, one)?;
    let parts_of = parts.value(host)?;
    let count = match (most, results) {
        (Index::Known(most), Index::Known(results)) => Index::Known(most * results),
        _ => {
            // No memory if there is only one part.
            let all = arith(host, "arith.muli", parts_of, results.value(host)?)?;
            let is_whole = compare(host, Order::Eq, parts_of, host.index(1)?)?;
            let of = [is_whole, host.index(0)?, all];
            Index::Value(host.named("arith.select", &of, &[all.r#type()], &[], vec![]).map(result)?)
        }
    };
    let partial = combiners.iter().map(|combiner| memory(host, combiner.dtype, count)).collect::<Result<_>>()?;
    Ok(Some(GridSplit { parts: parts_of, partial }))
}

fn times<'c>(host: &Builder<'c>, x: Index<'c>, by: i64) -> Result<Index<'c>> {
    product(host, [x, Index::Known(by)].into_iter())
}
