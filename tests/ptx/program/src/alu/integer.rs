//! Integer arithmetic. Division by zero gives all ones, and the remainder by zero the dividend, as the hardware does;
//! PTX leaves both open.

use super::{Modifiers, Picked, Row, form, integers};
use crate::functions::{F1, F3, Kernel};
use crate::types::Ty;

pub(super) const ROWS: &[Row] = &[
    ("add", |m| wrapping(m, |ty| integers!(ty, Two, (a, b) => a.wrapping_add(b)))),
    ("sub", |m| wrapping(m, |ty| integers!(ty, Two, (a, b) => a.wrapping_sub(b)))),
    ("add", saturating_add),
    ("sub", saturating_sub),
    ("add", |m| carry(m, "cc", 2, |a, b, _, _| add_carry(a, b, false), |a, b, _, _| add_carry64(a, b, false))),
    ("addc", |m| carry(m, "", 2, |a, b, _, c| add_carry(a, b, c), |a, b, _, c| add_carry64(a, b, c))),
    ("sub", |m| carry(m, "cc", 2, |a, b, _, _| sub_carry(a, b, false), |a, b, _, _| sub_carry64(a, b, false))),
    ("subc", |m| carry(m, "", 2, |a, b, _, c| sub_carry(a, b, c), |a, b, _, c| sub_carry64(a, b, c))),
    ("mul", multiply),
    ("mad", multiply_add),
    ("mad", |m| multiply_carry(m, true)),
    ("madc", |m| multiply_carry(m, false)),
    ("mul24", |m| product24(m, false)),
    ("mad24", |m| product24(m, true)),
    ("div", |m| plain(m, |ty| integers!(ty, Two, (a, b) => if b == 0 { !0 } else { a.wrapping_div(b) }))),
    ("rem", |m| plain(m, |ty| integers!(ty, Two, (a, b) => if b == 0 { a } else { a.wrapping_rem(b) }))),
    ("abs", |m| {
        let ty = m.ty()?;
        // The least integer is its own absolute value.
        const FORMS: &[(Ty, F1)] = &[
            (Ty::S16, |a| u64::from((a as i16).unsigned_abs())),
            (Ty::S32, |a| u64::from((a as i32).unsigned_abs())),
            (Ty::S64, |a| (a as i64).unsigned_abs()),
        ];
        Some(Picked::same(ty, Kernel::One(form(ty, FORMS)?)))
    }),
    ("neg", |m| {
        let ty = m.ty().filter(|ty| ty.is_signed())?;
        Some(Picked::same(ty, integers!(ty, One, (a) => (0 as T).wrapping_sub(a))?))
    }),
    ("min", |m| plain(m, |ty| integers!(ty, Two, (a, b) => a.min(b)))),
    ("max", |m| plain(m, |ty| integers!(ty, Two, (a, b) => a.max(b)))),
    ("sad", |m| {
        let ty = m.ty()?;
        Some(Picked::same(
            ty,
            integers!(ty, Three, (a, b, c) => (c as T).wrapping_add((a.max(b)).wrapping_sub(a.min(b))))?,
        ))
    }),
    ("dp4a", dot4),
];

/// The form without other modifiers than a type that is no bit type.
fn plain(m: &mut Modifiers, f: fn(Ty) -> Option<Kernel>) -> Option<Picked> {
    let ty = m.ty()?;
    Some(Picked::same(ty, f(ty)?))
}

fn wrapping(m: &mut Modifiers, f: fn(Ty) -> Option<Kernel>) -> Option<Picked> {
    if m.flag("sat") || m.flag("cc") { None } else { plain(m, f) }
}

fn saturating_add(m: &mut Modifiers) -> Option<Picked> {
    let ty = m.flag("sat").then(|| m.ty())?.filter(|ty| *ty == Ty::S32)?;
    Some(Picked::same(ty, Kernel::Two(|a, b| u64::from((a as i32).saturating_add(b as i32) as u32))))
}

fn saturating_sub(m: &mut Modifiers) -> Option<Picked> {
    let ty = m.flag("sat").then(|| m.ty())?.filter(|ty| *ty == Ty::S32)?;
    Some(Picked::same(ty, Kernel::Two(|a, b| u64::from((a as i32).saturating_sub(b as i32) as u32))))
}

type Carrying = fn(u64, u64, u64, bool) -> (u64, bool);

fn add_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let sum = u64::from(a as u32) + u64::from(b as u32) + u64::from(carry);
    (u64::from(sum as u32), sum >> 32 != 0)
}

fn add_carry64(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let sum = u128::from(a) + u128::from(b) + u128::from(carry);
    (sum as u64, sum >> 64 != 0)
}

/// The carry of a subtraction is a borrow.
fn sub_carry(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let difference = u64::from(a as u32).wrapping_sub(u64::from(b as u32)).wrapping_sub(u64::from(borrow));
    (u64::from(difference as u32), difference >> 63 != 0)
}

fn sub_carry64(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let difference = u128::from(a).wrapping_sub(u128::from(b)).wrapping_sub(u128::from(borrow));
    (difference as u64, difference >> 127 != 0)
}

/// Where the instruction does not say `cc`, the carry that it makes is kept from others by the decoder.
fn carry(m: &mut Modifiers, must: &str, arity: usize, f32: Carrying, f64: Carrying) -> Option<Picked> {
    let says = m.flag("cc");
    if !says && must == "cc" {
        return None;
    }
    let ty = m.ty()?;
    let f = match ty.bytes() {
        4 => f32,
        8 => f64,
        _ => return None,
    };
    Some(Picked::same(ty, Kernel::Carry(f, arity)))
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Low,
    High,
    Wide,
}

const PARTS: &[(&str, Part)] = &[("lo", Part::Low), ("hi", Part::High), ("wide", Part::Wide)];

fn multiply(m: &mut Modifiers) -> Option<Picked> {
    let (part, ty) = (m.choose(PARTS)?, m.ty()?);
    let kernel = match part {
        Part::Low => integers!(ty, Two, (a, b) => a.wrapping_mul(b))?,
        Part::High => integers!(ty, Two, (a, b) => ((a as i128).wrapping_mul(b as i128) >> T::BITS))?,
        Part::Wide => return Some(Picked::same(ty, wide(ty)?.0).to(wide(ty)?.1)),
    };
    Some(Picked::same(ty, kernel))
}

fn wide(ty: Ty) -> Option<(Kernel, Ty)> {
    form(
        ty,
        &[
            (Ty::U16, (Kernel::Two(|a, b| u64::from(a as u16) * u64::from(b as u16)), Ty::U32)),
            (Ty::S16, (Kernel::Two(|a, b| u64::from((i32::from(a as i16) * i32::from(b as i16)) as u32)), Ty::S32)),
            (Ty::U32, (Kernel::Two(|a, b| u64::from(a as u32) * u64::from(b as u32)), Ty::U64)),
            (Ty::S32, (Kernel::Two(|a, b| (i64::from(a as i32) * i64::from(b as i32)) as u64), Ty::S64)),
        ],
    )
}

fn multiply_add(m: &mut Modifiers) -> Option<Picked> {
    let (part, ty) = (m.choose(PARTS)?, m.ty()?);
    if m.flag("cc") {
        return None;
    }
    let kernel = match (part, ty) {
        (Part::Low, _) => integers!(ty, Three, (a, b, c) => a.wrapping_mul(b).wrapping_add(c))?,
        (Part::High, _) => {
            integers!(ty, Three, (a, b, c) => (((a as i128).wrapping_mul(b as i128) >> T::BITS) as T).wrapping_add(c))?
        }
        (Part::Wide, Ty::U16) => {
            Kernel::Three(|a, b, c| u64::from((u32::from(a as u16) * u32::from(b as u16)).wrapping_add(c as u32)))
        }
        (Part::Wide, Ty::S16) => {
            Kernel::Three(
                |a, b, c| u64::from((i32::from(a as i16) * i32::from(b as i16)).wrapping_add(c as i32) as u32),
            )
        }
        (Part::Wide, Ty::U32) => Kernel::Three(|a, b, c| (u64::from(a as u32) * u64::from(b as u32)).wrapping_add(c)),
        (Part::Wide, Ty::S32) => {
            Kernel::Three(|a, b, c| ((i64::from(a as i32) * i64::from(b as i32)) as u64).wrapping_add(c))
        }
        (Part::Wide, _) => return None,
    };
    let picked = Picked::same(ty, kernel);
    if part != Part::Wide {
        return Some(picked);
    }
    let sum = wide(ty)?.1;
    Some(picked.to(sum).operand(2, sum))
}

fn multiply_carry(m: &mut Modifiers, fresh: bool) -> Option<Picked> {
    let (part, says) = (m.choose(PARTS)?, m.flag("cc"));
    if fresh && !says {
        return None;
    }
    let ty = m.ty()?;
    let (low, low64, high, high_64): (Carrying, Carrying, Carrying, Carrying) = if fresh {
        (
            |a, b, c, _| add_carry(a.wrapping_mul(b), c, false),
            |a, b, c, _| add_carry64(a.wrapping_mul(b), c, false),
            |a, b, c, _| add_carry((a * b) >> 32, c, false),
            |a, b, c, _| add_carry64(high64(a, b), c, false),
        )
    } else {
        (
            |a, b, c, k| add_carry(a.wrapping_mul(b), c, k),
            |a, b, c, k| add_carry64(a.wrapping_mul(b), c, k),
            |a, b, c, k| add_carry((a * b) >> 32, c, k),
            |a, b, c, k| add_carry64(high64(a, b), c, k),
        )
    };
    let forms = match part {
        Part::Low => &[(Ty::U32, low), (Ty::S32, low), (Ty::U64, low64), (Ty::S64, low64)][..],
        Part::High => &[(Ty::U32, high), (Ty::U64, high_64)],
        Part::Wide => &[],
    };
    let f = form(ty, forms)?;
    Some(Picked::same(ty, Kernel::Carry(f, 3)))
}

fn high64(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 64) as u64
}

fn product24(m: &mut Modifiers, add: bool) -> Option<Picked> {
    let ty = m.flag("lo").then(|| m.ty())??;
    let kernel = form(
        (ty, add),
        &[
            ((Ty::U32, false), Kernel::Two(|a, b| u64::from(((a & 0xff_ffff) * (b & 0xff_ffff)) as u32))),
            ((Ty::S32, false), Kernel::Two(|a, b| u64::from(signed24(a).wrapping_mul(signed24(b)) as u32))),
            (
                (Ty::U32, true),
                Kernel::Three(|a, b, c| u64::from((((a & 0xff_ffff) * (b & 0xff_ffff)) as u32).wrapping_add(c as u32))),
            ),
            (
                (Ty::S32, true),
                Kernel::Three(|a, b, c| {
                    u64::from((signed24(a).wrapping_mul(signed24(b)) as u32).wrapping_add(c as u32))
                }),
            ),
        ],
    )?;
    Some(Picked::same(ty, kernel))
}

fn signed24(a: u64) -> i64 {
    i64::from(((a as i32) << 8) >> 8)
}

/// `c` plus the dot product of four bytes each.
fn dot4(m: &mut Modifiers) -> Option<Picked> {
    let (ta, tb) = (m.ty()?, m.ty()?);
    let f = form::<_, F3>(
        (ta, tb),
        &[
            ((Ty::U32, Ty::U32), |a, b, c| dot(a, b, c, |x| i64::from(x as u8), |x| i64::from(x as u8))),
            ((Ty::S32, Ty::S32), |a, b, c| dot(a, b, c, |x| i64::from(x as i8), |x| i64::from(x as i8))),
            ((Ty::U32, Ty::S32), |a, b, c| dot(a, b, c, |x| i64::from(x as u8), |x| i64::from(x as i8))),
            ((Ty::S32, Ty::U32), |a, b, c| dot(a, b, c, |x| i64::from(x as i8), |x| i64::from(x as u8))),
        ],
    )?;
    Some(Picked::same(Ty::S32, Kernel::Three(f)))
}

fn dot(a: u64, b: u64, c: u64, left: fn(u64) -> i64, right: fn(u64) -> i64) -> u64 {
    let sum: i64 = (0..4).map(|n| left(a >> (8 * n)) * right(b >> (8 * n))).sum();
    u64::from((sum + i64::from(c as i32)) as u32)
}
