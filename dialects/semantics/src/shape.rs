//! Operations that move elements without computing.

use crate::elementwise::Kernel;
use crate::require::{malformed, require_equal};
use crate::view::{View, count, filled, gathered, result_extents, room, zero};
use dp_dialects::parameters::{Start, WindowForm};
use dp_dialects::{Diagnostic, Elements, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};

/// The tensor whose elements, in row-major order, are those of a view of `x`.
fn read(x: &Literal, extents: Vec<u64>, view: &View) -> Result<Literal> {
    let values = match &x.elements {
        Elements::Splat(value) => {
            count(&extents)?;
            return Ok(Literal::splat(x.dtype, extents, *value));
        }
        Elements::Each(values) => values,
    };
    let mut elements = room(&extents)?;
    elements.extend(view.positions().map(|position| values[position]));
    Ok(Literal::tensor(x.dtype, extents, elements))
}

/// `y[i…] = i_d`, as a number of the element type.
pub fn iota(parameters: &Parameters, dynamic: &[Literal], result: &ValueType) -> Result<Literal> {
    let Parameters::Dim(dim) = parameters else { return Err(malformed()) };
    let extents = result_extents(result, dynamic)?;
    let convert = Parameters::Convert { unsigned: false };
    let number = Kernel::of(OpKind::ScalarConvert, &convert, ScalarType::Index, result.dtype)?;
    let mut elements = room(&extents)?;
    let mut counter = View::whole(&extents);
    for (d, (_, step)) in counter.dims.iter_mut().enumerate() {
        *step = usize::from(d == *dim);
    }
    elements.extend(counter.positions().map(|index| number.apply(&[Number::Integer(index as i64)])));
    Ok(Literal::tensor(result.dtype, extents, elements))
}

/// Repetition: a step of 0 along the new dimensions.
pub fn broadcast(parameters: &Parameters, operands: &[Literal], result: &ValueType) -> Result<Literal> {
    let (Parameters::Broadcast(dims), [x, dynamic @ ..]) = (parameters, operands) else { return Err(malformed()) };
    let extents = result_extents(result, dynamic)?;
    let mut view = View { offset: 0, dims: extents.iter().map(|extent| (*extent as usize, 0)).collect() };
    for ((dim, (_, step)), extent) in dims.iter().zip(View::whole(x.extents()).dims).zip(x.extents()) {
        require_equal(|| format!("the result's extent of dimension {dim} and the operand's"), extents[*dim], *extent)?;
        view.dims[*dim].1 = step;
    }
    read(x, extents, &view)
}

/// The same elements in another shape.
pub fn reshape(_: &Parameters, operands: &[Literal], result: &ValueType) -> Result<Literal> {
    let [x, dynamic @ ..] = operands else { return Err(malformed()) };
    let extents = result_extents(result, dynamic)?;
    if count(&extents)? != x.len() {
        return Err(Diagnostic::run_time(format!("cannot reshape {} elements to extents {extents:?}", x.len()))
            .help("a reshape must keep the number of elements"));
    }
    Ok(Literal { dtype: x.dtype, shape: Some(extents), elements: x.elements.clone() })
}

/// Dimension `i` of the result is dimension `permutation[i]` of the operand.
pub fn transpose(parameters: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let (Parameters::Permutation(permutation), [x]) = (parameters, operands) else { return Err(malformed()) };
    let extents = permutation.iter().map(|dim| x.extents()[*dim]).collect();
    read(x, extents, &View::whole(x.extents()).pick(permutation))
}

/// The box of `extents` elements, `strides` apart, that begins at `starts`, clamped so that it lies within a tensor.
fn box_of(
    tensor: &[u64],
    starts: &[Start],
    dynamic: &[Literal],
    extents: &[u64],
    strides: impl Iterator<Item = usize>,
) -> Result<View> {
    let mut dynamic = dynamic.iter();
    let mut view = View::whole(tensor);
    for (dim, stride) in (0..tensor.len()).zip(strides) {
        // From the first element to the last one.
        let span = match extents[dim] {
            0 => 0,
            extent => (extent - 1).saturating_mul(stride as u64).saturating_add(1),
        };
        let Some(latest) = tensor[dim].checked_sub(span) else {
            return Err(Diagnostic::run_time(format!(
                "a slice of {} elements with stride {stride} does not fit into extent {} of dimension {dim}",
                extents[dim], tensor[dim]
            ))
            .help("use a smaller slice, or pad the tensor with 'array.pad' first"));
        };
        let start = match starts[dim] {
            Start::At(start) => start,
            Start::Operand => dynamic.next().ok_or_else(malformed)?.element(0).integer(),
        };
        let start = u64::try_from(start).unwrap_or(0).min(latest) as usize;
        let step = view.dims[dim].1;
        view.offset = view.offset.wrapping_add(start.wrapping_mul(step));
        view.dims[dim] = (extents[dim] as usize, step.wrapping_mul(stride));
    }
    Ok(view)
}

/// `y[i, …] = x[starts[0] + i strides[0], …]`.
pub fn slice(parameters: &Parameters, operands: &[Literal], result: &ValueType) -> Result<Literal> {
    let (Parameters::Slice { starts, strides }, [x, indices @ ..]) = (parameters, operands) else {
        return Err(malformed());
    };
    let (at, dynamic) = indices.split_at_checked(parameters.dynamic_starts()).ok_or_else(malformed)?;
    let extents = result_extents(result, dynamic)?;
    let view = box_of(x.extents(), starts, at, &extents, strides.iter().copied())?;
    read(x, extents, &view)
}

/// The operand with a box of it replaced by the update, or with the update added to the box.
pub fn update_slice(parameters: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let (Parameters::Update { starts, accumulate }, [x, update, at @ ..]) = (parameters, operands) else {
        return Err(malformed());
    };
    let view = box_of(x.extents(), starts, at, update.extents(), std::iter::repeat(1))?;
    let add = Kernel::of(OpKind::ScalarAdd, &Parameters::None, x.dtype, x.dtype)?;
    let mut elements = gathered(x.extents(), x.iter())?;
    for (position, value) in view.positions().zip(update.iter()) {
        elements[position] = if *accumulate { add.apply(&[elements[position], value]) } else { value };
    }
    Ok(Literal::tensor(x.dtype, x.extents().to_vec(), elements))
}

/// A margin of `value`, and gaps between neighbours: the operand is a box of the result, with strides.
pub fn pad(parameters: &Parameters, operands: &[Literal], result: &ValueType) -> Result<Literal> {
    let (Parameters::Pad { low, high, interior }, [x, value, dynamic @ ..]) = (parameters, operands) else {
        return Err(malformed());
    };
    let extents = result_extents(result, dynamic)?;
    let mut view = View::whole(&extents);
    for (dim, extent) in x.extents().iter().enumerate() {
        let gaps = (interior[dim] as u64).saturating_mul(extent.saturating_sub(1));
        let padded = [low[dim] as u64, high[dim] as u64, gaps].into_iter().fold(*extent, u64::saturating_add);
        require_equal(|| format!("the result's extent of dimension {dim} and the padded one"), extents[dim], padded)?;
        let step = view.dims[dim].1;
        view.offset = view.offset.wrapping_add(low[dim].wrapping_mul(step));
        view.dims[dim] = (*extent as usize, step.wrapping_mul(interior[dim].wrapping_add(1)));
    }
    let mut elements = filled(&extents, value.element(0))?;
    for (position, value) in view.positions().zip(x.iter()) {
        elements[position] = value;
    }
    Ok(Literal::tensor(x.dtype, extents, elements))
}

/// `y[b…, p…, t…, f…] = x[b…, p strides + t dilations, f…]`.
pub fn windows(parameters: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let (Parameters::Windows(form), [x]) = (parameters, operands) else { return Err(malformed()) };
    let whole = View::whole(x.extents());
    let (before, rest) = whole.dims.split_at(form.dim);
    let (slid, after) = rest.split_at(form.rank());
    let along = |of: fn(&WindowForm, usize, usize) -> (usize, usize)| {
        slid.iter().enumerate().map(move |(place, (extent, step))| {
            let (count, distance) = of(form, place, *extent);
            (count, step.wrapping_mul(distance))
        })
    };
    let counts = along(|form, place, extent| (form.count(place, extent as u64) as usize, form.strides[place]));
    let elements = along(|form, place, _| (form.sizes[place], form.dilations[place]));
    let dims: Vec<(usize, usize)> =
        before.iter().copied().chain(counts).chain(elements).chain(after.iter().copied()).collect();
    let extents = dims.iter().map(|(extent, _)| *extent as u64).collect();
    read(x, extents, &View { offset: 0, dims })
}

/// Tensors one after the other along a dimension.
pub fn concatenate(parameters: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let (Parameters::Dim(dim), [first, others @ ..]) = (parameters, operands) else { return Err(malformed()) };
    let mut extents = first.extents().to_vec();
    for (number, x) in (1..).zip(others) {
        for (d, (a, b)) in first.extents().iter().zip(x.extents()).enumerate().filter(|(d, _)| d != dim) {
            require_equal(|| format!("the extents of dimension {d} of operands 0 and {number}"), *a, *b)?;
        }
        extents[*dim] = extents[*dim].saturating_add(x.extents()[*dim]);
    }
    let mut elements = filled(&extents, zero(first.dtype))?;
    let mut view = View::whole(&extents);
    let step = view.dims[*dim].1;
    for x in operands {
        view.dims[*dim].0 = x.extents()[*dim] as usize;
        for (position, value) in view.positions().zip(x.iter()) {
            elements[position] = value;
        }
        view.offset = view.offset.wrapping_add(view.dims[*dim].0.wrapping_mul(step));
    }
    Ok(Literal::tensor(first.dtype, extents, elements))
}
