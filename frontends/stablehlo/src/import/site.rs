//! [`Site`]: one operation of the source and the place where its translation stands.

use super::extents::known;
use super::{Import, Translated, attributes, types};
use dp_dialects::Elements;
use dp_dialects::ir::{Blk, Op, Val, defining_op, operands, region_block, result};
use dp_dialects::{Builder, Diagnostic, Literal, MlirType, Number, OpKind, Parameters, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::attribute::{ArrayAttribute, FlatSymbolRefAttribute};
use melior::ir::operation::OperationLike;

/// An operation of the source, while it is translated.
pub(crate) struct Site<'i, 'c> {
    pub(super) import: &'i mut Import<'c>,
    pub(super) op: Op<'c>,
    pub(super) builder: Builder<'c>,
}

impl<'c> Site<'_, 'c> {
    /// An operand of the source.
    pub(super) fn source(&self, index: usize) -> Translated<'c, Val<'c>> {
        let found = operands(self.op).get(index).copied();
        found.ok_or_else(|| Diagnostic::invalid(format!("has no operand {index}")).into())
    }

    /// The translation of an operand.
    pub(super) fn operand(&self, index: usize) -> Translated<'c, Val<'c>> {
        self.import.value(self.source(index)?)
    }

    /// The translations of all operands.
    pub(super) fn operands(&self) -> Translated<'c, Vec<Val<'c>>> {
        operands(self.op).into_iter().map(|operand| self.import.value(operand)).collect()
    }

    /// The translations of some operands.
    pub(super) fn some_operands(&self, range: std::ops::Range<usize>) -> Translated<'c, Vec<Val<'c>>> {
        range.map(|index| self.operand(index)).collect()
    }

    /// Whether an operand of the source has unsigned integers. Booleans count as unsigned.
    pub(super) fn is_unsigned(&self, index: usize) -> Translated<'c, bool> {
        Ok(types::is_unsigned(self.source(index)?.r#type()))
    }

    /// The translation of the type of a result.
    pub(super) fn result(&self, index: usize) -> Translated<'c, ValueType> {
        let result = self.op.result(index).map_err(|_| Diagnostic::invalid(format!("has no result {index}")))?;
        Ok(types::of(result.r#type())?)
    }

    /// The type of a result in the source.
    pub(super) fn op_result_type(&self, index: usize) -> Translated<'c, melior::ir::Type<'c>> {
        let result = self.op.result(index).map_err(|_| Diagnostic::invalid(format!("has no result {index}")))?;
        Ok(result.r#type())
    }

    /// The translations of the types of all results.
    pub(super) fn results(&self) -> Translated<'c, Vec<ValueType>> {
        (0..self.op.result_count()).map(|index| self.result(index)).collect()
    }

    /// The block of a region.
    pub(super) fn region(&self, index: usize) -> Translated<'c, Blk<'c>> {
        let block = region_block(self.op, index);
        block.ok_or_else(|| Diagnostic::invalid(format!("region {index} is empty")).into())
    }

    /// The function that a custom call names first among those that it calls.
    pub(super) fn called(&self) -> Option<Op<'c>> {
        let all = ArrayAttribute::try_from(self.op.attribute("called_computations").ok()?).ok()?;
        let first = FlatSymbolRefAttribute::try_from(all.element(0).ok()?).ok()?;
        self.import.functions.get(first.value()).copied()
    }

    /// An attribute that is a list of integers.
    pub(super) fn ints(&self, name: &str) -> Translated<'c, Vec<i64>> {
        let found = attributes::ints(self.op, name);
        found.ok_or_else(|| Diagnostic::invalid(format!("has no list of integers '{name}'")).into())
    }

    /// The same, if the attribute is there.
    pub(super) fn optional_ints(&self, name: &str) -> Translated<'c, Option<Vec<i64>>> {
        if self.op.attribute(name).is_ok() { self.ints(name).map(Some) } else { Ok(None) }
    }

    /// An attribute that is a list of dimensions of a tensor of some rank.
    pub(super) fn dims(&self, name: &str, rank: usize) -> Translated<'c, Vec<usize>> {
        dims(&self.ints(name)?, rank, name)
    }

    /// An attribute that is a dimension of a tensor of some rank.
    pub(super) fn dim(&self, name: &str, rank: usize) -> Translated<'c, usize> {
        let value = dp_dialects::ir::i64_attribute(self.op, name);
        let value = value.ok_or_else(|| Diagnostic::invalid(format!("has no integer '{name}'")))?;
        Ok(dims(&[value], rank, name)?[0])
    }

    /// An operation of `scalar` whose type follows from its operands.
    pub(super) fn scalar(&self, kind: OpKind, operands: &[Val<'c>]) -> Translated<'c, Val<'c>> {
        Ok(self.builder.scalar(kind, operands)?)
    }

    /// An operation whose type follows from its operands.
    pub(super) fn emit(&self, kind: OpKind, parameters: &Parameters, operands: &[Val<'c>]) -> Translated<'c, Val<'c>> {
        Ok(self.builder.emit(kind, parameters, operands)?)
    }

    /// An operation with a type.
    pub(super) fn emit_typed(
        &self,
        kind: OpKind,
        parameters: &Parameters,
        operands: &[Val<'c>],
        r#type: &ValueType,
    ) -> Translated<'c, Val<'c>> {
        Ok(self.builder.emit_typed(kind, parameters, operands, r#type)?)
    }

    /// The type of a translated value.
    pub(super) fn type_of(&self, value: Val<'c>) -> Translated<'c, ValueType> {
        Ok(ValueType::of_value(value)?)
    }

    /// A number.
    pub(super) fn number(&self, value: f64, dtype: ScalarType) -> Translated<'c, Val<'c>> {
        Ok(self.builder.literal(Literal::number(dtype, Number::of_f64(value, dtype)))?)
    }

    /// A tensor without elements.
    pub(super) fn empty(&self, r#type: &ValueType) -> Translated<'c, Val<'c>> {
        let zero = Number::of_f64(0.0, r#type.dtype);
        Ok(self.builder.literal(Literal::splat(r#type.dtype, extents_of(r#type)?, zero))?)
    }

    /// A value as a tensor: a number becomes a tensor of rank 0.
    pub(super) fn tensor(&self, value: Val<'c>) -> Translated<'c, Val<'c>> {
        let r#type = self.type_of(value)?;
        if r#type.is_tensor() {
            return Ok(value);
        }
        Ok(self.builder.broadcast(value, &[], &ValueType::tensor(r#type.dtype, Vec::new()), &[])?)
    }

    /// A tensor as the translation of a type: one of rank 0 becomes a number.
    pub(super) fn untensor(&self, value: Val<'c>) -> Translated<'c, Val<'c>> {
        let r#type = self.type_of(value)?;
        if !r#type.is_tensor() || r#type.rank() > 0 {
            return Ok(value);
        }
        let number = r#type.dtype.to_type(self.import.context);
        Ok(self.builder.op(OpKind::TensorExtract, &[value], &[number], &[], vec![]).map(result)?)
    }

    /// A number, repeated to the shape of another value; a value of that shape stays as it is.
    pub(super) fn spread(&self, value: Val<'c>, like: Val<'c>) -> Translated<'c, Val<'c>> {
        let (own, like_type) = (self.type_of(value)?, self.type_of(like)?);
        if own.is_tensor() || !like_type.is_tensor() {
            return Ok(value);
        }
        let extents = self.builder.extents(like)?;
        Ok(self.builder.broadcast(value, &[], &like_type.with_dtype(own.dtype), &extents)?)
    }

    /// A tensor of a static shape from another with as many elements; either may be a number.
    pub(super) fn reshape(&self, value: Val<'c>, to: &ValueType) -> Translated<'c, Val<'c>> {
        let from = self.type_of(value)?;
        if from == *to {
            return Ok(value);
        }
        let tensor = self.tensor(value)?;
        let shape = ValueType::tensor(to.dtype, to.extents().to_vec());
        let reshaped = match self.type_of(tensor)? == shape {
            true => tensor,
            false => self.emit_typed(OpKind::ArrayReshape, &Parameters::None, &[tensor], &shape)?,
        };
        if to.is_tensor() { Ok(reshaped) } else { self.untensor(reshaped) }
    }

    /// A permutation of the dimensions of a tensor.
    pub(super) fn transpose(&self, value: Val<'c>, permutation: &[usize]) -> Translated<'c, Val<'c>> {
        if permutation.iter().enumerate().all(|(place, dim)| place == *dim) {
            return Ok(value);
        }
        self.emit(OpKind::ArrayTranspose, &Parameters::Permutation(permutation.to_vec()), &[value])
    }

    /// A slice at constant positions.
    pub(super) fn slice(
        &self,
        value: Val<'c>,
        starts: &[u64],
        strides: &[usize],
        extents: &[u64],
    ) -> Translated<'c, Val<'c>> {
        self.sliced(value, &known(starts), strides, &known(extents))
    }

    /// An integer as an `index`.
    pub(super) fn index(&self, value: Val<'c>, is_unsigned: bool) -> Translated<'c, Val<'c>> {
        let (own, index) = (self.type_of(value)?, ValueType::number(ScalarType::Index));
        if own == index {
            return Ok(value);
        }
        let wide = if is_unsigned { self.wide(value)? } else { value };
        if let Some(constant) = constant(wide) {
            return Ok(self.builder.index(constant)?);
        }
        let to = index.to_type(self.import.context);
        Ok(self.builder.op(OpKind::ArithIndexCast, &[wide], &[to], &[], vec![]).map(result)?)
    }

    /// Unsigned integers as i64; those that are greater than all i64 become the greatest.
    pub(super) fn wide(&self, value: Val<'c>) -> Translated<'c, Val<'c>> {
        if self.type_of(value)?.dtype != ScalarType::I64 {
            return self.convert(value, ScalarType::I64, true);
        }
        let greatest = self.builder.literal(Literal::number(ScalarType::I64, Number::Integer(i64::MAX)))?;
        self.scalar(OpKind::ScalarUmin, &[value, self.spread(greatest, value)?])
    }

    /// A conversion to another element type.
    pub(super) fn convert(&self, value: Val<'c>, to: ScalarType, unsigned: bool) -> Translated<'c, Val<'c>> {
        let own = self.type_of(value)?;
        if own.dtype == to {
            return Ok(value);
        }
        self.emit_typed(OpKind::ScalarConvert, &Parameters::Convert { unsigned }, &[value], &own.with_dtype(to))
    }
}

/// The value of an integer constant.
pub(super) fn constant(value: Val) -> Option<i64> {
    let op = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::ScalarConstant))?;
    match Parameters::of(OpKind::ScalarConstant, op) {
        Some(Parameters::Constant(Literal { elements: Elements::Splat(Number::Integer(value)), .. })) => Some(value),
        _ => None,
    }
}

/// Numbers as dimensions of a tensor of some rank, each at most once.
pub(super) fn dims<'c>(values: &[i64], rank: usize, name: &str) -> Translated<'c, Vec<usize>> {
    let mut dims = Vec::with_capacity(values.len());
    for value in values {
        match usize::try_from(*value) {
            Ok(dim) if dim < rank && !dims.contains(&dim) => dims.push(dim),
            _ => return Err(Diagnostic::invalid(format!("{value} in '{name}' is not a dimension, or is twice")).into()),
        }
    }
    Ok(dims)
}

/// The number of elements of some extents.
pub(super) fn count<'c>(extents: &[u64]) -> Translated<'c, u64> {
    let count = dp_dialects::types::count(extents).filter(|count| i64::try_from(*count).is_ok());
    count.ok_or_else(|| Diagnostic::limit("a tensor has more elements than 64 bits count").into())
}

/// The extents of a static shape.
pub(super) fn extents_of<'c>(r#type: &ValueType) -> Translated<'c, Vec<u64>> {
    let extents = r#type.extents().iter().copied().collect::<Option<Vec<u64>>>();
    extents.ok_or_else(|| {
        let diagnostic = Diagnostic::unsupported(format!("takes or makes a tensor of dynamic extents, {type}"));
        diagnostic.help("export the model with fixed shapes").into()
    })
}
