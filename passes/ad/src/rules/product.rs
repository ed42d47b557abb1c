//! The derivative of a product of elements.
//!
//! `y = Π_i x_i` has the tangent `Σ_i e_i dx_i`, where `e_i = Π_{j≠i} x_j` are the exclusive products. `e_i = y / x_i`
//! is undefined if an element is zero, and treating zeros as a special case would only give correct values: higher
//! derivatives at a point with several zeros are products of the remaining elements.
//!
//! So the `e_i` are computed by multiplication only: `e_i` is the product of the elements before `i` times that of the
//! elements after `i`, two exclusive scans. They are polynomials in the elements, scans have derivatives, and derivatives
//! of every order are correct everywhere. This takes three multiplications per element. Neighbouring dimensions are merged
//! into one first; dimensions that are apart take as many again each.

use super::contraction::repeat;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{Val, result};
use dp_dialects::parameters::ScanForm;
use dp_dialects::{Builder, MlirType, Number, Parameters, Result, ScalarType, ValueType};
use std::ops::RangeInclusive;

/// For each element, the product of the others along some dimensions; `None`
/// along no dimension, where there are no others and the product is 1.
pub(super) fn exclusive<'c>(builder: Builder<'c>, x: Val<'c>, dims: &[usize]) -> Result<Option<Val<'c>>> {
    let Some(last) = dims.iter().copied().max() else { return Ok(None) };
    if let Some(run) = neighbours(ValueType::of_value(x)?.rank(), dims) {
        return as_one(builder, x, dims, run);
    }
    let rest: Vec<usize> = dims.iter().copied().filter(|dim| *dim != last).collect();
    let within = along(builder, x, last)?;
    if rest.is_empty() {
        return Ok(Some(within));
    }
    // Π over all but (i, j) is Π over all but j of row i, times that of the other rows.
    let rows = builder.emit(ArrayReduce, &Parameters::Reduce { kind: Reduction::Mul, dims: vec![last] }, &[x])?;
    let Some(others) = exclusive(builder, rows, &rest)? else { return Ok(Some(within)) };
    let kept: Vec<usize> = (0..ValueType::of_value(x)?.rank()).filter(|dim| *dim != last).collect();
    let others = repeat(builder, others, &kept, x)?;
    builder.scalar(ScalarMul, &[within, others]).map(Some)
}

/// The first run of several neighbouring dimensions.
fn neighbours(rank: usize, dims: &[usize]) -> Option<RangeInclusive<usize>> {
    let runs = dims.iter().map(|first| {
        let last = (*first..rank).take_while(|dim| dims.contains(dim)).last().unwrap_or(*first);
        *first..=last
    });
    runs.filter(|run| run.end() > run.start()).min_by_key(|run| *run.start())
}

/// The exclusive products where some neighbouring dimensions are one.
fn as_one<'c>(builder: Builder<'c>, x: Val<'c>, dims: &[usize], run: RangeInclusive<usize>) -> Result<Option<Val<'c>>> {
    let r#type = ValueType::of_value(x)?;
    let (first, lost) = (*run.start(), run.end() - run.start());
    let mut one = r#type.clone();
    if let Some(shape) = &mut one.shape {
        let merged = shape[run.clone()].iter().try_fold(1u64, |count, extent| count.checked_mul((*extent)?));
        shape.splice(run.clone(), [merged]);
    }
    let mut operands = vec![x];
    for dim in one.dynamic_dimensions() {
        operands.push(match dim {
            dim if dim == first => count(builder, x, run.clone())?,
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

/// The number of elements of some dimensions.
fn count<'c>(builder: Builder<'c>, x: Val<'c>, dims: RangeInclusive<usize>) -> Result<Val<'c>> {
    let index = ScalarType::Index.to_type(builder.context());
    let mut count = builder.extent(x, *dims.start())?;
    for dim in dims.skip(1) {
        count = result(builder.op(ArithMulI, &[count, builder.extent(x, dim)?], &[index], &[], vec![])?);
    }
    Ok(count)
}

/// The exclusive products along one dimension.
fn along<'c>(builder: Builder<'c>, x: Val<'c>, dim: usize) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?;
    if matches!(r#type.extents()[dim], Some(0 | 1)) {
        return builder.splat(Number::of_f64(1.0, r#type.dtype), &r#type, x);
    }
    let products = |reverse| {
        let form = ScanForm { kind: Reduction::Mul, dim, exclusive: true, reverse };
        builder.emit(ArrayScan, &Parameters::Scan(form), &[x])
    };
    builder.scalar(ScalarMul, &[products(false)?, products(true)?])
}
