//! Replacement of a run by calls. Everything is created first, in detached blocks, before the function changes.

use super::part::Outline;
use super::run::{Run, following};
use super::slots::Slots;
use super::{inside, move_before};
use dp_dialects::MlirType;
use dp_dialects::ir::{Blk, Op, Val, block_ops, context_of, erase, operands, region_block, result, set_operand, users};
use dp_dialects::{Builder, Diagnostic, Result};
use dp_loopnest::structured::{address, segments};
use melior::ir::attribute::FlatSymbolRefAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{Block, Type};
use std::collections::HashSet;

/// The replacement of a run. Dropping it leaves the function unchanged; fields are ordered so that users are dropped
/// before definitions.
pub(super) struct Replacement<'c> {
    outlines: Vec<Outline<'c>>,
    /// Operands of operations after the run that are loaded from workspaces.
    loaded: Vec<(Op<'c>, usize, Val<'c>)>,
    /// Views in the run that are used after it, and those that are not.
    late: Vec<Op<'c>>,
    dead: Vec<Op<'c>>,
    /// The functions of the parts.
    functions: Block<'c>,
    /// The calls, with stores before and loads after them.
    calls: Block<'c>,
    /// The workspace allocations.
    allocations: Block<'c>,
    /// The position of allocations: the function's entry if they are on the stack.
    allocated: Op<'c>,
    /// The position of the calls.
    anchor: Op<'c>,
}

impl<'c> Replacement<'c> {
    /// Creates the functions with these names, one per part, and their calls.
    pub(super) fn new(
        function: Op<'c>,
        run: &Run<'c>,
        slots: &Slots<'c>,
        names: &[String],
        on_stack: bool,
    ) -> Result<Self> {
        let context = context_of(function);
        let endless = || Diagnostic::internal("internal error: a block that does not end");
        let last = run.parts.last().and_then(|part| part.ops.last()).copied();
        let anchor = last.and_then(following).ok_or_else(endless)?;
        let entry = region_block(function, 0).and_then(|block| block.first_operation()).ok_or_else(endless)?;
        // Before operations created here use values of the run.
        let (late, dead) = run.views();
        let gone: HashSet<usize> = dead.iter().map(|view| address(*view)).collect();
        let is_reader = |op: &Op<'c>| run.reader(*op) == run.after() && !gone.contains(&address(*op));
        let crossing = (1..run.after()).flat_map(|part| slots.defined_in(part)).copied();
        let read_after: Vec<(Val, Vec<Op>)> = crossing
            .filter(|value| slots.last_reader(*value) == run.after())
            .map(|value| (value, users(value).into_iter().filter(is_reader).collect()))
            .collect();
        let (allocations, calls, functions) = (Block::new(&[]), Block::new(&[]), Block::new(&[]));
        let at_end = |block: &Block<'c>| Builder::at_end(context, inside(block), function.location());
        let (first, b) = (at_end(&allocations), at_end(&calls));
        let name = if on_stack { "memref.alloca" } else { "memref.alloc" };
        let mut types: Vec<Type> = Vec::new();
        let mut workspaces: Vec<Val> = Vec::new();
        for (dtype, count) in slots.pools() {
            let r#type = MemRefType::new(dtype.to_type(context), &[count as i64], None, None).into();
            workspaces.push(first.named(name, &[], &[r#type], &[segments(context, &[0, 0])], vec![]).map(result)?);
            types.push(r#type);
        }
        for value in slots.defined_in(0) {
            slots.store(&b, *value, &workspaces)?;
        }
        let mut outlines = Vec::new();
        for (part, name) in run.parts.iter().zip(names) {
            outlines.push(Outline::new(&functions, function, name, part, slots, &types)?);
            let callee = FlatSymbolRefAttribute::new(context, name).into();
            let arguments = [&workspaces[..], &part.arguments()].concat();
            b.named("func.call", &arguments, &[], &[("callee", callee)], vec![])?;
        }
        let mut loaded = Vec::new();
        for (value, readers) in read_after {
            let here = slots.load(&b, value, &workspaces)?;
            for reader in readers {
                let at = operands(reader).into_iter().enumerate().filter(|(_, operand)| *operand == value);
                loaded.extend(at.map(|(index, _)| (reader, index, here)));
            }
        }
        if !on_stack {
            for buffer in &workspaces {
                b.named("memref.dealloc", &[*buffer], &[], &[], vec![])?;
            }
        }
        let allocated = if on_stack { entry } else { anchor };
        Ok(Replacement { outlines, loaded, late, dead, functions, calls, allocations, allocated, anchor })
    }

    /// Inserts everything. This cannot fail.
    pub(super) fn commit(self, module: Blk<'c>) {
        // First, since the run may include the entry of the function.
        block_ops(inside(&self.allocations)).into_iter().for_each(|op| move_before(op, self.allocated));
        block_ops(inside(&self.calls)).into_iter().for_each(|op| move_before(op, self.anchor));
        self.outlines.into_iter().for_each(|outline| outline.fill(module));
        drop(self.functions);
        self.loaded.into_iter().for_each(|(reader, index, value)| set_operand(reader, index, value));
        // The operand of a view comes before it in both places.
        self.late.into_iter().for_each(|view| move_before(view, self.anchor));
        self.dead.into_iter().rev().for_each(erase);
    }
}
