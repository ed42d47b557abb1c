//! Lines of any length `n` by longer ones (Bluestein). As `2 j k = j² + k² - (k - j)²`, with `c_j = exp(-πi j² / n)`:
//! `y_k = c_k Σ_j (x_j c_j) conj(c_{k-j})`, a convolution, which is a product of transforms of length `m >= 2n - 1`.

use super::roots::{number, parts, product};
use super::{Planes, transformed};
use crate::checks::{Order, compare};
use crate::tensors::LoweringSite;
use crate::tensors::sort::select;
use dp_dialects::{Diagnostic, Result};
use dp_semantics::fourier::{dft, root};
use num_complex::Complex;

/// The longest lines, for which tables are stored in the library.
const MOST: u64 = 1 << 20;

/// Transforms the lines.
pub(super) fn chirp<'c>(site: &LoweringSite<'c>, x: &Planes<'c>) -> Result<Planes<'c>> {
    let (b, n) = (&site.b, x.length());
    if n > MOST {
        let message =
            format!("transforms {n} elements: the limit is {MOST} for lengths with a prime factor greater than 13");
        return Err(Diagnostic::limit(message).help("pad the lines to a product of 2, 3, 5, 7, 11 and 13"));
    }
    let m = (2 * n - 1).next_power_of_two();
    let wave: Vec<Complex<f64>> = (0..n).map(|j| root(j * j % (2 * n), 2 * n)).collect();
    let spectrum = parts(b, x.of.dtype, spectrum(&wave, m).into_iter())?;
    let wave = parts(b, x.of.dtype, wave.into_iter())?;
    let last = b.index(n as i64 - 1)?;
    let padded = x.lines(b, m, &|b, place, element| {
        let is_given = compare(b, Order::Sle, place, last)?;
        let from = select(b, is_given, place, last)?;
        let [re, im] = product(b, element(b, from)?, number(b, wave, from)?)?;
        let zero = super::number(b, x.of.dtype, 0.0)?;
        Ok([select(b, is_given, re, zero)?, select(b, is_given, im, zero)?])
    })?;
    let made = transformed(site, &padded)?
        .lines(b, m, &|b, place, element| product(b, element(b, place)?, number(b, spectrum, place)?))?;
    let made = transformed(site, &made.exchanged())?.exchanged();
    made.lines(b, n, &|b, place, element| product(b, element(b, place)?, number(b, wave, place)?))
}

/// The transform of `conj(c_j)` for `|j| < n`, divided by its length `m`.
fn spectrum(wave: &[Complex<f64>], m: u64) -> Vec<Complex<f64>> {
    let mut line = vec![Complex::new(0.0, 0.0); m as usize];
    for (j, number) in wave.iter().enumerate() {
        line[j] = number.conj() / m as f64;
        line[(m as usize - j) % m as usize] = line[j];
    }
    let roots: Vec<Complex<f64>> = (0..m).map(|k| root(k, m)).collect();
    dft(&line, &roots)
}
