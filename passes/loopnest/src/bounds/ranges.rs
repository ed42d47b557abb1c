//! What the loops around an operation say of indices.
//!
//! A loop `for i = l to u` that executes its body has l ≤ i ≤ u − 1. Where l ≥ 0 and u = n + k for a value n and k ≤ 0, n is
//! positive there, so that max(n, 0) is n and n less a constant does not overflow. Inequalities are shown by replacing
//! induction variables by their bounds, from the innermost outward.

use super::form::{Form, is_natural, is_small};
use crate::checks::Order;
use crate::normalize::never_wraps;
use dp_dialects::ir::{Op, Val, ancestors, block_args, constant_integer, i64_attribute, operands, region_block};
use dp_dialects::{OpKind, ScalarType, ValueType};
use dp_passes::bound::greatest;
use melior::ir::ValueLike;

// Patterns of the predicates.
const SLT: i64 = Order::Slt as i64;
const SLE: i64 = Order::Sle as i64;
const SGT: i64 = Order::Sgt as i64;
const SGE: i64 = Order::Sge as i64;
const ULT: i64 = Order::Ult as i64;

/// Lower bounds of loops are smaller than this.
const LARGEST: i64 = 1 << 40;

/// The range of an induction variable: from `lower` to `end`, which it does not reach.
#[derive(Clone, Copy)]
struct Range<'c> {
    induction: Val<'c>,
    /// Not negative.
    lower: i64,
    /// A constant, or a value plus a constant that is not positive, or an induction variable plus 1.
    end: Form<'c>,
}

impl<'c> Range<'c> {
    /// The range of a loop over indices, if its bounds have these forms.
    fn of(op: Op<'c>) -> Option<Range<'c>> {
        let all = operands(op);
        let lower = constant_integer(all[0]).filter(|lower| (0..LARGEST).contains(lower))?;
        let induction = *block_args(region_block(op, 0)?).first()?;
        let mut end = Form::of(all[1]);
        // In the body, the end is above the first iteration, and so is more than the constant of a maximum below that.
        if let Some((exact, _, least)) = end.without_maximum()
            && least + end.constant <= lower
        {
            end = exact;
        }
        if !never_wraps(op) || !is_index(induction) || end.minus.is_some() {
            return None;
        }
        let is_outer =
            |bound| counted(op).any(|outer| region_block(outer, 0).is_some_and(|x| block_args(x)[0] == bound));
        // Neither overflows: a natural number less a constant, nor an induction variable plus 1.
        let is_exact = |bound| match end.constant {
            0 => true,
            1 => is_outer(bound),
            constant => constant < 0 && is_natural(bound),
        };
        end.plus.is_none_or(is_exact).then_some(Range { induction, lower, end })
    }

    /// A form where the loop is executed: what its end is made of is large enough there to be a maximum with a constant.
    fn within(&self, form: Form<'c>) -> Form<'c> {
        match form.without_maximum() {
            Some((exact, x, least))
                if x.plus == self.end.plus && self.lower + 1 - self.end.constant + x.constant >= least =>
            {
                exact
            }
            Some(_) | None => form,
        }
    }
}

fn is_index(value: Val) -> bool {
    ValueType::of(value.r#type()) == Some(ValueType::number(ScalarType::Index))
}

/// The counted loops around an operation, from the innermost outward.
fn counted<'c>(op: Op<'c>) -> impl Iterator<Item = Op<'c>> {
    ancestors(op).filter(|op| OpKind::of(*op) == Some(OpKind::ScfFor))
}

fn ranges<'c>(op: Op<'c>) -> Vec<Range<'c>> {
    counted(op).filter_map(Range::of).collect()
}

/// The values that the loops around an operation end at, plus constants.
pub(super) fn ends<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    ranges(op).into_iter().filter_map(|range| range.end.plus).collect()
}

/// Whether p − i + c does not overflow, where p is what a loop ends at: i is small where p is none.
fn is_exact(constant: i64, plus: Option<Val>, minus: Option<Val>) -> bool {
    constant <= 0 || (plus.is_none() && minus.is_some())
}

/// Whether an index is at least a number wherever an operation is executed.
pub(crate) fn is_at_least(op: Op, value: Val, number: i64) -> bool {
    let form = Form::of(value);
    if !is_index(value) {
        return false;
    }
    if number <= 0 && form.constant == 0 && form.minus.is_none() && form.plus.is_some_and(is_natural) {
        return true;
    }
    ranges(op).iter().any(|range| {
        let Form { plus, minus, constant } = range.within(form);
        if (plus, minus) == (Some(range.induction), None) {
            return range.lower + constant >= number;
        }
        // Neither the end less a constant overflows nor p − i + c, which is least in the last iteration.
        let least = match minus {
            None => range.lower + 1 - range.end.constant + constant,
            Some(minus) if minus == range.induction => constant - range.end.constant + 1,
            Some(_) => return false,
        };
        plus == range.end.plus && is_exact(constant, plus, minus) && least >= number
    })
}

/// Whether an index is at most another, less `less`, wherever an operation is executed.
fn is_at_most_less(op: Op, value: Val, other: Val, less: i64) -> bool {
    let most = Form::of(other);
    // A value plus a constant may overflow.
    let is_exact = most.plus.is_none() || most.constant <= 0;
    is_exact && is_at_most(op, value, Form { constant: most.constant - less, ..most })
}

/// Whether an index is at most a form that does not overflow, wherever an operation is executed.
pub(crate) fn is_at_most<'c>(op: Op<'c>, value: Val<'c>, most: Form<'c>) -> bool {
    let form = Form::of(value);
    if !is_index(value) || most.minus.is_some() {
        return false;
    }
    let is_natural_less = form.minus.is_none() && form.constant <= 0 && form.plus.is_some_and(is_natural);
    if is_natural_less && form.plus == most.plus && form.constant <= most.constant {
        return true;
    }
    is_below(&ranges(op), form, most)
}

/// Whether a form is at most another, given ranges from the innermost outward.
fn is_below<'c>(ranges: &[Range<'c>], form: Form<'c>, most: Form<'c>) -> bool {
    let Some((range, outer)) = ranges.split_first() else { return false };
    let (form, most) = (range.within(form), range.within(most));
    let largest = match (form.plus, form.minus) {
        (Some(plus), None) if plus == range.induction => {
            Form { constant: range.end.constant - 1 + form.constant, ..range.end }
        }
        // p − i + c is largest in the first iteration, and does not overflow where p is where the loop ends.
        (plus, Some(minus))
            if minus == range.induction && plus == range.end.plus && is_exact(form.constant, plus, form.minus) =>
        {
            Form { constant: form.constant - range.lower, ..range.end }
        }
        (_, _) => return is_below(outer, form, most),
    };
    (largest.plus == most.plus && largest.constant <= most.constant)
        || is_below_constant(largest, most)
        || is_below(outer, largest, most)
}

/// Whether the end of a loop, less something, is at most a constant, as where the end is the minimum with one.
fn is_below_constant(form: Form, most: Form) -> bool {
    let end = form.plus.and_then(greatest).filter(|end| is_small(*end));
    most.plus.is_none() && form.minus.is_none() && end.is_some_and(|end| end + form.constant <= most.constant)
}

/// Whether an index is at most another wherever an operation is executed.
pub(super) fn is_at_most_value(op: Op, value: Val, other: Val) -> bool {
    is_at_most_less(op, value, other, 0)
}

/// Whether an `arith.cmpi` of two indices is true wherever it is executed.
pub(super) fn is_true(op: Op, a: Val, b: Val) -> bool {
    match i64_attribute(op, "predicate") {
        Some(ULT) => is_at_least(op, a, 0) && is_at_most_less(op, a, b, 1),
        Some(SLT) => is_at_most_less(op, a, b, 1),
        Some(SGT) => is_at_most_less(op, b, a, 1),
        Some(SLE) => is_at_most_value(op, a, b),
        Some(SGE) => is_at_most_value(op, b, a) || constant_integer(b).is_some_and(|number| is_at_least(op, a, number)),
        _ => false,
    }
}
