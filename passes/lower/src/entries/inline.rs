//! `inline-calls`: calls of functions of this module are replaced by their bodies.

use dp_dialects::ir::{
    Op, block_args, block_ops, erase, functions, is_declaration, operands, region_block, replace_all_uses, results,
    symbol_attribute, symbol_name, walk,
};
use dp_dialects::{Builder, Complaint, OpKind, ValueType};
use dp_passes::{Pass, Reported};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{RegionLike, ValueLike};
use std::collections::{HashMap, HashSet};

/// `inline-calls`.
pub static INLINE_CALLS: Pass = Pass {
    flag: "inline-calls",
    summary: "inline every call but recursive ones",
    description: "Takes any module. Leaves calls of functions without a body, and of functions that call themselves, \
        directly or through others; these may have numbers as arguments and results only. Private functions that \
        nothing calls any more are removed.",
    options: &[],
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

fn run<'c>(module: Op<'c>, _: &[&str]) -> Result<(), Reported> {
    let functions = functions(module);
    let graph: HashMap<&str, Vec<&str>> = functions
        .iter()
        .map(|(name, function)| (*name, callees(*function).into_iter().map(|(_, callee)| callee).collect()))
        .collect();
    let mut outcome = Ok(());
    let mut done = HashSet::new();
    for function in dp_dialects::ir::body_ops(module) {
        if let Some(name) = symbol_name(function).filter(|name| functions.contains_key(name)) {
            inline_all(name, &functions, &graph, &mut done, &mut outcome);
        }
    }
    outcome?;
    dp_passes::pipeline::run(module, "symbol-dce")
}

/// Whether a function can come to call itself.
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

/// Inlines what a function calls, callees first, so that each body is final
/// when it is copied.
fn inline_all<'c>(
    name: &'c str,
    functions: &HashMap<&'c str, Op<'c>>,
    graph: &HashMap<&str, Vec<&str>>,
    done: &mut HashSet<&'c str>,
    outcome: &mut Result<(), Reported>,
) {
    if !done.insert(name) {
        return;
    }
    for (call, callee) in callees(functions[name]) {
        let Some(function) = functions.get(callee).copied().filter(|function| !is_declaration(*function)) else {
            continue;
        };
        inline_all(callee, functions, graph, done, outcome);
        if is_recursive(callee, graph) {
            let is_number =
                |value: &dp_dialects::ir::Val| ValueType::of(value.r#type()).is_some_and(|t| !t.is_tensor());
            if !operands(call).iter().chain(&results(call)).all(is_number) {
                let what =
                    format!("@{callee} is recursive and takes or gives tensors, which this target does not support");
                let complaint = Complaint::new(what).hint("write the recursion as a loop, 'scf.while' or 'scf.for'");
                *outcome = Err(complaint.report(call.location()));
            }
            continue;
        }
        match function.region(0).ok().and_then(|region| region.first_block()) {
            Some(block) if block.next_in_region().is_none() => splice(call, function),
            _ => {
                let what = format!("@{callee} has unstructured control flow, which cannot be inlined");
                let complaint = Complaint::new(what).hint("run 'lift-cf-to-scf' first");
                *outcome = Err(complaint.report(call.location()));
            }
        }
    }
}

/// Moves the body of a copy of the function before the call.
fn splice<'c>(call: Op<'c>, function: Op<'c>) {
    let copy = Builder::before(call).clone_op(function, &[]);
    let Some(block) = region_block(copy, 0) else { return };
    for (argument, value) in block_args(block).into_iter().zip(operands(call)) {
        replace_all_uses(argument, value);
    }
    for op in block_ops(block) {
        if OpKind::of(op) == Some(OpKind::FuncReturn) {
            let yielded = operands(op);
            results(call).into_iter().zip(yielded).for_each(|(old, new)| replace_all_uses(old, new));
            continue;
        }
        // SAFETY: the operation is live and in the copy's block, the call in another.
        unsafe {
            mlir_sys::mlirOperationMoveBefore(op.to_raw(), call.to_raw());
        }
    }
    erase(copy);
    erase(call);
}
