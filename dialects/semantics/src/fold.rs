//! Folders of single operations: constant folding, and operations that return their operand. Algebraic laws belong to
//! rewriting, which knows the floating-point model.

use crate::evaluate;
use dp_dialects::ir::{Op, Val, context_of, operands, results};
use dp_dialects::{Fold, Literal, OpKind, Parameters, ValueType, install_folder};
use melior::ir::{Attribute, ValueLike};

/// The most elements that a folded constant has; larger ones are left to run
/// time, where they cost no space in the program.
const LIMIT: u64 = 1024;

/// Makes our operations fold. Once is enough; again does nothing.
pub fn install() {
    install_folder(fold);
}

fn fold<'c>(op: Op<'c>, known: &[Option<Attribute<'c>>]) -> Fold<'c> {
    let Some(kind) = OpKind::of(op) else { return Fold::Unchanged };
    let Some(parameters) = Parameters::of(kind, op) else { return Fold::Unchanged };
    match same(kind, op, &parameters) {
        Some(value) => Fold::Value(value),
        None => constant(kind, op, &parameters, known).unwrap_or(Fold::Unchanged),
    }
}

/// The operand that an operation gives unchanged, if it does.
fn same<'c>(kind: OpKind, op: Op<'c>, parameters: &Parameters) -> Option<Val<'c>> {
    let arguments = operands(op);
    let result = *results(op).first()?;
    let x = *arguments.first()?;
    let is_static = || ValueType::of(x.r#type()).is_some_and(|r#type| r#type.is_static());
    let unchanged = match (kind, parameters) {
        (OpKind::ScalarSelect, _) => return (arguments[1] == arguments[2]).then_some(arguments[1]),
        (OpKind::ScalarConvert | OpKind::ScalarBitcast, _) => true,
        (OpKind::ArrayReshape | OpKind::ArrayBroadcast | OpKind::ArraySlice | OpKind::ArrayPad, _) => is_static(),
        (OpKind::ArrayConcatenate, _) => arguments.len() == 1,
        (OpKind::ArrayTranspose, Parameters::Permutation(permutation)) => permutation.is_sorted(),
        _ => false,
    };
    (unchanged && x.r#type() == result.r#type()).then_some(x)
}

/// The constant that an operation on constants gives.
fn constant<'c>(
    kind: OpKind,
    op: Op<'c>,
    parameters: &Parameters,
    known: &[Option<Attribute<'c>>],
) -> Option<Fold<'c>> {
    let result = ValueType::of(results(op).first()?.r#type())?;
    if result.count()? > LIMIT || !crate::is_evaluated(kind) || known.is_empty() {
        return None;
    }
    let literals: Vec<Literal> = known.iter().map(|known| Literal::of((*known)?)).collect::<Option<_>>()?;
    let folded = evaluate(kind, parameters, &literals, &result).ok()?;
    Some(Fold::Constant(folded.to_attribute(context_of(op))))
}
