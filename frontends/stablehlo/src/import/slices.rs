//! Slices and updates of slices.

use super::extents::{Arithmetic, Extent};
use super::site::{Site, extents_of};
use super::{Translated, name_of};
use dp_dialects::ir::{Val, defining_op, operands};
use dp_dialects::parameters::Start;
use dp_dialects::{Diagnostic, OpKind, Parameters};

/// `slice`.
pub(super) fn slice<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, to) = (site.operand(0)?, site.result(0)?);
    if !to.is_tensor() {
        return Ok(vec![x]);
    }
    let strides = site.ints("strides")?.iter().map(|stride| usize::try_from(*stride).unwrap_or(0)).collect::<Vec<_>>();
    let starts: Vec<u64> = site.ints("start_indices")?.iter().map_while(|start| u64::try_from(*start).ok()).collect();
    if strides.len() != to.rank() || starts.len() != to.rank() || site.type_of(x)?.rank() != to.rank() {
        return Err(Diagnostic::invalid(
            "there is not one start, which is not negative, and one stride for each dimension",
        )
        .into());
    }
    if strides.contains(&0) {
        return Err(Diagnostic::invalid("strides are positive").into());
    }
    let limits = site.ints("limit_indices")?;
    let extent = |dim: usize| {
        let span = u64::try_from(*limits.get(dim)?).ok()?.checked_sub(starts[dim])?;
        Some(span.div_ceil(strides[dim] as u64))
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

/// `real_dynamic_slice`, whose starts and limits are operands, as are its strides, which are constant.
pub(super) fn real_dynamic_slice<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, to) = (site.operand(0)?, site.result(0)?);
    if !to.is_tensor() {
        return Ok(vec![x]);
    }
    let mut lists = Vec::new();
    for operand in 1..4 {
        lists.push(site.elements(site.source(operand)?)?);
    }
    if lists.iter().any(|list| list.len() != to.rank()) || site.type_of(x)?.rank() != to.rank() {
        return Err(Diagnostic::invalid("has another number of starts, limits or strides than dimensions").into());
    }
    let strides = lists[2].iter().map(|stride| usize::try_from(stride.known()?).ok().filter(|stride| *stride > 0));
    let strides = strides.collect::<Option<Vec<usize>>>().ok_or_else(|| {
        let diagnostic = Diagnostic::unsupported("strides that are not positive constants are not supported");
        diagnostic.help("slice with constant strides, or gather the elements")
    })?;
    let spans = match sizes(site.source(1)?, site.source(2)?) {
        Some(sizes) => site.elements(sizes)?,
        None => {
            let span = |(start, limit)| site.combined(Arithmetic::Sub, limit, start);
            lists[0].iter().zip(&lists[1]).map(span).collect::<Translated<'c, Vec<_>>>()?
        }
    };
    let extent = |(declared, (span, stride)): (&Option<u64>, (&Extent<'c>, &usize))| match declared {
        Some(known) => Ok(Extent::Known(*known)),
        None => {
            let rounded = site.combined(Arithmetic::Add, span, &Extent::Known(*stride as u64 - 1))?;
            site.combined(Arithmetic::Div, &rounded, &Extent::Known(*stride as u64))
        }
    };
    let extents =
        to.extents().iter().zip(spans.iter().zip(&strides)).map(extent).collect::<Translated<'c, Vec<_>>>()?;
    Ok(vec![site.sliced(x, &lists[0], &strides, &extents)?])
}

/// The sizes of a slice of which the limits are the starts plus the sizes, as JAX writes them.
fn sizes<'c>(starts: Val<'c>, limits: Val<'c>) -> Option<Val<'c>> {
    let sum = defining_op(limits).filter(|op| name_of(*op) == "stablehlo.add")?;
    match operands(sum)[..] {
        [a, b] if a == starts => Some(b),
        [a, b] if b == starts => Some(a),
        _ => None,
    }
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
