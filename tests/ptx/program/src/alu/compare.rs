//! Comparisons, of `setp` and `set`.

use super::Modifiers;
use super::float::{f32_of, flush};
use super::round::{from_bf16, from_f16};
use crate::functions::Compare;
use crate::types::Ty;

/// Whether a comparison holds for an order of its operands; none where they are not ordered.
type Predicate = fn(Option<std::cmp::Ordering>) -> bool;

use std::cmp::Ordering::{Equal, Greater, Less};

/// Name, and when it holds.
const PREDICATES: &[(&str, Predicate)] = &[
    ("eq", |o| o == Some(Equal)),
    ("ne", |o| matches!(o, Some(Less | Greater))),
    ("lt", |o| o == Some(Less)),
    ("le", |o| matches!(o, Some(Less | Equal))),
    ("gt", |o| o == Some(Greater)),
    ("ge", |o| matches!(o, Some(Greater | Equal))),
    ("lo", |o| o == Some(Less)),
    ("ls", |o| matches!(o, Some(Less | Equal))),
    ("hi", |o| o == Some(Greater)),
    ("hs", |o| matches!(o, Some(Greater | Equal))),
    ("equ", |o| matches!(o, Some(Equal) | None)),
    ("neu", |o| o != Some(Equal)),
    ("ltu", |o| matches!(o, Some(Less) | None)),
    ("leu", |o| o != Some(Greater)),
    ("gtu", |o| matches!(o, Some(Greater) | None)),
    ("geu", |o| o != Some(Less)),
    ("num", |o| o.is_some()),
    ("nan", |o| o.is_none()),
];

/// All comparisons of one type, in the order of the names.
macro_rules! comparisons {
    ($order:expr) => {{
        fn order(a: u64, b: u64) -> Option<std::cmp::Ordering> {
            $order(a, b)
        }
        const ALL: [Compare; 18] = [
            |a, b| PREDICATES[0].1(order(a, b)),
            |a, b| PREDICATES[1].1(order(a, b)),
            |a, b| PREDICATES[2].1(order(a, b)),
            |a, b| PREDICATES[3].1(order(a, b)),
            |a, b| PREDICATES[4].1(order(a, b)),
            |a, b| PREDICATES[5].1(order(a, b)),
            |a, b| PREDICATES[6].1(order(a, b)),
            |a, b| PREDICATES[7].1(order(a, b)),
            |a, b| PREDICATES[8].1(order(a, b)),
            |a, b| PREDICATES[9].1(order(a, b)),
            |a, b| PREDICATES[10].1(order(a, b)),
            |a, b| PREDICATES[11].1(order(a, b)),
            |a, b| PREDICATES[12].1(order(a, b)),
            |a, b| PREDICATES[13].1(order(a, b)),
            |a, b| PREDICATES[14].1(order(a, b)),
            |a, b| PREDICATES[15].1(order(a, b)),
            |a, b| PREDICATES[16].1(order(a, b)),
            |a, b| PREDICATES[17].1(order(a, b)),
        ];
        ALL
    }};
}

/// The comparison that the modifiers name, on their type.
pub fn pick(m: &mut Modifiers) -> Option<(Compare, Ty)> {
    let names: Vec<(&str, usize)> = PREDICATES.iter().enumerate().map(|(n, row)| (row.0, n)).collect();
    let predicate = m.choose(&names)?;
    let ftz = m.flag("ftz");
    let ty = m.ty()?;
    let all: [Compare; 18] = match ty {
        Ty::B16 | Ty::U16 | Ty::B32 | Ty::U32 | Ty::B64 | Ty::U64 => comparisons!(|a: u64, b: u64| Some(a.cmp(&b))),
        Ty::S16 => comparisons!(|a, b| Some((a as i16).cmp(&(b as i16)))),
        Ty::S32 => comparisons!(|a, b| Some((a as i32).cmp(&(b as i32)))),
        Ty::S64 => comparisons!(|a, b| Some((a as i64).cmp(&(b as i64)))),
        // Of packed halves, one at a time.
        Ty::F16 | Ty::F16x2 => comparisons!(|a, b| from_f16(a & 0xffff).partial_cmp(&from_f16(b & 0xffff))),
        Ty::Bf16 | Ty::Bf16x2 => comparisons!(|a, b| from_bf16(a & 0xffff).partial_cmp(&from_bf16(b & 0xffff))),
        Ty::F32 if ftz => comparisons!(|a, b| flush(f32_of(a)).partial_cmp(&flush(f32_of(b)))),
        Ty::F32 => comparisons!(|a, b| f32_of(a).partial_cmp(&f32_of(b))),
        Ty::F64 => comparisons!(|a, b| f64::from_bits(a).partial_cmp(&f64::from_bits(b))),
        Ty::Pred | Ty::B8 | Ty::U8 | Ty::S8 | Ty::Tf32 => return None,
    };
    // `lo`, `ls`, `hi`, `hs` are for unsigned integers, bits are only equal or not, and only floats are unordered.
    let unsigned = matches!(ty, Ty::U16 | Ty::U32 | Ty::U64);
    let bits = matches!(ty, Ty::B16 | Ty::B32 | Ty::B64);
    let known = match predicate {
        0 | 1 => true,
        2..6 => !bits,
        6..10 => unsigned,
        _ => ty.is_float(),
    };
    (known && (!ftz || ty.is_float())).then(|| (all[predicate], ty))
}
