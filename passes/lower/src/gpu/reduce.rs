//! Reductions in any order: many threads to a result, then shuffles, then shared memory.
//!
//! Threads along x walk the innermost loop, whatever it is, so that neighbours read neighbours. Where it reduces,
//! the threads of a row of the block make one result (*rows*); where it does not, they make one each, and what
//! reduces is dealt out along y (*columns*). Few results of many numbers are also split over the grid: each part
//! leaves its result in memory, and a second kernel combines them. Which thread adds what depends on extents alone,
//! so the same numbers give the same bytes.

use super::combine::Combiner;
use super::kernel::{Kernel, Kernels, WARP, ceil_div};
use super::points::{Operand, extent, known, position, product};
use crate::structured::{Index, Made, arith, segments};
use crate::vectors::nest::Nest;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, DType};
use melior::ir::r#type::MemRefType;
use melior::ir::{Type, ValueLike};

/// The threads of a block.
const THREADS: i64 = 256;
/// The most parts that a reduction is split into.
const PARTS: i64 = 256;
/// How many numbers a thread has at least, before another part is made.
const STEPS: i64 = 8;
/// Rows that are shorter have one thread each.
const SHORT: i64 = 8;

/// How an output is written.
#[derive(Clone, Copy)]
enum Output {
    /// At every point.
    Along,
    /// Once, reduced.
    Held(Combiner),
}

/// How the threads of a block lie.
#[derive(Clone, Copy)]
enum Block {
    /// So many threads to a row; a number of the host where it depends on the extent.
    Rows(Option<i64>),
    /// So many results side by side.
    Columns(i64),
}

/// What is split over the grid, at most how often.
struct Split<'c> {
    /// The number of parts.
    parts: Val<'c>,
    /// Memory for their results, one for each reduced output.
    partial: Vec<Val<'c>>,
}

/// A kernel for a nest that reduces, or two; whether it has this form.
pub(super) fn reduce<'c>(
    kernels: &Kernels<'c>,
    nest: &Nest<'c>,
    starts: &[Option<Val<'c>>],
    strict: bool,
) -> Made<bool> {
    let Some(outputs) = outputs(nest, strict) else { return Ok(false) };
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
    let block = block(in_rows, results, steps);
    let split = split(&host, &outputs, block, results, steps)?;

    let k = kernels.begin(nest.op)?;
    let operands = Operand::all(&k, nest, starts)?;
    let (across, down) = shape(&host, block, steps)?;
    let (tx, ty) = (k.thread("x")?, k.thread("y")?);
    let (width, height) = (k.threads("x")?, k.threads("y")?);
    // Which result, and which of its numbers: every `stride`th from `first` on.
    let (number, first, stride) = match block {
        Block::Rows(_) => (k.add(k.mul(k.group("x")?, height)?, ty)?, tx, width),
        Block::Columns(_) => (k.add(k.mul(k.group("x")?, width)?, tx)?, ty, height),
    };
    let (results_k, steps_k) = (extent(&k, results)?, extent(&k, steps)?);
    let is_there = k.less(number, results_k)?;
    let (from, to) = match &split {
        None => (first, steps_k),
        Some(split) => {
            let parts = k.capture(split.parts)?;
            let part = k.div(k.add(steps_k, k.add(parts, k.index(-1)?)?)?, parts)?;
            let begin = k.mul(k.group("y")?, part)?;
            (k.add(begin, first)?, k.min(k.add(begin, part)?, steps_k)?)
        }
    };
    let zero = k.index(0)?;
    let to = k.b().named("arith.select", &[is_there, to, zero], &[to.r#type()], &[], vec![]).map(result)?;
    let mut point = vec![zero; nest.reduces.len()];
    for (dim, at) in kept.iter().zip(position(&k, number, &of_kept)?) {
        point[*dim] = at;
    }
    let combiners: Vec<Combiner> = outputs.iter().filter_map(Output::combiner).collect();
    let neutral = combiners.iter().map(|combiner| combiner.neutral(&k)).collect::<Made<Vec<_>>>()?;
    let sums = k.repeat([from, to, stride], &neutral, |step, held| {
        let mut point = point.clone();
        for (dim, at) in reduced.iter().zip(position(&k, step, &of_reduced)?) {
            point[*dim] = at;
        }
        visit(&k, nest, &operands, &outputs, &point, held)
    })?;
    let (sums, leads) = match block {
        Block::Rows(threads) => rows(&k, &combiners, sums, threads, tx, ty, width)?,
        Block::Columns(across) => columns(&k, &combiners, sums, across, tx, ty)?,
    };
    let writes = k.both(is_there, leads)?;
    let held: Vec<&Operand> = outputs
        .iter()
        .zip(&operands[nest.inputs..])
        .filter_map(|(output, operand)| output.combiner().map(|_| operand))
        .collect();
    let finish = || {
        combiners.iter().zip(&held).zip(&sums).try_for_each(|((combiner, output), sum)| {
            let before = output.element(&k, &point)?;
            k.store(combiner.pair(&k.b(), before, *sum)?, output.value, &output.at(&point))
        })
    };
    k.when(writes, || match &split {
        None => finish(),
        Some(split) => {
            let is_whole = crate::checks::compare(&k.b(), crate::checks::Order::Eq, k.groups("y")?, k.index(1)?)?;
            let leave = || {
                let at = k.add(k.mul(k.group("y")?, results_k)?, number)?;
                split
                    .partial
                    .iter()
                    .zip(&sums)
                    .try_for_each(|(partial, sum)| k.store(*sum, k.capture(*partial)?, &[at]))?;
                Ok(vec![])
            };
            k.choose(is_whole, &[], || finish().map(|()| vec![]), leave).map(|_| ())
        }
    })?;
    let one = host.index(1)?;
    let side = if in_rows { down } else { across };
    let blocks = arith(&host, "arith.ceildivui", results.value(&host)?, side)?;
    let parts = split.as_ref().map_or(one, |split| split.parts);
    k.launch([blocks, parts, one], [across, down, one])?;
    match split {
        None => Ok(true),
        Some(split) => gather(kernels, nest, starts, &outputs, &split, (&kept, &of_kept, results)).map(|()| true),
    }
}

impl Output {
    fn combiner(&self) -> Option<Combiner> {
        match self {
            Output::Along => None,
            Output::Held(combiner) => Some(*combiner),
        }
    }
}

/// How each output is written, where all of them have a form here.
fn outputs(nest: &Nest, strict: bool) -> Option<Vec<Output>> {
    let reduced = (0..nest.reduces.len()).filter(|dim| nest.reduces[*dim]);
    let output = |index: usize| {
        let loops = &nest.outputs()[index].at.loops;
        match reduced.clone().filter(|dim| loops.contains(dim)).count() {
            0 => Combiner::of(nest, index, strict).map(Output::Held),
            moving => (moving == reduced.clone().count()).then_some(Output::Along),
        }
    };
    let outputs = (0..nest.outputs().len()).map(output).collect::<Option<Vec<_>>>()?;
    outputs.iter().any(|output| matches!(output, Output::Held(_))).then_some(outputs)
}

/// How threads lie, by what is known of the extents.
fn block(in_rows: bool, results: Index, steps: Index) -> Block {
    let power = |extent: i64| (extent.max(1) as u64).next_power_of_two() as i64;
    match (in_rows, known(results), known(steps)) {
        (false, Some(results), _) => Block::Columns(power(results).clamp(4, WARP)),
        (false, None, _) => Block::Columns(WARP),
        (true, _, Some(steps)) if steps <= WARP => Block::Rows(Some(8)),
        (true, _, Some(steps)) if steps <= 2048 => Block::Rows(Some(WARP)),
        (true, _, Some(_)) => Block::Rows(Some(THREADS)),
        (true, Some(results), None) if results <= 2 * SHORT => Block::Rows(Some(THREADS)),
        (true, _, None) => Block::Rows(None),
    }
}

/// The extents of a block, on the host.
fn shape<'c>(host: &Builder<'c>, block: Block, steps: Index<'c>) -> Made<(Val<'c>, Val<'c>)> {
    match block {
        Block::Columns(across) | Block::Rows(Some(across)) => Ok((host.index(across)?, host.index(THREADS / across)?)),
        Block::Rows(None) => {
            // A warp for short rows, the whole block for long ones.
            let long = crate::checks::compare(host, crate::checks::Order::Ult, host.index(2048)?, steps.value(host)?)?;
            let select = |x: i64, y: i64| {
                let (x, y) = (host.index(x)?, host.index(y)?);
                host.named("arith.select", &[long, x, y], &[x.r#type()], &[], vec![]).map(result)
            };
            Ok((select(THREADS, WARP)?, select(1, THREADS / WARP)?))
        }
    }
}

/// Splits few results of many numbers over the grid.
fn split<'c>(
    host: &Builder<'c>,
    outputs: &[Output],
    block: Block,
    results: Index<'c>,
    steps: Index<'c>,
) -> Made<Option<Split<'c>>> {
    let Some(results) = known(results) else { return Ok(None) };
    let (beside, share) = match block {
        Block::Rows(Some(threads)) => (THREADS / threads, threads),
        Block::Rows(None) => return Ok(None),
        Block::Columns(across) => (across, THREADS / across),
    };
    let least = share * STEPS;
    let most = (PARTS / ((results + beside - 1) / beside).max(1)).min(PARTS);
    if most < 2 || results == 0 || known(steps).is_some_and(|steps| steps < 2 * least) {
        return Ok(None);
    }
    let parts = ceil_div(host, steps.value(host)?, least)?;
    let parts = arith(host, "arith.minui", parts, host.index(most)?)?;
    let parts = arith(host, "arith.maxui", parts, host.index(1)?)?;
    let partial = outputs
        .iter()
        .filter_map(Output::combiner)
        .map(|combiner| memory(host, combiner.dtype, most * results))
        .collect::<Made<_>>()?;
    Ok(Some(Split { parts, partial }))
}

/// Memory of the device for so many numbers.
pub(super) fn memory<'c>(host: &Builder<'c>, dtype: DType, count: i64) -> Made<Val<'c>> {
    let r#type: Type = MemRefType::new(dtype.to_type(host.context()), &[count], None, None).into();
    host.named("memref.alloc", &[], &[r#type], &[segments(host.context(), &[0, 0])], vec![]).map(result)
}

/// The body at a point; what the reduced outputs hold afterwards.
fn visit<'c>(
    k: &Kernel<'c>,
    nest: &Nest<'c>,
    operands: &[Operand<'c>],
    outputs: &[Output],
    point: &[Val<'c>],
    held: &[Val<'c>],
) -> Made<Vec<Val<'c>>> {
    let mut held = held.iter();
    let mut elements = Vec::new();
    for (index, operand) in operands.iter().enumerate() {
        let output = index.checked_sub(nest.inputs).map(|output| outputs[output]);
        elements.push(match output {
            Some(Output::Held(_)) => {
                *held.next().ok_or_else(|| dp_dialects::Complaint::new("internal error: no sum"))?
            }
            Some(Output::Along) | None => operand.element(k, point)?,
        });
    }
    let values = k.body(nest.body, &elements, point)?;
    let mut next = Vec::new();
    for ((output, operand), value) in outputs.iter().zip(&operands[nest.inputs..]).zip(values) {
        match output {
            Output::Held(_) => next.push(value),
            Output::Along => k.store(value, operand.value, &operand.at(point))?,
        }
    }
    Ok(next)
}

type Sums<'c> = (Vec<Val<'c>>, Val<'c>);

fn is_zero<'c>(k: &Kernel<'c>, x: Val<'c>) -> Made<Val<'c>> {
    crate::checks::compare(&k.b(), crate::checks::Order::Eq, x, k.index(0)?)
}

/// Combines along a row of threads; the first of each has the result.
fn rows<'c>(
    k: &Kernel<'c>,
    combiners: &[Combiner],
    sums: Vec<Val<'c>>,
    threads: Option<i64>,
    tx: Val<'c>,
    ty: Val<'c>,
    width: Val<'c>,
) -> Made<Sums<'c>> {
    let lanes = threads.unwrap_or(WARP).min(WARP);
    let mut made = Vec::new();
    for (combiner, sum) in combiners.iter().zip(sums) {
        made.push(combiner.across(k, sum, lanes)?);
    }
    let leads = is_zero(k, tx)?;
    if threads.is_some_and(|threads| threads <= WARP) {
        return Ok((made, leads));
    }
    // One number of each warp meets in shared memory.
    let warp = k.index(WARP)?;
    let warps = k.div(width, warp)?;
    let begin = k.mul(ty, warps)?;
    let place = k.add(begin, k.div(tx, warp)?)?;
    let shared = combiners
        .iter()
        .map(|combiner| k.shared(combiner.dtype.to_type(k.host.context()), &[THREADS / WARP]))
        .collect::<Made<Vec<_>>>()?;
    let is_first = is_zero(k, k.rem(tx, warp)?)?;
    k.when(is_first, || made.iter().zip(&shared).try_for_each(|(sum, shared)| k.store(*sum, *shared, &[place])))?;
    k.barrier()?;
    let first = shared.iter().map(|shared| k.load(*shared, &[begin])).collect::<Made<Vec<_>>>()?;
    let one = k.index(1)?;
    let sums = k.repeat([one, warps, one], &first, |index, held| {
        let at = k.add(begin, index)?;
        combiners
            .iter()
            .zip(&shared)
            .zip(held)
            .map(|((combiner, shared), held)| combiner.pair(&k.b(), *held, k.load(*shared, &[at])?))
            .collect()
    })?;
    Ok((sums, leads))
}

/// Combines along columns of threads, in halves; the first row has the results.
fn columns<'c>(
    k: &Kernel<'c>,
    combiners: &[Combiner],
    sums: Vec<Val<'c>>,
    across: i64,
    tx: Val<'c>,
    ty: Val<'c>,
) -> Made<Sums<'c>> {
    let place = k.add(k.mul(ty, k.index(across)?)?, tx)?;
    let shared = combiners
        .iter()
        .map(|combiner| k.shared(combiner.dtype.to_type(k.host.context()), &[THREADS]))
        .collect::<Made<Vec<_>>>()?;
    sums.iter().zip(&shared).try_for_each(|(sum, shared)| k.store(*sum, *shared, &[place]))?;
    k.barrier()?;
    let mut half = THREADS / across / 2;
    while half > 0 {
        let is_upper = k.less(ty, k.index(half)?)?;
        k.when(is_upper, || {
            let other = k.add(place, k.index(half * across)?)?;
            combiners.iter().zip(&shared).try_for_each(|(combiner, shared)| {
                let (x, y) = (k.load(*shared, &[place])?, k.load(*shared, &[other])?);
                k.store(combiner.pair(&k.b(), x, y)?, *shared, &[place])
            })
        })?;
        k.barrier()?;
        half /= 2;
    }
    let sums = shared.iter().map(|shared| k.load(*shared, &[place])).collect::<Made<_>>()?;
    Ok((sums, is_zero(k, ty)?))
}

/// Combines what the parts have left: a warp for each result. Nothing is launched where there was one part.
fn gather<'c>(
    kernels: &Kernels<'c>,
    nest: &Nest<'c>,
    starts: &[Option<Val<'c>>],
    outputs: &[Output],
    split: &Split<'c>,
    (kept, of_kept, results): (&[usize], &[Index<'c>], Index<'c>),
) -> Made<()> {
    let k = kernels.begin(nest.op)?;
    let host = k.host;
    let combiners: Vec<Combiner> = outputs.iter().filter_map(Output::combiner).collect();
    let number = k.group("x")?;
    let lane = k.thread("x")?;
    let partial = split.partial.iter().map(|partial| k.capture(*partial)).collect::<Made<Vec<_>>>()?;
    let results_k = extent(&k, results)?;
    let neutral = combiners.iter().map(|combiner| combiner.neutral(&k)).collect::<Made<Vec<_>>>()?;
    let range = [lane, k.capture(split.parts)?, k.index(WARP)?];
    let sums = k.repeat(range, &neutral, |part, held| {
        let at = k.add(k.mul(part, results_k)?, number)?;
        combiners
            .iter()
            .zip(&partial)
            .zip(held)
            .map(|((combiner, partial), held)| combiner.pair(&k.b(), *held, k.load(*partial, &[at])?))
            .collect()
    })?;
    let mut all = Vec::new();
    for (combiner, sum) in combiners.iter().zip(sums) {
        all.push(combiner.across(&k, sum, WARP)?);
    }
    let mut point = vec![number; nest.reduces.len()];
    for (dim, at) in kept.iter().zip(position(&k, number, of_kept)?) {
        point[*dim] = at;
    }
    let leads = is_zero(&k, lane)?;
    k.when(leads, || {
        let held = (0..outputs.len()).filter(|output| outputs[*output].combiner().is_some());
        held.zip(&combiners).zip(&all).try_for_each(|((output, combiner), sum)| {
            let output = Operand::one(&k, nest, starts, nest.inputs + output)?;
            let before = output.element(&k, &point)?;
            k.store(combiner.pair(&k.b(), before, *sum)?, output.value, &output.at(&point))
        })
    })?;
    let one = host.index(1)?;
    let is_whole = crate::checks::compare(&host, crate::checks::Order::Eq, split.parts, one)?;
    let (none, all) = (host.index(0)?, results.value(&host)?);
    let blocks = host.named("arith.select", &[is_whole, none, all], &[one.r#type()], &[], vec![]).map(result)?;
    k.launch_over(blocks, WARP)
}
