//! Scans.

use crate::elementwise::Kernel;
use crate::require::malformed;
use crate::view::{View, gathered};
use dp_dialects::parameters::ScanForm;
use dp_dialects::{Diagnostic, Literal, Number, Parameters, Result, ValueType};

/// Combines the elements along a dimension, one after the other, from `init` on, as `array.scan` does. An element of the
/// result is what has been combined before its place or up to it, rounded to the tensor's type.
///
/// # Errors
/// The first error of `combine`.
pub fn scan_with(
    x: &Literal,
    init: Number,
    form: &ScanForm,
    mut combine: impl FnMut(Number, Number) -> Result<Number>,
) -> Result<Literal> {
    let mut elements = gathered(x.extents(), x.iter())?;
    let whole = View::whole(x.extents());
    let others: Vec<usize> = (0..x.extents().len()).filter(|dim| *dim != form.dim).collect();
    let mut lane = whole.pick(&[form.dim]);
    for offset in whole.pick(&others).positions() {
        lane.offset = offset;
        let mut positions: Vec<usize> = lane.positions().collect();
        if form.reverse {
            positions.reverse();
        }
        let mut total = init;
        for position in positions {
            let before = total;
            total = combine(before, x.element(position))?;
            elements[position] = if form.exclusive { before } else { total }.round(x.dtype);
        }
    }
    Ok(Literal::tensor(x.dtype, x.extents().to_vec(), elements))
}

/// The short forms of `array.scan`, rounded at each step; sums and products of halves to f32.
pub fn scan(parameters: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let (Parameters::Scan(form), [x, ..]) = (parameters, operands) else { return Err(malformed()) };
    let accumulator = form.kind.accumulator(x.dtype);
    let (Some(combiner), Some(init)) = (form.kind.combiner(), form.kind.identity(accumulator)) else {
        return Err(Diagnostic::unsupported("a scan with a region is evaluated by running the region"));
    };
    let combine = Kernel::of(combiner, &Parameters::None, accumulator, accumulator)?;
    scan_with(x, init, form, |a, b| Ok(combine.apply(&[a, b])))
}
