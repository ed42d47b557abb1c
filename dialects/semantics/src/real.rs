//! Functions of real numbers, in f64.

use crate::elementwise::Function;
use crate::{Rows, find, special};
use dp_dialects::{Number, OpKind};

const UNARY: Rows<fn(f64) -> f64> = &[
    (OpKind::ScalarNeg, |x| -x),
    (OpKind::ScalarSign, sign),
    (OpKind::ScalarAbs, f64::abs),
    (OpKind::ScalarFloor, f64::floor),
    (OpKind::ScalarCeil, f64::ceil),
    (OpKind::ScalarRound, f64::round_ties_even),
    (OpKind::ScalarExp, libm::exp),
    (OpKind::ScalarExpm1, libm::expm1),
    (OpKind::ScalarLog, libm::log),
    (OpKind::ScalarLog1p, libm::log1p),
    (OpKind::ScalarSqrt, f64::sqrt),
    (OpKind::ScalarRsqrt, |x| 1.0 / x.sqrt()),
    (OpKind::ScalarSin, libm::sin),
    (OpKind::ScalarCos, libm::cos),
    (OpKind::ScalarTan, libm::tan),
    (OpKind::ScalarTanh, libm::tanh),
    (OpKind::ScalarLogistic, logistic),
    (OpKind::ScalarErf, special::erf),
    (OpKind::ScalarLgamma, special::lgamma),
    (OpKind::ScalarDigamma, special::digamma),
];

const BINARY: Rows<fn(f64, f64) -> f64> = &[
    (OpKind::ScalarAdd, |a, b| a + b),
    (OpKind::ScalarSub, |a, b| a - b),
    (OpKind::ScalarMul, |a, b| a * b),
    (OpKind::ScalarDiv, |a, b| a / b),
    (OpKind::ScalarRem, |a, b| a % b),
    (OpKind::ScalarPow, libm::pow),
    (OpKind::ScalarAtan2, libm::atan2),
    (OpKind::ScalarMax, maximum),
    (OpKind::ScalarMin, |a, b| -maximum(-a, -b)),
];

/// An operation on real numbers, and how many it takes.
pub fn function(kind: OpKind) -> Option<(usize, Function)> {
    if let Some(f) = find(UNARY, kind) {
        return Some((1, Box::new(move |x| Number::Real(f(x[0].re())))));
    }
    let f = find(BINARY, kind)?;
    Some((2, Box::new(move |x| Number::Real(f(x[0].re(), x[1].re())))))
}

/// -1, 0 or 1; zeros and NaN are kept.
fn sign(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() { x } else { 1.0_f64.copysign(x) }
}

/// The greater number, where 0 exceeds -0; NaN if either is NaN (IEEE 754's
/// `maximum`).
fn maximum(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a > b || (a == b && a.is_sign_positive()) {
        a
    } else {
        b
    }
}

/// `1 / (1 + e^-x)`, the exponential never growing past 1: left of 0 as
/// `e^x / (1 + e^x)`, which keeps the digits of small results.
fn logistic(x: f64) -> f64 {
    let e = libm::exp(-x.abs());
    if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}
