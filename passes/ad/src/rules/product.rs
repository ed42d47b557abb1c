//! The derivative of a product of elements.
//!
//! `y = Π_i x_i` has the tangent `Σ_i e_i dx_i`, where `e_i = Π_{j≠i} x_j` are the exclusive products. `e_i = y / x_i`
//! is undefined if an element is zero, and treating zeros as a special case would only give correct values: higher
//! derivatives at a point with several zeros are products of the remaining elements.
//!
//! So the `e_i` are computed by multiplication only, from slices, products and concatenations. They are polynomials in
//! the elements, and derivatives of every order are correct everywhere. There are three methods:
//!
//! - Direct: for every `i`, multiply all elements, with 1 in place of `x_i`. The work is quadratic, so this is only for
//!   few elements; but it is one loop, and a product reduction again.
//! - By halves, for static extents: split the dimension into `a`, `b`, and the last element `c` if the extent is odd.
//!   Compute the exclusive products of `p = (a b, c)`; then those of `a` are `e(p) b`, those of `b` are `e(p) a`, and
//!   that of `c` is `e(p)`. This takes three multiplications per element in total.
//! - By blocks, for dynamic extents: the direct method within blocks of [`BLOCK`] elements, times the exclusive
//!   products of the blocks' products, [`LEVELS`] deep. This takes about [`BLOCK`] multiplications per element. The
//!   rest (one element, up to an extent of `BLOCK^LEVELS = 2^12`) uses the direct method: it is quadratic, but up to
//!   extents of `2^24` no more expensive than the blocks, and correct beyond.
//!
//! Adjacent dimensions of which one is dynamic are first merged into one.

use super::contraction::repeat;
use dp_dialects::MlirType;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::{Val, result};
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use std::ops::RangeInclusive;

/// From how many elements on halves are less work.
const MANY: u64 = 5;

/// How many elements a block has.
const BLOCK: u64 = 8;

/// How often there are blocks of blocks.
const LEVELS: usize = 4;

/// For each element, the product of the others along some dimensions; `None`
/// along no dimension, where there are no others and the product is 1.
pub(super) fn exclusive<'c>(builder: Builder<'c>, x: Val<'c>, dims: &[usize]) -> Result<Option<Val<'c>>> {
    let Some(last) = dims.iter().copied().max() else { return Ok(None) };
    if let Some(run) = open_neighbours(&ValueType::of_value(x)?, dims) {
        return as_one(builder, x, dims, run);
    }
    let rest: Vec<usize> = dims.iter().copied().filter(|dim| *dim != last).collect();
    let within = along(builder, x, last, LEVELS)?;
    if rest.is_empty() {
        return Ok(Some(within));
    }
    // Π over all but (i, j) is Π over all but j of row i, times that of the other rows.
    let rows = product(builder, x, last)?;
    let Some(others) = exclusive(builder, rows, &rest)? else { return Ok(Some(within)) };
    let kept: Vec<usize> = (0..ValueType::of_value(x)?.rank()).filter(|dim| *dim != last).collect();
    let others = repeat(builder, others, &kept, x)?;
    builder.scalar(ScalarMul, &[within, others]).map(Some)
}

/// The first run of several neighbouring dimensions of which one is not known.
fn open_neighbours(r#type: &ValueType, dims: &[usize]) -> Option<RangeInclusive<usize>> {
    let runs = dims.iter().map(|first| {
        let last = (*first..r#type.rank()).take_while(|dim| dims.contains(dim)).last().unwrap_or(*first);
        *first..=last
    });
    let is_open = |run: &RangeInclusive<usize>| run.clone().any(|dim| r#type.extents()[dim].is_none());
    runs.filter(|run| run.end() > run.start() && is_open(run)).min_by_key(|run| *run.start())
}

/// The exclusive products where some neighbouring dimensions are one.
fn as_one<'c>(builder: Builder<'c>, x: Val<'c>, dims: &[usize], run: RangeInclusive<usize>) -> Result<Option<Val<'c>>> {
    let r#type = ValueType::of_value(x)?;
    let (first, lost) = (*run.start(), run.end() - run.start());
    let index = ScalarType::Index.to_type(builder.context());
    let mut count = builder.extent(x, first)?;
    for dim in run.clone().skip(1) {
        count = result(builder.op(ArithMulI, &[count, builder.extent(x, dim)?], &[index], &[], vec![])?);
    }
    let mut one = r#type.clone();
    if let Some(shape) = &mut one.shape {
        shape.splice(run.clone(), [None]);
    }
    let mut operands = vec![x];
    for dim in one.dynamic_dimensions() {
        operands.push(match dim {
            dim if dim == first => count,
            dim => builder.extent(x, if dim < first { dim } else { dim + lost })?,
        });
    }
    let within = builder.emit_typed(ArrayReshape, &Parameters::None, &operands, &one)?;
    let others = dims.iter().filter(|dim| **dim == first || !run.contains(dim));
    let renumbered: Vec<usize> = others.map(|dim| if *dim > first { dim - lost } else { *dim }).collect();
    let Some(products) = exclusive(builder, within, &renumbered)? else { return Ok(None) };
    let operands: Vec<Val> = std::iter::once(products).chain(builder.extents(x)?).collect();
    builder.emit_typed(ArrayReshape, &Parameters::None, &operands, &r#type).map(Some)
}

fn product<'c>(builder: Builder<'c>, x: Val<'c>, dim: usize) -> Result<Val<'c>> {
    builder.emit(ArrayReduce, &Parameters::Reduce { kind: Reduction::Mul, dims: vec![dim] }, &[x])
}

/// The exclusive products along one dimension.
fn along<'c>(builder: Builder<'c>, x: Val<'c>, dim: usize, levels: usize) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?;
    match r#type.extents()[dim] {
        Some(0 | 1) => builder.splat(Number::of_f64(1.0, r#type.dtype), &r#type, x),
        Some(extent @ MANY..) => by_halves(builder, x, dim, extent),
        Some(_) => each_without_each(builder, x, dim),
        None if levels == 0 => each_without_each(builder, x, dim),
        None => by_blocks(builder, x, dim, levels),
    }
}

fn by_halves<'c>(builder: Builder<'c>, x: Val<'c>, dim: usize, extent: u64) -> Result<Val<'c>> {
    let concatenate = |pieces: &[Val<'c>]| builder.emit(ArrayConcatenate, &Parameters::Dim(dim), pieces);
    let mul = |a, b| builder.scalar(ScalarMul, &[a, b]);
    let half = extent / 2;
    let a = piece(builder, x, dim, 0, Count::Known(half))?;
    let b = piece(builder, x, dim, half, Count::Known(half))?;
    let pairs = mul(a, b)?;
    if extent == 2 * half {
        let outside = along(builder, pairs, dim, LEVELS)?;
        return concatenate(&[mul(outside, b)?, mul(outside, a)?]);
    }
    let last = piece(builder, x, dim, 2 * half, Count::Known(1))?;
    let outside = along(builder, concatenate(&[pairs, last])?, dim, LEVELS)?;
    let of_pairs = piece(builder, outside, dim, 0, Count::Known(half))?;
    let of_last = piece(builder, outside, dim, half, Count::Known(1))?;
    concatenate(&[mul(of_pairs, b)?, mul(of_pairs, a)?, of_last])
}

/// Element `(b, m)` is the one at `b M + m`, for `M` the number of elements over
/// that of a block, rounded up; ones fill the rest. A block are those of one `m`.
fn by_blocks<'c>(builder: Builder<'c>, x: Val<'c>, dim: usize, levels: usize) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?;
    let index = ScalarType::Index.to_type(builder.context());
    let compute = |kind: OpKind, a, b| builder.op(kind, &[a, b], &[index], &[], vec![]).map(result);
    // The extents of what is dynamic, with one of them for `dim`.
    let extents = |shape: &ValueType, known: &[(usize, Val<'c>)]| -> Result<Vec<Val<'c>>> {
        let mut extents = Vec::new();
        for dynamic in shape.dynamic_dimensions() {
            extents.push(match known.iter().find(|(dim, _)| *dim == dynamic) {
                Some((_, extent)) => *extent,
                None => {
                    builder.extent(x, if dynamic > dim { dynamic + r#type.rank() - shape.rank() } else { dynamic })?
                }
            });
        }
        Ok(extents)
    };
    let (count, block) = (builder.extent(x, dim)?, builder.index(BLOCK as i64)?);
    let more = compute(ArithAddI, count, builder.index(BLOCK as i64 - 1)?)?;
    let blocks = compute(ArithDivSI, more, block)?;
    let filled = compute(ArithMulI, blocks, block)?;
    let rest = compute(ArithSubI, filled, count)?;

    let one = builder.literal(Literal::number(r#type.dtype, Number::of_f64(1.0, r#type.dtype)))?;
    let ones = builder.broadcast(one, &[], &r#type, &extents(&r#type, &[(dim, rest)])?)?;
    let whole = builder.emit(ArrayConcatenate, &Parameters::Dim(dim), &[x, ones])?;
    let mut split = r#type.clone();
    if let Some(shape) = &mut split.shape {
        shape.insert(dim, Some(BLOCK));
    }
    let reshape = |x, to: &ValueType, known: (usize, Val<'c>)| {
        let operands: Vec<Val> = std::iter::once(x).chain(extents(to, &[known])?).collect();
        builder.emit_typed(ArrayReshape, &Parameters::None, &operands, to)
    };
    let whole = reshape(whole, &split, (dim + 1, blocks))?;

    let within = each_without_each(builder, whole, dim)?;
    let outside = along(builder, product(builder, whole, dim)?, dim, levels - 1)?;
    let kept: Vec<usize> = (0..split.rank()).filter(|kept| *kept != dim).collect();
    let outside = repeat(builder, outside, &kept, whole)?;
    let exclusive = builder.scalar(ScalarMul, &[within, outside])?;
    let exclusive = reshape(exclusive, &r#type, (dim, filled))?;
    piece(builder, exclusive, dim, 0, Count::Value(count))
}

/// How many elements.
#[derive(Clone, Copy)]
enum Count<'c> {
    Known(u64),
    Value(Val<'c>),
}

/// Some elements of a tensor along one dimension.
fn piece<'c>(builder: Builder<'c>, x: Val<'c>, dim: usize, start: u64, count: Count<'c>) -> Result<Val<'c>> {
    let mut r#type = ValueType::of_value(x)?;
    let mut starts = vec![Start::At(0); r#type.rank()];
    starts[dim] = Start::At(start as i64);
    if let Some(extents) = &mut r#type.shape {
        extents[dim] = match count {
            Count::Known(count) => Some(count),
            Count::Value(_) => None,
        };
    }
    let mut arguments = vec![x];
    for dynamic in r#type.dynamic_dimensions() {
        arguments.push(match count {
            Count::Value(count) if dynamic == dim => count,
            Count::Known(_) | Count::Value(_) => builder.extent(x, dynamic)?,
        });
    }
    let strides = vec![1; starts.len()];
    builder.emit_typed(ArraySlice, &Parameters::Slice { starts, strides }, &arguments, &r#type)
}

/// The exclusive products as the definition says them.
fn each_without_each<'c>(builder: Builder<'c>, x: Val<'c>, dim: usize) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?;
    // `i` stands before `j`, which takes the place of the operand's dimension.
    let mut square = r#type.clone();
    if let Some(extents) = &mut square.shape {
        extents.insert(dim, r#type.extents()[dim]);
    }
    let places: Vec<usize> = (0..r#type.rank()).map(|from| if from < dim { from } else { from + 1 }).collect();
    let mut extents = Vec::new();
    for dynamic in square.dynamic_dimensions() {
        extents.push(builder.extent(x, if dynamic <= dim { dynamic } else { dynamic - 1 })?);
    }
    let elements = builder.broadcast(x, &places, &square, &extents)?;
    let count =
        |dim| builder.emit_typed(ArrayIota, &Parameters::Dim(dim), &extents, &square.with_dtype(ScalarType::I64));
    let same = builder.emit(ScalarCompare, &Parameters::Compare(Predicate::Eq), &[count(dim)?, count(dim + 1)?])?;
    let one = builder.splat(Number::of_f64(1.0, r#type.dtype), &square, elements)?;
    let others = builder.scalar(ScalarSelect, &[same, one, elements])?;
    product(builder, others, dim + 1)
}
