//! Elementwise kernels: one thread per point of the parallel loops. Adjacent elements of a row are in adjacent threads
//! of a warp, 16 bytes per thread if alignment allows.

use crate::contraction::{self, accumulator, convert};
use crate::indexing::{
    Operand, along_row, bytes, dtype, extent, is_row, known, load_row, position, product, store_row,
};
use crate::kernel::{Kernel, Kernels, ceil_div};
use dp_dialects::ir::{Val, block_ops};
use dp_dialects::{OpKind, Result};
use dp_loopnest::nest::Nest;
use dp_loopnest::structured::Index;

/// Threads per block.
const THREADS: i64 = 256;

/// The width of the widest load, in bytes.
const WIDEST: i64 = 16;

/// Makes a kernel for a nest. Reduction loops run within the thread, in order.
pub(crate) fn emit<'c>(kernels: &Kernels<'c>, nest: &Nest<'c>, starts: &[Option<Val<'c>>]) -> Result<()> {
    let lanes = lanes(nest)?;
    if nest.reduces.iter().any(|reduces| *reduces) {
        return serial(kernels, nest, starts);
    }
    let k = kernels.begin(nest.op)?;
    let rank = nest.reduces.len();
    let host = k.host;
    // The last loop in steps of a vector.
    let inner = nest.extents.last().copied().unwrap_or(Index::Known(1));
    let steps = match inner {
        Index::Known(inner) => Index::Known(inner / lanes + i64::from(inner % lanes > 0)),
        Index::Value(inner) => Index::Value(ceil_div(&host, inner, lanes)?),
    };
    let mut extents: Vec<Index> = nest.extents.clone();
    if let Some(last) = extents.last_mut() {
        *last = steps;
    }
    let total = product(&host, extents.iter().copied())?;
    let thread = k.add(k.mul(k.block_id("x")?, k.index(THREADS)?)?, k.thread_id("x")?)?;
    let in_bounds = k.less(thread, extent(&k, total)?)?;
    let operands = Operand::all(&k, nest, starts)?;
    k.when(in_bounds, || {
        let mut point = position(&k, thread, &extents)?;
        if lanes == 1 {
            return one(&k, nest, &operands, &point);
        }
        let first = k.mul(point[rank - 1], k.index(lanes)?)?;
        point[rank - 1] = first;
        if known(inner).is_some_and(|inner| inner % lanes == 0) {
            return row(&k, nest, &operands, &point, lanes);
        }
        let (end, inner) = (k.add(first, k.index(lanes)?)?, extent(&k, inner)?);
        let is_whole = k.less(end, k.add(inner, k.index(1)?)?)?;
        let tail = || {
            k.repeat([first, inner, k.index(1)?], &[], |at, _| {
                let mut point = point.clone();
                point[rank - 1] = at;
                one(&k, nest, &operands, &point).map(|()| vec![])
            })
        };
        k.choose(is_whole, &[], || row(&k, nest, &operands, &point, lanes).map(|()| vec![]), tail).map(|_| ())
    })?;
    let blocks = ceil_div(&host, total.value(&host)?, THREADS)?;
    k.launch_over(blocks, THREADS)
}

/// Whether the body calls functions of hundreds of f64 operations, for any element type.
fn is_long(nest: &Nest) -> bool {
    const LONG: [OpKind; 3] = [OpKind::ScalarLgamma, OpKind::ScalarDigamma, OpKind::ScalarPolygamma];
    block_ops(nest.body).into_iter().any(|op| OpKind::of(op).is_some_and(|kind| LONG.contains(&kind)))
}

/// The number of adjacent elements per thread.
fn lanes(nest: &Nest) -> Result<i64> {
    let Some(last) = nest.reduces.len().checked_sub(1) else { return Ok(1) };
    let mut widest = 1;
    for access in nest.accesses.iter().filter(|access| access.position(last).is_some()) {
        let dtype = dtype(access)?;
        if dtype.is_complex() || dtype == dp_dialects::ScalarType::Index {
            return Ok(1);
        }
        widest = widest.max(bytes(dtype));
    }
    // Threads that mostly wait for memory take at most eight elements; in long bodies, all of which run at once, four
    // elements fill the registers.
    let most = if is_long(nest) { 4 } else { 8 };
    let lanes = (WIDEST / widest).min(most);
    let fits =
        nest.reduces.len() == 1 || nest.extents.last().copied().and_then(known).is_some_and(|inner| inner % lanes == 0);
    let all = nest.accesses.iter().all(|access| is_row(nest, access, lanes));
    let is_short = nest.extents.len() == 1 && known(nest.extents[0]).is_some_and(|extent| extent < lanes);
    Ok(if fits && all && !is_short { lanes } else { 1 })
}

/// The body at one point.
fn one<'c>(k: &Kernel<'c>, nest: &Nest<'c>, operands: &[Operand<'c>], point: &[Val<'c>]) -> Result<()> {
    let elements = operands.iter().map(|operand| operand.element(k, point)).collect::<Result<Vec<_>>>()?;
    let values = k.body(nest.body, &elements, point)?;
    operands[nest.inputs..]
        .iter()
        .zip(values)
        .try_for_each(|(output, value)| k.store(value, output.value, &output.at(point)))
}

/// The body at adjacent points.
fn row<'c>(k: &Kernel<'c>, nest: &Nest<'c>, operands: &[Operand<'c>], point: &[Val<'c>], lanes: i64) -> Result<()> {
    let last = point.len() - 1;
    let mut elements = Vec::new();
    for operand in operands {
        let is_row = operand.loops.last() == Some(&last) && operand.start.is_none() && operand.is_read;
        elements.push(if is_row {
            load_row(k, operand, &operand.at(point), lanes)?
        } else {
            vec![operand.element(k, point)?; lanes as usize]
        });
    }
    let mut written: Vec<Vec<Val>> = vec![Vec::new(); operands.len() - nest.inputs];
    for lane in 0..lanes {
        let elements: Vec<Val> = elements.iter().map(|row| row[lane as usize]).collect();
        let values = k.body(nest.body, &elements, &along_row(k, point, lane)?)?;
        written.iter_mut().zip(values).for_each(|(row, value)| row.push(value));
    }
    operands[nest.inputs..]
        .iter()
        .zip(written)
        .try_for_each(|(output, row)| store_row(k, output, &output.at(point), &row))
}

/// One thread per point of the parallel loops, with sequential reduction loops.
fn serial<'c>(kernels: &Kernels<'c>, nest: &Nest<'c>, starts: &[Option<Val<'c>>]) -> Result<()> {
    let k = kernels.begin(nest.op)?;
    let host = k.host;
    let kept: Vec<usize> = (0..nest.reduces.len()).filter(|dim| !nest.reduces[*dim]).collect();
    let reduced: Vec<usize> = (0..nest.reduces.len()).filter(|dim| nest.reduces[*dim]).collect();
    let extents: Vec<Index> = kept.iter().map(|dim| nest.extents[*dim]).collect();
    let total = product(&host, extents.iter().copied())?;
    let thread = k.add(k.mul(k.block_id("x")?, k.index(THREADS)?)?, k.thread_id("x")?)?;
    let in_bounds = k.less(thread, extent(&k, total)?)?;
    let operands = Operand::all(&k, nest, starts)?;
    let is_held = |operand: &Operand| !operand.loops.iter().any(|dim| nest.reduces[*dim]);
    k.when(in_bounds, || {
        let zero = k.index(0)?;
        let mut point = vec![zero; nest.reduces.len()];
        for (dim, at) in kept.iter().zip(position(&k, thread, &extents)?) {
            point[*dim] = at;
        }
        let outputs = &operands[nest.inputs..];
        let held = outputs.iter().filter(|output| is_held(output));
        let wide = |output: &Operand| accumulator(nest).unwrap_or(output.dtype);
        let first = held.map(|output| convert(&k.b(), output.element(&k, &point)?, wide(output)));
        let first = first.collect::<Result<Vec<_>>>()?;
        let last = steps(&k, nest, &operands, &reduced, &mut point, &first)?;
        outputs.iter().filter(|output| is_held(output)).zip(last).try_for_each(|(output, value)| {
            k.store(convert(&k.b(), value, output.dtype)?, output.value, &output.at(&point))
        })
    })?;
    let blocks = ceil_div(&host, total.value(&host)?, THREADS)?;
    k.launch_over(blocks, THREADS)
}

/// The nested reduction loops around the body; returns the carried values.
fn steps<'c>(
    k: &Kernel<'c>,
    nest: &Nest<'c>,
    operands: &[Operand<'c>],
    loops: &[usize],
    point: &mut Vec<Val<'c>>,
    held: &[Val<'c>],
) -> Result<Vec<Val<'c>>> {
    let Some((dim, inner)) = loops.split_first() else {
        let is_held = |operand: &Operand| !operand.loops.iter().any(|dim| nest.reduces[*dim]);
        let mut carried = held.iter();
        let mut elements = Vec::new();
        for (index, operand) in operands.iter().enumerate() {
            elements.push(match carried.as_slice().first() {
                Some(value) if index >= nest.inputs && is_held(operand) => {
                    carried.next();
                    *value
                }
                _ => operand.element(k, point)?,
            });
        }
        let values = contraction::body(k, nest, &elements, point)?;
        let mut next = Vec::new();
        for (output, value) in operands[nest.inputs..].iter().zip(values) {
            if is_held(output) {
                next.push(value);
            } else {
                k.store(value, output.value, &output.at(point))?;
            }
        }
        return Ok(next);
    };
    let range = [k.index(0)?, extent(k, nest.extents[*dim])?, k.index(1)?];
    k.repeat(range, held, |at, held| {
        let outer = std::mem::replace(&mut point[*dim], at);
        let next = steps(k, nest, operands, inner, point, held);
        point[*dim] = outer;
        next
    })
}
