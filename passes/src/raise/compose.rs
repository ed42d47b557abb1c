//! Operations of `arith` and `math` that become several `scalar` operations.

use super::RaiseSite;
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{Val, i64_attribute};
use dp_dialects::{Diagnostic, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::ValueLike;

impl<'c> RaiseSite<'c> {
    fn x(&self, index: usize) -> Val<'c> {
        self.operands[index]
    }

    fn scalar(&self, kind: OpKind, operands: &[Val<'c>]) -> Result<Val<'c>> {
        self.builder.scalar(kind, operands)
    }

    fn compare(&self, predicate: Predicate, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.builder.emit(OpKind::ScalarCompare, &Parameters::Compare(predicate), &[a, b])
    }

    /// A constant of the first operand's type and shape.
    fn splat(&self, value: f64) -> Result<Val<'c>> {
        let like = self.x(0);
        let r#type = ValueType::of(like.r#type()).unwrap_or_else(|| self.operand.clone());
        self.builder.splat(Number::of_f64(value, r#type.dtype), &r#type, like)
    }

    fn case(&self) -> Result<usize> {
        let case = i64_attribute(self.op, "predicate").and_then(|case| usize::try_from(case).ok());
        case.ok_or_else(|| self.refusal("the predicate is missing"))
    }
}

/// `arith.select`: a scalar condition is broadcast if the result is a tensor.
pub(super) fn select<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let (mut predicate, chosen) = (site.x(0), site.x(1));
    let is_tensor = ValueType::of(predicate.r#type()).is_some_and(|r#type| r#type.is_tensor());
    if site.result.is_tensor() && !is_tensor {
        let extents = site.builder.extents(chosen)?;
        predicate = site.builder.broadcast(predicate, &[], &site.result.with_dtype(ScalarType::I1), &extents)?;
    }
    site.scalar(OpKind::ScalarSelect, &[predicate, chosen, site.x(2)])
}

/// `arith.index_cast` of a boolean: sign extension makes true -1.
pub(super) fn index_of_boolean<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let one = site.convert(site.x(0), &site.operand.with_dtype(ScalarType::I64), true)?;
    let x = site.scalar(OpKind::ScalarNeg, &[one])?;
    let to = site.result.to_type(site.builder.context());
    site.builder.op(OpKind::ArithIndexCast, &[x], &[to], &[], vec![]).map(dp_dialects::ir::result)
}

/// `arith.index_castui`: types narrower than `index` are zero-extended first, after which a signed cast is the same.
pub(super) fn unsigned_index<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let mut x = site.x(0);
    if !matches!(site.operand.dtype, ScalarType::Index | ScalarType::I64) {
        x = site.convert(x, &site.operand.with_dtype(ScalarType::I64), true)?;
    }
    let to = site.result.to_type(site.builder.context());
    site.builder.op(OpKind::ArithIndexCast, &[x], &[to], &[], vec![]).map(dp_dialects::ir::result)
}

/// `arith.cmpi`: the predicates have the same numbers in `scalar.compare`. On booleans, whose order depends on
/// signedness, only equality is raised.
pub(super) fn compare_integers<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let predicate = Predicate::ALL.get(site.case()?).copied();
    let predicate = predicate.ok_or_else(|| site.refusal("unknown predicate"))?;
    if site.operand.dtype == ScalarType::I1 && !matches!(predicate, Predicate::Eq | Predicate::Ne) {
        return Err(site.refusal("booleans are not ordered; use 'arith.andi', 'arith.ori' or 'arith.xori'"));
    }
    site.compare(predicate, site.x(0), site.x(1))
}

/// `arith.cmpf`: the predicates of `scalar.compare` are false on NaN, except `ne`. An unordered predicate is the
/// negation of the opposite ordered one.
pub(super) fn compare_floats<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    use Predicate::*;
    let (a, b) = (site.x(0), site.x(1));
    let is = |predicate| site.compare(predicate, a, b);
    let complement = |x: Val<'c>| site.scalar(OpKind::ScalarNot, &[x]);
    let less_or_greater = || site.scalar(OpKind::ScalarOr, &[is(Lt)?, is(Gt)?]);
    match site.case()? {
        0 => complement(site.scalar(OpKind::ScalarOr, &[is(Eq)?, is(Ne)?])?),
        1 => is(Eq),
        2 => is(Gt),
        3 => is(Ge),
        4 => is(Lt),
        5 => is(Le),
        6 => less_or_greater(),
        7 => site.scalar(OpKind::ScalarAnd, &[site.compare(Eq, a, a)?, site.compare(Eq, b, b)?]),
        8 => complement(less_or_greater()?),
        9 => complement(is(Le)?),
        10 => complement(is(Lt)?),
        11 => complement(is(Ge)?),
        12 => complement(is(Gt)?),
        13 => is(Ne),
        14 => site.scalar(OpKind::ScalarOr, &[site.compare(Ne, a, a)?, site.compare(Ne, b, b)?]),
        15 => site.scalar(OpKind::ScalarOr, &[is(Eq)?, is(Ne)?]),
        _ => Err(site.refusal("unknown predicate")),
    }
}

/// `arith.maxnumf`: the maximum; if one operand is NaN, the other one.
pub(super) fn max_of_numbers<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    of_numbers(site, OpKind::ScalarMax)
}

/// `arith.minnumf`: the minimum; if one operand is NaN, the other one.
pub(super) fn min_of_numbers<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    of_numbers(site, OpKind::ScalarMin)
}

fn of_numbers<'c>(site: &RaiseSite<'c>, kind: OpKind) -> Result<Val<'c>> {
    let (a, b) = (site.x(0), site.x(1));
    let both = site.scalar(kind, &[a, b])?;
    let unless_b = site.scalar(OpKind::ScalarSelect, &[site.compare(Predicate::Ne, b, b)?, a, both])?;
    site.scalar(OpKind::ScalarSelect, &[site.compare(Predicate::Ne, a, a)?, b, unless_b])
}

/// Conversion from signed integers: a signed boolean is -1 or 0.
pub(super) fn from_signed<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let converted = site.convert(site.x(0), &site.result, false)?;
    if site.operand.dtype == ScalarType::I1 { site.scalar(OpKind::ScalarNeg, &[converted]) } else { Ok(converted) }
}

/// Conversion to fewer bits: a boolean is the lowest bit.
pub(super) fn truncate_integer<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let is_bit = site.result.dtype == ScalarType::I1;
    let x = if is_bit { site.scalar(OpKind::ScalarAnd, &[site.x(0), site.splat(1.0)?])? } else { site.x(0) };
    site.convert(x, &site.result, false)
}

/// The bits as another type; those of a boolean have no other.
pub(super) fn bitcast<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    if site.operand == site.result {
        return Ok(site.x(0));
    }
    site.builder.emit_typed(OpKind::ScalarBitcast, &Parameters::None, &[site.x(0)], &site.result)
}

/// A power with an integer exponent.
pub(super) fn power_of_integer<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let exponent = site.convert(site.x(1), &site.result, false)?;
    site.scalar(OpKind::ScalarPow, &[site.x(0), exponent])
}

/// Rounding toward zero: the ceiling of a negative number, the floor of any other.
pub(super) fn trunc<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let x = site.x(0);
    let (floor, ceil) = (site.scalar(OpKind::ScalarFloor, &[x])?, site.scalar(OpKind::ScalarCeil, &[x])?);
    let negative = site.compare(Predicate::Lt, x, site.splat(0.0)?)?;
    site.scalar(OpKind::ScalarSelect, &[negative, ceil, floor])
}

/// Rounding to nearest, ties away from zero: the truncated value, plus one of its sign if the remainder is at least a
/// half.
pub(super) fn round<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let x = site.x(0);
    let whole = trunc(site)?;
    let lost = site.scalar(OpKind::ScalarAbs, &[site.scalar(OpKind::ScalarSub, &[x, whole])?])?;
    let unit = site.scalar(OpKind::ScalarCopysign, &[site.splat(1.0)?, x])?;
    let further = site.scalar(OpKind::ScalarAdd, &[whole, unit])?;
    let is_far = site.compare(Predicate::Ge, lost, site.splat(0.5)?)?;
    site.scalar(OpKind::ScalarSelect, &[is_far, further, whole])
}

/// Infinite: neither finite nor NaN.
pub(super) fn is_inf<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let is = |kind| site.scalar(kind, &[site.x(0)]);
    let other = site.scalar(OpKind::ScalarOr, &[is(OpKind::ScalarIsFinite)?, is(OpKind::ScalarIsNan)?])?;
    site.scalar(OpKind::ScalarNot, &[other])
}

/// Normal: finite, and in absolute value at least the smallest normal number.
pub(super) fn is_normal<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let Some((least, _)) = site.operand.dtype.limits() else {
        return Err(Diagnostic::unsupported("requires a floating-point operand"));
    };
    let magnitude = site.scalar(OpKind::ScalarAbs, &[site.x(0)])?;
    let large = site.compare(Predicate::Ge, magnitude, site.splat(least)?)?;
    site.scalar(OpKind::ScalarAnd, &[site.scalar(OpKind::ScalarIsFinite, &[site.x(0)])?, large])
}

/// The population count of `~x & (x - 1)`, whose ones are the trailing zeros of `x`.
pub(super) fn trailing_zeros<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let x = site.x(0);
    if site.operand.dtype == ScalarType::I1 {
        return site.scalar(OpKind::ScalarNot, &[x]);
    }
    let less = site.scalar(OpKind::ScalarSub, &[x, site.splat(1.0)?])?;
    let zeros = site.scalar(OpKind::ScalarAnd, &[site.scalar(OpKind::ScalarNot, &[x])?, less])?;
    site.scalar(OpKind::ScalarPopcnt, &[zeros])
}

/// `min(max(x, low), high)`.
pub(super) fn clamp<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let above = site.scalar(OpKind::ScalarMax, &[site.x(0), site.x(1)])?;
    site.scalar(OpKind::ScalarMin, &[above, site.x(2)])
}
