//! Sample numbers, and when two results count as equal.

use dp_dialects::{Literal, Number, ScalarType};
use dp_simplify::Soundness;
use dp_terms::range::limits;
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
    pub fn number(&mut self, dtype: ScalarType, soundness: Soundness) -> Number {
        if dtype.is_complex() {
            let (re, im) = (self.real(dtype.real(), soundness), self.real(dtype.real(), soundness));
            return Number::Complex(Complex64::new(re, im)).round(dtype);
        }
        if dtype.is_float() {
            return Number::Real(self.real(dtype, soundness)).round(dtype);
        }
        let value = match self.below(4) {
            0 => self.choose(&[0, 1, -1, 2, i64::MIN, i64::MAX, i64::from(i32::MIN), i64::from(i32::MAX)]),
            1 => self.0 as i64,
            _ => self.below(9) as i64 - 4,
        };
        Number::Integer(value).round(dtype)
    }

    fn real(&mut self, dtype: ScalarType, soundness: Soundness) -> f64 {
        let (least, most) = limits(dtype);
        let finite = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -4.0, 3.0, -0.5, -1e-5];
        let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        // What is lost or overflows on the way is no concern of rules that round.
        let extreme = [least, -least, least / 4.0, -least / 4.0, most, -most, most / 2.0];
        match soundness {
            Soundness::Real => self.moderate(),
            Soundness::Exact | Soundness::Rounded if self.once_in(3) => self.choose(&special),
            Soundness::Exact | Soundness::Finite if self.once_in(4) => self.choose(&extreme),
            Soundness::Exact | Soundness::Rounded | Soundness::Finite if self.once_in(2) => self.choose(&finite),
            Soundness::Exact | Soundness::Rounded | Soundness::Finite => self.moderate(),
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

/// How far results may differ that are rounded otherwise, in sums of some moderate numbers.
fn tolerance(dtype: ScalarType) -> f64 {
    match dtype.real() {
        ScalarType::F64 => 1e-9,
        ScalarType::F32 => 2e-4,
        ScalarType::F16 => 0.05,
        _ => 0.3,
    }
}

/// How two results compare: `None` where the left one says nothing. `zero`: an infinity may be the reciprocal of a
/// zero, which is of either sign.
pub fn agree(left: &Literal, right: &Literal, soundness: Soundness, zero: &dyn Fn() -> bool) -> Option<bool> {
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
        let defined = |number: Number| parts(number).iter().all(|part| part.is_finite());
        if soundness == Soundness::Real && !defined(a) {
            continue;
        }
        said = true;
        let same = |(a, b): (f64, f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        let near = |(a, b): (f64, f64)| {
            (a - b).abs() <= tolerance(left.dtype) * (1.0 + a.abs())
                || a == b
                || a.is_nan() && b.is_nan()
                || a == -b && a.is_infinite() && zero()
        };
        let mut pairs = parts(a).into_iter().zip(parts(b));
        equal &= match soundness {
            Soundness::Exact => pairs.all(same),
            // Of a complex number, whether it is finite.
            Soundness::Rounded | Soundness::Finite | Soundness::Real if left.dtype.is_complex() && !defined(a) => {
                !defined(b)
            }
            Soundness::Rounded | Soundness::Finite | Soundness::Real => pairs.all(near),
        };
    }
    said.then_some(equal)
}
