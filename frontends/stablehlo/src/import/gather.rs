//! `gather`: rows of the operand, with the dimensions in the order of the result.

use super::Translated;
use super::extents::{Extent, known};
use super::rows::{Names, Numbers, Rows};
use super::site::Site;
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, OpKind, Parameters};

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
    let sizes = site.ints("slice_sizes")?.into_iter().map(u64::try_from).collect::<Result<Vec<_>, _>>();
    let sizes = sizes.map_err(|_| Diagnostic::invalid("a size in 'slice_sizes' is negative"))?;
    windows(site, &known(&sizes))
}

/// `dynamic_gather`, whose sizes are an operand.
pub(super) fn dynamic_gather<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let sizes = site.elements(site.source(2)?)?;
    windows(site, &sizes)
}

/// Windows of these extents.
fn windows<'c>(site: &Site<'_, 'c>, sizes: &[Extent<'c>]) -> Translated<'c, Vec<Val<'c>>> {
    let (x, indices, to) = (site.operand(0)?, site.operand(1)?, site.result(0)?);
    let mut own = site.extents(x)?;
    let numbers = Numbers::of(site, &NAMES, [own.len(), site.type_of(indices)?.rank(), to.rank()])?;
    if sizes.len() != own.len() {
        return Err(Diagnostic::invalid("the sizes of a window have another rank than the operand").into());
    }
    // What windows never read is removed first, where extents are only known at run time.
    for (dim, (extent, size)) in own.iter_mut().zip(sizes).enumerate() {
        let is_open = extent.known().is_none() || size.known().is_none();
        if is_open && numbers.is_fixed(dim) && numbers.is_kept(dim) {
            *extent = *size;
        }
    }
    let x = site.sliced(x, &vec![Extent::Known(0); own.len()], &vec![1; own.len()], &own)?;
    let rows = Rows::of(site, own, indices, site.is_unsigned(1)?, &numbers, sizes)?;
    let matrix = rows.matrix(site, x)?;
    let total = site.count_of(&[&rows.batch[..], &rows.places].concat())?;
    let flat = site.reshaped(rows.numbers, &[total])?;
    let gathered = site.emit(OpKind::ArrayGather, &Parameters::None, &[matrix, flat])?;
    let extents = [&rows.batch[..], &rows.places, &rows.row()].concat();
    let gathered = site.reshaped(gathered, &extents)?;
    let gathered = if extents.is_empty() { gathered } else { site.transpose(gathered, &rows.order)? };
    if !site.type_of(gathered)?.is_compatible(&to) {
        return Err(Diagnostic::invalid(format!("the type of the result is not {to}")).into());
    }
    Ok(vec![gathered])
}
