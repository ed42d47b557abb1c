//! Functions of complex numbers on their principal branches, in two f64.
//!
//! Each part of a result is accurate to a few ulp: it is a product of accurate numbers, a sum of numbers of one sign,
//! or a sum in double the precision. The error is larger only where rounding an operand changes the part by as much: in
//! `pow`, and where the real part of `expm1` or `logistic` is near 0. Functions overflow only if a part of the result
//! does. Sums and products are the textbook formulas, each step rounded to the type of the parts, so a product with an
//! infinite part may have NaN; quotients follow C.

mod elementary;
mod inverse;
mod quotient;

use crate::function::{Function, Rows, find};
use dp_dialects::{Number, OpKind, ScalarType};
use num_complex::Complex64;

const UNARY: Rows<fn(Complex64) -> Complex64> = &[
    (OpKind::ScalarNeg, |z| -z),
    (OpKind::ScalarConj, |z| z.conj()),
    (OpKind::ScalarSign, elementary::sign),
    (OpKind::ScalarExp, elementary::exp),
    (OpKind::ScalarExpm1, elementary::expm1),
    (OpKind::ScalarLog, elementary::log),
    (OpKind::ScalarLog1p, elementary::log1p),
    (OpKind::ScalarSqrt, elementary::sqrt),
    (OpKind::ScalarRsqrt, elementary::rsqrt),
    (OpKind::ScalarSin, elementary::sin),
    (OpKind::ScalarCos, elementary::cos),
    (OpKind::ScalarTan, elementary::tan),
    (OpKind::ScalarTanh, elementary::tanh),
    (OpKind::ScalarLogistic, elementary::logistic),
    (OpKind::ScalarExp2, inverse::exp2),
    (OpKind::ScalarLog2, inverse::log2),
    (OpKind::ScalarLog10, inverse::log10),
    (OpKind::ScalarSinh, inverse::sinh),
    (OpKind::ScalarCosh, inverse::cosh),
    (OpKind::ScalarAsin, inverse::asin),
    (OpKind::ScalarAcos, inverse::acos),
    (OpKind::ScalarAtan, inverse::atan),
    (OpKind::ScalarAsinh, inverse::asinh),
    (OpKind::ScalarAcosh, inverse::acosh),
    (OpKind::ScalarAtanh, inverse::atanh),
];

const BINARY: Rows<fn(Complex64, Complex64) -> Complex64> = &[
    (OpKind::ScalarAdd, |a, b| a + b),
    (OpKind::ScalarSub, |a, b| a - b),
    (OpKind::ScalarMul, |a, b| a * b),
    (OpKind::ScalarDiv, quotient::div),
    (OpKind::ScalarPow, elementary::pow),
];

const TO_REAL: Rows<fn(Complex64) -> f64> =
    &[(OpKind::ScalarAbs, elementary::abs), (OpKind::ScalarReal, |z| z.re), (OpKind::ScalarImag, |z| z.im)];

/// An operation on complex numbers of a type, and how many it takes.
pub fn function(kind: OpKind, dtype: ScalarType) -> Option<(usize, Function)> {
    if (kind, dtype) == (OpKind::ScalarMul, ScalarType::Complex64) {
        return Some((2, Box::new(|z| Number::Complex(mul_f32(z[0].complex(), z[1].complex())))));
    }
    if let Some(f) = find(UNARY, kind) {
        return Some((1, Box::new(move |z| Number::Complex(f(z[0].complex())))));
    }
    if let Some(f) = find(TO_REAL, kind) {
        return Some((1, Box::new(move |z| Number::Real(f(z[0].complex())))));
    }
    let f = find(BINARY, kind)?;
    Some((2, Box::new(move |z| Number::Complex(f(z[0].complex(), z[1].complex())))))
}

/// A product of two numbers of f32, whose parts may overflow on the way though they would not in f64.
fn mul_f32(a: Complex64, b: Complex64) -> Complex64 {
    let [a, b] = [a, b].map(|z| num_complex::Complex32::new(z.re as f32, z.im as f32));
    let product = a * b;
    Complex64::new(product.re.into(), product.im.into())
}
