//! What well-formed operations satisfy beyond what ODS says of them.

mod ad;
mod array;
mod scalar;

use crate::infer::infer;
use crate::ir::{Op, operands, results};
use crate::parameters::Parameters;
use crate::types::MAX_RANK;
use crate::{Diagnostic, OpKind, Result, ValueType};
use melior::ir::ValueLike;

pub(crate) use ad::request;

fn complain<T>(message: impl Into<String>) -> Result<T> {
    Err(Diagnostic::new(message))
}

/// Checks one operation of ours.
///
/// # Errors
/// What is wrong with it.
pub fn operation(op: Op) -> Result<()> {
    let Some(kind) = OpKind::of(op) else { return Ok(()) };
    if kind.dialect() == "ad" {
        return ad::verify(kind, op);
    }
    let Some(parameters) = Parameters::of(kind, op) else {
        return complain("has a missing or malformed attribute");
    };
    let types = |values: Vec<crate::ir::Val>| -> Option<Vec<ValueType>> {
        values.into_iter().map(|value| ValueType::of(value.r#type())).collect()
    };
    let (Some(operands), Some(results)) = (types(operands(op)), types(results(op))) else {
        return complain("takes and gives numbers and tensors of numbers");
    };
    if let Some(r#type) = operands.iter().chain(&results).find(|r#type| r#type.rank() > MAX_RANK) {
        let diagnostic = Diagnostic::new(format!("has a tensor of rank {}; the largest is {MAX_RANK}", r#type.rank()));
        return Err(diagnostic.help("merge dimensions that are always used together"));
    }
    match kind.dialect() {
        "scalar" => scalar::verify(kind, &parameters, &operands, &results),
        _ => array::verify(kind, op, &parameters, &operands, &results),
    }
}

/// Checks the result of an operation whose result type follows.
fn inferred(kind: OpKind, parameters: &Parameters, operands: &[ValueType], result: &ValueType) -> Result<()> {
    let expected = infer(kind, operands, parameters)?;
    if expected == *result { Ok(()) } else { complain(format!("gives {expected}, not {result}")) }
}
