//! Extents of what loops carry, read before the loop. The proof that a loop keeps them needs operations of `array`, but
//! their lowering reads extents of carried tensors too. So one pass marks loops before, and `lower-entries` uses the marks after.

use crate::loops::Loop;
use crate::proof::Extents;
use dp_dialects::ir::{
    Blk, Op, Val, block_ops, body_ops, constant_integer, context_of, erase, key, operands, region_block,
    replace_all_uses, result, results, set_operand, users, walk,
};
use dp_dialects::marks::{CHANGES_EXTENTS, KEEPS_EXTENTS};
use dp_dialects::{Builder, OpKind, Result, ValueType};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::ValueLike;
use melior::ir::attribute::DenseI32ArrayAttribute;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// `mark-kept-extents`.
pub static MARK_KEPT_EXTENTS: Pass = Pass {
    flag: "mark-kept-extents",
    summary: "mark loops that keep the extents of what they carry",
    description: "Takes a program before `lower-array`. Marks each loop that carries tensors of dynamic extents with \
        `dp.keeps_extents`, if each of them is proved to have the extents of its initial value in all iterations, and \
        with `dp.changes_extents` otherwise.",
    body: mark,
};

/// `use-kept-extents`.
pub static USE_KEPT_EXTENTS: Pass = Pass {
    flag: "use-kept-extents",
    summary: "read extents of what loops carry before the loop",
    description: "Takes a module with loops that `mark-kept-extents` marked, and removes the marks. An extent of what such a \
        loop carries or returns is read from the initial value, before the loop. Then memory and checks in the loop do \
        not depend on the iteration. A loop whose tensors may change their extents starts from copies.",
    body: |module, _| {
        context_of(module).get_or_load_dialect("bufferization");
        read_before_loops(module).map_err(|diagnostic| diagnostic.report(module.location()))
    },
};

/// Whether an operation is a loop that carries a tensor of dynamic extents.
pub fn carries_open_tensors(op: Op) -> bool {
    let is_open = |value: Val| ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_static());
    matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile)) && operands(op).into_iter().any(is_open)
}

fn loops<'c>(module: Op<'c>, wanted: impl Fn(Op<'c>) -> bool) -> Vec<Op<'c>> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(wanted(op).then_some(op)));
    found
}

fn mark<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    for function in body_ops(module) {
        if let Some(block) = region_block(function, 0) {
            mark_block(block, Extents::default());
        }
    }
    Ok(())
}

/// Marks the loops of a block, by the facts from before each.
fn mark_block<'c>(block: Blk<'c>, mut known: Extents<'c>) {
    for op in block_ops(block) {
        let inner = loops(op, |inner| inner != op && carries_open_tensors(inner));
        match Loop::of(op).filter(|_| carries_open_tensors(op)) {
            Some(looped) => {
                let is_kept = known.preserves(op, &looped);
                if is_kept {
                    KEEPS_EXTENTS.set(op, &())
                } else {
                    CHANGES_EXTENTS.set(op, &())
                }
                if !inner.is_empty() {
                    let facts = if is_kept { known.assuming(&looped) } else { known.clone() };
                    looped.blocks.iter().for_each(|block| mark_block(*block, facts.clone()));
                }
            }
            None => inner.into_iter().for_each(|op| {
                let is_kept = Loop::of(op).is_some_and(|looped| Extents::at(op).preserves(op, &looped));
                if is_kept { KEEPS_EXTENTS.set(op, &()) } else { CHANGES_EXTENTS.set(op, &()) }
            }),
        }
        known.learn(op);
    }
}

/// Reads extents of what marked loops carry before them, and removes the marks. Loops whose tensors may change their
/// extents start from copies.
///
/// # Errors
/// If an operation cannot be created.
pub fn read_before_loops(module: Op) -> Result<()> {
    // Inner loops first: what they carry may come from an outer loop.
    for op in loops(module, |op| KEEPS_EXTENTS.is_on(op) || CHANGES_EXTENTS.is_on(op)).into_iter().rev() {
        if KEEPS_EXTENTS.is_on(op) {
            read(op)?
        } else {
            hide_initial(op)?
        }
        KEEPS_EXTENTS.remove(op);
        CHANGES_EXTENTS.remove(op);
    }
    Ok(())
}

/// Lets an `scf.for` whose tensors may change their extents start from copies. Upstream's canonicalization would give what
/// the loop carries the extents of an initial value that has static ones.
fn hide_initial(op: Op) -> Result<()> {
    if OpKind::of(op) != Some(OpKind::ScfFor) {
        return Ok(());
    }
    let b = Builder::before(op);
    for (index, value) in operands(op).into_iter().enumerate() {
        if ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_static()) {
            let parts = DenseI32ArrayAttribute::new(b.context(), &[0, 1, 0]).into();
            let attributes = [("operandSegmentSizes", parts)];
            let copy = b.named("bufferization.alloc_tensor", &[value], &[value.r#type()], &attributes, vec![])?;
            set_operand(op, index, result(copy));
        }
    }
    Ok(())
}

/// Reads the extents of what a loop carries and returns before it.
fn read(op: Op) -> Result<()> {
    let Some(looped) = Loop::of(op) else { return Ok(()) };
    let initial_of = |value: Val| {
        let carried = looped.carried.iter().find(|carried| carried.argument == value);
        carried.map(|carried| carried.initial)
    };
    let mut alike: Vec<(Val, Val)> = looped.carried.iter().map(|carried| (carried.argument, carried.initial)).collect();
    alike.extend(looped.passed.iter().filter_map(|(argument, value)| Some((*argument, initial_of(*value)?))));
    let from_results = results(op).into_iter().zip(&looped.results);
    alike.extend(from_results.filter_map(|(result, value)| Some((result, initial_of(*value)?))));
    let builder = Builder::before(op);
    let mut known: HashMap<(usize, usize), Val> = HashMap::new();
    for (value, initial) in alike {
        for user in users(value) {
            let all = operands(user);
            let dim = match (OpKind::of(user), &all[..]) {
                (Some(OpKind::TensorDim), [_, dim]) => constant_integer(*dim).and_then(|dim| usize::try_from(dim).ok()),
                _ => None,
            };
            let Some(dim) = dim else { continue };
            let place = (key(initial), dim);
            let extent = match known.get(&place) {
                Some(extent) => *extent,
                None => builder.extent(initial, dim)?,
            };
            known.insert(place, extent);
            replace_all_uses(result(user), extent);
            erase(user);
        }
    }
    Ok(())
}
