//! `lower-switches`: choices between tensors are made by `scf.if`.

use crate::checks::{Order, compare};
use dp_dialects::ir::{Op, Val, erase, i64_array, operands, replace_all_uses, results, take_blocks, walk};
use dp_dialects::{Builder, Diagnostic, Literal, Number, OpKind, Result, ScalarType, ValueType};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;
use melior::ir::{Region, Type, ValueLike};

/// `lower-switches`.
pub static LOWER_SWITCHES: Pass = Pass {
    flag: "lower-switches",
    summary: "replace scf.index_switch on tensors by scf.if",
    description: "Takes any module. An `scf.index_switch` with a tensor among its results becomes a chain of `scf.if`. \
        Upstream's bufferization of the switch does not see that a case which yields a tensor from outside unchanged \
        shares its memory: an update of the result would overwrite that tensor.",
    body: run,
};

/// Whether an operation is an `scf.index_switch` with a tensor among its results.
pub fn chooses_tensors(op: Op) -> bool {
    let is_tensor = |value: &Val| ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor());
    OpKind::of(op) == Some(OpKind::ScfIndexSwitch) && results(op).iter().any(is_tensor)
}

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(chooses_tensors(op).then_some(op)));
    found.into_iter().try_for_each(|op| lower(op).map_err(|diagnostic| diagnostic.report(op.location())))
}

fn lower(op: Op) -> Result<()> {
    let b = Builder::before(op);
    let choice = operands(op)[0];
    let types: Vec<Type> = results(op).into_iter().map(|value| value.r#type()).collect();
    let blocks = |index| {
        let region = op.region(index).map(take_blocks);
        region.map_err(|_| Diagnostic::internal("internal error: a switch with fewer regions than cases"))
    };
    let cases = i64_array(op, "cases").unwrap_or_default();
    let mut conditions = Vec::new();
    for case in &cases {
        conditions.push(compare(&b, Order::Eq, choice, b.index(*case)?)?);
    }
    if conditions.is_empty() {
        conditions.push(b.literal(Literal::number(ScalarType::I1, Number::Integer(0)))?);
    }
    // From the last case to the first. The default is region 0.
    let mut otherwise = blocks(0)?;
    for (index, condition) in conditions.iter().enumerate().skip(1).rev() {
        let (region, _, inner) = b.region(&[]);
        let made = inner.op(OpKind::ScfIf, &[*condition], &types, &[], vec![blocks(index + 1)?, otherwise])?;
        inner.op(OpKind::ScfYield, &results(made), &[], &[], vec![])?;
        otherwise = region;
    }
    let first = match cases.is_empty() {
        true => never(&b, &types)?,
        false => blocks(1)?,
    };
    let made = b.op(OpKind::ScfIf, &conditions[..1], &types, &[], vec![first, otherwise])?;
    results(op).into_iter().zip(results(made)).for_each(|(old, new)| replace_all_uses(old, new));
    erase(op);
    Ok(())
}

/// A region that is not executed.
fn never<'c>(b: &Builder<'c>, types: &[Type<'c>]) -> Result<Region<'c>> {
    let (region, _, inner) = b.region(&[]);
    let placeholder = |r#type: &Type<'c>| {
        let unknown = || Diagnostic::internal("internal error: a switch on what is neither a scalar nor a tensor");
        inner.placeholder(&ValueType::of(*r#type).ok_or_else(unknown)?)
    };
    let values = types.iter().map(placeholder).collect::<Result<Vec<Val>>>()?;
    inner.op(OpKind::ScfYield, &values, &[], &[], vec![])?;
    Ok(region)
}
