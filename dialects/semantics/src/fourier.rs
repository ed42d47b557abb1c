//! Discrete Fourier transforms.

use crate::require::{malformed, require_equal};
use crate::view::{View, gathered, zero};
use dp_dialects::attributes::FftKind;
use dp_dialects::parameters::FftForm;
use dp_dialects::{Literal, Number, Parameters, Result, ValueType};
use num_complex::Complex;
use std::f64::consts::FRAC_PI_2;

/// `exp(-2πi k / n)`. The angle is reduced to an eighth of a turn by integers, so that both parts are exact but for about
/// one rounding.
pub fn root(k: u64, n: u64) -> Complex<f64> {
    let (k, n) = (u128::from(k), u128::from(n));
    let quarters = 4 * (k % n);
    let rest = quarters % n;
    let is_past_half = 2 * rest > n;
    let angle = FRAC_PI_2 * ((if is_past_half { n - rest } else { rest }) as f64 / n as f64);
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let (re, im) = if is_past_half { (sin, -cos) } else { (cos, -sin) };
    match quarters / n {
        0 => Complex::new(re, im),
        1 => Complex::new(im, -re),
        2 => Complex::new(-re, -im),
        _ => Complex::new(-im, re),
    }
}

/// `array.fft`.
pub fn fft(parameters: &Parameters, operands: &[Literal], result: &ValueType) -> Result<Literal> {
    let (Parameters::Fft(form), [x]) = (parameters, operands) else { return Err(malformed()) };
    let FftForm { kind, dim, length } = *form;
    let given = x.extents().get(dim).copied().ok_or_else(malformed)?;
    require_equal(|| format!("the extent of dimension {dim} and that of the length"), given, form.given())?;
    let mut extents = x.extents().to_vec();
    extents[dim] = form.made();
    let (whole, to) = (View::whole(x.extents()), View::whole(&extents));
    let mut elements = gathered(&extents, to.positions().map(|_| zero(result.dtype)))?;
    let others: Vec<usize> = (0..extents.len()).filter(|other| *other != dim).collect();
    let roots: Vec<Complex<f64>> = (0..length).map(|k| root(k, length)).collect();
    let (mut line, mut made) = (whole.pick(&[dim]), to.pick(&[dim]));
    for (from, to) in whole.pick(&others).positions().zip(to.pick(&others).positions()) {
        (line.offset, made.offset) = (from, to);
        let given: Vec<Complex<f64>> = line.positions().map(|at| x.element(at).complex()).collect();
        let spectrum = transformed(kind, &given, &roots);
        for (at, value) in made.positions().zip(spectrum) {
            let number = if result.dtype.is_complex() { Number::Complex(value) } else { Number::Real(value.re) };
            elements[at] = number.round(result.dtype);
        }
    }
    Ok(Literal::tensor(result.dtype, extents, elements))
}

/// One line; the imaginary parts of `irfft` are 0.
fn transformed(kind: FftKind, given: &[Complex<f64>], roots: &[Complex<f64>]) -> Vec<Complex<f64>> {
    let n = roots.len();
    let inverse = |x: Vec<Complex<f64>>| -> Vec<Complex<f64>> {
        let turned: Vec<_> = x.into_iter().map(|x| x.conj()).collect();
        dft(&turned, roots).into_iter().map(|y| y.conj() / n as f64).collect()
    };
    match kind {
        FftKind::Fft => dft(given, roots),
        FftKind::Ifft => inverse(given.to_vec()),
        FftKind::Rfft => dft(given, roots).into_iter().take(n / 2 + 1).collect(),
        FftKind::Irfft => {
            let element = |k: usize| match k {
                0 => given[0].re.into(),
                k if 2 * k == n => given[k].re.into(),
                k if 2 * k < n => given[k],
                k => given[n - k].conj(),
            };
            inverse((0..n).map(element).collect())
        }
    }
}

/// `y_k = Σ_j x_j w^jk`, where `w` is the second of the roots of 1, of which there are a multiple of as many as elements. The elements are divided by their places modulo the
/// least prime factor `p` of their number: `y_k = Σ_{r < p} w^rk z_r[k mod n/p]`, where `z_r` transforms the elements at
/// `r, r + p, …`. Sums are taken in pairs.
pub fn dft(x: &[Complex<f64>], roots: &[Complex<f64>]) -> Vec<Complex<f64>> {
    let n = x.len();
    let Some(p) = (2..=n).find(|p| n.is_multiple_of(*p) || p * p > n) else { return x.to_vec() };
    let p = if n.is_multiple_of(p) { p } else { n };
    let part = |r: usize| -> Vec<Complex<f64>> { x.iter().skip(r).step_by(p).copied().collect() };
    let parts: Vec<Vec<Complex<f64>>> = (0..p).map(|r| dft(&part(r), roots)).collect();
    let step = roots.len() / n;
    let term = |k: usize, r: usize| parts[r][k % (n / p)] * roots[r * k % n * step];
    (0..n).map(|k| sum(0, p, &|r| term(k, r))).collect()
}

/// The sum of the terms from `low` to `high`, in pairs.
fn sum(low: usize, high: usize, term: &dyn Fn(usize) -> Complex<f64>) -> Complex<f64> {
    match high - low {
        0..=8 => (low..high).map(term).sum(),
        count => sum(low, low + count / 2, term) + sum(low + count / 2, high, term),
    }
}
