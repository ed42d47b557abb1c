//! `array.windows`. The transpose of a convolution with respect to its input is a convolution, of the padded cotangent
//! with the reversed kernel.

use super::DerivativeRule;
use super::shape::permute;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::OpKind::*;
use dp_dialects::ir::{Op, Val, defining_op, operands};
use dp_dialects::parameters::{DotDims, Start, WindowForm};
use dp_dialects::{Builder, Diagnostic, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};

pub(super) static ROWS: &[DerivativeRule] = &[DerivativeRule::linear(ArrayWindows, windows)];

/// `xbar[q] = Σ ybar[p, t]` over the windows `p` whose element `t` is at `q`. Where `ybar` is the product of a cotangent
/// with a kernel that has the elements of the windows, as after a convolution, this is
/// `xbar[q] = Σ_t g[q - t dilations] k[t]`, where `g` is that cotangent with `strides - 1` zeros between windows, and
/// zeros around them: a contraction of windows of `g`. Otherwise, each element of the windows is added to its slice.
fn windows<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Some(Parameters::Windows(form)) = Parameters::of(ArrayWindows, op) else {
        return Err(Diagnostic::invalid("has a missing or malformed attribute"));
    };
    let (x, builder) = (operands(op)[0], t.at(op));
    if !t.is_linear(x) {
        return Ok(());
    }
    let whole = ValueType::of_value(x)?;
    let zero = t.zeros(builder, &ValueType::number(whole.dtype), &[])?;
    if let Some((cotangent, kernel)) = product(ct, &form, whole.rank()) {
        let back = convolution(builder, cotangent, kernel, zero, &form, &whole)?;
        return t.accumulate(x, back);
    }
    let extents = t.extents_of(builder, x)?;
    for element in form.elements() {
        let slice = part(builder, ct, &element, &form, &whole, &extents)?;
        let arguments: Vec<Val> = [slice, zero].into_iter().chain(extents.iter().copied()).collect();
        let starts = form.starts(&element, whole.rank());
        let back = builder.emit_typed(ArrayPad, &margins(&form, &whole, starts), &arguments, &whole)?;
        t.accumulate(x, back)?;
    }
    Ok(())
}

/// The extent of the operand along a dimension of the windows, which is static.
fn extent(whole: &ValueType, form: &WindowForm, place: usize) -> u64 {
    whole.extents()[form.dim + place].unwrap_or_default()
}

/// The cotangents of one element of all windows.
fn part<'c>(
    builder: Builder<'c>,
    ct: Val<'c>,
    element: &[usize],
    form: &WindowForm,
    whole: &ValueType,
    extents: &[Val<'c>],
) -> Result<Val<'c>> {
    let own = ValueType::of_value(ct)?;
    let at = form.dim + form.rank();
    let is_element = |dim: &usize| (at..at + form.rank()).contains(dim);
    let shape = |dim: usize| if is_element(&dim) { Some(1) } else { own.extents()[dim] };
    let sliced = ValueType::tensor(own.dtype, (0..own.rank()).map(shape).collect());
    let kept = (0..own.rank()).filter(|dim| !is_element(dim)).map(|dim| own.extents()[dim]).collect();
    let mut starts = vec![Start::At(0); own.rank()];
    element.iter().enumerate().for_each(|(place, index)| starts[at + place] = Start::At(*index as i64));
    let slice = Parameters::Slice { starts, strides: vec![1; own.rank()] };
    debug_assert_eq!(whole.dynamic_dimensions().count(), sliced.dynamic_dimensions().count());
    let with = |x: Val<'c>| std::iter::once(x).chain(extents.iter().copied()).collect::<Vec<Val>>();
    let slice = builder.emit_typed(ArraySlice, &slice, &with(ct), &sliced)?;
    builder.emit_typed(ArrayReshape, &Parameters::None, &with(slice), &ValueType::tensor(own.dtype, kept))
}

/// The padding that puts the elements of the windows that begin at `starts` back to their places.
fn margins(form: &WindowForm, whole: &ValueType, starts: Vec<usize>) -> Parameters {
    let (mut high, mut interior) = (vec![0; starts.len()], vec![0; starts.len()]);
    let mut low = starts;
    for place in 0..form.rank() {
        let (dim, stride) = (form.dim + place, form.strides[place]);
        let extent = extent(whole, form, place) as usize;
        let count = form.count(place, extent as u64) as usize;
        match count {
            // There are no windows, so everything is padding.
            0 => (low[dim], high[dim]) = (0, extent),
            _ => high[dim] = extent - low[dim] - (count - 1) * stride - 1,
        }
        interior[dim] = stride - 1;
    }
    Parameters::Pad { low, high, interior }
}

/// The factors of a cotangent of windows that is the product of a cotangent, whose last dimension is contracted, with a
/// kernel, which has the windows' elements and what follows them.
fn product<'c>(ct: Val<'c>, form: &WindowForm, rank: usize) -> Option<(Val<'c>, (Val<'c>, usize))> {
    let op = defining_op(ct).filter(|op| OpKind::of(*op) == Some(ArrayDot))?;
    let Some(Parameters::Dot(dims)) = Parameters::of(ArrayDot, op) else { return None };
    let [cotangent, kernel] = operands(op)[..] else { return None };
    let DotDims { batch_a, contract_a, contract_b, .. } = dims;
    let (of_cotangent, of_kernel) = (ValueType::of_value(cotangent).ok()?, ValueType::of_value(kernel).ok()?);
    let before = form.dim + form.rank();
    let fits = batch_a.is_empty()
        && contract_a == [before]
        && of_cotangent.rank() == before + 1
        && of_kernel.rank() == rank - form.dim + 1
        && of_kernel.is_static();
    let [along] = contract_b[..] else { return None };
    fits.then_some((cotangent, (kernel, along)))
}

/// The convolution of a cotangent with a kernel, whose dimension `along` is contracted.
fn convolution<'c>(
    builder: Builder<'c>,
    cotangent: Val<'c>,
    (kernel, along): (Val<'c>, usize),
    zero: Val<'c>,
    form: &WindowForm,
    whole: &ValueType,
) -> Result<Val<'c>> {
    let (rank, own) = (form.rank(), ValueType::of_value(cotangent)?);
    // Windows that end at each position of the operand.
    let starts = vec![0; own.rank()];
    let Parameters::Pad { mut low, mut high, interior } = margins(form, whole, starts) else {
        return Err(Diagnostic::internal("internal error: margins are padding"));
    };
    let mut padded = own.clone();
    for place in 0..rank {
        let (dim, reach) = (form.dim + place, form.span(place) as usize - 1);
        let extent = extent(whole, form, place) as usize;
        if form.count(place, extent as u64) > 0 {
            // The operand ends where the last window does, or later.
            (low[dim], high[dim]) = (reach, high[dim]);
        } else {
            high[dim] += reach;
        }
        if let Some(extents) = &mut padded.shape {
            extents[dim] = Some((extent + reach) as u64);
        }
    }
    let mut arguments = vec![cotangent, zero];
    for dim in own.dynamic_dimensions() {
        arguments.push(builder.extent(cotangent, dim)?);
    }
    let cotangent = builder.emit_typed(ArrayPad, &Parameters::Pad { low, high, interior }, &arguments, &padded)?;
    let slid = WindowForm { strides: vec![1; rank], ..form.clone() };
    let windows = builder.emit(ArrayWindows, &Parameters::Windows(slid), &[cotangent])?;
    let kernel = reversed(builder, kernel, along, rank)?;
    // Elements of a window, and the contracted features.
    let contract_a: Vec<usize> = (form.dim + rank..form.dim + 2 * rank + 1).collect();
    let dot = DotDims { contract_a, contract_b: (0..=rank).collect(), ..DotDims::default() };
    builder.emit(ArrayDot, &Parameters::Dot(dot), &[windows, kernel])
}

/// The kernel with the elements of windows in reverse order, and with its contracted dimension after them.
fn reversed<'c>(builder: Builder<'c>, kernel: Val<'c>, along: usize, rank: usize) -> Result<Val<'c>> {
    let of = ValueType::of_value(kernel)?;
    let mut order: Vec<usize> = (0..of.rank()).filter(|dim| *dim != along).collect();
    order.insert(rank, along);
    let kernel = permute(builder, kernel, &order)?;
    let turned = ValueType::of_value(kernel)?;
    let (elements, rest) = turned.extents().split_at(rank);
    let count: u64 = elements.iter().map(|extent| extent.unwrap_or_default()).product();
    let flat = std::iter::once(Some(count)).chain(rest.iter().copied()).collect();
    let flat = ValueType::tensor(of.dtype, flat);
    let kernel = builder.emit_typed(ArrayReshape, &Parameters::None, &[kernel], &flat)?;
    let backwards = (0..count).rev().map(|place| Number::Integer(place as i64)).collect();
    let backwards = builder.literal(Literal::tensor(ScalarType::I64, vec![count], backwards))?;
    let kernel = builder.emit(ArrayGather, &Parameters::None, &[kernel, backwards])?;
    builder.emit_typed(ArrayReshape, &Parameters::None, &[kernel], &turned)
}
