//! Accuracy of functions of complex numbers: compares each component of each result with values of higher precision.

use super::differential::Contest;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType};
use dp_driver::conversion;
use num_complex::Complex64;

/// The functions, with arity, error bounds for both types, and the components whose bound is scaled by the condition
/// number.
const BOUNDS: &str = include_str!("../math/complex.inc");
/// Operands, results, and the condition numbers of their components; see `tests/math/complex.py`.
const VALUES: &str = include_str!("../math/complex.txt");

struct Function {
    name: &'static str,
    arity: usize,
    /// In ulps, for f32 and f64.
    bounds: [f64; 2],
    grows: [bool; 2],
}

struct Value {
    operands: Vec<Complex64>,
    result: [f64; 2],
    condition: [f64; 2],
}

fn functions() -> Vec<Function> {
    let rows = BOUNDS.lines().filter_map(|line| line.strip_prefix("ROW(")?.strip_suffix(')'));
    let function = |row: &'static str| {
        let fields: Vec<&str> = row.split(',').map(str::trim).collect();
        let number = |index: usize| fields[index].parse::<f64>().expect("a bound is a number");
        let grows = match fields[4] {
            "no" => [false, false],
            "real" => [true, false],
            "both" => [true, true],
            other => panic!("unknown components '{other}'"),
        };
        Function { name: fields[0], arity: number(1) as usize, bounds: [number(2), number(3)], grows }
    };
    rows.map(function).collect()
}

/// The values of a function whose operands are representable in a type.
fn values(function: &Function, dtype: ScalarType) -> Vec<Value> {
    let lines = VALUES.lines().filter_map(|line| line.strip_prefix(function.name)?.strip_prefix(' '));
    let value = |line: &str| {
        let numbers: Vec<f64> = line.split(' ').map(|field| field.parse().expect("fields are numbers")).collect();
        let (operands, rest) = numbers.split_at(2 * function.arity);
        let operands = operands.chunks(2).map(|parts| Complex64::new(parts[0], parts[1])).collect();
        Value { operands, result: [rest[0], rest[1]], condition: [rest[2], rest[3]] }
    };
    let fits = |value: &Value| {
        let has = |part: f64| f64::from(part as f32) == part;
        dtype == ScalarType::Complex128 || value.operands.iter().all(|operand| has(operand.re) && has(operand.im))
    };
    lines.map(value).filter(fits).collect()
}

fn parts(number: Number) -> [f64; 2] {
    [number.complex().re, number.complex().im]
}

/// The ulp of a number, and the smallest positive normal number.
fn unit(x: f64, dtype: ScalarType) -> (f64, f64) {
    let (digits, least) = match dtype {
        ScalarType::Complex64 => (23, f64::from(f32::MIN_POSITIVE)),
        _ => (52, f64::MIN_POSITIVE),
    };
    let power = x.abs().max(least).log2().floor() as i32;
    (2.0_f64.powi(power.max(-1022)) * 2.0_f64.powi(-digits), least)
}

/// The error bound of some of XLA's functions, in ulps.
const XLA: f64 = 12.0;

/// A description of a component whose error exceeds its bound. XLA flushes subnormal numbers to 0.
fn difference(target: &str, function: &Function, dtype: ScalarType, value: &Value, found: Number) -> Option<String> {
    let is_double = dtype == ScalarType::Complex128;
    let greatest = if is_double { f64::MAX } else { f64::from(f32::MAX) };
    let checked = if function.name == "abs" { 1 } else { 2 };
    for (part, have) in parts(found).into_iter().enumerate().take(checked) {
        let want = value.result[part];
        let (unit, least) = unit(want, dtype);
        let mut bound = function.bounds[usize::from(is_double)];
        // The expected value is rounded too.
        bound += if is_double { 0.5 } else { 0.0 };
        if target == "xla" {
            bound = XLA;
        }
        if function.grows[part] {
            bound *= value.condition[part];
        }
        let flushed = target == "xla" && have == 0.0 && want.abs() < least;
        let overflows = want.abs() > greatest && have.is_infinite() && have.signum() == want.signum();
        // The comparison is false for NaN.
        let within = (have - want).abs() <= bound * unit;
        if !overflows && !flushed && !within {
            let off = (have - want).abs() / unit;
            let operands = &value.operands;
            return Some(format!(
                "{target}: {} of {dtype} at {operands:?}, part {part}: {have:e} instead of {want:e}, error {off:.3} ulps",
                function.name
            ));
        }
    }
    None
}

fn kind(name: &str) -> OpKind {
    let found = OpKind::ALL.iter().find(|kind| kind.dialect() == "scalar" && kind.mnemonic() == name);
    *found.expect("each row is an operation")
}

/// Arguments near 0, near poles and zeros, with components of very different magnitudes, and with large ones.
#[test]
fn each_component_is_within_its_bound() {
    let types = [(ScalarType::Complex64, "f32"), (ScalarType::Complex128, "f64")];
    let functions = functions();
    let mut text = String::new();
    for function in &functions {
        for (dtype, real) in types {
            let (name, complex) = (function.name, format!("tensor<?x{dtype}>"));
            let to = if name == "abs" { format!("tensor<?x{real}>") } else { complex.clone() };
            let parameters =
                if function.arity == 1 { format!("%a: {complex}") } else { format!("%a: {complex}, %b: {complex}") };
            let operands = if function.arity == 1 { "%a" } else { "%a, %b" };
            text += &format!(
                "func.func @of_{name}_{real}({parameters}) -> {to} {{\n  %y = scalar.{name} {operands} : {complex}\n  return %y : {to}\n}}\n"
            );
        }
    }
    let differential = Contest::new(&text);
    let mut differences = Vec::new();
    for function in &functions {
        for (dtype, real) in types {
            let values = values(function, dtype);
            assert!(values.len() > 10, "{} has values", function.name);
            let column = |index: usize| values.iter().map(|value| Number::Complex(value.operands[index])).collect();
            let arguments: Vec<Literal> = (0..function.arity)
                .map(|index| Literal::tensor(dtype, vec![values.len() as u64], column(index)))
                .collect();
            for value in &values {
                let operands: Vec<Number> = value.operands.iter().map(|operand| Number::Complex(*operand)).collect();
                let to = if function.name == "abs" { dtype.real() } else { dtype };
                let found = dp_semantics::scalar(kind(function.name), &Parameters::None, &operands, dtype, to);
                let found = found.expect("defined on complex numbers");
                differences.extend(difference("interp", function, dtype, value, found));
            }
            for target in Contest::targets() {
                match differential.call(target, &format!("of_{}_{real}", function.name), &arguments) {
                    Ok(results) => {
                        let found = conversion::literal(&results[0], true);
                        let pairs = values.iter().enumerate();
                        differences.extend(pairs.filter_map(|(position, value)| {
                            difference(target, function, dtype, value, found.element(position))
                        }));
                    }
                    Err(error) => differences.push(format!("{target}: {}: {error}", function.name)),
                }
            }
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

/// If one component of the operand is NaN, both components of the result are NaN, on every target.
#[test]
fn roots_of_nan_are_nan() {
    let names = ["sqrt", "rsqrt", "sign"];
    let text: String = names
        .iter()
        .map(|name| {
            format!(
                "func.func @of_{name}(%a: tensor<?xcomplex<f64>>) -> tensor<?xcomplex<f64>> {{
  %y = scalar.{name} %a : tensor<?xcomplex<f64>>
  return %y : tensor<?xcomplex<f64>>
}}
"
            )
        })
        .collect();
    let nan = f64::NAN;
    let numbers = [(nan, 0.0), (nan, -0.0), (0.0, nan), (nan, 1.0), (-1.0, nan)];
    let numbers = numbers.map(|(re, im)| Number::Complex(Complex64::new(re, im)));
    let argument = Literal::tensor(ScalarType::Complex128, vec![numbers.len() as u64], numbers.to_vec());
    let differential = Contest::new(&text);
    for name in names {
        for target in Contest::targets() {
            let results =
                differential.call(target, &format!("of_{name}"), std::slice::from_ref(&argument)).expect("it runs");
            let found = conversion::literal(&results[0], true);
            for (position, number) in numbers.iter().enumerate() {
                let z = found.element(position).complex();
                assert!(z.re.is_nan() && z.im.is_nan(), "{target}: {name} of {number:?} is {z}");
            }
        }
    }
}
