//! `cut-straight-line`: long straight-line code becomes calls of short functions.

mod kinds;
mod part;
mod run;
mod slots;

use dp_dialects::ir::{
    Blk, Op, Val, block_ops, body_ops, context_of, erase, is_set, operands, region_block, result, set_operand,
    string_attribute, symbol_name, users, walk,
};
use dp_dialects::{Builder, Complaint, OpKind};
use dp_loopnest::structured::{Made, address, segments};
use dp_passes::{Pass, PassOption, Reported};
use kinds::{is_movable, is_repeated};
use melior::ir::attribute::FlatSymbolRefAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{RegionLike, Type};
use run::Run;
use std::collections::HashSet;

/// `cut-straight-line`.
pub static CUT_STRAIGHT_LINE: Pass = Pass {
    flag: "cut-straight-line",
    summary: "cut long blocks into functions of bounded length",
    description: "Takes functions with loops and buffers, before `lower-scalar`. A run of operations on numbers, accesses \
        to buffers, loops and branches, that are more than the bound with all they hold, becomes calls of private \
        functions of at most that many operations each, which are never inlined. What allocates or may fail ends a run; \
        constants and views of buffers are made again where they are used. LLVM's optimizations, register allocation and \
        scheduling take more than linear time in the length of a function. A number that one part makes and another one \
        reads goes through a workspace; a slot of it is used again once its number has been read for the last time.",
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
    let symbols = ops.iter().filter_map(|op| symbol_name(*op)).map(String::from).collect();
    let mut cutter = Cutter { module, bound, symbols, callees: callees(&ops) };
    for function in ops.into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        cutter.function(function).map_err(|complaint| complain(function, complaint))?;
    }
    Ok(())
}

/// The private functions whose calls may move: those that allocate nothing and cannot fail, themselves or through what
/// they call. What is never inlined answers for itself.
fn callees(ops: &[Op]) -> HashSet<String> {
    let is_private = |op: &Op| {
        OpKind::of(*op) == Some(OpKind::FuncFunc) && string_attribute(*op, "sym_visibility") == Some("private")
    };
    let private = ops.iter().copied().filter(is_private);
    let mut functions: Vec<(Op, &str)> = private.filter_map(|op| Some((op, symbol_name(op)?))).collect();
    loop {
        let known: HashSet<String> = functions.iter().map(|(_, name)| (*name).to_string()).collect();
        let moves = |op: Op| OpKind::of(op) == Some(OpKind::FuncReturn) || is_movable(op, &known);
        functions.retain(|(op, _)| is_set(*op, "no_inline") || body_ops(*op).into_iter().all(moves));
        if functions.len() == known.len() {
            return known;
        }
    }
}

/// Cuts the functions of a module.
struct Cutter<'c> {
    module: Op<'c>,
    bound: usize,
    symbols: HashSet<String>,
    /// Functions whose calls may move.
    callees: HashSet<String>,
}

impl<'c> Cutter<'c> {
    fn function(&mut self, function: Op<'c>) -> Made<()> {
        let mut blocks: Vec<Blk<'c>> = Vec::new();
        walk(function, &mut |op| {
            for region in op.regions() {
                blocks.extend(std::iter::successors(region.first_block(), |block| block.next_in_region()));
            }
        });
        let mut on_stack = 0;
        // The innermost blocks first: a loop whose body has been cut is short.
        for block in blocks.into_iter().rev() {
            for ops in self.runs(block) {
                if let Some(run) = Run::new(block, &ops, self.bound) {
                    self.cut(function, &run, &mut on_stack)?;
                }
            }
        }
        Ok(())
    }

    /// The runs of a block: what may move, constants and views aside.
    fn runs(&self, block: Blk<'c>) -> Vec<Vec<Op<'c>>> {
        let mut runs = vec![Vec::new()];
        for op in block_ops(block).into_iter().filter(|op| !is_repeated(*op) && op.next_in_block().is_some()) {
            if is_movable(op, &self.callees) {
                runs.last_mut().into_iter().for_each(|run| run.push(op));
            } else if runs.last().is_some_and(|run| !run.is_empty()) {
                runs.push(Vec::new());
            }
        }
        runs
    }

    fn cut(&mut self, function: Op<'c>, run: &Run<'c>, on_stack: &mut usize) -> Made<()> {
        let context = context_of(function);
        let slots = run.slots()?;
        let last = run.parts.last().and_then(|part| part.ops.last()).and_then(|op| op.next_in_block());
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
        let (late, dead) = run.views();
        let gone: HashSet<usize> = dead.iter().map(|view| address(*view)).collect();
        let is_reader = |op: &Op<'c>| run.reader(*op) == run.after() && !gone.contains(&address(*op));
        let given: Vec<(Val<'c>, Vec<Op<'c>>)> = (1..run.after())
            .flat_map(|part| slots.made_by(part))
            .filter(|value| slots.last_reader(**value) == run.after())
            .map(|value| (*value, users(*value).into_iter().filter(is_reader).collect()))
            .collect();
        for part in &run.parts {
            let name = self.name(function);
            part::outline(self.module, function, &name, part, &slots, &types)?;
            let callee = FlatSymbolRefAttribute::new(context, &name).into();
            let arguments = [&workspaces[..], &part.given()].concat();
            b.named("func.call", &arguments, &[], &[("callee", callee)], vec![])?;
        }
        for (value, readers) in given {
            let loaded = slots.load(&b, value, &workspaces)?;
            for reader in readers {
                let at = operands(reader).into_iter().enumerate().filter(|(_, operand)| *operand == value);
                at.for_each(|(index, _)| set_operand(reader, index, loaded));
            }
        }
        // SAFETY: both operations are live and in one block; what a view is of stands before it in either place.
        late.into_iter().for_each(|view| unsafe { mlir_sys::mlirOperationMoveBefore(view.to_raw(), anchor.to_raw()) });
        dead.into_iter().rev().for_each(erase);
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
                self.callees.insert(name.clone());
                return name;
            }
            number += 1;
        }
    }
}
