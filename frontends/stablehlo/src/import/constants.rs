//! Constants and iotas.

use super::extents::{Extent, known};
use super::site::{Site, extents_of};
use super::{Translated, types};
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, Literal, ScalarType, ValueType};
use melior::Context;
use melior::ir::attribute::DenseElementsAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, AttributeLike, TypeLike};

/// `constant`. Its elements are those of the attribute; integers lose their sign.
pub(super) fn constant<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let r#type = site.result(0)?;
    let value = site.op.attribute("value").map_err(|_| Diagnostic::invalid("has no value"))?;
    let literal = literal(value, &r#type, site.import.context).ok_or_else(|| {
        let diagnostic = Diagnostic::unsupported("the value of this constant is not in the program");
        diagnostic.help("constants hold their elements: export without resources")
    })?;
    if r#type == ValueType::number(ScalarType::Index) {
        return Ok(vec![site.builder.index(literal.element(0).integer())?]);
    }
    Ok(vec![site.builder.literal(literal)?])
}

/// The value of a constant of the given type.
fn literal<'c>(value: Attribute<'c>, r#type: &ValueType, context: &'c Context) -> Option<Literal> {
    let read = Literal::of(value).or_else(|| Literal::of(signless(value, r#type, context)?))?;
    match (r#type.is_tensor(), &read.shape) {
        (true, Some(_)) => Some(read),
        (false, Some(_)) => Some(Literal::number(read.dtype, read.iter().next()?)),
        (_, None) => Some(read),
    }
}

/// Elements of unsigned integers, as signless ones.
fn signless<'c>(value: Attribute<'c>, to: &ValueType, context: &'c Context) -> Option<Attribute<'c>> {
    let dense = DenseElementsAttribute::try_from(value).ok()?;
    if to.dtype == ScalarType::I1 || !types::is_unsigned(value.r#type()) {
        return None;
    }
    let size = to.dtype.bits().div_ceil(8) as usize;
    let count = if dense.is_splat() { 1 } else { dense.len() };
    let shape = ValueType::tensor(to.dtype, to.extents().to_vec()).to_type(context);
    // SAFETY: the attribute holds `count` elements of `size` bytes each, of a type of the same width as that of `shape`.
    unsafe {
        let bytes: &[u8] =
            if count == 0 { &[] } else { std::slice::from_raw_parts(dense.raw_data().cast(), count * size) };
        Some(Attribute::from_raw(mlir_sys::mlirDenseElementsAttrRawBufferGet(
            shape.to_raw(),
            bytes.len(),
            bytes.as_ptr().cast(),
        )))
    }
}

/// The number that the attribute `value` of an operation is.
pub(super) fn number<'c>(site: &Site<'_, 'c>, dtype: ScalarType) -> Translated<'c, Val<'c>> {
    let literal = site.op.attribute("value").ok().and_then(Literal::of).filter(|literal| literal.shape.is_none());
    let literal = literal.ok_or_else(|| Diagnostic::invalid("has no number 'value'"))?;
    Ok(site.builder.literal(Literal::number(dtype, literal.element(0).round(dtype)))?)
}

/// `iota`.
pub(super) fn iota<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let extents = known(&extents_of(&site.result(0)?)?);
    places(site, &extents)
}

/// `dynamic_iota`, whose extents are an operand.
pub(super) fn dynamic_iota<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let extents = site.given_extents(&site.result(0)?, 0)?;
    places(site, &extents)
}

fn places<'c>(site: &Site<'_, 'c>, extents: &[Extent<'c>]) -> Translated<'c, Vec<Val<'c>>> {
    let dim = site.dim("iota_dimension", extents.len())?;
    Ok(vec![site.places(dim, site.result(0)?.dtype, extents)?])
}
