//! Functions that stay calls in derivatives: chains of them, values that are active in some calls, in loops and branches,
//! with extents that differ from call to call, and cases of the other files with their bodies as such functions.

use super::loops::{case, number, vector, whole};
use super::{Argument, Case, TOPICS, cases, check, check_within, list};
use crate::programs::Program;
use dp_dialects::ScalarType::{F64, Index};
use dp_passes::calls::InlineLimit;

/// All functions that are called twice stay calls.
const KEPT: InlineLimit = InlineLimit(Some(0));

fn checked(topic: fn(&mut Vec<Case>)) {
    for case in cases(topic) {
        check_within(&case, KEPT);
        check(&case);
    }
}

/// A case with its body in a function of its own, which is called twice.
fn called(case: &Case) -> Case {
    let types: Vec<&str> = case.arguments.iter().map(|argument| argument.r#type.as_str()).collect();
    let parameters = list(types.iter().enumerate().map(|(i, r#type)| format!("%a{i}: {type}")));
    let passed = list((0..types.len()).map(|i| format!("%a{i}")));
    let (from, to) = (types.join(", "), case.results.join(", "));
    let count = case.results.len();
    let returned = list((0..count).map(|i| format!("%kept#{i}")));
    let call = format!("func.call @called({passed}) : ({from}) -> ({to})");
    Case {
        name: format!("{}, called", case.name),
        arguments: case.arguments.clone(),
        results: case.results.clone(),
        body: format!("  %kept:{count} = {call}\n  %again:{count} = {call}\n  return {returned} : {to}"),
        helpers: format!("{}func.func private @called({parameters}) -> ({to}) {{\n{}\n}}\n", case.helpers, case.body),
        is_compiled: case.is_compiled,
    }
}

/// One of so many cases is tried.
const STEP: usize = 8;

#[test]
fn of_other_cases() {
    let all = TOPICS.iter().flat_map(|topics| topics.iter()).flat_map(|topic| cases(*topic));
    all.step_by(STEP).for_each(|case| check_within(&called(&case), KEPT));
}

/// A function with residuals, of which the second argument is active in some calls.
const STEPS: &str = "func.func private @step(%x: f64, %y: f64) -> (f64, index) {
  %s = scalar.sin %x : f64
  %p = scalar.mul %s, %y : f64
  %e = scalar.exp %p : f64
  %c1 = arith.constant 1 : index
  return %e, %c1 : f64, index
}
func.func private @twice(%x: f64, %y: f64) -> f64 {
  %a, %i = func.call @step(%x, %y) : (f64, f64) -> (f64, index)
  %b, %j = func.call @step(%a, %x) : (f64, f64) -> (f64, index)
  return %b : f64
}
";

#[test]
fn chains() {
    checked(|cases| {
        let body = "%k = scalar.constant 0.3 : f64
  %a = func.call @twice(%a0, %a1) : (f64, f64) -> f64
  %b = func.call @twice(%a, %k) : (f64, f64) -> f64
  %c, %i = func.call @step(%k, %b) : (f64, f64) -> (f64, index)
  return %c : f64";
        case(cases, "kept calls in a chain", vec![number(), number()], &["f64"], body, STEPS);
    });
}

#[test]
fn in_loops_and_branches() {
    checked(|cases| {
        let body = "%r = scf.for %i = %c0 to %a2 step %c1 iter_args(%x = %a0) -> f64 {
    %is = arith.cmpi slt, %i, %c2 : index
    %n = scf.if %is -> f64 {
      %u = func.call @twice(%x, %a1) : (f64, f64) -> f64
      scf.yield %u : f64
    } else {
      %v, %j = func.call @step(%a1, %x) : (f64, f64) -> (f64, index)
      scf.yield %v : f64
    }
    %s = scalar.sin %n : f64
    scf.yield %s : f64
  }
  %z = func.call @twice(%r, %a0) : (f64, f64) -> f64
  return %z : f64";
        case(cases, "kept calls in a loop", vec![number(), number(), whole(Index, 5)], &["f64"], body, STEPS);
    });
}

#[test]
fn of_tensors() {
    checked(|cases| {
        let helpers = "func.func private @scaled(%x: tensor<?xf64>, %k: f64) -> tensor<?xf64> {
  !CONSTANTS
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %b = array.broadcast %k dims [] extents(%n) : f64 to tensor<?xf64>
  %s = scalar.sin %x : tensor<?xf64>
  %p = scalar.mul %s, %b : tensor<?xf64>
  %e = scalar.exp %p : tensor<?xf64>
  return %e : tensor<?xf64>
}
";
        let long = Argument::tensor(F64, &[5], &[0], (0.2, 0.9));
        let body = "%a = func.call @scaled(%a0, %a2) : (tensor<?xf64>, f64) -> tensor<?xf64>
  %b = func.call @scaled(%a, %a2) : (tensor<?xf64>, f64) -> tensor<?xf64>
  %c = func.call @scaled(%a1, %a2) : (tensor<?xf64>, f64) -> tensor<?xf64>
  return %b, %c : tensor<?xf64>, tensor<?xf64>";
        let arguments = vec![vector(3), long, number()];
        case(cases, "kept calls with other extents", arguments, &["tensor<?xf64>", "tensor<?xf64>"], body, helpers);
    });
}

/// The number of operations of a program, and of the gradient of one of its functions.
fn count(mut text: String, of: &str) -> usize {
    text += &format!(
        "func.func @gradient(%x: f64) -> (f64, f64) {{
  %v:2 = ad.grad @{of}(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}}
"
    );
    let program = Program::new("a chain of functions", &text, &["ad", "inline-calls"]);
    let mut count = 0;
    dp_dialects::ir::walk(program.operation(), &mut |_| count += 1);
    count
}

/// A chain of functions, each of which calls the one before twice.
fn doubled(levels: usize) -> usize {
    let mut text =
        String::from("func.func private @f0(%x: f64) -> f64 {\n  %y = scalar.sin %x : f64\n  return %y : f64\n}\n");
    for level in 1..=levels {
        text += &format!(
            "func.func private @f{level}(%x: f64) -> f64 {{
  %a = func.call @f{before}(%x) : (f64) -> f64
  %b = func.call @f{before}(%a) : (f64) -> f64
  %c = scalar.sub %b, %x : f64
  return %c : f64
}}
",
            before = level - 1
        );
    }
    count(text, &format!("f{levels}"))
}

/// A chain of public functions of forty operations, each of which calls the one before once.
fn public(levels: usize) -> usize {
    let mut text = String::from("func.func @f0(%x: f64) -> f64 {\n  return %x : f64\n}\n");
    for level in 1..=levels {
        let before = level - 1;
        text += &format!("func.func @f{level}(%x: f64) -> f64 {{\n  %s0 = func.call @f{before}(%x) : (f64) -> f64\n");
        for step in 1..=40 {
            text += &format!("  %s{step} = scalar.sin %s{} : f64\n", step - 1);
        }
        text += "  return %s40 : f64\n}\n";
    }
    count(text, &format!("f{levels}"))
}

#[test]
fn programs_grow_with_the_number_of_functions() {
    let (some, twice) = (doubled(24), doubled(48));
    assert!(some < 24 * 1024, "{some} operations");
    assert!(2 * twice <= 5 * some, "{twice} operations for twice as many functions as {some}");
}

#[test]
fn programs_grow_with_the_number_of_public_functions() {
    let (some, twice) = (public(60), public(120));
    assert!(2 * twice <= 5 * some, "{twice} operations for twice as many functions as {some}");
}
