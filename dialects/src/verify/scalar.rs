//! Elementwise operations: which numbers they take. Shapes agree by ODS traits.

use super::{complain, inferred};
use crate::legality::{classes, predicate_classes};
use crate::parameters::Parameters;
use crate::{DType, Diagnostic, OpKind, Result, ValueType};

pub(super) fn verify(
    kind: OpKind,
    parameters: &Parameters,
    operands: &[ValueType],
    results: &[ValueType],
) -> Result<()> {
    let [result] = results else { return complain("has one result") };
    if let Parameters::Constant(literal) = parameters {
        let same = literal.value_type() == *result;
        return if same { Ok(()) } else { complain(format!("holds {}, not {result}", literal.value_type())) };
    }
    let Some(x) = operands.first() else { return complain("needs an operand") };
    let classes = match parameters {
        Parameters::Compare(predicate) => Some(predicate_classes(predicate.keyword())),
        _ => classes(kind),
    };
    if let Some(classes) = classes.filter(|classes| !classes.admits(x.dtype)) {
        let diagnostic = Diagnostic::new(format!("does not take {}", x.dtype));
        return Err(diagnostic.help(format!("it takes {}", classes.describe())));
    }
    match kind {
        OpKind::ScalarConvert => convert(x, result),
        OpKind::ScalarSelect => select(operands, result),
        _ => inferred(kind, parameters, operands, result),
    }
}

fn convert(x: &ValueType, result: &ValueType) -> Result<()> {
    if x.shape != result.shape {
        return complain("keeps the shape of its operand");
    }
    if x.dtype.is_complex() && !result.dtype.is_complex() {
        let diagnostic = Diagnostic::new("does not convert complex numbers to real ones");
        return Err(diagnostic.help("take 'scalar.real', 'scalar.imag' or 'scalar.abs' first"));
    }
    Ok(())
}

fn select(operands: &[ValueType], result: &ValueType) -> Result<()> {
    let [predicate, a, _] = operands else { return complain("takes a predicate and two values") };
    if predicate.dtype != DType::I1 || predicate.shape != a.shape {
        let wanted = a.with_dtype(DType::I1);
        let diagnostic = Diagnostic::new(format!("takes a predicate of type {wanted}, not {predicate}"));
        return Err(diagnostic.help("repeat a single predicate with 'array.broadcast'"));
    }
    if a == result { Ok(()) } else { complain(format!("gives {a}, not {result}")) }
}
