//! [`Number`]: a scalar value of any element type, for evaluation in the compiler.

use crate::ScalarType;
use half::{bf16, f16};
use num_complex::Complex64;
use std::hash::{Hash, Hasher};

/// A real number, complex number or integer. Its [`ScalarType`] is stored elsewhere; the numbers of type `t` are the
/// fixed points of [`Number::round`] to `t`.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A real number; f64 represents every f16, bf16 and f32.
    Real(f64),
    /// A complex number.
    Complex(Complex64),
    /// An integer, sign-extended from its width; a boolean is 0 or 1.
    Integer(i64),
}

impl Number {
    /// A real number as a number of the given type.
    pub fn of_f64(value: f64, dtype: ScalarType) -> Number {
        if dtype.is_complex() {
            Number::Complex(Complex64::new(value, 0.0)).round(dtype)
        } else if dtype.is_float() {
            Number::Real(value).round(dtype)
        } else {
            Number::Integer(value as i64).round(dtype)
        }
    }

    /// Rounds to the nearest number of the type, ties to even; integers wrap. The variant must match the type: this is
    /// not a conversion.
    pub fn round(self, dtype: ScalarType) -> Number {
        match self {
            Number::Real(value) => Number::Real(round_real(value, dtype)),
            Number::Complex(value) => {
                let part = dtype.real();
                Number::Complex(Complex64::new(round_real(value.re, part), round_real(value.im, part)))
            }
            Number::Integer(value) => Number::Integer(match dtype {
                ScalarType::I1 => value & 1,
                ScalarType::I8 => value as i8 as i64,
                ScalarType::I16 => value as i16 as i64,
                ScalarType::I32 => value as i32 as i64,
                ScalarType::I64 | ScalarType::Index => value,
                ScalarType::F16
                | ScalarType::BF16
                | ScalarType::F32
                | ScalarType::F64
                | ScalarType::Complex64
                | ScalarType::Complex128 => value,
            }),
        }
    }

    /// The value as a real number; the real part of a complex one.
    pub fn re(self) -> f64 {
        match self {
            Number::Real(value) => value,
            Number::Complex(value) => value.re,
            Number::Integer(value) => value as f64,
        }
    }

    /// The value as a complex number.
    pub fn complex(self) -> Complex64 {
        match self {
            Number::Complex(value) => value,
            other => Complex64::new(other.re(), 0.0),
        }
    }

    /// The value as an integer; floats round toward zero and saturate.
    pub fn integer(self) -> i64 {
        match self {
            Number::Integer(value) => value,
            other => other.re() as i64,
        }
    }

    /// Whether the number is exactly `value` (a zero of either sign is 0).
    pub fn is(self, value: f64) -> bool {
        match self {
            Number::Real(real) => real == value,
            Number::Complex(complex) => complex.re == value && complex.im == 0.0,
            Number::Integer(integer) => integer as f64 == value,
        }
    }

    /// The bits, for equality and hashing: signed zeros and NaN payloads are distinct.
    pub fn bits(self) -> (u64, u64) {
        match self {
            Number::Real(value) => (value.to_bits(), 0),
            Number::Complex(value) => (value.re.to_bits(), value.im.to_bits()),
            Number::Integer(value) => (value as u64, 1),
        }
    }

    /// Appends the number in the host's memory layout. A boolean takes one byte.
    pub fn write(self, dtype: ScalarType, bytes: &mut Vec<u8>) {
        match dtype {
            ScalarType::F16 => bytes.extend(f16::from_f32(to_odd(self.re())).to_ne_bytes()),
            ScalarType::BF16 => bytes.extend(bf16::from_f32(to_odd(self.re())).to_ne_bytes()),
            ScalarType::F32 => bytes.extend((self.re() as f32).to_ne_bytes()),
            ScalarType::F64 => bytes.extend(self.re().to_ne_bytes()),
            ScalarType::Complex64 | ScalarType::Complex128 => {
                let value = self.complex();
                Number::Real(value.re).write(dtype.real(), bytes);
                Number::Real(value.im).write(dtype.real(), bytes);
            }
            ScalarType::I1 | ScalarType::I8 => bytes.push(self.integer() as u8),
            ScalarType::I16 => bytes.extend((self.integer() as i16).to_ne_bytes()),
            ScalarType::I32 => bytes.extend((self.integer() as i32).to_ne_bytes()),
            ScalarType::I64 | ScalarType::Index => bytes.extend(self.integer().to_ne_bytes()),
        }
    }

    /// Reads a number in the host's memory layout; `None` if there are too few bytes.
    pub fn read(dtype: ScalarType, bytes: &[u8]) -> Option<Number> {
        let size = dtype.bits().div_ceil(8) as usize;
        let bytes = bytes.get(..size)?;
        Some(match dtype {
            ScalarType::F16 => Number::Real(f16::from_ne_bytes(bytes.try_into().ok()?).to_f64()),
            ScalarType::BF16 => Number::Real(bf16::from_ne_bytes(bytes.try_into().ok()?).to_f64()),
            ScalarType::F32 => Number::Real(f32::from_ne_bytes(bytes.try_into().ok()?) as f64),
            ScalarType::F64 => Number::Real(f64::from_ne_bytes(bytes.try_into().ok()?)),
            ScalarType::Complex64 | ScalarType::Complex128 => {
                let (re, im) = bytes.split_at(size / 2);
                let part = |bytes| Number::read(dtype.real(), bytes).map(Number::re);
                Number::Complex(Complex64::new(part(re)?, part(im)?))
            }
            ScalarType::I1 => Number::Integer((bytes[0] & 1) as i64),
            ScalarType::I8 => Number::Integer(bytes[0] as i8 as i64),
            ScalarType::I16 => Number::Integer(i16::from_ne_bytes(bytes.try_into().ok()?) as i64),
            ScalarType::I32 => Number::Integer(i32::from_ne_bytes(bytes.try_into().ok()?) as i64),
            ScalarType::I64 | ScalarType::Index => Number::Integer(i64::from_ne_bytes(bytes.try_into().ok()?)),
        })
    }
}

fn round_real(value: f64, dtype: ScalarType) -> f64 {
    match dtype {
        ScalarType::F16 => f16::from_f32(to_odd(value)).to_f64(),
        ScalarType::BF16 => bf16::from_f32(to_odd(value)).to_f64(),
        ScalarType::F32 => value as f32 as f64,
        ScalarType::F64 => value,
        ScalarType::Complex64
        | ScalarType::Complex128
        | ScalarType::I1
        | ScalarType::I8
        | ScalarType::I16
        | ScalarType::I32
        | ScalarType::I64
        | ScalarType::Index => value,
    }
}

/// Rounds to f32, to odd: truncates and sets the last bit if the result is inexact. A second rounding to f16 or bf16
/// then equals direct rounding of `value`. (`half` converts f64 through the nearest f32, which rounds twice.)
fn to_odd(value: f64) -> f32 {
    let near = value as f32;
    if !near.is_finite() || near as f64 == value {
        return near;
    }
    let beyond = (near as f64).abs() > value.abs();
    f32::from_bits((near.to_bits() - u32::from(beyond)) | 1)
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of the bits, for use as a key. It is not the numeric order.
impl Ord for Number {
    fn cmp(&self, other: &Number) -> std::cmp::Ordering {
        self.bits().cmp(&other.bits())
    }
}
