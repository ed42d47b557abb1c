//! Factorizations of matrices and triangular systems, whose operands have the shapes that they ask for.

use crate::refutation::generate::{Trial, Want};
use dp_dialects::parameters::{DotDims, SolveForm};
use dp_dialects::{OpKind, Parameters, ScalarType};

/// An operation on matrices whose elements have a wanted type, with some of the wanted extents.
pub fn matrices(trial: &mut Trial, kind: OpKind, want: &Want, depth: usize) -> Option<dp_terms::Id> {
    use OpKind::*;
    let dtype = want.dtype;
    if !matches!(dtype, ScalarType::F32 | ScalarType::F64 | ScalarType::Complex64 | ScalarType::Complex128) {
        return None;
    }
    let mut dims = want.dims.clone()?;
    while dims.len() < 2 {
        dims.insert(0, (trial.choose(&[1, 2, 3]), true));
    }
    let (rows, columns) = (dims.len() - 2, dims.len() - 1);
    let mut square = dims.clone();
    square[rows] = square[columns];
    let none = Parameters::None;
    match kind {
        ArrayCholesky => {
            let x = trial.term(&Want::tensor(dtype, square), depth);
            let batch: Vec<usize> = (0..rows).collect();
            let contract = vec![columns];
            let dot =
                DotDims { batch_a: batch.clone(), batch_b: batch, contract_a: contract.clone(), contract_b: contract };
            // Often positive definite, where the elements are real.
            let x = if trial.choose(&[true, true, false]) {
                trial.graph().apply(ArrayDot, &Parameters::Dot(dot), vec![x, x])?
            } else {
                x
            };
            trial.graph().apply(kind, &none, vec![x])
        }
        ArrayTriangularSolve => {
            let mut flag = || trial.choose(&[true, false]);
            let form = SolveForm { right: flag(), upper: flag(), unit: flag(), transposed: flag(), conjugated: flag() };
            let mut matrix = dims.clone();
            let own = if form.right { columns } else { rows };
            (matrix[rows], matrix[columns]) = (dims[own], dims[own]);
            let a = trial.term(&Want::tensor(dtype, matrix), depth);
            let b = trial.term(&Want::tensor(dtype, dims), depth);
            trial.graph().apply(kind, &Parameters::Solve(form), vec![a, b])
        }
        ArrayLuPivots | ArrayLu => {
            // The derivative of matrices that may not be square asks for static extents.
            (dims[rows].1, dims[columns].1) = (true, true);
            let x = trial.term(&Want::tensor(dtype, dims), depth);
            let pivots = trial.graph().apply(ArrayLuPivots, &none, vec![x])?;
            if kind == ArrayLuPivots { Some(pivots) } else { trial.graph().apply(kind, &none, vec![x, pivots]) }
        }
        ArraySwapRows => {
            let mut pivots = dims[..columns].to_vec();
            pivots[rows] = (trial.choose(&[0, 1, dims[rows].0]).min(dims[rows].0), true);
            let x = trial.term(&Want::tensor(dtype, dims), depth);
            let pivots = trial.term(&Want::tensor(ScalarType::I32, pivots), 0);
            let reverse = trial.choose(&[true, false]);
            trial.graph().apply(kind, &Parameters::Swaps { reverse }, vec![x, pivots])
        }
        _ => None,
    }
}
