//! Minimum, maximum, absolute value, negation and sign of floating-point numbers. These work on bits where they can:
//! negation and absolute value keep a NaN's payload.

use super::float::{f32_of, flush};
use super::round::{from_bf16, from_f16};
use super::{Modifiers, Picked, Row, form};
use crate::functions::{F1, F2, Kernel};
use crate::types::Ty;

pub(super) const ROWS: &[Row] = &[
    ("min", |m| extreme(m, true)),
    ("max", |m| extreme(m, false)),
    ("neg", |m| sign(m, [|a| a ^ 0x8000, |a| a ^ 0x8000_8000, |a| a ^ 1 << 31, |a| a ^ 1 << 63])),
    ("abs", |m| sign(m, [|a| a & 0x7fff, |a| a & 0x7fff_7fff, |a| a & 0x7fff_ffff, |a| a & u64::MAX >> 1])),
    ("copysign", |m| {
        // The sign is the first operand's.
        let ty = m.ty()?;
        let kernel = form(
            ty,
            &[
                (Ty::F32, Kernel::Two(|a, b| a & 1 << 31 | b & 0x7fff_ffff)),
                (Ty::F64, Kernel::Two(|a, b| a & 1 << 63 | b & u64::MAX >> 1)),
            ],
        )?;
        Some(Picked::same(ty, kernel))
    }),
    ("testp", test),
];

fn sign(m: &mut Modifiers, [half, pair, single, double]: [F1; 4]) -> Option<Picked> {
    let ftz = m.flag("ftz");
    let ty = m.ty()?;
    let f = form(
        ty,
        &[
            (Ty::F16, half),
            (Ty::Bf16, half),
            (Ty::F16x2, pair),
            (Ty::Bf16x2, pair),
            (Ty::F32, single),
            (Ty::F64, double),
        ],
    )?;
    if !ftz {
        return Some(Picked::same(ty, Kernel::One(f)));
    }
    // Flushing and changing the sign: which of the two it is shows on zero.
    let flushed = form::<_, F1>(
        (ty, f(0) != 0),
        &[
            ((Ty::F32, true), |a| u64::from((-flush(f32_of(a))).to_bits())),
            ((Ty::F32, false), |a| u64::from(flush(f32_of(a)).abs().to_bits())),
        ],
    )?;
    Some(Picked::same(ty, Kernel::One(flushed)))
}

/// The lesser (greater) of two numbers of some width, given as `f64`; -0 is less than +0. A NaN loses against a number,
/// or wins where `NAN`.
fn choose<const MIN: bool, const NAN: bool>(a: (u64, f64), b: (u64, f64), canonical: u64) -> u64 {
    let ((bits_a, a), (bits_b, b)) = (a, b);
    if (a.is_nan() && b.is_nan()) || (NAN && (a.is_nan() || b.is_nan())) {
        canonical
    } else if b.is_nan() {
        bits_a
    } else if a.is_nan() {
        bits_b
    } else {
        let a_is_less = a < b || (a == b && a.is_sign_negative());
        if a_is_less == MIN { bits_a } else { bits_b }
    }
}

fn single<const MIN: bool, const NAN: bool, const FTZ: bool>(a: u64, b: u64) -> u64 {
    let [a, b] = [a, b].map(|x| if FTZ { u64::from(flush(f32_of(x)).to_bits()) } else { x });
    choose::<MIN, NAN>((a, f64::from(f32_of(a))), (b, f64::from(f32_of(b))), 0x7fff_ffff)
}

fn double<const MIN: bool, const NAN: bool>(a: u64, b: u64) -> u64 {
    choose::<MIN, NAN>((a, f64::from_bits(a)), (b, f64::from_bits(b)), 0x7ff8_0000_0000_0000)
}

fn half<const MIN: bool, const NAN: bool>(a: u64, b: u64) -> u64 {
    choose::<MIN, NAN>((a, from_f16(a)), (b, from_f16(b)), 0x7fff)
}

fn brain<const MIN: bool, const NAN: bool>(a: u64, b: u64) -> u64 {
    choose::<MIN, NAN>((a, from_bf16(a)), (b, from_bf16(b)), 0x7fff)
}

fn lanes(f: F2, a: u64, b: u64) -> u64 {
    f(a & 0xffff, b & 0xffff) | f(a >> 16 & 0xffff, b >> 16 & 0xffff) << 16
}

fn forms<const MIN: bool>(ty: Ty, nan: bool, ftz: bool) -> Option<F2> {
    form::<_, F2>(
        (ty, nan, ftz),
        &[
            ((Ty::F32, false, false), single::<MIN, false, false>),
            ((Ty::F32, true, false), single::<MIN, true, false>),
            ((Ty::F32, false, true), single::<MIN, false, true>),
            ((Ty::F32, true, true), single::<MIN, true, true>),
            ((Ty::F64, false, false), double::<MIN, false>),
            ((Ty::F16, false, false), half::<MIN, false>),
            ((Ty::F16, true, false), half::<MIN, true>),
            ((Ty::Bf16, false, false), brain::<MIN, false>),
            ((Ty::Bf16, true, false), brain::<MIN, true>),
            ((Ty::F16x2, false, false), |a, b| lanes(half::<MIN, false>, a, b)),
            ((Ty::F16x2, true, false), |a, b| lanes(half::<MIN, true>, a, b)),
            ((Ty::Bf16x2, false, false), |a, b| lanes(brain::<MIN, false>, a, b)),
            ((Ty::Bf16x2, true, false), |a, b| lanes(brain::<MIN, true>, a, b)),
        ],
    )
}

fn extreme(m: &mut Modifiers, least: bool) -> Option<Picked> {
    let (ftz, nan) = (m.flag("ftz"), m.flag("NaN"));
    let ty = m.ty()?;
    let f = if least { forms::<true>(ty, nan, ftz)? } else { forms::<false>(ty, nan, ftz)? };
    Some(Picked::same(ty, Kernel::Two(f)))
}

fn test(m: &mut Modifiers) -> Option<Picked> {
    use std::num::FpCategory::{Infinite, Nan, Normal, Subnormal, Zero};
    // Name, on f32, on f64.
    type Test = (F1, F1);
    const TESTS: &[(&str, Test)] = &[
        ("finite", (|a| f32_of(a).is_finite().into(), |a| f64::from_bits(a).is_finite().into())),
        ("infinite", (|a| f32_of(a).is_infinite().into(), |a| f64::from_bits(a).is_infinite().into())),
        ("number", (|a| (!f32_of(a).is_nan()).into(), |a| (!f64::from_bits(a).is_nan()).into())),
        ("notanumber", (|a| f32_of(a).is_nan().into(), |a| f64::from_bits(a).is_nan().into())),
        (
            "normal",
            (
                |a| matches!(f32_of(a).classify(), Normal).into(),
                |a| matches!(f64::from_bits(a).classify(), Normal).into(),
            ),
        ),
        (
            "subnormal",
            (
                |a| match f32_of(a).classify() {
                    Subnormal => 1,
                    Nan | Infinite | Zero | Normal => 0,
                },
                |a| match f64::from_bits(a).classify() {
                    Subnormal => 1,
                    Nan | Infinite | Zero | Normal => 0,
                },
            ),
        ),
    ];
    let (single, double) = m.choose(TESTS)?;
    let ty = m.ty()?;
    let f = form(ty, &[(Ty::F32, single), (Ty::F64, double)])?;
    Some(Picked::same(ty, Kernel::One(f)).to(Ty::Pred))
}
