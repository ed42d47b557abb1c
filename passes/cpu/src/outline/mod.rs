//! `outline-straight-line`: moves long straight-line code into short functions.
//!
//! Everything that replaces a run is created first, detached (`replacement.rs`): its slots, its calls, and the outlined
//! functions with their loads, stores and views (`part.rs`). A failure up to this point leaves the function unchanged.
//! Only then are operations moved and erased, which cannot fail.

mod kinds;
mod part;
mod replacement;
mod run;
mod slots;

use dp_dialects::ir::{
    Blk, Op, block_ops, body_ops, is_set, region_block, string_attribute, symbol_attribute, symbol_name, walk,
};
use dp_dialects::{Diagnostic, OpKind, Result};
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use kinds::{is_movable, is_repeated};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Block, RegionLike};
use replacement::Replacement;
use run::Run;
use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;

/// `outline-straight-line`.
pub static OUTLINE_STRAIGHT_LINE: Pass<OutlineOptions> = Pass {
    flag: "outline-straight-line",
    summary: "outline long blocks into functions of bounded length",
    description: "Takes functions with loops and buffers, before `lower-scalar`. A run of scalar operations, accesses to \
        buffers, loops and branches that is longer than the bound, nested operations included, becomes calls of \
        private functions of at most that many operations, which are never inlined. Allocations and operations \
        that may fail end a run. Constants and views of buffers are recomputed where they are used. The reason is \
        that LLVM's optimizations, register allocation and scheduling take superlinear time in the length of a \
        function. A scalar that crosses functions is passed through a workspace, whose slots are reused after the \
        last read.",
    body: run,
};

pass_options! {
    /// Options of `outline-straight-line`.
    pub struct OutlineOptions {
        "bound" => bound: NonZeroUsize = BOUND, "the maximum number of operations per function";
    }
}

const BOUND: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The maximum stack size for workspaces in a function, in bytes.
const ON_STACK: usize = 16 * 1024;

fn run<'c>(module: Op<'c>, options: &OutlineOptions) -> Result<(), ErrorGuaranteed> {
    let report = |at: Op, diagnostic: Diagnostic| diagnostic.report(at.location());
    let ops = body_ops(module);
    let symbols = ops.iter().filter_map(|op| symbol_name(*op)).map(String::from).collect();
    let mut outliner = Outliner { module, bound: options.bound.get(), symbols, callees: callees(&ops) };
    for function in ops.into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        outliner.function(function).map_err(|diagnostic| report(function, diagnostic))?;
    }
    Ok(())
}

/// The private functions whose calls can move: neither they nor their callees allocate or fail. Functions that are
/// never inlined are trusted.
fn callees(ops: &[Op]) -> HashSet<String> {
    let is_private = |op: &Op| {
        OpKind::of(*op) == Some(OpKind::FuncFunc) && string_attribute(*op, "sym_visibility") == Some("private")
    };
    let private = ops.iter().copied().filter(is_private).filter_map(|op| Some((symbol_name(op)?.to_string(), op)));
    let functions: HashMap<String, Op> = private.collect();
    let mut known: HashSet<String> = functions.keys().cloned().collect();
    let mut callers: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut failing: Vec<&str> = Vec::new();
    for (name, function) in functions.iter().filter(|(_, function)| !is_set(**function, "no_inline")) {
        walk(*function, &mut |op| {
            if let Some(callee) = symbol_attribute(op, "callee") {
                callers.entry(callee).or_default().push(name);
            }
        });
        let moves = |op: Op| OpKind::of(op) == Some(OpKind::FuncReturn) || is_movable(op, &known);
        if !body_ops(*function).into_iter().all(moves) {
            failing.push(name);
        }
    }
    while let Some(name) = failing.pop() {
        if known.remove(name) {
            failing.extend(callers.get(name).into_iter().flatten());
        }
    }
    known
}

/// Outlines the functions of a module.
struct Outliner<'c> {
    module: Op<'c>,
    bound: usize,
    symbols: HashSet<String>,
    /// The functions whose calls can move.
    callees: HashSet<String>,
}

impl<'c> Outliner<'c> {
    fn function(&mut self, function: Op<'c>) -> Result<()> {
        let mut blocks: Vec<Blk<'c>> = Vec::new();
        walk(function, &mut |op| {
            for region in op.regions() {
                blocks.extend(std::iter::successors(region.first_block(), |block| block.next_in_region()));
            }
        });
        let mut on_stack = 0;
        // Innermost blocks first: a loop with an outlined body is short.
        for block in blocks.into_iter().rev() {
            for ops in self.runs(block) {
                if let Some(run) = Run::new(block, &ops, self.bound) {
                    self.outline(function, &run, &mut on_stack)?;
                }
            }
        }
        Ok(())
    }

    /// The runs of a block: sequences of movable operations, ignoring constants and views.
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

    fn outline(&mut self, function: Op<'c>, run: &Run<'c>, on_stack: &mut usize) -> Result<()> {
        let slots = run.slots()?;
        let is_small = *on_stack + slots.bytes() <= ON_STACK;
        let names: Vec<String> = run.parts.iter().map(|_| self.name(function)).collect();
        let replacement = Replacement::new(function, run, &slots, &names, is_small)?;
        let module = region_block(self.module, 0).ok_or_else(|| Diagnostic::internal("internal error: no module"))?;
        replacement.commit(module);
        *on_stack += if is_small { slots.bytes() } else { 0 };
        Ok(())
    }

    /// The name of the next part of a function.
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

/// A reference to a block that is valid while the block exists.
fn inside<'c>(block: &Block<'c>) -> Blk<'c> {
    // SAFETY: the block is live; callers keep it for as long as they use the reference.
    unsafe { melior::ir::BlockRef::from_raw(block.to_raw()) }
}

/// Moves an operation before another.
fn move_before<'c>(op: Op<'c>, place: Op<'c>) {
    // SAFETY: both operations are live, and in blocks.
    unsafe { mlir_sys::mlirOperationMoveBefore(op.to_raw(), place.to_raw()) }
}
