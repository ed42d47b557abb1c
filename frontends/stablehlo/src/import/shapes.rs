//! Operations that move elements.

use super::Translated;
use super::extents::{Amount, Arithmetic, Extent, known};
use super::site::{Site, extents_of};
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, ScalarType};

/// `reshape`.
pub(super) fn reshape<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let extents = known(&extents_of(&site.result(0)?)?);
    Ok(vec![site.reshaped(site.operand(0)?, &extents)?])
}

/// `dynamic_reshape`, whose extents are an operand.
pub(super) fn dynamic_reshape<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let extents = site.given_extents(&site.result(0)?, 1)?;
    Ok(vec![site.reshaped(site.operand(0)?, &extents)?])
}

/// `broadcast_in_dim`.
pub(super) fn broadcast_in_dim<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let to = site.result(0)?;
    let dims = site.dims("broadcast_dimensions", to.rank())?;
    Ok(vec![stretched(site, site.operand(0)?, &dims, &known(&extents_of(&to)?), &[])?])
}

/// `broadcast`, which puts dimensions before those of the operand.
pub(super) fn broadcast<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, sizes) = (site.operand(0)?, unsigned(&site.ints("broadcast_sizes")?)?);
    let before: Vec<u64> = sizes.iter().map(|size| *size as u64).collect();
    let extents = [known(&before), site.extents(x)?].concat();
    let dims: Vec<usize> = (before.len()..extents.len()).collect();
    Ok(vec![site.repeated(x, &dims, &extents)?])
}

/// `dynamic_broadcast_in_dim`, whose extents are an operand. A dimension whose extent is only known at run time is not
/// stretched, unless the operation says so.
pub(super) fn dynamic_broadcast_in_dim<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, to) = (site.operand(0)?, site.result(0)?);
    let dims = site.dims("broadcast_dimensions", to.rank())?;
    let expanding = site.optional_ints("known_expanding_dimensions")?.unwrap_or_default();
    let expanding = super::site::dims(&expanding, site.type_of(x)?.rank(), "known_expanding_dimensions")?;
    let extents = site.given_extents(&to, 1)?;
    Ok(vec![stretched(site, x, &dims, &extents, &expanding)?])
}

/// A tensor whose dimensions become dimensions of a shape. Those of extent 1 that are stretched, and those in
/// `expanding`, are removed first, and the others put in order.
pub(super) fn stretched<'c>(
    site: &Site<'_, 'c>,
    x: Val<'c>,
    dims: &[usize],
    to: &[Extent<'c>],
    expanding: &[usize],
) -> Translated<'c, Val<'c>> {
    let own = site.extents(x)?;
    if dims.len() != own.len() {
        return Err(Diagnostic::invalid("has another number of dimensions than its operand").into());
    }
    let is_kept = |dim: &usize| {
        let is_one = own[*dim].known() == Some(1) && to[dims[*dim]].known() != Some(1);
        !is_one && !expanding.contains(dim)
    };
    let kept: Vec<usize> = (0..own.len()).filter(is_kept).collect();
    let differs = |dim: &usize| own[*dim].known().zip(to[dims[*dim]].known()).is_some_and(|(own, to)| own != to);
    if kept.iter().any(differs) {
        return Err(Diagnostic::invalid("an extent differs from that of the result").into());
    }
    let narrow: Vec<Extent> = kept.iter().map(|dim| own[*dim]).collect();
    let x = if kept.len() == own.len() { x } else { site.reshaped(x, &narrow)? };
    let to_dims: Vec<usize> = kept.iter().map(|dim| dims[*dim]).collect();
    let mut order: Vec<usize> = (0..to_dims.len()).collect();
    order.sort_by_key(|place| to_dims[*place]);
    let x = site.transpose(x, &order)?;
    let sorted: Vec<usize> = order.iter().map(|place| to_dims[*place]).collect();
    site.repeated(x, &sorted, to)
}

/// `get_dimension_size`.
pub(super) fn get_dimension_size<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let extent = site.dimension_of(site.op)?;
    site.extent_as_integer(extent)
}

/// `set_dimension_size`, where it changes nothing: an extent of its own, which no type says, is only for XLA.
pub(super) fn set_dimension_size<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, size) = (site.operand(0)?, site.elements(site.source(1)?)?);
    let dim = site.dim("dimension", site.type_of(x)?.rank())?;
    match (&size[..], site.extents(x)?[dim]) {
        ([size], own) if size.is(&own) => Ok(vec![x]),
        _ => {
            let diagnostic = Diagnostic::unsupported("a tensor of a smaller extent than its type's is not supported");
            Err(diagnostic.help("slice it with 'stablehlo.real_dynamic_slice'").into())
        }
    }
}

/// `transpose`.
pub(super) fn transpose<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let permutation = site.dims("permutation", site.type_of(x)?.rank())?;
    Ok(vec![site.transpose(x, &permutation)?])
}

/// `concatenate`.
pub(super) fn concatenate<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let dim = site.dim("dimension", site.result(0)?.rank())?;
    Ok(vec![site.emit(OpKind::ArrayConcatenate, &Parameters::Dim(dim), &site.operands()?)?])
}

/// `pad`. Negative padding removes elements after the padding between elements.
pub(super) fn pad<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, value) = (site.operand(0)?, site.operand(1)?);
    let padding = Padding {
        low: site.ints("edge_padding_low")?,
        high: site.ints("edge_padding_high")?,
        interior: site.ints("interior_padding")?,
    };
    Ok(vec![padding.apply(site, x, value)?])
}

/// `dynamic_pad`. Amounts at the edges that are only known at run time are not negative: tensors of the value are joined
/// to the operand.
pub(super) fn dynamic_pad<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, value) = (site.operand(0)?, site.operand(1)?);
    let rank = site.type_of(x)?.rank();
    let mut amounts = Vec::new();
    for operand in 2..5 {
        let list = site.integers(site.source(operand)?)?;
        if list.len() != rank {
            return Err(Diagnostic::invalid("the padding has another rank than the operand").into());
        }
        amounts.push(list);
    }
    let constant =
        |list: &[Amount<'c>]| -> Vec<i64> { list.iter().map(|amount| amount.constant().unwrap_or(0)).collect() };
    if amounts[2].iter().any(|amount| amount.constant().is_none()) {
        let diagnostic = Diagnostic::unsupported("padding between elements that is not constant is not supported");
        return Err(diagnostic.help("pad between elements by a constant number").into());
    }
    let padding = Padding { low: constant(&amounts[0]), high: constant(&amounts[1]), interior: constant(&amounts[2]) };
    let mut padded = padding.apply(site, x, value)?;
    for dim in 0..rank {
        let block = |amount: &Amount<'c>| -> Translated<'c, Option<Val<'c>>> {
            let Amount::Value(count) = amount else { return Ok(None) };
            let mut extents = site.extents(padded)?;
            extents[dim] = Extent::Value(*count);
            site.repeated(value, &[], &extents).map(Some)
        };
        let (before, after) = (block(&amounts[0][dim])?, block(&amounts[1][dim])?);
        let parts: Vec<Val> = before.into_iter().chain([padded]).chain(after).collect();
        if parts.len() > 1 {
            padded = site.emit(OpKind::ArrayConcatenate, &Parameters::Dim(dim), &parts)?;
        }
    }
    Ok(vec![padded])
}

/// Padding along each dimension; negative at the edges to remove elements.
pub(super) struct Padding {
    pub(super) low: Vec<i64>,
    pub(super) high: Vec<i64>,
    pub(super) interior: Vec<i64>,
}

impl Padding {
    /// Pads a tensor, or a number, which has no dimensions.
    pub(super) fn apply<'c>(&self, site: &Site<'_, 'c>, x: Val<'c>, value: Val<'c>) -> Translated<'c, Val<'c>> {
        let own = site.extents(x)?;
        let rank = own.len();
        if [&self.low, &self.high, &self.interior].iter().any(|list| list.len() != rank) {
            return Err(Diagnostic::invalid("the padding has another rank than the operand").into());
        }
        if [&self.low, &self.high, &self.interior].iter().all(|list| list.iter().all(|count| *count == 0)) {
            return Ok(x);
        }
        let interior = unsigned(&self.interior)?;
        let part = |list: &[i64], sign: i64| {
            list.iter().map(|count| count.saturating_mul(sign).max(0) as usize).collect::<Vec<_>>()
        };
        let (low, high) = (part(&self.low, 1), part(&self.high, 1));
        let (cut_low, cut_high) = (part(&self.low, -1), part(&self.high, -1));
        let combined = |kind, a: &Extent<'c>, b: usize| site.combined(kind, a, &Extent::Known(b as u64));
        let mut padded = Vec::new();
        for dim in 0..rank {
            let gaps = combined(Arithmetic::Mul, &gaps(site, &own[dim])?, interior[dim])?;
            let extent = if interior[dim] == 0 { own[dim] } else { site.combined(Arithmetic::Add, &own[dim], &gaps)? };
            let extent = combined(Arithmetic::Add, &extent, low[dim])?;
            padded.push(combined(Arithmetic::Add, &extent, high[dim])?);
        }
        let parameters = Parameters::Pad { low, high, interior };
        let x = site.shaped_by(OpKind::ArrayPad, &parameters, &[x, value], site.type_of(x)?.dtype, &padded)?;
        let mut extents = Vec::new();
        for dim in 0..rank {
            let extent = combined(Arithmetic::Sub, &padded[dim], cut_low[dim])?;
            extents.push(combined(Arithmetic::Sub, &extent, cut_high[dim])?);
        }
        if cut_low.iter().chain(&cut_high).all(|cut| *cut == 0) {
            return Ok(x);
        }
        let starts: Vec<u64> = cut_low.iter().map(|count| *count as u64).collect();
        site.sliced(x, &known(&starts), &vec![1; rank], &extents)
    }
}

/// The number of places between elements.
fn gaps<'c>(site: &Site<'_, 'c>, extent: &Extent<'c>) -> Translated<'c, Extent<'c>> {
    match extent {
        Extent::Known(extent) => Ok(Extent::Known(extent.saturating_sub(1))),
        Extent::Value(_) => {
            let less = site.combined(Arithmetic::Sub, extent, &Extent::Known(1))?;
            site.combined(Arithmetic::Max, &less, &Extent::Known(0))
        }
    }
}

fn unsigned<'c>(values: &[i64]) -> Translated<'c, Vec<usize>> {
    let of = |value: &i64| usize::try_from(*value).map_err(|_| Diagnostic::invalid(format!("{value} is negative")));
    Ok(values.iter().map(of).collect::<Result<Vec<_>, _>>()?)
}

/// `reverse`.
pub(super) fn reverse<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let dims = site.dims("dimensions", site.type_of(x)?.rank())?;
    Ok(vec![reversed(site, x, &dims)?])
}

/// A tensor whose elements along some dimensions are in reverse order: rows that are gathered from the last to the first.
pub(super) fn reversed<'c>(site: &Site<'_, 'c>, mut x: Val<'c>, dims: &[usize]) -> Translated<'c, Val<'c>> {
    for dim in dims {
        let extents = site.extents(x)?;
        let places = match extents[*dim] {
            Extent::Known(..2) => continue,
            Extent::Known(count) => {
                let places = (0..count).rev().map(|place| Number::Integer(place as i64)).collect();
                site.builder.literal(Literal::tensor(ScalarType::I64, vec![count], places))?
            }
            count @ Extent::Value(_) => {
                let last = site.combined(Arithmetic::Sub, &count, &Extent::Known(1))?;
                let last = site.repeated(site.integer_of(&last, ScalarType::I64)?, &[], &[count])?;
                site.scalar(OpKind::ScalarSub, &[last, site.places(0, ScalarType::I64, &[count])?])?
            }
        };
        let mut first: Vec<usize> = (0..extents.len()).filter(|other| other != dim).collect();
        first.insert(0, *dim);
        let mut back: Vec<usize> = (1..=*dim).collect();
        back.push(0);
        back.extend(dim + 1..extents.len());
        let rows = site.transpose(x, &first)?;
        let rows = site.emit(OpKind::ArrayGather, &Parameters::None, &[rows, places])?;
        x = site.transpose(rows, &back)?;
    }
    Ok(x)
}
