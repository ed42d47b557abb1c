//! Functions of real numbers, in f64.

use crate::function::{Function, Rows, find};
use crate::special;
use dp_dialects::{Number, OpKind, ScalarType};

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
    (OpKind::ScalarExp2, libm::exp2),
    (OpKind::ScalarLog2, libm::log2),
    (OpKind::ScalarLog10, libm::log10),
    (OpKind::ScalarCbrt, libm::cbrt),
    (OpKind::ScalarSinh, libm::sinh),
    (OpKind::ScalarCosh, libm::cosh),
    (OpKind::ScalarAsin, libm::asin),
    (OpKind::ScalarAcos, libm::acos),
    (OpKind::ScalarAtan, libm::atan),
    (OpKind::ScalarAsinh, libm::asinh),
    (OpKind::ScalarAcosh, acosh),
    (OpKind::ScalarAtanh, libm::atanh),
    (OpKind::ScalarErf, special::erf),
    (OpKind::ScalarErfc, special::erfc),
    (OpKind::ScalarErfInv, special::erf_inv),
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
    (OpKind::ScalarHypot, libm::hypot),
    (OpKind::ScalarCopysign, f64::copysign),
    (OpKind::ScalarMax, maximum),
    (OpKind::ScalarMin, |a, b| -maximum(-a, -b)),
];

const PREDICATES: Rows<fn(f64) -> bool> =
    &[(OpKind::ScalarIsNan, f64::is_nan), (OpKind::ScalarIsFinite, f64::is_finite)];

/// An operation on real numbers of a type, and how many it takes.
pub fn function(kind: OpKind, dtype: ScalarType) -> Option<(usize, Function)> {
    if kind == OpKind::ScalarFma {
        let fused = if dtype == ScalarType::F64 { libm::fma } else { fused_to_odd };
        return Some((3, Box::new(move |x| Number::Real(fused(x[0].re(), x[1].re(), x[2].re())))));
    }
    if let Some(f) = find(UNARY, kind) {
        return Some((1, Box::new(move |x| Number::Real(f(x[0].re())))));
    }
    if let Some(f) = find(PREDICATES, kind) {
        return Some((1, Box::new(move |x| Number::Integer(f(x[0].re()).into()))));
    }
    let f = find(BINARY, kind)?;
    Some((2, Box::new(move |x| Number::Real(f(x[0].re(), x[1].re())))))
}

/// NaN below 1, where the function is not defined; `libm::acosh` returns numbers for some large negative arguments.
fn acosh(x: f64) -> f64 {
    if x < 1.0 { f64::NAN } else { libm::acosh(x) }
}

/// -1, 0 or 1; zeros and NaN are kept.
fn sign(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() { x } else { 1.0_f64.copysign(x) }
}

/// The greater number, where 0 exceeds -0; NaN if either is NaN (IEEE 754's `maximum`).
fn maximum(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a > b || (a == b && a.is_sign_positive()) {
        a
    } else {
        b
    }
}

/// `1 / (1 + e^-x)`, the exponential never growing past 1: left of 0 as `e^x / (1 + e^x)`, which keeps the digits of
/// small results.
fn logistic(x: f64) -> f64 {
    let e = libm::exp(-x.abs());
    if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}

/// `a b + c` of numbers shorter than f64, whose product is exact in f64; the sum is rounded to odd, so that rounding it
/// once more, to their type, is rounding once.
fn fused_to_odd(a: f64, b: f64, c: f64) -> f64 {
    let product = a * b;
    let sum = product + c;
    let of_c = sum - product;
    let error = (product - (sum - of_c)) + (c - of_c);
    if error == 0.0 || !sum.is_finite() || sum.to_bits() & 1 == 1 {
        return sum;
    }
    // Away from zero where the rest has the sum's sign.
    let away = (error > 0.0) == (sum > 0.0);
    f64::from_bits(if away { sum.to_bits() + 1 } else { sum.to_bits() - 1 })
}
