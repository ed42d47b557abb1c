//! Branches and loops: an extent of a result is static if all paths agree on it.

use super::{Known, integer, refine, set_type};
use dp_dialects::ir::{
    Blk, Op, Val, block_args, block_ops, defining_op, erase, is_set, is_unused, operands, region_block,
    replace_all_uses, results, set_operand,
};
use dp_dialects::marks::PLACEHOLDER;
use dp_dialects::types::Extent;
use dp_dialects::{Builder, Diagnostic, OpKind, SpannedDiagnostic, ValueType};
use melior::ir::operation::OperationLike;
use melior::ir::{RegionLike, ValueLike};

/// The most specific type that covers both; the second one if either is not a tensor.
fn agreed(a: &ValueType, b: &ValueType) -> ValueType {
    match (&a.shape, &b.shape) {
        (Some(a), Some(shape)) if a.len() == shape.len() => {
            let both = |(a, b): (&Extent, &Extent)| a.filter(|_| a == b);
            ValueType::tensor(b.dtype, a.iter().zip(shape).map(both).collect())
        }
        _ => b.clone(),
    }
}

/// The types of values; `None` for a value that is neither a scalar nor a tensor.
fn types(values: &[Val]) -> Vec<Option<ValueType>> {
    values.iter().map(|value| ValueType::of(value.r#type())).collect()
}

fn give_types<'c>(op: Op<'c>, values: &[Val<'c>], types: &[Option<ValueType>]) {
    for (value, r#type) in values.iter().zip(types) {
        if let Some(r#type) = r#type {
            set_type(*value, r#type, op);
        }
    }
}

/// Inserts casts of operands, from `first` on, whose types are more static than the types `to`.
fn cast_operands<'c>(op: Op<'c>, first: usize, to: &[Option<ValueType>]) -> Result<(), SpannedDiagnostic<'c>> {
    let at = |diagnostic: Diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
    for (index, (value, to)) in operands(op).into_iter().skip(first).zip(to).enumerate() {
        let (Some(from), Some(to)) = (ValueType::of(value.r#type()), to) else { continue };
        if from != *to {
            let cast = Builder::before(op).cast(value, to).map_err(at)?;
            set_operand(op, first + index, cast);
        }
    }
    Ok(())
}

fn last<'c>(block: Blk<'c>) -> Option<Op<'c>> {
    block_ops(block).last().copied()
}

/// `scf.if` and `scf.index_switch`. A placeholder takes the extents of the value that another branch yields in its
/// position.
pub(super) fn branch<'c>(op: Op<'c>, known: &mut Known) -> Result<(), SpannedDiagnostic<'c>> {
    let blocks: Vec<Blk> = op.regions().filter_map(|region| region.first_block()).collect();
    blocks.iter().try_for_each(|block| refine(*block, known))?;
    let yields: Vec<Op> = blocks.iter().filter_map(|block| last(*block)).collect();
    let is_placeholder = |value: &Val| defining_op(*value).is_some_and(|op| PLACEHOLDER.is_on(op));
    let mut given = types(&results(op));
    for (position, r#type) in given.iter_mut().enumerate() {
        let values = yields.iter().filter_map(|last| operands(*last).get(position).copied());
        let real = values.filter(|value| !is_placeholder(value)).filter_map(|value| ValueType::of(value.r#type()));
        if let Some(all) = real.reduce(|a, b| agreed(&a, &b)) {
            *r#type = Some(all);
        }
    }
    for (position, result) in results(op).into_iter().enumerate() {
        let values = yields.iter().filter_map(|last| operands(*last).get(position).copied());
        let mut numbers = values.filter(|value| !is_placeholder(value)).map(|value| integer(value, known));
        if let Some(Some(number)) = numbers.next()
            && numbers.all(|other| other == Some(number))
        {
            known.insert(result, number);
        }
    }
    for last in yields {
        for (position, value) in operands(last).into_iter().enumerate() {
            let Some(to) = given.get(position).cloned().flatten().filter(|_| is_placeholder(&value)) else { continue };
            let made = Builder::before(last).placeholder(&to);
            set_operand(
                last,
                position,
                made.map_err(|diagnostic| SpannedDiagnostic::new(last.location(), diagnostic))?,
            );
            // The old one has extents that are no longer computed.
            if let Some(old) = defining_op(value).filter(|_| is_unused(value)) {
                erase(old);
            }
        }
        cast_operands(last, 0, &given)?;
    }
    give_types(op, &results(op), &given);
    Ok(())
}

/// `scf.for` and `scf.while`. A carried value has the extents of its initial value if every iteration preserves them.
/// This is tried on a clone of the loop. If an iteration yields other extents, the loop is refined again with these
/// extents dynamic.
pub(super) fn carry<'c>(kind: OpKind, op: Op<'c>, known: &mut Known) -> Result<(), SpannedDiagnostic<'c>> {
    let (skipped, own) = if kind == OpKind::ScfFor { (3, 1) } else { (0, 0) };
    // A loop without iterations returns what it is given. Its body may not suit the extents: rows of a tape without
    // rows.
    let bounds: Vec<Option<i64>> = operands(op).into_iter().take(skipped).map(|bound| integer(bound, known)).collect();
    if let [Some(lower), Some(upper), Some(1..)] = bounds[..]
        && lower >= upper
        && !is_set(op, "unsignedCmp")
    {
        results(op).into_iter().zip(operands(op).split_off(skipped)).for_each(|(old, new)| replace_all_uses(old, new));
        erase(op);
        return Ok(());
    }
    let mut carried = types(&operands(op).split_off(skipped));
    loop {
        let trial = Builder::before(op).clone_op(op, &[]);
        let mut learned = known.clone();
        let (Some(first), second) = (region_block(trial, 0), region_block(trial, 1)) else { return Ok(()) };
        give_types(trial, &block_args(first).split_off(own), &carried);
        refine(first, &mut learned)?;
        let mut given = carried.clone();
        if let Some(second) = second {
            given = types(&last(first).map(|last| operands(last).split_off(1)).unwrap_or_default());
            give_types(trial, &block_args(second), &given);
            refine(second, &mut learned)?;
        }
        let Some(back) = last(second.unwrap_or(first)) else { return Ok(()) };
        let both = |(a, b): (&Option<ValueType>, &Option<ValueType>)| Some(agreed(a.as_ref()?, b.as_ref()?));
        let kept: Vec<Option<ValueType>> = carried.iter().zip(&types(&operands(back))).map(both).collect();
        if kept != carried {
            erase(trial);
            carried = kept;
            continue;
        }
        cast_operands(trial, skipped, &carried)?;
        cast_operands(back, 0, &carried)?;
        give_types(trial, &results(trial), &given);
        results(op).into_iter().zip(results(trial)).for_each(|(old, new)| replace_all_uses(old, new));
        erase(op);
        *known = learned;
        return Ok(());
    }
}
