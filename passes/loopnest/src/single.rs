//! `inline-single-rounds`: a loop of exactly one round is its body.
//!
//! An access to one element is a nest of such loops once it is lowered. They divide the body of the loop around them into
//! blocks, and LLVM moves what is used after them past them: then its vectorizer does not find the recurrences of the loop.

use dp_dialects::OpKind;
use dp_dialects::ir::{
    Op, block_args, block_ops, constant_integer, erase, move_before, operands, region_block, replace_all_uses, results,
    walk,
};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};

/// `inline-single-rounds`.
pub static INLINE_SINGLE_ROUNDS: Pass = Pass {
    flag: "inline-single-rounds",
    summary: "replace loops of one round by their bodies",
    description: "Takes functions with structured loops. An `scf.for` whose bounds are constants, and which has exactly one \
        round, is replaced by its body.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_single(op).then_some(op)));
    // Inner loops first.
    found.into_iter().rev().for_each(inline);
    Ok(())
}

fn is_single(op: Op) -> bool {
    if OpKind::of(op) != Some(OpKind::ScfFor) || dp_dialects::ir::is_set(op, "unsignedCmp") {
        return false;
    }
    let all = operands(op);
    match [all[0], all[1], all[2]].map(constant_integer) {
        [Some(from), Some(to), Some(step)] => from < to && from.checked_add(step).is_none_or(|next| next >= to),
        _ => false,
    }
}

fn inline(op: Op) {
    let Some(block) = region_block(op, 0) else { return };
    let all = operands(op);
    let given = std::iter::once(all[0]).chain(all[3..].iter().copied());
    block_args(block).into_iter().zip(given).for_each(|(argument, value)| replace_all_uses(argument, value));
    let ops = block_ops(block);
    let Some((end, body)) = ops.split_last() else { return };
    body.iter().for_each(|inner| move_before(*inner, op));
    results(op).into_iter().zip(operands(*end)).for_each(|(result, value)| replace_all_uses(result, value));
    erase(op);
}
