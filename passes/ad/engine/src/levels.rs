//! Levels of loops: what is in one loop and not in another one in it.

use dp_dialects::OpKind;
use dp_dialects::ir::{Op, block_ops, region_block, symbol_attribute};
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// The number of loops in an operation and in the functions that it calls, those in other loops not counted.
pub fn loops_in<'c>(functions: &HashMap<&'c str, Op<'c>>, op: Op<'c>) -> u64 {
    let inner = |op: Op<'c>| match OpKind::of(op) {
        Some(OpKind::ScfFor | OpKind::ScfWhile) => 1,
        Some(OpKind::FuncCall) => {
            let callee = symbol_attribute(op, "callee").and_then(|name| functions.get(name));
            callee.map_or(0, |function| loops_in(functions, *function))
        }
        Some(_) | None => loops_in(functions, op),
    };
    let blocks = (0..op.region_count()).filter_map(|index| region_block(op, index));
    blocks.flat_map(block_ops).map(inner).fold(0, u64::saturating_add)
}
