//! Factorizations of matrices and triangular systems.

use super::*;
use dp_dialects::parameters::SolveForm;

#[test]
fn factors_of_positive_definite_matrices() {
    let cholesky =
        |x: Literal, extents: &[i64]| evaluate(OpKind::ArrayCholesky, &Parameters::None, &[x], &typed(extents));
    // What is above the diagonal is not read.
    expect(cholesky(tensor(&[2, 2], &[4.0, 9.0, 2.0, 5.0]), &[2, -1]), &[2, 2], &[2.0, 0.0, 1.0, 2.0]);
    expect(cholesky(tensor(&[0, 2, 2], &[]), &[-1, 2, 2]), &[0, 2, 2], &[]);
    expect(cholesky(tensor(&[2, 0, 0], &[]), &[2, 0, 0]), &[2, 0, 0], &[]);
    let batch = tensor(&[2, 2, 2], &[1.0, 0.0, 2.0, 3.0, 9.0, 0.0, 0.0, 4.0]);
    let factors = cholesky(batch, &[2, 2, 2]).expect("evaluates");
    let elements: Vec<f64> = factors.iter().map(Number::re).collect();
    assert!([0, 2, 3].iter().all(|place| elements[*place].is_nan()), "{elements:?}");
    assert_eq!(elements[1], 0.0);
    assert_eq!(elements[4..], [3.0, 0.0, 0.0, 2.0]);
    assert!(cholesky(tensor(&[2, 3], &[0.0; 6]), &[-1, -1]).is_err());
    // The imaginary part of the diagonal is not read.
    let complex =
        Literal::tensor(ScalarType::Complex128, vec![2, 2], vec![z(4.0, 7.0), z(8.0, 8.0), z(0.0, 2.0), z(2.0, 0.0)]);
    let of = ValueType::tensor(ScalarType::Complex128, vec![Some(2), Some(2)]);
    let factor = evaluate(OpKind::ArrayCholesky, &Parameters::None, &[complex], &of).expect("evaluates");
    let parts: Vec<(f64, f64)> = factor.iter().map(|x| (x.complex().re, x.complex().im)).collect();
    assert_eq!(parts, [(2.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0)]);
}

#[test]
fn triangular_systems_of_each_form() {
    let a = || tensor(&[2, 2], &[2.0, 3.0, 4.0, 5.0]);
    let solve = |form: SolveForm, b: Literal, extents: &[i64]| {
        evaluate(OpKind::ArrayTriangularSolve, &Parameters::Solve(form), &[a(), b], &typed(extents))
    };
    let column = || tensor(&[2, 1], &[2.0, 14.0]);
    let form = SolveForm::default();
    expect(solve(form, column(), &[2, 1]), &[2, 1], &[1.0, 2.0]);
    expect(solve(SolveForm { unit: true, ..form }, column(), &[2, 1]), &[2, 1], &[2.0, 6.0]);
    let transposed = SolveForm { transposed: true, ..form };
    expect(solve(transposed, tensor(&[2, 1], &[6.0, 5.0]), &[2, 1]), &[2, 1], &[1.0, 1.0]);
    let upper = SolveForm { upper: true, ..form };
    expect(solve(upper, tensor(&[2, 1], &[5.0, 5.0]), &[2, 1]), &[2, 1], &[1.0, 1.0]);
    let right = SolveForm { right: true, ..form };
    expect(solve(right, tensor(&[1, 2], &[6.0, 5.0]), &[1, 2]), &[1, 2], &[1.0, 1.0]);
    let right_upper = SolveForm { upper: true, ..right };
    expect(solve(right_upper, tensor(&[1, 2], &[2.0, 8.0]), &[1, 2]), &[1, 2], &[1.0, 1.0]);
    expect(solve(form, tensor(&[2, 0], &[]), &[2, 0]), &[2, 0], &[]);
    assert!(solve(form, tensor(&[3, 1], &[0.0; 3]), &[-1, 1]).is_err());
}

#[test]
fn factors_with_pivots() {
    let x = || tensor(&[3, 2], &[0.0, 2.0, 4.0, 1.0, -4.0, 3.0]);
    let of_pivots = ValueType::tensor(ScalarType::I32, vec![None]);
    let pivots = evaluate(OpKind::ArrayLuPivots, &Parameters::None, &[x()], &of_pivots).expect("evaluates");
    // The first of the greatest size.
    assert_eq!(pivots.iter().map(Number::integer).collect::<Vec<_>>(), [1, 2]);
    let pair = || vec![x(), integers(ScalarType::I32, &[2], &[1, 2])];
    let factors = evaluate(OpKind::ArrayLu, &Parameters::None, &pair(), &typed(&[3, 2]));
    expect(factors, &[3, 2], &[4.0, 1.0, -1.0, 4.0, 0.0, 0.5]);
    let swap = |reverse| evaluate(OpKind::ArraySwapRows, &Parameters::Swaps { reverse }, &pair(), &typed(&[3, 2]));
    expect(swap(false), &[3, 2], &[4.0, 1.0, -4.0, 3.0, 0.0, 2.0]);
    expect(swap(true), &[3, 2], &[-4.0, 3.0, 0.0, 2.0, 4.0, 1.0]);
    // A column of zeros is not divided.
    let zeros = vec![tensor(&[2, 2], &[0.0, 1.0, 0.0, 3.0]), integers(ScalarType::I32, &[2], &[0, 1])];
    let factors = evaluate(OpKind::ArrayLu, &Parameters::None, &zeros, &typed(&[2, 2]));
    expect(factors, &[2, 2], &[0.0, 1.0, 0.0, 3.0]);
}
