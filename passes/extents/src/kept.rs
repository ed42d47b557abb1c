//! Extents of what loops carry, read before the loop. The proof that a loop keeps them needs operations of `array`, but
//! their lowering reads extents of carried tensors too. So one pass marks loops before, and one uses the marks after.

use crate::loops::Loop;
use crate::proof::Extents;
use dp_dialects::ir::{
    Op, Val, constant_integer, erase, key, operands, replace_all_uses, result, results, users, walk,
};
use dp_dialects::marks::KEEPS_EXTENTS;
use dp_dialects::{Builder, OpKind, Result, ValueType};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// `mark-kept-extents`.
pub static MARK_KEPT_EXTENTS: Pass = Pass {
    flag: "mark-kept-extents",
    summary: "mark loops that keep the extents of what they carry",
    description: "Takes a program before `lower-array`. Marks each loop that carries tensors of dynamic extents with \
        `dp.keeps_extents`, if each of them is proved to have the extents of its initial value in all iterations.",
    body: mark,
};

/// `use-kept-extents`.
pub static USE_KEPT_EXTENTS: Pass = Pass {
    flag: "use-kept-extents",
    summary: "read extents of what loops carry before the loop",
    description: "Takes a module with loops that `mark-kept-extents` marked, and removes the marks. An extent of what such a \
        loop carries or returns is read from the initial value, before the loop. Then memory and checks in the loop do \
        not depend on the iteration.",
    body: read_before,
};

/// Whether an operation is a marked loop.
pub fn is_marked(op: Op) -> bool {
    KEEPS_EXTENTS.is_on(op)
}

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
    for op in loops(module, carries_open_tensors) {
        if Loop::of(op).is_some_and(|looped| Extents::at(op).changing(&looped).is_none()) {
            KEEPS_EXTENTS.set(op, &());
        }
    }
    Ok(())
}

fn read_before<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    // Inner loops first: what they carry may come from an outer loop.
    for op in loops(module, is_marked).into_iter().rev() {
        read(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
        KEEPS_EXTENTS.remove(op);
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
