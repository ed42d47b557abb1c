//! Gather and scatter of rows: slices along the first dimension.

use crate::elementwise::Kernel;
use crate::require::{malformed, require_equal};
use crate::view::{count, fitting, gathered, room};
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, Result, ValueType};
use std::ops::Range;

/// The positions of the rows that `indices` names, each clamped into range.
fn rows(x: &Literal, indices: &Literal) -> Result<Vec<Range<usize>>> {
    let Some((rows, row)) = x.extents().split_first() else { return Err(malformed()) };
    fitting(x.extents())?;
    fitting(indices.extents())?;
    let width = count(row)?;
    let last = rows.checked_sub(1);
    let range = |index: Number| {
        let last = last.ok_or_else(|| {
            Diagnostic::run_time("cannot take rows of a tensor without rows")
                .help("pass no indices if the tensor has no rows")
        })?;
        let first = u64::try_from(index.integer()).unwrap_or(0).min(last) as usize * width;
        Ok(first..first + width)
    };
    indices.iter().map(range).collect()
}

/// `y[i…, j…] = x[clamp(indices[i…]), j…]`.
pub fn gather(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let [x, indices] = operands else { return Err(malformed()) };
    let ranges = rows(x, indices)?;
    let extents: Vec<u64> = indices.extents().iter().chain(&x.extents()[1..]).copied().collect();
    let mut elements = room(&extents)?;
    elements.extend(ranges.into_iter().flatten().map(|position| x.element(position)));
    Ok(Literal::tensor(x.dtype, extents, elements))
}

/// The operand with `updates[i…, j…]` added to its row `clamp(indices[i…])`, in row-major order of `i…`, rounding at
/// each addition.
pub fn scatter(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let [x, indices, updates] = operands else { return Err(malformed()) };
    let ranges = rows(x, indices)?;
    let wanted = indices.extents().iter().chain(&x.extents()[1..]);
    for (dim, (wanted, given)) in wanted.zip(updates.extents()).enumerate() {
        require_equal(
            || format!("the extent of dimension {dim} of the updates and that of the rows"),
            *given,
            *wanted,
        )?;
    }
    let add = Kernel::of(OpKind::ScalarAdd, &Parameters::None, x.dtype, x.dtype)?;
    let mut elements = gathered(x.extents(), x.iter())?;
    for (position, update) in ranges.into_iter().flatten().zip(updates.iter()) {
        elements[position] = add.apply(&[elements[position], update]);
    }
    Ok(Literal::tensor(x.dtype, x.extents().to_vec(), elements))
}
