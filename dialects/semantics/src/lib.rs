//! What each operation of `scalar` and `array` computes, in a form that can be checked by
//! reading: pure functions over plain numbers and tensors. Folding of
//! constants, refutation of rewrite rules and the interpreter share them.
//!
//! A number is computed in f64 (its parts, where it is complex; exactly, where
//! it is an integer) and rounded to its own type once. For `+ - * /` and the
//! square root in f32, f16 and bf16 that gives the nearest number, since f64
//! has more than twice their digits; the elementary and special functions, a
//! few units in the last place of f64 off, are rounded twice. They are `libm`'s
//! and this crate's own, not the host's: every machine computes the same bits.
//!
//! Operations are taken to verify: what a verifier rules out may panic. What
//! shows only at run time, extents that do not fit, is a [`Diagnostic`].

mod complex;
mod contract;
mod convert;
mod elementwise;
pub mod fold;
pub mod indices;
mod integer;
mod inverse;
mod memory;
mod quotient;
mod real;
mod rows;
mod shape;
pub mod special;
mod view;

pub use contract::reduce_with;
pub use elementwise::{Kernel, map_elements, scalar};
pub use view::fitting;

use dp_dialects::ops::Table;
use dp_dialects::{Diagnostic, Literal, OpKind, Parameters, Result, ValueType};
use std::sync::LazyLock;

/// How an operation computes its result from its attributes, its operands in the order of ODS, and the type of its
/// result.
type Evaluation = fn(&Parameters, &[Literal], &ValueType) -> Result<Literal>;

/// What evaluates an operation.
enum Evaluator {
    /// A function of whole values.
    Whole(Evaluation),
    /// The kernel of its numbers, element by element.
    Elementwise,
    /// What executes its region.
    Region,
}

/// The operations of `scalar` and `array` that are not elementwise.
const WHOLE: Rows<Evaluation> = &[
    (OpKind::ScalarConstant, constant),
    (OpKind::ArrayConstant, constant),
    (OpKind::ArrayIota, shape::iota),
    (OpKind::ArrayBroadcast, shape::broadcast),
    (OpKind::ArrayReshape, shape::reshape),
    (OpKind::ArrayTranspose, shape::transpose),
    (OpKind::ArraySlice, shape::slice),
    (OpKind::ArrayUpdateSlice, shape::update_slice),
    (OpKind::ArrayPad, shape::pad),
    (OpKind::ArrayConcatenate, shape::concatenate),
    (OpKind::ArrayReduce, contract::reduce),
    (OpKind::ArrayDot, contract::dot),
    (OpKind::ArrayGather, rows::gather),
    (OpKind::ArrayScatter, rows::scatter),
];

/// The evaluators of the operations of `scalar` and `array`.
static EVALUATORS: LazyLock<Table<Evaluator>> = LazyLock::new(|| {
    let covers = |kind: OpKind| matches!(kind.dialect(), "scalar" | "array") && !kind.entry().is_structure;
    let whole = WHOLE.iter().map(|(kind, evaluation)| (*kind, Evaluator::Whole(*evaluation)));
    let elementwise = OpKind::ALL.iter().filter(|kind| elementwise::is_elementwise(**kind));
    let elementwise = elementwise.map(|kind| (*kind, Evaluator::Elementwise));
    Table::new("evaluation", covers, whole.chain(elementwise).chain([(OpKind::ArrayMap, Evaluator::Region)]))
});

/// What an operation without a region computes from known operands, in the
/// order of ODS. `result` is the type of its result, whose unknown extents
/// come from the `index` operands or follow from the others.
///
/// # Errors
/// A diagnostic where extents do not fit, where the operation has a region, or
/// where it is not one of `scalar` and `array`.
pub fn evaluate(kind: OpKind, parameters: &Parameters, operands: &[Literal], result: &ValueType) -> Result<Literal> {
    let literal = match EVALUATORS.get(kind) {
        Some(Evaluator::Whole(evaluation)) => evaluation(parameters, operands, result)?,
        Some(Evaluator::Elementwise) => elementwise::elementwise(kind, parameters, operands, result)?,
        Some(Evaluator::Region) | None => {
            let message = format!("'{}' does not follow from its operands alone", kind.name());
            return Err(Diagnostic::unsupported(message).help("run the program that holds it"));
        }
    };
    view::require_type(&literal, result)?;
    Ok(literal)
}

/// Whether [`evaluate`] knows the operation, on some type of numbers.
pub fn is_evaluated(kind: OpKind) -> bool {
    matches!(EVALUATORS.get(kind), Some(Evaluator::Whole(_) | Evaluator::Elementwise))
}

fn constant(parameters: &Parameters, _: &[Literal], _: &ValueType) -> Result<Literal> {
    match parameters {
        Parameters::Constant(literal) => Ok(literal.clone()),
        _ => Err(malformed()),
    }
}

/// A table with a row for each operation of a group.
type Rows<T> = &'static [(OpKind, T)];

/// The row of an operation in a table.
fn find<T: Copy>(table: Rows<T>, kind: OpKind) -> Option<T> {
    table.iter().find(|(row, _)| *row == kind).map(|(_, entry)| *entry)
}

/// The diagnostic about an operation that cannot have passed a verifier.
fn malformed() -> Diagnostic {
    Diagnostic::invalid("the operation lacks operands or attributes that it needs")
        .help("verify it before it is evaluated")
}
