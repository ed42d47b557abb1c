//! Loops whose derivatives are known, in the interpreter and in machine code, in double and in single precision.

use super::algorithms::TOPICS as ALGORITHMS;
use super::case::{Argument, Case, Request, cases};
use super::{buffer_algorithms, buffers, carries, close, like, loops, nests, reductions, upstream};
use crate::cpu::library::Pair;
use crate::programs::{Program, run};
use crate::targets::xla;
use dp_dialects::OpKind;
use dp_dialects::ScalarType::{F32, F64, I32, Index};
use dp_dialects::ir::{constant_integer, operands, walk};
use dp_dialects::marks::{self, Rounds};
use dp_dialects::{Literal, Number, ScalarType};
use dp_driver::conversion;
use melior::ir::OperationRef;

const PASSES: [&str; 4] = ["lift-control-flow", "raise-buffers", "raise-to-scalar", "ad"];

/// A number.
pub fn real(dtype: ScalarType, value: f64) -> Literal {
    Literal::number(dtype, Number::Real(value).round(dtype))
}

/// A whole number.
pub fn whole(dtype: ScalarType, value: i64) -> Literal {
    Literal::number(dtype, Number::Integer(value))
}

/// Calls a function of a program, `f64` in which is replaced by `dtype`, in the interpreter and as machine code, and
/// checks its results, all of them numbers.
#[track_caller]
pub fn expect(name: &str, text: &str, dtype: ScalarType, function: &str, arguments: &[Literal], expected: &[f64]) {
    let text = text.replace("f64", &dtype.to_string());
    let program = Program::new(name, &text, &PASSES);
    let tolerance = if dtype == F64 { 1e-10 } else { 1e-4 };
    let check = |by: &str, found: Vec<Literal>| {
        let found: Vec<f64> = found.iter().map(|value| value.element(0).re()).collect();
        assert_eq!(found.len(), expected.len(), "{name} by {by}");
        for (found, expected) in found.iter().zip(expected) {
            let error = (found - expected).abs();
            assert!(error <= tolerance * (1.0 + expected.abs()), "{name} in {dtype} by {by}: {found}, not {expected}");
        }
    };
    check("the interpreter", run(&program, function, arguments.to_vec()));
    let arrays = Pair::new(&program.text()).call(function, arguments).unwrap_or_else(|error| panic!("{name}: {error}"));
    check("machine code", arrays.iter().map(|array| conversion::literal(array, true)).collect());
}

/// The bound of loops on XLA.
const BOUND: i64 = 12;

/// Gives a bound to each loop whose number of rounds is known only at run time.
pub fn bound_loops(root: OperationRef, rounds: i64) {
    walk(root, &mut |op| {
        let is_open = match OpKind::of(op) {
            Some(OpKind::ScfWhile) => true,
            Some(OpKind::ScfFor) => constant_integer(operands(op)[1]).is_none(),
            Some(_) | None => false,
        };
        if is_open {
            marks::BOUND.set(op, &Rounds(rounds));
        }
    });
}

/// Calls a function of a program on XLA, where its loops have a bound.
fn on_xla(name: &str, text: &str, function: &str, arguments: &[Literal]) -> Result<Vec<f64>, String> {
    let lifted = Program::new(name, text, &PASSES[..3]);
    bound_loops(lifted.operation(), BOUND);
    let program = Program::new(name, &lifted.text(), &PASSES[3..]);
    let arrays = xla::Programs::new(&program.text()).call(function, arguments)?;
    Ok(arrays.iter().map(|array| conversion::literal(array, true).element(0).re()).collect())
}

/// Like [`expect`], and on XLA.
#[track_caller]
fn expect_also_on_xla(
    name: &str,
    text: &str,
    dtype: ScalarType,
    function: &str,
    arguments: &[Literal],
    expected: &[f64],
) {
    expect(name, text, dtype, function, arguments, expected);
    let text = text.replace("f64", &dtype.to_string());
    let found = on_xla(name, &text, function, arguments).unwrap_or_else(|error| panic!("{name} on XLA: {error}"));
    let tolerance = if dtype == F64 { 1e-10 } else { 1e-4 };
    assert_eq!(found.len(), expected.len(), "{name} on XLA");
    for (found, expected) in found.iter().zip(expected) {
        let error = (found - expected).abs();
        assert!(error <= tolerance * (1.0 + expected.abs()), "{name} in {dtype} on XLA: {found}, not {expected}");
    }
}

/// With as many rounds as the bound a derivative is right, of any order; with one more it fails, and only there.
#[test]
fn bounds_on_xla() {
    for text in [CONDITIONAL, BLOCKS] {
        let text = text.to_string() + &derivatives("i32");
        let at = |exponent: i64| [real(F64, 2.0), whole(I32, exponent)];
        let n = BOUND as f64;
        let (power, slope) = (2f64.powi(BOUND as i32), n * 2f64.powi(BOUND as i32 - 1));
        let curvature = n * (n - 1.0) * 2f64.powi(BOUND as i32 - 2);
        let jerk = curvature * (n - 2.0) / 2.0;
        expect_also_on_xla("all rounds", &text, F64, "first", &at(BOUND), &[power, slope]);
        expect_also_on_xla("all rounds", &text, F64, "third", &at(BOUND), &[curvature, jerk]);
        for function in ["first", "second", "third"] {
            let error = on_xla("more rounds", &text, function, &at(BOUND + 1)).expect_err("it fails");
            assert!(error.contains("this loop has more rounds than its bound, 12"), "{function}: {error}");
        }
        let value = on_xla("no derivative", &text, "f", &at(BOUND + 1));
        assert_eq!(value, Ok(vec![2.0 * power]));
    }
}

/// The value of a function `@f` of one number and an `index` or an `i32`, and its derivatives by the number.
fn derivatives(other: &str) -> String {
    format!(
        "func.func @first(%x: f64, %n: {other}) -> (f64, f64) {{
  %v:2 = ad.grad @f(%x, %n) wrt [0] : (f64, {other}) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}}
func.func @second(%x: f64, %n: {other}) -> (f64, f64, f64) {{
  %one = scalar.constant 1.0 : f64
  %v:4 = ad.jvp @first(%x, %n, %one) wrt [0] : (f64, {other}, f64) -> (f64, f64, f64, f64)
  return %v#0, %v#1, %v#3 : f64, f64, f64
}}
func.func private @slope(%x: f64, %n: {other}) -> f64 {{
  %v:3 = call @second(%x, %n) : (f64, {other}) -> (f64, f64, f64)
  return %v#2 : f64
}}
func.func @third(%x: f64, %n: {other}) -> (f64, f64) {{
  %v:2 = ad.grad @slope(%x, %n) wrt [0] : (f64, {other}) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}}
"
    )
}

/// A power by `scf.for`, and by `scf.while`.
const COUNTED: &str = "func.func @f(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %one) -> f64 {
    %q = scalar.mul %p, %x : f64
    scf.yield %q : f64
  }
  return %r : f64
}
";
const CONDITIONAL: &str = "func.func @f(%x: f64, %n: i32) -> f64 {
  %one = scalar.constant 1.0 : f64
  %none = arith.constant 0 : i32
  %single = arith.constant 1 : i32
  %r:2 = scf.while (%p = %one, %k = %n) : (f64, i32) -> (f64, i32) {
    %c = arith.cmpi sgt, %k, %none : i32
    scf.condition(%c) %p, %k : f64, i32
  } do {
  ^bb0(%p: f64, %k: i32):
    %q = scalar.mul %p, %x : f64
    %m = arith.subi %k, %single : i32
    scf.yield %q, %m : f64, i32
  }
  return %r#0 : f64
}
";
/// The same, of blocks.
const BLOCKS: &str = "func.func @f(%x: f64, %n: i32) -> f64 {
  %one = scalar.constant 1.0 : f64
  %none = arith.constant 0 : i32
  %single = arith.constant 1 : i32
  cf.br ^loop(%one, %n : f64, i32)
^loop(%p: f64, %k: i32):
  %ends = arith.cmpi sle, %k, %none : i32
  cf.cond_br %ends, ^done, ^body
^body:
  %q = scalar.mul %p, %x : f64
  %m = arith.subi %k, %single : i32
  cf.br ^loop(%q, %m : f64, i32)
^done:
  return %p : f64
}
";

#[test]
fn powers() {
    for (text, integer) in [(COUNTED, Index), (CONDITIONAL, I32), (BLOCKS, I32)] {
        let text = text.to_string() + &derivatives(&integer.to_string());
        for dtype in [F64, F32] {
            let at = |exponent: i64| [real(dtype, 5.0), whole(integer, exponent)];
            expect_also_on_xla("5³", &text, dtype, "first", &at(3), &[125.0, 75.0]);
            expect_also_on_xla("5³", &text, dtype, "second", &at(3), &[125.0, 75.0, 30.0]);
            expect_also_on_xla("5³", &text, dtype, "third", &at(3), &[30.0, 6.0]);
            expect_also_on_xla("5⁰", &text, dtype, "second", &at(0), &[1.0, 0.0, 0.0]);
            expect_also_on_xla("5¹", &text, dtype, "third", &at(1), &[0.0, 0.0]);
            expect_also_on_xla("5⁻¹", &text, dtype, "second", &at(-1), &[1.0, 0.0, 0.0]);
        }
    }
}

/// The derivative of xⁿ is n xⁿ⁻¹, after a million rounds too.
#[test]
fn many_rounds() {
    let (count, x) = (1i64 << 20, 1.0 + 1.0 / f64::from(1 << 20));
    let text = COUNTED.to_string() + &derivatives("index");
    let program = Program::new("many rounds", &text, &PASSES);
    let pair = Pair::new(&program.text());
    let arrays = pair.call("first", &[real(F64, x), whole(Index, count)]).expect("a million rounds are executed");
    let found: Vec<f64> = arrays.iter().map(|array| conversion::literal(array, true).element(0).re()).collect();
    let value = x.powf(count as f64);
    for (found, expected) in found.iter().zip([value, value / x * count as f64]) {
        assert!((found - expected).abs() < 1e-8 * expected, "{found}, not {expected}");
    }
}

/// The square root by the method of Heron, until it stays: its derivative is that of the square root.
#[test]
fn roots() {
    let heron = "func.func @f(%x: f64, %n: i32) -> f64 {
  %half = scalar.constant 0.5 : f64
  %bound = scalar.constant 1.0e-5 : f64
  %r = scf.while (%y = %x) : (f64) -> f64 {
    %q = scalar.mul %y, %y : f64
    %d = scalar.sub %q, %x : f64
    %e = scalar.abs %d : f64
    %c = scalar.compare gt %e, %bound : f64
    scf.condition(%c) %y : f64
  } do {
  ^bb0(%y: f64):
    %next = func.call @step(%x, %y) : (f64, f64) -> f64
    scf.yield %next : f64
  }
  // Each step doubles the digits that are right, of the derivatives one step later than of the value.
  %s = func.call @step(%x, %r) : (f64, f64) -> f64
  %t = func.call @step(%x, %s) : (f64, f64) -> f64
  return %t : f64
}
func.func private @step(%x: f64, %y: f64) -> f64 {
  %half = scalar.constant 0.5 : f64
  %q = scalar.div %x, %y : f64
  %s = scalar.add %q, %y : f64
  %h = scalar.mul %s, %half : f64
  return %h : f64
}
";
    let text = heron.to_string() + &derivatives("i32");
    for dtype in [F64, F32] {
        for x in [2.0f64, 9.0, 0.25] {
            let root = x.sqrt();
            let expected = [root, 0.5 / root, -0.25 / (x * root)];
            expect_also_on_xla("Heron", &text, dtype, "second", &[real(dtype, x), whole(I32, 0)], &expected);
        }
    }
}

/// A bisection computes with the bounds alone, which it chooses by comparisons: its derivative is by the branches taken,
/// that of the last middle of bounds that do not depend on the argument, 0.
#[test]
fn bisections() {
    let text = "func.func @f(%x: f64, %n: i32) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %count = arith.constant 40 : index
  %zero = scalar.constant 0.0 : f64
  %four = scalar.constant 4.0 : f64
  %half = scalar.constant 0.5 : f64
  %r:2 = scf.for %i = %c0 to %count step %c1 iter_args(%a = %zero, %b = %four) -> (f64, f64) {
    %s = scalar.add %a, %b : f64
    %m = scalar.mul %s, %half : f64
    %q = scalar.mul %m, %m : f64
    %c = scalar.compare lt %q, %x : f64
    %next:2 = scf.if %c -> (f64, f64) {
      scf.yield %m, %b : f64, f64
    } else {
      scf.yield %a, %m : f64, f64
    }
    scf.yield %next#0, %next#1 : f64, f64
  }
  return %r#0 : f64
}
"
    .to_string()
        + &derivatives("i32");
    expect_also_on_xla("bisection", &text, F64, "second", &[real(F64, 2.0), whole(I32, 0)], &[2.0f64.sqrt(), 0.0, 0.0]);
}

/// The cases of loops in single precision: what they are in double precision, but for rounding.
#[test]
fn single_precision() {
    let others = nests::TOPICS
        .iter()
        .chain(upstream::TOPICS)
        .chain(buffers::TOPICS)
        .chain(buffer_algorithms::TOPICS)
        .chain(reductions::TOPICS)
        .chain(ALGORITHMS);
    for topic in loops::TOPICS.iter().chain(others) {
        cases(*topic).iter().filter(|case| is_for_single(case)).for_each(single);
    }
}

/// Not those that depend on small differences, nor those of complex numbers.
fn is_for_single(case: &Case) -> bool {
    !case.name.starts_with("Runge") && case.arguments.iter().all(|argument| !argument.dtype.is_complex())
}

/// Compares derivatives of a case in single precision with those in double precision.
pub fn single(case: &Case) {
    let narrow = |text: &str| text.replace("f64", "f32");
    let argument = |argument: &Argument| Argument {
        r#type: narrow(&argument.r#type),
        dtype: if argument.dtype == F64 { F32 } else { argument.dtype },
        ..argument.clone()
    };
    let other = Case {
        name: case.name.clone(),
        arguments: case.arguments.iter().map(argument).collect(),
        results: case.results.iter().map(|r#type| narrow(r#type)).collect(),
        body: narrow(&case.body),
        helpers: narrow(&case.helpers),
        is_compiled: true,
    };
    let program = |case: &Case| {
        let Request { primal, jvp, vjp, .. } = case.request();
        Program::new(&case.name, &(primal + &jvp.text + &vjp.text), &PASSES)
    };
    let (double, single) = (program(case), program(&other));
    let mut random = case.random();
    let at: Vec<Literal> = other.arguments.iter().map(|argument| argument.draw(&mut random)).collect();
    let point: Vec<Literal> = at.iter().filter(|value| carries(value)).cloned().collect();
    let tangents = like(&point, &mut random);
    let outputs: Vec<Literal> = run(&single, "f", at.clone()).into_iter().filter(carries).collect();
    let cotangents = like(&outputs, &mut random);
    let compiled = Pair::new(&single.text());
    for (name, seeds) in [("f_jvp", tangents), ("f_vjp", cotangents)] {
        let given = [&at[..], &seeds].concat();
        let wide = given.iter().map(|value| converted(value, F32, F64)).collect();
        let expected: Vec<Literal> = run(&double, name, wide).into_iter().filter(carries).collect();
        let found: Vec<Literal> = run(&single, name, given.clone()).into_iter().filter(carries).collect();
        let found: Vec<Literal> = found.iter().map(|value| converted(value, F32, F64)).collect();
        close(&format!("{}: @{name} in f32", case.name), &found, &expected, 1e-4);
        let arrays = compiled.call(name, &given).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let found = arrays.iter().map(|array| conversion::literal(array, true)).filter(carries);
        let found: Vec<Literal> = found.map(|value| converted(&value, F32, F64)).collect();
        let flat: Vec<Literal> = expected.iter().map(super::as_tensor).collect();
        close(&format!("{}: @{name} in f32, compiled", case.name), &found, &flat, 1e-4);
    }
}

/// A literal of one type as one of another.
fn converted(value: &Literal, from: ScalarType, to: ScalarType) -> Literal {
    if value.dtype != from {
        return value.clone();
    }
    let elements: Vec<Number> = value.iter().collect();
    match &value.shape {
        None => Literal::number(to, elements[0]),
        Some(shape) => Literal::tensor(to, shape.clone(), elements),
    }
}
