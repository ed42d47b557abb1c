//! `hoist-checks`: moves assertions about extents to the beginning of blocks.

use dp_dialects::ir::{
    Blk, Op, Val, ValueSet, block_ops, body_ops, defining_op, move_before, operands, region_block, results, value_block,
};
use dp_loopnest::checks::{is_assertion, is_light};
use dp_loopnest::structured::address;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;
use std::collections::{HashMap, HashSet};

/// `hoist-checks`.
pub static HOIST_CHECKS: Pass = Pass {
    flag: "hoist-checks",
    summary: "hoist checks of extents to the beginning of blocks",
    description: "Takes functions on tensors with one block in each region. Moves each assertion that depends only on scalar \
        arithmetic over values from before its block, or over the block's arguments, before all other operations of \
        the block, so that a mismatch is detected before memory is allocated or written: bufferization may compute the \
        elements of an update directly at their place. Other assertions move right after \
        the operations whose extents they are about.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    body_ops(module).into_iter().filter_map(|function| region_block(function, 0)).for_each(hoist);
    Ok(())
}

/// Hoists the assertions of a block, and of the regions of its control flow.
fn hoist(block: Blk) {
    let ops = block_ops(block);
    // Values that scalar arithmetic gives; those from outside are there.
    let mut light = ValueSet::default();
    let mut wanted: Vec<Op> = Vec::new();
    for op in &ops {
        let is_ready =
            |value: &Val| defining_op(*value).is_none() || value_block(*value) != Some(block) || light.contains(*value);
        let known = operands(*op).iter().all(is_ready);
        if known && is_assertion(*op) {
            wanted.push(*op);
        } else if known && is_light(*op) {
            light.extend(results(*op));
        }
        let is_control = op.name().as_string_ref().as_str().is_ok_and(|name| name.starts_with("scf."));
        if is_control {
            (0..op.region_count()).filter_map(|region| region_block(*op, region)).for_each(hoist);
        }
    }
    // Exactly what the assertions need, of this block.
    let mut needed: HashSet<usize> = HashSet::new();
    while let Some(op) = wanted.pop() {
        if needed.insert(address(op)) {
            let inner = operands(op).into_iter().filter(|value| value_block(*value) == Some(block));
            wanted.extend(inner.filter_map(defining_op));
        }
    }
    let is_needed = |op: &Op| needed.contains(&address(*op));
    let Some(first) = ops.iter().copied().find(|op| !is_needed(op)) else { return };
    // In their order, which keeps definitions before uses.
    ops.iter().skip_while(|op| is_needed(op)).filter(|op| is_needed(op)).for_each(|op| move_before(*op, first));
    move_up(block);
}

/// Moves each other assertion right after what its extents are those of. A later operation may compute an update directly in
/// a tensor that an earlier operation of the block has made. Assertions stay in their order.
fn move_up(block: Blk) {
    let ops = block_ops(block);
    let places: HashMap<usize, usize> = ops.iter().enumerate().map(|(place, op)| (address(*op), place)).collect();
    let mut is_moved = vec![false; ops.len()];
    // For each operation, the last assertion that needs it. What an assertion needs goes before the operation at `place`.
    let (mut needed_by, mut place) = (vec![usize::MAX; ops.len()], 0);
    for assertion in (0..ops.len()).filter(|index| is_assertion(ops[*index])) {
        let (mut needed, mut pending) = (vec![assertion], vec![assertion]);
        needed_by[assertion] = assertion;
        while let Some(index) = pending.pop() {
            let makers = operands(ops[index]).into_iter().filter_map(defining_op);
            for maker in makers.filter_map(|maker| places.get(&address(maker)).copied()) {
                if is_moved[maker] || maker < place || needed_by[maker] == assertion {
                    continue;
                }
                if is_light(ops[maker]) {
                    needed_by[maker] = assertion;
                    needed.push(maker);
                    pending.push(maker);
                } else {
                    place = maker + 1;
                }
            }
        }
        while place <= assertion && (is_moved[place] || needed_by[place] == assertion) {
            place += 1;
        }
        needed.sort_unstable();
        for index in needed.into_iter().filter(|index| *index > place) {
            move_before(ops[index], ops[place]);
            is_moved[index] = true;
        }
    }
}
