//! Scalar and tensor types as plain Rust values.

use crate::ir::Val;
use crate::{Diagnostic, Result};
use melior::Context;
use melior::ir::r#type::{IntegerType, RankedTensorType};
use melior::ir::{Type, TypeLike, ValueLike};
use std::fmt;

pub use dp_abi::ScalarType;

/// Conversion between scalar types and MLIR types.
pub trait MlirType: Sized {
    /// The scalar type of an MLIR type; `None` for other types.
    fn of(r#type: Type) -> Option<Self>;

    /// The MLIR type.
    fn to_type(self, context: &Context) -> Type<'_>;
}

impl MlirType for ScalarType {
    fn of(r#type: Type) -> Option<ScalarType> {
        let raw = r#type.to_raw();
        // SAFETY: `raw` is a live type of a live context.
        unsafe {
            use mlir_sys::*;
            Some(if mlirTypeIsAF32(raw) {
                ScalarType::F32
            } else if mlirTypeIsAF64(raw) {
                ScalarType::F64
            } else if mlirTypeIsAF16(raw) {
                ScalarType::F16
            } else if mlirTypeIsABF16(raw) {
                ScalarType::BF16
            } else if mlirTypeIsAIndex(raw) {
                ScalarType::Index
            } else if mlirTypeIsAComplex(raw) {
                ScalarType::of(Type::from_raw(mlirComplexTypeGetElementType(raw)))?.complex()?
            } else if mlirTypeIsAInteger(raw) && mlirIntegerTypeIsSignless(raw) {
                match mlirIntegerTypeGetWidth(raw) {
                    1 => ScalarType::I1,
                    8 => ScalarType::I8,
                    16 => ScalarType::I16,
                    32 => ScalarType::I32,
                    64 => ScalarType::I64,
                    _ => return None,
                }
            } else {
                return None;
            })
        }
    }

    fn to_type(self, context: &Context) -> Type<'_> {
        match self {
            ScalarType::F16 => Type::float16(context),
            ScalarType::BF16 => Type::bfloat16(context),
            ScalarType::F32 => Type::float32(context),
            ScalarType::F64 => Type::float64(context),
            ScalarType::Complex64 | ScalarType::Complex128 => {
                let part = self.real().to_type(context).to_raw();
                // SAFETY: the type of the parts is a live floating-point type.
                unsafe { Type::from_raw(mlir_sys::mlirComplexTypeGet(part)) }
            }
            ScalarType::I1 | ScalarType::I8 | ScalarType::I16 | ScalarType::I32 | ScalarType::I64 => {
                IntegerType::new(context, self.bits()).into()
            }
            ScalarType::Index => Type::index(context),
        }
    }
}

/// The extent of a dimension; `None` if it is dynamic.
pub type Extent = Option<u64>;

/// Whether two extents may be equal at run time.
pub fn compatible(a: Extent, b: Extent) -> bool {
    a.zip(b).is_none_or(|(a, b)| a == b)
}

/// The type of a scalar or tensor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ValueType {
    /// The element type.
    pub dtype: ScalarType,
    /// The extents of a tensor; `None` for a scalar.
    pub shape: Option<Vec<Extent>>,
}

impl ValueType {
    /// A scalar type.
    pub const fn number(dtype: ScalarType) -> ValueType {
        ValueType { dtype, shape: None }
    }

    /// A tensor type.
    pub const fn tensor(dtype: ScalarType, shape: Vec<Extent>) -> ValueType {
        ValueType { dtype, shape: Some(shape) }
    }

    /// Converts an MLIR type; `None` if it is neither a scalar nor a tensor type.
    pub fn of(r#type: Type) -> Option<ValueType> {
        let raw = r#type.to_raw();
        // SAFETY: `raw` is a live type of a live context, and a ranked tensor
        // where its element type and dimensions are asked for.
        unsafe {
            use mlir_sys::*;
            if !mlirTypeIsARankedTensor(raw) {
                return ScalarType::of(r#type).map(ValueType::number);
            }
            let dtype = ScalarType::of(Type::from_raw(mlirShapedTypeGetElementType(raw)))?;
            let extent = |dimension| {
                (!mlirShapedTypeIsDynamicDim(raw, dimension as isize))
                    .then(|| mlirShapedTypeGetDimSize(raw, dimension as isize) as u64)
            };
            Some(ValueType::tensor(dtype, (0..mlirShapedTypeGetRank(raw)).map(extent).collect()))
        }
    }

    /// The type of a scalar or tensor.
    ///
    /// # Errors
    /// If the value is neither.
    pub fn of_value(value: Val) -> Result<ValueType> {
        let r#type = value.r#type();
        ValueType::of(r#type).ok_or_else(|| Diagnostic::unsupported(format!("takes scalars and tensors, not {type}")))
    }

    /// The MLIR type.
    pub fn to_type<'c>(&self, context: &'c Context) -> Type<'c> {
        let element = self.dtype.to_type(context);
        match &self.shape {
            None => element,
            Some(shape) => {
                let extents: Vec<u64> = shape.iter().map(|extent| extent.unwrap_or(DYNAMIC as u64)).collect();
                RankedTensorType::new(&extents, element, None).into()
            }
        }
    }

    /// The same shape with another element type.
    pub fn with_dtype(&self, dtype: ScalarType) -> ValueType {
        ValueType { dtype, shape: self.shape.clone() }
    }

    /// The extents; empty for a scalar.
    pub fn extents(&self) -> &[Extent] {
        self.shape.as_deref().unwrap_or_default()
    }

    /// Whether another type has the same rank, and extents that may be equal at run time.
    pub fn is_compatible(&self, other: &ValueType) -> bool {
        self.is_tensor() == other.is_tensor()
            && self.rank() == other.rank()
            && self.extents().iter().zip(other.extents()).all(|(a, b)| compatible(*a, *b))
    }

    /// The number of elements; `None` if an extent is dynamic, or on overflow as in [`count`].
    pub fn count(&self) -> Option<u64> {
        count(&self.extents().iter().copied().collect::<Option<Vec<u64>>>()?)
    }

    /// The number of dimensions.
    pub fn rank(&self) -> usize {
        self.extents().len()
    }

    /// Whether it is a tensor, rank 0 included.
    pub fn is_tensor(&self) -> bool {
        self.shape.is_some()
    }

    /// Whether every extent is static.
    pub fn is_static(&self) -> bool {
        self.extents().iter().all(Option::is_some)
    }

    /// The dimensions with dynamic extents.
    pub fn dynamic_dimensions(&self) -> impl Iterator<Item = usize> + '_ {
        self.extents().iter().enumerate().filter_map(|(dimension, extent)| extent.is_none().then_some(dimension))
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(shape) = &self.shape else { return write!(f, "{}", self.dtype) };
        f.write_str("tensor<")?;
        for extent in shape {
            match extent {
                Some(extent) => write!(f, "{extent}x")?,
                None => f.write_str("?x")?,
            }
        }
        write!(f, "{}>", self.dtype)
    }
}

/// The number of elements of a tensor; `None` if it overflows 64 bits. It is 0 if any extent is 0.
pub fn count(extents: &[u64]) -> Option<u64> {
    if extents.contains(&0) {
        return Some(0);
    }
    extents.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent))
}

/// The maximal rank of operands and results of our operations.
pub const MAX_RANK: usize = 32;

/// MLIR's representation of a dynamic extent or position.
pub const DYNAMIC: i64 = i64::MIN;

/// The type of a value's tangent, which is the value's own type; `None` for types that carry no derivative, such as
/// integers, booleans and indices.
pub fn tangent_type(r#type: Type) -> Option<ValueType> {
    ValueType::of(r#type).filter(|r#type| r#type.dtype.is_differentiable())
}
