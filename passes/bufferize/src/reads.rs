//! `order-reads`: an iteration reads a tensor before it updates it.
//!
//! On tensors, a read of the old value may come after the update. In memory, the update then needs a copy of the whole
//! tensor. What a read depends on comes before the update too, if it does not depend on the update. An assertion stays
//! before the reads that follow it.

use dp_dialects::OpKind;
use dp_dialects::ir::{
    Op, Val, ancestors, block_ops, defining_op, is_pure, move_before, operands, results, users, walk,
};
use dp_loopnest::checks::is_assertion;
use dp_loopnest::structured::{address, is_named};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;
use std::collections::{HashMap, HashSet};

/// `order-reads`.
pub static ORDER_READS: Pass = Pass {
    flag: "order-reads",
    summary: "read tensors in loops before they are updated",
    description: "Takes functions on tensors, before bufferization. If a block in a loop updates a tensor and then reads the \
        value from before the update, the read moves before the update, with the operations and assertions that it \
        needs, unless they depend on the update. Bufferization would copy the whole tensor.",
    body: run,
};

/// Operations whose result is a part of their first operand.
const PARTS: [&str; 4] = ["tensor.extract_slice", "tensor.collapse_shape", "tensor.expand_shape", "tensor.cast"];

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let is_loop = |op: Op| matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile));
    let mut updates = Vec::new();
    walk(module, &mut |op| {
        updates.extend((!updated(op).is_empty() && ancestors(op).any(is_loop)).then_some(op));
    });
    for update in updates {
        for tensor in updated(update) {
            order(update, tensor);
        }
    }
    Ok(())
}

/// The tensors in whose memory an operation writes its results.
fn updated<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    if is_named(op, "tensor.insert") || is_named(op, "tensor.insert_slice") {
        return vec![operands(op)[1]];
    }
    if is_structured(op) {
        return operands(op).split_off(op.operand_count() - op.result_count());
    }
    Vec::new()
}

/// Moves the reads of a tensor that follow an update before it.
fn order<'c>(update: Op<'c>, tensor: Val<'c>) {
    let Some(block) = update.block() else { return };
    let reads: Vec<Op> = readers(tensor).into_iter().filter(|op| *op != update && is_read(*op)).collect();
    // Most updates are the last use: the block is not looked at for them.
    if reads.is_empty() {
        return;
    }
    let later: Vec<Op> = block_ops(block).into_iter().skip_while(|op| *op != update).skip(1).collect();
    let places: HashMap<usize, usize> = later.iter().enumerate().map(|(place, op)| (address(*op), place)).collect();
    let mut reads: Vec<usize> = reads.into_iter().filter_map(|op| places.get(&address(op)).copied()).collect();
    reads.sort_unstable();
    let mut moved = HashSet::new();
    for read in reads {
        let Some(needed) = needed(update, &later, &places, read) else { continue };
        for place in needed.into_iter().filter(|place| moved.insert(*place)) {
            move_before(later[place], update);
        }
    }
}

/// The operations that read a tensor or a part of it.
fn readers<'c>(tensor: Val<'c>) -> Vec<Op<'c>> {
    let (mut names, mut found) = (vec![tensor], Vec::new());
    while let Some(name) = names.pop() {
        for user in users(name) {
            match PARTS.iter().any(|part| is_named(user, part)) {
                true => names.extend(results(user)),
                false => found.push(user),
            }
        }
    }
    found
}

/// Whether an operation reads elements, and writes at most to memory of its own.
fn is_read(op: Op) -> bool {
    is_named(op, "tensor.extract") || is_structured(op) && updated(op).into_iter().all(is_new)
}

fn is_structured(op: Op) -> bool {
    is_named(op, "linalg.generic") || is_named(op, "linalg.fill")
}

/// Whether a tensor is in memory of its own.
fn is_new(value: Val) -> bool {
    defining_op(value).is_some_and(|op| match is_named(op, "linalg.fill") {
        true => updated(op).into_iter().all(is_new),
        false => is_named(op, "tensor.empty"),
    })
}

/// What moves before an update with a read, in order; `None` if the read cannot move. `later` follows the update.
fn needed<'c>(update: Op<'c>, later: &[Op<'c>], places: &HashMap<usize, usize>, read: usize) -> Option<Vec<usize>> {
    let mut is_needed = vec![false; read + 1];
    is_needed[read] = true;
    for place in (0..=read).rev() {
        let op = later[place];
        is_needed[place] |= is_assertion(op);
        if !is_needed[place] {
            // What has effects keeps its place.
            is_pure(op).then_some(())?;
            continue;
        }
        let is_computation = op.region_count() == 0 || is_structured(op);
        let is_movable = is_assertion(op) || is_pure(op) && is_computation && updated(op).into_iter().all(is_new);
        is_movable.then_some(())?;
        let mut makers = Vec::new();
        walk(op, &mut |op| makers.extend(operands(op).into_iter().filter_map(defining_op)));
        for maker in makers {
            if maker == update {
                return None;
            }
            if let Some(place) = places.get(&address(maker)) {
                *is_needed.get_mut(*place)? = true;
            }
        }
    }
    Some((0..=read).filter(|place| is_needed[*place]).collect())
}
