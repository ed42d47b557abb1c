//! `inline-calls`: inlines calls of functions that the module defines, bottom-up over the call graph.

use crate::{ErrorGuaranteed, NoOptions, Pass};
use dp_dialects::ir::{
    Op, block_args, block_ops, body_ops, erase, functions, is_declaration, operands, region_block, replace_all_uses,
    results, string_attribute, symbol_attribute, symbol_name, walk,
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
pub static INLINE_CALLS: Pass = Pass {
    flag: "inline-calls",
    summary: "inline all calls that are not recursive",
    description: "Takes any module. Keeps calls of functions without a body and of recursive functions, direct or mutual; \
        recursive functions may have only scalar arguments and results. Unused private functions are removed.",
    body: run,
};

fn callees<'c>(function: Op<'c>) -> Vec<(Op<'c>, &'c str)> {
    let mut found = Vec::new();
    walk(function, &mut |op| {
        if OpKind::of(op) == Some(OpKind::FuncCall) {
            found.extend(symbol_attribute(op, "callee").map(|callee| (op, callee)));
        }
    });
    found
}

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let functions = functions(module);
    let graph: HashMap<&str, Vec<&str>> = functions
        .iter()
        .map(|(name, function)| (*name, callees(*function).into_iter().map(|(_, callee)| callee).collect()))
        .collect();
    let order: Vec<&str> = body_ops(module).into_iter().filter_map(symbol_name).collect();
    let mut inliner = Inliner {
        order: callees_first(order.iter().copied().filter(|name| functions.contains_key(name)), &graph),
        uses: uses(module),
        functions,
        graph,
        emptied: Vec::new(),
        spent: 0,
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

/// The functions in post-order of the call graph: callees before callers, except within cycles.
fn callees_first<'c>(names: impl Iterator<Item = &'c str>, graph: &HashMap<&'c str, Vec<&'c str>>) -> Vec<&'c str> {
    let (mut order, mut seen) = (Vec::new(), HashSet::new());
    for name in names {
        // A function, and the number of its callees visited. Not a recursive function: call chains may be deeper than
        // the stack.
        let mut path = vec![(name, 0)];
        if !seen.insert(name) {
            continue;
        }
        while let Some((name, next)) = path.last_mut() {
            let callee = graph.get(name).and_then(|callees| callees.get(*next)).copied();
            *next += 1;
            match callee {
                Some(callee) if graph.contains_key(callee) && seen.insert(callee) => path.push((callee, 0)),
                Some(_) => {}
                None => {
                    order.push(*name);
                    path.pop();
                }
            }
        }
    }
    order
}

/// Inlines the calls of a module.
struct Inliner<'c> {
    functions: HashMap<&'c str, Op<'c>>,
    graph: HashMap<&'c str, Vec<&'c str>>,
    /// The functions, callees first, so that each body is final when it is copied.
    order: Vec<&'c str>,
    uses: HashMap<String, usize>,
    /// Functions whose bodies were moved to their only call.
    emptied: Vec<Op<'c>>,
    /// The number of operations cloned so far.
    spent: usize,
    outcome: Result<(), ErrorGuaranteed>,
}

/// Whether a function calls itself, directly or indirectly.
fn is_recursive(name: &str, graph: &HashMap<&str, Vec<&str>>) -> bool {
    let mut pending: Vec<&str> = graph.get(name).cloned().unwrap_or_default();
    let mut seen = HashSet::new();
    while let Some(next) = pending.pop() {
        if next == name {
            return true;
        }
        if seen.insert(next) {
            pending.extend(graph.get(next).into_iter().flatten());
        }
    }
    false
}

impl<'c> Inliner<'c> {
    fn run(&mut self) {
        let place: HashMap<&str, usize> = self.order.iter().enumerate().map(|(place, name)| (*name, place)).collect();
        // The call graph has a cycle only if some call has its callee at the same or a later position.
        let mut recursive: HashSet<&str> = HashSet::new();
        let is_behind = |name: &str, callee: &&str| place.get(callee).is_some_and(|at| *at >= place[name]);
        if self.order.iter().any(|name| self.graph[name].iter().any(|callee| is_behind(name, callee))) {
            recursive.extend(self.order.iter().filter(|name| is_recursive(name, &self.graph)));
        }
        let called: HashMap<&str, usize> = self.graph.values().flatten().fold(HashMap::new(), |mut called, callee| {
            *called.entry(*callee).or_default() += 1;
            called
        });
        // A private function with a single reference is moved to its call, not cloned, so that a chain of calls takes
        // linear time.
        let moves = |inliner: &Self, name: &str| {
            let is_private = string_attribute(inliner.functions[name], "sym_visibility") == Some("private");
            is_private
                && inliner.uses.get(name) == Some(&1)
                && called.get(name) == Some(&1)
                && !recursive.contains(name)
        };
        let moved: HashSet<&str> = self.order.iter().copied().filter(|name| moves(self, name)).collect();
        for name in self.order.clone().into_iter().filter(|name| !moved.contains(name)) {
            let mut pending: Vec<_> = callees(self.functions[name]).into_iter().rev().collect();
            while let Some((call, callee)) = pending.pop() {
                let function = self.functions.get(callee).copied().filter(|function| !is_declaration(*function));
                let Some(function) = function else { continue };
                let is_moved = moved.contains(callee);
                if is_moved {
                    pending.extend(callees(function).into_iter().rev());
                }
                self.inline(call, function, is_moved, recursive.contains(callee));
                if self.spent > BUDGET {
                    return;
                }
            }
        }
    }

    fn inline(&mut self, call: Op<'c>, function: Op<'c>, is_moved: bool, is_recursive: bool) {
        let callee = symbol_name(function).unwrap_or_default();
        if is_recursive {
            let is_scalar =
                |value: &dp_dialects::ir::Val| ValueType::of(value.r#type()).is_some_and(|t| !t.is_tensor());
            if !operands(call).iter().chain(&results(call)).all(is_scalar) {
                let message = format!(
                    "@{callee} is recursive and has tensor arguments or results, which this target does not support"
                );
                let diagnostic =
                    Diagnostic::unsupported(message).help("write the recursion as a loop, 'scf.while' or 'scf.for'");
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
