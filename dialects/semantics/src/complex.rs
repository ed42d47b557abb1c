//! Functions of complex numbers on their principal branches, in two f64.
//!
//! Their error is a few units in the last place of the modulus of the result,
//! more only where rounding an operand is magnified (a large `b log a` in `pow`,
//! a near pole of `logistic`). They overflow only where a part of the result
//! does. Sums and products are the textbook formulas, so that a product with an
//! infinite part may hold NaN; quotients are C's.

use crate::elementwise::Function;
use crate::{Rows, find};
use dp_dialects::{Number, OpKind};
use num_complex::Complex64;

const ONE: Complex64 = Complex64::new(1.0, 0.0);

const UNARY: Rows<fn(Complex64) -> Complex64> = &[
    (OpKind::ScalarNeg, |z| -z),
    (OpKind::ScalarConj, |z| z.conj()),
    (OpKind::ScalarSign, sign),
    (OpKind::ScalarExp, exp),
    (OpKind::ScalarExpm1, expm1),
    (OpKind::ScalarLog, log),
    (OpKind::ScalarLog1p, log1p),
    (OpKind::ScalarSqrt, sqrt),
    (OpKind::ScalarRsqrt, |z| div(ONE, sqrt(z))),
    (OpKind::ScalarSin, sin),
    (OpKind::ScalarCos, cos),
    (OpKind::ScalarTan, tan),
    (OpKind::ScalarTanh, tanh),
    (OpKind::ScalarLogistic, logistic),
];

const BINARY: Rows<fn(Complex64, Complex64) -> Complex64> = &[
    (OpKind::ScalarAdd, |a, b| a + b),
    (OpKind::ScalarSub, |a, b| a - b),
    (OpKind::ScalarMul, |a, b| a * b),
    (OpKind::ScalarDiv, div),
    (OpKind::ScalarPow, pow),
];

const TO_REAL: Rows<fn(Complex64) -> f64> =
    &[(OpKind::ScalarAbs, |z| libm::hypot(z.re, z.im)), (OpKind::ScalarReal, |z| z.re), (OpKind::ScalarImag, |z| z.im)];

/// An operation on complex numbers, and how many it takes.
pub fn function(kind: OpKind) -> Option<(usize, Function)> {
    if let Some(f) = find(UNARY, kind) {
        return Some((1, Box::new(move |z| Number::Complex(f(z[0].complex())))));
    }
    if let Some(f) = find(TO_REAL, kind) {
        return Some((1, Box::new(move |z| Number::Real(f(z[0].complex())))));
    }
    let f = find(BINARY, kind)?;
    Some((2, Box::new(move |z| Number::Complex(f(z[0].complex(), z[1].complex())))))
}

/// The greater modulus of the two parts; NaN only if both are.
fn greater_part(z: Complex64) -> f64 {
    z.re.abs().max(z.im.abs())
}

/// `z = 2^k w` with the greater part of `w` in [1, 2); where that cannot be, `k = 0`.
fn normalize(z: Complex64) -> (Complex64, i32) {
    let greater = greater_part(z);
    if greater == 0.0 || !greater.is_finite() {
        return (z, 0);
    }
    let k = libm::ilogb(greater);
    (scale(z, -k), k)
}

fn scale(z: Complex64, k: i32) -> Complex64 {
    Complex64::new(libm::scalbn(z.re, k), libm::scalbn(z.im, k))
}

/// `a / b = a b* / |b|^2`, both scaled so that nothing overflows on the way.
/// As in C's annex G a number other than 0 over 0, and an infinite one over a
/// finite one, are infinite; a finite one over an infinite one is 0.
fn div(a: Complex64, b: Complex64) -> Complex64 {
    let ((p, i), (q, j)) = (normalize(a), normalize(b));
    let square = q.re * q.re + q.im * q.im;
    let quotient = scale(p * q.conj() / square, i - j);
    if !quotient.re.is_nan() || !quotient.im.is_nan() {
        return quotient;
    }
    let is_infinite = |z: Complex64| z.re.is_infinite() || z.im.is_infinite();
    let unit = |part: f64| (part.is_infinite() as i64 as f64).copysign(part);
    let boxed = |z: Complex64| Complex64::new(unit(z.re), unit(z.im));
    if square == 0.0 && !(a.re.is_nan() && a.im.is_nan()) {
        a * f64::INFINITY.copysign(b.re)
    } else if is_infinite(a) && b.is_finite() {
        boxed(a) * b.conj() * f64::INFINITY
    } else if a.is_finite() && is_infinite(b) {
        a * boxed(b).conj() * 0.0
    } else {
        quotient
    }
}

/// `z / |z|`, and 0 at 0.
fn sign(z: Complex64) -> Complex64 {
    let (w, _) = normalize(z);
    if greater_part(w) == 0.0 { z } else { w / libm::hypot(w.re, w.im) }
}

/// `factor e^y`, where the exponential alone may overflow.
fn grown(factor: f64, y: f64) -> f64 {
    if factor == 0.0 {
        factor
    } else if y.abs() < 700.0 {
        factor * libm::exp(y)
    } else {
        let half = libm::exp(y / 2.0);
        factor * half * half
    }
}

/// `e^x (cos y + i sin y)`.
fn exp(z: Complex64) -> Complex64 {
    if z.im == 0.0 {
        return Complex64::new(libm::exp(z.re), z.im);
    }
    if z.re == f64::NEG_INFINITY && !z.im.is_finite() {
        return Complex64::new(0.0, 0.0);
    }
    if z.re == f64::INFINITY && !z.im.is_finite() {
        return Complex64::new(f64::INFINITY, f64::NAN);
    }
    Complex64::new(grown(libm::cos(z.im), z.re), grown(libm::sin(z.im), z.re))
}

/// `e^z - 1`, with `e^x cos y - 1 = (e^x - 1) cos y - 2 sin^2(y/2)`, where no
/// digits are lost near 0.
fn expm1(z: Complex64) -> Complex64 {
    let e = exp(z);
    if z.re > 40.0 || !z.is_finite() {
        return e - ONE;
    }
    let half = libm::sin(z.im / 2.0);
    Complex64::new(libm::expm1(z.re) * libm::cos(z.im) - 2.0 * half * half, e.im)
}

/// `ln |z| + i arg z`. Near the unit circle `ln |z|` is
/// `log1p((a - 1) (a + 1) + b^2) / 2`, where `a` is the greater part.
fn log(z: Complex64) -> Complex64 {
    let real = if (0.5..2.0).contains(&libm::hypot(z.re, z.im)) {
        let (a, b) = (greater_part(z), z.re.abs().min(z.im.abs()));
        libm::log1p((a - 1.0) * (a + 1.0) + b * b) / 2.0
    } else {
        let (w, k) = normalize(z);
        libm::log(libm::hypot(w.re, w.im)) + k as f64 * std::f64::consts::LN_2
    };
    Complex64::new(real, libm::atan2(z.im, z.re))
}

/// `ln (1 + z)`, with `|1 + z|^2 = 1 + x (2 + x) + y^2`.
fn log1p(z: Complex64) -> Complex64 {
    if z.re.abs() > 0.5 || z.im.abs() > 0.5 || z.is_nan() {
        return log(Complex64::new(1.0 + z.re, z.im));
    }
    let real = libm::log1p(z.re * (2.0 + z.re) + z.im * z.im) / 2.0;
    Complex64::new(real, libm::atan2(z.im, 1.0 + z.re))
}

/// The root with a real part that is not negative, cut along the negative real
/// numbers: `t = sqrt((|x| + |z|) / 2)` is one part, `|y| / 2t` the other.
fn sqrt(z: Complex64) -> Complex64 {
    if z.im.is_infinite() {
        return Complex64::new(f64::INFINITY, z.im);
    }
    let (w, k) = normalize(z);
    if greater_part(w) == 0.0 {
        return Complex64::new(0.0, z.im);
    }
    let odd = k & 1;
    let w = scale(w, odd);
    let t = ((w.re.abs() + libm::hypot(w.re, w.im)) / 2.0).sqrt();
    let root = if w.re >= 0.0 {
        Complex64::new(t, w.im / (2.0 * t))
    } else {
        Complex64::new(w.im.abs() / (2.0 * t), t.copysign(w.im))
    };
    scale(root, (k - odd) / 2)
}

/// `(c cosh y, s sinh y)`.
fn hyperbolic(c: f64, s: f64, y: f64) -> (f64, f64) {
    if y.abs() < 700.0 {
        return (c * libm::cosh(y), s * libm::sinh(y));
    }
    (grown(c / 2.0, y.abs()), grown(s / 2.0, y.abs()) * 1.0_f64.copysign(y))
}

/// `sin x cosh y + i cos x sinh y`.
fn sin(z: Complex64) -> Complex64 {
    let (re, im) = hyperbolic(libm::sin(z.re), libm::cos(z.re), z.im);
    Complex64::new(re, im)
}

/// `cos x cosh y - i sin x sinh y`.
fn cos(z: Complex64) -> Complex64 {
    let (re, im) = hyperbolic(libm::cos(z.re), libm::sin(z.re), z.im);
    Complex64::new(re, -im)
}

/// `tan z = -i tanh iz`.
fn tan(z: Complex64) -> Complex64 {
    let w = tanh(Complex64::new(-z.im, z.re));
    Complex64::new(w.im, -w.re)
}

/// Kahan's formula: with `t = tan y`, `s = sinh x`, `r = cosh x` and
/// `b = 1 + t^2`, `tanh z = (b r s + i t) / (1 + b s^2)`. Far out the real part
/// is 1 or -1, and the imaginary one `4 sin y cos y e^(-2|x|)`.
fn tanh(z: Complex64) -> Complex64 {
    if z.im == 0.0 {
        return Complex64::new(libm::tanh(z.re), z.im);
    }
    if z.re.abs() > 22.0 {
        let turn = if z.re.is_infinite() && !z.im.is_finite() { 0.0 } else { libm::sin(z.im) * libm::cos(z.im) };
        return Complex64::new(1.0_f64.copysign(z.re), 4.0 * turn * libm::exp(-2.0 * z.re.abs()));
    }
    let (t, s) = (libm::tan(z.im), libm::sinh(z.re));
    let (r, b) = (libm::cosh(z.re), 1.0 + t * t);
    Complex64::new(b * r * s, t) / (1.0 + b * s * s)
}

/// `1 / (1 + e^-z)`, the exponential never growing past 1.
fn logistic(z: Complex64) -> Complex64 {
    if z.re < 0.0 {
        let e = exp(z);
        div(e, ONE + e)
    } else {
        div(ONE, ONE + exp(-z))
    }
}

/// `e^(b log a)`; `a^0 = 1`, and a power of 0 is 0 where the exponent's real
/// part is positive, the reciprocal of 0 where it is negative.
fn pow(a: Complex64, b: Complex64) -> Complex64 {
    let zero = Complex64::new(0.0, 0.0);
    if b == zero {
        ONE
    } else if a != zero {
        exp(b * log(a))
    } else if b.re > 0.0 {
        zero
    } else if b.re < 0.0 {
        div(ONE, zero)
    } else {
        Complex64::new(f64::NAN, f64::NAN)
    }
}
