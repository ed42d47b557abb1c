//! QR factors, eigenvalues and singular values that are known.

use super::*;

fn close(found: dp_dialects::Result<Literal>, extents: &[u64], wanted: &[f64]) {
    let found = found.expect("evaluates");
    assert_eq!(found.extents(), extents);
    let elements: Vec<f64> = found.iter().map(Number::re).collect();
    let differ = elements.iter().zip(wanted).any(|(have, want)| (have - want).abs() > 1e-14 * want.abs().max(1.0));
    assert!(!differ && elements.len() == wanted.len(), "{elements:?}, not {wanted:?}");
}

fn apply(kind: OpKind, x: Literal, r#type: &ValueType) -> dp_dialects::Result<Literal> {
    evaluate(kind, &Parameters::None, &[x], r#type)
}

#[test]
fn qr_factors() {
    let x = || tensor(&[2, 2], &[3.0, 5.0, 4.0, 0.0]);
    // The reflection of (3, 4) is -5 long: v = (1, 4 / 8).
    close(apply(OpKind::ArrayQr, x(), &typed(&[2, 2])), &[2, 2], &[-5.0, -3.0, 0.5, -4.0]);
    close(apply(OpKind::ArrayQrTaus, x(), &typed(&[-1])), &[2], &[1.6, 0.0]);
    let wide = tensor(&[1, 2], &[-2.0, 7.0]);
    close(apply(OpKind::ArrayQr, wide, &typed(&[1, 2])), &[1, 2], &[-2.0, 7.0]);
    let none = tensor(&[2, 0], &[]);
    close(apply(OpKind::ArrayQrTaus, none, &typed(&[0])), &[0], &[]);
    // A complex column becomes real, though nothing is below it.
    let complex = Literal::tensor(ScalarType::Complex128, vec![1, 1], vec![z(3.0, 4.0)]);
    let of = |extents: Vec<Option<u64>>| ValueType::tensor(ScalarType::Complex128, extents);
    let made = apply(OpKind::ArrayQr, complex.clone(), &of(vec![Some(1), Some(1)])).expect("evaluates");
    assert_eq!(made.element(0), z(-5.0, 0.0));
    assert_eq!(apply(OpKind::ArrayQrTaus, complex, &of(vec![Some(1)])).expect("evaluates").element(0), z(1.6, 0.8));
}

#[test]
fn eigenvalues_from_the_least_on() {
    // What is above the diagonal is not read.
    let x = || tensor(&[2, 2], &[2.0, 9.0, 1.0, 2.0]);
    close(apply(OpKind::ArrayEighValues, x(), &typed(&[2])), &[2], &[1.0, 3.0]);
    let vectors = apply(OpKind::ArrayEighVectors, x(), &typed(&[2, 2])).expect("evaluates");
    let sizes: Vec<f64> = vectors.iter().map(|x| x.re().abs()).collect();
    assert!(sizes.iter().all(|size| (size - 0.5f64.sqrt()).abs() < 1e-15), "{sizes:?}");
    let batch = tensor(&[2, 1, 1], &[5.0, f64::INFINITY]);
    let values = apply(OpKind::ArrayEighValues, batch, &typed(&[2, 1])).expect("evaluates");
    assert!(values.element(0).re() == 5.0 && values.element(1).re().is_nan());
    assert!(apply(OpKind::ArrayEighValues, tensor(&[2, 3], &[0.0; 6]), &typed(&[-1])).is_err());
    let complex =
        Literal::tensor(ScalarType::Complex128, vec![2, 2], vec![z(1.0, 7.0), z(8.0, 8.0), z(0.0, 2.0), z(1.0, 0.0)]);
    close(apply(OpKind::ArrayEighValues, complex, &typed(&[2])), &[2], &[-1.0, 3.0]);
}

#[test]
fn singular_values_from_the_greatest_on() {
    let x = || tensor(&[3, 2], &[0.0, 2.0, 0.0, 0.0, -3.0, 0.0]);
    close(apply(OpKind::ArraySvdValues, x(), &typed(&[2])), &[2], &[3.0, 2.0]);
    let sizes = |kind: OpKind, extents: &[i64]| {
        let vectors = apply(kind, x(), &typed(extents)).expect("evaluates");
        vectors.iter().map(|x| x.re().abs()).collect::<Vec<f64>>()
    };
    assert_eq!(sizes(OpKind::ArraySvdLeft, &[3, -1]), [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(sizes(OpKind::ArraySvdRight, &[-1, 2]), [1.0, 0.0, 0.0, 1.0]);
    // Vectors of 0 complete the others.
    let zeros = || tensor(&[2, 2], &[0.0; 4]);
    close(apply(OpKind::ArraySvdValues, zeros(), &typed(&[2])), &[2], &[0.0, 0.0]);
    close(apply(OpKind::ArraySvdLeft, zeros(), &typed(&[2, 2])), &[2, 2], &[0.0, 1.0, 1.0, 0.0]);
}
