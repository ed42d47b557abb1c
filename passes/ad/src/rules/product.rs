//! The derivative of a product of elements.
//!
//! `y = Π_i x_i` has the tangent `Σ_i e_i dx_i`, where `e_i = Π_{j≠i} x_j` are the exclusive products. `e_i = y / x_i`
//! is undefined if an element is zero, and treating zeros as a special case would only give correct values: higher
//! derivatives at a point with several zeros are products of the remaining elements.
//!
//! So the `e_i` are computed by multiplication only: `e_i` is the product of the elements before `i` times that of the
//! elements after `i`, two exclusive scans. They are polynomials in the elements, scans have derivatives, and derivatives
//! of every order are correct everywhere. This takes three multiplications per element.

use super::contraction::repeat;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::Val;
use dp_dialects::parameters::ScanForm;
use dp_dialects::{Builder, Number, Parameters, Result, ValueType};

/// For each element, the product of the others along some dimensions; `None`
/// along no dimension, where there are no others and the product is 1.
pub(super) fn exclusive<'c>(builder: Builder<'c>, x: Val<'c>, dims: &[usize]) -> Result<Option<Val<'c>>> {
    let Some(last) = dims.iter().copied().max() else { return Ok(None) };
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
