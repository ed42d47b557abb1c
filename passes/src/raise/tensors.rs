//! Operations of `tensor` that become `array` operations.
//!
//! Slices take constant strides, and their starts are clamped so that they fit, as those of `array.slice` and
//! `array.update_slice`. An uninitialized tensor becomes zeros.

use super::{RaiseSite, checks};
use dp_dialects::ir::{Val, i64_array, result};
use dp_dialects::parameters::Start;
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::attribute::{ArrayAttribute, IntegerAttribute};
use melior::ir::operation::OperationLike;

/// The slice of an operation.
struct Slice<'c> {
    starts: Vec<Start>,
    strides: Vec<usize>,
    /// The type of a tensor with the extents of the slice in all dimensions.
    whole: ValueType,
    start_operands: Vec<Val<'c>>,
    extents: Vec<Val<'c>>,
}

impl<'c> RaiseSite<'c> {
    /// Rejects tensors of indices.
    fn of_numbers(&self) -> Result<()> {
        match self.result.dtype {
            ScalarType::Index => Err(self.refusal("tensors of index are not supported; use i64")),
            _ => Ok(()),
        }
    }

    /// The slice that an operation describes, whose operands follow the given number of tensors.
    fn slice(&self, tensors: usize) -> Result<Slice<'c>> {
        self.of_numbers()?;
        let list = |name| i64_array(self.op, name).ok_or_else(|| self.refusal("it has no offsets, sizes and strides"));
        let (starts, sizes, strides) = (list("static_offsets")?, list("static_sizes")?, list("static_strides")?);
        let strides = strides.into_iter().map(|stride| usize::try_from(stride).ok().filter(|stride| *stride > 0));
        let strides: Option<Vec<usize>> = strides.collect();
        let strides = strides.ok_or_else(|| self.refusal("strides must be positive constants"))?;
        let start = |at: i64| if at == DYNAMIC { Start::Operand } else { Start::At(at) };
        let count = |list: &[i64]| list.iter().filter(|number| **number == DYNAMIC).count();
        let start_operands = self.operands[tensors..tensors + count(&starts)].to_vec();
        let extents = self.operands[tensors + count(&starts)..][..count(&sizes)].to_vec();
        let shape = sizes.iter().map(|size| u64::try_from(*size).ok()).collect();
        let whole = ValueType::tensor(self.result.dtype, shape);
        Ok(Slice { starts: starts.into_iter().map(start).collect(), strides, whole, start_operands, extents })
    }

    /// A tensor with the same elements in order, of a type whose dynamic extents are given.
    fn reshape(&self, x: Val<'c>, r#type: &ValueType, extents: &[Val<'c>]) -> Result<Val<'c>> {
        let operands = [&[x], extents].concat();
        self.builder.emit_typed(OpKind::ArrayReshape, &Parameters::None, &operands, r#type)
    }
}

/// `tensor.insert`: an update by a slice of one element. Slices clamp their starts, so the position is checked before.
pub(super) fn insert<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let (builder, [value, tensor, at @ ..]) = (site.builder, &site.operands[..]) else {
        return Err(site.refusal("it mixes a scalar and a tensor"));
    };
    site.of_numbers()?;
    if at.is_empty() {
        let whole = site.result.to_type(builder.context());
        return builder.op(OpKind::TensorFromElements, &[*value], &[whole], &[], vec![]).map(result);
    }
    checks::position(site, *tensor, at)?;
    let element = ValueType::tensor(site.result.dtype, vec![Some(1); at.len()]);
    let element = builder.broadcast(*value, &[], &element, &[])?;
    let operands = [&[*tensor, element], at].concat();
    let parameters = Parameters::Update { starts: vec![Start::Operand; at.len()], accumulate: false };
    builder.emit(OpKind::ArrayUpdateSlice, &parameters, &operands)
}

/// `tensor.extract_slice`: a slice, without the dimensions of extent 1 that the result drops.
pub(super) fn extract_slice<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let Slice { starts, strides, whole, start_operands, extents } = site.slice(1)?;
    let operands = [&site.operands[..1], &start_operands, &extents].concat();
    if whole.rank() == 0 {
        return Ok(site.operands[0]);
    }
    let parameters = Parameters::Slice { starts, strides };
    let slice = site.builder.emit_typed(OpKind::ArraySlice, &parameters, &operands, &whole)?;
    // Dropped dimensions have constant extents.
    if whole == site.result { Ok(slice) } else { site.reshape(slice, &site.result, &extents) }
}

/// `tensor.insert_slice`: an update by a slice, with the dimensions of extent 1 that the source lacks.
pub(super) fn insert_slice<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    let Slice { starts, strides, whole, start_operands, extents } = site.slice(2)?;
    if strides.iter().any(|stride| *stride != 1) {
        return Err(site.refusal("insert with strides 1, or use 'array.scatter'"));
    }
    let [source, tensor] = [site.operands[0], site.operands[1]];
    if whole.rank() == 0 {
        return Ok(source);
    }
    let is_whole = ValueType::of_value(source)? == whole;
    if is_whole {
        checks::sizes(site, source, &extents)?;
    }
    let source = if is_whole { source } else { site.reshape(source, &whole, &extents)? };
    let operands = [&[tensor, source], &start_operands[..]].concat();
    site.builder.emit(OpKind::ArrayUpdateSlice, &Parameters::Update { starts, accumulate: false }, &operands)
}

/// `tensor.empty`: zeros.
pub(super) fn empty<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    site.of_numbers()?;
    let zero = Number::of_f64(0.0, site.result.dtype);
    let zero = site.builder.literal(dp_dialects::Literal::number(site.result.dtype, zero))?;
    site.builder.broadcast(zero, &[], &site.result, &site.operands)
}

/// `tensor.splat`: a broadcast.
pub(super) fn splat<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    site.of_numbers()?;
    site.builder.broadcast(site.operands[0], &[], &site.result, &site.operands[1..])
}

/// `tensor.concat`: a concatenation.
pub(super) fn concatenate<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    site.of_numbers()?;
    let dim = dp_dialects::ir::i64_attribute(site.op, "dim").and_then(|dim| usize::try_from(dim).ok());
    let dim = dim.ok_or_else(|| site.refusal("it has no dimension"))?;
    let joined = site.builder.emit(OpKind::ArrayConcatenate, &Parameters::Dim(dim), &site.operands)?;
    match ValueType::of_value(joined)? == site.result {
        true => Ok(joined),
        false => site.builder.cast(joined, &site.result),
    }
}

/// `tensor.expand_shape`: a reshape to the extents that it lists.
pub(super) fn expand_shape<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    site.of_numbers()?;
    site.reshape(site.operands[0], &site.result, &site.operands[1..])
}

/// `tensor.collapse_shape`: a reshape; the extent of a group of dimensions is their product.
pub(super) fn collapse_shape<'c>(site: &RaiseSite<'c>) -> Result<Val<'c>> {
    site.of_numbers()?;
    let (b, x) = (site.builder, site.operands[0]);
    let groups = groups(site).ok_or_else(|| site.refusal("it has no groups of dimensions"))?;
    let mut extents = Vec::new();
    for dim in site.result.dynamic_dimensions() {
        let mut product = b.index(1)?;
        for dim in groups.get(dim).into_iter().flatten() {
            product = times(b, product, b.extent(x, *dim)?)?;
        }
        extents.push(product);
    }
    site.reshape(x, &site.result, &extents)
}

fn times<'c>(b: Builder<'c>, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    b.op(OpKind::ArithMulI, &[x, y], &[x.r#type()], &[], vec![]).map(result)
}

/// The dimensions of the operand that make each dimension of the result.
fn groups(site: &RaiseSite) -> Option<Vec<Vec<usize>>> {
    let list = ArrayAttribute::try_from(site.op.attribute("reassociation").ok()?).ok()?;
    let group = |index| {
        let group = ArrayAttribute::try_from(list.element(index).ok()?).ok()?;
        let dim = |index| usize::try_from(IntegerAttribute::try_from(group.element(index).ok()?).ok()?.value()).ok();
        (0..group.len()).map(dim).collect()
    };
    (0..list.len()).map(group).collect()
}
