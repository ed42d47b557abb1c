//! Sample numbers, and when two results count as equal.

use dp_dialects::{DType, Literal, Number};
use dp_simplify::Truth;
use num_complex::Complex64;

/// A small generator of pseudo-random numbers: the same on every machine.
pub struct Random(u64);

impl Random {
    /// A generator that starts from a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of some things.
    pub fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A real number of moderate size and either sign.
    fn moderate(&mut self) -> f64 {
        let size = 0.25 + self.below(1000) as f64 / 500.0;
        if self.once_in(2) { -size } else { size }
    }

    /// A number on which a rule of some truth must hold.
    pub fn number(&mut self, dtype: DType, truth: Truth) -> Number {
        if dtype.is_complex() {
            let (re, im) = (self.real(dtype.real(), truth), self.real(dtype.real(), truth));
            return Number::Complex(Complex64::new(re, im)).round(dtype);
        }
        if dtype.is_float() {
            return Number::Real(self.real(dtype, truth)).round(dtype);
        }
        let value = match self.below(4) {
            0 => self.choose(&[0, 1, -1, 2, i64::MIN, i64::MAX, i64::from(i32::MIN), i64::from(i32::MAX)]),
            1 => self.0 as i64,
            _ => self.below(9) as i64 - 4,
        };
        Number::Integer(value).round(dtype)
    }

    fn real(&mut self, dtype: DType, truth: Truth) -> f64 {
        let tiny = match dtype {
            DType::F16 => 6e-8,
            DType::F32 | DType::BF16 => 1e-45,
            _ => 5e-324,
        };
        let finite = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -4.0, tiny, -tiny, 3.0, -0.5];
        let any = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 6e4, -1e-5];
        match truth {
            Truth::Real => self.moderate(),
            Truth::Finite if self.once_in(2) => self.choose(&finite),
            Truth::Exact if self.once_in(3) => self.choose(&any),
            Truth::Exact if self.once_in(2) => self.choose(&finite),
            _ => self.moderate(),
        }
    }
}

/// The parts of a number that are compared one by one.
fn parts(number: Number) -> [f64; 2] {
    let value = number.complex();
    [value.re, value.im]
}

/// Whether a value holds neither infinities nor NaN.
pub fn is_finite(value: &Literal) -> bool {
    value.iter().all(|number| parts(number).iter().all(|part| part.is_finite()))
}

/// How two results compare: `None` where the left one says nothing.
pub fn agree(left: &Literal, right: &Literal, truth: Truth) -> Option<bool> {
    if left.value_type() != right.value_type() {
        return Some(false);
    }
    let (mut said, mut equal) = (left.is_empty(), true);
    for (a, b) in left.iter().zip(right.iter()) {
        if matches!(a, Number::Integer(_)) {
            said = true;
            equal &= a == b;
            continue;
        }
        let defined = parts(a).iter().all(|part| part.is_finite());
        if truth == Truth::Real && !defined {
            continue;
        }
        said = true;
        let tolerance = if left.dtype.real() == DType::F64 { 1e-9 } else { 2e-4 };
        equal &= parts(a).into_iter().zip(parts(b)).all(|(a, b)| match truth {
            Truth::Exact => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
            Truth::Finite => a == b || a.is_nan() && b.is_nan(),
            Truth::Real => (a - b).abs() <= tolerance * (1.0 + a.abs()),
        });
    }
    said.then_some(equal)
}
