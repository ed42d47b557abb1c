//! `cut-straight-line`: long straight-line code becomes calls of short functions.

mod part;
mod slots;

use crate::structured::{Made, address, is_named, segments};
use dp_dialects::ir::{
    Blk, Op, Val, ValueSet, block_ops, body_ops, context_of, defining_op, operands, region_block, result, results,
    set_operand, symbol_name, users, walk,
};
use dp_dialects::{Builder, Complaint, OpKind, ValueType};
use dp_passes::{Pass, PassOption, Reported};
use melior::ir::ValueLike;
use melior::ir::attribute::FlatSymbolRefAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{RegionLike, Type};
use slots::Slots;
use std::collections::{HashMap, HashSet};

/// `cut-straight-line`.
pub static CUT_STRAIGHT_LINE: Pass = Pass {
    flag: "cut-straight-line",
    summary: "cut long straight-line code into functions of bounded length",
    description: "Takes functions with loops and buffers, before `lower-scalar`. A run of more operations of `scalar` on \
        numbers than the bound, with nothing but constants between them, becomes calls of private functions of at most \
        that many operations each, which are never inlined; reads and writes of buffers at constant places count as \
        operations of a run. Register allocation and scheduling take more than linear \
        time in the length of a block. A number that one part makes and another one reads goes through a workspace; a \
        slot of it is used again once its number has been read for the last time.",
    options: &[PassOption { name: "bound", summary: "the most operations of a part", default: "1000" }],
    body: run,
};

/// How many bytes of workspaces a function may have on its stack.
const ON_STACK: usize = 16 * 1024;

fn run<'c>(module: Op<'c>, options: &[&str]) -> Result<(), Reported> {
    let complain = |at: Op, complaint: Complaint| complaint.report(at.location());
    let text = options.first().copied().unwrap_or_default();
    let bound = text.parse().ok().filter(|bound| *bound > 0).ok_or_else(|| {
        let what = format!("'{text}' is not a number of operations");
        complain(module, Complaint::new(what).hint("take a positive integer"))
    })?;
    let ops = body_ops(module);
    let mut cutter =
        Cutter { module, bound, symbols: ops.iter().filter_map(|op| symbol_name(*op)).map(String::from).collect() };
    for function in ops.into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        cutter.function(function).map_err(|complaint| complain(function, complaint))?;
    }
    Ok(())
}

fn is_constant(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScalarConstant | OpKind::ArithConstant))
}

/// Whether an operation computes a number from numbers.
fn is_on_numbers(op: Op) -> bool {
    let is_number = |value: Val| ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_tensor());
    OpKind::of(op).is_some_and(|kind| kind.dialect() == "scalar")
        && operands(op).into_iter().all(is_number)
        && is_number(result(op))
}

/// Whether an operation reads or writes a number of a buffer at a constant place.
fn is_access(op: Op) -> bool {
    let skipped = if is_named(op, "memref.load") {
        1
    } else if is_named(op, "memref.store") {
        2
    } else {
        return false;
    };
    operands(op)[skipped..].iter().all(|index| defining_op(*index).is_some_and(is_constant))
}

/// Whether a value is a buffer.
fn is_buffer(value: Val) -> bool {
    // SAFETY: the type is that of a live value.
    unsafe { mlir_sys::mlirTypeIsAMemRef(melior::ir::TypeLike::to_raw(&value.r#type())) }
}

/// The runs of a block: what computes with numbers, reads and writes them, constants aside.
fn runs<'c>(block: Blk<'c>) -> Vec<Vec<Op<'c>>> {
    let mut runs = vec![Vec::new()];
    for op in block_ops(block) {
        if is_constant(op) {
            continue;
        }
        if is_on_numbers(op) || is_access(op) {
            runs.last_mut().into_iter().for_each(|run| run.push(op));
        } else if runs.last().is_some_and(|run| !run.is_empty()) {
            runs.push(Vec::new());
        }
    }
    runs
}

/// The buffers that operations read and write.
fn buffers<'c>(ops: &[Op<'c>]) -> Vec<Val<'c>> {
    let mut seen = ValueSet::default();
    ops.iter().flat_map(|op| operands(*op)).filter(|value| is_buffer(*value) && seen.insert(*value)).collect()
}

/// A run and the parts it is cut into, numbered from 1: 0 is what comes before
/// the run, and one more than there are parts what comes after it.
struct Run<'c> {
    parts: Vec<Vec<Op<'c>>>,
    part_of: HashMap<usize, usize>,
}

impl<'c> Run<'c> {
    fn new(ops: &[Op<'c>], bound: usize) -> Self {
        let count = ops.len().div_ceil(bound);
        let parts: Vec<Vec<Op>> = ops.chunks(ops.len().div_ceil(count)).map(<[Op]>::to_vec).collect();
        let numbered = parts.iter().enumerate().flat_map(|(index, part)| part.iter().map(move |op| (index + 1, *op)));
        Run { part_of: numbered.map(|(number, op)| (address(op), number)).collect(), parts }
    }

    /// The number of what comes after the run.
    fn after(&self) -> usize {
        self.parts.len() + 1
    }

    /// Where an operation that uses a result of the run stands.
    fn reader(&self, op: Op) -> usize {
        self.part_of.get(&address(op)).copied().unwrap_or(self.after())
    }

    /// Where a number comes from.
    fn origin(&self, value: Val<'c>) -> usize {
        defining_op(value).and_then(|op| self.part_of.get(&address(op)).copied()).unwrap_or(0)
    }

    /// A slot for each number that is read in another part than the one that
    /// makes it.
    fn slots(&self) -> Made<Slots<'c>> {
        let mut slots = Slots::default();
        for (index, part) in self.parts.iter().enumerate() {
            for op in part {
                for operand in operands(*op) {
                    let is_given = is_buffer(operand) || defining_op(operand).is_some_and(is_constant);
                    if self.origin(operand) == 0 && !is_given {
                        slots.crosses(operand, 0, index + 1)?;
                    }
                }
                let Some(value) = results(*op).pop() else { continue };
                let last = users(value).into_iter().map(|user| self.reader(user)).max().unwrap_or(0);
                if last > index + 1 {
                    slots.crosses(value, index + 1, last)?;
                }
            }
        }
        slots.assign(self.after());
        Ok(slots)
    }
}

/// Cuts the functions of a module.
struct Cutter<'c> {
    module: Op<'c>,
    bound: usize,
    symbols: HashSet<String>,
}

impl<'c> Cutter<'c> {
    fn function(&mut self, function: Op<'c>) -> Made<()> {
        let mut blocks: Vec<Blk<'c>> = Vec::new();
        walk(function, &mut |op| {
            for region in op.regions() {
                let mut next: Option<Blk<'c>> = region.first_block();
                while let Some(block) = next {
                    blocks.push(block);
                    next = block.next_in_region();
                }
            }
        });
        let (bound, mut on_stack) = (self.bound, 0);
        for ops in blocks.into_iter().flat_map(runs).filter(|ops| ops.len() > bound) {
            self.cut(function, &Run::new(&ops, bound), &mut on_stack)?;
        }
        Ok(())
    }

    fn cut(&mut self, function: Op<'c>, run: &Run<'c>, on_stack: &mut usize) -> Made<()> {
        let context = context_of(function);
        let slots = run.slots()?;
        let last = run.parts.last().and_then(|part| part.last()).and_then(|op| op.next_in_block());
        let entry = region_block(function, 0).and_then(|block| block.first_operation());
        let (Some(anchor), Some(entry)) = (last, entry) else {
            return Err(Complaint::new("internal error: a block that does not end"));
        };
        let b = Builder::before(anchor).located(function.location());
        let is_small = *on_stack + slots.bytes() <= ON_STACK;
        let (place, name) = if is_small {
            *on_stack += slots.bytes();
            (Builder::before(entry).located(function.location()), "memref.alloca")
        } else {
            (b, "memref.alloc")
        };
        let types: Vec<Type> = slots
            .pools()
            .map(|(dtype, count)| MemRefType::new(dtype.to_type(context), &[count as i64], None, None).into())
            .collect();
        let allocate =
            |r#type: &Type<'c>| place.named(name, &[], &[*r#type], &[segments(context, &[0, 0])], vec![]).map(result);
        let workspaces = types.iter().map(allocate).collect::<Made<Vec<Val>>>()?;
        for value in slots.made_by(0) {
            slots.store(&b, *value, &workspaces)?;
        }
        let given: Vec<(Val<'c>, Vec<Op<'c>>)> = (1..run.after())
            .flat_map(|part| slots.made_by(part))
            .filter(|value| slots.last_reader(**value) == run.after())
            .map(|value| (*value, users(*value).into_iter().filter(|user| run.reader(*user) == run.after()).collect()))
            .collect();
        for part in &run.parts {
            let name = self.name(function);
            let buffers = buffers(part);
            part::outline(self.module, function, &name, part, &slots, &types, &buffers)?;
            let callee = FlatSymbolRefAttribute::new(context, &name).into();
            let arguments = [&workspaces[..], &buffers[..]].concat();
            b.named("func.call", &arguments, &[], &[("callee", callee)], vec![])?;
        }
        for (value, readers) in given {
            let loaded = slots.load(&b, value, &workspaces)?;
            for reader in readers {
                let at = operands(reader).into_iter().enumerate().filter(|(_, operand)| *operand == value);
                at.for_each(|(index, _)| set_operand(reader, index, loaded));
            }
        }
        if !is_small {
            workspaces
                .iter()
                .try_for_each(|buffer| b.named("memref.dealloc", &[*buffer], &[], &[], vec![]).map(|_| ()))?;
        }
        Ok(())
    }

    /// A name for the next part of a function.
    fn name(&mut self, function: Op) -> String {
        let stem = symbol_name(function).unwrap_or_default();
        let mut number = self.symbols.len();
        loop {
            let name = format!("{stem}__part{number}");
            if self.symbols.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }
}
