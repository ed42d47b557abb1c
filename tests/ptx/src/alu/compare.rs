//! Comparisons, of `setp` and `set`.

use super::Modifiers;
use super::float::{f32_of, flush};
use super::round::{from_bf16, from_f16};
use crate::functions::Compare;
use crate::types::Ty;

/// A comparison's name, on an order; none where the operands are not ordered. `Less` and the like are what is known.
type Verdict = fn(Option<std::cmp::Ordering>) -> bool;

use std::cmp::Ordering::{Equal, Greater, Less};

/// Name, what it says, whether it is for unsigned integers only, for floating-point numbers only.
const VERDICTS: &[(&str, Verdict)] = &[
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
            |a, b| VERDICTS[0].1(order(a, b)),
            |a, b| VERDICTS[1].1(order(a, b)),
            |a, b| VERDICTS[2].1(order(a, b)),
            |a, b| VERDICTS[3].1(order(a, b)),
            |a, b| VERDICTS[4].1(order(a, b)),
            |a, b| VERDICTS[5].1(order(a, b)),
            |a, b| VERDICTS[6].1(order(a, b)),
            |a, b| VERDICTS[7].1(order(a, b)),
            |a, b| VERDICTS[8].1(order(a, b)),
            |a, b| VERDICTS[9].1(order(a, b)),
            |a, b| VERDICTS[10].1(order(a, b)),
            |a, b| VERDICTS[11].1(order(a, b)),
            |a, b| VERDICTS[12].1(order(a, b)),
            |a, b| VERDICTS[13].1(order(a, b)),
            |a, b| VERDICTS[14].1(order(a, b)),
            |a, b| VERDICTS[15].1(order(a, b)),
            |a, b| VERDICTS[16].1(order(a, b)),
            |a, b| VERDICTS[17].1(order(a, b)),
        ];
        ALL
    }};
}

/// The comparison that the modifiers name, on their type.
pub fn pick(m: &mut Modifiers) -> Option<(Compare, Ty)> {
    let names: Vec<(&str, usize)> = VERDICTS.iter().enumerate().map(|(n, row)| (row.0, n)).collect();
    let verdict = m.choose(&names)?;
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
        _ => return None,
    };
    // `lo`, `ls`, `hi`, `hs` are for unsigned integers, bits are only equal or not, and only floats are unordered.
    let unsigned = matches!(ty, Ty::U16 | Ty::U32 | Ty::U64);
    let bits = matches!(ty, Ty::B16 | Ty::B32 | Ty::B64);
    let known = match verdict {
        0 | 1 => true,
        2..6 => !bits,
        6..10 => unsigned,
        _ => ty.is_float(),
    };
    (known && (!ftz || ty.is_float())).then(|| (all[verdict], ty))
}
