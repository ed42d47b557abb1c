//! Factorizations of matrices and triangular systems, whose operands have the shapes that they ask for.

use super::terms::small;
use crate::refutation::generate::{Trial, Want};
use dp_dialects::parameters::{DotDims, SolveForm};
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType};

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
        // Of dependent columns, a matrix has no derivative of its factor; XLA has another NaN for a complex one that is not
        // positive definite.
        ArrayCholesky => {
            square.iter_mut().for_each(|dim| dim.1 = true);
            let want = Want::tensor(dtype, square);
            let (x, conjugate) = match dtype.is_complex() {
                true => {
                    let x = small(trial, &want)?;
                    (x, trial.graph().scalar(ScalarConj, vec![x])?)
                }
                false => {
                    let x = trial.term(&want, depth);
                    (x, x)
                }
            };
            let dims = Parameters::Dot(with_itself(columns));
            let product = trial.graph().apply(ArrayDot, &dims, vec![x, conjugate])?;
            let x = with_diagonal(trial, product)?;
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
        ArrayQr | ArrayQrTaus => {
            // As above.
            (dims[rows].1, dims[columns].1) = (true, true);
            let x = small(trial, &Want::tensor(dtype, dims))?;
            trial.graph().apply(kind, &none, vec![x])
        }
        ArrayEighValues | ArrayEighVectors => {
            square.iter_mut().for_each(|dim| dim.1 = true);
            let x = apart(trial, &Want::tensor(dtype, square), depth)?;
            let values = trial.graph().apply(ArrayEighValues, &none, vec![x])?;
            if kind == ArrayEighValues {
                return Some(values);
            }
            // The matrix again: vectors alone are not determined.
            let vectors = trial.graph().apply(ArrayEighVectors, &none, vec![x])?;
            let right = if dtype.is_complex() { trial.graph().scalar(ScalarConj, vec![vectors])? } else { vectors };
            scaled_product(trial, [vectors, values, right], columns)
        }
        ArraySvdValues | ArraySvdLeft | ArraySvdRight => {
            // Compiled for static extents alone.
            dims.iter_mut().for_each(|dim| dim.1 = true);
            let x = apart(trial, &Want::tensor(dtype, dims), depth)?;
            let values = trial.graph().apply(ArraySvdValues, &none, vec![x])?;
            if kind == ArraySvdValues {
                return Some(values);
            }
            let left = trial.graph().apply(ArraySvdLeft, &none, vec![x])?;
            let right = trial.graph().apply(ArraySvdRight, &none, vec![x])?;
            scaled_product(trial, [left, values, right], rows)
        }
        _ => None,
    }
}

/// The product of matrices with their transposes.
fn with_itself(columns: usize) -> DotDims {
    let batch: Vec<usize> = (0..columns - 1).collect();
    DotDims { batch_a: batch.clone(), batch_b: batch, contract_a: vec![columns], contract_b: vec![columns] }
}

/// A matrix of static extents and a diagonal, so that eigenvalues and singular values are mostly apart.
fn apart(trial: &mut Trial, want: &Want, depth: usize) -> Option<dp_terms::Id> {
    let x = trial.term(want, depth);
    with_diagonal(trial, x)
}

/// A matrix of static extents and a diagonal.
fn with_diagonal(trial: &mut Trial, x: dp_terms::Id) -> Option<dp_terms::Id> {
    let of = trial.graph().type_of(x).clone();
    let extents: Vec<u64> = of.extents().iter().copied().collect::<Option<_>>()?;
    let (rows, columns) = (extents[extents.len() - 2], extents[extents.len() - 1]);
    let element = |place: u64| {
        let (row, column) = (place / columns.max(1) % rows.max(1), place % columns.max(1));
        Number::of_f64(if row == column { 2.0 + 3.0 * row as f64 } else { 0.0 }, of.dtype)
    };
    let elements = (0..extents.iter().product()).map(element).collect();
    let diagonal = trial.graph().literal(Literal::tensor(of.dtype, extents, elements));
    trial.graph().scalar(OpKind::ScalarAdd, vec![x, diagonal])
}

/// The product of two matrices, with numbers for the columns of the first one between them; a dimension of the second one
/// is contracted.
fn scaled_product(trial: &mut Trial, [left, by, right]: [dp_terms::Id; 3], of_right: usize) -> Option<dp_terms::Id> {
    let graph = trial.graph();
    let of = graph.type_of(left).clone();
    let columns = of.rank() - 1;
    let dims: Vec<usize> = (0..of.rank()).filter(|dim| dim + 1 != columns).collect();
    let of_real = of.with_dtype(of.dtype.real());
    let mut by = graph.typed(OpKind::ArrayBroadcast, &Parameters::Broadcast(dims), vec![by], &of_real);
    if of.dtype.is_complex() {
        let zero = of_real.shape.iter().flatten().copied().collect::<Option<Vec<u64>>>()?;
        let zero = graph.literal(Literal::splat(of_real.dtype, zero, Number::Real(0.0)));
        by = graph.scalar(OpKind::ScalarComplex, vec![by, zero])?;
    }
    let left = graph.scalar(OpKind::ScalarMul, vec![left, by])?;
    let batch: Vec<usize> = (0..columns - 1).collect();
    let dims =
        DotDims { batch_a: batch.clone(), batch_b: batch, contract_a: vec![columns], contract_b: vec![of_right] };
    graph.apply(OpKind::ArrayDot, &Parameters::Dot(dims), vec![left, right])
}
