//! Special functions of real numbers, in f64: the error function and the
//! gamma function's family.
//!
//! `erf` and `lgamma` are from `libm`. [`digamma`] and [`polygamma`] use the asymptotic series in Bernoulli numbers for
//! large arguments, the recurrence for smaller ones, and reflection for negative ones. For positive arguments, zeros
//! included, the error is a few ulp; for negative ones it is that of the terms of the reflection, which cancel near a
//! zero of the function.

use std::f64::consts::PI;

pub use libm::{erf, erfc, lgamma};

/// The inverse of `erf`; infinite at 1 and -1, NaN beyond. Newton's steps for `erf y = x`, or for `erfc y = 1 - x` where
/// that is the smaller one, of third order since the second derivative is `-2 y` times the first.
pub fn erf_inv(x: f64) -> f64 {
    let a = x.abs();
    if x == 0.0 || a >= 1.0 || x.is_nan() {
        return if a > 1.0 { f64::NAN } else { x * if a == 1.0 { f64::INFINITY } else { 1.0 } };
    }
    // Winitzki's approximation, to two digits.
    const A: f64 = 0.147;
    let log = libm::log((1.0 - a) * (1.0 + a));
    let half = 2.0 / (PI * A) + log / 2.0;
    let mut y = ((half * half - log / A).sqrt() - half).sqrt();
    for _ in 0..4 {
        let error = if a < 0.5 { erf(y) - a } else { (1.0 - a) - erfc(y) };
        let step = error * (PI.sqrt() / 2.0) * libm::exp(y * y);
        y -= step / (1.0 + y * step);
    }
    y.copysign(x)
}

/// The Bernoulli numbers `B_2, B_4, …`, each a quotient.
const BERNOULLI: [(f64, f64); 10] = [
    (1.0, 6.0),
    (-1.0, 30.0),
    (1.0, 42.0),
    (-1.0, 30.0),
    (5.0, 66.0),
    (-691.0, 2730.0),
    (7.0, 6.0),
    (-3617.0, 510.0),
    (43867.0, 798.0),
    (-174611.0, 330.0),
];

/// The digamma function's zero right of 0, to twice the precision of f64.
const ZERO: (f64, f64) = (1.4616321449683622, 9.549995429965697e-17);

/// The distance to the nearest integer, with its sign: 0 on integers. Exact.
fn distance_to_integer(x: f64) -> f64 {
    x - x.round_ties_even()
}

/// `ψ(x) = Γ'(x) / Γ(x)`; NaN at the poles 0, -1, -2, ….
pub fn digamma(x: f64) -> f64 {
    if x > 0.0 {
        return digamma_positive(x);
    }
    // ψ(x) = ψ(1 - x) - π cot πx, and tan is periodic.
    let r = distance_to_integer(x);
    if r == 0.0 || !x.is_finite() { f64::NAN } else { digamma_positive(1.0 - x) - PI / libm::tan(PI * r) }
}

/// `ψ(x) - ψ(z)` where `ψ(z) = 0`. Ten steps of `ψ(x + 1) = ψ(x) + 1/x` lead to
/// `u = x + 10` and `v = z + 10`, where
/// `ψ(u) = ln u - 1/2u - Σ_k B_2k / (2k u^2k)` serves. Each term is divided by
/// `x - z`, with `p = 1/u`, `q = 1/v`, so that all have one sign and none
/// cancel: `p^m - q^m = -(x - z) p q h_(m-1)`, where
/// `h_m = Σ_i p^i q^(m-i) = p h_(m-1) + q^m`.
fn digamma_positive(x: f64) -> f64 {
    const STEPS: u32 = 10;
    if x.is_infinite() {
        return x;
    }
    let from_zero = (x - ZERO.0) - ZERO.1;
    let steps: f64 = (0..STEPS).rev().map(|n| from_zero / (x + n as f64) / (ZERO.0 + n as f64)).sum();
    let v = ZERO.0 + STEPS as f64;
    let (p, q) = ((x + STEPS as f64).recip(), v.recip());
    // h and q's power, of the degrees 1, 3, 5, ….
    let (mut h, mut power) = (p + q, q);
    let mut series = 0.5;
    for (k, (numerator, denominator)) in (1..).zip(BERNOULLI) {
        series += numerator / (denominator * (2 * k) as f64) * h;
        h = p * (p * h + power * q) + power * q * q;
        power *= q * q;
    }
    steps + from_zero * p * q * series + libm::log1p(from_zero / v)
}

/// `ψ_n(x)`, the derivative of order `n` of [`digamma`], which is `ψ_0`. At the
/// poles 0, -1, -2, … it is infinite for odd `n` and NaN for even ones.
///
/// For `n ≥ 1`, `ψ_n(x) = (-1)^(n+1) n! Σ_(k≥0) (x + k)^-(n+1)`.
pub fn polygamma(n: u64, x: f64) -> f64 {
    if n == 0 {
        return digamma(x);
    }
    let odd = n % 2 == 1;
    let sign = if odd { 1.0 } else { -1.0 };
    if x > 0.0 {
        return sign * hurwitz(n, x);
    }
    if !x.is_finite() {
        return f64::NAN;
    }
    let r = distance_to_integer(x);
    if r == 0.0 {
        return if odd { f64::INFINITY } else { f64::NAN };
    }
    // The numbers x + k right of 0 are f, f + 1, …; those left of it are
    // f - 1, f - 2, …, x, with powers of the sign (-1)^(n+1).
    let (f, g) = if r > 0.0 { (r, 1.0 - r) } else { (1.0 + r, -r) };
    // The greatest two first, which cancel between integers where n is even.
    sign * hurwitz(n, f) + hurwitz(n, g) - hurwitz(n, 1.0 - x)
}

/// `n! ζ(n+1, x) = n! Σ_(k≥0) (x + k)^-(n+1)` for `x > 0`, `n ≥ 1`: the terms up
/// to `u = x + N ≥ n + 10` one by one, the rest by Euler and Maclaurin's formula,
/// `u^-n (1/n + 1/2u + Σ_j B_2j / (2j)! (n+1)…(n+2j-1) / u^2j)`.
fn hurwitz(n: u64, x: f64) -> f64 {
    if x.is_infinite() {
        return 0.0;
    }
    let order = n as f64;
    let (mut sum, mut u, mut term) = (0.0, x, 1.0);
    while u < order + 10.0 {
        sum += term;
        u += 1.0;
        term = libm::pow(x / u, order + 1.0);
        // What remains is about term (u/n + 1/2).
        if term * (u / order + 0.5) < f64::EPSILON / 16.0 {
            return times_factorial_over_power(sum, n, x);
        }
    }
    // B_2j (n+1)…(n+2j-1) / ((2j)! u^(2j-1)), step by step.
    let mut rest = u / order + 0.5;
    let mut coefficient = (order + 1.0) / (2.0 * u);
    for (j, (numerator, denominator)) in (1..).zip(BERNOULLI) {
        rest += numerator / denominator * coefficient;
        let even = (2 * j) as f64;
        coefficient *= (order + even) / u * ((order + even + 1.0) / u) / ((even + 1.0) * (even + 2.0));
    }
    times_factorial_over_power(sum + term * rest, n, x)
}

/// `sum n! / x^(n+1)`, factor by factor from `sum / x` on, which is about `1/n`
/// where `x` is great: the factors `i / x` fall below 1 before they rise above
/// it, so nothing overflows or vanishes on the way that does not in the end.
fn times_factorial_over_power(sum: f64, n: u64, x: f64) -> f64 {
    if n > 500 {
        let order = n as f64;
        return libm::exp(libm::log(sum) + lgamma(order + 1.0) - (order + 1.0) * libm::log(x));
    }
    (1..=n).fold(sum / x, |product, i| product * (i as f64 / x))
}
