//! Transforms of few numbers, all in registers: `y_k = Σ_j x_j exp(-2πi j k / r)`.

use super::lanes::{Arithmetic, Lanes};
use dp_dialects::{Builder, Result};
use dp_semantics::fourier::root;

/// The greatest prime number that is transformed in registers.
pub(super) const GREATEST: u64 = 13;

/// The numbers of elements that are transformed in registers one after another, for a product of small prime numbers;
/// `None` if a prime factor is greater than [`GREATEST`].
pub(super) fn radices(mut n: u64) -> Option<Vec<u64>> {
    let twos = n.trailing_zeros();
    n >>= twos;
    let mut radices = match twos % 3 {
        0 => Vec::new(),
        1 if twos == 1 => vec![2],
        1 => vec![4, 4],
        _ => vec![4],
    };
    let covered: u32 = radices.iter().map(|radix: &u64| radix.trailing_zeros()).sum();
    radices.extend(std::iter::repeat_n(8, (twos - covered) as usize / 3));
    for prime in [3, 5, 7, 11, GREATEST] {
        while n.is_multiple_of(prime) {
            n /= prime;
            radices.push(prime);
        }
    }
    (n == 1).then_some(radices)
}

/// The transform of a list of numbers.
pub(super) fn butterfly<'c>(a: Arithmetic, b: &Builder<'c>, x: &[Lanes<'c>]) -> Result<Vec<Lanes<'c>>> {
    match *x {
        [] | [_] => Ok(x.to_vec()),
        [x, y] => Ok(vec![a.add(b, x, y)?, a.sub(b, x, y)?]),
        [x, y, z, w] => {
            let (even, odd) = (a.add(b, x, z)?, a.add(b, y, w)?);
            let (difference, turned) = (a.sub(b, x, z)?, a.sub(b, y, w)?);
            Ok(vec![
                a.add(b, even, odd)?,
                a.sub_turned(b, difference, turned)?,
                a.sub(b, even, odd)?,
                a.add_turned(b, difference, turned)?,
            ])
        }
        _ if x.len().is_multiple_of(2) => halves(a, b, x),
        _ => odd(a, b, x),
    }
}

/// An even number of numbers: `y_k = e_k + w^k o_k` and `y_{k + r/2} = e_k - w^k o_k`, where `e` transforms the numbers at
/// even places, and `o` the others.
fn halves<'c>(a: Arithmetic, b: &Builder<'c>, x: &[Lanes<'c>]) -> Result<Vec<Lanes<'c>>> {
    let n = x.len();
    let part = |from: usize| -> Vec<Lanes> { x.iter().skip(from).step_by(2).copied().collect() };
    let (even, odd) = (butterfly(a, b, &part(0))?, butterfly(a, b, &part(1))?);
    let mut low = Vec::with_capacity(n);
    let mut high = Vec::with_capacity(n / 2);
    for (k, (even, odd)) in even.into_iter().zip(odd).enumerate() {
        let [sum, difference] = match 8 * k {
            0 => [a.add(b, even, odd)?, a.sub(b, even, odd)?],
            // `w = -i`.
            eighths if eighths == 2 * n => [a.sub_turned(b, even, odd)?, a.add_turned(b, even, odd)?],
            // `w = (1 - i) √½`, and `w = (-1 - i) √½`.
            eighths if eighths == n || eighths == 3 * n => {
                let turned = if eighths == n {
                    Lanes { re: a.plus(b, odd.re, odd.im)?, im: a.minus(b, odd.im, odd.re)? }
                } else {
                    let difference = a.minus(b, odd.im, odd.re)?;
                    let sum = a.plus(b, odd.re, odd.im)?;
                    Lanes { re: difference, im: sum }
                };
                let turned = a.scaled(b, turned, std::f64::consts::FRAC_1_SQRT_2)?;
                match eighths == n {
                    true => [a.add(b, even, turned)?, a.sub(b, even, turned)?],
                    // `turned` is `w o` but for the sign of its imaginary part.
                    false => {
                        let plus = Lanes { re: a.plus(b, even.re, turned.re)?, im: a.minus(b, even.im, turned.im)? };
                        let minus = Lanes { re: a.minus(b, even.re, turned.re)?, im: a.plus(b, even.im, turned.im)? };
                        [plus, minus]
                    }
                }
            }
            _ => {
                let w = root(k as u64, n as u64);
                let (real, turned) = (a.scaled(b, odd, w.re)?, a.scaled(b, odd, w.im)?);
                let odd = a.add_turned(b, real, turned)?;
                [a.add(b, even, odd)?, a.sub(b, even, odd)?]
            }
        };
        low.push(sum);
        high.push(difference);
    }
    low.extend(high);
    Ok(low)
}

/// An odd number of numbers: `y_k` and `y_{r-k}` are `x_0 + Σ_j (x_j + x_{r-j}) cos(2πjk/r) ∓ i (x_j - x_{r-j})
/// sin(2πjk/r)`.
fn odd<'c>(a: Arithmetic, b: &Builder<'c>, x: &[Lanes<'c>]) -> Result<Vec<Lanes<'c>>> {
    let n = x.len();
    let mut pairs = Vec::with_capacity(n / 2);
    let mut all = x[0];
    for j in 1..=n / 2 {
        let sum = a.add(b, x[j], x[n - j])?;
        pairs.push((sum, a.sub(b, x[j], x[n - j])?));
        all = a.add(b, all, sum)?;
    }
    let (mut low, mut high) = (vec![all], Vec::new());
    for k in 1..=n / 2 {
        let mut even = x[0];
        let mut turned: Option<Lanes> = None;
        for (j, (sum, difference)) in (1..).zip(&pairs) {
            let w = root((j * k) as u64, n as u64);
            even = a.add(b, a.scaled(b, *sum, w.re)?, even)?;
            let term = a.scaled(b, *difference, -w.im)?;
            turned = Some(match turned {
                Some(turned) => a.add(b, term, turned)?,
                None => term,
            });
        }
        let Some(turned) = turned else { continue };
        low.push(a.sub_turned(b, even, turned)?);
        high.push(a.add_turned(b, even, turned)?);
    }
    high.reverse();
    low.extend(high);
    Ok(low)
}
