//! Aliases of a buffer.

use dp_dialects::OpKind;
use dp_dialects::ir::{
    Blk, Op, Val, ValueSet, block_ops, defining_op, operands, region_block, value_block, value_index,
};
use dp_extents::loops::Loop;
use dp_loopnest::structured::is_named;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// Operations whose result is a view of their first operand.
pub const VIEWS: [&str; 6] = [
    "memref.cast",
    "memref.subview",
    "memref.reinterpret_cast",
    "memref.expand_shape",
    "memref.collapse_shape",
    "memref.transpose",
];

/// The buffer behind a view.
pub fn buffer(value: Val) -> Val {
    match defining_op(value) {
        Some(op) if VIEWS.iter().any(|name| is_named(op, name)) => buffer(operands(op)[0]),
        _ => value,
    }
}

/// The buffers that a value may be, through views, branches and loops: allocations, arguments of blocks that belong to no
/// loop inside `body`, and results of other operations.
pub fn origins<'c>(value: Val<'c>, within: Op<'c>) -> Vec<Val<'c>> {
    let (mut names, mut seen, mut found) = (vec![value], ValueSet::default(), Vec::new());
    while let Some(name) = names.pop() {
        if !seen.insert(name) {
            continue;
        }
        match sources(name, within) {
            Some(from) => names.extend(from),
            None => found.push(name),
        }
    }
    found
}

/// What a value is one of; `None` if it is a buffer of its own, or one of the loop `within`.
fn sources<'c>(value: Val<'c>, within: Op<'c>) -> Option<Vec<Val<'c>>> {
    let yielded = |block: Blk<'c>| block_ops(block).pop().map(operands);
    let Some(op) = defining_op(value) else {
        let op = value_block(value)?.parent_operation().filter(|op| *op != within)?;
        let looped = Loop::of(op)?;
        let passed = looped.passed.iter().find(|(argument, _)| *argument == value).map(|(_, passed)| vec![*passed]);
        let carried = looped.carried.iter().find(|carried| carried.argument == value);
        return passed.or_else(|| carried.map(|carried| vec![carried.initial, carried.next]));
    };
    if VIEWS.iter().any(|name| is_named(op, name)) {
        return Some(vec![operands(op)[0]]);
    }
    if is_named(op, "arith.select") {
        return Some(operands(op).split_off(1));
    }
    match OpKind::of(op)? {
        OpKind::ScfIf | OpKind::ScfIndexSwitch => {
            let blocks = (0..op.region_count()).map(|region| region_block(op, region));
            blocks.map(|block| yielded(block?)?.get(value_index(value)).copied()).collect()
        }
        OpKind::ScfFor | OpKind::ScfWhile => Some(vec![*Loop::of(op)?.results.get(value_index(value))?]),
        _ => None,
    }
}
