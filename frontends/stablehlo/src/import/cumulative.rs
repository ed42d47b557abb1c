//! Windows that hold all elements up to their own place: scans, also where the extent is known only at run time.

use super::Translated;
use super::extents::{Amount, Extent};
use super::reductions::{is_identity, kind_of};
use super::site::Site;
use super::windows::{Windows, pairs, positive, reduced};
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::{Val, operands, region_block};
use dp_dialects::parameters::ScanForm;
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, ScalarType};
use melior::ir::attribute::StringAttribute;

/// The dimension along which windows are all elements up to their place, and whether they are all from their place on.
pub(super) fn cumulative(windows: &Windows, own: &[Option<u64>]) -> Option<(usize, bool)> {
    let is_one = |list: &[usize]| list.iter().all(|value| *value == 1);
    if !is_one(&windows.strides) || !is_one(&windows.base) || !is_one(&windows.dilation) {
        return None;
    }
    let mut wide = (0..own.len()).filter(|dim| windows.size[*dim] != 1);
    let dim = wide.next()?;
    let extent = own[dim]?;
    if wide.next().is_some() || windows.size[dim] != extent {
        return None;
    }
    let is_flat = |other: usize| other == dim || (windows.low[other], windows.high[other]) == (0, 0);
    let before = (extent as i64 - 1, 0);
    match (windows.low[dim], windows.high[dim]) {
        _ if !(0..own.len()).all(is_flat) => None,
        padding if padding == before => Some((dim, false)),
        padding if padding == (before.1, before.0) => Some((dim, true)),
        _ => None,
    }
}

/// A scan that begins with a value.
pub(super) fn scan<'c>(
    site: &Site<'_, 'c>,
    x: Val<'c>,
    start: Val<'c>,
    kind: Reduction,
    dim: usize,
    reverse: bool,
) -> Translated<'c, Val<'c>> {
    let form = ScanForm { kind, dim, exclusive: false, reverse };
    let scanned = site.emit(OpKind::ArrayScan, &Parameters::Scan(form), &[x])?;
    match kind.combiner() {
        Some(combine) if !is_identity(kind, start) => {
            let start = site.spread(start, scanned)?;
            site.scalar(combine, &[start, scanned])
        }
        _ => Ok(scanned),
    }
}

/// The operands that give the form of windows: sizes, strides, distances in the operand and in the window, padding.
const FORM: usize = 5;

/// `stablehlo.dynamic_reduce_window`, a custom call. Windows along a dimension whose extent is known only at run time are
/// those of a scan, which is asserted when the program runs.
pub(super) fn dynamic_reduce_window<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let count = operands(site.op).len().saturating_sub(FORM) / 2;
    let (xs, initial) = (site.some_operands(0..count)?, site.some_operands(count..2 * count)?);
    let Some(first) = xs.first().copied() else { return Err(Diagnostic::invalid("has no operands").into()) };
    let body = site.called().and_then(|function| region_block(function, 0));
    let body = body.ok_or_else(|| Diagnostic::invalid("has no function that combines two elements"))?;
    let r#type = site.type_of(first)?;
    let rank = r#type.rank();
    let list = |place: usize| site.integers(site.source(2 * count + place)?);
    let distances = |place: usize, name: &str| match constants(&list(place)?) {
        Some(constants) => positive(Some(constants), rank, name),
        None => Err(unsupported().into()),
    };
    let strides = distances(1, "window_strides")?;
    let (base, dilation) = (distances(2, "base_dilations")?, distances(3, "window_dilations")?);
    let (size, padding) = (list(0)?, list(4)?);
    if size.len() != rank || padding.len() != 2 * rank {
        return Err(Diagnostic::invalid("the windows have another rank than the operand").into());
    }
    if let (Some(size), Some(padding)) = (constants(&size), constants(&padding)) {
        let size = positive(Some(size), rank, "window_dimensions")?.into_iter().map(|size| size as u64).collect();
        let (low, high) = pairs(&padding, rank)?;
        return reduced(site, &xs, &initial, body, &Windows { size, strides, low, high, base, dilation });
    }
    let is_flat = |dim: &usize| {
        size[*dim].constant() == Some(1) && padding[2 * dim..][..2].iter().all(|amount| amount.constant() == Some(0))
    };
    let is_dense = [&strides, &base, &dilation].into_iter().flatten().all(|distance| *distance == 1);
    let wide: Vec<usize> = (0..rank).filter(|dim| !is_flat(dim)).collect();
    let ([dim], [start], Some(kind)) = (&wide[..], &initial[..], kind_of(body, r#type.dtype).filter(|_| is_dense))
    else {
        return Err(unsupported().into());
    };
    let (others, reverse) = match (padding[2 * dim], padding[2 * dim + 1]) {
        (before, Amount::Constant(0)) => (before, false),
        (Amount::Constant(0), after) => (after, true),
        (Amount::Constant(_) | Amount::Value(_), Amount::Constant(_) | Amount::Value(_)) => {
            return Err(unsupported().into());
        }
    };
    assert_whole(site, site.extents(first)?[*dim].into(), size[*dim], others)?;
    Ok(vec![scan(site, first, *start, kind, *dim, reverse)?])
}

fn unsupported() -> Diagnostic {
    let message = "windows of an extent that is known only at run time are supported where each holds all elements up to \
                   its own place, or from it on";
    Diagnostic::unsupported(message).help("export the model with fixed extents of the dimensions that have windows")
}

/// The integers, if all are known.
fn constants(amounts: &[Amount]) -> Option<Vec<i64>> {
    amounts.iter().map(Amount::constant).collect()
}

/// Asserts that windows are as large as the dimension, and that all but one of their elements may lie outside of it.
fn assert_whole<'c>(
    site: &Site<'_, 'c>,
    extent: Amount<'c>,
    size: Amount<'c>,
    outside: Amount<'c>,
) -> Translated<'c, ()> {
    let number = |amount: Amount<'c>| match amount {
        Amount::Constant(number) => {
            Ok(site.builder.literal(Literal::number(ScalarType::I64, Number::Integer(number)))?)
        }
        Amount::Value(value) => site.integer_of(&Extent::Value(value), ScalarType::I64),
    };
    let equal = |a, b| site.emit(OpKind::ScalarCompare, &Parameters::Compare(Predicate::Eq), &[a, b]);
    let (extent, outside) = (number(extent)?, number(outside)?);
    let all = site.scalar(OpKind::ScalarAdd, &[outside, number(Amount::Constant(1))?])?;
    let holds = site.scalar(OpKind::ScalarAnd, &[equal(number(size)?, extent)?, equal(all, extent)?])?;
    let message = "each window holds all elements up to its own place, or from it on";
    let message = StringAttribute::new(site.import.context, message);
    site.builder.op(OpKind::CfAssert, &[holds], &[], &[("msg", message.into())], vec![])?;
    Ok(())
}
