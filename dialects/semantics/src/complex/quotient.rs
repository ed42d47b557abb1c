//! Division of complex numbers, with the same steps as `dp_div_c64` in `passes/scalar/src/texts/complex.f64.mlir`, so
//! that compiled programs have the same bits.

use num_complex::Complex64;

/// Scaled numbers have their greater part in [2^510, 2^511).
const TARGET: i64 = 510;

/// `2^k` for k from -1022 to 1023.
fn power_of_two(k: i64) -> f64 {
    f64::from_bits(((k + 1023) as u64) << 52)
}

/// The greater of the magnitudes of the parts. It is NaN only if both are, so a result of 0 does not mean that the
/// number is 0.
pub(super) fn greater_part(z: Complex64) -> f64 {
    z.re.abs().max(z.im.abs())
}

/// The number times a power of two, of which the second answer is the negated exponent, such that its greater part lies
/// in [2^510, 2^511), where it is neither 0 nor infinite: no square of it overflows, and a lesser part vanishes only
/// where what it leads to does.
fn normalize(z: Complex64) -> (Complex64, i64) {
    let greater = greater_part(z);
    // Two powers, as one alone may be beyond f64.
    let (first, lifted) = if greater < power_of_two(-500) { (power_of_two(600), 600) } else { (1.0, 0) };
    let field = ((greater * first).abs().to_bits() >> 52) as i64;
    let k = (field - 1023).max(-500);
    (z * first * power_of_two(TARGET - k), k - lifted)
}

/// `a b + c d`, with what the rounding of one product lost (Kahan).
fn sum_of_products(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let product = c * d;
    let lost = c.mul_add(d, -product);
    let sum = a.mul_add(b, product);
    // A 0 would change the sign of one.
    if lost.is_finite() && lost != 0.0 { sum + lost } else { sum }
}

/// 1 for an infinite part and 0 for others, with their signs.
fn unit(z: Complex64) -> Complex64 {
    let unit = |part: f64| f64::from(u8::from(part.is_infinite())).copysign(part);
    Complex64::new(unit(z.re), unit(z.im))
}

/// `a b*`, without what rounding lost.
fn by_conjugate(a: Complex64, b: Complex64) -> Complex64 {
    Complex64::new(a.im.mul_add(b.im, a.re * b.re), a.im.mul_add(b.re, -(a.re * b.im)))
}

/// `a / b = a b* / |b|^2`, both scaled so that nothing overflows or vanishes on the way. Where `b` has one part, that
/// divides both of `a`'s. Elsewhere, as in C's annex G, an infinite number over a finite one is infinite, and a finite
/// one over an infinite one is 0, with the signs of `a b*` where infinite parts are 1 and the others beside them 0.
pub(super) fn div(a: Complex64, b: Complex64) -> Complex64 {
    if b.im == 0.0 {
        return Complex64::new(a.re / b.re, a.im / b.re);
    }
    if b.re == 0.0 {
        return Complex64::new(a.im / b.im, -a.re / b.im);
    }
    if greater_part(a).is_infinite() && b.is_finite() {
        return by_conjugate(unit(a), b) * f64::INFINITY;
    }
    let ((p, i), (q, j)) = (normalize(a), normalize(b));
    if a.is_finite() && greater_part(b).is_infinite() {
        return by_conjugate(p, unit(b)) * 0.0;
    }
    // Scaled so that quotients by it neither overflow nor, where what they lead to does not, vanish.
    let square = q.re.mul_add(q.re, q.im * q.im) * power_of_two(-TARGET);
    let re = sum_of_products(p.re, q.re, p.im, q.im) / square;
    let im = sum_of_products(p.im, q.re, -p.re, q.im) / square;
    // Back in two steps, each of which has a power of two.
    let k = (i - j - TARGET).max(-2044);
    let half = k >> 1;
    let back = |part: f64| part * power_of_two(half) * power_of_two(k - half);
    Complex64::new(back(re), back(im))
}
