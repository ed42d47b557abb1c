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
