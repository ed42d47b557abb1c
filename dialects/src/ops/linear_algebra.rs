//! Factorizations of matrices, and the solution of linear equations. The last two dimensions are those of a matrix, the
//! others are batch dimensions.

use super::extents::{follow, of_first};
use super::{Entry, Extents, Source, Work, first, invalid, read};
use crate::parameters::Parameters;
use crate::types::compatible;
use crate::{Diagnostic, OpKind::*, Result, ScalarType, ValueType};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::term(ArrayCholesky, read::nothing)
        .extents(Extents::Follow(of_first))
        .inferred(cholesky)
        .work(Work::Elimination(1)),
    Entry::term(ArrayTriangularSolve, read::solve)
        .extents(Extents::Follow(of_solution))
        .inferred(solve)
        .work(Work::Elimination(3)),
    Entry::term(ArrayLuPivots, read::nothing).extents(Extents::Follow(of_pivots)).inferred(pivots),
    Entry::term(ArrayLu, read::nothing).extents(Extents::Follow(of_first)).inferred(lu).work(Work::Elimination(2)),
    Entry::term(ArraySwapRows, read::swaps).extents(Extents::Follow(of_first)).inferred(swap_rows),
];

/// Requires a batch of matrices with elements that can be divided: f32, f64 or complex numbers.
fn check_matrices(x: &ValueType) -> Result<()> {
    if x.rank() < 2 {
        return invalid(format!("takes matrices, not {x}"));
    }
    match x.dtype {
        ScalarType::F32 | ScalarType::F64 | ScalarType::Complex64 | ScalarType::Complex128 => Ok(()),
        ScalarType::F16
        | ScalarType::BF16
        | ScalarType::I1
        | ScalarType::I8
        | ScalarType::I16
        | ScalarType::I32
        | ScalarType::I64
        | ScalarType::Index => {
            let diagnostic = Diagnostic::invalid(format!("does not support elements of type {}", x.dtype));
            Err(diagnostic.help("convert them to f32 or f64 with 'scalar.convert'"))
        }
    }
}

fn check_square(x: &ValueType) -> Result<()> {
    check_matrices(x)?;
    match x.extents() {
        [.., rows, columns] if compatible(*rows, *columns) => Ok(()),
        _ => invalid(format!("requires square matrices, not {x}")),
    }
}

fn cholesky(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    check_square(&x)?;
    Ok(x)
}

/// Batch dimensions are those of both operands, and so is the one that is solved for; the other one is that of the right
/// side.
fn of_solution(parameters: &Parameters, rank: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    let Parameters::Solve(form) = parameters else { return Source::Own };
    let own = rank(1) - if form.right { 2 } else { 1 };
    if dim == own { Source::Operand(1, dim) } else { Source::Both(dim, dim) }
}

fn solve(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let ([a, b], Parameters::Solve(form)) = (operands, parameters) else {
        return invalid("needs matrices and right sides");
    };
    check_square(a)?;
    check_matrices(b)?;
    if a.dtype != b.dtype || a.rank() != b.rank() {
        return invalid(format!("requires operands of one element type and rank, not {a} and {b}"));
    }
    let own = b.rank() - if form.right { 2 } else { 1 };
    if let Some(dim) = (0..b.rank()).find(|dim| *dim != own && !compatible(a.extents()[*dim], b.extents()[*dim])) {
        return invalid(format!("dimension {dim} of {a} and of {b} differ in extent"));
    }
    Ok(ValueType::tensor(b.dtype, follow(of_solution, parameters, operands, b.rank())?))
}

/// The batch dimensions; the other one is the lesser of two extents.
fn of_pivots(_: &Parameters, rank: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    if dim + 2 < rank(0) { Source::Operand(0, dim) } else { Source::Own }
}

fn pivots(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    check_matrices(&x)?;
    let [batch @ .., rows, columns] = x.extents() else { return invalid("takes matrices") };
    let count = rows.zip(*columns).map(|(rows, columns)| rows.min(columns));
    Ok(ValueType::tensor(ScalarType::I32, batch.iter().copied().chain([count]).collect()))
}

/// Requires a list of pivots for each matrix.
fn check_pivots(x: &ValueType, pivots: &ValueType) -> Result<()> {
    if !pivots.dtype.is_integer() || pivots.rank() + 1 != x.rank() {
        return invalid(format!("requires a list of integers for each matrix, not {pivots}"));
    }
    if let Some(dim) = (0..x.rank() - 2).find(|dim| !compatible(x.extents()[*dim], pivots.extents()[*dim])) {
        return invalid(format!("dimension {dim} of {x} and of {pivots} differ in extent"));
    }
    Ok(())
}

fn lu(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let [x, given] = operands else { return invalid("needs matrices and pivots") };
    let own = pivots(&operands[..1], parameters)?;
    check_pivots(x, given)?;
    match (own.extents().last(), given.extents().last()) {
        (Some(wanted), Some(given)) if compatible(*wanted, *given) => Ok(x.clone()),
        _ => invalid(format!("requires a pivot for each step, as in {own}, not {given}")),
    }
}

fn swap_rows(operands: &[ValueType], _: &Parameters) -> Result<ValueType> {
    let [x, given] = operands else { return invalid("needs matrices and pivots") };
    check_matrices(x)?;
    check_pivots(x, given)?;
    match (x.extents()[x.rank() - 2], given.extents()[x.rank() - 2]) {
        (Some(rows), Some(count)) if count > rows => invalid(format!("takes at most {rows} pivots, not {count}")),
        _ => Ok(x.clone()),
    }
}
