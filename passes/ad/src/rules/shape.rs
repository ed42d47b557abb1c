//! Operations that move elements without computing: all linear.

use super::DerivativeRule;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::MlirType;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{Op, Val, operands};
use dp_dialects::parameters::{Start, clamped_starts};
use dp_dialects::{Builder, Diagnostic, OpKind, Parameters, Result, ValueType};

pub(super) static ROWS: &[DerivativeRule] = &[
    DerivativeRule::inactive(ArrayConstant, "a constant"),
    DerivativeRule::inactive(ArrayIota, "depends only on extents"),
    DerivativeRule::linear(ArrayBroadcast, broadcast),
    DerivativeRule::linear(ArrayReshape, reshape),
    DerivativeRule::linear(ArrayTranspose, transpose),
    DerivativeRule::linear(ArraySlice, slice),
    DerivativeRule::linear(ArrayUpdateSlice, update_slice),
    DerivativeRule::linear(ArrayPad, pad),
    DerivativeRule::linear(ArrayConcatenate, concatenate),
];

/// The parameters of an operation: verified programs have them.
fn parameters(kind: OpKind, op: Op) -> Result<Parameters> {
    Parameters::of(kind, op).ok_or_else(|| Diagnostic::invalid("has a missing or malformed attribute"))
}

/// Sums a tensor over some dimensions; over none it is the tensor itself.
pub(super) fn sum<'c>(builder: Builder<'c>, x: Val<'c>, dims: Vec<usize>) -> Result<Val<'c>> {
    if dims.is_empty() {
        return Ok(x);
    }
    builder.emit(ArrayReduce, &Parameters::Reduce { kind: Reduction::Add, dims }, &[x])
}

/// The number in a tensor of rank 0.
pub(super) fn only_element<'c>(builder: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    let element = ValueType::of_value(x)?.dtype.to_type(builder.context());
    builder.op(TensorExtract, &[x], &[element], &[], vec![]).map(dp_dialects::ir::result)
}

/// Repetition transposes to a sum over the copies.
fn broadcast<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Parameters::Broadcast(dims) = parameters(ArrayBroadcast, op)? else { return Ok(()) };
    let (x, builder) = (operands(op)[0], t.at(op));
    let copies = (0..ValueType::of_value(ct)?.rank()).filter(|dim| !dims.contains(dim)).collect();
    let mut back = sum(builder, ct, copies)?;
    if !ValueType::of_value(x)?.is_tensor() {
        back = only_element(builder, back)?;
    }
    t.accumulate(x, back)
}

fn reshape<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let (x, builder) = (operands(op)[0], t.at(op));
    let mut arguments = vec![ct];
    arguments.extend(t.extents_of(builder, x)?);
    let back = builder.emit_typed(ArrayReshape, &Parameters::None, &arguments, &ValueType::of_value(x)?)?;
    t.accumulate(x, back)
}

fn transpose<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Parameters::Permutation(permutation) = parameters(ArrayTranspose, op)? else { return Ok(()) };
    let back = permute(t.at(op), ct, &inverse(&permutation))?;
    t.accumulate(operands(op)[0], back)
}

/// The permutation that undoes another.
pub(super) fn inverse(permutation: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; permutation.len()];
    for (to, from) in permutation.iter().enumerate() {
        inverse[*from] = to;
    }
    inverse
}

/// `array.transpose`, unless the permutation changes nothing.
pub(super) fn permute<'c>(builder: Builder<'c>, x: Val<'c>, permutation: &[usize]) -> Result<Val<'c>> {
    if permutation.iter().enumerate().all(|(to, from)| to == *from) {
        return Ok(x);
    }
    builder.emit(ArrayTranspose, &Parameters::Permutation(permutation.to_vec()), &[x])
}

/// A box transposes to its place in zeros: with other reads of the operand where the place is known, added to the
/// operand's cotangent where it is not. A box with strides at known places is padded; between the elements of one at
/// other places zeros are put first.
fn slice<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Parameters::Slice { starts, strides } = parameters(ArraySlice, op)? else { return Ok(()) };
    let (arguments, builder) = (operands(op), t.at(op));
    let x = arguments[0];
    if !t.is_linear(x) {
        return Ok(());
    }
    let r#type = ValueType::of_value(x)?;
    let dense = strides.iter().all(|stride| *stride == 1);
    if dense
        && let Some(at) = within(&r#type, &ValueType::of_value(ct)?, &starts)
        && t.read_at(op, x, &at, ct)
    {
        return Ok(());
    }
    if !dense && let Some(margins) = margins(&r#type, &ValueType::of_value(ct)?, &starts, &strides) {
        let zero = t.zeros(builder, &ValueType::number(r#type.dtype), &[])?;
        let back = builder.emit_typed(ArrayPad, &margins, &[ct, zero], &r#type)?;
        return t.accumulate(x, back);
    }
    let ct = if dense { ct } else { spread(t, builder, ct, &strides)? };
    let slot = t.slot(builder, x)?;
    let mut arguments: Vec<Val> = vec![slot, ct];
    for start in &operands(op)[1..=starts.iter().filter(|start| **start == Start::Operand).count()] {
        arguments.push(t.residual(*start)?);
    }
    let added = builder.emit(ArrayUpdateSlice, &Parameters::Update { starts, accumulate: true }, &arguments)?;
    t.set_slot(x, added);
    Ok(())
}

/// The starts of a box as evaluation clamps them, where extents are known.
fn within(whole: &ValueType, part: &ValueType, starts: &[Start]) -> Option<Vec<Option<i64>>> {
    let clamped = |(dim, start): (usize, &Start)| {
        let room = whole.extents()[dim]?.checked_sub(part.extents()[dim]?)?;
        match start {
            Start::At(at) => Some(Some((*at).clamp(0, room as i64))),
            Start::Operand => Some(None),
        }
    };
    starts.iter().enumerate().map(clamped).collect()
}

/// Puts zeros between the elements of a tensor, so that they stand as far apart as
/// strides say: `m` of them take `max(0, (m - 1) s + 1)` places.
fn spread<'c>(t: &Transposer<'c>, builder: Builder<'c>, x: Val<'c>, strides: &[usize]) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?;
    let zero = t.zeros(builder, &ValueType::number(r#type.dtype), &[])?;
    let index = dp_dialects::ScalarType::Index.to_type(builder.context());
    let compute = |kind, a, b| builder.op(kind, &[a, b], &[index], &[], vec![]).map(dp_dialects::ir::result);
    let mut spread = r#type.clone();
    let mut arguments = vec![x, zero];
    for (dim, extent) in spread.shape.iter_mut().flatten().enumerate() {
        let stride = strides[dim];
        match extent {
            Some(count) => *extent = Some(count.saturating_sub(1) * stride as u64 + (*count).min(1)),
            None => {
                let (stride, less) = (builder.index(stride as i64)?, builder.index(stride as i64 - 1)?);
                let scaled = compute(ArithMulI, builder.extent(x, dim)?, stride)?;
                let reach = compute(ArithSubI, scaled, less)?;
                arguments.push(compute(ArithMaxSI, reach, builder.index(0)?)?);
            }
        }
    }
    let none = vec![0; strides.len()];
    let interior = strides.iter().map(|stride| stride - 1).collect();
    builder.emit_typed(ArrayPad, &Parameters::Pad { low: none.clone(), high: none, interior }, &arguments, &spread)
}

/// The padding that puts a box back to its place, where everything is known.
fn margins(whole: &ValueType, part: &ValueType, starts: &[Start], strides: &[usize]) -> Option<Parameters> {
    let (mut low, mut high, mut interior) = (Vec::new(), Vec::new(), Vec::new());
    for (dim, (start, stride)) in starts.iter().zip(strides).enumerate() {
        let Start::At(start) = start else { return None };
        let (n, m) = (whole.extents()[dim]? as usize, part.extents()[dim]? as usize);
        let reach = if m == 0 { 0 } else { (m - 1) * stride + 1 };
        // As evaluation clamps it.
        let start = (*start as usize).min(n - reach);
        low.push(start);
        high.push(n - start - reach);
        interior.push(stride - 1);
    }
    Some(Parameters::Pad { low, high, interior })
}

fn update_slice<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Parameters::Update { starts, accumulate } = parameters(ArrayUpdateSlice, op)? else { return Ok(()) };
    let (arguments, builder) = (operands(op), t.at(op));
    let (x, update) = (arguments[0], arguments[1]);
    let positions = arguments[2..].iter().map(|start| t.residual(*start)).collect::<Result<Vec<_>, _>>()?;
    let part = ValueType::of_value(update)?;
    let strides = vec![1; starts.len()];
    let starts = clamped_starts(&starts, &strides, &ValueType::of_value(ct)?, &part);
    let extents = if part.is_static() { Vec::new() } else { t.extents_of(builder, update)? };
    if t.is_linear(update) {
        let arguments: Vec<Val> =
            std::iter::once(ct).chain(positions.iter().copied()).chain(extents.iter().copied()).collect();
        let back = builder.emit_typed(
            ArraySlice,
            &Parameters::Slice { starts: starts.clone(), strides },
            &arguments,
            &part,
        )?;
        t.accumulate(update, back)?;
    }
    if t.is_linear(x) {
        let back = if accumulate {
            ct
        } else {
            let zeros = t.zeros(builder, &part, &extents)?;
            let arguments: Vec<Val> = [ct, zeros].into_iter().chain(positions).collect();
            builder.emit(ArrayUpdateSlice, &Parameters::Update { starts, accumulate: false }, &arguments)?
        };
        t.accumulate(x, back)?;
    }
    Ok(())
}

fn pad<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Parameters::Pad { low, interior, .. } = parameters(ArrayPad, op)? else { return Ok(()) };
    let (arguments, builder) = (operands(op), t.at(op));
    let (x, value) = (arguments[0], arguments[1]);
    let inner = |t: &mut Transposer<'c>| -> Result<Val<'c>> {
        let slice = Parameters::Slice {
            starts: low.iter().map(|low| Start::At(*low as i64)).collect(),
            strides: interior.iter().map(|gap| gap + 1).collect(),
        };
        let arguments: Vec<Val> = std::iter::once(ct).chain(t.extents_of(builder, x)?).collect();
        builder.emit_typed(ArraySlice, &slice, &arguments, &ValueType::of_value(x)?)
    };
    if t.is_linear(x) {
        let back = inner(t)?;
        t.accumulate(x, back)?;
    }
    if t.is_linear(value) {
        // All of the cotangent but what belongs to the operand.
        let dims: Vec<usize> = (0..low.len()).collect();
        let within = inner(t)?;
        let all = sum(builder, ct, dims.clone())?;
        let within = sum(builder, within, dims)?;
        let margin = builder.scalar(ScalarSub, &[all, within])?;
        let margin = only_element(builder, margin)?;
        t.accumulate(value, margin)?;
    }
    Ok(())
}

/// Each operand's share is the slice of the cotangent where it stands.
fn concatenate<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Parameters::Dim(dim) = parameters(ArrayConcatenate, op)? else { return Ok(()) };
    let builder = t.at(op);
    let rank = ValueType::of_value(ct)?.rank();
    // Where the next operand begins: a number, and an `index` once one is needed.
    let (mut known, mut offset): (u64, Option<Val>) = (0, None);
    for x in operands(op) {
        let part = ValueType::of_value(x)?;
        if t.is_linear(x) {
            let mut starts = vec![Start::At(0); rank];
            starts[dim] = if offset.is_some() { Start::Operand } else { Start::At(known as i64) };
            let mut arguments = vec![ct];
            arguments.extend(offset);
            arguments.extend(t.extents_of(builder, x)?);
            let slice = Parameters::Slice { starts, strides: vec![1; rank] };
            let back = builder.emit_typed(ArraySlice, &slice, &arguments, &part)?;
            t.accumulate(x, back)?;
        }
        match (part.extents()[dim], offset) {
            (Some(extent), None) => known += extent,
            _ => {
                let extent = t.extent_of(builder, x, dim)?;
                let before = match offset {
                    Some(offset) => offset,
                    None => builder.index(known as i64)?,
                };
                let index = dp_dialects::ScalarType::Index.to_type(builder.context());
                let sum = builder.op(ArithAddI, &[before, extent], &[index], &[], vec![])?;
                offset = Some(dp_dialects::ir::result(sum));
            }
        }
    }
    Ok(())
}
