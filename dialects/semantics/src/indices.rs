//! Upstream arithmetic on indices and integers that programs use for extents and positions.

use dp_dialects::attributes::Predicate;
use dp_dialects::{OpKind, ScalarType};
use std::cmp::Ordering;

/// `arith.index_cast` of an integer of a type: it is extended by its sign, so that true is -1.
pub fn index_cast(value: i64, from: ScalarType) -> i64 {
    if from == ScalarType::I1 { -value } else { value }
}

/// What another operation of `arith` on integers computes, 64 bits wide; `None` where it is not defined (the divisor is 0,
/// or the quotient overflows), and for another operation. `predicate` is that of `arith.cmpi`.
pub fn evaluate(kind: OpKind, predicate: Option<i64>, values: &[i64]) -> Option<i64> {
    match (kind, values) {
        (OpKind::ArithAddI, [a, b]) => Some(a.wrapping_add(*b)),
        (OpKind::ArithSubI, [a, b]) => Some(a.wrapping_sub(*b)),
        (OpKind::ArithMulI, [a, b]) => Some(a.wrapping_mul(*b)),
        (OpKind::ArithDivSI, [a, b]) => a.checked_div(*b),
        (OpKind::ArithRemSI, [a, b]) => a.checked_rem(*b),
        (OpKind::ArithMaxSI, [a, b]) => Some(*a.max(b)),
        (OpKind::ArithMinSI, [a, b]) => Some(*a.min(b)),
        (OpKind::ArithSelect, [p, a, b]) => Some(if *p != 0 { *a } else { *b }),
        (OpKind::ArithCmpI, [a, b]) => {
            // The predicates are numbered as those of `scalar.compare`.
            let predicate = predicate.and_then(|case| Predicate::ALL.get(usize::try_from(case).ok()?))?;
            Some(holds(*predicate, *a, *b).into())
        }
        _ => None,
    }
}

fn holds(predicate: Predicate, a: i64, b: i64) -> bool {
    let (signed, unsigned) = (a.cmp(&b), (a as u64).cmp(&(b as u64)));
    match predicate {
        Predicate::Eq => signed == Ordering::Equal,
        Predicate::Ne => signed != Ordering::Equal,
        Predicate::Lt => signed == Ordering::Less,
        Predicate::Le => signed != Ordering::Greater,
        Predicate::Gt => signed == Ordering::Greater,
        Predicate::Ge => signed != Ordering::Less,
        Predicate::Ult => unsigned == Ordering::Less,
        Predicate::Ule => unsigned != Ordering::Greater,
        Predicate::Ugt => unsigned == Ordering::Greater,
        Predicate::Uge => unsigned != Ordering::Less,
    }
}
