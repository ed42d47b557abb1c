//! `reuse-buffers`: computes elementwise results in place.
//!
//! If a nest reads `a[i]` for the last time and writes `r[i]` for the first time, in the same iteration, then `r` can
//! be `a`: no other iteration accesses that element, in any order of iterations. This requires that `a` has no alias in
//! the operation: a view among the operands, or a load in the body, could read what other iterations have written.

use crate::views::buffer;
use crate::workspace::live::{Order, Range};
use dp_dialects::ir::{
    Op, Val, ValueMap, block_args, block_ops, body_ops, defining_op, erase, operands, region_block, replace_all_uses,
    result, walk,
};
use dp_dialects::{Diagnostic, OpKind, Result};
use dp_loopnest::structured::{is_buffer, is_named, map_dims};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::ValueLike;
use melior::ir::attribute::ArrayAttribute;
use melior::ir::operation::OperationLike;

/// `reuse-buffers`.
pub static REUSE_BUFFERS: Pass = Pass {
    flag: "reuse-buffers",
    summary: "compute elementwise results in the memory of dead operands",
    description: "Takes functions on buffers, before `plan-workspace`. If a structured operation accesses each element of an \
        allocated buffer once, for the last time, and writes a buffer that was not used before at the same points, \
        the two buffers are merged: into the caller's, if the one written is a result.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    for function in body_ops(module).into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        reuse(function).map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    Ok(())
}

fn reuse(function: Op) -> Result<()> {
    let (mut loops, mut allocs) = (Vec::new(), Vec::new());
    walk(function, &mut |op| match OpKind::of(op) {
        None if is_named(op, "linalg.generic") => loops.push(op),
        None if is_named(op, "memref.alloc") => allocs.push(op),
        _ => {}
    });
    if loops.is_empty() || allocs.is_empty() {
        return Ok(());
    }
    let order = Order::of(function);
    let mut ranges = ValueMap::new();
    for alloc in allocs {
        if let Some(range) = order.range(alloc) {
            ranges.insert(result(alloc), range);
        }
    }
    for argument in region_block(function, 0).into_iter().flat_map(block_args) {
        if let Some(range) = order.range_of_argument(argument) {
            ranges.insert(argument, range);
        }
    }
    for op in loops {
        let here = order.at(op).ok_or_else(|| Diagnostic::internal("internal error: an operation has no position"))?;
        while let Some((read, written)) = pair(op, here, &ranges) {
            merge(read, written, &mut ranges);
        }
    }
    Ok(())
}

/// A buffer that is read for the last time, and one that is written for the first time at the same points.
fn pair<'c>(op: Op<'c>, here: Range, ranges: &ValueMap<Range>) -> Option<(Val<'c>, Val<'c>)> {
    let list = |name| op.attribute(name).ok().and_then(|list| ArrayAttribute::try_from(list).ok());
    let (maps, loops) = (list("indexing_maps")?, list("iterator_types")?.len());
    let operands = operands(op);
    let outputs = block_ops(region_block(op, 0)?).last()?.operand_count();
    let points = |index: usize| maps.element(index).ok().and_then(map_dims);
    let buffers = accessed_buffers(op)?;
    let is_alone = |value: Val| buffers.iter().filter(|other| **other == value).count() == 1;
    for (index, written) in operands.iter().enumerate().skip(operands.len() - outputs) {
        let starts = ranges.get(*written).is_some_and(|range| range.0 == here.0);
        // As many distinct dimensions as loops: each element is accessed in one iteration.
        let Some(of_written) = points(index).filter(|dims| dims.len() == loops && are_different(dims)) else {
            continue;
        };
        if !starts || !is_alone(*written) {
            continue;
        }
        let is_its = |(index, read): (usize, &Val<'c>)| {
            ranges.get(*read).is_some_and(|range| range.1 == here.1)
                && defining_op(*read).is_some_and(|op| is_named(op, "memref.alloc"))
                && read.r#type() == written.r#type()
                && is_alone(*read)
                && points(index).as_ref() == Some(&of_written)
        };
        let inputs = operands.iter().enumerate().take(operands.len() - outputs);
        if let Some((_, read)) = inputs.into_iter().find(|(index, read)| is_its((*index, read))) {
            return Some((*read, *written));
        }
    }
    None
}

/// The buffers that an operation accesses, including in its body, with repetitions; `None` if an alias is unknown, as
/// for a result of a branch or loop.
fn accessed_buffers<'c>(op: Op<'c>) -> Option<Vec<Val<'c>>> {
    const MAKERS: [&str; 3] = ["memref.alloc", "memref.alloca", "memref.get_global"];
    let mut found = Some(Vec::new());
    walk(op, &mut |op| {
        for name in operands(op).into_iter().filter(|value| is_buffer(*value)) {
            let of = buffer(name);
            let is_known = defining_op(of).is_none_or(|op| MAKERS.iter().any(|maker| is_named(op, maker)));
            found = found.take().filter(|_| is_known);
            found.iter_mut().for_each(|found| found.push(of));
        }
    });
    found
}

fn are_different(dims: &[usize]) -> bool {
    dims.iter().enumerate().all(|(index, dim)| !dims[..index].contains(dim))
}

/// Merges two buffers: into the one that is written if the caller owns it, otherwise into the one that is read, which
/// is allocated first.
fn merge<'c>(read: Val<'c>, written: Val<'c>, ranges: &mut ValueMap<Range>) {
    let (Some(of_read), Some(of_written)) = (ranges.remove(read), ranges.remove(written)) else { return };
    let (kept, dropped) = if defining_op(written).is_some() { (read, written) } else { (written, read) };
    replace_all_uses(dropped, kept);
    ranges.insert(kept, (of_read.0, of_written.1));
    if let Some(alloc) = defining_op(dropped) {
        erase(alloc);
    }
}
