//! `inline-calls`: inlines calls of functions that the module defines, bottom-up over the call graph.

use crate::calls::{CallGraph, InlineLimit, calls};
use crate::{ErrorGuaranteed, Pass, pass_options};
use dp_dialects::ir::{
    Op, block_args, block_ops, erase, functions, is_declaration, operands, region_block, replace_all_uses, results,
    string_attribute, symbol_name, walk,
};
use dp_dialects::{Builder, Diagnostic, OpKind, ValueType};
use melior::ir::attribute::FlatSymbolRefAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{RegionLike, ValueLike};
use std::collections::{HashMap, HashSet};

/// The limit on the number of operations that are cloned in total.
const BUDGET: usize = 1_000_000;

/// `inline-calls`.
pub static INLINE_CALLS: Pass<InlineOptions> = Pass {
    flag: "inline-calls",
    summary: "inline calls",
    description: "Takes any module. Keeps calls of functions without a body, of recursive functions, direct or mutual, and of \
        functions of which inlining adds more operations than the limit: a function that is called once outside of long chains of public ones, that is \
        small, or that computes elements of tensors, is always inlined. If functions that are called can only have scalar arguments and results, only \
        calls of recursive functions stay, which must have such. Unused private functions are removed.",
    body: run,
};

pass_options! {
    /// Options of `inline-calls`.
    pub struct InlineOptions {
        "tensors" => tensors: bool = true, "whether functions that are called may have tensor arguments and results";
        "limit" => limit: InlineLimit = InlineLimit::default(), "the operations that inlining one function may add";
    }
}

fn run<'c>(module: Op<'c>, options: &InlineOptions) -> Result<(), ErrorGuaranteed> {
    let mut inliner = Inliner {
        graph: CallGraph::of(module),
        uses: uses(module),
        functions: functions(module),
        emptied: Vec::new(),
        spent: 0,
        has_tensors: options.tensors,
        limit: if options.tensors { options.limit } else { InlineLimit(None) },
        outcome: Ok(()),
    };
    inliner.run();
    inliner.emptied.into_iter().for_each(erase);
    inliner.outcome?;
    crate::upstream::run(module, "symbol-dce")
}

/// The number of references to each symbol.
fn uses<'c>(module: Op<'c>) -> HashMap<String, usize> {
    let mut uses = HashMap::new();
    walk(module, &mut |op| {
        for (_, attribute) in op.attributes() {
            if let Ok(symbol) = FlatSymbolRefAttribute::try_from(attribute) {
                *uses.entry(symbol.value().to_string()).or_default() += 1;
            }
        }
    });
    uses
}

/// Inlines the calls of a module.
struct Inliner<'c> {
    functions: HashMap<&'c str, Op<'c>>,
    graph: CallGraph<'c>,
    uses: HashMap<String, usize>,
    /// Functions whose bodies were moved to their only call.
    emptied: Vec<Op<'c>>,
    /// The number of operations cloned so far.
    spent: usize,
    /// Whether functions that are called may have tensor arguments and results.
    has_tensors: bool,
    /// The operations that inlining one function may add.
    limit: InlineLimit,
    outcome: Result<(), ErrorGuaranteed>,
}

impl<'c> Inliner<'c> {
    fn run(&mut self) {
        // Callees first, so that each body is final when it is copied.
        let (order, kept, called) = (self.graph.callees_first(), self.graph.kept(self.limit), self.graph.counts());
        // A private function with a single reference is moved to its call, not cloned, so that a chain of calls takes
        // linear time.
        let moves = |inliner: &Self, name: &str| {
            let is_private = string_attribute(inliner.functions[name], "sym_visibility") == Some("private");
            is_private && inliner.uses.get(name) == Some(&1) && called.get(name) == Some(&1) && !kept.contains(name)
        };
        let moved: HashSet<&str> = order.iter().copied().filter(|name| moves(self, name)).collect();
        for name in order.into_iter().filter(|name| !moved.contains(name)) {
            let mut pending: Vec<_> = calls(self.functions[name]).into_iter().rev().collect();
            while let Some((call, callee)) = pending.pop() {
                let function = self.functions.get(callee).copied().filter(|function| !is_declaration(*function));
                let Some(function) = function else { continue };
                let is_moved = moved.contains(callee);
                if is_moved {
                    pending.extend(calls(function).into_iter().rev());
                }
                self.inline(call, function, is_moved, kept.contains(callee));
                if self.spent > BUDGET {
                    return;
                }
            }
        }
    }

    fn inline(&mut self, call: Op<'c>, function: Op<'c>, is_moved: bool, is_kept: bool) {
        let callee = symbol_name(function).unwrap_or_default();
        if is_kept {
            let is_scalar =
                |value: &dp_dialects::ir::Val| ValueType::of(value.r#type()).is_some_and(|t| !t.is_tensor());
            if !self.has_tensors && !operands(call).iter().chain(&results(call)).all(is_scalar) {
                let message = format!(
                    "@{callee} is recursive and has tensor arguments or results, which this target does not support"
                );
                let diagnostic = Diagnostic::unsupported(message)
                    .help("write the recursion as a loop, 'scf.while' or 'scf.for', or use --target=cpu");
                self.outcome = Err(diagnostic.report(call.location()));
            }
            return;
        }
        match function.region(0).ok().and_then(|region| region.first_block()) {
            Some(block) if block.next_in_region().is_none() => {
                if is_moved {
                    splice(call, function);
                    self.emptied.push(function);
                } else {
                    walk(function, &mut |_| self.spent += 1);
                    if self.spent > BUDGET {
                        let message = format!("inlining produces more than {BUDGET} operations");
                        let diagnostic = Diagnostic::limit(message).help("use fewer calls, or call from a loop");
                        self.outcome = Err(diagnostic.report(call.location()));
                        return;
                    }
                    let copy = Builder::before(call).clone_op(function, &[]);
                    splice(call, copy);
                    erase(copy);
                }
                erase(call);
            }
            _ => {
                let message = format!("@{callee} has unstructured control flow, which cannot be inlined");
                let diagnostic = Diagnostic::unsupported(message).help("run 'lift-cf-to-scf' first");
                self.outcome = Err(diagnostic.report(call.location()));
            }
        }
    }
}

/// Moves the body of a function before a call of it. The function is invalid afterwards and must be erased.
fn splice<'c>(call: Op<'c>, copy: Op<'c>) {
    let Some(block) = region_block(copy, 0) else { return };
    for (argument, value) in block_args(block).into_iter().zip(operands(call)) {
        replace_all_uses(argument, value);
    }
    for op in block_ops(block) {
        if OpKind::of(op) == Some(OpKind::FuncReturn) {
            let yielded = operands(op);
            results(call).into_iter().zip(yielded).for_each(|(old, new)| replace_all_uses(old, new));
            erase(op);
            continue;
        }
        // SAFETY: the operation is live and in the copy's block, the call in another.
        unsafe {
            mlir_sys::mlirOperationMoveBefore(op.to_raw(), call.to_raw());
        }
    }
}
