//! Exact rounding.
//!
//! Sums, products, quotients and roots of `f32` and narrower numbers are computed in `f64` and *rounded to odd*: where
//! the exact value lies between two numbers, the one with the odd significand is taken. Rounding that once more, to a
//! format with at least two bits less, in any direction, gives what rounding the exact value gives.

use half::{bf16, f16};

/// A direction of rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To nearest, ties to even.
    Nearest,
    /// To nearest, ties away from zero.
    Away,
    /// Toward zero.
    Zero,
    /// Toward minus infinity.
    Down,
    /// Toward plus infinity.
    Up,
}

/// A binary format: its precision with the hidden bit, and its least normal exponent.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub precision: u32,
    pub least: i32,
    pub bits: u32,
    pub nan: u64,
}

/// `f16`
pub const F16: Format = Format { precision: 11, least: -14, bits: 16, nan: 0x7fff };
/// `bf16`
pub const BF16: Format = Format { precision: 8, least: -126, bits: 16, nan: 0x7fff };
/// `f32`, with the NaN that arithmetic gives.
pub const F32: Format = Format { precision: 24, least: -126, bits: 32, nan: 0x7fff_ffff };
/// `f64`
pub const F64: Format = Format { precision: 53, least: -1022, bits: 64, nan: 0x7ff8_0000_0000_0000 };

impl Format {
    fn infinity(self) -> u64 {
        // Exponents all ones, significand zero.
        let exponents = self.bits - self.precision;
        ((1 << exponents) - 1) << (self.precision - 1)
    }

    fn sign(self) -> u64 {
        1 << (self.bits - 1)
    }
}

/// `±m · 2^e` rounded to a format.
pub fn pack(negative: bool, m: u64, e: i32, format: Format, mode: Mode) -> u64 {
    let sign = if negative { format.sign() } else { 0 };
    if m == 0 {
        return sign;
    }
    // Normalized, the leading bit is bit 63 and stands for 2^top.
    let (m, top) = (m << m.leading_zeros(), e + 63 - m.leading_zeros() as i32);
    let lowest = top.max(format.least) - (format.precision as i32 - 1);
    let shift = (lowest - (top - 63)) as u32;
    let (kept, rest, half) = if shift >= 65 {
        (0, 1u128, 2u128)
    } else {
        let m = u128::from(m);
        ((m >> shift) as u64, m & ((1 << shift) - 1), (1u128 << shift) >> 1)
    };
    let up = match mode {
        Mode::Nearest => rest > half || (rest == half && rest != 0 && kept & 1 == 1),
        Mode::Away => rest >= half && rest != 0,
        Mode::Zero => false,
        Mode::Down => rest != 0 && negative,
        Mode::Up => rest != 0 && !negative,
    };
    // A carry out of the significand runs into the exponent, as it must.
    let exponent = (top.max(format.least) - format.least) as u64;
    let bits = (exponent << (format.precision - 1)) + kept + u64::from(up);
    if bits < format.infinity() {
        return sign | bits;
    }
    let grows = match mode {
        Mode::Nearest | Mode::Away => true,
        Mode::Zero => false,
        Mode::Down => negative,
        Mode::Up => !negative,
    };
    sign | (format.infinity() - u64::from(!grows))
}

/// An `f64` rounded to a format.
pub fn narrow(x: f64, format: Format, mode: Mode) -> u64 {
    if x.is_nan() {
        return format.nan;
    }
    let sign = if x.is_sign_negative() { format.sign() } else { 0 };
    if x.is_infinite() {
        return sign | format.infinity();
    }
    let bits = x.to_bits();
    let (exponent, significand) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    if exponent == 0 {
        pack(x.is_sign_negative(), significand, -1074, format, mode)
    } else {
        pack(x.is_sign_negative(), significand | 1 << 52, exponent - 1075, format, mode)
    }
}

/// An `f16` as `f64`.
pub fn from_f16(bits: u64) -> f64 {
    f16::from_bits(bits as u16).to_f64()
}

/// A `bf16` as `f64`.
pub fn from_bf16(bits: u64) -> f64 {
    bf16::from_bits(bits as u16).to_f64()
}

/// The number that is odd among the two that enclose `s + e`, where `s` is that sum rounded to nearest.
pub fn odd(s: f64, e: f64) -> f64 {
    if e == 0.0 || !s.is_finite() || e.is_nan() || s.to_bits() & 1 == 1 {
        s
    } else if e > 0.0 {
        s.next_up()
    } else {
        s.next_down()
    }
}

/// What `a + b`, rounded to `s`, loses.
pub fn lost(a: f64, b: f64, s: f64) -> f64 {
    let from_b = s - a;
    (a - (s - from_b)) + (b - from_b)
}

/// `r`, which is rounded to nearest, moved to where the direction asks, if `e` is what it lost.
pub fn directed(r: f64, e: f64, mode: Mode) -> f64 {
    let exact_is_above = e > 0.0;
    if r.is_nan() || (e == 0.0 && !r.is_infinite()) || e.is_nan() {
        return r;
    }
    match mode {
        Mode::Nearest | Mode::Away => r,
        Mode::Up if exact_is_above => r.next_up(),
        Mode::Down if !exact_is_above => r.next_down(),
        Mode::Zero if r > 0.0 && !exact_is_above => r.next_down(),
        Mode::Zero if r < 0.0 && exact_is_above => r.next_up(),
        Mode::Up | Mode::Down | Mode::Zero => r,
    }
}
