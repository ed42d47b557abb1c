//! What the interpreter executes of upstream's dialects: arithmetic on indices,
//! and the extents and single elements of tensors.

use crate::machine::fits;
use dp_dialects::ir::{Op, i64_attribute, results, string_attribute};
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Result, ValueType};
use dp_semantics::indices;
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// How one of these operations computes its result, whose type is given.
type Evaluation = fn(Op, &[Literal], &ValueType) -> Result<Literal>;

/// The result of one of these operations; `None` for another operation.
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
        return Some(Err(Diagnostic::new("gives a value that is neither a number nor a tensor of numbers")
            .help("the interpreter computes with numbers and tensors of them")));
    };
    Some(evaluation(op, &values, &result))
}

fn operand(values: &[Literal], index: usize) -> Result<&Literal> {
    values.get(index).ok_or_else(|| Diagnostic::new("lacks an operand").help("verify the module first"))
}

/// An operand that is one integer.
fn number(values: &[Literal], index: usize) -> Result<i64> {
    match operand(values, index)? {
        literal if literal.shape.is_none() && !literal.dtype.is_differentiable() => Ok(literal.element(0).integer()),
        literal => Err(Diagnostic::new(format!("does not compute with {} here", literal.value_type()))
            .help("run the pass 'raise-to-scalar' first: what is numeric is computed by 'scalar'")),
    }
}

fn integer(result: &ValueType, value: i64) -> Result<Literal> {
    Ok(Literal::number(result.dtype, Number::Integer(value)))
}

fn arithmetic(op: Op, values: &[Literal], result: &ValueType) -> Result<Literal> {
    let malformed = || Diagnostic::new("is no arithmetic on integers").help("verify the module first");
    let kind = OpKind::of(op).ok_or_else(malformed)?;
    let numbers = (0..values.len()).map(|index| number(values, index)).collect::<Result<Vec<_>, _>>()?;
    let undefined =
        || Diagnostic::new("the quotient is not defined").help("the divisor is 0, or the quotient overflows");
    let computed = indices::evaluate(kind, i64_attribute(op, "predicate"), &numbers);
    integer(result, computed.ok_or_else(undefined)?)
}

/// `arith.select`, whose predicate is one boolean.
fn select(_: Op, values: &[Literal], _: &ValueType) -> Result<Literal> {
    let chosen = if number(values, 0)? != 0 { 1 } else { 2 };
    operand(values, chosen).cloned()
}

fn constant(op: Op, _: &[Literal], _: &ValueType) -> Result<Literal> {
    let literal = op.attribute("value").ok().and_then(Literal::of);
    literal.ok_or_else(|| Diagnostic::new("is a constant of a type that the interpreter does not compute with"))
}

fn dim(_: Op, values: &[Literal], result: &ValueType) -> Result<Literal> {
    let (x, dim) = (operand(values, 0)?, number(values, 1)?);
    let extent = usize::try_from(dim).ok().and_then(|dim| x.extents().get(dim));
    let outside = || {
        let what = format!("asks for dimension {dim} of a tensor of rank {}", x.extents().len());
        Diagnostic::new(what).help("dimensions are counted from 0")
    };
    integer(result, *extent.ok_or_else(outside)? as i64)
}

fn extract(_: Op, values: &[Literal], _: &ValueType) -> Result<Literal> {
    let x = operand(values, 0)?;
    let mut position = 0;
    for (dim, extent) in x.extents().iter().enumerate() {
        let index = number(values, dim + 1)?;
        let Some(index) = u64::try_from(index).ok().filter(|index| index < extent) else {
            let what = format!("index {index} is outside of dimension {dim}, whose extent is {extent}");
            return Err(Diagnostic::new(what).help("indices run from 0 to the extent, less one"));
        };
        position = position * extent + index;
    }
    Ok(Literal::number(x.dtype, x.element(position as usize)))
}

fn from_elements(_: Op, values: &[Literal], result: &ValueType) -> Result<Literal> {
    let shape: Option<Vec<u64>> = result.extents().iter().copied().collect();
    let elements = values.iter().map(|value| value.element(0)).collect();
    let shape =
        shape.ok_or_else(|| Diagnostic::new("makes a tensor of dynamic extents").help("verify the module first"))?;
    Ok(Literal::tensor(result.dtype, shape, elements))
}

/// `cf.assert`: the program's own message where the condition does not hold.
pub(crate) fn assert(op: Op, values: &[Literal]) -> Result<()> {
    if number(values, 0)? != 0 {
        return Ok(());
    }
    let message = string_attribute(op, "msg").unwrap_or("an assertion does not hold");
    Err(Diagnostic::new(message).help("check the values and the shapes of the arguments"))
}

/// `tensor.cast`: the same tensor, whose extents must be what the type says.
fn cast(_: Op, values: &[Literal], result: &ValueType) -> Result<Literal> {
    let x = operand(values, 0)?;
    if fits(x, result) {
        return Ok(x.clone());
    }
    Err(Diagnostic::new(format!("the tensor is a {}, but is cast to {result}", x.value_type()))
        .help("check the shapes of the arguments"))
}
