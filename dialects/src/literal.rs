//! [`Literal`]: a scalar or tensor value in the compiler, such as a constant, or an argument or result of evaluation.

use crate::types::MlirType;
use crate::types::{Extent, count};
use crate::{Number, ScalarType, ValueType};
use melior::Context;
use melior::ir::attribute::{DenseElementsAttribute, FloatAttribute, IntegerAttribute};
use melior::ir::{Attribute, AttributeLike, TypeLike};
use mlir_sys::*;
use num_complex::Complex64;

/// The elements of a tensor in row-major order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Elements {
    /// All elements are equal.
    Splat(Number),
    /// Each element.
    Each(Vec<Number>),
}

/// A scalar or tensor value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Literal {
    /// The element type.
    pub dtype: ScalarType,
    /// The extents of a tensor; `None` for a scalar.
    pub shape: Option<Vec<u64>>,
    /// The elements; a splat for a scalar.
    pub elements: Elements,
}

impl Literal {
    /// A scalar, rounded to its type.
    pub fn number(dtype: ScalarType, value: Number) -> Literal {
        Literal { dtype, shape: None, elements: Elements::Splat(value.round(dtype)) }
    }

    /// A tensor whose elements are all equal, rounded to their type.
    pub fn splat(dtype: ScalarType, shape: Vec<u64>, value: Number) -> Literal {
        Literal { dtype, shape: Some(shape), elements: Elements::Splat(value.round(dtype)) }
    }

    /// A tensor of the given elements in row-major order. Their number must match the extents.
    pub fn tensor(dtype: ScalarType, shape: Vec<u64>, elements: Vec<Number>) -> Literal {
        debug_assert_eq!(count(&shape), Some(elements.len() as u64));
        Literal { dtype, shape: Some(shape), elements: Elements::Each(elements) }
    }

    /// The extents; empty for a scalar.
    pub fn extents(&self) -> &[u64] {
        self.shape.as_deref().unwrap_or_default()
    }

    /// The number of elements; `usize::MAX` on overflow.
    pub fn len(&self) -> usize {
        count(self.extents()).and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX)
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at a row-major position.
    pub fn element(&self, position: usize) -> Number {
        match &self.elements {
            Elements::Splat(value) => *value,
            Elements::Each(values) => values[position],
        }
    }

    /// The elements in row-major order.
    pub fn iter(&self) -> impl Iterator<Item = Number> + '_ {
        (0..self.len()).map(|position| self.element(position))
    }

    /// The value of all elements, if they are stored as a splat.
    pub fn splat_value(&self) -> Option<Number> {
        match &self.elements {
            Elements::Splat(value) => Some(*value),
            Elements::Each(values) => {
                let (first, rest) = values.split_first()?;
                rest.iter().all(|value| value == first).then_some(*first)
            }
        }
    }

    /// The type, with static extents.
    pub fn value_type(&self) -> ValueType {
        let extents = |shape: &Vec<u64>| shape.iter().map(|extent| Some(*extent)).collect::<Vec<Extent>>();
        ValueType { dtype: self.dtype, shape: self.shape.as_ref().map(extents) }
    }

    /// Reads the value attribute of a constant; `None` if it is not a scalar or tensor of a supported type.
    pub fn of(attribute: Attribute) -> Option<Literal> {
        if let Ok(dense) = DenseElementsAttribute::try_from(attribute) {
            return dense_literal(dense);
        }
        if let Ok(value) = FloatAttribute::try_from(attribute) {
            return Some(Literal::number(ScalarType::of(value.r#type())?, Number::Real(value.value())));
        }
        if let Ok(value) = IntegerAttribute::try_from(attribute) {
            let dtype = ScalarType::of(value.r#type())?;
            return Some(Literal::number(dtype, Number::Integer(value.value())));
        }
        // SAFETY: the attribute is live, and complex where its parts are read.
        unsafe {
            let raw = attribute.to_raw();
            if !mlirAttributeIsAComplex(raw) {
                return None;
            }
            let value = Complex64::new(mlirComplexAttrGetRealDouble(raw), mlirComplexAttrGetImagDouble(raw));
            Some(Literal::number(ScalarType::of(attribute.r#type())?, Number::Complex(value)))
        }
    }

    /// The attribute of a constant.
    pub fn to_attribute<'c>(&self, context: &'c Context) -> Attribute<'c> {
        let element = self.dtype.to_type(context);
        if self.shape.is_none() {
            let value = self.element(0);
            return match value {
                Number::Real(value) => FloatAttribute::new(context, element, value).into(),
                Number::Integer(value) => IntegerAttribute::new(element, value).into(),
                // SAFETY: context and type are live, and the type is complex.
                Number::Complex(value) => unsafe {
                    Attribute::from_raw(mlirComplexAttrDoubleGet(
                        context.to_raw(),
                        element.to_raw(),
                        value.re,
                        value.im,
                    ))
                },
            };
        }
        let r#type = self.value_type().to_type(context);
        let count = if matches!(self.elements, Elements::Splat(_)) { self.len().min(1) } else { self.len() };
        if self.dtype == ScalarType::I1 {
            let values: Vec<i32> = (0..count).map(|position| self.element(position).integer() as i32).collect();
            if count == 1 {
                return DenseElementsAttribute::bool_splat(r#type, values[0] != 0).into();
            }
            return DenseElementsAttribute::bool_values(r#type, &values).into();
        }
        let mut bytes = Vec::new();
        for position in 0..count {
            self.element(position).write(self.dtype, &mut bytes);
        }
        DenseElementsAttribute::raw_buffer(r#type, &bytes).into()
    }
}

fn dense_literal(dense: DenseElementsAttribute) -> Option<Literal> {
    let value_type = ValueType::of(dense.r#type())?;
    let shape: Vec<u64> = value_type.shape?.into_iter().collect::<Option<_>>()?;
    let dtype = value_type.dtype;
    let count = if dense.is_splat() { 1 } else { dense.len() };
    let mut values = Vec::with_capacity(count);
    if dtype == ScalarType::I1 {
        for position in 0..count {
            // SAFETY: the position is within the elements, which are booleans.
            let value = unsafe { mlirDenseElementsAttrGetBoolValue(dense.to_raw(), position as isize) };
            values.push(Number::Integer(value as i64));
        }
    } else {
        let size = dtype.bits().div_ceil(8) as usize;
        let bytes: &[u8] = if count == 0 {
            &[]
        } else {
            // SAFETY: the attribute holds `count` elements of `size` bytes each, and outlives the slice.
            unsafe { std::slice::from_raw_parts(dense.raw_data().cast(), count * size) }
        };
        for chunk in bytes.chunks_exact(size) {
            values.push(Number::read(dtype, chunk)?);
        }
    }
    let elements = if dense.is_splat() { Elements::Splat(*values.first()?) } else { Elements::Each(values) };
    Some(Literal { dtype, shape: Some(shape), elements })
}
