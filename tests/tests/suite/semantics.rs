//! What operations compute: known values, identities and edges of numbers;
//! each operation on tensors against results written by hand.

mod complex;
mod contractions;
mod fourier;
mod integers;
mod matrices;
mod orthogonal;
mod reals;
mod shapes;
mod special;

use dp_dialects::attributes::Predicate;
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, ScalarType, ValueType};
use dp_semantics::{evaluate, scalar};

const EPSILON: f64 = f64::EPSILON;

fn real(kind: OpKind, x: &[f64]) -> f64 {
    real_in(ScalarType::F64, kind, x)
}

fn real_in(dtype: ScalarType, kind: OpKind, x: &[f64]) -> f64 {
    let x: Vec<Number> = x.iter().map(|x| Number::Real(*x)).collect();
    scalar(kind, &Parameters::None, &x, dtype, dtype).expect("defined on floats").re()
}

fn polygamma(n: i64, x: f64) -> f64 {
    let x = [Number::Real(x)];
    scalar(OpKind::ScalarPolygamma, &Parameters::Order(n), &x, ScalarType::F64, ScalarType::F64).expect("defined").re()
}

fn integer(dtype: ScalarType, kind: OpKind, x: &[i64]) -> i64 {
    let x: Vec<Number> = x.iter().map(|x| Number::Integer(*x)).collect();
    scalar(kind, &Parameters::None, &x, dtype, dtype).expect("defined on integers").integer()
}

/// A complex number, from its parts.
fn z(re: f64, im: f64) -> Number {
    let parts = [Number::Real(re), Number::Real(im)];
    scalar(OpKind::ScalarComplex, &Parameters::None, &parts, ScalarType::F64, ScalarType::Complex128)
        .expect("defined on parts")
}

fn complex(kind: OpKind, x: &[Number]) -> (f64, f64) {
    let y = scalar(kind, &Parameters::None, x, ScalarType::Complex128, ScalarType::Complex128)
        .expect("defined on complex numbers");
    (y.complex().re, y.complex().im)
}

fn convert(from: ScalarType, to: ScalarType, unsigned: bool, x: Number) -> Number {
    scalar(OpKind::ScalarConvert, &Parameters::Convert { unsigned }, &[x], from, to).expect("converts")
}

fn compare(predicate: Predicate, dtype: ScalarType, a: Number, b: Number) -> bool {
    let parameters = Parameters::Compare(predicate);
    scalar(OpKind::ScalarCompare, &parameters, &[a, b], dtype, ScalarType::I1).expect("compares").integer() == 1
}

/// Equal up to a few units in the last place; infinities and NaN to themselves.
#[track_caller]
fn close(actual: f64, expected: f64, tolerance: f64) {
    let same = actual == expected || (actual.is_nan() && expected.is_nan());
    let near = expected.is_finite() && (actual - expected).abs() <= tolerance * expected.abs();
    assert!(same || near, "{actual:e} instead of {expected:e}, {:e} off", (actual / expected - 1.0).abs());
}

/// Equal up to a few units in the last place of the modulus.
#[track_caller]
fn close_complex(actual: (f64, f64), expected: (f64, f64)) {
    let distance = (actual.0 - expected.0).hypot(actual.1 - expected.1);
    let size = expected.0.hypot(expected.1);
    assert!(size.is_finite() && distance <= 8.0 * EPSILON * size, "{actual:?} instead of {expected:?}");
}

/// The same number, the signs of zeros included.
#[track_caller]
fn same(actual: f64, expected: f64) {
    assert_eq!(actual.to_bits(), expected.to_bits(), "{actual:e} instead of {expected:e}");
}

fn tensor(shape: &[u64], values: &[f64]) -> Literal {
    Literal::tensor(ScalarType::F64, shape.to_vec(), values.iter().map(|value| Number::Real(*value)).collect())
}

fn integers(dtype: ScalarType, shape: &[u64], values: &[i64]) -> Literal {
    Literal::tensor(dtype, shape.to_vec(), values.iter().map(|value| Number::Integer(*value)).collect())
}

/// 0, 1, 2, … in row-major order.
fn counting(shape: &[u64]) -> Literal {
    let count: u64 = shape.iter().product();
    tensor(shape, &(0..count).map(|value| value as f64).collect::<Vec<_>>())
}

fn index(value: i64) -> Literal {
    Literal::number(ScalarType::Index, Number::Integer(value))
}

/// A type of f64 with the given extents, `?` where one is negative.
fn typed(extents: &[i64]) -> ValueType {
    ValueType::tensor(ScalarType::F64, extents.iter().map(|extent| u64::try_from(*extent).ok()).collect())
}

#[track_caller]
fn expect(actual: Result<Literal, Diagnostic>, shape: &[u64], values: &[f64]) {
    let actual = actual.expect("evaluates");
    assert_eq!(actual.shape.as_deref(), Some(shape));
    assert_eq!(actual.iter().map(Number::re).collect::<Vec<_>>(), values);
}

#[track_caller]
fn refused(actual: Result<Literal, Diagnostic>) {
    let diagnostic = actual.expect_err("extents that do not fit are refused");
    assert!(diagnostic.help.is_some(), "{diagnostic}");
}
