//! Conversions: `cvt`.
//!
//! Any number goes through one of two exact forms, a wide integer or an `f64`, and is rounded once.

use super::Modifiers;
use super::float::{bits64, f32_of, flush};
use super::round::{self, Format, Mode};
use crate::types::Ty;

/// A conversion, as the modifiers say it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    /// The type of the result.
    pub to: Ty,
    /// The type of the operand.
    pub from: Ty,
    /// The direction.
    pub mode: Mode,
    /// Whether it rounds to an integer, kept as a floating-point number where the result is one.
    pub integral: bool,
    /// Whether subnormal numbers of `f32` become zero.
    pub ftz: bool,
    /// Whether the result is clamped to the result's range, or to [0, 1] for floating-point numbers.
    pub saturate: bool,
    /// Whether negative results become zero.
    pub relu: bool,
    /// The width of the register that takes the result: signed integers are extended to it.
    pub register_bits: u32,
}

const DIRECTIONS: &[(&str, (Mode, bool))] = &[
    ("rn", (Mode::Nearest, false)),
    ("rz", (Mode::Zero, false)),
    ("rm", (Mode::Down, false)),
    ("rp", (Mode::Up, false)),
    ("rna", (Mode::Away, false)),
    ("rni", (Mode::Nearest, true)),
    ("rzi", (Mode::Zero, true)),
    ("rmi", (Mode::Down, true)),
    ("rpi", (Mode::Up, true)),
];

/// Reads the modifiers.
pub fn pick(m: &mut Modifiers) -> Result<Conversion, String> {
    let direction = m.choose(DIRECTIONS);
    let (ftz, saturate, relu) = (m.flag("ftz"), m.flag("sat"), m.flag("relu"));
    let (Some(to), Some(from)) = (m.ty(), m.ty()) else { return Err("'cvt' wants two types".into()) };
    let (mode, integral) = direction.unwrap_or((Mode::Nearest, false));
    let c = Conversion { to, from, mode, integral, ftz, saturate, relu, register_bits: to.bits() };
    let known = match (from.is_float(), to.is_float()) {
        (false, false) => direction.is_none() && !ftz && !relu,
        (false, true) => direction.is_some() && !integral && !relu && mode != Mode::Away,
        (true, false) => direction.is_some() && integral && !relu,
        (true, true) if narrows(from, to) => direction.is_some() && !integral && (mode != Mode::Away || to == Ty::Tf32),
        (true, true) => direction.is_none() || integral,
    };
    let packs = matches!(to, Ty::F16x2 | Ty::Bf16x2);
    let types = from != Ty::Pred
        && to != Ty::Pred
        && !matches!(from, Ty::F16x2 | Ty::Bf16x2 | Ty::Tf32 | Ty::B8 | Ty::B16 | Ty::B32 | Ty::B64)
        && !matches!(to, Ty::B8 | Ty::B16 | Ty::B32 | Ty::B64)
        && (!packs || from == Ty::F32)
        && (to != Ty::Tf32 || from == Ty::F32);
    if known && types { Ok(c) } else { Err(format!("'cvt' from '{}' to '{}' in this form", from.name(), to.name())) }
}

fn narrows(from: Ty, to: Ty) -> bool {
    to.bytes() < from.bytes()
        || matches!(to, Ty::Tf32 | Ty::F16x2 | Ty::Bf16x2)
        || (from != to && from.bytes() == 2 && to.bytes() == 2)
}

/// Tensor cores read 19 bits of a `tf32`; the rest is zero.
const TF32: Format = Format { precision: 11, least: -126, bits: 19, nan: 0x3_ffff };

impl Conversion {
    /// The result's bits. `b` is the second operand of conversions to pairs, the lower half of the result.
    pub fn apply(&self, a: u64, b: u64) -> u64 {
        match self.to {
            Ty::F16x2 | Ty::Bf16x2 => self.float(self.wide(a)) << 16 | self.float(self.wide(b)),
            to if self.from.is_float() && to.is_float() => self.float(self.wide(a)),
            _ if self.from.is_float() => self.float_to_integer(self.wide(a)),
            to if to.is_float() => self.integer_to_float(integer(self.from, a)),
            to => {
                let n = integer(self.from, a);
                let n = if self.saturate { n.clamp(least(to), greatest(to)) } else { n };
                n as u64 & u64::MAX >> (64 - to.bits())
            }
        }
    }

    /// An integer in the result's type, and extended to the register.
    fn fit(&self, n: i128) -> u64 {
        integer(self.to, n as u64 & u64::MAX >> (64 - self.to.bits())) as u64 & u64::MAX >> (64 - self.register_bits)
    }

    /// The conversion as a function of bits, where it is one between integers that only extends or cuts off.
    pub fn integers(&self) -> Option<fn(u64) -> u64> {
        if self.from.is_float() || self.to.is_float() || self.saturate {
            return None;
        }
        // Cutting off and extending: the narrower of the two types decides by its size and sign.
        let narrow = if self.from.bits() < self.to.bits() { self.from } else { self.to };
        let signed = narrow.is_signed();
        let bits = if self.to.is_signed() { self.register_bits } else { self.to.bits() };
        Some(match (narrow.bits(), signed, bits) {
            (8, false, _) => |a| a & 0xff,
            (16, false, _) => |a| a & 0xffff,
            (32, false, _) => |a| a & 0xffff_ffff,
            (64, ..) => |a| a,
            (8, true, 16) => |a| u64::from(a as i8 as u16),
            (8, true, 32) => |a| u64::from(a as i8 as u32),
            (8, true, 64) => |a| a as i8 as u64,
            (16, true, 16) => |a| a & 0xffff,
            (16, true, 32) => |a| u64::from(a as i16 as u32),
            (16, true, 64) => |a| a as i16 as u64,
            (32, true, 32) => |a| a & 0xffff_ffff,
            (32, true, 64) => |a| a as i32 as u64,
            _ => return None,
        })
    }

    fn wide(&self, a: u64) -> f64 {
        match self.from {
            Ty::F16 => round::from_f16(a),
            Ty::Bf16 => round::from_bf16(a),
            Ty::F32 if self.ftz => f64::from(flush(f32_of(a))),
            Ty::F32 => f64::from(f32_of(a)),
            _ => f64::from_bits(a),
        }
    }

    fn float(&self, x: f64) -> u64 {
        let mut x = if self.integral { rounded(x, self.mode) } else { x };
        if self.saturate {
            x = if x > 0.0 { x.min(1.0) } else { 0.0 };
        }
        if self.relu && x <= 0.0 {
            x = 0.0;
        }
        let narrow = |format| round::narrow(x, format, self.mode);
        match self.to {
            Ty::F16 | Ty::F16x2 => narrow(round::F16),
            Ty::Bf16 | Ty::Bf16x2 => narrow(round::BF16),
            Ty::Tf32 => narrow(TF32) << 13,
            Ty::F32 if self.ftz => u64::from(flush(f32_of(narrow(round::F32))).to_bits()),
            Ty::F32 => narrow(round::F32),
            _ => bits64(x),
        }
    }

    fn integer_to_float(&self, n: i128) -> u64 {
        let format = match self.to {
            Ty::F16 => round::F16,
            Ty::Bf16 => round::BF16,
            Ty::F32 => round::F32,
            _ => round::F64,
        };
        if self.saturate {
            return round::narrow(n.clamp(0, 1) as f64, format, Mode::Nearest);
        }
        round::pack(n < 0, n.unsigned_abs() as u64, 0, format, self.mode)
    }

    /// Out of range is clamped; NaN is zero, or for conversions from `f64` or to 64 bits the integer whose top bit alone
    /// is set.
    fn float_to_integer(&self, x: f64) -> u64 {
        if x.is_nan() {
            let top = self.from == Ty::F64 || self.to.bytes() == 8;
            return if top { 1 << (self.to.bits() - 1) } else { 0 };
        }
        // The cast clamps to i128, which holds all.
        let n = (rounded(x, self.mode) as i128).clamp(least(self.to), greatest(self.to));
        self.fit(n)
    }
}

fn rounded(x: f64, mode: Mode) -> f64 {
    match mode {
        Mode::Nearest => x.round_ties_even(),
        Mode::Away => x.round(),
        Mode::Zero => x.trunc(),
        Mode::Down => x.floor(),
        Mode::Up => x.ceil(),
    }
}

fn integer(ty: Ty, a: u64) -> i128 {
    match ty {
        Ty::S8 => i128::from(a as i8),
        Ty::S16 => i128::from(a as i16),
        Ty::S32 => i128::from(a as i32),
        Ty::S64 => i128::from(a as i64),
        Ty::U8 => i128::from(a as u8),
        Ty::U16 => i128::from(a as u16),
        Ty::U32 => i128::from(a as u32),
        _ => i128::from(a),
    }
}

fn least(ty: Ty) -> i128 {
    if ty.is_signed() { -(1 << (ty.bits() - 1)) } else { 0 }
}

fn greatest(ty: Ty) -> i128 {
    (1 << (ty.bits() - u32::from(ty.is_signed()))) - 1
}
