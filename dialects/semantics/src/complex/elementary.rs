//! Elementary functions of complex numbers on their principal branches, in two f64.

use super::quotient::{div, greater_part};
use num_complex::Complex64;

const ONE: Complex64 = Complex64::new(1.0, 0.0);

fn is_zero(z: Complex64) -> bool {
    z.re == 0.0 && z.im == 0.0
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

/// `2^k z`.
pub(super) fn scale(z: Complex64, k: i32) -> Complex64 {
    Complex64::new(libm::scalbn(z.re, k), libm::scalbn(z.im, k))
}

/// `|z|`, infinite where a part is, even beside NaN.
pub(super) fn abs(z: Complex64) -> f64 {
    libm::hypot(z.re, z.im)
}

/// `z / |z|`, and 0 at 0.
pub(super) fn sign(z: Complex64) -> Complex64 {
    let (w, k) = normalize(z);
    if is_zero(w) { z } else { scale(z / abs(w), -k) }
}

/// `factor e^y`, where the exponential alone may overflow; 0 where the factor is.
fn grown(factor: f64, y: f64) -> f64 {
    const FAR: f64 = 700.0;
    if factor == 0.0 {
        factor
    } else if y.abs() <= FAR || y.is_nan() {
        factor * libm::exp(y)
    } else {
        let part = FAR.copysign(y);
        factor * libm::exp(y - part) * libm::exp(part)
    }
}

/// `e^x (cos y + i sin y)`.
pub(super) fn exp(z: Complex64) -> Complex64 {
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

/// `e^z - 1`, with `e^x cos y - 1 = (e^x - 1) cos y - 2 sin^2(y/2)`, where no digits are lost near 0.
pub(super) fn expm1(z: Complex64) -> Complex64 {
    let e = exp(z);
    if z.re > 40.0 || !z.is_finite() {
        return e - ONE;
    }
    let half = libm::sin(z.im / 2.0);
    Complex64::new((-2.0 * half).mul_add(half, libm::expm1(z.re) * libm::cos(z.im)), e.im)
}

/// The sum of two numbers, and what its rounding loses.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// `p + a^2 + b^2`, to twice the precision on the way.
fn add_squares(p: f64, a: f64, b: f64) -> f64 {
    let square = |x: f64| (x * x, x.mul_add(x, -(x * x)));
    let ((a, a_low), (b, b_low)) = (square(a), square(b));
    let (sum, sum_low) = two_sum(p, a);
    let (total, total_low) = two_sum(sum, b);
    let (low, lost) = two_sum(a_low, b_low);
    total + (sum_low + total_low + low) + lost
}

/// `ln(1 + d) / 2` where that is `ln |w|` for a `w` near the unit circle, whose squared modulus is `1 + d`.
fn log_near_one(d: f64) -> Option<f64> {
    (-0.5 < d && d < 2.0).then(|| libm::log1p(d) / 2.0)
}

/// `ln |z| + i arg z`. Near the unit circle the greater part's square less 1 is exact.
pub(super) fn log(z: Complex64) -> Complex64 {
    let (greater, lesser) = if z.re.abs() < z.im.abs() { (z.im, z.re) } else { (z.re, z.im) };
    let real = log_near_one(add_squares(-1.0, greater, lesser)).unwrap_or_else(|| {
        let (w, k) = normalize(z);
        libm::log(abs(w)) + k as f64 * std::f64::consts::LN_2
    });
    Complex64::new(real, libm::atan2(z.im, z.re))
}

/// `ln (1 + z)`, with `|1 + z|^2 = 1 + (2x + x^2 + y^2)`.
pub(super) fn log1p(z: Complex64) -> Complex64 {
    let moved = log(Complex64::new(1.0 + z.re, z.im));
    let near = log_near_one(add_squares(2.0 * z.re, z.re, z.im));
    Complex64::new(near.unwrap_or(moved.re), moved.im)
}

/// The root with a real part that is not negative, cut along the negative real numbers: `t = sqrt((|x| + |z|) / 2)` is
/// one part, `|y| / 2t` the other.
pub(super) fn sqrt(z: Complex64) -> Complex64 {
    if z.im.is_infinite() {
        return Complex64::new(f64::INFINITY, z.im);
    }
    let (w, k) = normalize(z);
    if is_zero(w) {
        return Complex64::new(0.0, z.im);
    }
    let odd = k & 1;
    let w = scale(w, odd);
    let t = libm::scalbn(((w.re.abs() + abs(w)) / 2.0).sqrt(), (k - odd) / 2);
    let other = z.im.abs() / t / 2.0;
    let (re, im) = if z.re < 0.0 { (other, t) } else { (t, other) };
    Complex64::new(re, im.copysign(z.im))
}

/// The root's conjugate over `|z|`, of `z` scaled by a power of 4: the reciprocal of 0 at 0, and 0 at infinity.
pub(super) fn rsqrt(z: Complex64) -> Complex64 {
    let (w, k) = normalize(z);
    if is_zero(w) {
        return Complex64::new(f64::INFINITY, f64::NAN);
    }
    let odd = k & 1;
    let w = scale(w, odd);
    let root = sqrt(w).conj();
    if greater_part(w).is_infinite() {
        return Complex64::new(0.0, 0.0_f64.copysign(root.im));
    }
    scale(root / abs(w), (odd - k) / 2)
}

/// `sinh x` and `cosh x` times a factor each.
fn hyperbolic(c: f64, s: f64, y: f64) -> (f64, f64) {
    if y.abs() <= 22.0 {
        return (c * libm::cosh(y), s * libm::sinh(y));
    }
    (grown(c / 2.0, y.abs()), grown(s / 2.0 * 1.0_f64.copysign(y), y.abs()))
}

/// `sin x cosh y + i cos x sinh y`.
pub(super) fn sin(z: Complex64) -> Complex64 {
    let (re, im) = hyperbolic(libm::sin(z.re), libm::cos(z.re), z.im);
    Complex64::new(re, im)
}

/// `cos x cosh y - i sin x sinh y`.
pub(super) fn cos(z: Complex64) -> Complex64 {
    let (re, im) = hyperbolic(libm::cos(z.re), -libm::sin(z.re), z.im);
    Complex64::new(re, im)
}

/// `tan z = -i tanh iz`.
pub(super) fn tan(z: Complex64) -> Complex64 {
    let w = tanh(Complex64::new(-z.im, z.re));
    Complex64::new(w.im, -w.re)
}

/// `(sinh x cosh x + i sin y cos y) / (sinh^2 x + cos^2 y)`. Far out the real part is 1 or -1, and the imaginary one `4
/// sin y cos y e^(-2|x|)`.
pub(super) fn tanh(z: Complex64) -> Complex64 {
    if z.im == 0.0 {
        return Complex64::new(libm::tanh(z.re), z.im);
    }
    let (s, c) = libm::sincos(z.im);
    if z.re.abs() > 22.0 {
        let turn = if z.re.is_infinite() && !z.im.is_finite() { 0.0 } else { s * c };
        return Complex64::new(1.0_f64.copysign(z.re), 4.0 * turn * libm::exp(-2.0 * z.re.abs()));
    }
    let (sinh, cosh) = (libm::sinh(z.re), libm::cosh(z.re));
    Complex64::new(sinh * cosh, s * c) / c.mul_add(c, sinh * sinh)
}

/// `1 / (1 + e^-z)`. With `m = -|x|`, `e = e^m`, `c = 1 + cos y = 2 cos^2(y/2)`, `a = 1 + e cos y = (1 - e^m) + e c`
/// and `b = e sin y`, it is `(a + i b) / (a^2 + b^2)` right of 0; left of it `e (c + e^m - 1)` takes the place of the
/// numerator's `a`.
pub(super) fn logistic(z: Complex64) -> Complex64 {
    let m = -z.re.abs();
    let (e, less) = (libm::exp(m), libm::expm1(m));
    let half = libm::cos(z.im / 2.0);
    // Where e^-|x| is 0 and y is not finite, the result is that of y = 0.
    let is_real = e == 0.0 && !z.im.is_finite();
    let (c, s) = if is_real { (2.0, 0.0) } else { (2.0 * half * half, libm::sin(z.im)) };
    let (a, b) = (e.mul_add(c, -less), e * s);
    let top = if z.re < 0.0 { e * (c + less) } else { a };
    Complex64::new(top, b) / a.mul_add(a, b * b)
}

/// `e^(b log a)`; `a^0 = 1`, and a power of 0 is 0 where the exponent's real part is positive, the reciprocal of 0
/// where it is negative.
pub(super) fn pow(a: Complex64, b: Complex64) -> Complex64 {
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
