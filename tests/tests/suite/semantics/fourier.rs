//! Fourier transforms.

use super::*;
use dp_dialects::attributes::FftKind;
use dp_dialects::parameters::FftForm;
use num_complex::Complex64;
use std::f64::consts::TAU;

fn transform(kind: FftKind, dim: usize, length: u64, x: Literal) -> Literal {
    let form = FftForm { kind, dim, length };
    let mut extents: Vec<_> = x.extents().iter().copied().map(Some).collect();
    extents[dim] = Some(form.made());
    let dtype = match kind {
        FftKind::Fft | FftKind::Ifft => x.dtype,
        FftKind::Rfft => x.dtype.complex().expect("real numbers"),
        FftKind::Irfft => x.dtype.real(),
    };
    evaluate(OpKind::ArrayFft, &Parameters::Fft(form), &[x], &ValueType::tensor(dtype, extents)).expect("evaluates")
}

fn line(count: u64) -> Vec<Complex64> {
    (0..count).map(|j| Complex64::new((j as f64 * 0.7).sin(), (j as f64 * j as f64 * 0.3).cos())).collect()
}

fn literal(dtype: ScalarType, shape: Vec<u64>, of: &[Complex64]) -> Literal {
    let number = |x: &Complex64| if dtype.is_complex() { Number::Complex(*x) } else { Number::Real(x.re) };
    Literal::tensor(dtype, shape, of.iter().map(number).collect())
}

fn elements(of: &Literal) -> Vec<Complex64> {
    of.iter().map(|x| x.complex()).collect()
}

/// The relative distance of two lines.
fn distance(x: &[Complex64], y: &[Complex64]) -> f64 {
    assert_eq!(x.len(), y.len());
    let norm = |x: &mut dyn Iterator<Item = Complex64>| x.map(|x| x.norm_sqr()).sum::<f64>().sqrt();
    norm(&mut x.iter().zip(y).map(|(x, y)| x - y)) / norm(&mut y.iter().copied()).max(f64::MIN_POSITIVE)
}

/// Sums by the definition, with angles below a turn.
fn sums(x: &[Complex64], sign: f64) -> Vec<Complex64> {
    let n = x.len() as u64;
    let term = |j: u64, k: u64| x[j as usize] * Complex64::from_polar(1.0, sign * TAU * (j * k % n) as f64 / n as f64);
    (0..n).map(|k| (0..n).map(|j| term(j, k)).sum()).collect()
}

#[test]
fn transforms_of_each_length() {
    let of = ScalarType::Complex128;
    for n in (1..40).chain([64, 97, 128, 210]) {
        let x = line(n);
        let y = elements(&transform(FftKind::Fft, 0, n, literal(of, vec![n], &x)));
        assert!(distance(&y, &sums(&x, -1.0)) < 1e-14, "fft of {n}");
        let back = elements(&transform(FftKind::Ifft, 0, n, literal(of, vec![n], &y)));
        assert!(distance(&back, &x) < 1e-15 * (2.0 + (n as f64).log2()), "ifft of {n}: {}", distance(&back, &x));
        let real: Vec<Complex64> = x.iter().map(|x| x.re.into()).collect();
        let half = elements(&transform(FftKind::Rfft, 0, n, literal(ScalarType::F64, vec![n], &real)));
        assert!(distance(&half, &sums(&real, -1.0)[..n as usize / 2 + 1]) < 1e-14, "rfft of {n}");
        let back = elements(&transform(FftKind::Irfft, 0, n, literal(of, vec![n / 2 + 1], &half)));
        assert!(distance(&back, &real) < 1e-15 * (2.0 + (n as f64).log2()), "irfft of {n}");
    }
}

#[test]
fn sides_of_a_known_transform() {
    let x: Vec<Complex64> = [1.0, 2.0, 4.0, 8.0].map(Complex64::from).to_vec();
    let y = transform(FftKind::Fft, 0, 4, literal(ScalarType::Complex128, vec![4], &x));
    let expected = [(15.0, 0.0), (-3.0, 6.0), (-5.0, 0.0), (-3.0, -6.0)].map(|(re, im)| Complex64::new(re, im));
    assert_eq!(elements(&y), expected);
    let y = transform(FftKind::Rfft, 0, 4, literal(ScalarType::F32, vec![4], &x));
    assert_eq!((y.dtype, elements(&y)), (ScalarType::Complex64, expected[..3].to_vec()));
    // The imaginary parts of the first and of the last element are not read.
    let given = [(15.0, 7.0), (-3.0, 6.0), (-5.0, 9.0)].map(|(re, im)| Complex64::new(re, im));
    let y = transform(FftKind::Irfft, 0, 4, literal(ScalarType::Complex128, vec![3], &given));
    assert_eq!(elements(&y), x);
}

#[test]
fn lines_along_each_dimension() {
    let (of, x) = (ScalarType::Complex128, line(24));
    let y = transform(FftKind::Fft, 1, 3, literal(of, vec![2, 3, 4], &x));
    assert_eq!(y.extents(), [2, 3, 4]);
    let y = elements(&y);
    for (first, last) in (0..2).flat_map(|first| (0..4).map(move |last| (first, last))) {
        let pick = |of: &[Complex64]| -> Vec<Complex64> { (0..3).map(|row| of[first * 12 + row * 4 + last]).collect() };
        assert!(distance(&pick(&y), &sums(&pick(&x), -1.0)) < 1e-15);
    }
    let none = transform(FftKind::Rfft, 1, 5, literal(ScalarType::F64, vec![0, 5], &[]));
    assert_eq!(none.extents(), [0, 3]);
}

/// A long prime length: sums are taken in pairs.
#[test]
fn long_lines_are_accurate() {
    for n in [1009, 4096, 5000] {
        let x = line(n);
        let y = elements(&transform(FftKind::Fft, 0, n, literal(ScalarType::Complex128, vec![n], &x)));
        let back = elements(&transform(FftKind::Ifft, 0, n, literal(ScalarType::Complex128, vec![n], &y)));
        assert!(distance(&back, &x) < 1e-15 * (n as f64).log2(), "{n}: {}", distance(&back, &x));
    }
}
