//! Logic, shifts and fields of bits.

use super::{Modifiers, Picked, Row, form, integers};
use crate::class::Class;
use crate::functions::{F1, F3, Kernel};
use crate::types::Ty;

pub(super) const ROWS: &[Row] = &[
    ("and", |m| logic(m, |a, b| a & b)),
    ("or", |m| logic(m, |a, b| a | b)),
    ("xor", |m| logic(m, |a, b| a ^ b)),
    ("not", |m| {
        let ty = m.ty()?;
        Some(Picked::same(ty, if ty == Ty::Pred { Kernel::One(|a| a ^ 1) } else { integers!(ty, One, (a) => !a)? }))
    }),
    ("cnot", |m| typed(m, |ty| integers!(ty, One, (a) => (a == 0) as T))),
    // Amounts beyond the width shift everything out.
    ("shl", |m| {
        let ty = m.ty()?;
        let kernel = match ty.bytes() {
            2 => Kernel::Two(|a, b| u64::from((a as u16).checked_shl(b as u32).unwrap_or(0))),
            4 => Kernel::Two(|a, b| u64::from((a as u32).checked_shl(b as u32).unwrap_or(0))),
            8 => Kernel::Two(|a, b| a.checked_shl(b as u32).unwrap_or(0)),
            _ => return None,
        };
        (!ty.is_float()).then(|| Picked::same(ty, kernel).operand(1, Ty::U32))
    }),
    ("shr", |m| {
        let ty = m.ty()?;
        let kernel = form(
            ty,
            &[
                (Ty::U16, Kernel::Two(|a, b| u64::from((a as u16).checked_shr(b as u32).unwrap_or(0)))),
                (Ty::B16, Kernel::Two(|a, b| u64::from((a as u16).checked_shr(b as u32).unwrap_or(0)))),
                (Ty::U32, Kernel::Two(|a, b| u64::from((a as u32).checked_shr(b as u32).unwrap_or(0)))),
                (Ty::B32, Kernel::Two(|a, b| u64::from((a as u32).checked_shr(b as u32).unwrap_or(0)))),
                (Ty::U64, Kernel::Two(|a, b| a.checked_shr(b as u32).unwrap_or(0))),
                (Ty::B64, Kernel::Two(|a, b| a.checked_shr(b as u32).unwrap_or(0))),
                (Ty::S16, Kernel::Two(|a, b| u64::from(((a as i16) >> (b as u32).min(15)) as u16))),
                (Ty::S32, Kernel::Two(|a, b| u64::from(((a as i32) >> (b as u32).min(31)) as u32))),
                (Ty::S64, Kernel::Two(|a, b| ((a as i64) >> (b as u32).min(63)) as u64)),
            ],
        )?;
        Some(Picked::same(ty, kernel).operand(1, Ty::U32))
    }),
    ("shf", funnel),
    ("popc", |m| counting(m, |a| u64::from((a as u32).count_ones()), |a| u64::from(a.count_ones()))),
    ("clz", |m| counting(m, |a| u64::from((a as u32).leading_zeros()), |a| u64::from(a.leading_zeros()))),
    ("bfind", find),
    ("brev", |m| {
        typed(m, |ty| {
            form(
                ty,
                &[
                    (Ty::B32, Kernel::One(|a| u64::from((a as u32).reverse_bits()))),
                    (Ty::B64, Kernel::One(u64::reverse_bits)),
                ],
            )
        })
    }),
    ("bfe", extract),
    ("bfi", |m| {
        let ty = m.ty()?;
        let kernel = form(
            ty,
            &[
                (Ty::B32, Kernel::Four(|a, b, c, d| insert(a, b, c, d, 32))),
                (Ty::B64, Kernel::Four(|a, b, c, d| insert(a, b, c, d, 64))),
            ],
        )?;
        Some(Picked::same(ty, kernel).operand(2, Ty::U32).operand(3, Ty::U32))
    }),
    ("bmsk", |m| {
        let clamps = m.choose(&[("clamp", true), ("wrap", false)])?;
        let kernel = if clamps {
            Kernel::Two(|a, b| mask((a as u32).min(32), (b as u32).min(32)))
        } else {
            Kernel::Two(|a, b| mask(a as u32 & 31, b as u32 & 31))
        };
        m.ty().filter(|ty| *ty == Ty::B32).map(|ty| Picked::same(ty, kernel))
    }),
    ("lop3", |m| m.ty().filter(|ty| *ty == Ty::B32).map(|ty| Picked::same(ty, Kernel::Four(lookup)))),
    ("prmt", permute),
    ("fns", |m| m.ty().filter(|ty| *ty == Ty::B32).map(|ty| Picked::same(ty, Kernel::Three(nth_set)))),
];

fn typed(m: &mut Modifiers, f: fn(Ty) -> Option<Kernel>) -> Option<Picked> {
    let ty = m.ty()?;
    Some(Picked::same(ty, f(ty)?))
}

/// Bits above the width are zero in the operands, so they are in the result.
fn logic(m: &mut Modifiers, f: fn(u64, u64) -> u64) -> Option<Picked> {
    let ty = m.ty().filter(|ty| matches!(ty, Ty::Pred | Ty::B16 | Ty::B32 | Ty::B64))?;
    Some(Picked::same(ty, Kernel::Two(f)))
}

fn counting(m: &mut Modifiers, narrow: fn(u64) -> u64, full: fn(u64) -> u64) -> Option<Picked> {
    let ty = m.ty()?;
    let f = form::<_, F1>(ty, &[(Ty::B32, narrow), (Ty::B64, full)])?;
    Some(Picked::same(ty, Kernel::One(f)).to(Ty::U32))
}

/// The 64 bits `b:a`, shifted.
fn funnel(m: &mut Modifiers) -> Option<Picked> {
    let left = m.choose(&[("l", true), ("r", false)])?;
    let wraps = m.choose(&[("wrap", true), ("clamp", false)])?;
    let kernel = match (left, wraps) {
        (true, true) => Kernel::Three(|a, b, c| ((b << 32 | a) << (c & 31)) >> 32),
        (true, false) => Kernel::Three(|a, b, c| ((u128::from(b << 32 | a) << (c as u32).min(32)) as u64) >> 32),
        (false, true) => Kernel::Three(|a, b, c| ((b << 32 | a) >> (c & 31)) & 0xffff_ffff),
        (false, false) => Kernel::Three(|a, b, c| ((b << 32 | a) >> (c as u32).min(32)) & 0xffff_ffff),
    };
    m.ty().filter(|ty| *ty == Ty::B32).map(|ty| Picked::same(ty, kernel))
}

/// The number of the highest bit that differs from the sign, or all ones.
fn find(m: &mut Modifiers) -> Option<Picked> {
    fn highest(a: u64, width: u32, shift: bool) -> u64 {
        match a.checked_ilog2() {
            None => 0xffff_ffff,
            Some(n) => u64::from(if shift { width - 1 - n } else { n }),
        }
    }
    fn signed32(a: u64) -> u64 {
        u64::from(if (a as i32) < 0 { !(a as u32) } else { a as u32 })
    }
    fn signed64(a: u64) -> u64 {
        if (a as i64) < 0 { !a } else { a }
    }
    let (shift, ty) = (m.flag("shiftamt"), m.ty()?);
    let kernel = form(
        (ty, shift),
        &[
            ((Ty::U32, false), Kernel::One(|a| highest(a, 32, false))),
            ((Ty::U32, true), Kernel::One(|a| highest(a, 32, true))),
            ((Ty::S32, false), Kernel::One(|a| highest(signed32(a), 32, false))),
            ((Ty::S32, true), Kernel::One(|a| highest(signed32(a), 32, true))),
            ((Ty::U64, false), Kernel::One(|a| highest(a, 64, false))),
            ((Ty::U64, true), Kernel::One(|a| highest(a, 64, true))),
            ((Ty::S64, false), Kernel::One(|a| highest(signed64(a), 64, false))),
            ((Ty::S64, true), Kernel::One(|a| highest(signed64(a), 64, true))),
        ],
    )?;
    Some(Picked::same(ty, kernel).to(Ty::U32))
}

/// Bits `b .. b + c` of `a`; signed fields repeat the field's top bit, or `a`'s where the field leaves `a`.
fn extract(m: &mut Modifiers) -> Option<Picked> {
    fn field(a: u64, at: u64, length: u64, width: u64, signed: bool) -> u64 {
        let (at, length) = (at & 0xff, length & 0xff);
        let all = u64::MAX >> (64 - width);
        let bits = if at >= width { 0 } else { (a & all) >> at };
        let kept = if length >= 64 { bits } else { bits & ((1 << length) - 1) };
        let sign = signed && length > 0 && a >> (at + length - 1).min(width - 1) & 1 == 1;
        let known = length.min(width.saturating_sub(at));
        if sign && known < 64 { (kept | u64::MAX << known) & all } else { kept }
    }
    let ty = m.ty()?;
    let kernel = form(
        ty,
        &[
            (Ty::U32, Kernel::Three(|a, b, c| field(a, b, c, 32, false))),
            (Ty::S32, Kernel::Three(|a, b, c| field(a, b, c, 32, true))),
            (Ty::U64, Kernel::Three(|a, b, c| field(a, b, c, 64, false))),
            (Ty::S64, Kernel::Three(|a, b, c| field(a, b, c, 64, true))),
        ],
    )?;
    Some(Picked::same(ty, kernel).operand(1, Ty::U32).operand(2, Ty::U32))
}

/// `b` with its bits `c .. c + d` replaced by the lowest of `a`.
fn insert(a: u64, b: u64, at: u64, length: u64, width: u64) -> u64 {
    let (at, length) = (at & 0xff, length & 0xff);
    if at >= width || length == 0 {
        return b;
    }
    let field = if length >= 64 { u64::MAX } else { (1 << length) - 1 } << at & (u64::MAX >> (64 - width));
    b & !field | (a << at) & field
}

fn mask(at: u32, length: u32) -> u64 {
    u64::from((((1u64 << length) - 1) << at) as u32)
}

/// Each bit of the result is the bit of the table `d` that the bits of `a`, `b`, `c` number.
fn lookup(a: u64, b: u64, c: u64, d: u64) -> u64 {
    (0..8).filter(|n| d >> n & 1 == 1).fold(0, |sum, n| {
        let pick = |x: u64, bit: u64| if n & bit != 0 { x } else { !x };
        sum | pick(a, 4) & pick(b, 2) & pick(c, 1)
    }) & 0xffff_ffff
}

/// Bytes of `b:a`, chosen by nibbles of `c`; bit 3 of a nibble asks for the byte's sign instead.
fn permute(m: &mut Modifiers) -> Option<Picked> {
    fn byte(a: u64, b: u64, n: u64) -> u64 {
        (b << 32 | a) >> (8 * (n & 7)) & 0xff
    }
    fn chosen(a: u64, b: u64, selectors: [u64; 4]) -> u64 {
        selectors.iter().enumerate().fold(0, |sum, (at, n)| sum | byte(a, b, *n) << (8 * at))
    }
    const MODES: &[(&str, F3)] = &[
        ("f4e", |a, b, c| chosen(a, b, [0, 1, 2, 3].map(|n| n + (c & 3)))),
        ("b4e", |a, b, c| chosen(a, b, [0, 7, 6, 5].map(|n| n + (c & 3)))),
        ("rc8", |a, b, c| chosen(a, b, [c & 3; 4])),
        ("ecl", |a, b, c| chosen(a, b, [0, 1, 2, 3].map(|n: u64| n.max(c & 3)))),
        ("ecr", |a, b, c| chosen(a, b, [0, 1, 2, 3].map(|n: u64| n.min(c & 3)))),
        ("rc16", |a, b, c| chosen(a, b, [0, 1, 0, 1].map(|n| n + 2 * (c & 1)))),
    ];
    let mode = m.choose(MODES).unwrap_or(|a, b, c| {
        (0..4).fold(0, |sum, at| {
            let n = c >> (4 * at) & 0xf;
            let value = byte(a, b, n);
            let value = if n & 8 == 0 { value } else { (value >> 7) * 0xff };
            sum | value << (8 * at)
        })
    });
    let ty = m.ty().filter(|ty| *ty == Ty::B32)?;
    Some(Picked::same(ty, Kernel::Three(mode)).class(Class::Integer))
}

/// The place of the `c`-th bit set in `a`, counted from bit `b`, downwards for negative `c`; all ones where there is none.
fn nth_set(a: u64, b: u64, c: u64) -> u64 {
    let (base, offset) = (b as u32 as i64, i64::from(c as i32));
    if offset == 0 {
        return if base < 32 && a >> base & 1 == 1 { base as u64 } else { 0xffff_ffff };
    }
    let (mut at, mut left) = (base, offset.abs());
    while (0..32).contains(&at) {
        left -= (a >> at & 1) as i64;
        if left == 0 {
            return at as u64;
        }
        at += offset.signum();
    }
    0xffff_ffff
}
