//! Functions of signless integers, stored sign-extended in an i64 (booleans as 0 and 1). Results wrap when they are
//! truncated to their type.

use crate::function::{Function, Rows, find};
use dp_dialects::{Number, OpKind};

const UNARY: Rows<fn(i64) -> i64> = &[
    (OpKind::ScalarNeg, i64::wrapping_neg),
    (OpKind::ScalarSign, i64::signum),
    (OpKind::ScalarAbs, i64::wrapping_abs),
    (OpKind::ScalarNot, |x| !x),
];

/// With the width in bits, for what depends on it.
const BINARY: Rows<fn(i64, i64, u32) -> i64> = &[
    (OpKind::ScalarAdd, |a, b, _| a.wrapping_add(b)),
    (OpKind::ScalarSub, |a, b, _| a.wrapping_sub(b)),
    (OpKind::ScalarMul, |a, b, _| a.wrapping_mul(b)),
    (OpKind::ScalarDiv, |a, b, _| if b == 0 { -1 } else { a.wrapping_div(b) }),
    (OpKind::ScalarRem, |a, b, _| if b == 0 { a } else { a.wrapping_rem(b) }),
    (OpKind::ScalarUdiv, |a, b, bits| unsigned(a, bits).checked_div(unsigned(b, bits)).map_or(-1, |q| q as i64)),
    (OpKind::ScalarUrem, |a, b, bits| unsigned(a, bits).checked_rem(unsigned(b, bits)).map_or(a, |r| r as i64)),
    (OpKind::ScalarPow, |a, b, _| power(a, b)),
    (OpKind::ScalarMax, |a, b, _| a.max(b)),
    (OpKind::ScalarMin, |a, b, _| a.min(b)),
    (OpKind::ScalarUmax, |a, b, bits| if unsigned(a, bits) < unsigned(b, bits) { b } else { a }),
    (OpKind::ScalarUmin, |a, b, bits| if unsigned(a, bits) > unsigned(b, bits) { b } else { a }),
    (OpKind::ScalarAnd, |a, b, _| a & b),
    (OpKind::ScalarOr, |a, b, _| a | b),
    (OpKind::ScalarXor, |a, b, _| a ^ b),
    (OpKind::ScalarShl, |a, b, bits| shift(b, bits).map_or(0, |by| a << by)),
    (OpKind::ScalarShr, |a, b, bits| a >> shift(b, bits).unwrap_or(63)),
    (OpKind::ScalarUshr, |a, b, bits| shift(b, bits).map_or(0, |by| (unsigned(a, bits) >> by) as i64)),
];

/// Those of the bits of an integer that is read as unsigned.
const COUNTS: Rows<fn(u64, u32) -> u32> = &[
    (OpKind::ScalarPopcnt, |x, _| x.count_ones()),
    (OpKind::ScalarCountLeadingZeros, |x, bits| x.leading_zeros() + bits - u64::BITS),
];

/// An operation on integers of a width in bits, and how many it takes.
pub fn function(kind: OpKind, bits: u32) -> Option<(usize, Function)> {
    if let Some(f) = find(COUNTS, kind) {
        return Some((1, Box::new(move |x| Number::Integer(f(unsigned(x[0].integer(), bits), bits).into()))));
    }
    if let Some(f) = find(UNARY, kind) {
        return Some((1, Box::new(move |x| Number::Integer(f(x[0].integer())))));
    }
    let f = find(BINARY, kind)?;
    Some((2, Box::new(move |x| Number::Integer(f(x[0].integer(), x[1].integer(), bits)))))
}

/// The integer of a width, read as unsigned.
pub fn unsigned(value: i64, bits: u32) -> u64 {
    value as u64 & (u64::MAX >> (64 - bits))
}

/// How far to shift; `None` for at least the width.
fn shift(by: i64, bits: u32) -> Option<u32> {
    u32::try_from(unsigned(by, bits)).ok().filter(|by| *by < bits)
}

/// `base^exponent` by repeated squaring. A negative exponent gives 0, as the quotient `1 / base^-exponent` toward zero
/// would, but for the units 1 and -1.
fn power(base: i64, exponent: i64) -> i64 {
    match (base, exponent < 0) {
        (1, true) => 1,
        (-1, true) => 1 - 2 * (exponent & 1),
        (_, true) => 0,
        (_, false) => {
            let (mut result, mut square, mut rest) = (1_i64, base, exponent);
            while rest > 0 {
                if rest & 1 == 1 {
                    result = result.wrapping_mul(square);
                }
                square = square.wrapping_mul(square);
                rest >>= 1;
            }
            result
        }
    }
}
