//! Floating-point arithmetic, rounded exactly.
//!
//! An operation says its result rounded to nearest, and its result rounded to odd in `f64` for operands of `f32` and
//! less; every format, direction, flush and saturation follows from those.
//! NaN results are the canonical one of their format (`0x7fffffff` for `f32`), as the hardware gives.

use half::{bf16, f16};

use super::round::{self, Format, Mode};
use super::{Modifiers, Picked, Row};
use crate::functions::Kernel;
use crate::types::Ty;

pub(super) const ROWS: &[Row] = &[
    ("add", |m| arithmetic::<Add>(m, 2, false)),
    ("sub", |m| arithmetic::<Sub>(m, 2, false)),
    ("mul", |m| arithmetic::<Mul>(m, 2, false)),
    ("fma", |m| arithmetic::<Fma>(m, 3, true)),
    ("mad", |m| if m.flag("lo") { None } else { arithmetic::<Fma>(m, 3, true) }),
    ("div", |m| arithmetic::<Div>(m, 2, true)),
    ("rcp", |m| arithmetic::<Rcp>(m, 1, true)),
    ("sqrt", |m| arithmetic::<Sqrt>(m, 1, true)),
];

/// An operation; those of fewer operands leave the last ones alone.
trait Operation {
    fn nearest32(a: f32, b: f32, c: f32) -> f32;
    fn nearest64(a: f64, b: f64, c: f64) -> f64;
    /// The result rounded to odd, for operands of 24 bits.
    fn odd(a: f64, b: f64, c: f64) -> f64;
    /// A number of the sign of what `r` lost, `r` being the result rounded to nearest.
    fn lost64(r: f64, a: f64, b: f64, c: f64) -> Option<f64>;
}

struct Add;
struct Sub;
struct Mul;
struct Fma;
struct Div;
struct Rcp;
struct Sqrt;

impl Operation for Add {
    fn nearest32(a: f32, b: f32, _: f32) -> f32 {
        a + b
    }
    fn nearest64(a: f64, b: f64, _: f64) -> f64 {
        a + b
    }
    fn odd(a: f64, b: f64, _: f64) -> f64 {
        round::odd(a + b, round::lost(a, b, a + b))
    }
    fn lost64(r: f64, a: f64, b: f64, _: f64) -> Option<f64> {
        Some(round::lost(a, b, r))
    }
}

impl Operation for Sub {
    fn nearest32(a: f32, b: f32, _: f32) -> f32 {
        a - b
    }
    fn nearest64(a: f64, b: f64, _: f64) -> f64 {
        a - b
    }
    fn odd(a: f64, b: f64, c: f64) -> f64 {
        Add::odd(a, -b, c)
    }
    fn lost64(r: f64, a: f64, b: f64, c: f64) -> Option<f64> {
        Add::lost64(r, a, -b, c)
    }
}

impl Operation for Mul {
    fn nearest32(a: f32, b: f32, _: f32) -> f32 {
        a * b
    }
    fn nearest64(a: f64, b: f64, _: f64) -> f64 {
        a * b
    }
    fn odd(a: f64, b: f64, _: f64) -> f64 {
        a * b
    }
    fn lost64(r: f64, a: f64, b: f64, _: f64) -> Option<f64> {
        Some(a.mul_add(b, -r))
    }
}

impl Operation for Fma {
    fn nearest32(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    fn nearest64(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }
    fn odd(a: f64, b: f64, c: f64) -> f64 {
        Add::odd(a * b, c, 0.0)
    }
    fn lost64(_: f64, _: f64, _: f64, _: f64) -> Option<f64> {
        None
    }
}

impl Operation for Div {
    fn nearest32(a: f32, b: f32, _: f32) -> f32 {
        a / b
    }
    fn nearest64(a: f64, b: f64, _: f64) -> f64 {
        a / b
    }
    fn odd(a: f64, b: f64, c: f64) -> f64 {
        let q = a / b;
        Self::lost64(q, a, b, c).map_or(q, |e| round::odd(q, e))
    }
    fn lost64(q: f64, a: f64, b: f64, _: f64) -> Option<f64> {
        Some(if q.is_finite() { (-q).mul_add(b, a) * b.signum() } else { 0.0 })
    }
}

impl Operation for Rcp {
    fn nearest32(a: f32, _: f32, _: f32) -> f32 {
        1.0 / a
    }
    fn nearest64(a: f64, _: f64, _: f64) -> f64 {
        1.0 / a
    }
    fn odd(a: f64, _: f64, c: f64) -> f64 {
        Div::odd(1.0, a, c)
    }
    fn lost64(r: f64, a: f64, _: f64, c: f64) -> Option<f64> {
        Div::lost64(r, 1.0, a, c)
    }
}

impl Operation for Sqrt {
    fn nearest32(a: f32, _: f32, _: f32) -> f32 {
        a.sqrt()
    }
    fn nearest64(a: f64, _: f64, _: f64) -> f64 {
        a.sqrt()
    }
    fn odd(a: f64, b: f64, c: f64) -> f64 {
        Self::lost64(a.sqrt(), a, b, c).map_or(a.sqrt(), |e| round::odd(a.sqrt(), e))
    }
    fn lost64(s: f64, a: f64, _: f64, _: f64) -> Option<f64> {
        Some(if s.is_finite() { (-s).mul_add(s, a) } else { 0.0 })
    }
}

/// Bits of an `f32`, with the canonical NaN.
pub(super) fn bits32(x: f32) -> u64 {
    if x.is_nan() { round::F32.nan } else { u64::from(x.to_bits()) }
}

/// Bits of an `f64`, with the canonical NaN.
pub(super) fn bits64(x: f64) -> u64 {
    if x.is_nan() { round::F64.nan } else { x.to_bits() }
}

pub(super) fn f32_of(bits: u64) -> f32 {
    f32::from_bits(bits as u32)
}

/// Subnormal numbers become zeros of their sign.
pub(super) fn flush(x: f32) -> f32 {
    if x.is_subnormal() { 0.0_f32.copysign(x) } else { x }
}

/// Into [0, 1]; NaN becomes zero.
pub(super) fn saturate(x: f32) -> f32 {
    if x > 0.0 { x.min(1.0) } else { 0.0 }
}

const NEAREST: u8 = 0;

fn mode_of(mode: u8) -> Mode {
    [Mode::Nearest, Mode::Zero, Mode::Down, Mode::Up][usize::from(mode)]
}

fn single<O: Operation, const MODE: u8, const FTZ: bool, const SAT: bool>(a: u64, b: u64, c: u64) -> u64 {
    let [a, b, c] = [a, b, c].map(|x| if FTZ { flush(f32_of(x)) } else { f32_of(x) });
    let r = if MODE == NEAREST {
        O::nearest32(a, b, c)
    } else {
        let odd = O::odd(f64::from(a), f64::from(b), f64::from(c));
        let exact_zero = odd == 0.0 && MODE == 2 && a != 0.0;
        // A difference that is exactly zero is -0 when rounding down.
        let odd = if exact_zero && O::nearest32(a, b, c) == 0.0 && differs::<O>() { -0.0 } else { odd };
        f32_of(round::narrow(odd, round::F32, mode_of(MODE)))
    };
    let r = if FTZ { flush(r) } else { r };
    bits32(if SAT { saturate(r) } else { r })
}

/// Whether the operation is a sum, whose exact zeros have the sign of the direction: `1 + (-1)` tells.
fn differs<O: Operation>() -> bool {
    O::nearest64(1.0, -1.0, 0.0) == 0.0 || O::nearest64(1.0, 1.0, 0.0) == 0.0 || O::nearest64(1.0, 1.0, -1.0) == 0.0
}

fn double<O: Operation, const MODE: u8>(a: u64, b: u64, c: u64) -> u64 {
    let [a, b, c] = [a, b, c].map(f64::from_bits);
    let r = O::nearest64(a, b, c);
    if MODE == NEAREST {
        return bits64(r);
    }
    let mode = mode_of(MODE);
    if r.is_infinite() && [a, b, c].iter().all(|x| x.is_finite()) && b != 0.0 {
        let grows = if r > 0.0 { mode == Mode::Up } else { mode == Mode::Down };
        return bits64(if grows { r } else { f64::MAX.copysign(r) });
    }
    if r == 0.0 && mode == Mode::Down && a != 0.0 && differs::<O>() {
        return (-0.0_f64).to_bits();
    }
    bits64(O::lost64(r, a, b, c).map_or(r, |e| round::directed(r, e, mode)))
}

/// A format of 16 bits.
trait Half {
    const FORMAT: Format;
    fn wide(bits: u64) -> f64;
}

struct Binary;
struct Brain;

impl Half for Binary {
    const FORMAT: Format = round::F16;
    fn wide(bits: u64) -> f64 {
        f16::from_bits(bits as u16).to_f64()
    }
}

impl Half for Brain {
    const FORMAT: Format = round::BF16;
    fn wide(bits: u64) -> f64 {
        bf16::from_bits(bits as u16).to_f64()
    }
}

fn narrow<H: Half, O: Operation, const FTZ: bool, const SAT: bool, const RELU: bool>(a: u64, b: u64, c: u64) -> u64 {
    let flushed = |bits: u64| {
        // Below the hidden bit there is no exponent: subnormal.
        let subnormal = bits & 0x7fff < 1 << (H::FORMAT.precision - 1);
        if FTZ && subnormal { bits & 0x8000 } else { bits }
    };
    let [a, b, c] = [a, b, c].map(|x| H::wide(flushed(x)));
    let r = flushed(round::narrow(O::odd(a, b, c), H::FORMAT, Mode::Nearest));
    if SAT || RELU {
        let x = H::wide(r);
        // NaN is zero where results saturate, and stays where they are only kept from being negative.
        let x = match (SAT, x) {
            (true, x) if x > 0.0 => x.min(1.0),
            (true, _) => 0.0,
            (false, x) if x <= 0.0 => 0.0,
            (false, x) => x,
        };
        return round::narrow(x, H::FORMAT, Mode::Nearest);
    }
    r
}

fn pair<H: Half, O: Operation, const FTZ: bool, const SAT: bool, const RELU: bool>(a: u64, b: u64, c: u64) -> u64 {
    let lane =
        |n: u32| narrow::<H, O, FTZ, SAT, RELU>(a >> (16 * n) & 0xffff, b >> (16 * n) & 0xffff, c >> (16 * n) & 0xffff);
    lane(0) | lane(1) << 16
}

/// A function of three as one of as many as there are.
macro_rules! of_arity {
    ($arity:expr, $($f:tt)+) => {
        match $arity {
            1 => Kernel::One(|a| $($f)+(a, 0, 0)),
            2 => Kernel::Two(|a, b| $($f)+(a, b, 0)),
            _ => Kernel::Three($($f)+),
        }
    };
}

/// The forms of an operation. Where the rounding must be said and is not, the form is none of those here.
fn arithmetic<O: Operation>(m: &mut Modifiers, arity: usize, must_round: bool) -> Option<Picked> {
    // Approximate forms of at most 2 ulp are computed exactly: the hardware's own errors are not modelled.
    let approximate = m.flag("approx") || m.flag("full");
    let mode = m.choose(&[("rn", NEAREST), ("rz", 1), ("rm", 2), ("rp", 3)]);
    if must_round && mode.is_none() && !approximate {
        return None;
    }
    let (ftz, sat, relu, mode) = (m.flag("ftz"), m.flag("sat"), m.flag("relu"), mode.unwrap_or(NEAREST));
    let ty = m.ty()?;
    if approximate {
        let known = matches!(ty, Ty::F32 | Ty::F64) && !(ty == Ty::F64 && arity != 1);
        if !known || mode != NEAREST {
            return None;
        }
    }
    let kernel = match ty {
        Ty::F32 if !relu => match (mode, ftz, sat) {
            (0, false, false) => of_arity!(arity, single::<O, 0, false, false>),
            (0, false, true) => of_arity!(arity, single::<O, 0, false, true>),
            (0, true, false) => of_arity!(arity, single::<O, 0, true, false>),
            (0, true, true) => of_arity!(arity, single::<O, 0, true, true>),
            (1, false, false) => of_arity!(arity, single::<O, 1, false, false>),
            (1, false, true) => of_arity!(arity, single::<O, 1, false, true>),
            (1, true, false) => of_arity!(arity, single::<O, 1, true, false>),
            (1, true, true) => of_arity!(arity, single::<O, 1, true, true>),
            (2, false, false) => of_arity!(arity, single::<O, 2, false, false>),
            (2, false, true) => of_arity!(arity, single::<O, 2, false, true>),
            (2, true, false) => of_arity!(arity, single::<O, 2, true, false>),
            (2, true, true) => of_arity!(arity, single::<O, 2, true, true>),
            (_, false, false) => of_arity!(arity, single::<O, 3, false, false>),
            (_, false, true) => of_arity!(arity, single::<O, 3, false, true>),
            (_, true, false) => of_arity!(arity, single::<O, 3, true, false>),
            (_, true, true) => of_arity!(arity, single::<O, 3, true, true>),
        },
        Ty::F64 if !relu && !sat && (!ftz || approximate) => match mode {
            0 => of_arity!(arity, double::<O, 0>),
            // The direction of a fused product in f64 is not known.
            _ if O::lost64(1.0, 1.0, 1.0, 0.0).is_none() => return None,
            1 => of_arity!(arity, double::<O, 1>),
            2 => of_arity!(arity, double::<O, 2>),
            _ => of_arity!(arity, double::<O, 3>),
        },
        Ty::F16 if mode == NEAREST => match (ftz, sat, relu) {
            (false, false, false) => of_arity!(arity, narrow::<Binary, O, false, false, false>),
            (false, true, false) => of_arity!(arity, narrow::<Binary, O, false, true, false>),
            (true, false, false) => of_arity!(arity, narrow::<Binary, O, true, false, false>),
            (true, true, false) => of_arity!(arity, narrow::<Binary, O, true, true, false>),
            (false, false, true) => of_arity!(arity, narrow::<Binary, O, false, false, true>),
            (true, false, true) => of_arity!(arity, narrow::<Binary, O, true, false, true>),
            (_, true, true) => return None,
        },
        Ty::F16x2 if mode == NEAREST => match (ftz, sat, relu) {
            (false, false, false) => of_arity!(arity, pair::<Binary, O, false, false, false>),
            (false, true, false) => of_arity!(arity, pair::<Binary, O, false, true, false>),
            (true, false, false) => of_arity!(arity, pair::<Binary, O, true, false, false>),
            (true, true, false) => of_arity!(arity, pair::<Binary, O, true, true, false>),
            (false, false, true) => of_arity!(arity, pair::<Binary, O, false, false, true>),
            (true, false, true) => of_arity!(arity, pair::<Binary, O, true, false, true>),
            (_, true, true) => return None,
        },
        Ty::Bf16 if mode == NEAREST && !ftz && !sat => match relu {
            false => of_arity!(arity, narrow::<Brain, O, false, false, false>),
            true => of_arity!(arity, narrow::<Brain, O, false, false, true>),
        },
        Ty::Bf16x2 if mode == NEAREST && !ftz && !sat => match relu {
            false => of_arity!(arity, pair::<Brain, O, false, false, false>),
            true => of_arity!(arity, pair::<Brain, O, false, false, true>),
        },
        // Known types with modifiers that they do not take.
        Ty::F16 | Ty::F16x2 | Ty::Bf16 | Ty::Bf16x2 | Ty::F32 | Ty::F64 => return None,
        // Types of other arithmetic.
        Ty::Pred | Ty::B8 | Ty::B16 | Ty::B32 | Ty::B64 | Ty::Tf32 => return None,
        Ty::U8 | Ty::U16 | Ty::U32 | Ty::U64 | Ty::S8 | Ty::S16 | Ty::S32 | Ty::S64 => return None,
    };
    let picked = Picked::same(ty, kernel);
    Some(if approximate { picked.class(crate::class::Class::Special) } else { picked })
}
