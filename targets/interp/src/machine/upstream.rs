//! Upstream operations: index arithmetic, and extents and single elements of tensors.

use crate::machine::fits;
use dp_dialects::diagnostics::help_of_check;
use dp_dialects::ir::{Op, i64_attribute, results, string_attribute};
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Result, ValueType};
use dp_semantics::indices;
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// Evaluates an operation, given its operands and its result type.
type Evaluation = fn(Op, &[Literal], &ValueType) -> Result<Literal>;

/// Evaluates an upstream operation; `None` if it is not supported here.
pub(crate) fn evaluate(kind: OpKind, op: Op, values: Vec<Literal>) -> Option<Result<Literal>> {
    let evaluation: Evaluation = match kind {
        OpKind::TensorDim => dim,
        OpKind::TensorExtract => extract,
        OpKind::TensorFromElements => from_elements,
        OpKind::TensorCast => cast,
        OpKind::ArithConstant => constant,
        OpKind::ArithSelect => select,
        OpKind::ArithIndexCast
        | OpKind::ArithAddI
        | OpKind::ArithSubI
        | OpKind::ArithMulI
        | OpKind::ArithDivSI
        | OpKind::ArithRemSI
        | OpKind::ArithMaxSI
        | OpKind::ArithMinSI
        | OpKind::ArithCmpI => arithmetic,
        _ => return None,
    };
    let result = results(op).first().and_then(|result| ValueType::of(result.r#type()));
    let Some(result) = result else {
        return Some(Err(Diagnostic::unsupported("has a result that is neither a scalar nor a tensor")
            .help("the interpreter supports scalars and tensors")));
    };
    Some(evaluation(op, &values, &result))
}

fn operand(values: &[Literal], index: usize) -> Result<&Literal> {
    values.get(index).ok_or_else(|| Diagnostic::invalid("lacks an operand").help("verify the module first"))
}

/// The value of a scalar integer operand.
fn number(values: &[Literal], index: usize) -> Result<i64> {
    match operand(values, index)? {
        literal if literal.shape.is_none() && !literal.dtype.is_differentiable() => Ok(literal.element(0).integer()),
        literal => Err(Diagnostic::unsupported(format!("does not support {}", literal.value_type()))
            .help("run the pass 'raise-to-scalar' first")),
    }
}

fn integer(result: &ValueType, value: i64) -> Result<Literal> {
    Ok(Literal::number(result.dtype, Number::Integer(value)))
}

fn arithmetic(op: Op, values: &[Literal], result: &ValueType) -> Result<Literal> {
    let malformed = || Diagnostic::invalid("is not integer arithmetic").help("verify the module first");
    let kind = OpKind::of(op).ok_or_else(malformed)?;
    if kind == OpKind::ArithIndexCast {
        return integer(result, indices::index_cast(number(values, 0)?, operand(values, 0)?.dtype));
    }
    let numbers = (0..values.len()).map(|index| number(values, index)).collect::<Result<Vec<_>, _>>()?;
    let undefined =
        || Diagnostic::run_time("the quotient is undefined").help("the divisor is 0, or the quotient overflows");
    let computed = indices::evaluate(kind, i64_attribute(op, "predicate"), &numbers);
    integer(result, computed.ok_or_else(undefined)?)
}

/// `arith.select`, with a scalar condition.
fn select(_: Op, values: &[Literal], _: &ValueType) -> Result<Literal> {
    let chosen = if number(values, 0)? != 0 { 1 } else { 2 };
    operand(values, chosen).cloned()
}

fn constant(op: Op, _: &[Literal], _: &ValueType) -> Result<Literal> {
    let literal = op.attribute("value").ok().and_then(Literal::of);
    literal.ok_or_else(|| Diagnostic::unsupported("has a constant of an unsupported type"))
}

fn dim(_: Op, values: &[Literal], result: &ValueType) -> Result<Literal> {
    let (x, dim) = (operand(values, 0)?, number(values, 1)?);
    let extent = usize::try_from(dim).ok().and_then(|dim| x.extents().get(dim));
    let outside = || {
        let what = format!("dimension {dim} is out of range for rank {}", x.extents().len());
        Diagnostic::run_time(what).help("dimensions count from 0")
    };
    integer(result, *extent.ok_or_else(outside)? as i64)
}

fn extract(_: Op, values: &[Literal], _: &ValueType) -> Result<Literal> {
    let x = operand(values, 0)?;
    let mut position = 0;
    for (dim, extent) in x.extents().iter().enumerate() {
        let index = number(values, dim + 1)?;
        let Some(index) = u64::try_from(index).ok().filter(|index| index < extent) else {
            let what = format!("index {index} is out of bounds for dimension {dim} of extent {extent}");
            return Err(Diagnostic::run_time(what).help("indices count from 0"));
        };
        position = position * extent + index;
    }
    Ok(Literal::number(x.dtype, x.element(position as usize)))
}

fn from_elements(_: Op, values: &[Literal], result: &ValueType) -> Result<Literal> {
    let shape: Option<Vec<u64>> = result.extents().iter().copied().collect();
    let elements = values.iter().map(|value| value.element(0)).collect();
    let shape = shape
        .ok_or_else(|| Diagnostic::invalid("has a result with dynamic extents").help("verify the module first"))?;
    Ok(Literal::tensor(result.dtype, shape, elements))
}

/// `cf.assert`: fails with the message of the program if the condition is false.
pub(crate) fn assert(op: Op, values: &[Literal]) -> Result<()> {
    if number(values, 0)? != 0 {
        return Ok(());
    }
    let message = string_attribute(op, "msg").unwrap_or("assertion failed");
    Err(Diagnostic::run_time(message).help(help_of_check(message)))
}

/// `tensor.cast`: the operand, whose extents must match the result type.
fn cast(_: Op, values: &[Literal], result: &ValueType) -> Result<Literal> {
    let x = operand(values, 0)?;
    if fits(x, result) {
        return Ok(x.clone());
    }
    Err(Diagnostic::run_time(format!("cannot cast {} to {result}", x.value_type()))
        .help("check the shapes of the arguments"))
}
