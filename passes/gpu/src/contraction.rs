//! Contractions as plain loop nests: a product of two operands, added to a sum.

use crate::kernel::Kernel;
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, defining_op, erase, operands, result, users, walk};
use dp_dialects::marks::{CONTRACTION, REGROUPED};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ScalarType};
use dp_loopnest::nest::Nest;
use dp_loopnest::structured::{Indexed, generic, is_named, map_dims};
use dp_passes::ErrorGuaranteed;
use melior::ir::ValueLike;
use melior::ir::attribute::ArrayAttribute;
use melior::ir::operation::OperationLike;

/// Converts contractions to marked plain nests.
pub(crate) fn generalize_all<'c>(module: Op<'c>) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_named(op, "linalg.contract").then_some(op)));
    for op in found {
        generalize(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
        erase(op);
    }
    Ok(())
}

/// Emits a contraction as a plain nest before it.
fn generalize<'c>(op: Op<'c>) -> Result<()> {
    let unread = || Diagnostic::internal("internal error: a contraction without maps");
    let maps = op.attribute("indexing_maps").and_then(ArrayAttribute::try_from).map_err(|_| unread())?;
    let mut operands_of = Vec::new();
    for (index, value) in operands(op).into_iter().enumerate() {
        let loops = maps.element(index).ok().and_then(map_dims).ok_or_else(unread)?;
        operands_of.push(Indexed { value, loops });
    }
    let kept = operands_of[2].loops.len();
    let rank = operands_of.iter().flat_map(|operand| &operand.loops).max().map_or(0, |last| last + 1);
    let reduced: Vec<usize> = (kept..rank).collect();
    let dtype =
        ScalarType::of(dp_loopnest::structured::element_type(operands_of[2].value.r#type())).ok_or_else(unread)?;
    generic(&Builder::before(op), rank, &reduced, &operands_of[..2], &operands_of[2..], |b, elements| {
        multiply(b, dtype, elements[0], elements[1], elements[2]).map(|sum| vec![sum])
    })?;
    let all = operands(op);
    let made = users(all[2]).into_iter().filter(|user| is_named(*user, "linalg.generic") && operands(*user) == all);
    made.for_each(|made| CONTRACTION.set(made, &()));
    Ok(())
}

/// The accumulator type of a contraction, if it differs from the element type: products of f16 and bf16 are rounded to
/// f32, and only the sum to 16 bits.
pub(crate) fn accumulator(nest: &Nest) -> Option<ScalarType> {
    let dtype = CONTRACTION.of(nest.op).and_then(|()| ScalarType::of(nest.outputs().first()?.element))?;
    Some(dtype.accumulator()).filter(|accumulator| *accumulator != dtype)
}

/// The body of a nest at a point. In a contraction, partial results have the accumulator type.
pub(crate) fn body<'c>(
    k: &Kernel<'c>,
    nest: &Nest<'c>,
    elements: &[Val<'c>],
    point: &[Val<'c>],
) -> Result<Vec<Val<'c>>> {
    match (accumulator(nest), elements) {
        (Some(wide), [x, y, sum]) => {
            let (x, y) = (convert(&k.b(), *x, wide)?, convert(&k.b(), *y, wide)?);
            multiply(&k.b(), wide, x, y, *sum).map(|sum| vec![sum])
        }
        _ => k.body(nest.body, elements, point),
    }
}

/// `c + a b`.
pub(crate) fn multiply<'c>(
    b: &Builder<'c>,
    dtype: ScalarType,
    x: Val<'c>,
    y: Val<'c>,
    sum: Val<'c>,
) -> Result<Val<'c>> {
    if dtype == ScalarType::I1 {
        let both = b.named("arith.andi", &[x, y], &[x.r#type()], &[], vec![]).map(result)?;
        return b.named("arith.xori", &[sum, both], &[x.r#type()], &[], vec![]).map(result);
    }
    let product = b.scalar(OpKind::ScalarMul, &[x, y])?;
    let sum = b.scalar(OpKind::ScalarAdd, &[sum, product])?;
    if let Some(sum) = defining_op(sum) {
        REGROUPED.set(sum, &());
    }
    Ok(sum)
}

/// Converts a scalar.
pub(crate) fn convert<'c>(b: &Builder<'c>, value: Val<'c>, to: ScalarType) -> Result<Val<'c>> {
    if ScalarType::of(value.r#type()) == Some(to) {
        return Ok(value);
    }
    let r#type = dp_dialects::ValueType::number(to);
    b.emit_typed(OpKind::ScalarConvert, &dp_dialects::Parameters::Convert { unsigned: false }, &[value], &r#type)
}
