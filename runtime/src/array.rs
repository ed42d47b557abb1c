//! Host arrays: a shape and typed elements in row-major order.

use dp_abi::{ScalarType, Value};
use half::{bf16, f16};
use num_complex::Complex;
use thiserror::Error;

/// A scalar or a tensor. A scalar has shape `[]`, like a tensor of rank 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    elements: Elements,
}

/// The number of elements does not match the shape, or the shape is too large.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{count} elements do not fit an array of shape {shape:?}")]
pub struct ShapeError {
    /// The shape.
    pub shape: Vec<usize>,
    /// The number of elements.
    pub count: usize,
}

/// A Rust type that corresponds to a [`ScalarType`].
pub trait Element: Copy + Default + private::Sealed {
    /// The scalar type. (`i64` is also used for [`ScalarType::Index`].)
    const NUMBER: ScalarType;
    /// Wraps elements of this type.
    fn wrap(elements: Vec<Self>) -> Elements;
    /// The elements, if they are of this type.
    fn slice(elements: &Elements) -> Option<&[Self]>;
    /// The elements, if they are of this type, mutably.
    fn slice_mut(elements: &mut Elements) -> Option<&mut [Self]>;
}

mod private {
    pub trait Sealed {}
}

/// Runs an expression on the typed elements, whatever their type.
macro_rules! with_elements {
    ($elements:expr, $items:ident => $body:expr) => {
        match $elements {
            $crate::Elements::I1($items) => $body,
            $crate::Elements::I8($items) => $body,
            $crate::Elements::I16($items) => $body,
            $crate::Elements::I32($items) => $body,
            $crate::Elements::I64($items) => $body,
            $crate::Elements::Index($items) => $body,
            $crate::Elements::F16($items) => $body,
            $crate::Elements::BF16($items) => $body,
            $crate::Elements::F32($items) => $body,
            $crate::Elements::F64($items) => $body,
            $crate::Elements::Complex64($items) => $body,
            $crate::Elements::Complex128($items) => $body,
        }
    };
}
pub(crate) use with_elements;

/// Defines the enum of elements and everything that is the same for each type.
macro_rules! elements {
    ($($number:ident: $type:ty),* $(,)?) => {
        /// Elements of one of the types of the C interface.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Elements {
            $(#[doc = concat!("Elements of type [`ScalarType::", stringify!($number), "`].")] $number(Vec<$type>),)*
        }

        impl Elements {
            /// The type of the elements.
            pub fn number(&self) -> ScalarType {
                match self { $(Elements::$number(_) => ScalarType::$number,)* }
            }

            /// `count` zeros; `None` if out of memory.
            pub(crate) fn zeros(number: ScalarType, count: usize) -> Option<Elements> {
                match number { $(ScalarType::$number => Some(Elements::$number(zeros::<$type>(count)?)),)* }
            }
        }
    };
}
elements! {
    I1: bool, I8: i8, I16: i16, I32: i32, I64: i64, Index: i64, F16: f16, BF16: bf16, F32: f32, F64: f64,
    Complex64: Complex<f32>, Complex128: Complex<f64>,
}

fn zeros<T: Default + Clone>(count: usize) -> Option<Vec<T>> {
    let mut items = Vec::new();
    items.try_reserve_exact(count).ok()?;
    items.resize(count, T::default());
    Some(items)
}

impl Elements {
    /// The number of elements.
    pub fn len(&self) -> usize {
        with_elements!(self, items => items.len())
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The address of the first element.
    pub fn as_ptr(&self) -> *const std::ffi::c_void {
        with_elements!(self, items => items.as_ptr().cast())
    }

    /// The address of the first element, mutably.
    pub(crate) fn as_mut_ptr(&mut self) -> *mut std::ffi::c_void {
        with_elements!(self, items => items.as_mut_ptr().cast())
    }
}

macro_rules! element {
    ($($type:ty: $number:ident $(| $other:ident)?),* $(,)?) => {$(
        impl private::Sealed for $type {}
        impl Element for $type {
            const NUMBER: ScalarType = ScalarType::$number;
            fn wrap(elements: Vec<Self>) -> Elements {
                Elements::$number(elements)
            }
            fn slice(elements: &Elements) -> Option<&[Self]> {
                match elements {
                    Elements::$number(items) $(| Elements::$other(items))? => Some(items),
                    _ => None,
                }
            }
            fn slice_mut(elements: &mut Elements) -> Option<&mut [Self]> {
                match elements {
                    Elements::$number(items) $(| Elements::$other(items))? => Some(items),
                    _ => None,
                }
            }
        }
    )*};
}
element! {
    bool: I1, i8: I8, i16: I16, i32: I32, i64: I64 | Index, f16: F16, bf16: BF16, f32: F32, f64: F64,
    Complex<f32>: Complex64, Complex<f64>: Complex128,
}

impl Array {
    /// Makes a tensor from elements in row-major order.
    pub fn new<T: Element>(shape: &[usize], elements: Vec<T>) -> Result<Array, ShapeError> {
        Array::from_elements(shape, T::wrap(elements))
    }

    /// Makes a tensor from elements in row-major order.
    pub fn from_elements(shape: &[usize], elements: Elements) -> Result<Array, ShapeError> {
        if count(shape) != Some(elements.len()) {
            return Err(ShapeError { shape: shape.to_vec(), count: elements.len() });
        }
        Ok(Array { shape: shape.to_vec(), elements })
    }

    /// Makes a tensor whose shape matches its elements.
    pub(crate) fn of<T: Element>(shape: Vec<usize>, elements: Vec<T>) -> Array {
        debug_assert_eq!(count(&shape), Some(elements.len()));
        Array { shape, elements: T::wrap(elements) }
    }

    /// Makes a scalar.
    pub fn number<T: Element>(value: T) -> Array {
        Array::of(Vec::new(), vec![value])
    }

    /// Makes a tensor of zeros; `None` if out of memory.
    pub(crate) fn zeros(number: ScalarType, shape: Vec<usize>) -> Option<Array> {
        let elements = Elements::zeros(number, count(&shape)?)?;
        Some(Array { shape, elements })
    }

    /// Copies elements in row-major order; `None` if out of memory.
    ///
    /// # Safety
    /// `data` points to the elements of an array of this type and shape; those of `i1` are 0 or 1.
    pub unsafe fn copied(number: ScalarType, shape: &[usize], data: *const std::ffi::c_void) -> Option<Array> {
        let mut array = Array::zeros(number, shape.to_vec())?;
        let bytes = array.elements.len() * number.size();
        if bytes > 0 {
            // SAFETY: guaranteed by the caller; the new array has room for the same elements.
            unsafe { std::ptr::copy_nonoverlapping(data.cast::<u8>(), array.elements.as_mut_ptr().cast(), bytes) };
        }
        Some(array)
    }

    /// The extents.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements in row-major order.
    pub fn elements(&self) -> &Elements {
        &self.elements
    }

    pub(crate) fn elements_mut(&mut self) -> &mut Elements {
        &mut self.elements
    }

    /// The elements in row-major order, if they are of that type.
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        T::slice(&self.elements)
    }

    /// The elements in row-major order, if they are of that type, mutably.
    pub fn as_mut_slice<T: Element>(&mut self) -> Option<&mut [T]> {
        T::slice_mut(&mut self.elements)
    }

    /// The value, if the array is a scalar (or has rank 0) of that type.
    pub fn as_number<T: Element>(&self) -> Option<T> {
        match (self.shape(), self.as_slice()?) {
            ([], &[value]) => Some(value),
            _ => None,
        }
    }

    /// Converts 64-bit integers to extents; returns other arrays unchanged.
    pub fn into_index(self) -> Array {
        let elements = match self.elements {
            Elements::I64(items) => Elements::Index(items),
            elements => elements,
        };
        Array { elements, ..self }
    }

    /// Whether the array matches `value`: the same type, rank and static extents. 64-bit integers are accepted as
    /// extents.
    pub fn fits<E: Copy>(&self, value: &Value<E>) -> bool
    where
        Option<u64>: From<E>,
    {
        let number = match (self.elements.number(), value.number) {
            (ScalarType::I64 | ScalarType::Index, ScalarType::I64 | ScalarType::Index) => true,
            (given, expected) => given == expected,
        };
        let shape = value.shape.as_deref().unwrap_or_default();
        number
            && shape.len() == self.shape.len()
            && shape.iter().zip(&self.shape).all(|(&expected, &given)| {
                Option::<u64>::from(expected).is_none_or(|expected| expected == given as u64)
            })
    }

    /// The array's type in MLIR.
    pub fn mlir_type(&self) -> String {
        let number = self.elements.number();
        if self.shape.is_empty() {
            return number.to_string();
        }
        let extents: String = self.shape.iter().map(|extent| format!("{extent}x")).collect();
        format!("tensor<{extents}{number}>")
    }
}

/// The number of elements of a shape; `None` on overflow.
pub(crate) fn count(shape: &[usize]) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1_usize, |product, &extent| product.checked_mul(extent))
}
