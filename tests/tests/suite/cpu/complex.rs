//! Functions of complex numbers where a part is 0, infinite, great or NaN: each part of what is compiled is what the
//! interpreter gives.

use super::library::Pair;
use crate::derivatives::Random;
use dp_dialects::{FloatModel, Literal, Number, ScalarType};
use dp_driver::conversion;
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
    for (dtype, tolerance) in [(ScalarType::Complex128, 1e-13), (ScalarType::Complex64, 1e-6)] {
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
            let found = conversion::literal(&found[0], true);
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

/// Products and quotients where parts of either are special: what is compiled is what the interpreter gives, under
/// `--fp=strict` to the bit.
#[test]
fn products_and_quotients_keep_their_parts_at_special_values() {
    const BINARY: [&str; 2] = ["mul", "div"];
    let count = PARTS.len() * PARTS.len();
    for (dtype, rounds_to) in [(ScalarType::Complex128, 1e-14), (ScalarType::Complex64, 1e-6)] {
        let t = format!("tensor<{}x{dtype}>", count * count);
        let text: String = BINARY
            .iter()
            .map(|name| {
                format!(
                    "func.func @of_{name}(%a: {t}, %b: {t}) -> {t} {{\n  %w = scalar.{name} %a, %b : {t}\n  \
                     return %w : {t}\n}}\n"
                )
            })
            .collect();
        let numbers: Vec<Number> = PARTS
            .iter()
            .flat_map(|re| PARTS.iter().map(|im| Number::Complex(Complex64::new(*re, *im)).round(dtype)))
            .collect();
        let operand = |choose: fn(usize, usize) -> usize| {
            let all = (0..count * count).map(|index| numbers[choose(index, count)]).collect();
            Literal::tensor(dtype, vec![(count * count) as u64], all)
        };
        let arguments = [operand(|index, count| index / count), operand(|index, count| index % count)];
        for fp in [FloatModel::Strict, FloatModel::Reassociate] {
            let pair = Pair::with(&text, &dp_cpu::Options { fp, ..dp_cpu::Options::default() });
            let tolerance = if fp == FloatModel::Strict { 0.0 } else { rounds_to };
            for name in BINARY {
                let expected = pair.interpret(&format!("of_{name}"), &arguments).expect("is interpreted");
                let found = pair.call(&format!("of_{name}"), &arguments).expect("is called");
                let found = conversion::literal(&found[0], true);
                let mut wrong = Vec::new();
                for (index, (expected, found)) in expected[0].iter().zip(found.iter()).enumerate() {
                    let (want, have) = (expected.complex(), found.complex());
                    if !same(want.re, have.re, tolerance) || !same(want.im, have.im, tolerance) {
                        let [a, b] = arguments.each_ref().map(|argument| argument.element(index).complex());
                        wrong.push(format!("{name} {dtype} {fp} of {a} and {b}: {have}, not {want}"));
                    }
                }
                assert!(
                    wrong.is_empty(),
                    "{} of {}:\n{}",
                    wrong.len(),
                    count * count,
                    wrong[..wrong.len().min(40)].join("\n")
                );
            }
        }
    }
}

/// Every pair of numbers whose parts are the extremes of their type, and some that reach f64's ends from both sides.
#[test]
fn quotients_of_extreme_numbers_have_the_interpreters_bits() {
    for dtype in [ScalarType::Complex128, ScalarType::Complex64] {
        let (great, least) = if dtype == ScalarType::Complex128 { (1e308, 5e-324) } else { (3e38, 1e-45) };
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let parts = [0.0, -0.0, 1.0, -1.0, inf, -inf, nan, great, -great, least, -least];
        let numbers: Vec<Number> = parts
            .iter()
            .flat_map(|re| parts.iter().map(|im| Number::Complex(Complex64::new(*re, *im)).round(dtype)))
            .collect();
        let count = numbers.len();
        check_quotients(dtype, (0..count * count).map(|at| (numbers[at / count], numbers[at % count])).collect());
        let mut random = Random(29);
        let mut part = || {
            let sign = if random.unit() < 0.5 { -1.0 } else { 1.0 };
            let (digits, exponent) = (1.0 + random.unit(), (random.unit() * 2120.0 - 1086.0) as i32);
            let exponent = if dtype == ScalarType::Complex128 { exponent } else { exponent / 8 };
            sign * digits * 2.0_f64.powi(exponent / 2) * 2.0_f64.powi(exponent - exponent / 2)
        };
        let mut number = |_| Number::Complex(Complex64::new(part(), part())).round(dtype);
        check_quotients(dtype, (0..20_000).map(|at| (number(at), number(at))).collect());
    }
}

/// Compares machine code under `--fp=strict` with the interpreter.
#[track_caller]
fn check_quotients(dtype: ScalarType, pairs: Vec<(Number, Number)>) {
    let t = format!("tensor<{}x{dtype}>", pairs.len());
    let text =
        format!("func.func @of(%a: {t}, %b: {t}) -> {t} {{\n  %w = scalar.div %a, %b : {t}\n  return %w : {t}\n}}\n");
    let operand = |choose: fn(&(Number, Number)) -> Number| {
        Literal::tensor(dtype, vec![pairs.len() as u64], pairs.iter().map(choose).collect())
    };
    let arguments = [operand(|pair| pair.0), operand(|pair| pair.1)];
    let pair = Pair::with(&text, &dp_cpu::Options { fp: FloatModel::Strict, ..dp_cpu::Options::default() });
    let expected = pair.interpret("of", &arguments).expect("is interpreted");
    let found = conversion::literal(&pair.call("of", &arguments).expect("is called")[0], true);
    let mut wrong = Vec::new();
    for ((want, have), (a, b)) in expected[0].iter().zip(found.iter()).zip(&pairs) {
        let (want, have) = (want.complex(), have.complex());
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        if !same(want.re, have.re) || !same(want.im, have.im) {
            wrong.push(format!("{} / {} is {have}, not {want}", a.complex(), b.complex()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs.len(), wrong[..wrong.len().min(40)].join("\n"));
}
