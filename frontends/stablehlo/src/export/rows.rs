//! Gather and scatter of rows.

use super::emitter::{Emitter, ExportSite};
use super::text::{Term, list};
use dp_dialects::{Diagnostic, Number, ScalarType, SpannedDiagnostic};

/// `y[i…, j…] = x[clamp(indices[i…]), j…]`; StableHLO's gather clamps too.
pub(super) fn gather<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let [x, indices] = &site.operands[..] else { return site.malformed() };
    let (rank, lists) = (x.r#type.shape.len(), indices.r#type.shape.len());
    if x.r#type.shape[0] == 0 {
        let diagnostic = Diagnostic::invalid("'array.gather' from a tensor without rows");
        return site.refuse(diagnostic.help("the tensor needs at least one row"));
    }
    let sizes = std::iter::once(1).chain(x.r#type.shape[1..].iter().copied());
    let offsets = list(lists..lists + rank - 1);
    let result = e.w.fresh(site.result.clone());
    e.w.line(format_args!(
        "{result} = \"stablehlo.gather\"({x}, {indices}) {{dimension_numbers = #stablehlo.gather<\
         offset_dims = [{offsets}], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = {lists}>, \
         indices_are_sorted = false, slice_sizes = array<i64: {}>}} : ({}, {}) -> {}",
        list(sizes),
        x.r#type,
        indices.r#type,
        result.r#type
    ));
    Ok(result)
}

/// Adds `updates[i…, j…]` to row `clamp(indices[i…])`. StableHLO drops out-of-bounds updates, so indices are clamped
/// first.
pub(super) fn scatter<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let [x, indices, updates] = &site.operands[..] else { return site.malformed() };
    if updates.r#type.is_empty() {
        return Ok(x.clone());
    }
    let lists = indices.r#type.shape.len();
    let wide = super::elementwise::convert(e, indices, ScalarType::I64, false);
    let zero = e.splat(ScalarType::I64, Number::Integer(0), &[]);
    let last = e.splat(ScalarType::I64, Number::Integer(x.r#type.shape[0] as i64 - 1), &[]);
    let clamped = e.w.op("clamp", &[&zero, &wide, &last], "", wide.r#type.clone());
    let windows = list(lists..updates.r#type.shape.len());
    let result = e.w.fresh(site.result.clone());
    let number = x.r#type.number();
    e.w.open(format_args!("{result} = \"stablehlo.scatter\"({x}, {clamped}, {updates}) ({{"));
    let (a, b) = (e.w.fresh(number.clone()), e.w.fresh(number.clone()));
    e.w.turn(format_args!("^bb0({a}: {number}, {b}: {number}):"));
    let sum = e.w.same("add", &[&a, &b]);
    e.w.line(format_args!("stablehlo.return {sum} : {number}"));
    e.w.close(format_args!(
        "}}) {{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<\
         update_window_dims = [{windows}], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], \
         index_vector_dim = {lists}>, unique_indices = false}} : ({}, {}, {}) -> {}",
        x.r#type, clamped.r#type, updates.r#type, result.r#type
    ));
    Ok(result)
}
