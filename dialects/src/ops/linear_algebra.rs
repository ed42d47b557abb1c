//! Factorizations of matrices, and the solution of linear equations. The last two dimensions are those of a matrix, the
//! others are batch dimensions.

use super::extents::{follow, of_first};
use super::{Entry, Extents, Source, Work, first, invalid, read};
use crate::parameters::Parameters;
use crate::types::{Extent, compatible};
use crate::{Diagnostic, OpKind, OpKind::*, Result, ScalarType, ValueType};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::term(ArrayCholesky, read::nothing)
        .extents(Extents::Follow(of_first))
        .inferred(square)
        .work(Work::Elimination(1)),
    Entry::term(ArrayTriangularSolve, read::solve)
        .extents(Extents::Follow(of_solution))
        .inferred(solve)
        .work(Work::Elimination(3)),
    Entry::term(ArrayLuPivots, read::nothing).extents(Extents::Follow(of_pivots)).inferred(pivots),
    Entry::term(ArrayLu, read::nothing).extents(Extents::Follow(of_first)).inferred(lu).work(Work::Elimination(2)),
    Entry::term(ArraySwapRows, read::swaps).extents(Extents::Follow(of_first)).inferred(swap_rows),
    Entry::term(ArrayQr, read::nothing).extents(Extents::Follow(of_first)).inferred(qr).work(Work::Factorization(4)),
    Entry::term(ArrayQrTaus, read::nothing)
        .extents(Extents::Follow(of_pivots))
        .inferred(list)
        .work(Work::Factorization(4)),
    Entry::term(ArrayEighValues, read::nothing)
        .extents(Extents::Follow(of_first))
        .inferred(eigenvalues)
        .work(Work::Factorization(4)),
    Entry::term(ArrayEighVectors, read::nothing)
        .extents(Extents::Follow(of_first))
        .inferred(square)
        .work(Work::Factorization(27)),
    Entry::term(ArraySvdValues, read::nothing)
        .extents(Extents::Follow(of_pivots))
        .inferred(singular_values)
        .work(Work::Factorization(8)),
    Entry::term(ArraySvdLeft, read::nothing)
        .extents(Extents::Follow(of_left))
        .inferred(left)
        .work(Work::Factorization(60)),
    Entry::term(ArraySvdRight, read::nothing)
        .extents(Extents::Follow(of_right))
        .inferred(right)
        .work(Work::Factorization(60)),
];

/// Operations of one matrix that are computed together: QR factors, eigenvalues, singular values.
pub const DECOMPOSITIONS: [&[OpKind]; 3] =
    [&[ArrayQr, ArrayQrTaus], &[ArrayEighValues, ArrayEighVectors], &[ArraySvdValues, ArraySvdLeft, ArraySvdRight]];

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

/// Square matrices for square matrices.
fn square(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
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

/// A list for each matrix, as long as there are rows or columns, whichever are fewer.
fn list(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    check_matrices(&x)?;
    let [batch @ .., rows, columns] = x.extents() else { return invalid("takes matrices") };
    Ok(ValueType::tensor(x.dtype, batch.iter().copied().chain([lesser(*rows, *columns)]).collect()))
}

fn lesser(rows: Extent, columns: Extent) -> Extent {
    match (rows, columns) {
        (Some(rows), Some(columns)) => Some(rows.min(columns)),
        (Some(_), None) | (None, Some(_)) | (None, None) => None,
    }
}

fn pivots(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    Ok(list(operands, parameters)?.with_dtype(ScalarType::I32))
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

/// Factors of matrices of any extents, packed into matrices.
fn qr(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    check_matrices(&x)?;
    Ok(x)
}

fn eigenvalues(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = square(operands, parameters)?;
    Ok(ValueType::tensor(x.dtype.real(), x.extents()[..x.rank() - 1].to_vec()))
}

fn singular_values(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let values = list(operands, parameters)?;
    Ok(values.with_dtype(values.dtype.real()))
}

/// The lesser of two extents is that of the columns.
fn of_left(_: &Parameters, rank: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    if dim + 1 < rank(0) { Source::Operand(0, dim) } else { Source::Own }
}

fn left(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let (x, values) = (first(operands, parameters)?, list(operands, parameters)?);
    let mut shape = x.extents().to_vec();
    shape[x.rank() - 1] = values.extents()[x.rank() - 2];
    Ok(ValueType::tensor(x.dtype, shape))
}

/// The lesser of two extents is that of the rows.
fn of_right(_: &Parameters, rank: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    if dim + 2 == rank(0) { Source::Own } else { Source::Operand(0, dim) }
}

fn right(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let (x, values) = (first(operands, parameters)?, list(operands, parameters)?);
    let mut shape = x.extents().to_vec();
    shape[x.rank() - 2] = values.extents()[x.rank() - 2];
    Ok(ValueType::tensor(x.dtype, shape))
}
