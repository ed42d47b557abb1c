//! Functions of complex numbers where a part is 0, infinite, great or NaN: each part of what is compiled is what the
//! interpreter gives.

use super::library::Pair;
use dp_compiler::driver::crossing;
use dp_dialects::{DType, Literal, Number};
use num_complex::Complex64;

const UNARY: [&str; 23] = [
    "sign", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "sin", "cos", "tan", "tanh", "logistic", "exp2", "log2",
    "log10", "sinh", "cosh", "asin", "acos", "atan", "asinh", "acosh", "atanh",
];

const PARTS: [f64; 13] =
    [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 30.0, -800.0, 1e-300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -1e300];

/// Whether two parts are one number, to `tolerance` of it where it is finite.
fn same(expected: f64, found: f64, tolerance: f64) -> bool {
    match expected.is_finite() && expected != 0.0 {
        true => (found - expected).abs() <= tolerance * expected.abs() + f64::MIN_POSITIVE,
        false => expected.to_bits() == found.to_bits() || expected.is_nan() && found.is_nan(),
    }
}

#[test]
fn complex_functions_keep_their_parts_at_special_values() {
    for (dtype, tolerance) in [(DType::C128, 1e-13), (DType::C64, 1e-6)] {
        let t = format!("tensor<{}x{dtype}>", PARTS.len() * PARTS.len());
        let text: String = UNARY
            .iter()
            .map(|name| {
                format!(
                    "func.func @of_{name}(%z: {t}) -> {t} {{\n  %w = scalar.{name} %z : {t}\n  return %w : {t}\n}}\n"
                )
            })
            .collect();
        let pair = Pair::new(&text);
        let numbers: Vec<Number> = PARTS
            .iter()
            .flat_map(|re| PARTS.iter().map(|im| Number::Complex(Complex64::new(*re, *im)).round(dtype)))
            .collect();
        let argument = Literal::tensor(dtype, vec![numbers.len() as u64], numbers.clone());
        let mut wrong = String::new();
        for name in UNARY {
            let (function, arguments) = (format!("of_{name}"), std::slice::from_ref(&argument));
            let expected = pair.interpret(&function, arguments).expect("is interpreted");
            let found = pair.call(&function, arguments).expect("is called");
            let found = crossing::literal(&found[0], true);
            for ((z, expected), found) in numbers.iter().zip(expected[0].iter()).zip(found.iter()) {
                let (want, have) = (expected.complex(), found.complex());
                if !same(want.re, have.re, tolerance) || !same(want.im, have.im, tolerance) {
                    wrong += &format!("{name} {dtype} of {}: {have}, not {want}\n", z.complex());
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }
}
