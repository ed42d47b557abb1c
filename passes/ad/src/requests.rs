//! Expansion of `ad.jvp`, `ad.vjp` and `ad.grad` in place.

use crate::calls::Calls;
use crate::checked::{self, COTANGENT, TANGENT};
use crate::checkpoints::limit;
use crate::pullbacks::escaping;
use crate::rules::RULES;
use dp_ad_engine::construct::linear_map;
use dp_ad_engine::linearize::Linearizer;
use dp_ad_engine::report::{Report, notices};
use dp_ad_engine::residuals::KeepUnlessFree;
use dp_ad_engine::site::{Engine, Mode};
use dp_ad_engine::tangent::{Dual, Tangent, tangents_of};
use dp_dialects::builder::adjoint_location;
use dp_dialects::ir::{
    Blk, Op, Val, ancestors, context_of, erase, operands, positions, replace_all_uses, results, set_operand,
    symbol_attribute, users,
};
use dp_dialects::{Builder, Diagnostic, Number, OpKind, Result, SpannedDiagnostic, ValueType};
use melior::ir::operation::OperationLike;
use melior::ir::{Location, Region, Type, ValueLike};
use std::collections::HashMap;

/// A function, linearized at arguments: its results, and the region that maps
/// tangents of the arguments in `wrt` to tangents of the results that carry any.
struct Linearized<'c> {
    outputs: Vec<Val<'c>>,
    region: Region<'c>,
    /// The block of the region.
    block: Blk<'c>,
    primals: Vec<Val<'c>>,
    yields: Vec<Val<'c>>,
    report: Option<Report<'c>>,
    /// The arguments from which no path leads to a result.
    without_path: Vec<usize>,
}

/// Expands one request. Its function contains no requests. The derivative keeps at most `limit` bytes.
///
/// # Errors
/// If an operation in the function has no derivative, or a pullback escapes.
pub(crate) fn answer<'c>(
    functions: &HashMap<&'c str, Op<'c>>,
    calls: &mut Calls<'c>,
    request: Op<'c>,
    limit: Option<u64>,
) -> Result<(), SpannedDiagnostic<'c>> {
    let kind = OpKind::of(request);
    let wrt = positions(request, "wrt").unwrap_or_default();
    let at = |diagnostic| SpannedDiagnostic::new(request.location(), diagnostic);
    let pulls = if kind == Some(OpKind::AdVjp) { pulls(request)? } else { Vec::new() };
    let arguments = operands(request);
    let count = arguments.len() - if kind == Some(OpKind::AdJvp) { wrt.len() } else { 0 };
    let (arguments, tangents) = arguments.split_at(count);
    let of_tangents: Vec<Val> = wrt.iter().filter_map(|index| arguments.get(*index).copied()).collect();
    checked::check(Builder::before(request), request, tangents, &of_tangents, TANGENT).map_err(at)?;
    let is_in_linear = ancestors(request).any(|op| OpKind::of(op) == Some(OpKind::AdLinear));
    let made = if kind == Some(OpKind::AdJvp) && !is_in_linear {
        forward(functions, calls, request, arguments, &wrt, tangents)?
    } else {
        let within = |share| linearize(functions, calls, request, arguments, &wrt, share);
        let mut linearized = limit::within(functions, request, limit, |linearized| linearized.block, within)?;
        let report = linearized.report.take();
        report.into_iter().for_each(|report| notices::of_request(request, |name| calls.called(name), report));
        if kind != Some(OpKind::AdJvp) {
            calls.warn(functions, symbol_attribute(request, "callee").unwrap_or_default(), &linearized.without_path);
        }
        let made = match kind {
            Some(OpKind::AdJvp) => jvp(request, linearized, tangents),
            Some(OpKind::AdGrad) => grad(request, linearized),
            Some(OpKind::AdVjp) => vjp(request, linearized, &pulls),
            Some(_) | None => Err(Diagnostic::internal("internal error: the operation requests no derivative")),
        };
        made.map_err(at)?
    };
    for (result, value) in results(request).into_iter().zip(made) {
        replace_all_uses(result, value);
    }
    for pull in pulls {
        erase(pull);
    }
    erase(request);
    Ok(())
}

/// The location of a requested derivative.
fn location_of<'c>(request: Op<'c>) -> Location<'c> {
    let name = request.name();
    let rule = name.as_string_ref().as_str().unwrap_or_default();
    adjoint_location(context_of(request), rule, request.location())
}

/// The function at arguments: its results, and the tangents of those that carry any.
fn forward<'c>(
    functions: &HashMap<&'c str, Op<'c>>,
    calls: &mut Calls<'c>,
    request: Op<'c>,
    arguments: &[Val<'c>],
    wrt: &[usize],
    tangents: &[Val<'c>],
) -> Result<Vec<Val<'c>>, SpannedDiagnostic<'c>> {
    let at = |diagnostic| SpannedDiagnostic::new(request.location(), diagnostic);
    let callee = symbol_attribute(request, "callee").unwrap_or_default();
    let primal = Builder::before(request);
    let linear = primal.located(location_of(request));
    let mut pairs: Vec<Dual> =
        arguments.iter().map(|primal| Dual { primal: *primal, tangent: Tangent::inactive(*primal) }).collect();
    for (index, tangent) in wrt.iter().zip(tangents) {
        pairs[*index].tangent = Tangent::Value(*tangent);
    }
    let mut engine = Linearizer::new(functions, &KeepUnlessFree, &RULES, calls, Mode::Forward);
    let outputs = engine.function(request, callee, &pairs, primal, linear)?;
    let mut made: Vec<Val> = outputs.iter().map(|output| output.primal).collect();
    made.extend(tangents_of(linear, linear, &outputs).map_err(at)?);
    Ok(made)
}

fn linearize<'c>(
    functions: &HashMap<&'c str, Op<'c>>,
    calls: &mut Calls<'c>,
    request: Op<'c>,
    arguments: &[Val<'c>],
    wrt: &[usize],
    share: Option<u64>,
) -> Result<Linearized<'c>, SpannedDiagnostic<'c>> {
    let at = |diagnostic| SpannedDiagnostic::new(request.location(), diagnostic);
    let callee = symbol_attribute(request, "callee").unwrap_or_default();
    let primal = Builder::before(request);
    let location = location_of(request);
    let primals: Vec<Val> = wrt.iter().map(|index| arguments[*index]).collect();
    let types: Vec<Type> = primals.iter().map(|primal| primal.r#type()).collect();
    let (region, tangents, linear) = primal.located(location).region(&types);
    let mut pairs: Vec<Dual> =
        arguments.iter().map(|primal| Dual { primal: *primal, tangent: Tangent::inactive(*primal) }).collect();
    for (index, tangent) in wrt.iter().zip(tangents) {
        pairs[*index].tangent = Tangent::Value(tangent);
    }
    let report = calls.has_report.then(Report::default);
    let mut engine = Linearizer::new(functions, &KeepUnlessFree, &RULES, calls, Mode::Linear);
    engine.set_report(report);
    engine.set_share(share);
    let outputs = engine.function(request, callee, &pairs, primal, linear)?;
    let yields = tangents_of(primal.located(location), linear, &outputs).map_err(at)?;
    linear.op(OpKind::AdYield, &yields, &[], &[], vec![]).map_err(at)?;
    let mut report = engine.take_report();
    if let Some(report) = &mut report {
        report.finish(linear.block(), arguments);
    }
    Ok(Linearized {
        report,
        without_path: engine.without_path(callee, wrt),
        outputs: outputs.iter().map(|output| output.primal).collect(),
        region,
        block: linear.block(),
        primals,
        yields,
    })
}

/// `ad.linear`: the region applied to tangents, or transposed to cotangents.
fn apply<'c>(builder: Builder<'c>, linearized: Linearized<'c>, inputs: &[Val<'c>], transpose: bool) -> Result<Op<'c>> {
    let types = |values: &[Val<'c>]| values.iter().map(|value| value.r#type()).collect::<Vec<_>>();
    let outputs = types(if transpose { &linearized.primals } else { &linearized.yields });
    linear_map(builder, linearized.region, inputs, &linearized.primals, &outputs, transpose)
}

/// A builder with the location of a requested derivative.
fn builder_at<'c>(request: Op<'c>) -> Builder<'c> {
    Builder::before(request).located(location_of(request))
}

fn jvp<'c>(request: Op<'c>, linearized: Linearized<'c>, tangents: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
    let mut outputs = linearized.outputs.clone();
    outputs.extend(results(apply(builder_at(request), linearized, tangents, false)?));
    Ok(outputs)
}

fn grad<'c>(request: Op<'c>, linearized: Linearized<'c>) -> Result<Vec<Val<'c>>> {
    let builder = builder_at(request);
    let mut outputs = linearized.outputs.clone();
    let value = outputs[0];
    let r#type = ValueType::of_value(value)?;
    let seed = builder.splat(Number::of_f64(1.0, r#type.dtype), &r#type, value)?;
    for cotangent in results(apply(builder, linearized, &[seed], true)?) {
        // By convention, a gradient is the conjugate of the cotangent.
        let complex = ValueType::of(cotangent.r#type()).is_some_and(|r#type| r#type.dtype.is_complex());
        outputs.push(if complex { builder.scalar(OpKind::ScalarConj, &[cotangent])? } else { cotangent });
    }
    Ok(outputs)
}

/// The uses of a pullback, all of which must be applications.
fn pulls<'c>(request: Op<'c>) -> Result<Vec<Op<'c>>, SpannedDiagnostic<'c>> {
    if escaping(request).is_some() {
        let diagnostic =
            Diagnostic::unsupported("this pullback escapes: it is used other than by 'ad.pull' in this function");
        let help = "run the pass 'ad', which keeps such pullbacks in records";
        return Err(SpannedDiagnostic::new(request.location(), diagnostic.help(help)));
    }
    let mut found = results(request).pop().map(users).unwrap_or_default();
    found.reverse();
    Ok(found)
}

/// Each application becomes the transposed region; the first takes the region,
/// the others copies of it.
fn vjp<'c>(request: Op<'c>, linearized: Linearized<'c>, pulls: &[Op<'c>]) -> Result<Vec<Val<'c>>> {
    let outputs = linearized.outputs.clone();
    // The extents of cotangents often come from the results, so that no check is needed.
    for (result, value) in results(request).into_iter().zip(&outputs) {
        replace_all_uses(result, *value);
    }
    let mut remaining = Some(linearized);
    let mut first: Option<Op> = None;
    for pull in pulls {
        let cotangents = operands(*pull).split_off(1);
        checked::check(builder_at(*pull), *pull, &cotangents, &outputs, COTANGENT)?;
        let made = match (remaining.take(), first) {
            (Some(linearized), _) => apply(builder_at(*pull), linearized, &cotangents, true)?,
            (None, Some(first)) => {
                let copy = builder_at(*pull).clone_op(first, &[]);
                cotangents.into_iter().enumerate().for_each(|(index, ct)| set_operand(copy, index, ct));
                copy
            }
            (None, None) => return Err(Diagnostic::internal("internal error: a linear region was lost")),
        };
        first.get_or_insert(made);
        for (result, value) in results(*pull).into_iter().zip(results(made)) {
            replace_all_uses(result, value);
        }
    }
    Ok(outputs)
}
