//! Forward mode of constructs with regions: each computes its values and their tangents together, so nothing is kept.

use super::bound;
use dp_ad_engine::construct::{choose, types};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::{Dual, Tangent, flatten, unflatten};
use dp_dialects::ir::{Val, block_args, region_block, results};
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, SpannedDiagnostic, ValueType};
use dp_extents::loops::Loop;
use melior::ir::operation::OperationLike;
use melior::ir::{Region, Type, ValueLike};

/// The tangents of results, or an error with its place.
type Tangents<'c> = Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>>;

/// The types of [`flatten`]ed values.
fn flat_types<'c>(primals: &[Type<'c>], active: &[bool]) -> Vec<Type<'c>> {
    let tangents = primals.iter().zip(active).filter(|(_, active)| **active).map(|(r#type, _)| *r#type);
    primals.iter().copied().chain(tangents).collect()
}

fn is_active(dual: &Dual) -> bool {
    dual.tangent.value().is_some()
}

/// Sets the results of the construct and returns their tangents.
fn finish<'c>(site: &mut LinearizationSite<'c, '_>, duals: Vec<Dual<'c>>) -> Vec<Tangent<'c>> {
    site.results = duals.iter().map(|dual| dual.primal).collect();
    duals.into_iter().map(|dual| dual.tangent).collect()
}

/// The operands of the construct from a position on.
fn given<'c>(site: &LinearizationSite<'c, '_>, first: usize) -> Vec<Dual<'c>> {
    let duals = site.operands.iter().zip(&site.tangents).skip(first);
    duals.map(|(primal, tangent)| Dual { primal: *primal, tangent: *tangent }).collect()
}

/// `scf.if` and `scf.index_switch`.
pub(super) fn branches<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let at = |diagnostic| SpannedDiagnostic::new(site.op.location(), diagnostic);
    let builder = site.linear;
    let mut sides: Vec<(Region, Builder, Vec<Dual>)> = Vec::new();
    for index in 0..site.op.region_count() {
        let (region, _, inner) = builder.region(&[]);
        let yielded = match region_block(site.op, index) {
            Some(block) => site.engine.block(block, inner, inner)?,
            None => Vec::new(),
        };
        sides.push((region, inner, yielded));
    }
    let outputs = types(&results(site.op));
    let active: Vec<bool> =
        (0..outputs.len()).map(|index| sides.iter().any(|side| side.2.get(index).is_some_and(is_active))).collect();
    let mut regions = Vec::new();
    for (region, inner, yielded) in sides {
        let yielded = flatten(inner, inner, &yielded, &active).map_err(at)?;
        inner.op(OpKind::ScfYield, &yielded, &[], &[], vec![]).map_err(at)?;
        regions.push(region);
    }
    let made = choose(builder, site.op, site.operands[0], &flat_types(&outputs, &active), regions).map_err(at)?;
    Ok(finish(site, unflatten(&results(made), &active)))
}

/// `scf.for`.
pub(super) fn counted<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let at = |diagnostic| SpannedDiagnostic::new(site.op.location(), diagnostic);
    let builder = site.linear;
    let looped = Loop::of(site.op).ok_or_else(|| at(Diagnostic::invalid("needs a region")))?;
    let active = site.engine.varying(&looped);
    let initial = flatten(builder, builder, &given(site, 3), &active).map_err(at)?;
    let carried = types(&initial);
    let types: Vec<Type> = std::iter::once(site.operands[0].r#type()).chain(carried.iter().copied()).collect();
    let (region, arguments, inner) = builder.region(&types);
    let number = block_args(looped.blocks[0])[0];
    site.engine.bind(number, Dual { primal: arguments[0], tangent: Tangent::None });
    for (of, dual) in looped.carried.iter().zip(unflatten(&arguments[1..], &active)) {
        site.engine.bind(of.argument, dual);
    }
    let next = site.engine.block(looped.blocks[0], inner, inner)?;
    let next = flatten(inner, inner, &next, &active).map_err(at)?;
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![]).map_err(at)?;
    let operands: Vec<Val> = site.operands[..3].iter().copied().chain(initial).collect();
    let unsigned = site.op.attribute("unsignedCmp").ok().map(|attribute| ("unsignedCmp", attribute));
    let attributes: Vec<_> = unsigned.into_iter().chain(bound::mark(site)).collect();
    let made = builder.op(OpKind::ScfFor, &operands, &carried, &attributes, vec![region]).map_err(at)?;
    Ok(finish(site, unflatten(&results(made), &active)))
}

/// `scf.while`.
pub(super) fn conditional<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let at = |diagnostic| SpannedDiagnostic::new(site.op.location(), diagnostic);
    let builder = site.linear;
    let looped = Loop::of(site.op).ok_or_else(|| at(Diagnostic::invalid("needs two regions")))?;
    let active = site.engine.varying(&looped);
    let initial = flatten(builder, builder, &given(site, 0), &active).map_err(at)?;

    let (before, arguments, inner) = builder.region(&types(&initial));
    for (of, dual) in looped.carried.iter().zip(unflatten(&arguments, &active)) {
        site.engine.bind(of.argument, dual);
    }
    let mut passed = site.engine.block(looped.blocks[0], inner, inner)?;
    // The first operand is the condition.
    let condition = passed.remove(0).primal;
    let passed_active: Vec<bool> = passed.iter().map(is_active).collect();
    let passed = flatten(inner, inner, &passed, &passed_active).map_err(at)?;
    let outputs = types(&passed);
    let operands: Vec<Val> = std::iter::once(condition).chain(passed).collect();
    inner.op(OpKind::ScfCondition, &operands, &[], &[], vec![]).map_err(at)?;

    let (after, arguments, inner) = builder.region(&outputs);
    for ((argument, _), dual) in looped.passed.iter().zip(unflatten(&arguments, &passed_active)) {
        site.engine.bind(*argument, dual);
    }
    let next = site.engine.block(looped.blocks[1], inner, inner)?;
    let next = flatten(inner, inner, &next, &active).map_err(at)?;
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![]).map_err(at)?;
    let made = builder
        .op(OpKind::ScfWhile, &initial, &outputs, bound::mark(site).as_slice(), vec![before, after])
        .map_err(at)?;
    Ok(finish(site, unflatten(&results(made), &passed_active)))
}

/// `array.map`.
pub(super) fn map<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let at = |diagnostic| SpannedDiagnostic::new(site.op.location(), diagnostic);
    let builder = site.linear;
    let Some(body) = region_block(site.op, 0) else { return Err(at(Diagnostic::invalid("needs a region"))) };
    let inputs = given(site, 0);
    let active: Vec<bool> = inputs.iter().map(is_active).collect();
    let inputs = flatten(builder, builder, &inputs, &active).map_err(at)?;
    let element = |value: &Val<'c>| Ok(ValueType::of_value(*value)?.dtype.to_type(builder.context()));
    let elements = inputs.iter().map(element).collect::<Result<Vec<Type>>>().map_err(at)?;
    let (region, arguments, inner) = builder.region(&elements);
    for (argument, dual) in block_args(body).into_iter().zip(unflatten(&arguments, &active)) {
        site.engine.bind(argument, dual);
    }
    let yielded = site.engine.block(body, inner, inner)?;
    let active: Vec<bool> = yielded.iter().map(is_active).collect();
    let yielded = flatten(inner, inner, &yielded, &active).map_err(at)?;
    inner.op(OpKind::ArrayYield, &yielded, &[], &[], vec![]).map_err(at)?;
    let outputs = flat_types(&types(&results(site.op)), &active);
    let made = builder.op(OpKind::ArrayMap, &inputs, &outputs, &[], vec![region]).map_err(at)?;
    Ok(finish(site, unflatten(&results(made), &active)))
}
