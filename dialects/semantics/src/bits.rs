//! The bits of numbers: casts, and rounding to fewer digits.

use dp_dialects::{Number, ScalarType};

/// `scalar.bitcast`: the number with the same bits, of a type of the same width.
pub fn cast(x: Number, from: ScalarType, to: ScalarType) -> Number {
    let mut bytes = Vec::with_capacity(8);
    x.write(from, &mut bytes);
    Number::read(to, &bytes).unwrap_or(x)
}

/// `scalar.reduce_precision` of a number of a type: the nearest number with these bits of exponent and mantissa.
pub fn reduced(x: f64, dtype: ScalarType, exponent: u32, mantissa: u32) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (of_exponent, of_mantissa) = format(dtype);
    let mut y = x;
    if mantissa < of_mantissa {
        // A multiple of the last digit of the type's own numbers near x, subnormal ones included.
        let least = 2 - (1 << (of_exponent - 1));
        let unit = exponent_of(x).max(least) - mantissa as i32;
        y = scaled(scaled(x, -unit).round_ties_even(), unit);
    }
    if exponent < of_exponent && y != 0.0 {
        let bias = (1_i32 << (exponent - 1)) - 1;
        let of = exponent_of(y);
        if of > bias {
            return f64::INFINITY.copysign(x);
        }
        if of < 1 - bias {
            return 0.0_f64.copysign(x);
        }
    }
    y
}

/// The bits of exponent and mantissa of a type.
fn format(dtype: ScalarType) -> (u32, u32) {
    match dtype {
        ScalarType::F16 => (5, 10),
        ScalarType::BF16 => (8, 7),
        ScalarType::F32 | ScalarType::Complex64 => (8, 23),
        ScalarType::F64
        | ScalarType::Complex128
        | ScalarType::I1
        | ScalarType::I8
        | ScalarType::I16
        | ScalarType::I32
        | ScalarType::I64
        | ScalarType::Index => (11, 52),
    }
}

/// The exponent of a finite number that is not 0.
fn exponent_of(x: f64) -> i32 {
    libm::ilogb(x)
}

/// `x 2^n`, exact but for subnormal results.
fn scaled(x: f64, n: i32) -> f64 {
    libm::scalbn(x, n)
}
