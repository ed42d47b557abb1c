//! `order-results`: orders the copies to results, which are a parallel assignment.

use crate::copies::{copy, saved};
use crate::views::buffer;
use dp_dialects::ir::{
    Blk, Op, Val, block_ops, body_ops, defining_op, erase, is_pure, operands, region_block, value_block,
};
use dp_dialects::{Builder, OpKind, Result};
use dp_loopnest::structured::is_named;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;

/// `order-results`.
pub static ORDER_RESULTS: Pass = Pass {
    flag: "order-results",
    summary: "order the copies to results",
    description: "Takes the output of `lower-entries`, right after bufferization. The copies to results at the end of a \
        function are a parallel assignment. Upstream may place a tensor that two results use in the memory of one \
        of them, and does not see that the first copy overwrites what the second reads. Orders the copies so that \
        none does; cycles are broken by saving one operand first.",
    body: run,
};

/// A store of a result.
#[derive(Clone, Copy)]
struct Store<'c> {
    from: Val<'c>,
    to: Val<'c>,
    op: Op<'c>,
}

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    for function in body_ops(module).into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        let Some(block) = region_block(function, 0) else { continue };
        order(stores(function, block), block).map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    Ok(())
}

/// The copies at the end of a function that fill its result arguments. They have the location of the function, unlike
/// copies for its operations. Loops between them, such as a fill of another result, stay: the copies before them touch
/// other buffers, and can be made after them.
fn stores<'c>(function: Op<'c>, block: Blk<'c>) -> Vec<Store<'c>> {
    let mut found: Vec<Store<'c>> = Vec::new();
    let mut touched: Vec<Val<'c>> = Vec::new();
    for op in block_ops(block).into_iter().rev().skip(1) {
        let store = match operands(op)[..] {
            [from, to] if is_named(op, "memref.copy") && op.location() == function.location() => Store { from, to, op },
            _ if is_pure(op) => continue,
            _ if ["linalg.fill", "linalg.generic"].iter().any(|name| is_named(op, name)) => {
                touched.extend(operands(op).into_iter().map(buffer));
                continue;
            }
            _ => break,
        };
        let is_argument = defining_op(store.to).is_none() && value_block(store.to) == Some(block);
        let is_free = [store.from, store.to].into_iter().all(|value| !touched.contains(&buffer(value)));
        if !is_argument || !is_free || found.iter().any(|other| other.to == store.to) {
            break;
        }
        found.push(store);
    }
    found.reverse();
    found
}

fn order<'c>(mut pending: Vec<Store<'c>>, block: Blk<'c>) -> Result<()> {
    let overwritten =
        |(index, store): (usize, &Store<'c>)| pending[index + 1..].iter().any(|later| buffer(later.from) == store.to);
    if !pending.iter().enumerate().any(overwritten) {
        return Ok(());
    }
    let Some(last) = block_ops(block).last().copied() else { return Ok(()) };
    let copies: Vec<Op> = pending.iter().map(|store| store.op).collect();
    while !pending.is_empty() {
        let read_by_another = |index: usize| {
            let reads = |(other, store): (usize, &Store<'c>)| other != index && buffer(store.from) == pending[index].to;
            pending.iter().enumerate().position(reads)
        };
        let free = (0..pending.len()).find(|index| read_by_another(*index).is_none());
        if free.is_none()
            && let Some(reader) = read_by_another(0)
        {
            let Store { from, to, op } = pending[reader];
            pending[reader].from = saved(&Builder::before(last).located(op.location()), from, to)?;
        }
        let store = pending.remove(free.unwrap_or(0));
        copy(&Builder::before(last).located(store.op.location()), store.from, store.to)?;
    }
    copies.into_iter().for_each(erase);
    Ok(())
}
