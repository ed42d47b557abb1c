//! Upstream operations that move values, and operations with regions.

use super::{Derivative, DerivativeRule, Linearity, Tangents};
use crate::checkpoints::region::CHECKPOINTS;
use crate::regions::{BRANCHES, CONDITIONAL, COUNTED, MAP};
use crate::rules::shape::only_element;
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::MlirType;
use dp_dialects::OpKind::*;
use dp_dialects::ir::{Op, Val, constant_integer, operands, result};
use dp_dialects::parameters::Start;
use dp_dialects::{Diagnostic, Parameters, Result, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

const INDICES: &str = "indices and integers carry no derivative";

/// Why records have no derivative: the tangents of what they keep would have to be kept beside them.
const RECORD: &str = "records come from derivatives of functions, and are differentiated as part of these functions, by the \
    pass that made them";

pub(super) static ROWS: &[DerivativeRule] = &[
    DerivativeRule::new(ScfIf, Derivative::Region(&BRANCHES)),
    DerivativeRule::new(ScfIndexSwitch, Derivative::Region(&BRANCHES)),
    DerivativeRule::new(ScfFor, Derivative::Region(&COUNTED)),
    DerivativeRule::new(ScfWhile, Derivative::Region(&CONDITIONAL)),
    DerivativeRule::new(ArrayMap, Derivative::Region(&MAP)),
    DerivativeRule::new(AdCheckpoint, Derivative::Region(&CHECKPOINTS)),
    DerivativeRule::new(AdBarrier, Derivative::Special(barrier, "that of the operand")),
    DerivativeRule::inactive(AdStopGradient, "zero by definition"),
    DerivativeRule::linear(TensorExtract, extract),
    DerivativeRule::linear(TensorFromElements, from_elements),
    DerivativeRule::linear(TensorCast, cast),
    DerivativeRule::linear(ArrayShard, shard),
    DerivativeRule::inactive(TensorDim, INDICES).having(Linearity::Extents),
    DerivativeRule::inactive(ArithConstant, "a constant"),
    DerivativeRule::inactive(ArithIndexCast, INDICES),
    DerivativeRule::inactive(ArithAddI, INDICES),
    DerivativeRule::inactive(ArithSubI, INDICES),
    DerivativeRule::inactive(ArithMulI, INDICES),
    DerivativeRule::inactive(ArithDivSI, INDICES),
    DerivativeRule::inactive(ArithRemSI, INDICES),
    DerivativeRule::inactive(ArithMaxSI, INDICES),
    DerivativeRule::inactive(ArithMinSI, INDICES),
    DerivativeRule::inactive(ArithCmpI, INDICES),
    DerivativeRule::inactive(CfAssert, "has no results"),
    DerivativeRule::new(AdRecord, Derivative::Unsupported(RECORD)),
    DerivativeRule::new(AdRecall, Derivative::Unsupported(RECORD)),
    DerivativeRule::new(AdReserve, Derivative::Unsupported(RECORD)),
    DerivativeRule::new(AdRelease, Derivative::Unsupported(RECORD)),
    DerivativeRule::new(
        ArithSelect,
        Derivative::Unsupported("'arith.select' of floats is raised to 'scalar.select' first: run 'raise-to-scalar'"),
    ),
];

/// The tangent itself: only primal values are computed again.
fn barrier<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    Ok(vec![site.tangents[0]])
}

/// One element of the operand's cotangent: with other reads where the place is known, else added in place.
fn extract<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let arguments = operands(op);
    let (x, builder) = (arguments[0], t.at(op));
    let Some(r#type) = ValueType::of(x.r#type()) else { return Ok(()) };
    let places: Vec<Option<i64>> = arguments[1..].iter().map(|position| constant_integer(*position)).collect();
    if t.is_linear(x) && t.read_at(op, x, &places, ct) {
        return Ok(());
    }
    let one = ValueType::tensor(r#type.dtype, vec![Some(1); r#type.rank()]);
    let element = builder.broadcast(ct, &[], &one, &[])?;
    if r#type.rank() == 0 {
        return t.accumulate(x, element);
    }
    let mut updated = vec![t.slot(builder, x)?, element];
    for position in &arguments[1..] {
        updated.push(t.residual(*position)?);
    }
    let starts = vec![Start::Operand; r#type.rank()];
    let added = builder.emit(ArrayUpdateSlice, &Parameters::Update { starts, accumulate: true }, &updated)?;
    t.set_slot(x, added);
    Ok(())
}

fn from_elements<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let builder = t.at(op);
    let Some(r#type) = ValueType::of(ct.r#type()) else { return Ok(()) };
    for (position, element) in operands(op).into_iter().enumerate() {
        if !t.is_linear(element) {
            continue;
        }
        // The row-major position, as one index a dimension.
        let mut rest = position as u64;
        let mut indices = vec![0; r#type.rank()];
        for (dim, extent) in r#type.extents().iter().enumerate().rev() {
            let extent = extent.unwrap_or(1).max(1);
            indices[dim] = rest % extent;
            rest /= extent;
        }
        let share = if indices.is_empty() {
            only_element(builder, ct)?
        } else {
            let mut arguments = vec![ct];
            for index in indices {
                arguments.push(builder.index(index as i64)?);
            }
            let number = r#type.dtype.to_type(builder.context());
            result(builder.op(TensorExtract, &arguments, &[number], &[], vec![])?)
        };
        t.accumulate(element, share)?;
    }
    Ok(())
}

fn cast<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let x = operands(op)[0];
    let back = t.at(op).op(TensorCast, &[ct], &[x.r#type()], &[], vec![])?;
    t.accumulate(x, result(back))
}

/// A cotangent is spread as the tensor is.
fn shard<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let held = op.attribute("sharding").map_err(|_| Diagnostic::invalid("has no 'sharding'"))?;
    let back = t.at(op).op(ArrayShard, &[ct], &[ct.r#type()], &[("sharding", held)], vec![])?;
    t.accumulate(operands(op)[0], result(back))
}
