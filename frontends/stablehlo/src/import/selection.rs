//! `select_and_scatter`: each window selects one of its elements, to which its source is scattered.
//!
//! Windows are seen from each place in them at once: what a place holds in all windows is a strided slice of the padded
//! operand. First, each window's selected place is found, place after place; then, for each place, the sources of the
//! windows that selected it are combined with the result, where that place is.

use super::Translated;
use super::reductions::{apply, is_identity, kind_of};
use super::shapes::Padding;
use super::site::{Site, extents_of};
use super::windows::Windows;
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::{Blk, Val};
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, ScalarType, ValueType};

/// `select_and_scatter`.
pub(super) fn select_and_scatter<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, source, initial) = (site.operand(0)?, site.operand(1)?, site.operand(2)?);
    let (select, scatter) = (site.region(0)?, site.region(1)?);
    let (of_x, of_source) = (site.type_of(x)?, site.type_of(source)?);
    let own = extents_of(&of_x)?;
    let windows = Windows::of(site, own.len())?;
    let counts = extents_of(&of_source)?;
    windows.check(&own, &counts)?;
    let start = site.spread(initial, x)?;
    if counts.contains(&0) || own.is_empty() {
        let combined = match own.is_empty() {
            true => {
                let builder = site.builder;
                apply(site, scatter, &[initial, source], builder)?
            }
            false => vec![start],
        };
        return Ok(combined);
    }
    let chosen = selected(site, x, select, &windows, &of_source)?;
    scattered(site, [source, initial], chosen, scatter, &windows, &of_x).map(|value| vec![value])
}

/// The positions at which one place of all windows is, as padding around a tensor with an element for each window.
fn around(windows: &Windows, place: &[u64], padded: &[u64], counts: &[u64]) -> Padding {
    let low: Vec<i64> = place.iter().map(|place| *place as i64).collect();
    let reach = |dim: usize| low[dim] + (counts[dim] as i64 - 1) * windows.strides[dim] as i64 + 1;
    let high = (0..low.len()).map(|dim| padded[dim] as i64 - reach(dim)).collect();
    Padding { high, interior: windows.strides.iter().map(|stride| *stride as i64 - 1).collect(), low }
}

/// The number of the place that each window selects.
fn selected<'c>(
    site: &mut Site<'_, 'c>,
    x: Val<'c>,
    select: Blk<'c>,
    windows: &Windows,
    of: &ValueType,
) -> Translated<'c, Val<'c>> {
    let (counts, zero) = (extents_of(of)?, site.number(0.0, site.type_of(x)?.dtype)?);
    let inside = Literal::splat(ScalarType::I1, extents_of(&site.type_of(x)?)?, Number::Integer(1));
    let (inside, outside) =
        (site.builder.literal(inside)?, site.builder.literal(Literal::number(ScalarType::I1, Number::Integer(0)))?);
    let values = windows.padding().apply(site, x, zero)?;
    let inside = windows.padding().apply(site, inside, outside)?;
    let number = |place: usize| Literal::splat(ScalarType::I32, counts.clone(), Number::Integer(place as i64));
    // The selected value and its place, and whether there is one yet.
    let mut best: Option<[Val<'c>; 3]> = None;
    for (index, place) in windows.places()?.into_iter().enumerate() {
        let value = site.slice(values, &place, &windows.strides, &counts)?;
        let is_inside = site.slice(inside, &place, &windows.strides, &counts)?;
        let here = site.builder.literal(number(index))?;
        best = Some(match best {
            None => [value, here, is_inside],
            Some([old, at, any]) => {
                let builder = site.builder;
                let keeps = apply(site, select, &[old, value], builder)?;
                let [keeps] = keeps[..] else {
                    return Err(Diagnostic::invalid("selects by several results").into());
                };
                // A window keeps its element if that is selected, or if there is no other.
                let not_inside = site.scalar(OpKind::ScalarNot, &[is_inside])?;
                let keeps = site.scalar(OpKind::ScalarAnd, &[any, keeps])?;
                let keeps = site.scalar(OpKind::ScalarOr, &[keeps, not_inside])?;
                [
                    site.scalar(OpKind::ScalarSelect, &[keeps, old, value])?,
                    site.scalar(OpKind::ScalarSelect, &[keeps, at, here])?,
                    site.scalar(OpKind::ScalarOr, &[any, is_inside])?,
                ]
            }
        });
    }
    let [_, at, any] = best.ok_or_else(|| Diagnostic::invalid("has windows without elements"))?;
    let none = site.builder.literal(Literal::splat(ScalarType::I32, counts.clone(), Number::Integer(-1)))?;
    site.scalar(OpKind::ScalarSelect, &[any, at, none])
}

/// The sources combined at the places that their windows selected.
fn scattered<'c>(
    site: &mut Site<'_, 'c>,
    [source, initial]: [Val<'c>; 2],
    chosen: Val<'c>,
    scatter: Blk<'c>,
    windows: &Windows,
    of_x: &ValueType,
) -> Translated<'c, Val<'c>> {
    let (counts, own) = (extents_of(&site.type_of(source)?)?, extents_of(of_x)?);
    let padded: Vec<u64> =
        (0..own.len()).map(|dim| (own[dim] as i64 + windows.low[dim] + windows.high[dim]) as u64).collect();
    let is_sum = kind_of(scatter, of_x.dtype) == Some(Reduction::Add);
    let whole = ValueType::tensor(of_x.dtype, padded.iter().copied().map(Some).collect());
    let mut result = site.builder.broadcast(initial, &[], &whole, &[])?;
    let zero = site.number(0.0, of_x.dtype)?;
    let no = site.builder.literal(Literal::number(ScalarType::I1, Number::Integer(0)))?;
    for (index, place) in windows.places()?.into_iter().enumerate() {
        let here = Literal::splat(ScalarType::I32, counts.clone(), Number::Integer(index as i64));
        let here = site.builder.literal(here)?;
        let is_here = site.emit(OpKind::ScalarCompare, &Parameters::Compare(Predicate::Eq), &[chosen, here])?;
        let around = around(windows, &place, &padded, &counts);
        if is_sum {
            let part = site.scalar(OpKind::ScalarSelect, &[is_here, source, site.spread(zero, source)?])?;
            let part = around.apply(site, part, zero)?;
            // The first sum with zeros is the part itself.
            result = match index == 0 && is_identity(Reduction::Add, initial) {
                true => part,
                false => site.scalar(OpKind::ScalarAdd, &[result, part])?,
            };
            continue;
        }
        let (part, is_here) = (around.apply(site, source, zero)?, around.apply(site, is_here, no)?);
        let builder = site.builder;
        let combined = apply(site, scatter, &[result, part], builder)?;
        let [combined] = combined[..] else {
            return Err(Diagnostic::invalid("scatters several results").into());
        };
        result = site.scalar(OpKind::ScalarSelect, &[is_here, combined, result])?;
    }
    // Without the padding.
    let cut = |list: &[i64]| list.iter().map(|count| -count).collect();
    Padding { low: cut(&windows.low), high: cut(&windows.high), interior: vec![0; own.len()] }
        .apply(site, result, initial)
}
