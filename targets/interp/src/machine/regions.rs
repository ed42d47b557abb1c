//! Operations with regions.

use crate::machine::{Frame, Machine, unsupported};
use dp_dialects::ir::{Blk, Op, is_set, region_block, results};
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, Result, ScalarType, SpannedDiagnostic, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// Whether an operation's first region has a body.
pub(crate) fn has_body(op: Op) -> bool {
    region_block(op, 0).is_some()
}

/// `scf.if`: executes one of two regions, which can use values from outside.
pub(crate) fn branch<'c>(
    machine: &Machine<'c, '_>,
    op: Op<'c>,
    operands: Vec<Literal>,
    frame: &mut Frame,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let taken = operands.first().is_some_and(|predicate| !predicate.element(0).is(0.0));
    match region_block(op, if taken { 0 } else { 1 }) {
        Some(block) => machine.block(block, Vec::new(), frame),
        None => Ok(Vec::new()),
    }
}

/// `ad.linear` without `transpose`: applies the region to the tangents. The operands after them, the primal values, are
/// not used.
pub(crate) fn linear<'c>(
    machine: &Machine<'c, '_>,
    op: Op<'c>,
    operands: Vec<Literal>,
    frame: &mut Frame,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    if is_set(op, "transpose") {
        let diagnostic = Diagnostic::unsupported("the interpreter does not transpose linear maps");
        return Err(SpannedDiagnostic::new(op.location(), diagnostic.help("run the pass 'ad-transpose' first")));
    }
    let block = body(op, 0)?;
    let tangents = operands.into_iter().take(block.argument_count()).collect();
    machine.block(block, tangents, frame)
}

/// `array.map`: applies the region, which is isolated from above, to each element.
pub(crate) fn map<'c>(
    machine: &Machine<'c, '_>,
    op: Op<'c>,
    operands: Vec<Literal>,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let block = body(op, 0)?;
    let dtypes: Vec<ScalarType> = operands.iter().map(|operand| operand.dtype).collect();
    let types = results(op).into_iter().map(|result| ValueType::of(result.r#type()).map(|r#type| r#type.dtype));
    let Some(types) = types.collect::<Option<Vec<ScalarType>>>() else {
        return Err(SpannedDiagnostic::new(op.location(), unsupported(op)));
    };
    located(op, |failed| {
        dp_semantics::map_elements(&operands, &types, |numbers| program(machine, block, &dtypes, numbers, failed))
    })
}

/// `array.reduce region`: combines the elements with the region, starting from the initial value.
pub(crate) fn reduce<'c>(
    machine: &Machine<'c, '_>,
    op: Op<'c>,
    operands: Vec<Literal>,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let block = body(op, 0)?;
    let (Some(Parameters::Reduce { dims, .. }), [x, init]) = (Parameters::of(OpKind::ArrayReduce, op), &operands[..])
    else {
        return Err(SpannedDiagnostic::new(op.location(), unsupported(op)));
    };
    located(op, |failed| {
        let combine = |a, b| combined(machine, block, x.dtype, [a, b], failed);
        dp_semantics::reduce_with(x, init.element(0), &dims, combine).map(|reduced| vec![reduced])
    })
}

/// `array.scan region`: combines the elements with the region, starting from the initial value.
pub(crate) fn scan<'c>(
    machine: &Machine<'c, '_>,
    op: Op<'c>,
    operands: Vec<Literal>,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let block = body(op, 0)?;
    let (Some(Parameters::Scan(form)), [x, init]) = (Parameters::of(OpKind::ArrayScan, op), &operands[..]) else {
        return Err(SpannedDiagnostic::new(op.location(), unsupported(op)));
    };
    located(op, |failed| {
        let combine = |a, b| combined(machine, block, x.dtype, [a, b], failed);
        dp_semantics::scan_with(x, init.element(0), &form, combine).map(|made| vec![made])
    })
}

/// `array.sort`: sorts by the region.
pub(crate) fn sort<'c>(
    machine: &Machine<'c, '_>,
    op: Op<'c>,
    operands: Vec<Literal>,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let block = body(op, 0)?;
    let Some(Parameters::Dim(dim)) = Parameters::of(OpKind::ArraySort, op) else {
        return Err(SpannedDiagnostic::new(op.location(), unsupported(op)));
    };
    let dtypes: Vec<ScalarType> = operands.iter().flat_map(|operand| [operand.dtype; 2]).collect();
    located(op, |failed| {
        dp_semantics::sort_with(&operands, dim, |pairs| {
            let yielded = program(machine, block, &dtypes, pairs, failed)?;
            Ok(yielded.first().is_some_and(|before| !before.is(0.0)))
        })
    })
}

/// The number that a region makes of two.
fn combined<'c>(
    machine: &Machine<'c, '_>,
    block: Blk<'c>,
    dtype: ScalarType,
    pair: [Number; 2],
    failed: &mut Option<SpannedDiagnostic<'c>>,
) -> Result<Number> {
    let combined = program(machine, block, &[dtype, dtype], &pair, failed)?;
    combined.first().copied().ok_or_else(|| Diagnostic::invalid("the region yields nothing"))
}

/// The block of an operation's region.
pub(crate) fn body<'c>(op: Op<'c>, region: usize) -> Result<Blk<'c>, SpannedDiagnostic<'c>> {
    region_block(op, region).ok_or_else(|| SpannedDiagnostic::new(op.location(), unsupported(op)))
}

/// Executes a region on scalars. On failure, stores the location of the diagnostic in `failed`, since the evaluation
/// functions that call this return diagnostics without locations.
fn program<'c>(
    machine: &Machine<'c, '_>,
    block: Blk<'c>,
    dtypes: &[ScalarType],
    numbers: &[Number],
    failed: &mut Option<SpannedDiagnostic<'c>>,
) -> Result<Vec<Number>> {
    let arguments = numbers.iter().zip(dtypes).map(|(number, dtype)| Literal::number(*dtype, *number)).collect();
    match machine.block(block, arguments, &mut Frame::new()) {
        Ok(values) => Ok(values.iter().map(|value| value.element(0)).collect()),
        Err(located) => {
            let diagnostic = located.diagnostic.clone();
            *failed = Some(located);
            Err(diagnostic)
        }
    }
}

/// Locates a diagnostic of an evaluation function: at the failing operation in a region if there is one, otherwise at
/// the operation itself.
fn located<'c, T>(
    op: Op<'c>,
    kernel: impl FnOnce(&mut Option<SpannedDiagnostic<'c>>) -> Result<T>,
) -> Result<T, SpannedDiagnostic<'c>> {
    let mut failed = None;
    let outcome = kernel(&mut failed);
    outcome.map_err(|diagnostic| failed.unwrap_or_else(|| SpannedDiagnostic::new(op.location(), diagnostic)))
}
