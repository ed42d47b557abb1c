//! The bits of numbers: casts, the total order, and rounding to fewer digits.

use super::extents::shaped;
use super::site::{Site, extents_of};
use super::{Translated, name_of};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, ScalarType, ValueType};

/// The integers of a width.
fn integers<'c>(bits: u32) -> Translated<'c, ScalarType> {
    Ok(match bits {
        8 => ScalarType::I8,
        16 => ScalarType::I16,
        32 => ScalarType::I32,
        64 => ScalarType::I64,
        _ => return Err(Diagnostic::unsupported(format!("there are no numbers of {bits} bits")).into()),
    })
}

/// The numbers of a type with the same bits.
pub(super) fn cast<'c>(site: &Site<'_, 'c>, x: Val<'c>, to: ScalarType) -> Translated<'c, Val<'c>> {
    let from = site.type_of(x)?;
    if from.dtype == to {
        return Ok(x);
    }
    site.emit_typed(OpKind::ScalarBitcast, &Parameters::None, &[x], &from.with_dtype(to))
}

/// An integer, for all elements of a value.
pub(super) fn whole<'c>(site: &Site<'_, 'c>, value: i64, like: Val<'c>) -> Translated<'c, Val<'c>> {
    let dtype = site.type_of(like)?.dtype;
    let number = site.builder.literal(Literal::number(dtype, Number::Integer(value).round(dtype)))?;
    site.spread(number, like)
}

/// Integers in the total order of floats: -NaN, -inf, …, -0, 0, …, inf, NaN. Those of negative numbers are the bits, but
/// for the sign, in reverse.
pub(super) fn rank<'c>(site: &Site<'_, 'c>, x: Val<'c>) -> Translated<'c, Val<'c>> {
    let width = site.type_of(x)?.dtype.bits();
    let bits = cast(site, x, integers(width)?)?;
    let sign = site.scalar(OpKind::ScalarShr, &[bits, whole(site, i64::from(width) - 1, bits)?])?;
    let reversed = site.scalar(OpKind::ScalarUshr, &[sign, whole(site, 1, bits)?])?;
    site.scalar(OpKind::ScalarXor, &[bits, reversed])
}

/// `bitcast_convert`. One element of a wide type is a row of elements of a narrow type, the lowest bits first.
pub(super) fn bitcast_convert<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, to) = (site.operand(0)?, site.result(0)?);
    let from = site.type_of(x)?;
    if from == to {
        // Bits carry no derivative.
        let is_float = from.dtype.is_float();
        return Ok(vec![if is_float { site.scalar(OpKind::AdStopGradient, &[x])? } else { x }]);
    }
    let is_plain = |dtype: ScalarType| dtype.is_float() || dtype.is_integer();
    if !is_plain(from.dtype) || !is_plain(to.dtype) {
        let message = format!("the bits of {} as {} are not supported", from.dtype, to.dtype);
        return Err(Diagnostic::unsupported(message).help("both are floats or integers of 8 to 64 bits").into());
    }
    let (wide, narrow) = (from.dtype.bits().max(to.dtype.bits()), from.dtype.bits().min(to.dtype.bits()));
    let (own, given) = (extents_of(&from)?, extents_of(&to)?);
    let count = u64::from(wide / narrow);
    let row = |outer: &[u64]| outer.iter().copied().chain([count]).collect::<Vec<u64>>();
    let fits = match from.dtype.bits().cmp(&to.dtype.bits()) {
        std::cmp::Ordering::Equal => own == given,
        std::cmp::Ordering::Greater => row(&own) == given,
        std::cmp::Ordering::Less => row(&given) == own,
    };
    if !fits {
        return Err(Diagnostic::invalid("the shapes do not agree with the widths of the types").into());
    }
    let bits = cast(site, x, integers(from.dtype.bits())?)?;
    let made = match from.dtype.bits().cmp(&to.dtype.bits()) {
        std::cmp::Ordering::Equal => bits,
        std::cmp::Ordering::Greater => parts(site, bits, narrow, &given)?,
        std::cmp::Ordering::Less => joined(site, bits, wide, &own)?,
    };
    Ok(vec![cast(site, made, to.dtype)?])
}

/// How far the bits of each part of a row are shifted.
fn shifts<'c>(site: &Site<'_, 'c>, narrow: u32, rows: &ValueType) -> Translated<'c, Val<'c>> {
    let place = site.emit_typed(OpKind::ArrayIota, &Parameters::Dim(rows.rank() - 1), &[], rows)?;
    site.scalar(OpKind::ScalarMul, &[place, whole(site, i64::from(narrow), place)?])
}

/// Rows of the narrow parts of integers.
fn parts<'c>(site: &Site<'_, 'c>, x: Val<'c>, narrow: u32, extents: &[u64]) -> Translated<'c, Val<'c>> {
    let from = site.type_of(x)?;
    let rows = shaped(from.dtype, extents);
    let dims: Vec<usize> = (0..from.rank()).collect();
    let repeated = site.builder.broadcast(x, &dims, &rows, &[])?;
    let shifted = site.scalar(OpKind::ScalarUshr, &[repeated, shifts(site, narrow, &rows)?])?;
    site.convert(shifted, integers(narrow)?, true)
}

/// Integers from rows of their narrow parts.
fn joined<'c>(site: &Site<'_, 'c>, x: Val<'c>, wide: u32, extents: &[u64]) -> Translated<'c, Val<'c>> {
    let narrow = site.type_of(x)?.dtype.bits();
    let dtype = integers(wide)?;
    let rows = shaped(dtype, extents);
    let wide = site.convert(x, dtype, true)?;
    let shifted = site.scalar(OpKind::ScalarShl, &[wide, shifts(site, narrow, &rows)?])?;
    let reduce = Parameters::Reduce { kind: dp_dialects::attributes::Reduction::Or, dims: vec![extents.len() - 1] };
    let whole = site.emit(OpKind::ArrayReduce, &reduce, &[shifted])?;
    site.untensor(whole)
}

/// `reduce_precision`.
pub(super) fn reduce_precision<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let bits = |name: &str| {
        let value = dp_dialects::ir::i64_attribute(site.op, name).and_then(|bits| u32::try_from(bits).ok());
        value.filter(|bits| *bits <= 1024).ok_or_else(|| Diagnostic::invalid(format!("has no integer '{name}'")))
    };
    let (exponent, mantissa) = (bits("exponent_bits")?, bits("mantissa_bits")?);
    if exponent == 0 {
        return Err(Diagnostic::invalid("needs a bit of exponent").into());
    }
    let parameters = Parameters::Precision { exponent, mantissa };
    Ok(vec![site.emit(OpKind::ScalarReducePrecision, &parameters, &[x])?])
}

/// `chlo.is_inf`, `chlo.is_pos_inf` and `chlo.is_neg_inf`.
pub(super) fn is_infinite<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let (x, infinity) = match name_of(site.op).as_str() {
        "chlo.is_pos_inf" => (x, f64::INFINITY),
        "chlo.is_neg_inf" => (x, f64::NEG_INFINITY),
        _ => (site.scalar(OpKind::ScalarAbs, &[x])?, f64::INFINITY),
    };
    let infinity = site.spread(site.number(infinity, site.type_of(x)?.dtype)?, x)?;
    Ok(vec![site.emit(OpKind::ScalarCompare, &Parameters::Compare(Predicate::Eq), &[x, infinity])?])
}

/// `chlo.next_after`: the neighbor of `x` toward `y`, by its bits.
pub(super) fn next_after<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, y) = (site.operand(0)?, site.operand(1)?);
    let dtype = site.type_of(x)?.dtype;
    let integer = integers(dtype.bits())?;
    let (own, other) = (cast(site, x, integer)?, cast(site, y, integer)?);
    let compare = |predicate, a, b| site.emit(OpKind::ScalarCompare, &Parameters::Compare(predicate), &[a, b]);
    let select = |condition, a, b| site.scalar(OpKind::ScalarSelect, &[condition, a, b]);
    // Toward 0, the bits decrease by 1; away from it, they increase.
    let magnitude = |x| site.scalar(OpKind::ScalarAbs, &[x]);
    let zero = site.spread(site.number(0.0, dtype)?, x)?;
    let shrinks = compare(Predicate::Gt, magnitude(x)?, magnitude(y)?)?;
    let crosses = site.scalar(OpKind::ScalarXor, &[own, other])?;
    let crosses = compare(Predicate::Lt, crosses, whole(site, 0, own)?)?;
    let shrinks = site.scalar(OpKind::ScalarOr, &[shrinks, crosses])?;
    let step = select(shrinks, whole(site, -1, own)?, whole(site, 1, own)?)?;
    let moved = site.scalar(OpKind::ScalarAdd, &[own, step])?;
    // From 0, the least number with the sign of y.
    let least = i64::MIN >> (64 - dtype.bits());
    let sign = site.scalar(OpKind::ScalarAnd, &[other, whole(site, least, own)?])?;
    let smallest = site.scalar(OpKind::ScalarOr, &[sign, whole(site, 1, own)?])?;
    let moved = select(compare(Predicate::Eq, x, zero)?, smallest, moved)?;
    let moved = select(compare(Predicate::Eq, x, y)?, other, moved)?;
    let moved = cast(site, moved, dtype)?;
    let sum = site.scalar(OpKind::ScalarAdd, &[x, y])?;
    let is_nan = [site.scalar(OpKind::ScalarIsNan, &[x])?, site.scalar(OpKind::ScalarIsNan, &[y])?];
    let is_nan = site.scalar(OpKind::ScalarOr, &is_nan)?;
    Ok(vec![select(is_nan, sum, moved)?])
}
