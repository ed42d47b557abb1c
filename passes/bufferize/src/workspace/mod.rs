//! `plan-workspace`: places the buffers of a function in one workspace.

use dp_dialects::MlirType;
mod early;
pub(crate) mod live;
mod pack;
pub mod size;
mod slots;

use dp_abi::OUT_OF_MEMORY;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, block_ops, body_ops, defining_op, erase, i64_attribute, is_set, operands, region_block,
    replace_all_uses, result, results, users, walk,
};
use dp_dialects::{Builder, OpKind, Result, ScalarType};
use dp_loopnest::checks::require;
use dp_loopnest::structured::{arith, is_named, segments};
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use early::Early;
use live::Order;
use melior::ir::attribute::{Attribute, IntegerAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::{IntegerType, MemRefType};
use melior::ir::{Type, ValueLike};
use size::{MOST, Size, product, scaled};
use slots::Slot;

/// `plan-workspace`.
pub static PLAN_WORKSPACE: Pass<WorkspaceOptions> = Pass {
    flag: "plan-workspace",
    summary: "allocate one workspace per call",
    description: "Takes functions on buffers. Replaces allocations whose sizes are known at the entry by views of one \
        allocation, made after the checks that depend only on arguments. Buffers that are not live at the same \
        time share memory. The workspace is freed before the function returns. Small buffers of static size, and a \
        small workspace as a whole, go on the stack. Buffers that a function returns, that a loop iteration passes \
        to the next, or whose extents are computed stay as they are. Overflow of the workspace size is a run-time \
        error.",
    body: run,
};

pass_options! {
    /// Options of `plan-workspace`.
    pub struct WorkspaceOptions {
        "stack" => stack: u64 = 4096, "the maximum stack size for the buffers of a function, in bytes";
    }
}

/// Upstream's attribute for allocations that are freed explicitly.
const MANUAL_DEALLOCATION: &str = "bufferization.manual_deallocation";

/// The alignment of slots: a cache line, and the widest vector.
pub const LINE: u64 = 64;

/// The size of a workspace is a positive multiple of this, so that an allocator can reuse freed workspaces and never
/// allocates 0 bytes.
const PAGE: u64 = 4096;

/// The offset within a page at which the next slot begins after a large one. CPUs compare only some address bits: loads
/// from one buffer stall on stores to another at nearly the same page offset. After slots of a page or more, up to
/// eight slots begin at least 512 bytes apart, modulo a page.
const NEXT_OFFSET: u64 = 2560;

/// The size of a slot with the gap after it, at most doubled; `bytes` is a multiple of a line.
fn with_gap(bytes: u64) -> u64 {
    ((bytes + PAGE - NEXT_OFFSET).next_multiple_of(PAGE) - (PAGE - NEXT_OFFSET)).min(2 * bytes)
}

/// The same for a run-time size.
fn with_gap_of<'c>(b: &Builder<'c>, bytes: Val<'c>) -> Result<Val<'c>> {
    let rest = b.index((PAGE - NEXT_OFFSET) as i64)?;
    let pages = arith(b, "arith.ceildivui", arith(b, "arith.addi", bytes, rest)?, b.index(PAGE as i64)?)?;
    let end = arith(b, "arith.subi", scaled(b, pages, PAGE)?, rest)?;
    arith(b, "arith.minui", end, scaled(b, bytes, 2)?)
}

fn run<'c>(module: Op<'c>, options: &WorkspaceOptions) -> Result<(), ErrorGuaranteed> {
    for function in body_ops(module).into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        let Some(block) = region_block(function, 0).filter(|block| block.next_in_region().is_none()) else { continue };
        plan(function, block, options.stack).map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    Ok(())
}

/// Whether an allocation is freed explicitly, not by upstream's deallocation, or whether the operation frees one.
/// (Upstream replaces an allocation of constant size without its attribute, but not its deallocation.)
pub fn is_by_hand(op: Op) -> bool {
    let frees = |user: Op| is_named(user, "memref.dealloc") && is_set(user, MANUAL_DEALLOCATION);
    is_set(op, MANUAL_DEALLOCATION) || results(op).into_iter().flat_map(users).any(frees)
}

fn plan<'c>(function: Op<'c>, block: Blk<'c>, stack: u64) -> Result<()> {
    let mut early = Early::new(block);
    let mut allocs = Vec::new();
    walk(function, &mut |op| {
        if is_named(op, "memref.alloc") && !is_by_hand(op) {
            allocs.push(op);
        }
    });
    if allocs.is_empty() {
        return Ok(());
    }
    let order = Order::of(function);
    let is_aligned = |op: Op| i64_attribute(op, "alignment").is_none_or(|alignment| alignment <= LINE as i64);
    let mut planned = Vec::new();
    for op in allocs.into_iter().filter(|op| is_aligned(*op)) {
        let Some(size) = Size::of(op).filter(|size| size.factors.iter().all(|factor| early.has(*factor))) else {
            continue;
        };
        planned.extend(order.range(op).map(|range| (op, (size, range))));
    }
    let (ops, mut buffers): (Vec<Op>, Vec<_>) = planned.into_iter().unzip();
    let Some(anchor) = early.end().filter(|_| !ops.is_empty()) else { return Ok(()) };
    buffers.iter().flat_map(|(size, _)| &size.factors).for_each(|factor| early.move_before(*factor, anchor));
    let b = Builder::before(anchor).located(function.location());
    // Checks of unconditional allocations come first, and hold here.
    let is_sure = |op: Op| op.block().is_some_and(|of| of == block);
    let sure = ops.iter().zip(&buffers).filter(|(op, _)| is_sure(**op)).flat_map(|(_, (size, _))| &size.factors);
    let mut least = ValueMap::new();
    sure.for_each(|factor| {
        least.insert(*factor, *factor);
    });
    for factor in buffers.iter_mut().flat_map(|(size, _)| &mut size.factors) {
        *factor = not_negative(&b, *factor, &mut least)?;
    }
    let (slots, places) = slots::assign(&buffers);
    let starts = memory(&b, block, &slots, stack)?;
    for (op, place) in ops.into_iter().zip(places) {
        let (memory, start) = starts[place.slot];
        let offset = match start {
            Start::Known(bytes) => b.index((bytes + place.offset) as i64)?,
            Start::Dynamic(bytes) => bytes,
        };
        let operands: Vec<Val> = [memory, offset].into_iter().chain(operands(op)).collect();
        let view = b.located(op.location()).named("memref.view", &operands, &[result(op).r#type()], &[], vec![])?;
        replace_all_uses(result(op), result(view));
        erase(op);
    }
    Ok(())
}

/// An extent of a conditional allocation: a negative one is reported when the allocation is reached, and takes no
/// memory until then.
fn not_negative<'c>(b: &Builder<'c>, extent: Val<'c>, known: &mut ValueMap<Val<'c>>) -> Result<Val<'c>> {
    if defining_op(extent).is_some_and(|op| is_named(op, "memref.dim")) {
        return Ok(extent);
    }
    if let Some(known) = known.get(extent) {
        return Ok(*known);
    }
    let least = arith(b, "arith.maxsi", extent, b.index(0)?)?;
    known.insert(extent, least);
    Ok(least)
}

/// The slots on the stack: those of static size, the smallest first, while there is room.
fn on_stack(slots: &[Slot], stack: u64) -> Vec<bool> {
    let mut known: Vec<(u64, usize)> =
        slots.iter().enumerate().filter_map(|(index, slot)| Some((slot.known()?, index))).collect();
    known.sort_unstable();
    let mut room = stack;
    let mut chosen = vec![false; slots.len()];
    for (bytes, index) in known {
        let Some(left) = room.checked_sub(bytes.next_multiple_of(LINE)) else { break };
        (room, chosen[index]) = (left, true);
    }
    chosen
}

/// Where a slot starts in its memory, in bytes.
#[derive(Clone, Copy)]
enum Start<'c> {
    Known(u64),
    Dynamic(Val<'c>),
}

/// Allocates the memory of the slots. Returns the memory and the start of each slot.
fn memory<'c>(b: &Builder<'c>, block: Blk<'c>, slots: &[Slot<'c>], stack: u64) -> Result<Vec<(Val<'c>, Start<'c>)>> {
    let chosen = on_stack(slots, stack);
    let mut places = vec![None; slots.len()];
    let (mut start, mut known, mut rest) = (0, 0, Vec::new());
    for (index, slot) in slots.iter().enumerate() {
        match slot.known() {
            Some(bytes) if chosen[index] => {
                places[index] = Some((allocate(b, "memref.alloca", Some(bytes), &[])?, Start::Known(0)));
            }
            Some(bytes) => {
                rest.push((index, Start::Known(start)));
                let bytes = bytes.next_multiple_of(LINE);
                (known, start) = (start + bytes, start + with_gap(bytes));
            }
            None => {}
        }
    }
    let dynamic = slots.iter().enumerate().filter(|(_, slot)| slot.known().is_none());
    let dynamic = sizes(b, dynamic)?;
    let is_known = dynamic.is_empty();
    let (mut end, last) = (b.index(start as i64)?, dynamic.len().saturating_sub(1));
    for (at, (index, bytes)) in dynamic.into_iter().enumerate() {
        rest.push((index, Start::Dynamic(end)));
        end = arith(b, "arith.addi", end, if at == last { bytes } else { with_gap_of(b, bytes)? })?;
    }
    if !rest.is_empty() {
        let workspace = if is_known {
            allocate(b, "memref.alloc", Some(known.next_multiple_of(PAGE)), &[])?
        } else {
            let pages = arith(b, "arith.divui", end, b.index(PAGE as i64)?)?;
            let pages = arith(b, "arith.addi", pages, b.index(1)?)?;
            allocate(b, "memref.alloc", None, &[scaled(b, pages, PAGE)?])?
        };
        let place = |(index, start)| places[index] = Some((workspace, start));
        rest.into_iter().for_each(place);
        if let Some(last) = block_ops(block).pop() {
            let by_hand = [(MANUAL_DEALLOCATION, Attribute::unit(b.context()))];
            Builder::before(last).located(b.location()).named("memref.dealloc", &[workspace], &[], &by_hand, vec![])?;
        }
    }
    Ok(places.into_iter().flatten().collect())
}

/// The sizes of dynamic slots, multiples of a line; checks for overflow.
fn sizes<'c, 's>(b: &Builder<'c>, slots: impl Iterator<Item = (usize, &'s Slot<'c>)>) -> Result<Vec<(usize, Val<'c>)>>
where
    'c: 's,
{
    let slots: Vec<(usize, &Slot)> = slots.collect();
    // Products of extents, each with its largest factor.
    let mut products: Vec<Size> = Vec::new();
    for size in slots.iter().flat_map(|(_, slot)| &slot.sizes) {
        match products.iter_mut().find(|other| other.is_like(size)) {
            Some(other) => other.bytes = other.bytes.max(size.bytes),
            None => products.push(size.clone()),
        }
    }
    let most = MOST / (slots.len() as u64 + 1);
    let mut counts = Vec::new();
    for Size { bytes, factors } in &products {
        let (count, fits) = product(b, factors, most / (*bytes).max(1))?;
        require(b, fits, OUT_OF_MEMORY)?;
        counts.push(count);
    }
    let bytes = |size: &Size<'c>| -> Result<Val<'c>> {
        let count = products.iter().position(|other| other.is_like(size)).map(|index| counts[index]);
        scaled(b, count.map_or_else(|| b.index(1), Ok)?, size.bytes)
    };
    let mut made = Vec::new();
    for (index, slot) in slots {
        let mut all = slot.sizes.iter().map(bytes).collect::<Result<Vec<Val>>>()?.into_iter();
        let Some(first) = all.next() else { continue };
        let greatest = all.try_fold(first, |x, y| arith(b, "arith.maxui", x, y))?;
        let is_whole = slot.sizes.iter().all(|size| size.bytes % LINE == 0);
        made.push((index, if is_whole { greatest } else { whole(b, greatest)? }));
    }
    Ok(made)
}

/// Rounds up to a multiple of a line.
pub fn whole<'c>(b: &Builder<'c>, bytes: Val<'c>) -> Result<Val<'c>> {
    let lines = arith(b, "arith.ceildivui", bytes, b.index(LINE as i64)?)?;
    scaled(b, lines, LINE)
}

/// Allocates this many bytes.
fn allocate<'c>(b: &Builder<'c>, name: &str, known: Option<u64>, bytes: &[Val<'c>]) -> Result<Val<'c>> {
    let context = b.context();
    let extent = known.map_or(dp_dialects::types::DYNAMIC, |known| known as i64);
    let r#type: Type = MemRefType::new(ScalarType::I8.to_type(context), &[extent], None, None).into();
    let alignment = known.map_or(LINE, |known| known.next_power_of_two().min(LINE));
    let alignment = IntegerAttribute::new(IntegerType::new(context, 64).into(), alignment as i64).into();
    let by_hand = (MANUAL_DEALLOCATION, Attribute::unit(context));
    let mut attributes = vec![("alignment", alignment), segments(context, &[bytes.len(), 0])];
    attributes.extend((name == "memref.alloc").then_some(by_hand));
    b.named(name, bytes, &[r#type], &attributes, vec![]).map(result)
}
