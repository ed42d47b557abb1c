//! Conversion between interpreter values and host arrays.

use dp_dialects::{Diagnostic, Literal, Number, Result, ScalarType};
use dp_runtime::{Array, Elements};
use half::{bf16, f16};
use num_complex::Complex;

/// Converts an array to an interpreter value. `tensor` tells a tensor of rank 0 from a scalar.
pub fn literal(array: &Array, tensor: bool) -> Literal {
    let real = |value: f64| Number::Real(value);
    let (dtype, numbers): (ScalarType, Vec<Number>) = match array.elements() {
        Elements::I1(items) => (ScalarType::I1, items.iter().map(|item| Number::Integer(i64::from(*item))).collect()),
        Elements::I8(items) => (ScalarType::I8, items.iter().map(|item| Number::Integer(i64::from(*item))).collect()),
        Elements::I16(items) => (ScalarType::I16, items.iter().map(|item| Number::Integer(i64::from(*item))).collect()),
        Elements::I32(items) => (ScalarType::I32, items.iter().map(|item| Number::Integer(i64::from(*item))).collect()),
        Elements::I64(items) => (ScalarType::I64, items.iter().map(|item| Number::Integer(*item)).collect()),
        Elements::Index(items) => (ScalarType::Index, items.iter().map(|item| Number::Integer(*item)).collect()),
        Elements::F16(items) => (ScalarType::F16, items.iter().map(|item| real(item.to_f64())).collect()),
        Elements::BF16(items) => (ScalarType::BF16, items.iter().map(|item| real(item.to_f64())).collect()),
        Elements::F32(items) => (ScalarType::F32, items.iter().map(|item| real(f64::from(*item))).collect()),
        Elements::F64(items) => (ScalarType::F64, items.iter().map(|item| real(*item)).collect()),
        Elements::Complex64(items) => {
            (ScalarType::Complex64, items.iter().map(|item| complex(item.re.into(), item.im.into())).collect())
        }
        Elements::Complex128(items) => {
            (ScalarType::Complex128, items.iter().map(|item| complex(item.re, item.im)).collect())
        }
    };
    if tensor {
        return Literal::tensor(dtype, array.shape().iter().map(|extent| *extent as u64).collect(), numbers);
    }
    Literal::number(dtype, numbers[0])
}

fn complex(re: f64, im: f64) -> Number {
    Number::Complex(Complex::new(re, im))
}

/// Converts an interpreter value to an array.
///
/// # Errors
/// If it does not fit into memory: the interpreter stores a splat as one element.
pub fn array(literal: &Literal) -> Result<Array> {
    dp_semantics::fitting(literal.extents())?;
    let numbers = literal.iter();
    let elements = match literal.dtype {
        ScalarType::I1 => Elements::I1(numbers.map(|number| number.integer() != 0).collect()),
        ScalarType::I8 => Elements::I8(numbers.map(|number| number.integer() as i8).collect()),
        ScalarType::I16 => Elements::I16(numbers.map(|number| number.integer() as i16).collect()),
        ScalarType::I32 => Elements::I32(numbers.map(|number| number.integer() as i32).collect()),
        ScalarType::I64 => Elements::I64(numbers.map(Number::integer).collect()),
        ScalarType::Index => Elements::Index(numbers.map(Number::integer).collect()),
        ScalarType::F16 => Elements::F16(numbers.map(|number| f16::from_f64(number.re())).collect()),
        ScalarType::BF16 => Elements::BF16(numbers.map(|number| bf16::from_f64(number.re())).collect()),
        ScalarType::F32 => Elements::F32(numbers.map(|number| number.re() as f32).collect()),
        ScalarType::F64 => Elements::F64(numbers.map(Number::re).collect()),
        ScalarType::Complex64 => Elements::Complex64(
            numbers.map(Number::complex).map(|value| Complex::new(value.re as f32, value.im as f32)).collect(),
        ),
        ScalarType::Complex128 => Elements::Complex128(numbers.map(Number::complex).collect()),
    };
    let shape: Vec<usize> = literal.extents().iter().map(|extent| *extent as usize).collect();
    Array::from_elements(&shape, elements).map_err(|error| Diagnostic::internal(error.to_string()))
}
