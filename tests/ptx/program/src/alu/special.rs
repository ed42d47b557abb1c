//! Approximate functions. The hardware's own errors are not modelled: a function is computed in `f64` and rounded once,
//! which is within every bound that PTX states for it.

use super::float::{bits32, bits64, f32_of, flush};
use super::round::{self, Mode, from_bf16, from_f16};
use super::{Modifiers, Picked, Row, form};
use crate::class::Class;
use crate::functions::{F1, Kernel};
use crate::types::Ty;

pub(super) const ROWS: &[Row] = &[
    ("rsqrt", |m| {
        single(m, |a| near(1.0 / wide(a).sqrt()), |a| flushed(a, |x| 1.0 / x.sqrt()))
            .or_else(|| other(m, Ty::F64, |a| bits64(1.0 / f64::from_bits(a).sqrt())))
    }),
    ("sin", |m| single(m, |a| near(libm::sin(wide(a))), |a| flushed(a, libm::sin))),
    ("cos", |m| single(m, |a| near(libm::cos(wide(a))), |a| flushed(a, libm::cos))),
    ("lg2", |m| single(m, |a| near(libm::log2(wide(a))), |a| flushed(a, libm::log2))),
    ("ex2", |m| single(m, |a| near(libm::exp2(wide(a))), |a| flushed(a, libm::exp2)).or_else(|| halves(m, true))),
    ("tanh", |m| single(m, |a| near(libm::tanh(wide(a))), |a| flushed(a, libm::tanh)).or_else(|| halves(m, false))),
];

fn wide(a: u64) -> f64 {
    f64::from(f32_of(a))
}

fn near(x: f64) -> u64 {
    bits32(x as f32)
}

fn flushed(a: u64, f: fn(f64) -> f64) -> u64 {
    bits32(flush(f(f64::from(flush(f32_of(a)))) as f32))
}

/// The form on `f32`, with or without flushing.
fn single(m: &mut Modifiers, plain: F1, ftz: F1) -> Option<Picked> {
    let mut tried = m.clone();
    if !tried.flag("approx") {
        return None;
    }
    let f = if tried.flag("ftz") { ftz } else { plain };
    let ty = tried.ty().filter(|ty| *ty == Ty::F32)?;
    *m = tried;
    Some(Picked::same(ty, Kernel::One(f)).class(Class::Special))
}

fn other(m: &mut Modifiers, ty: Ty, f: F1) -> Option<Picked> {
    m.flag("ftz");
    (m.flag("approx") && m.ty() == Some(ty)).then(|| Picked::same(ty, Kernel::One(f)).class(Class::Special))
}

/// The forms on `f16` and `bf16` and pairs of them, for `ex2` and `tanh`.
fn halves(m: &mut Modifiers, exponential: bool) -> Option<Picked> {
    fn binary(a: u64, f: fn(f64) -> f64) -> u64 {
        round::narrow(f(from_f16(a & 0xffff)), round::F16, Mode::Nearest)
    }
    fn brain(a: u64, f: fn(f64) -> f64) -> u64 {
        round::narrow(f(from_bf16(a & 0xffff)), round::BF16, Mode::Nearest)
    }
    if !m.flag("approx") {
        return None;
    }
    m.flag("ftz");
    let ty = m.ty()?;
    let f = form::<_, F1>(
        (ty, exponential),
        &[
            ((Ty::F16, true), |a| binary(a, libm::exp2)),
            ((Ty::F16, false), |a| binary(a, libm::tanh)),
            ((Ty::F16x2, true), |a| binary(a, libm::exp2) | binary(a >> 16, libm::exp2) << 16),
            ((Ty::F16x2, false), |a| binary(a, libm::tanh) | binary(a >> 16, libm::tanh) << 16),
            ((Ty::Bf16, true), |a| brain(a, libm::exp2)),
            ((Ty::Bf16, false), |a| brain(a, libm::tanh)),
            ((Ty::Bf16x2, true), |a| brain(a, libm::exp2) | brain(a >> 16, libm::exp2) << 16),
            ((Ty::Bf16x2, false), |a| brain(a, libm::tanh) | brain(a >> 16, libm::tanh) << 16),
        ],
    )?;
    Some(Picked::same(ty, Kernel::One(f)).class(Class::Special))
}
