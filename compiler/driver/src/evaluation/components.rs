//! Arrays of floats and complex numbers as vectors of real components.

use dp_dialects::{Diagnostic, Result, ScalarType};
use dp_runtime::{Array, Elements};
use half::{bf16, f16};
use num_complex::Complex;

/// The real components of an array: its elements; for complex ones the real and the imaginary part of each. Empty for
/// integers and booleans.
pub fn components(array: &Array) -> Vec<f64> {
    match array.elements() {
        Elements::F16(items) => items.iter().map(|item| item.to_f64()).collect(),
        Elements::BF16(items) => items.iter().map(|item| item.to_f64()).collect(),
        Elements::F32(items) => items.iter().map(|item| f64::from(*item)).collect(),
        Elements::F64(items) => items.clone(),
        Elements::Complex64(items) => items.iter().flat_map(|item| [item.re.into(), item.im.into()]).collect(),
        Elements::Complex128(items) => items.iter().flat_map(|item| [item.re, item.im]).collect(),
        Elements::I1(_)
        | Elements::I8(_)
        | Elements::I16(_)
        | Elements::I32(_)
        | Elements::I64(_)
        | Elements::Index(_) => Vec::new(),
    }
}

/// The elements of an array of integers or booleans; empty for other arrays.
pub fn integers(array: &Array) -> Vec<i64> {
    match array.elements() {
        Elements::I1(items) => items.iter().map(|item| i64::from(*item)).collect(),
        Elements::I8(items) => items.iter().map(|item| i64::from(*item)).collect(),
        Elements::I16(items) => items.iter().map(|item| i64::from(*item)).collect(),
        Elements::I32(items) => items.iter().map(|item| i64::from(*item)).collect(),
        Elements::I64(items) | Elements::Index(items) => items.clone(),
        Elements::F16(_)
        | Elements::BF16(_)
        | Elements::F32(_)
        | Elements::F64(_)
        | Elements::Complex64(_)
        | Elements::Complex128(_) => Vec::new(),
    }
}

/// How many real components an element has; 0 for integers and booleans.
pub fn parts(dtype: ScalarType) -> usize {
    match (dtype.is_complex(), dtype.is_float()) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => 0,
    }
}

/// The array with the given components, each rounded to the type. Integers and booleans are rounded and clamped.
///
/// # Errors
/// If the shape does not have this number of components.
pub fn array(dtype: ScalarType, shape: &[usize], components: &[f64]) -> Result<Array> {
    let values = components.iter().copied();
    let pairs = || components.chunks_exact(2).map(|pair| Complex::new(pair[0], pair[1]));
    let elements = match dtype {
        ScalarType::F16 => Elements::F16(values.map(f16::from_f64).collect()),
        ScalarType::BF16 => Elements::BF16(values.map(bf16::from_f64).collect()),
        ScalarType::F32 => Elements::F32(values.map(|value| value as f32).collect()),
        ScalarType::F64 => Elements::F64(values.collect()),
        ScalarType::Complex64 => {
            Elements::Complex64(pairs().map(|value| Complex::new(value.re as f32, value.im as f32)).collect())
        }
        ScalarType::Complex128 => Elements::Complex128(pairs().collect()),
        ScalarType::I1 => Elements::I1(values.map(|value| value != 0.0).collect()),
        ScalarType::I8 => Elements::I8(values.map(|value| value as i8).collect()),
        ScalarType::I16 => Elements::I16(values.map(|value| value as i16).collect()),
        ScalarType::I32 => Elements::I32(values.map(|value| value as i32).collect()),
        ScalarType::I64 => Elements::I64(values.map(|value| value as i64).collect()),
        ScalarType::Index => Elements::Index(values.map(|value| value as i64).collect()),
    };
    Array::from_elements(shape, elements).map_err(|error| Diagnostic::internal(error.to_string()))
}

/// The array moved along a direction: its components plus `step` times those of the direction.
///
/// # Errors
/// If the direction does not have the array's number of components.
pub fn moved(from: &Array, direction: &[f64], step: f64) -> Result<Array> {
    let components: Vec<f64> = components(from).iter().zip(direction).map(|(at, along)| at + step * along).collect();
    array(from.elements().number(), from.shape(), &components)
}

/// A sum of products, and the sum of their magnitudes, which bounds its rounding errors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Product {
    /// The sum.
    pub value: f64,
    /// The sum of magnitudes.
    pub magnitude: f64,
}

/// The product of an array with weights, one for each component. For complex arrays this is Re(conj(a) w), the pairing
/// in which the gradient g of `ad.grad` satisfies df = Re(conj(g) dz).
pub fn product(array: &Array, weights: &[f64]) -> Product {
    components(array).iter().zip(weights).fold(Product::default(), |sum, (component, weight)| {
        let term = component * weight;
        Product { value: sum.value + term, magnitude: sum.magnitude + term.abs() }
    })
}
