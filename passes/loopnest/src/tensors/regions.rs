//! `array.map` and `array.reduce`, whose bodies are scalar programs.

use super::LoweringSite;
use super::combination;
use super::elementwise::agree;
use crate::structured::{Indexed, empty, extent, fill, generic};
use dp_dialects::ir::{Blk, Val, block_args, block_ops, operands, region_block, results};
use dp_dialects::marks::REGROUPED;
use dp_dialects::types::ValueType;
use dp_dialects::{Builder, Diagnostic, Literal, OpKind, Parameters, Result, ScalarType};
use melior::ir::ValueLike;

/// Clones the operations of a block; returns the operands of its terminator.
pub(super) fn inline<'c>(b: &Builder<'c>, block: Blk<'c>, arguments: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
    let mut pairs: Vec<(Val, Val)> = block_args(block).into_iter().zip(arguments.iter().copied()).collect();
    for op in block_ops(block) {
        if OpKind::of(op) == Some(OpKind::ArrayYield) {
            let mapped = |value: Val<'c>| pairs.iter().find(|(from, _)| *from == value).map_or(value, |(_, to)| *to);
            return Ok(operands(op).into_iter().map(mapped).collect());
        }
        let copy = b.clone_op(op, &pairs);
        pairs.extend(results(op).into_iter().zip(results(copy)));
    }
    Err(Diagnostic::internal("internal error: a region without 'array.yield'"))
}

/// One loop nest with several results.
pub(super) fn map<'c>(site: &LoweringSite<'c>) -> Result<Vec<Val<'c>>> {
    let b = &site.b;
    agree(site)?;
    let Some(block) = region_block(site.op, 0) else { return site.malformed() };
    let x = site.operands[0];
    let rank = site.types[0].rank();
    let mut outputs = Vec::new();
    for value in results(site.op) {
        let Some(r#type) = ValueType::of(value.r#type()) else { return site.malformed() };
        let extents = r#type.dynamic_dimensions().map(|dim| extent(b, x, dim)).collect::<Result<Vec<_>>>()?;
        outputs.push(Indexed::identity(empty(b, &r#type, &extents)?, rank));
    }
    let inputs: Vec<Indexed> = site.operands.iter().map(|value| Indexed::identity(*value, rank)).collect();
    generic(b, rank, &[], &inputs, &outputs, |b, elements| inline(b, block, &elements[..inputs.len()]))
}

/// A loop nest over the operand, with the result initialized to the identity. Sums and products of f16 and bf16
/// accumulate in f32, and are rounded by another nest.
pub(super) fn reduce<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Reduce { kind, dims } = &site.parameters else { return site.malformed() };
    let (x, of) = (site.operands[0], &site.types[0]);
    let kept: Vec<usize> = (0..of.rank()).filter(|dim| !dims.contains(dim)).collect();
    let extents = site.result.dynamic_dimensions().map(|dim| extent(b, x, kept[dim])).collect::<Result<Vec<_>>>()?;
    let work = kind.accumulator(of.dtype);
    let start = match (site.operands.get(1), kind.identity(work)) {
        (Some(start), _) => *start,
        (None, Some(identity)) => b.literal(Literal::number(work, identity))?,
        (None, None) => return site.malformed(),
    };
    let to = ValueType { dtype: work, ..site.result.clone() };
    let out = fill(b, start, empty(b, &to, &extents)?)?;
    let rank = kept.len();
    let output = Indexed { value: out, loops: kept };
    let made = generic(b, of.rank(), dims, &[Indexed::identity(x, of.rank())], &[output], |b, elements| {
        let pair = [elements[1], convert(b, elements[0], of.dtype, work)?];
        match kind.combiner() {
            Some(combiner) => combine(b, combiner, pair).map(|value| vec![value]),
            None => {
                let block = region_block(site.op, 0)
                    .ok_or_else(|| Diagnostic::internal("internal error: 'array.reduce' without a region"))?;
                combination::mark(block);
                inline(b, block, &pair)
            }
        }
    })?;
    if work == of.dtype {
        return Ok(made[0]);
    }
    let rounded = Indexed::identity(empty(b, &site.result, &extents)?, rank);
    let made = generic(b, rank, &[], &[Indexed::identity(made[0], rank)], &[rounded], |b, elements| {
        convert(b, elements[0], work, of.dtype).map(|value| vec![value])
    })?;
    Ok(made[0])
}

/// A scalar conversion.
pub(super) fn convert<'c>(b: &Builder<'c>, x: Val<'c>, from: ScalarType, to: ScalarType) -> Result<Val<'c>> {
    if from == to {
        return Ok(x);
    }
    b.emit_typed(OpKind::ScalarConvert, &Parameters::Convert { unsigned: false }, &[x], &ValueType::number(to))
}

/// One step of a reduction.
pub(super) fn combine<'c>(b: &Builder<'c>, kind: OpKind, pair: [Val<'c>; 2]) -> Result<Val<'c>> {
    let value = b.scalar(kind, &pair)?;
    if let Some(op) = dp_dialects::ir::defining_op(value) {
        REGROUPED.set(op, &());
    }
    Ok(value)
}
