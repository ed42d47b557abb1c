//! Maps and reductions.

use super::barriers;
use super::elementwise::convert;
use super::emitter::{Emitter, ExportSite};
use super::text::{Tensor, Term, list};
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{Op, Val, block_args, block_ops, region_block, results, walk};
use dp_dialects::{Diagnostic, Parameters, SpannedDiagnostic, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// A map: its body on whole tensors.
pub(super) fn map<'c>(e: &mut Emitter<'c>, op: Op<'c>, terms: &[Term]) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let Some(body) = region_block(op, 0) else { return Ok(Vec::new()) };
    if let Some(inner) = with_tensor(op) {
        let message = "a tensor in the body of a map, such as the values that the derivative of a loop keeps, is not \
                       supported by the target xla";
        let diagnostic = Diagnostic::unsupported(message).help("write the map as a loop, or use --target=cpu");
        return Err(SpannedDiagnostic::new(inner.location(), diagnostic));
    }
    let shape = terms.first().map(|term| term.r#type.shape.clone()).unwrap_or_default();
    let outside = (std::mem::replace(&mut e.lanes, shape), e.here.take());
    block_args(body).into_iter().zip(terms).for_each(|(argument, term)| e.bind(argument, term.clone()));
    let made = e.block(body);
    (e.lanes, e.here) = outside;
    made
}

/// The first operation in the body of a map that makes a tensor: each lane would need its own.
fn with_tensor<'c>(map: Op<'c>) -> Option<Op<'c>> {
    let is_tensor = |value: Val| ValueType::of(value.r#type()).is_some_and(|of| of.is_tensor());
    let mut found = None;
    for op in region_block(map, 0).map(block_ops).unwrap_or_default() {
        walk(op, &mut |inner| found = found.or_else(|| results(inner).into_iter().any(is_tensor).then_some(inner)));
    }
    found
}

/// A reduction: its identity and its scalar operation.
pub(super) fn reduce<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Reduce { kind, dims } = &site.parameters else { return site.malformed() };
    if dims.is_empty() {
        return Ok(site.operands[0].clone());
    }
    let x = &barriers::apart(e, &site.operands[0]);
    let dtype = x.r#type.dtype();
    if let (Some(name), Some(identity)) = (short(*kind), kind.identity(dtype)) {
        // Whether XLA rounds partial sums of f16 and bf16 depends on the device.
        let work = kind.accumulator(dtype);
        let x = convert(e, x, work, false);
        let init = e.splat(work, identity, &[]);
        let to = site.result.of(work);
        let total = reduced(e, &x, &init, name, dims, to);
        return Ok(convert(e, &total, dtype, false));
    }
    let Some(init) = site.operands.get(1).cloned() else { return site.malformed() };
    let Some(body) = region_block(site.op, 0) else { return site.malformed() };
    let result = e.w.fresh(site.result.clone());
    let outside = (std::mem::take(&mut e.lanes), e.here.take());
    let status = e.status.take();
    e.w.line(format_args!(
        "{result} = stablehlo.reduce({x} init: {init}) across dimensions = [{}] : ({}, {}) -> {}",
        list(dims),
        x.r#type,
        init.r#type,
        result.r#type
    ));
    let arguments = e.arguments(site.op, body)?;
    e.w.open(format_args!(" reducer({}) {{", arguments.join(", ")));
    let given = e.block(body)?;
    (e.lanes, e.here) = outside;
    e.status = status;
    e.w.line(format_args!("stablehlo.return {} : {}", list(&given), super::text::types(&given)));
    e.w.close("}");
    Ok(result)
}

/// A reduction by a StableHLO operation.
pub(super) fn reduced(e: &mut Emitter, x: &Term, init: &Term, name: &str, dims: &[usize], to: Tensor) -> Term {
    let result = e.w.fresh(to);
    e.w.line(format_args!(
        "{result} = stablehlo.reduce({x} init: {init}) applies stablehlo.{name} across dimensions = [{}] : ({}, {}) -> {}",
        list(dims),
        x.r#type,
        init.r#type,
        result.r#type
    ));
    result
}

/// The operation of the short form.
pub(super) fn short(kind: Reduction) -> Option<&'static str> {
    Some(match kind {
        Reduction::Add => "add",
        Reduction::Mul => "multiply",
        Reduction::Max => "maximum",
        Reduction::Min => "minimum",
        Reduction::And => "and",
        Reduction::Or => "or",
        Reduction::Region => return None,
    })
}
