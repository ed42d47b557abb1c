//! `rotate-buffers`: a loop that computes a new tensor in each iteration uses a ring of buffers.
//!
//! The result of an iteration is read by the next `d` iterations. With `d + 1` buffers, the one that is written is
//! never one that is still read: the loop carries `b0 … bd`, an iteration writes to the first and yields `b1 … bd, b0`.

use crate::views::VIEWS;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, block_args, defining_op, erase, is_pure, operands, region_block, replace_all_uses, result,
    results, users, value_block, walk,
};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use dp_loopnest::structured::{address, is_named};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::Attribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{RegionLike, Type, ValueLike};

/// `rotate-buffers`.
pub static ROTATE_BUFFERS: Pass = Pass {
    flag: "rotate-buffers",
    summary: "rotate buffers in loops that allocate what they yield",
    description: "Takes functions on buffers, before `plan-workspace`. If an iteration of `scf.for` yields a buffer that it \
        allocated, with extents known before the loop, the allocations move before the loop: one more than the \
        number of iterations that read what one iteration wrote. The loop carries them as a ring, so no iteration \
        allocates or copies.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend((OpKind::of(op) == Some(OpKind::ScfFor)).then_some(op)));
    for op in found {
        rotate(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    Ok(())
}

/// A buffer that an iteration allocates and yields: the allocation, and the computation of its extents.
struct Yielded<'c> {
    alloc: Op<'c>,
    /// The number of later iterations that read it.
    readers: usize,
    sizes: Vec<Op<'c>>,
}

fn rotate<'c>(mut op: Op<'c>) -> Result<()> {
    let Some(block) = region_block(op, 0) else { return Ok(()) };
    let mut place = 0;
    while place + 1 < block.argument_count() {
        if let Some(made) = candidate(block, place) {
            op = carry(op, block, made)?;
        }
        place += 1;
    }
    Ok(())
}

fn terminator(block: Blk<'_>) -> Option<Op<'_>> {
    dp_dialects::ir::block_ops(block).pop()
}

/// The buffer yielded at a position, if it can be part of a ring.
fn candidate<'c>(block: Blk<'c>, place: usize) -> Option<Yielded<'c>> {
    let last = terminator(block)?;
    let yielded = *operands(last).get(place)?;
    let mut alloc = defining_op(yielded)?;
    if is_named(alloc, "memref.cast") {
        alloc = defining_op(operands(alloc)[0])?;
    }
    if !is_named(alloc, "memref.alloc") || alloc.block() != Some(block) {
        return None;
    }
    if yield_positions(result(alloc), last)? != [place] {
        return None;
    }
    let mut sizes = Vec::new();
    operands(alloc).into_iter().all(|size| is_invariant(size, block, &mut sizes)).then_some(())?;
    let readers = readers(block, last, place, &mut vec![])?;
    Some(Yielded { alloc, readers, sizes })
}

/// Whether a scalar is loop-invariant; `needed` collects the operations that compute it, in order.
fn is_invariant<'c>(value: Val<'c>, body: Blk<'c>, needed: &mut Vec<Op<'c>>) -> bool {
    if value_block(value) != Some(body) {
        return true;
    }
    let Some(op) = defining_op(value).filter(|op| is_pure(*op) && op.region_count() == 0) else { return false };
    if !operands(op).into_iter().all(|operand| is_invariant(operand, body, needed)) {
        return false;
    }
    if needed.iter().all(|other| address(*other) != address(op)) {
        needed.push(op);
    }
    true
}

/// The positions at which an iteration yields a buffer; `None` if it may escape otherwise.
fn yield_positions<'c>(buffer: Val<'c>, last: Op<'c>) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    let mut names = vec![buffer];
    while let Some(name) = names.pop() {
        for user in users(name) {
            let text = user.name();
            let text = text.as_string_ref().as_str().unwrap_or_default();
            if address(user) == address(last) {
                places.extend(operands(last).iter().enumerate().filter(|(_, of)| **of == name).map(|(place, _)| place));
            } else if VIEWS.contains(&text) {
                names.extend(results(user));
            } else if !(text.starts_with("memref.") || text.starts_with("linalg.")) || is_named(user, "memref.dealloc")
            {
                return None;
            }
        }
    }
    places.sort_unstable();
    places.dedup();
    Some(places)
}

/// The number of iterations that read what an earlier one yielded at a position; `None` if unbounded.
fn readers<'c>(block: Blk<'c>, last: Op<'c>, place: usize, seen: &mut Vec<usize>) -> Option<usize> {
    if seen.contains(&place) {
        return None;
    }
    seen.push(place);
    let argument = block_args(block)[place + 1];
    let mut most = 0;
    for next in yield_positions(argument, last)? {
        most = most.max(readers(block, last, next, seen)?);
    }
    seen.pop();
    Some(most + 1)
}

/// Adds a ring of buffers to a loop.
fn carry<'c>(op: Op<'c>, block: Blk<'c>, made: Yielded<'c>) -> Result<Op<'c>> {
    let missing = || Diagnostic::internal("internal error: a loop without a terminator");
    let b = Builder::before(op).located(op.location());
    let mut outside: ValueMap<Val<'c>> = ValueMap::new();
    let mut copied = Vec::new();
    for size in made.sizes {
        let copy = b.clone_op(size, &copied);
        for (old, new) in results(size).into_iter().zip(results(copy)) {
            outside.insert(old, new);
            copied.push((old, new));
        }
    }
    let ring: Vec<Val> = (0..=made.readers).map(|_| result(b.clone_op(made.alloc, &copied))).collect();
    let own: Vec<Val<'c>> =
        ring.iter().map(|buffer| block.add_argument(buffer.r#type(), op.location())).map(live).collect();
    replace_all_uses(result(made.alloc), own[0]);
    erase(made.alloc);
    let last = terminator(block).ok_or_else(missing)?;
    let mut yields = operands(last);
    yields.extend(own.iter().skip(1).chain(&own[..1]).copied());
    Builder::before(last).named("scf.yield", &yields, &[], &[], vec![])?;
    erase(last);
    let region = melior::ir::Region::new();
    let old = op.region(0).map_err(|_| missing())?;
    // SAFETY: both regions are live; the block moves with its operations.
    unsafe { mlir_sys::mlirRegionTakeBody(region.to_raw(), old.to_raw()) };
    let all: Vec<Val> = operands(op).into_iter().chain(ring).collect();
    let types: Vec<Type> = all[3..].iter().map(|value| value.r#type()).collect();
    let attributes: Vec<(&str, Attribute)> = Vec::new();
    let new = b.named("scf.for", &all, &types, &attributes, vec![region])?;
    for (before, after) in results(op).into_iter().zip(results(new)) {
        replace_all_uses(before, after);
    }
    erase(op);
    Ok(new)
}

/// Extends the lifetime of a value to that of the pass.
fn live<'c>(value: Val<'_>) -> Val<'c> {
    // SAFETY: the value lives as long as its block, which the module owns.
    unsafe { melior::ir::Value::from_raw(value.to_raw()) }
}
