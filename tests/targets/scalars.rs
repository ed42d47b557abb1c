//! Elementwise operations.

use super::differential::Contest;
use dp_dialects::attributes::Predicate;
use dp_dialects::{Literal, Number, OpKind, ScalarType};
use num_complex::Complex64;

/// The element types of `scalar`.
fn types() -> impl Iterator<Item = ScalarType> {
    ScalarType::ALL.into_iter().filter(|dtype| *dtype != ScalarType::Index)
}

/// Real numbers at which functions have special values or change behavior.
fn reals() -> Vec<f64> {
    let mut values = vec![0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 7.25, 1e-3, 12.0, 80.0, 0.1, 0.9, 1e-20, 300.0, 40000.0];
    let negative: Vec<f64> = values.iter().map(|value| -value).collect();
    values.extend(negative);
    values.extend([f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
    values
}

fn samples(dtype: ScalarType) -> Vec<Number> {
    if dtype.is_complex() {
        let parts = [0.0, 0.5, -1.0, 1.25, -3.0, 2.0];
        let pairs = parts.iter().flat_map(|re| parts.iter().map(|im| Complex64::new(*re, *im)));
        return pairs.map(Number::Complex).collect();
    }
    if dtype.is_float() {
        return reals().into_iter().map(|value| Number::Real(value).round(dtype)).collect();
    }
    if dtype == ScalarType::I1 {
        return vec![Number::Integer(0), Number::Integer(1)];
    }
    let bits = i64::from(dtype.bits());
    let least = i64::MIN >> (64 - bits);
    [0, 1, -1, 2, -2, 3, 5, 7, -7, 13, bits - 1, bits, bits + 1, least, least + 1, !least]
        .into_iter()
        .map(Number::Integer)
        .collect()
}

/// All tuples of samples, a list for each operand.
fn arguments(types: &[ScalarType]) -> Vec<Literal> {
    let mut tuples: Vec<Vec<Number>> = vec![vec![]];
    for dtype in types {
        let samples = samples(*dtype);
        tuples = tuples
            .iter()
            .flat_map(|tuple| samples.iter().map(move |sample| [tuple.clone(), vec![*sample]].concat()))
            .collect();
    }
    let column = |index: usize| tuples.iter().map(|tuple| tuple[index]).collect();
    (0..types.len()).map(|index| Literal::tensor(types[index], vec![tuples.len() as u64], column(index))).collect()
}

/// The tolerance in ulps: the interpreter uses libm, targets our library or other orders of operations.
fn tolerance(kind: OpKind, dtype: ScalarType) -> f64 {
    match kind {
        OpKind::ScalarAdd | OpKind::ScalarSub | OpKind::ScalarDiv | OpKind::ScalarSqrt if dtype.is_float() => 0.0,
        OpKind::ScalarFma | OpKind::ScalarCopysign => 0.0,
        OpKind::ScalarPolygamma | OpKind::ScalarDigamma | OpKind::ScalarLgamma => 2e4,
        _ if dtype.is_complex() => 64.0,
        _ => 8.0,
    }
}

/// A test function: its name, the types of its operands, and its text.
struct Case {
    name: String,
    types: Vec<ScalarType>,
    text: String,
    tolerance: f64,
}

/// `@name(%a, %b, …)`, on tensors of any extent.
fn case(name: &str, kind: OpKind, types: &[ScalarType], to: ScalarType, line: &str) -> Case {
    let letters = ["a", "b", "c"];
    let parameters: Vec<String> =
        types.iter().zip(letters).map(|(dtype, letter)| format!("%{letter}: tensor<?x{dtype}>")).collect();
    let text = format!(
        "func.func @{name}({}) -> tensor<?x{to}> {{\n  %y = {line}\n  return %y : tensor<?x{to}>\n}}\n",
        parameters.join(", ")
    );
    Case { name: name.to_string(), types: types.to_vec(), text, tolerance: tolerance(kind, to) }
}

fn suffix(dtype: ScalarType) -> String {
    dtype.name().replace(['<', '>'], "")
}

fn simple(kind: OpKind, dtype: ScalarType) -> Option<Case> {
    let name = format!("{}_{}", kind.mnemonic(), suffix(dtype)).replace("div_", "quo_").replace("abs_", "magnitude_");
    let tensor = format!("tensor<?x{dtype}>");
    let op = kind.name();
    let unary = |to| Some(case(&name, kind, &[dtype], to, &format!("{op} %a : {tensor}")));
    let binary = |to| Some(case(&name, kind, &[dtype; 2], to, &format!("{op} %a, %b : {tensor}")));
    match kind {
        OpKind::ScalarAbs | OpKind::ScalarReal | OpKind::ScalarImag => unary(dtype.real()),
        OpKind::ScalarComplex => match dtype.complex() {
            Some(to) => binary(to),
            None => None,
        },
        OpKind::ScalarPolygamma => Some(case(&name, kind, &[dtype], dtype, &format!("{op} 2, %a : {tensor}"))),
        OpKind::ScalarReducePrecision => {
            let line = format!("{op} exponent 4 mantissa 3 %a : {tensor}");
            Some(Case { tolerance: 0.0, ..case(&name, kind, &[dtype], dtype, &line) })
        }
        OpKind::ScalarBitcast => None,
        OpKind::ScalarCompare | OpKind::ScalarConvert | OpKind::ScalarSelect | OpKind::ScalarConstant => None,
        OpKind::ScalarIsNan | OpKind::ScalarIsFinite => unary(ScalarType::I1),
        _ => match kind.arity() {
            Some(3) => Some(case(&name, kind, &[dtype; 3], dtype, &format!("{op} %a, %b, %c : {tensor}"))),
            Some(2) => binary(dtype),
            _ => unary(dtype),
        },
    }
}

#[track_caller]
fn check(cases: &[Case]) {
    let text: String = cases.iter().map(|case| case.text.as_str()).collect();
    let differential = Contest::new(&text);
    let differences: Vec<String> = cases
        .iter()
        .flat_map(|case| differential.differences(&case.name, &arguments(&case.types), case.tolerance))
        .collect();
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), cases.len(), differences.join("\n"));
}

#[test]
fn every_operation_on_every_type() {
    let mut cases = Vec::new();
    for kind in OpKind::ALL.iter().filter(|kind| kind.dialect() == "scalar") {
        let Some(classes) = kind.classes() else { continue };
        cases.extend(types().filter(|dtype| classes.admits(*dtype)).filter_map(|dtype| simple(*kind, dtype)));
    }
    check(&cases);
}

#[test]
fn comparisons_and_choices() {
    let mut cases = Vec::new();
    for dtype in types() {
        let tensor = format!("tensor<?x{dtype}>");
        for predicate in Predicate::ALL {
            if predicate.classes().admits(dtype) {
                let word = predicate.keyword();
                let line = format!("scalar.compare {word} %a, %b : {tensor}");
                let name = format!("{word}_{}", suffix(dtype));
                cases.push(case(&name, OpKind::ScalarCompare, &[dtype; 2], ScalarType::I1, &line));
            }
        }
        let line = format!("scalar.select %a, %b, %c : tensor<?xi1>, {tensor}");
        let name = format!("choose_{}", suffix(dtype));
        cases.push(case(&name, OpKind::ScalarSelect, &[ScalarType::I1, dtype, dtype], dtype, &line));
    }
    check(&cases);
}

#[test]
fn every_conversion() {
    let mut cases = Vec::new();
    for from in types() {
        for to in types() {
            if from.is_complex() && !to.is_complex() {
                continue;
            }
            for unsigned in ["", "unsigned "] {
                let line = format!("scalar.convert {unsigned}%a : tensor<?x{from}> to tensor<?x{to}>");
                let name = format!("{}from_{}_to_{}", unsigned.replace("unsigned ", "u"), suffix(from), suffix(to));
                let mut case = case(&name, OpKind::ScalarConvert, &[from], to, &line);
                case.tolerance = 0.0;
                cases.push(case);
            }
        }
    }
    check(&cases);
}

#[test]
fn every_cast_of_bits() {
    let mut cases = Vec::new();
    let plain = || types().filter(|dtype| dtype.is_float() || dtype.is_integer());
    for from in plain() {
        for to in plain().filter(|to| to.bits() == from.bits()) {
            let line = format!("scalar.bitcast %a : tensor<?x{from}> to tensor<?x{to}>");
            let name = format!("bits_{}_as_{}", suffix(from), suffix(to));
            cases.push(Case { tolerance: 0.0, ..case(&name, OpKind::ScalarBitcast, &[from], to, &line) });
        }
    }
    check(&cases);
}

#[test]
fn every_number_of_digits() {
    let mut cases = Vec::new();
    for dtype in types().filter(|dtype| dtype.is_float()) {
        for (exponent, mantissa) in [(1, 0), (2, 7), (5, 10), (5, 2), (8, 7), (8, 23), (11, 3), (11, 52), (20, 80)] {
            let line =
                format!("scalar.reduce_precision exponent {exponent} mantissa {mantissa} %a : tensor<?x{dtype}>");
            let name = format!("e{exponent}m{mantissa}_{}", suffix(dtype));
            let case = case(&name, OpKind::ScalarReducePrecision, &[dtype], dtype, &line);
            cases.push(Case { tolerance: 0.0, ..case });
        }
    }
    check(&cases);
}
