//! Conversion of Rust numbers, arrays, slices and vectors to arrays.
//!
//! ```
//! use dp_runtime::Array;
//!
//! let number: Array = 2.0.into();
//! let vector: Array = vec![1_f32, 2.0, 3.0].into();
//! let matrix: Array = [[1, 2, 3], [4, 5, 6]].into();
//! assert_eq!(number.mlir_type(), "f64");
//! assert_eq!(vector.mlir_type(), "tensor<3xf32>");
//! assert_eq!(matrix.mlir_type(), "tensor<2x3xi32>");
//! ```

use crate::array::{Array, Element};

/// A number or a nested array: `f64`, `[f64; 3]`, `[[f64; 3]; 2]`, … The nesting gives the shape of the tensor.
pub trait Nested: Sized {
    /// The type of the numbers.
    type Element: Element;

    /// Appends the extents, outermost first.
    fn push_shape(shape: &mut Vec<usize>);

    /// The numbers of all items, in row-major order.
    fn flatten(items: Vec<Self>) -> Vec<Self::Element>;
}

impl<T: Element> Nested for T {
    type Element = T;

    fn push_shape(_: &mut Vec<usize>) {}

    fn flatten(items: Vec<T>) -> Vec<T> {
        items
    }
}

impl<N: Nested, const EXTENT: usize> Nested for [N; EXTENT] {
    type Element = N::Element;

    fn push_shape(shape: &mut Vec<usize>) {
        shape.push(EXTENT);
        N::push_shape(shape);
    }

    fn flatten(items: Vec<[N; EXTENT]>) -> Vec<N::Element> {
        N::flatten(items.into_iter().flatten().collect())
    }
}

/// Makes a scalar, or a tensor with the shape of the nested array.
impl<N: Nested> From<N> for Array {
    fn from(value: N) -> Array {
        let mut shape = Vec::new();
        N::push_shape(&mut shape);
        Array::of(shape, N::flatten(vec![value]))
    }
}

/// Makes a vector, or a tensor with one row per item.
impl<N: Nested> From<Vec<N>> for Array {
    fn from(rows: Vec<N>) -> Array {
        let mut shape = vec![rows.len()];
        N::push_shape(&mut shape);
        Array::of(shape, N::flatten(rows))
    }
}

/// Copies into a vector, or a tensor with one row per item.
impl<N: Nested + Clone> From<&[N]> for Array {
    fn from(rows: &[N]) -> Array {
        rows.to_vec().into()
    }
}
