//! `array.windows`: windows that slide over dimensions.

use super::extents::follow;
use super::{Source, first, invalid};
use crate::parameters::{Parameters, WindowForm};
use crate::{Diagnostic, Result, ValueType};

/// The most elements of a window, each of which may take operations of its own.
const MOST: usize = 1024;

/// The dimensions before those of the windows and after them are the operand's.
pub(super) fn extents(parameters: &Parameters, _: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    let Parameters::Windows(form) = parameters else { return Source::Own };
    match dim {
        dim if dim < form.dim => Source::Operand(0, dim),
        dim if dim >= form.dim + 2 * form.rank() => Source::Operand(0, dim - form.rank()),
        _ => Source::Own,
    }
}

pub(super) fn windows(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    let Parameters::Windows(form) = parameters else {
        return invalid("lacks 'dim', 'sizes', 'strides' or 'dilations'");
    };
    check(form, &x)?;
    let mut extents = follow(extents, parameters, operands, x.rank() + form.rank())?;
    for place in 0..form.rank() {
        let Some(extent) = x.extents()[form.dim + place] else {
            let message = format!("slides windows along dimension {}, whose extent is dynamic", form.dim + place);
            return Err(Diagnostic::unsupported(message).help("fix the extent in the type of the operand"));
        };
        extents[form.dim + place] = Some(form.count(place, extent));
        extents[form.dim + form.rank() + place] = Some(form.sizes[place] as u64);
    }
    Ok(ValueType::tensor(x.dtype, extents))
}

fn check(form: &WindowForm, x: &ValueType) -> Result<()> {
    let rank = form.rank();
    if rank == 0 || form.strides.len() != rank || form.dilations.len() != rank {
        return invalid("requires as many 'strides' and 'dilations' as 'sizes', and at least one");
    }
    if form.dim.checked_add(rank).is_none_or(|end| end > x.rank()) {
        return invalid(format!("slides windows along {rank} dimensions from {} on, of {}", form.dim, x.rank()));
    }
    if [&form.sizes, &form.strides, &form.dilations].iter().any(|list| list.contains(&0)) {
        return invalid("requires positive 'sizes', 'strides' and 'dilations'");
    }
    let elements = form.sizes.iter().try_fold(1usize, |count, size| count.checked_mul(*size));
    if elements.is_none_or(|count| count > MOST) {
        return Err(Diagnostic::limit(format!("has windows of more than {MOST} elements"))
            .help("reduce or contract dimension by dimension"));
    }
    Ok(())
}
