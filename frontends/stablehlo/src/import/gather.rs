//! `gather`: rows of the operand, with the dimensions in the order of the result.

use super::Translated;
use super::rows::{Names, Numbers, Rows, shaped};
use super::site::{Site, count};
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, OpKind, Parameters, ScalarType};

const NAMES: Names = Names {
    attribute: "dimension_numbers",
    windows: "offset_dims",
    collapsed: "collapsed_slice_dims",
    batching: "operand_batching_dims",
    indices_batching: "start_indices_batching_dims",
    map: "start_index_map",
};

/// `gather`. Starts are clamped so that windows are inside.
pub(super) fn gather<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, indices, to) = (site.operand(0)?, site.operand(1)?, site.result(0)?);
    let operand = site.type_of(x)?;
    let numbers = Numbers::of(site, &NAMES, [operand.rank(), site.type_of(indices)?.rank(), to.rank()])?;
    let sizes = site.ints("slice_sizes")?.into_iter().map(u64::try_from).collect::<Result<Vec<_>, _>>();
    let sizes = sizes.map_err(|_| Diagnostic::invalid("a size in 'slice_sizes' is negative"))?;
    let rows = Rows::of(site, &operand, indices, site.is_unsigned(1)?, &numbers, &sizes)?;
    let matrix = rows.matrix(site, x)?;
    let total = count(&[&rows.batch[..], &rows.places].concat())?;
    let flat = site.reshape(rows.numbers, &shaped(ScalarType::I64, &[total]))?;
    let gathered = site.emit(OpKind::ArrayGather, &Parameters::None, &[matrix, flat])?;
    let extents: Vec<u64> = rows.batch.iter().chain(&rows.places).copied().chain(rows.row()).collect();
    let gathered = site.reshape(gathered, &shaped(operand.dtype, &extents))?;
    let gathered = if extents.is_empty() { gathered } else { site.transpose(gathered, &rows.order)? };
    if site.type_of(gathered)? != to {
        return Err(Diagnostic::invalid(format!("the type of the result is not {to}")).into());
    }
    Ok(vec![gathered])
}
