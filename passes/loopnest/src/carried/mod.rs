//! `simplify-carried`: fewer values that loops carry and branches return.
//!
//! Derivatives make many: the tape of an inner loop that only a copy of the loop needs, a counter beside the program's
//! own, a tensor that a branch passes on. What a loop carries costs memory in each iteration, and that a value never
//! changes is hidden from simplification.

mod needed;
mod same;

use dp_dialects::ir::{
    Blk, Op, Val, block_args, body_ops, erase, erase_argument, operands, region_block, replace_all_uses, results,
    set_operands, take_blocks, walk,
};
use dp_dialects::{Builder, OpKind, Result};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};
use needed::Needed;

/// `simplify-carried`.
pub static SIMPLIFY_CARRIED: Pass = Pass {
    flag: "simplify-carried",
    summary: "drop carried values of loops and results of branches that are unused, unchanged or equal to others",
    description: "Takes functions with structured control flow. A carried value that never changes is replaced by its \
        initial value, and one that always equals another by that one. Carried values and results that only the next \
        ones need are removed, and so are the operations that compute them.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut constructs = Vec::new();
    walk(module, &mut |op| constructs.extend(is_construct(op).then_some(op)));
    if constructs.is_empty() {
        return Ok(());
    }
    // Inner ones first: what they pass on unchanged, outer ones may too.
    constructs.iter().rev().for_each(|op| same::replace(*op));
    let needed = Needed::of(module);
    // First, so that the values that they pass on have no uses.
    constructs.iter().filter(|op| needed.runs(**op)).for_each(|op| shorten_terminators(*op, &needed));
    let mut all = Vec::new();
    for function in body_ops(module) {
        walk(function, &mut |op| all.push(op));
    }
    // From last to first: uses before definitions, and the operations of a region before that with the region.
    for op in all.into_iter().rev() {
        if !needed.runs(op) {
            erase(op);
        } else if is_construct(op) {
            shorten(op, &needed).map_err(|diagnostic| diagnostic.report(op.location()))?;
        }
    }
    Ok(())
}

/// Whether an operation is a loop or a branch.
pub fn is_construct(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile | OpKind::ScfIf | OpKind::ScfIndexSwitch))
}

fn is_loop(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile))
}

/// The arguments of one block of a loop, without the induction variable.
fn carried_arguments<'c>(op: Op<'c>, block: usize) -> Vec<Val<'c>> {
    let arguments = region_block(op, block).map(block_args).unwrap_or_default();
    match OpKind::of(op) {
        Some(OpKind::ScfFor) => arguments[1..].to_vec(),
        Some(_) | None => arguments,
    }
}

/// Which carried values or results of a construct stay.
struct Kept {
    /// Of the operands and the arguments of the first block of a loop.
    carried: Vec<bool>,
    /// Of the results, and of the arguments of the second block of a loop.
    results: Vec<bool>,
}

impl Kept {
    fn of(op: Op, needed: &Needed) -> Kept {
        let is_needed = |value: &Val| needed.contains(*value);
        let results: Vec<bool> = results(op).iter().map(is_needed).collect();
        let either = |a: Vec<bool>, b: Vec<bool>| a.into_iter().zip(b).map(|(a, b)| a || b).collect::<Vec<bool>>();
        let arguments = |block| carried_arguments(op, block).iter().map(is_needed).collect();
        match OpKind::of(op) {
            Some(OpKind::ScfFor) => {
                let kept = either(results, arguments(0));
                Kept { carried: kept.clone(), results: kept }
            }
            Some(OpKind::ScfWhile) => Kept { carried: arguments(0), results: either(results, arguments(1)) },
            Some(_) | None => Kept { carried: Vec::new(), results },
        }
    }

    fn is_all(&self) -> bool {
        self.carried.iter().chain(&self.results).all(|kept| *kept)
    }
}

/// The values that stay.
fn only<T: Copy>(values: &[T], kept: &[bool]) -> Vec<T> {
    values.iter().zip(kept).filter(|(_, kept)| **kept).map(|(value, _)| *value).collect()
}

/// The terminators of a construct's blocks pass on only what stays.
fn shorten_terminators(op: Op, needed: &Needed) {
    let kept = Kept::of(op, needed);
    if kept.is_all() {
        return;
    }
    for (index, block) in blocks(op).into_iter().enumerate() {
        let Some(end) = block.terminator() else { continue };
        let all = operands(end);
        let values = match (OpKind::of(op), index) {
            // After the condition.
            (Some(OpKind::ScfWhile), 0) => [all[..1].to_vec(), only(&all[1..], &kept.results)].concat(),
            (Some(OpKind::ScfWhile), _) => only(&all, &kept.carried),
            (_, _) => only(&all, &kept.results),
        };
        set_operands(end, &values);
    }
}

/// Replaces a construct by one without the carried values and results that are removed. Nothing uses them any more.
fn shorten(op: Op, needed: &Needed) -> Result<()> {
    let kept = Kept::of(op, needed);
    if kept.is_all() {
        return Ok(());
    }
    let kind = OpKind::of(op);
    let kept_of = |block| if block == 0 { &kept.carried } else { &kept.results };
    if is_loop(op) {
        for (number, block) in blocks(op).into_iter().enumerate() {
            let first = block.argument_count() - kept_of(number).len();
            let removed = (0..kept_of(number).len()).rev().filter(|index| !kept_of(number)[*index]);
            removed.for_each(|index| erase_argument(block, first + index));
        }
    }
    let all = operands(op);
    let given = match kind {
        Some(OpKind::ScfFor) => [all[..3].to_vec(), only(&all[3..], &kept.carried)].concat(),
        Some(OpKind::ScfWhile) => only(&all, &kept.carried),
        Some(_) | None => all,
    };
    let staying = only(&results(op), &kept.results);
    let types: Vec<Type> = staying.iter().map(|value| value.r#type()).collect();
    let regions = op.regions().map(take_blocks).collect();
    let made = Builder::before(op).remake(op, &given, &types, regions)?;
    staying.into_iter().zip(results(made)).for_each(|(old, new)| replace_all_uses(old, new));
    erase(op);
    Ok(())
}

fn blocks<'c>(op: Op<'c>) -> Vec<Blk<'c>> {
    (0..op.region_count()).filter_map(|index| region_block(op, index)).collect()
}
