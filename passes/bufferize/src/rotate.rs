//! `rotate-buffers`: a loop that computes a new tensor in each iteration uses a ring of buffers.
//!
//! The result of an iteration is read by the next `d` iterations. With `d + 1` buffers, the one that is written is
//! never one that is still read: the loop carries `b0 … bd`, an iteration writes to the first and yields `b1 … bd, b0`.
//! A branch that allocates in one region and passes on in another what the iteration was given also yields the buffers,
//! rotated where it allocates: only iterations that allocate count.
//! If the extents of what is yielded take turns, the buffers are memory for the largest, of which an iteration has views.
//! An iteration of `scf.while` is its first block and then its second; the last one has no second block.

use crate::cycle::{Before, Extent, extents_in_rounds};
use crate::rounds::Part;
use crate::views::VIEWS;
use crate::workspace::LINE;
use crate::workspace::size::Size;
use dp_dialects::ir::{
    Blk, Op, Val, add_argument, ancestors, block_ops, defining_op, erase, operands, replace_all_uses, result, results,
    set_operands, take_blocks, users, value_index, walk,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType};
use dp_loopnest::structured::{address, all_blocks, is_named, segments};
use dp_loopnest::wider::Wider;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::IntegerAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::{IntegerType, MemRefType};
use melior::ir::{Type, ValueLike};

/// `rotate-buffers`.
pub static ROTATE_BUFFERS: Pass = Pass {
    flag: "rotate-buffers",
    summary: "rotate buffers in loops that allocate what they yield",
    description: "Takes functions on buffers, before `plan-workspace`. If an iteration of `scf.for` or `scf.while` yields a buffer \
        that it allocated, with extents known before the loop, the allocations move before the loop: one more than the \
        number of iterations that read what one iteration wrote. The loop carries them as a ring, so no iteration \
        allocates or copies. If extents take turns, as those of two tensors that swap, each buffer has room for the \
        largest. An allocation in a region of `scf.if` or `scf.index_switch` counts like one of the iteration.",
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

/// A buffer that an iteration allocates and passes on.
struct Passed<'c> {
    source: Source<'c>,
    /// The number of later iterations that read it, of those that allocate.
    readers: usize,
    /// The dynamic extents that it has in the rounds.
    extents: Vec<Vec<Extent<'c>>>,
}

/// The allocations of a value that a block passes on: one of the block, or those of the regions of a branch.
struct Source<'c> {
    allocs: Vec<Op<'c>>,
    branch: Option<Op<'c>>,
}

impl<'c> Source<'c> {
    fn of(value: Val<'c>, part: Part<'c>) -> Option<Self> {
        if let Some(alloc) = alloc_of(value, part.block) {
            return Some(Source { allocs: vec![alloc], branch: None });
        }
        let branch = defining_op(value).filter(|op| is_branch(*op) && op.block() == Some(part.block))?;
        let yielded = |block: Blk<'c>| operands(block_ops(block).pop()?).get(value_index(value)).copied();
        let alloc = |block: Blk<'c>| alloc_of(yielded(block)?, block);
        let allocs: Vec<Op> = all_blocks(branch).into_iter().filter_map(alloc).collect();
        (!allocs.is_empty()).then_some(Source { allocs, branch: Some(branch) })
    }

    /// Whether a block belongs to a region of the branch that allocates nothing.
    fn is_idle(&self, block: Option<Blk<'c>>) -> bool {
        let branch = block.and_then(|block| block.parent_operation());
        branch.is_some() && branch == self.branch && self.allocs.iter().all(|alloc| alloc.block() != block)
    }

    /// Uses the first of several buffers for the allocations; returns the buffers in the order in which the next
    /// iteration uses them.
    fn replace(self, own: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let rotated: Vec<Val> = own.iter().skip(1).chain(&own[..1]).copied().collect();
        let next = match self.branch {
            None => rotated,
            Some(branch) => {
                for block in all_blocks(branch) {
                    let ring = if self.is_idle(Some(block)) { own } else { &rotated };
                    if let Some(last) = block_ops(block).pop() {
                        set_operands(last, &[&operands(last)[..], ring].concat());
                    }
                }
                let types: Vec<Type> = results(branch).iter().chain(own).map(|value| value.r#type()).collect();
                let regions = branch.regions().map(take_blocks).collect();
                let made = Builder::before(branch).remake(branch, &operands(branch), &types, regions)?;
                let mut next = results(made);
                let ring = next.split_off(results(branch).len());
                results(branch).into_iter().zip(next).for_each(|(old, new)| replace_all_uses(old, new));
                erase(branch);
                ring
            }
        };
        self.allocs.into_iter().try_for_each(|alloc| replace(alloc, own[0]))?;
        Ok(next)
    }
}

fn is_branch(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScfIf | OpKind::ScfIndexSwitch))
}

/// The allocation of a value, if it belongs to a block.
fn alloc_of<'c>(value: Val<'c>, block: Blk<'c>) -> Option<Op<'c>> {
    let mut alloc = defining_op(value)?;
    if is_named(alloc, "memref.cast") {
        alloc = defining_op(operands(alloc)[0])?;
    }
    (is_named(alloc, "memref.alloc") && alloc.block() == Some(block)).then_some(alloc)
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
    let source = Source::of(*part.passed().get(place)?, part)?;
    let first = source.allocs[0];
    let extents = extents_in_rounds(part, first)?;
    for alloc in &source.allocs {
        let is_like = result(*alloc).r#type() == result(first).r#type() && extents_in_rounds(part, *alloc)? == extents;
        if !is_like || places(result(*alloc), part, &source)? != [(place, false)] {
            return None;
        }
    }
    // Memory for several sizes is counted in bytes.
    if extents.len() > 1 {
        Size::of(first)?;
    }
    let readers = readers(part, place, &source, &mut vec![])?;
    Some(Passed { source, readers, extents })
}

/// The places at which a block passes a buffer on, and whether it does so only in rounds in which the source allocates
/// nothing; `None` if it may escape otherwise.
fn places<'c>(buffer: Val<'c>, part: Part<'c>, source: &Source<'c>) -> Option<Vec<(usize, bool)>> {
    let mut places = Vec::new();
    let mut names = vec![(buffer, false)];
    while let Some((name, is_idle)) = names.pop() {
        let indices = |values: Vec<Val<'c>>| (0..values.len()).filter(move |index| values[*index] == name);
        for user in users(name) {
            let text = user.name();
            let text = text.as_string_ref().as_str().unwrap_or_default();
            let branch = ancestors(user).next().filter(|outer| text == "scf.yield" && is_branch(*outer));
            if address(user) == address(part.last) {
                places.extend(indices(part.passed()).map(|place| (place, is_idle)));
            } else if let Some(branch) = branch {
                let is_idle = is_idle || source.is_idle(user.block());
                names.extend(indices(operands(user)).map(|index| (results(branch)[index], is_idle)));
            } else if VIEWS.contains(&text) {
                names.extend(results(user).into_iter().map(|view| (view, is_idle)));
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

/// The number of later iterations that read what a block passes on at a place, of those that allocate; `None` if
/// unbounded. `path` has the places before, and whether what follows each allocates nothing.
fn readers<'c>(
    part: Part<'c>,
    place: usize,
    source: &Source<'c>,
    path: &mut Vec<((usize, usize), bool)>,
) -> Option<usize> {
    let here = (part.number, place);
    if let Some(first) = path.iter().position(|(other, _)| *other == here) {
        // The same place, one round later. If that round allocates nothing, it counts as none.
        let round = &path[first..];
        return (round.len() == part.op.region_count() && round.iter().any(|(_, is_idle)| *is_idle)).then_some(0);
    }
    let (next, is_later) = part.next()?;
    let argument = *next.given().get(place)?;
    let mut most = 0;
    for (place, is_idle) in places(argument, next, source)? {
        path.push((here, is_idle));
        most = most.max(readers(next, place, source, path)?);
        path.pop();
    }
    Some(most + usize::from(is_later))
}

/// Adds a ring of buffers to a loop.
fn carry<'c>(part: Part<'c>, passed: Passed<'c>) -> Result<Op<'c>> {
    let b = Builder::before(part.op).located(part.op.location());
    let mut before = Before::of(part.op);
    let alloc = passed.source.allocs[0];
    let buffer = |_: usize| match &passed.extents[..] {
        [extents] => {
            let extents = extents.iter().map(|extent| before.value(*extent)).collect::<Result<Vec<Val>>>()?;
            Ok(result(b.clone_op(alloc, &operands(alloc).into_iter().zip(extents).collect::<Vec<_>>())))
        }
        several => bytes(&b, before.largest(alloc, several)?),
    };
    let ring = (0..=passed.readers).map(buffer).collect::<Result<Vec<Val>>>()?;
    match OpKind::of(part.op) {
        Some(OpKind::ScfWhile) => carry_in_while(part, passed.source, ring),
        Some(_) | None => carry_in_for(part, passed.source, ring),
    }
}

/// Allocates this many bytes.
fn bytes<'c>(b: &Builder<'c>, count: Val<'c>) -> Result<Val<'c>> {
    let context = b.context();
    let r#type: Type = MemRefType::new(ScalarType::I8.to_type(context), &[DYNAMIC], None, None).into();
    let alignment = IntegerAttribute::new(IntegerType::new(context, 64).into(), LINE as i64).into();
    let attributes = [("alignment", alignment), segments(context, &[1, 0])];
    b.named("memref.alloc", &[count], &[r#type], &attributes, vec![]).map(result)
}

/// Uses a buffer for an allocation: as it is, or its memory.
fn replace<'c>(alloc: Op<'c>, own: Val<'c>) -> Result<()> {
    let (r#type, b) = (result(alloc).r#type(), Builder::before(alloc));
    let buffer = if own.r#type() == r#type {
        own
    } else {
        let operands: Vec<Val> = [own, b.index(0)?].into_iter().chain(operands(alloc)).collect();
        b.named("memref.view", &operands, &[r#type], &[], vec![]).map(result)?
    };
    replace_all_uses(result(alloc), buffer);
    erase(alloc);
    Ok(())
}

fn carry_in_while<'c>(part: Part<'c>, source: Source<'c>, ring: Vec<Val<'c>>) -> Result<Op<'c>> {
    let missing = || Diagnostic::internal("internal error: a loop without a terminator");
    let mut wider = Wider::of(part.op).ok_or_else(missing)?;
    let mut own: Vec<Val> = ring.into_iter().map(|buffer| wider.carry(buffer)).collect();
    if part.number == 1 {
        own = own.into_iter().map(|buffer| wider.inside(buffer)).collect();
    }
    let next: Vec<Val> = source.replace(&own)?.into_iter().map(|buffer| wider.inside(buffer)).collect();
    let end = wider.end().ok_or_else(missing)?;
    set_operands(end, &operands(end).into_iter().chain(next).collect::<Vec<_>>());
    wider.finish()
}

fn carry_in_for<'c>(part: Part<'c>, source: Source<'c>, ring: Vec<Val<'c>>) -> Result<Op<'c>> {
    let Part { op, block, .. } = part;
    let own: Vec<Val<'c>> = ring.iter().map(|buffer| add_argument(block, buffer.r#type(), op.location())).collect();
    let ring_after = source.replace(&own)?;
    let next: Vec<Val> = operands(part.last).into_iter().chain(ring_after).collect();
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
