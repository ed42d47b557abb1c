//! `hoist-checks`: moves assertions about extents to the entry of a function.

use dp_dialects::ir::{Op, ValueMap, block_ops, defining_op, operands, region_block, results};
use dp_loopnest::checks::{is_assertion, is_light};
use dp_loopnest::structured::address;
use dp_passes::symbols::public_functions;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;
use std::collections::HashSet;

/// `hoist-checks`.
pub static HOIST_CHECKS: Pass = Pass {
    flag: "hoist-checks",
    summary: "hoist checks of extents to the entry",
    description: "Takes public functions with one block. Moves each assertion that depends only on arguments, through scalar \
        arithmetic, before all other operations, so that a mismatch is detected before memory is allocated or \
        written. Other assertions stay.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    public_functions(module).into_iter().for_each(hoist);
    Ok(())
}

fn hoist(function: Op) {
    let Some(block) = region_block(function, 0) else { return };
    let ops = block_ops(block);
    // Values that depend only on arguments.
    let mut ready: ValueMap<()> = ValueMap::new();
    dp_dialects::ir::block_args(block).into_iter().for_each(|argument| {
        ready.insert(argument, ());
    });
    let mut wanted: Vec<Op> = Vec::new();
    for op in &ops {
        let known = operands(*op).into_iter().all(|operand| ready.contains(operand));
        if known && is_assertion(*op) {
            wanted.push(*op);
        } else if known && is_light(*op) {
            results(*op).into_iter().for_each(|value| {
                ready.insert(value, ());
            });
        }
    }
    // Exactly what the assertions need.
    let mut needed: HashSet<usize> = HashSet::new();
    while let Some(op) = wanted.pop() {
        if needed.insert(address(op)) {
            wanted.extend(operands(op).into_iter().filter_map(defining_op));
        }
    }
    let is_needed = |op: &Op| needed.contains(&address(*op));
    let Some(first) = ops.iter().copied().find(|op| !is_needed(op)) else { return };
    let late = ops.iter().skip_while(|op| is_needed(op)).filter(|op| is_needed(op));
    for op in late {
        // SAFETY: both operations are live and in one block; moved operations keep their order.
        unsafe { mlir_sys::mlirOperationMoveBefore(op.to_raw(), first.to_raw()) };
    }
}
