//! Operations that move elements.

use super::Translated;
use super::site::{Site, extents_of};
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, ScalarType, ValueType};

/// `reshape`.
pub(super) fn reshape<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let to = site.result(0)?;
    extents_of(&to)?;
    Ok(vec![site.reshape(site.operand(0)?, &to)?])
}

/// `broadcast_in_dim`. Dimensions of extent 1 that are stretched are removed first, and the others put in order.
pub(super) fn broadcast_in_dim<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, to) = (site.operand(0)?, site.result(0)?);
    let (from, extents) = (site.type_of(x)?, extents_of(&to)?);
    let dims = site.dims("broadcast_dimensions", to.rank())?;
    if dims.len() != from.rank() {
        return Err(Diagnostic::invalid("has another number of dimensions than its operand").into());
    }
    if !to.is_tensor() {
        return Ok(vec![x]);
    }
    let own = extents_of(&from)?;
    let kept: Vec<usize> = (0..own.len()).filter(|dim| own[*dim] != 1 || extents[dims[*dim]] == 1).collect();
    if kept.iter().any(|dim| own[*dim] != extents[dims[*dim]]) {
        return Err(Diagnostic::invalid("an extent differs from that of the result").into());
    }
    let shape = kept.iter().map(|dim| Some(own[*dim])).collect();
    let narrow = match kept.len() {
        0 => ValueType::number(from.dtype),
        _ => ValueType::tensor(from.dtype, shape),
    };
    let x = site.reshape(x, &narrow)?;
    let to_dims: Vec<usize> = kept.iter().map(|dim| dims[*dim]).collect();
    let mut order: Vec<usize> = (0..to_dims.len()).collect();
    order.sort_by_key(|place| to_dims[*place]);
    let x = site.transpose(x, &order)?;
    if site.type_of(x)? == to {
        return Ok(vec![x]);
    }
    let sorted: Vec<usize> = order.iter().map(|place| to_dims[*place]).collect();
    Ok(vec![site.builder.broadcast(x, &sorted, &to, &[])?])
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

/// Padding along each dimension; negative at the edges to remove elements.
pub(super) struct Padding {
    pub(super) low: Vec<i64>,
    pub(super) high: Vec<i64>,
    pub(super) interior: Vec<i64>,
}

impl Padding {
    /// Pads a tensor, or a number, which has no dimensions.
    pub(super) fn apply<'c>(&self, site: &Site<'_, 'c>, x: Val<'c>, value: Val<'c>) -> Translated<'c, Val<'c>> {
        let from = site.type_of(x)?;
        let rank = from.rank();
        if [&self.low, &self.high, &self.interior].iter().any(|list| list.len() != rank) {
            return Err(Diagnostic::invalid("the padding has another rank than the operand").into());
        }
        if [&self.low, &self.high, &self.interior].iter().all(|list| list.iter().all(|count| *count == 0)) {
            return Ok(x);
        }
        let own = extents_of(&from)?;
        let interior = unsigned(&self.interior)?;
        let part = |list: &[i64], sign: i64| {
            list.iter().map(|count| count.saturating_mul(sign).max(0) as usize).collect::<Vec<_>>()
        };
        let (low, high) = (part(&self.low, 1), part(&self.high, 1));
        let (cut_low, cut_high) = (part(&self.low, -1), part(&self.high, -1));
        let padded = |dim: usize| {
            let between = (interior[dim] as u64).checked_mul(own[dim].saturating_sub(1))?;
            own[dim].checked_add(low[dim] as u64)?.checked_add(high[dim] as u64)?.checked_add(between)
        };
        let padded = (0..rank).map(padded).collect::<Option<Vec<u64>>>();
        let padded = padded.ok_or_else(|| Diagnostic::limit("the padded tensor is too large"))?;
        let shape = padded.iter().copied().map(Some).collect();
        let parameters = Parameters::Pad { low, high, interior };
        let x = site.emit_typed(OpKind::ArrayPad, &parameters, &[x, value], &ValueType::tensor(from.dtype, shape))?;
        let extents: Option<Vec<u64>> = (0..rank)
            .map(|dim| padded[dim].checked_sub(cut_low[dim] as u64)?.checked_sub(cut_high[dim] as u64))
            .collect();
        let extents = extents.ok_or_else(|| Diagnostic::invalid("negative padding removes more than there is"))?;
        let starts: Vec<i64> = cut_low.iter().map(|count| *count as i64).collect();
        site.slice(x, &starts, &vec![1; rank], &extents)
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
        let r#type = site.type_of(x)?;
        let extents = extents_of(&r#type)?;
        let count = extents[*dim];
        if count < 2 {
            continue;
        }
        let places = (0..count).rev().map(|place| Number::Integer(place as i64)).collect();
        let places = site.builder.literal(Literal::tensor(ScalarType::I64, vec![count], places))?;
        let mut first: Vec<usize> = (0..r#type.rank()).filter(|other| other != dim).collect();
        first.insert(0, *dim);
        let mut back: Vec<usize> = (1..=*dim).collect();
        back.push(0);
        back.extend(dim + 1..r#type.rank());
        let rows = site.transpose(x, &first)?;
        let rows = site.emit(OpKind::ArrayGather, &Parameters::None, &[rows, places])?;
        x = site.transpose(rows, &back)?;
    }
    Ok(x)
}
