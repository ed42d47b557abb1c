//! Conversion between element types, and comparison.

use crate::function::Function;
use crate::integer::unsigned;
use dp_dialects::attributes::Predicate;
use dp_dialects::{Diagnostic, Number, Result, ScalarType};

/// `scalar.convert`: to the nearest number of the other type; floats to integers toward zero, saturating.
pub fn convert(from: ScalarType, to: ScalarType, is_unsigned: bool) -> Result<Function> {
    if from.is_complex() && !to.is_complex() {
        return Err(Diagnostic::invalid(format!("cannot convert {from} to {to}"))
            .help("use 'scalar.real' or 'scalar.abs' first"));
    }
    Ok(if to == ScalarType::I1 {
        Box::new(|x| Number::Integer(!x[0].is(0.0) as i64))
    } else if to.is_float() || to.is_complex() {
        let widen = if to.real() == ScalarType::F64 { nearest } else { sticky };
        Box::new(move |x| match x[0] {
            Number::Integer(value) if is_unsigned => to_float(widen(unsigned(value, from.bits())), to),
            Number::Integer(value) => to_float(widen(value.unsigned_abs()).copysign(value as f64), to),
            Number::Real(value) => to_float(value, to),
            Number::Complex(value) => Number::Complex(value),
        })
    } else {
        Box::new(move |x| {
            Number::Integer(match x[0] {
                Number::Integer(value) if is_unsigned => unsigned(value, from.bits()) as i64,
                Number::Integer(value) => value,
                other if is_unsigned => (other.re() as u64).min(unsigned(-1, to.bits())) as i64,
                other => {
                    let least = i64::MIN >> (64 - to.bits());
                    (other.re() as i64).clamp(least, !least)
                }
            })
        })
    })
}

fn to_float(value: f64, to: ScalarType) -> Number {
    if to.is_complex() { Number::of_f64(value, to) } else { Number::Real(value) }
}

fn nearest(value: u64) -> f64 {
    value as f64
}

/// An integer as an f64 that rounds to any narrower type as the integer itself would: what has too many bits is cut off
/// and its last bit set instead (rounding to odd), so that no tie is made that was none.
fn sticky(value: u64) -> f64 {
    if value >> 53 == 0 {
        return value as f64;
    }
    let kept = (value >> 11) | u64::from(value & 0x7ff != 0);
    kept as f64 * 2048.0
}

/// `scalar.compare` of numbers of a type: 0 or 1. On NaN all are false but `ne`.
pub fn compare(predicate: Predicate, dtype: ScalarType) -> Function {
    let bits = dtype.bits();
    Box::new(move |x| {
        let holds = match (x[0], x[1]) {
            (Number::Complex(a), b) => (a == b.complex()) == (predicate == Predicate::Eq),
            (Number::Real(a), b) => ordered(predicate, a, b.re()),
            (Number::Integer(a), b) => {
                let (a, b) = (a, b.integer());
                match predicate {
                    Predicate::Ult | Predicate::Ule | Predicate::Ugt | Predicate::Uge => {
                        ordered(predicate, unsigned(a, bits), unsigned(b, bits))
                    }
                    Predicate::Eq | Predicate::Ne | Predicate::Lt | Predicate::Le | Predicate::Gt | Predicate::Ge => {
                        ordered(predicate, a, b)
                    }
                }
            }
        };
        Number::Integer(holds as i64)
    })
}

fn ordered<T: PartialOrd>(predicate: Predicate, a: T, b: T) -> bool {
    match predicate {
        Predicate::Eq => a == b,
        Predicate::Ne => a != b,
        Predicate::Lt | Predicate::Ult => a < b,
        Predicate::Le | Predicate::Ule => a <= b,
        Predicate::Gt | Predicate::Ugt => a > b,
        Predicate::Ge | Predicate::Uge => a >= b,
    }
}
