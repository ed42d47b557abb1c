//! Copies of operations over other operands.

use dp_dialects::Builder;
use dp_dialects::ir::{Op, Val, ValueMap, operands, results, walk};

/// Copies the operations of a block, its arguments replaced, and returns what its terminator yields.
pub fn copy_block<'c>(builder: Builder<'c>, ops: Vec<Op<'c>>, arguments: Vec<(Val<'c>, Val<'c>)>) -> Vec<Val<'c>> {
    let mut copies = ValueMap::new();
    for (argument, value) in arguments {
        copies.insert(argument, value);
    }
    let Some((terminator, body)) = ops.split_last() else { return Vec::new() };
    copy_ops(builder, body, &mut copies);
    operands(*terminator).into_iter().map(|x| copies.get(x).copied().unwrap_or(x)).collect()
}

/// Copies operations in order, with the operands that `copies` has for theirs, and adds their results to it.
pub fn copy_ops<'c>(builder: Builder<'c>, ops: &[Op<'c>], copies: &mut ValueMap<Val<'c>>) {
    for op in ops {
        let mut replaced = Vec::new();
        walk(*op, &mut |inner| {
            replaced.extend(operands(inner).into_iter().filter_map(|x| Some((x, *copies.get(x)?))));
        });
        let copy = builder.clone_op(*op, &replaced);
        for (result, copy) in results(*op).into_iter().zip(results(copy)) {
            copies.insert(result, copy);
        }
    }
}
