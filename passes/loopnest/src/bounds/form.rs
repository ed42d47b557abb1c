//! Indices as `p − m + c`, where p and m are values about which nothing more is known.

use crate::structured::is_named;
use dp_dialects::OpKind;
use dp_dialects::ir::{Val, constant_integer, defining_op, operands};

/// Constants are smaller than this, so that sums of a few of them are exact.
const LARGEST: i64 = 1 << 40;

/// Whether sums of a few such numbers are exact.
pub(super) fn is_small(number: i64) -> bool {
    number.unsigned_abs() < LARGEST.unsigned_abs()
}

/// `plus − minus + constant`, in the integers. The index has this value unless its computation overflows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Form<'c> {
    pub(crate) plus: Option<Val<'c>>,
    pub(crate) minus: Option<Val<'c>>,
    pub(crate) constant: i64,
}

impl<'c> Form<'c> {
    /// The form of a constant.
    pub(crate) fn constant(constant: i64) -> Form<'c> {
        Form { plus: None, minus: None, constant }
    }

    /// The form of an index.
    pub(crate) fn of(value: Val<'c>) -> Form<'c> {
        let atom = Form { plus: Some(value), minus: None, constant: 0 };
        if let Some(constant) = constant_integer(value).filter(|number| is_small(*number)) {
            return Form::constant(constant);
        }
        let Some(op) = defining_op(value) else { return atom };
        // An extent is its maximum with 0.
        if let Some((x, _)) = of_maximum(value).filter(|(x, least)| *least <= 0 && is_natural(*x)) {
            return Form::of(x);
        }
        let sign = match OpKind::of(op) {
            Some(OpKind::ArithAddI) => 1,
            Some(OpKind::ArithSubI) => -1,
            _ => return atom,
        };
        let all = operands(op);
        Form::of(all[0]).and(sign, Form::of(all[1])).unwrap_or(atom)
    }

    /// If the form has a maximum of x and a constant: the form with x in its place, the form of x, and the constant. The
    /// two forms are equal where x is at least the constant.
    pub(crate) fn without_maximum(self) -> Option<(Form<'c>, Form<'c>, i64)> {
        let (x, least) = self.plus.and_then(of_maximum)?;
        let x = Some(Form::of(x)).filter(|x| x.minus.is_none())?;
        Some((Form { plus: x.plus, minus: self.minus, constant: self.constant + x.constant }, x, least))
    }

    /// The sum with another form times 1 or −1, if that is a form.
    fn and(self, sign: i64, other: Form<'c>) -> Option<Form<'c>> {
        let (plus, minus) = if sign > 0 { (other.plus, other.minus) } else { (other.minus, other.plus) };
        let constant = self.constant + sign * other.constant;
        let mut up: Vec<Val> = self.plus.into_iter().chain(plus).collect();
        let mut down: Vec<Val> = self.minus.into_iter().chain(minus).collect();
        up.retain(|value| match down.iter().position(|other| other == value) {
            Some(position) => {
                down.remove(position);
                false
            }
            None => true,
        });
        let is_form = up.len() <= 1 && down.len() <= 1 && is_small(constant);
        is_form.then(|| Form { plus: up.first().copied(), minus: down.first().copied(), constant })
    }
}

/// The operand of a maximum with a constant, and the constant.
fn of_maximum(value: Val) -> Option<(Val, i64)> {
    let maximum = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::ArithMaxSI)).map(operands)?;
    let [a, b] = maximum[..] else { return None };
    let with = |x, constant| constant_integer(constant).filter(|least| is_small(*least)).map(|least| (x, least));
    with(a, b).or_else(|| with(b, a))
}

/// Whether a value is never negative: an extent, or a maximum with a number that is not.
pub(crate) fn is_natural(value: Val) -> bool {
    let is_extent = |name| defining_op(value).is_some_and(|op| is_named(op, name));
    is_extent("tensor.dim") || is_extent("memref.dim") || of_maximum(value).is_some_and(|(_, least)| least >= 0)
}
