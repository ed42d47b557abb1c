//! `rotate-buffers`: a loop that computes a new tensor in each iteration uses a ring of buffers.
//!
//! The result of an iteration is read by the next `d` iterations. With `d + 1` buffers, the one that is written is
//! never one that is still read: the loop carries `b0 … bd`, an iteration writes to the first and yields `b1 … bd, b0`.
//! An iteration of `scf.while` is its first block and then its second; the last one has no second block.

use crate::rounds::Part;
use crate::views::VIEWS;
use dp_dialects::ir::{
    Blk, Op, Val, add_argument, defining_op, erase, is_pure, operands, replace_all_uses, result, results, set_operands,
    take_blocks, users, value_block, walk,
};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use dp_loopnest::structured::{address, is_named};
use dp_loopnest::wider::Wider;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// `rotate-buffers`.
pub static ROTATE_BUFFERS: Pass = Pass {
    flag: "rotate-buffers",
    summary: "rotate buffers in loops that allocate what they yield",
    description: "Takes functions on buffers, before `plan-workspace`. If an iteration of `scf.for` or `scf.while` yields a buffer \
        that it allocated, with extents known before the loop, the allocations move before the loop: one more than the \
        number of iterations that read what one iteration wrote. The loop carries them as a ring, so no iteration \
        allocates or copies.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let is_loop = |op: Op| matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile));
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_loop(op).then_some(op)));
    for op in found {
        rotate(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    Ok(())
}

/// A buffer that an iteration allocates and passes on: the allocation, and the computation of its extents.
struct Passed<'c> {
    alloc: Op<'c>,
    /// The number of later iterations that read it.
    readers: usize,
    sizes: Vec<Op<'c>>,
}

fn rotate<'c>(mut op: Op<'c>) -> Result<()> {
    for number in 0..op.region_count() {
        let mut place = 0;
        while let Some(part) = Part::of(op, number).filter(|part| place < part.passed().len()) {
            if let Some(passed) = candidate(part, place) {
                op = carry(part, passed)?;
            }
            place += 1;
        }
    }
    Ok(())
}

/// The buffer passed on at a place, if it can be part of a ring.
fn candidate<'c>(part: Part<'c>, place: usize) -> Option<Passed<'c>> {
    let mut alloc = defining_op(*part.passed().get(place)?)?;
    if is_named(alloc, "memref.cast") {
        alloc = defining_op(operands(alloc)[0])?;
    }
    if !is_named(alloc, "memref.alloc") || alloc.block() != Some(part.block) {
        return None;
    }
    if places(result(alloc), part)? != [place] {
        return None;
    }
    let mut sizes = Vec::new();
    operands(alloc).into_iter().all(|size| is_invariant(size, part.block, &mut sizes)).then_some(())?;
    let readers = readers(part, place, &mut vec![])?;
    Some(Passed { alloc, readers, sizes })
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

/// The places at which a block passes a buffer on; `None` if it may escape otherwise.
fn places<'c>(buffer: Val<'c>, part: Part<'c>) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    let mut names = vec![buffer];
    while let Some(name) = names.pop() {
        for user in users(name) {
            let text = user.name();
            let text = text.as_string_ref().as_str().unwrap_or_default();
            if address(user) == address(part.last) {
                places.extend(part.passed().iter().enumerate().filter(|(_, of)| **of == name).map(|(place, _)| place));
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

/// The number of later iterations that read what a block passes on at a place; `None` if unbounded.
fn readers<'c>(part: Part<'c>, place: usize, seen: &mut Vec<(usize, usize)>) -> Option<usize> {
    if seen.contains(&(part.number, place)) {
        return None;
    }
    seen.push((part.number, place));
    let (next, is_later) = part.next()?;
    let argument = *next.given().get(place)?;
    let mut most = 0;
    for place in places(argument, next)? {
        most = most.max(readers(next, place, seen)?);
    }
    seen.pop();
    Some(most + usize::from(is_later))
}

/// Adds a ring of buffers to a loop.
fn carry<'c>(part: Part<'c>, passed: Passed<'c>) -> Result<Op<'c>> {
    let b = Builder::before(part.op).located(part.op.location());
    let mut copied = Vec::new();
    for size in passed.sizes {
        let copy = b.clone_op(size, &copied);
        copied.extend(results(size).into_iter().zip(results(copy)));
    }
    let ring: Vec<Val> = (0..=passed.readers).map(|_| result(b.clone_op(passed.alloc, &copied))).collect();
    match OpKind::of(part.op) {
        Some(OpKind::ScfWhile) => carry_in_while(part, passed.alloc, ring),
        Some(_) | None => carry_in_for(part, passed.alloc, ring),
    }
}

/// Uses the first of several buffers for an allocation.
fn replace<'c>(alloc: Op<'c>, own: &[Val<'c>]) {
    replace_all_uses(result(alloc), own[0]);
    erase(alloc);
}

/// The buffers in the order in which the next iteration uses them.
fn rotated<'c>(own: &[Val<'c>]) -> impl Iterator<Item = Val<'c>> {
    own.iter().skip(1).chain(&own[..1]).copied()
}

fn carry_in_while<'c>(part: Part<'c>, alloc: Op<'c>, ring: Vec<Val<'c>>) -> Result<Op<'c>> {
    let missing = || Diagnostic::internal("internal error: a loop without a terminator");
    let mut wider = Wider::of(part.op).ok_or_else(missing)?;
    let first: Vec<Val> = ring.into_iter().map(|buffer| wider.carry(buffer)).collect();
    let second: Vec<Val> = first.iter().map(|buffer| wider.inside(*buffer)).collect();
    replace(alloc, if part.number == 0 { &first } else { &second });
    let end = wider.end().ok_or_else(missing)?;
    let next: Vec<Val> = operands(end).into_iter().chain(rotated(&second)).collect();
    set_operands(end, &next);
    wider.finish()
}

fn carry_in_for<'c>(part: Part<'c>, alloc: Op<'c>, ring: Vec<Val<'c>>) -> Result<Op<'c>> {
    let Part { op, block, .. } = part;
    let own: Vec<Val<'c>> = ring.iter().map(|buffer| add_argument(block, buffer.r#type(), op.location())).collect();
    replace(alloc, &own);
    let next: Vec<Val> = operands(part.last).into_iter().chain(rotated(&own)).collect();
    set_operands(part.last, &next);
    let given: Vec<Val> = operands(op).into_iter().chain(ring).collect();
    let types: Vec<Type> = given[3..].iter().map(|value| value.r#type()).collect();
    let made = Builder::before(op).remake(op, &given, &types, op.regions().map(take_blocks).collect())?;
    for (old, new) in results(op).into_iter().zip(results(made)) {
        replace_all_uses(old, new);
    }
    erase(op);
    Ok(made)
}
