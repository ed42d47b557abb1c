//! Reductions, and maps by regions.

use super::extents::Extent;
use super::rows::row;
use super::site::Site;
use super::{Translated, name_of};
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{Blk, Val, block_args, block_ops, defining_op, operands, results};
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Parameters, ScalarType};
use melior::ir::{Type, ValueLike};

/// The kind of reduction of a region that combines two elements of a type; `None` if it is none of its own.
pub(super) fn kind_of(block: Blk, dtype: ScalarType) -> Option<Reduction> {
    let ops = block_ops(block);
    let [op, terminator] = ops[..] else { return None };
    let arguments = block_args(block);
    let [a, b] = arguments[..] else { return None };
    let combined = operands(op);
    if operands(terminator) != results(op) || (combined != [a, b] && combined != [b, a]) {
        return None;
    }
    let is_boolean = dtype == ScalarType::I1;
    let is_unsigned = super::types::is_unsigned(a.r#type()) && !is_boolean;
    Some(match name_of(op).as_str() {
        "stablehlo.add" | "stablehlo.maximum" if is_boolean => Reduction::Or,
        "stablehlo.multiply" | "stablehlo.minimum" if is_boolean => Reduction::And,
        "stablehlo.add" => Reduction::Add,
        "stablehlo.multiply" => Reduction::Mul,
        "stablehlo.maximum" if !is_unsigned => Reduction::Max,
        "stablehlo.minimum" if !is_unsigned => Reduction::Min,
        "stablehlo.and" => Reduction::And,
        "stablehlo.or" => Reduction::Or,
        _ => return None,
    })
}

/// Whether a value is the identity of a reduction.
pub(super) fn is_identity(kind: Reduction, value: Val) -> bool {
    let constant = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::ScalarConstant));
    match constant.and_then(|op| Parameters::of(OpKind::ScalarConstant, op)) {
        Some(Parameters::Constant(literal)) => kind.identity(literal.dtype) == Some(literal.element(0)),
        _ => false,
    }
}

/// `reduce`.
pub(super) fn reduce<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let count = operands(site.op).len() / 2;
    let (xs, initial) = (site.some_operands(0..count)?, site.some_operands(count..2 * count)?);
    let body = site.region(0)?;
    let Some(first) = xs.first().copied() else { return Err(Diagnostic::invalid("has no operands").into()) };
    let r#type = site.type_of(first)?;
    let dims = site.dims("dimensions", r#type.rank())?;
    if dims.is_empty() {
        // Each element is combined with the initial value.
        let mut values = Vec::new();
        for (start, x) in initial.iter().zip(&xs) {
            values.push(site.spread(*start, *x)?);
        }
        let builder = site.builder;
        return apply(site, body, &[values, xs].concat(), builder);
    }
    if let ([x], [start]) = (&xs[..], &initial[..]) {
        return Ok(vec![one(site, *x, *start, body, dims)?]);
    }
    several(site, &xs, &initial, body, &dims)
}

/// The reduction of one tensor.
fn one<'c>(
    site: &mut Site<'_, 'c>,
    x: Val<'c>,
    start: Val<'c>,
    body: Blk<'c>,
    dims: Vec<usize>,
) -> Translated<'c, Val<'c>> {
    let kind = kind_of(body, site.type_of(x)?.dtype);
    if let Some((kind, combine)) = kind.and_then(|kind| Some((kind, kind.combiner()?))) {
        let reduced = site.emit(OpKind::ArrayReduce, &Parameters::Reduce { kind, dims }, &[x])?;
        let reduced = site.untensor(reduced)?;
        if is_identity(kind, start) {
            return Ok(reduced);
        }
        let start = site.spread(start, reduced)?;
        return site.scalar(combine, &[start, reduced]);
    }
    several(site, &[x], &[start], body, &dims).map(|values| values[0])
}

/// The reduction of several tensors at once, one element along the reduced dimensions after another.
fn several<'c>(
    site: &mut Site<'_, 'c>,
    xs: &[Val<'c>],
    initial: &[Val<'c>],
    body: Blk<'c>,
    dims: &[usize],
) -> Translated<'c, Vec<Val<'c>>> {
    let extents = site.extents(xs[0])?;
    let mut sorted = dims.to_vec();
    sorted.sort_unstable();
    let kept: Vec<usize> = (0..extents.len()).filter(|dim| !dims.contains(dim)).collect();
    let rounds = site.count_of(&sorted.iter().map(|dim| extents[*dim]).collect::<Vec<_>>())?;
    let shape: Vec<Extent> = kept.iter().map(|dim| extents[*dim]).collect();
    let order: Vec<usize> = sorted.iter().chain(&kept).copied().collect();
    let mut rows = Vec::new();
    for x in xs {
        let transposed = site.transpose(*x, &order)?;
        rows.push(site.reshaped(transposed, &[&[rounds], &shape[..]].concat())?);
    }
    let mut carried = Vec::new();
    for start in initial {
        carried.push(site.repeated(*start, &[], &shape)?);
    }
    if rounds.known() == Some(0) {
        return Ok(carried);
    }
    let types: Vec<Type> = carried.iter().map(|value| value.r#type()).collect();
    let index = ScalarType::Index.to_type(site.import.context);
    let arguments: Vec<Type> = std::iter::once(index).chain(types.iter().copied()).collect();
    let (region, arguments, inner) = site.builder.region(&arguments);
    let mut elements = arguments[1..].to_vec();
    {
        let inner = Site { import: &mut *site.import, op: site.op, builder: inner };
        for matrix in &rows {
            elements.push(row(&inner, *matrix, arguments[0])?);
        }
    }
    let next = apply(site, body, &elements, inner)?;
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    let (from, to, step) = (site.builder.index(0)?, site.index_of(&rounds)?, site.builder.index(1)?);
    let operands: Vec<Val> = [from, to, step].into_iter().chain(carried).collect();
    Ok(results(site.builder.op(OpKind::ScfFor, &operands, &types, &[], vec![region])?))
}

/// A region of the source applied to numbers, or to tensors element by element.
pub(super) fn apply<'c>(
    site: &mut Site<'_, 'c>,
    body: Blk<'c>,
    values: &[Val<'c>],
    builder: Builder<'c>,
) -> Translated<'c, Vec<Val<'c>>> {
    let Some(first) = values.first() else { return Err(Diagnostic::invalid("has no operands").into()) };
    if !site.type_of(*first)?.is_tensor() {
        return site.import.block_with(body, values, builder);
    }
    let context = site.import.context;
    let mut elements = Vec::new();
    for value in values {
        elements.push(site.type_of(*value)?.dtype.to_type(context));
    }
    let (region, arguments, inner) = builder.region(&elements);
    let yielded = site.import.isolated_block(body, &arguments, inner)?;
    inner.op(OpKind::ArrayYield, &yielded, &[], &[], vec![])?;
    let shape = site.type_of(*first)?;
    let mut types = Vec::new();
    for value in &yielded {
        types.push(shape.with_dtype(site.type_of(*value)?.dtype).to_type(context));
    }
    Ok(results(builder.op(OpKind::ArrayMap, values, &types, &[], vec![region])?))
}

/// `map`.
pub(super) fn map<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (body, values, builder) = (site.region(0)?, site.operands()?, site.builder);
    apply(site, body, &values, builder)
}
