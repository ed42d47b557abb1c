//! Gather and scatter of rows: slices along the first dimension.

use super::extents::{follow, of_first};
use super::{Entry, Extents, Source, Work, invalid, read};
use crate::parameters::Parameters;
use crate::{Diagnostic, OpKind::*, Result, ValueType};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::term(ArrayGather, read::nothing).extents(Extents::Follow(of_rows)).inferred(gather).work(Work::Slice),
    Entry::term(ArrayScatter, read::nothing).extents(Extents::Follow(of_first)).inferred(scatter).work(Work::Update(2)),
];

/// The dimensions of the result: those of the indices, then those of a row.
fn of_rows(_: &Parameters, rank: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    match dim.checked_sub(rank(1)) {
        None => Source::Operand(1, dim),
        Some(within) => Source::Operand(0, within + 1),
    }
}

fn gather(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let [x, indices] = operands else { return invalid("needs a tensor and indices") };
    if x.rank() == 0 {
        return invalid("requires a tensor of rank 1 or more");
    }
    if !indices.dtype.is_integer() {
        let diagnostic = Diagnostic::invalid("requires indices of an integer type");
        return Err(diagnostic.help("convert them to i32 or i64 with 'scalar.convert'"));
    }
    Ok(ValueType::tensor(x.dtype, follow(of_rows, parameters, operands, indices.rank() + x.rank() - 1)?))
}

fn scatter(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let [x, indices, updates] = operands else { return invalid("needs a tensor, indices and updates") };
    let rows = gather(&[x.clone(), indices.clone()], parameters)?;
    if !x.dtype.is_differentiable() && !x.dtype.is_integer() {
        return invalid("does not support booleans");
    }
    if rows.dtype != updates.dtype || !rows.is_compatible(updates) {
        return invalid(format!("requires updates of type {rows}, not {updates}"));
    }
    Ok(x.clone())
}
