//! Slices and updates of slices.

use super::Translated;
use super::site::{Site, extents_of};
use dp_dialects::ir::Val;
use dp_dialects::parameters::Start;
use dp_dialects::{Diagnostic, OpKind, Parameters};

/// `slice`.
pub(super) fn slice<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, to) = (site.operand(0)?, site.result(0)?);
    if !to.is_tensor() {
        return Ok(vec![x]);
    }
    let strides = site.ints("strides")?.iter().map(|stride| usize::try_from(*stride).unwrap_or(0)).collect::<Vec<_>>();
    let starts = site.ints("start_indices")?;
    if strides.len() != to.rank() || starts.len() != to.rank() || site.type_of(x)?.rank() != to.rank() {
        return Err(Diagnostic::invalid("starts and strides have another rank than the operand").into());
    }
    if strides.contains(&0) || starts.iter().any(|start| *start < 0) {
        return Err(Diagnostic::invalid("starts are not negative, and strides are positive").into());
    }
    let limits = site.ints("limit_indices")?;
    let extent = |dim: usize| {
        let span = limits.get(dim)?.checked_sub(starts[dim]).filter(|span| *span >= 0)?;
        Some((span as u64).div_ceil(strides[dim] as u64))
    };
    let extents = (0..to.rank()).map(extent).collect::<Option<Vec<u64>>>();
    let extents = extents.ok_or_else(|| Diagnostic::invalid("limits are not below starts"))?;
    Ok(vec![site.slice(x, &starts, &strides, &extents)?])
}

/// `dynamic_slice`. Starts are clamped, as those of `array.slice` are.
pub(super) fn dynamic_slice<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, to) = (site.operand(0)?, site.result(0)?);
    if !to.is_tensor() {
        return Ok(vec![x]);
    }
    let sizes = site.ints("slice_sizes")?;
    if !extents_of(&to)?.iter().map(|extent| *extent as i64).eq(sizes) {
        return Err(Diagnostic::invalid(format!("the sizes of the slice are not those of {to}")).into());
    }
    let mut operands = vec![x];
    operands.extend(starts(site, 1, to.rank())?);
    let parameters = Parameters::Slice { starts: vec![Start::Operand; to.rank()], strides: vec![1; to.rank()] };
    Ok(vec![site.emit_typed(OpKind::ArraySlice, &parameters, &operands, &to)?])
}

/// `dynamic_update_slice`.
pub(super) fn dynamic_update_slice<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, update, to) = (site.operand(0)?, site.operand(1)?, site.result(0)?);
    if !to.is_tensor() {
        return Ok(vec![update]);
    }
    let mut operands = vec![x, update];
    operands.extend(starts(site, 2, to.rank())?);
    let parameters = Parameters::Update { starts: vec![Start::Operand; to.rank()], accumulate: false };
    Ok(vec![site.emit(OpKind::ArrayUpdateSlice, &parameters, &operands)?])
}

/// The starts, which are operands from some place on.
fn starts<'c>(site: &Site<'_, 'c>, from: usize, rank: usize) -> Translated<'c, Vec<Val<'c>>> {
    (from..from + rank).map(|place| site.index(site.operand(place)?, site.is_unsigned(place)?)).collect()
}
