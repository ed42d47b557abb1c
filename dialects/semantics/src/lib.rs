//! The semantics of each operation of `scalar` and `array`, as pure functions on plain numbers and tensors. Constant
//! folding, the tests of rewrite rules and the interpreter share them.
//!
//! Floats are computed in f64 (complex numbers in two f64) and rounded once to their type; integers are exact. For `+ -
//! * /` and the square root in f32, f16 and bf16 the result is correctly rounded, since f64 has more than twice their
//! digits. Elementary and special functions have errors of a few ulp in f64 before rounding. They come from the crate
//! `libm` and from this crate, not from the host, so every machine computes the same bits.
//!
//! Operations are assumed to verify; violations may panic. Errors that are only visible at run time, such as extents
//! that do not match, are [`Diagnostic`]s.

mod bits;
mod complex;
mod contract;
mod convert;
mod elementwise;
mod elimination;
pub mod fold;
pub mod fourier;
mod function;
pub mod indices;
mod integer;
mod linear_algebra;
mod memory;
mod orthogonal;
mod real;
mod require;
mod rows;
mod scan;
mod shape;
mod sort;
pub mod special;
mod view;

pub use contract::reduce_with;
pub use elementwise::{Kernel, map_elements, scalar};
pub use scan::scan_with;
pub use sort::sort_with;
pub use view::fitting;

use dp_dialects::ops::Table;
use dp_dialects::{Diagnostic, Literal, OpKind, Parameters, Result, ValueType};
use function::Rows;
use require::{malformed, require_type};
use std::sync::LazyLock;

/// Computes the result of an operation from its attributes, its operands in ODS order, and its result type.
type Evaluation = fn(&Parameters, &[Literal], &ValueType) -> Result<Literal>;

/// How an operation is evaluated.
enum Evaluator {
    /// By a function on whole values.
    Whole(Evaluation),
    /// Elementwise, by its scalar kernel.
    Elementwise,
    /// By executing its region.
    Region,
}

/// The operations of `scalar` and `array` that are not elementwise.
const WHOLE: Rows<Evaluation> = &[
    (OpKind::ScalarConstant, constant),
    (OpKind::ArrayShard, identity),
    (OpKind::ArrayConstant, constant),
    (OpKind::ArrayIota, shape::iota),
    (OpKind::ArrayBroadcast, shape::broadcast),
    (OpKind::ArrayReshape, shape::reshape),
    (OpKind::ArrayTranspose, shape::transpose),
    (OpKind::ArraySlice, shape::slice),
    (OpKind::ArrayUpdateSlice, shape::update_slice),
    (OpKind::ArrayPad, shape::pad),
    (OpKind::ArrayWindows, shape::windows),
    (OpKind::ArrayConcatenate, shape::concatenate),
    (OpKind::ArrayReduce, contract::reduce),
    (OpKind::ArrayScan, scan::scan),
    (OpKind::ArrayDot, contract::dot),
    (OpKind::ArrayCholesky, linear_algebra::cholesky),
    (OpKind::ArrayTriangularSolve, linear_algebra::triangular_solve),
    (OpKind::ArrayLuPivots, elimination::pivots),
    (OpKind::ArrayLu, elimination::lu),
    (OpKind::ArraySwapRows, elimination::swap_rows),
    (OpKind::ArrayQr, orthogonal::qr),
    (OpKind::ArrayQrTaus, orthogonal::qr_taus),
    (OpKind::ArrayEighValues, orthogonal::eigh_values),
    (OpKind::ArrayEighVectors, orthogonal::eigh_vectors),
    (OpKind::ArraySvdValues, orthogonal::svd_values),
    (OpKind::ArraySvdLeft, orthogonal::svd_left),
    (OpKind::ArraySvdRight, orthogonal::svd_right),
    (OpKind::ArrayFft, fourier::fft),
    (OpKind::ArrayGather, rows::gather),
    (OpKind::ArrayScatter, rows::scatter),
];

/// The evaluators of the operations of `scalar` and `array`.
static EVALUATORS: LazyLock<Table<Evaluator>> = LazyLock::new(|| {
    let covers = |kind: OpKind| matches!(kind.dialect(), "scalar" | "array") && !kind.entry().is_structure;
    let whole = WHOLE.iter().map(|(kind, evaluation)| (*kind, Evaluator::Whole(*evaluation)));
    let elementwise = OpKind::ALL.iter().filter(|kind| elementwise::is_elementwise(**kind));
    let elementwise = elementwise.map(|kind| (*kind, Evaluator::Elementwise));
    let regions = [OpKind::ArrayMap, OpKind::ArraySort].map(|kind| (kind, Evaluator::Region));
    Table::new("evaluation", covers, whole.chain(elementwise).chain(regions))
});

/// Evaluates an operation without regions on constant operands, in ODS order. `result` is the result type; its dynamic
/// extents come from `index` operands or from the other operands.
///
/// # Errors
/// If extents do not match, the operation has a region, or it is not in `scalar` or `array`.
pub fn evaluate(kind: OpKind, parameters: &Parameters, operands: &[Literal], result: &ValueType) -> Result<Literal> {
    let literal = match EVALUATORS.get(kind) {
        Some(Evaluator::Whole(evaluation)) => evaluation(parameters, operands, result)?,
        Some(Evaluator::Elementwise) => elementwise::elementwise(kind, parameters, operands, result)?,
        Some(Evaluator::Region) | None => {
            let message = format!("'{}' cannot be evaluated from its operands alone", kind.name());
            return Err(Diagnostic::unsupported(message).help("run the program instead"));
        }
    };
    require_type(&literal, result)?;
    Ok(literal)
}

/// Whether [`evaluate`] supports the operation for some element type.
pub fn is_evaluated(kind: OpKind) -> bool {
    matches!(EVALUATORS.get(kind), Some(Evaluator::Whole(_) | Evaluator::Elementwise))
}

/// On one device.
fn identity(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    operands.first().cloned().ok_or_else(malformed)
}

fn constant(parameters: &Parameters, _: &[Literal], _: &ValueType) -> Result<Literal> {
    if let Parameters::Constant(literal) = parameters { Ok(literal.clone()) } else { Err(malformed()) }
}
