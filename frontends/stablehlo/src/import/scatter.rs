//! `scatter`: additions to rows of the operand, or another update of one row after another.
//!
//! As in XLA, a window that is not inside of the operand changes nothing.

use super::Translated;
use super::extents::Extent;
use super::reductions::{apply, kind_of};
use super::rows::{Names, Numbers, Rows, row};
use super::site::Site;
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{Blk, Val, operands, results};
use dp_dialects::parameters::Start;
use dp_dialects::{Diagnostic, MlirType, OpKind, Parameters, ScalarType};
use melior::ir::{Type, ValueLike};

const NAMES: Names = Names {
    attribute: "scatter_dimension_numbers",
    windows: "update_window_dims",
    collapsed: "inserted_window_dims",
    batching: "input_batching_dims",
    indices_batching: "scatter_indices_batching_dims",
    map: "scatter_dims_to_operand_dims",
};

/// `scatter`.
pub(super) fn scatter<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let count = operands(site.op).len() / 2;
    let (xs, updates) = (site.some_operands(0..count)?, site.some_operands(count + 1..2 * count + 1)?);
    let indices = site.operand(count)?;
    let Some(x) = xs.first().copied() else { return Err(Diagnostic::invalid("has no operands").into()) };
    let (operand, update) = (site.type_of(x)?, site.type_of(updates[0])?);
    let numbers = Numbers::of(site, &NAMES, [operand.rank(), site.type_of(indices)?.rank(), update.rank()])?;
    let kept = numbers.kept(operand.rank());
    let given = site.extents(updates[0])?;
    let mut sizes = vec![Extent::Known(1); operand.rank()];
    let mut windows = numbers.windows.clone();
    windows.sort_unstable();
    if windows.len() != kept.len() {
        return Err(Diagnostic::invalid("windows have another rank than the dimensions that are kept").into());
    }
    for (dim, window) in kept.iter().zip(windows) {
        sizes[*dim] = given[window];
    }
    let rows = Rows::of(site, site.extents(x)?, indices, site.is_unsigned(count)?, &numbers, &sizes)?;
    let all = [&rows.batch[..], &rows.places].concat();
    let total = site.count_of(&all)?;
    if total.known() == Some(0) {
        return Ok(xs);
    }
    let flat = |site: &Site<'_, 'c>, update: Val<'c>| -> Translated<'c, Val<'c>> {
        let mut back = vec![0; rows.order.len()];
        for (dim, place) in rows.order.iter().enumerate() {
            back[*place] = dim;
        }
        let update = if back.is_empty() { update } else { site.transpose(update, &back)? };
        site.reshaped(update, &[&[total][..], &rows.row()].concat())
    };
    let mut changes = Vec::new();
    for update in &updates {
        changes.push(flat(site, *update)?);
    }
    let places = site.reshaped(rows.numbers, &[total])?;
    let along: Vec<usize> = (0..rows.batch.len()).collect();
    let is_inside = site.repeated(rows.is_inside, &along, &all)?;
    let is_inside = site.reshaped(is_inside, &[total])?;
    let body = site.region(0)?;
    let mut matrices = Vec::new();
    for x in &xs {
        matrices.push(rows.matrix(site, *x)?);
    }
    let is_sum = xs.len() == 1 && kind_of(body, operand.dtype) == Some(Reduction::Add);
    let changed = match is_sum {
        true => vec![added(site, matrices[0], places, is_inside, changes[0])?],
        false => updated(site, body, &matrices, places, is_inside, &changes, total)?,
    };
    changed.into_iter().map(|matrix| rows.operand(site, matrix)).collect()
}

/// Additions, in any order. What is outside adds zero.
fn added<'c>(
    site: &Site<'_, 'c>,
    matrix: Val<'c>,
    places: Val<'c>,
    is_inside: Val<'c>,
    changes: Val<'c>,
) -> Translated<'c, Val<'c>> {
    let zero = site.spread(site.number(0.0, site.type_of(changes)?.dtype)?, changes)?;
    let is_inside = site.repeated(is_inside, &[0], &site.extents(changes)?)?;
    let changes = site.scalar(OpKind::ScalarSelect, &[is_inside, changes, zero])?;
    site.emit(OpKind::ArrayScatter, &Parameters::None, &[matrix, places, changes])
}

/// One row after another.
fn updated<'c>(
    site: &mut Site<'_, 'c>,
    body: Blk<'c>,
    matrices: &[Val<'c>],
    places: Val<'c>,
    is_inside: Val<'c>,
    changes: &[Val<'c>],
    total: Extent<'c>,
) -> Translated<'c, Vec<Val<'c>>> {
    let types: Vec<Type> = matrices.iter().map(|value| value.r#type()).collect();
    let index = ScalarType::Index.to_type(site.import.context);
    let arguments: Vec<Type> = std::iter::once(index).chain(types.iter().copied()).collect();
    let (region, arguments, inner) = site.builder.region(&arguments);
    let mut within = Site { import: &mut *site.import, op: site.op, builder: inner };
    let round = arguments[0];
    let place = row(&within, places, round)?;
    let place = within.index(place, false)?;
    let holds = row(&within, is_inside, round)?;
    let mut values = Vec::new();
    for matrix in &arguments[1..] {
        values.push(row(&within, *matrix, place)?);
    }
    let old = values.clone();
    for change in changes {
        values.push(row(&within, *change, round)?);
    }
    let new = apply(&mut within, body, &values, inner)?;
    let mut next = Vec::new();
    for ((matrix, old), new) in arguments[1..].iter().zip(old).zip(new) {
        let holds = within.spread(holds, new)?;
        let chosen = within.scalar(OpKind::ScalarSelect, &[holds, new, old])?;
        let extents = within.extents(*matrix)?;
        let chosen = within.reshaped(chosen, &[&[Extent::Known(1)], &extents[1..]].concat())?;
        let mut starts = vec![Start::At(0); extents.len()];
        starts[0] = Start::Operand;
        let update = Parameters::Update { starts, accumulate: false };
        next.push(within.emit(OpKind::ArrayUpdateSlice, &update, &[*matrix, chosen, place])?);
    }
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    let (from, to, step) = (site.builder.index(0)?, site.index_of(&total)?, site.builder.index(1)?);
    let operands: Vec<Val> = [from, to, step].into_iter().chain(matrices.iter().copied()).collect();
    Ok(results(site.builder.op(OpKind::ScfFor, &operands, &types, &[], vec![region])?))
}
