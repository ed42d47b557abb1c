//! Inverse, hyperbolic and binary functions of complex numbers on their principal branches, in two f64.
//!
//! Inverse functions use the square roots `a` of `1 - z` and `b` of `1 + z`, whose products are sums of numbers of one
//! sign (Kahan), so nothing cancels near the branch points 1 and -1. Beyond [`LARGE`], where 1 is negligible, they use
//! the logarithm and the angle of `z`.

use super::elementary::{cos, exp, log, scale, sin, sqrt};
use num_complex::Complex64;
use std::f64::consts::{FRAC_PI_2, LN_2, LOG2_E, LOG10_E};

const LARGE: f64 = (1_u128 << 100) as f64;

const NAN: Complex64 = Complex64::new(f64::NAN, f64::NAN);

fn is_large(z: Complex64) -> bool {
    z.re.abs() > LARGE || z.im.abs() > LARGE
}

/// `iz`; and `-iz`.
fn turned(z: Complex64) -> Complex64 {
    Complex64::new(-z.im, z.re)
}

fn turned_back(z: Complex64) -> Complex64 {
    Complex64::new(z.im, -z.re)
}

/// The roots of `1 - z` and `1 + z`; a zero keeps its sign.
fn roots(z: Complex64) -> (Complex64, Complex64) {
    (sqrt(Complex64::new(1.0 - z.re, -z.im)), sqrt(Complex64::new(1.0 + z.re, z.im)))
}

/// `ln |2z|`, with the sign of `sign`.
fn far(z: Complex64, sign: f64) -> f64 {
    (log(z).re + LN_2).copysign(sign)
}

/// The angle of the point `(Re(a b), x)`, and the inverse of sinh of `Im(a* b)`.
pub(super) fn asin(z: Complex64) -> Complex64 {
    if is_large(z) {
        return Complex64::new(libm::atan2(z.re, z.im.abs()), far(z, z.im));
    }
    if z.is_nan() {
        return NAN;
    }
    let (a, b) = roots(z);
    let leg = a.re * b.re - a.im * b.im;
    Complex64::new(libm::atan2(z.re, leg), libm::asinh(a.re * b.im - a.im * b.re))
}

/// Twice the angle of the point `(Re b, Re a)`, and the inverse of sinh of `Im(b* a)`.
pub(super) fn acos(z: Complex64) -> Complex64 {
    if is_large(z) {
        return Complex64::new(libm::atan2(z.im.abs(), z.re), far(z, -z.im));
    }
    if z.is_nan() {
        return NAN;
    }
    let (a, b) = roots(z);
    Complex64::new(2.0 * libm::atan2(a.re, b.re), libm::asinh(b.re * a.im - b.im * a.re))
}

/// `±i acos z`, so turned that the real part is not negative.
pub(super) fn acosh(z: Complex64) -> Complex64 {
    let v = acos(z);
    Complex64::new(v.im.abs(), v.re.copysign(z.im))
}

/// `-i asin iz`.
pub(super) fn asinh(z: Complex64) -> Complex64 {
    turned_back(asin(turned(z)))
}

/// With `x > 0`, else the opposite of the conjugate: `ln(1 + 4x / ((1 - x)^2 + y^2)) / 4`, and half of the angle of the
/// point `((1 - x) (1 + x) - y^2, 2y)`. Where `x` is 1 and `y^2` nothing, the real part is `ln(2 / |y|) / 2`.
pub(super) fn atanh(z: Complex64) -> Complex64 {
    const TINY: f64 = 1e-90;
    let (x, y) = (z.re.abs(), z.im);
    if is_large(z) {
        // Re(1 / z), scaled by the greater part.
        let greater = x.max(y.abs());
        let (p, q) = (x / greater, y / greater);
        let re = if greater.is_infinite() { 0.0 } else { p / p.mul_add(p, q * q) / greater };
        let im = if y.is_nan() { y } else { FRAC_PI_2.copysign(y) };
        return Complex64::new(re.copysign(z.re), im);
    }
    let below = 1.0 - x;
    let re = if x == 1.0 && y.abs() < TINY {
        (LN_2 - libm::log(y.abs())) / 2.0
    } else {
        libm::log1p(4.0 * x / below.mul_add(below, y * y)) / 4.0
    };
    let im = libm::atan2(2.0 * y, below * (1.0 + x) - y * y) / 2.0;
    Complex64::new(re.copysign(z.re), im)
}

/// `-i atanh iz`.
pub(super) fn atan(z: Complex64) -> Complex64 {
    turned_back(atanh(turned(z)))
}

/// `-i sin iz`.
pub(super) fn sinh(z: Complex64) -> Complex64 {
    turned_back(sin(turned(z)))
}

/// `cos iz`.
pub(super) fn cosh(z: Complex64) -> Complex64 {
    cos(turned(z))
}

/// `ln z / ln 2`.
pub(super) fn log2(z: Complex64) -> Complex64 {
    log(z) * LOG2_E
}

/// `ln z / ln 10`.
pub(super) fn log10(z: Complex64) -> Complex64 {
    log(z) * LOG10_E
}

/// `2^n e^((x - n) ln 2 + iy ln 2)`, `n` the integer nearest to `x`; 0 at `-inf + iy`.
pub(super) fn exp2(z: Complex64) -> Complex64 {
    const MOST: f64 = 2046.0;
    if z.re == f64::NEG_INFINITY {
        return Complex64::new(0.0, 0.0);
    }
    let x = z.re.clamp(-MOST, MOST);
    let n = x.round_ties_even();
    scale(exp(Complex64::new((x - n) * LN_2, z.im * LN_2)), n as i32)
}
