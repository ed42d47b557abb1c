//! Slices and updates of slices.

use super::LoweringSite;
use crate::checks::{Order, compare, require, require_equal};
use crate::structured::{Index, Indexed, Region, arith, empty, extent, fill, generic};
use dp_dialects::ir::{Val, result};
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, OpKind, Parameters, Result, ValueType};
use melior::ir::ValueLike;

/// The number of positions that `size` elements with this stride span.
fn span<'c>(b: &Builder<'c>, size: Index<'c>, stride: i64) -> Result<Index<'c>> {
    match size {
        Index::Known(size) => Ok(Index::Known(if size == 0 { 0 } else { (size - 1) * stride + 1 })),
        Index::Value(size) if stride == 1 => Ok(Index::Value(size)),
        Index::Value(size) => {
            let (zero, one, stride) = (b.index(0)?, b.index(1)?, b.index(stride)?);
            let steps = arith(b, "arith.subi", size, one)?;
            let reach = arith(b, "arith.muli", steps, stride)?;
            let span = arith(b, "arith.addi", reach, one)?;
            arith(b, "arith.maxsi", span, zero).map(Index::Value)
        }
    }
}

/// The start of a slice in one dimension, clamped; asserts that the slice fits.
fn clamp<'c>(
    site: &LoweringSite<'c>,
    start: Index<'c>,
    extent: Index<'c>,
    size: Index<'c>,
    stride: i64,
) -> Result<Index<'c>> {
    let b = &site.b;
    let is_spread = stride != 1 && matches!(size, Index::Value(_));
    let does_not_fit = || format!("the slice of '{}' is out of bounds", site.kind.name());
    if let (true, Index::Value(size)) = (is_spread, size) {
        // By division, since the span of a larger slice might overflow.
        let (one, zero) = (b.index(1)?, b.index(0)?);
        let whole = extent.value(b)?;
        let steps = arith(b, "arith.divui", arith(b, "arith.subi", whole, one)?, b.index(stride)?)?;
        let is_empty = compare(b, Order::Eq, whole, zero)?;
        let most = arith(b, "arith.addi", steps, one)?;
        let most = b.op(OpKind::ArithSelect, &[is_empty, zero, most], &[most.r#type()], &[], vec![]).map(result)?;
        require(b, compare(b, Order::Sle, size, most)?, &does_not_fit())?;
    }
    let span = span(b, size, stride)?;
    let room = match (extent, span) {
        (Index::Known(extent), Index::Known(span)) => Some(extent - span),
        _ => None,
    };
    match (room, start) {
        (Some(room), Index::Known(start)) => return Ok(Index::Known(start.clamp(0, room.max(0)))),
        (Some(0), _) => return Ok(Index::Known(0)),
        _ => {}
    }
    let (extent, span) = (extent.value(b)?, span.value(b)?);
    if !is_spread && room.is_none_or(|room| room < 0) {
        require(b, compare(b, Order::Sle, span, extent)?, &does_not_fit())?;
    }
    if matches!(start, Index::Known(0)) {
        return Ok(start);
    }
    let last = arith(b, "arith.subi", extent, span)?;
    let start = start.value(b)?;
    let positive = arith(b, "arith.maxsi", start, b.index(0)?)?;
    arith(b, "arith.minsi", positive, last).map(Index::Value)
}

/// The starts, with `index` operands filled in.
fn starts<'c>(written: &[Start], mut operands: impl Iterator<Item = Val<'c>>) -> Option<Vec<Index<'c>>> {
    let start = |start: &Start| match start {
        Start::At(at) => Some(Index::Known(*at)),
        Start::Operand => operands.next().map(Index::Value),
    };
    written.iter().map(start).collect()
}

fn sizes<'c>(r#type: &ValueType, extents: &[Val<'c>]) -> Vec<Index<'c>> {
    let mut extents = extents.iter();
    let size = |extent: &Option<u64>| match extent {
        Some(extent) => Index::Known(*extent as i64),
        None => extents.next().map_or(Index::Known(0), |extent| Index::Value(*extent)),
    };
    r#type.extents().iter().map(size).collect()
}

/// A slice; bufferization makes it a view.
pub(super) fn slice<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Slice { starts: written, strides } = &site.parameters else { return site.malformed() };
    let extents = site.extents()?;
    let (x, of) = (site.operands[0], &site.types[0]);
    let Some(starts) = starts(written, site.operands[1..].iter().copied()) else { return site.malformed() };
    let sizes = sizes(&site.result, &extents);
    let strides: Vec<i64> = strides.iter().map(|stride| *stride as i64).collect();
    let mut offsets = Vec::new();
    for (dim, start) in starts.into_iter().enumerate() {
        offsets.push(clamp(site, start, Index::extent(b, x, of, dim)?, sizes[dim], strides[dim])?);
    }
    Region { offsets, sizes, strides }.extract(b, x, &site.result)
}

/// Replaces or accumulates into the slice.
pub(super) fn update<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Update { starts: written, accumulate } = &site.parameters else { return site.malformed() };
    let [x, update, indices @ ..] = &site.operands[..] else { return site.malformed() };
    let (of, box_type) = (&site.types[0], &site.types[1]);
    let Some(starts) = starts(written, indices.iter().copied()) else { return site.malformed() };
    let mut sizes = Vec::new();
    let mut offsets = Vec::new();
    for (dim, start) in starts.into_iter().enumerate() {
        let size = Index::extent(b, *update, box_type, dim)?;
        offsets.push(clamp(site, start, Index::extent(b, *x, of, dim)?, size, 1)?);
        sizes.push(size);
    }
    let region = Region { offsets, sizes, strides: vec![1; of.rank()] };
    if !accumulate {
        return region.insert(b, *update, *x);
    }
    let old = region.extract(b, *x, box_type)?;
    let sum = add(b, old, *update, box_type)?;
    region.insert(b, sum, *x)
}

/// The sum of two tensors of one type, written to the first.
pub(super) fn add<'c>(b: &Builder<'c>, x: Val<'c>, y: Val<'c>, r#type: &ValueType) -> Result<Val<'c>> {
    let rank = r#type.rank();
    let made = generic(b, rank, &[], &[Indexed::identity(y, rank)], &[Indexed::identity(x, rank)], |b, elements| {
        b.scalar(OpKind::ScalarAdd, &[elements[1], elements[0]]).map(|sum| vec![sum])
    })?;
    Ok(made[0])
}

/// Inserts the operand into a tensor filled with the padding value.
pub(super) fn pad<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Pad { low, high, interior } = &site.parameters else { return site.malformed() };
    let extents = site.extents()?;
    let (x, value, of) = (site.operands[0], site.operands[1], &site.types[0]);
    let given = sizes(&site.result, &extents);
    let mut inner = Vec::new();
    for dim in 0..of.rank() {
        let size = Index::extent(b, x, of, dim)?;
        let stride = interior[dim] as i64 + 1;
        if of.extents()[dim].is_none() || site.result.extents()[dim].is_none() {
            let covered = span(b, size, stride)?.value(b)?;
            let margin = b.index((low[dim] + high[dim]) as i64)?;
            let wanted = arith(b, "arith.addi", covered, margin)?;
            let message = format!("the extent of dimension {dim} does not match the type of 'array.pad'");
            require_equal(b, given[dim].value(b)?, wanted, &message)?;
        }
        inner.push(size);
    }
    let out = fill(b, value, empty(b, &site.result, &extents)?)?;
    let offsets = low.iter().map(|low| Index::Known(*low as i64)).collect();
    let strides = interior.iter().map(|gap| *gap as i64 + 1).collect();
    Region { offsets, sizes: inner, strides }.insert(b, x, out)
}

/// Inserts each operand into its slice of the result.
pub(super) fn concatenate<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Dim(along) = site.parameters else { return site.malformed() };
    let first = site.operands[0];
    let mut begins = Vec::new();
    let mut total = Index::Known(0);
    for (index, x) in site.operands.iter().enumerate() {
        begins.push(total);
        let extent = Index::extent(b, *x, &site.types[index], along)?;
        total = match (total, extent) {
            (Index::Known(total), Index::Known(extent)) => Index::Known(total + extent),
            (total, extent) => Index::Value(arith(b, "arith.addi", total.value(b)?, extent.value(b)?)?),
        };
    }
    let mut extents = Vec::new();
    for dim in site.result.dynamic_dimensions() {
        extents.push(if dim == along { total.value(b)? } else { extent(b, first, dim)? });
    }
    let mut out = empty(b, &site.result, &extents)?;
    for (index, x) in site.operands.iter().enumerate() {
        let mut sizes = Vec::new();
        let mut offsets = Vec::new();
        for dim in 0..site.result.rank() {
            let size = Index::extent(b, *x, &site.types[index], dim)?;
            if dim != along && (site.types[0].extents()[dim].is_none() || site.types[index].extents()[dim].is_none()) {
                let message = format!("the operands of 'array.concatenate' differ in the extent of dimension {dim}");
                require_equal(b, size.value(b)?, extent(b, first, dim)?, &message)?;
            }
            offsets.push(if dim == along { begins[index] } else { Index::Known(0) });
            sizes.push(size);
        }
        out = Region { offsets, sizes, strides: vec![1; site.result.rank()] }.insert(b, *x, out)?;
    }
    Ok(out)
}
