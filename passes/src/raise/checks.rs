//! Assertions in front of what upstream leaves undefined.

use super::RaiseSite;
use dp_dialects::ir::{Val, ancestors, constant_integer, defining_op, i64_attribute, operands, result};
use dp_dialects::{Builder, MlirType, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::attribute::{IntegerAttribute, StringAttribute};
use melior::ir::r#type::IntegerType;

/// Predicates of `arith.cmpi` on indices.
#[derive(Clone, Copy)]
pub(crate) enum Index {
    Equal = 0,
    Unequal = 1,
    /// As unsigned numbers, negative positions are larger than any extent.
    UnsignedLess = 6,
}

/// Asserts a condition.
pub(crate) fn require<'c>(b: Builder<'c>, condition: Val<'c>, text: &str) -> Result<()> {
    let text = StringAttribute::new(b.context(), text).into();
    b.op(OpKind::CfAssert, &[condition], &[], &[("msg", text)], vec![]).map(|_| ())
}

/// A comparison of two indices.
pub(crate) fn compare<'c>(b: Builder<'c>, predicate: Index, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    let predicate = IntegerAttribute::new(IntegerType::new(b.context(), 64).into(), predicate as i64).into();
    let boolean = ScalarType::I1.to_type(b.context());
    b.op(OpKind::ArithCmpI, &[x, y], &[boolean], &[("predicate", predicate)], vec![]).map(result)
}

/// Asserts that a position lies in a tensor, unless it is constant and does.
pub(super) fn position<'c>(site: &RaiseSite<'c>, tensor: Val<'c>, at: &[Val<'c>]) -> Result<()> {
    let (b, extents) = (site.builder, ValueType::of_value(tensor)?);
    for (dim, position) in at.iter().enumerate() {
        let known = constant_integer(*position).and_then(|position| u64::try_from(position).ok());
        let extent = extents.extents().get(dim).copied().flatten();
        if known.zip(extent).is_some_and(|(position, extent)| position < extent) {
            continue;
        }
        let within = compare(b, Index::UnsignedLess, *position, b.extent(tensor, dim)?)?;
        require(b, within, &format!("'tensor.insert' is out of bounds in dimension {dim}"))?;
    }
    Ok(())
}

/// Asserts that a tensor has the extents that an operation gives for it, unless these were read from it.
pub(super) fn sizes<'c>(site: &RaiseSite<'c>, source: Val<'c>, sizes: &[Val<'c>]) -> Result<()> {
    let (b, r#type) = (site.builder, ValueType::of_value(source)?);
    for (dim, size) in r#type.dynamic_dimensions().zip(sizes) {
        let read = defining_op(*size).filter(|op| OpKind::of(*op) == Some(OpKind::TensorDim)).map(operands);
        if read.is_some_and(|all| all[0] == source && constant_integer(all[1]) == Some(dim as i64)) {
            continue;
        }
        let is_equal = compare(b, Index::Equal, b.extent(source, dim)?, *size)?;
        require(b, is_equal, &format!("the source of '{}' has another extent in dimension {dim}", site.name()))?;
    }
    Ok(())
}

/// Asserts that the divisor of integers is not 0, unless it is a constant that is not. Elements of tensors are not looked
/// at, nor are regions that are executed for each element: there, a quotient by 0 is that of `scalar`.
pub(super) fn divisor<'c>(site: &RaiseSite<'c>) -> Result<()> {
    let (b, divisor) = (site.builder, site.operands[1]);
    let is_known = defining_op(divisor).and_then(|op| i64_attribute(op, "value")).is_some_and(|value| value != 0);
    let is_element = ancestors(site.op).any(|op| OpKind::of(op).is_some_and(|kind| kind.dialect() == "array"));
    if is_known || is_element || site.operand.is_tensor() || !site.operand.dtype.is_integer() {
        return Ok(());
    }
    let zero = b.literal(dp_dialects::Literal::number(site.operand.dtype, Number::Integer(0)))?;
    let predicate = Parameters::Compare(dp_dialects::attributes::Predicate::Ne);
    let is_other = b.emit(OpKind::ScalarCompare, &predicate, &[divisor, zero])?;
    require(b, is_other, &format!("'{}' divides by 0", site.name()))
}
