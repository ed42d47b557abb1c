//! Sorts, and the greatest elements.

use super::extents::Extent;
use super::site::{Site, extents_of};
use super::{Translated, bits};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{Blk, Val, i64_attribute, region_block, results};
use dp_dialects::{Diagnostic, MlirType, OpKind, Parameters, ScalarType, ValueType};
use melior::ir::attribute::{BoolAttribute, DictionaryAttribute, IntegerAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::{Region, Type, ValueLike};

/// `sort`, which is stable whether it must be or not.
pub(super) fn sort<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let xs = site.operands()?;
    let Some(first) = xs.first() else { return Err(Diagnostic::invalid("has no operands").into()) };
    let first = site.type_of(*first)?;
    if !first.is_tensor() {
        return Ok(xs);
    }
    let rank = first.rank();
    let dim = match i64_attribute(site.op, "dimension").unwrap_or(-1) {
        dim if (-(rank as i64)..0).contains(&dim) => (dim + rank as i64) as usize,
        dim if (0..rank as i64).contains(&dim) => dim as usize,
        dim => return Err(Diagnostic::invalid(format!("{dim} is not a dimension")).into()),
    };
    let comparator = site.region(0)?;
    sorted_by(site, &xs, dim, comparator)
}

/// Tensors sorted along a dimension by a block of the source.
fn sorted_by<'c>(
    site: &mut Site<'_, 'c>,
    xs: &[Val<'c>],
    dim: usize,
    comparator: Blk<'c>,
) -> Translated<'c, Vec<Val<'c>>> {
    let context = site.import.context;
    let mut elements = Vec::new();
    for x in xs {
        let element = site.type_of(*x)?.dtype.to_type(context);
        elements.extend([element, element]);
    }
    let (region, arguments, inner) = site.builder.region(&elements);
    let yielded = site.import.isolated_block(comparator, &arguments, inner)?;
    inner.op(OpKind::ArrayYield, &yielded, &[], &[], vec![])?;
    sorted(site, xs, dim, region)
}

/// Tensors sorted along a dimension by a region.
fn sorted<'c>(site: &Site<'_, 'c>, xs: &[Val<'c>], dim: usize, region: Region<'c>) -> Translated<'c, Vec<Val<'c>>> {
    let types: Vec<Type> = xs.iter().map(|x| x.r#type()).collect();
    let attributes = Parameters::Dim(dim).attributes(site.import.context);
    Ok(results(site.builder.op(OpKind::ArraySort, xs, &types, &attributes, vec![region])?))
}

/// `chlo.top_k`.
pub(super) fn top_k<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let count = i64_attribute(site.op, "k").ok_or_else(|| Diagnostic::invalid("has no integer 'k'"))?;
    greatest(site, count, true)
}

/// The custom call `mhlo.topk`.
pub(super) fn top_k_call<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let attributes = site.op.attribute("mhlo.attributes").ok();
    let attributes = attributes.and_then(|attributes| DictionaryAttribute::try_from(attributes).ok());
    let attributes = attributes.ok_or_else(|| Diagnostic::invalid("has no dictionary 'mhlo.attributes'"))?;
    let count = entry(attributes, "k").and_then(|k| IntegerAttribute::try_from(k).ok());
    let count = count.ok_or_else(|| Diagnostic::invalid("has no integer 'k'"))?;
    let largest = entry(attributes, "largest").and_then(|flag| BoolAttribute::try_from(flag).ok());
    greatest(site, count.value(), largest.is_none_or(|flag| flag.value()))
}

/// The custom call `ApproxTopK`, as on CPUs: the first elements of a sort by a function. Its operands are tensors, and as
/// many initial values, which are not used.
pub(super) fn approximate_top_k<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let config = site.op.attribute("mhlo.backend_config").ok();
    let config = config.and_then(|config| DictionaryAttribute::try_from(config).ok());
    let dim = config.and_then(|config| entry(config, "reduction_dim"));
    let dim = dim.and_then(|dim| IntegerAttribute::try_from(dim).ok()).map(|dim| dim.value());
    let comparator = site.called().and_then(|function| region_block(function, 0));
    let (Some(dim), Some(comparator)) = (dim, comparator) else {
        return Err(Diagnostic::invalid("has no dimension, or no function that compares").into());
    };
    let mut xs = site.operands()?;
    xs.truncate(xs.len() / 2);
    let Some(first) = xs.first() else { return Err(Diagnostic::invalid("has no operands").into()) };
    let rank = site.type_of(*first)?.rank();
    let Some(dim) = usize::try_from(dim).ok().filter(|dim| *dim < rank) else {
        return Err(Diagnostic::invalid(format!("{dim} is not a dimension")).into());
    };
    let all = sorted_by(site, &xs, dim, comparator)?;
    let (starts, strides) = (vec![0; rank], vec![1; rank]);
    let mut taken = Vec::new();
    for (place, sorted) in all.into_iter().enumerate() {
        taken.push(site.slice(sorted, &starts, &strides, &extents_of(&site.result(place)?)?)?);
    }
    Ok(taken)
}

/// An entry of a dictionary.
fn entry<'c>(dictionary: DictionaryAttribute<'c>, name: &str) -> Option<melior::ir::Attribute<'c>> {
    use melior::ir::AttributeLike;
    // SAFETY: the dictionary is live, and a null attribute is not read.
    unsafe {
        let name = melior::StringRef::new(name);
        let found = mlir_sys::mlirDictionaryAttrGetElementByName(dictionary.to_raw(), name.to_raw());
        melior::ir::Attribute::from_option_raw(found)
    }
}

/// The first elements along the last dimension, the greatest or the least, in the total order, and their places.
fn greatest<'c>(site: &mut Site<'_, 'c>, count: i64, largest: bool) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let of = site.type_of(x)?;
    let extents = site.extents(x)?;
    let (Some(last), Ok(count)) = (extents.last(), u64::try_from(count)) else {
        return Err(Diagnostic::invalid("takes a tensor, and a number of elements").into());
    };
    if last.known().is_some_and(|last| count > last) || of.dtype.is_complex() {
        return Err(Diagnostic::invalid(format!("cannot take {count} elements of {of}")).into());
    }
    let dim = of.rank() - 1;
    let index = site.result(1)?.dtype;
    let places = site.places(dim, index, &extents)?;
    let region = comparator(site, &of, index, largest)?;
    let all = sorted(site, &[x, places], dim, region)?;
    let sizes = [&extents[..dim], &[Extent::Known(count)]].concat();
    let (starts, strides) = (vec![Extent::Known(0); of.rank()], vec![1; of.rank()]);
    all.into_iter().map(|sorted| site.sliced(sorted, &starts, &strides, &sizes)).collect()
}

/// Whether an element is greater, or less, than another one.
fn comparator<'c>(
    site: &mut Site<'_, 'c>,
    of: &ValueType,
    places: ScalarType,
    largest: bool,
) -> Translated<'c, Region<'c>> {
    let context = site.import.context;
    let is_unsigned = site.is_unsigned(0)?;
    let (element, place) = (of.dtype.to_type(context), places.to_type(context));
    let (region, arguments, builder) = site.builder.region(&[element, element, place, place]);
    let inner = Site { import: &mut *site.import, op: site.op, builder };
    let mut pair = Vec::new();
    for argument in &arguments[..2] {
        pair.push(match of.dtype {
            dtype if dtype.is_float() => bits::rank(&inner, *argument)?,
            // Booleans in the order false, true.
            ScalarType::I1 => inner.convert(*argument, ScalarType::I32, true)?,
            _ => *argument,
        });
    }
    let predicate = match (largest, is_unsigned) {
        (true, false) => Predicate::Gt,
        (false, false) => Predicate::Lt,
        (true, true) => Predicate::Ugt,
        (false, true) => Predicate::Ult,
    };
    let before = inner.emit(OpKind::ScalarCompare, &Parameters::Compare(predicate), &pair)?;
    inner.builder.op(OpKind::ArrayYield, &[before], &[], &[], vec![])?;
    Ok(region)
}
