//! Recursive functions: direct and mutual, with one call, with two, in loops and branches, and what they take and return;
//! recursion through function values.

use super::loops::{R, case, number, vector, whole};
use super::{Argument, Case};
use dp_dialects::ScalarType::{Complex128, F64, I64, Index};

super::topics!(depths, trees, mutual, loops_around, loops_within, types, nested_calls, through_values, tensors);

/// x to the power n, from the last factor to the first.
const POWER: &str = "func.func private @power(%x: f64, %n: index) -> f64 {
  !CONSTANTS
  %done = arith.cmpi eq, %n, %c0 : index
  %y = scf.if %done -> f64 {
    scf.yield %one : f64
  } else {
    %less = arith.subi %n, %c1 : index
    %rest = func.call @power(%x, %less) : (f64, index) -> f64
    %s = scalar.sin %rest : f64
    %product = scalar.mul %x, %s : f64
    scf.yield %product : f64
  }
  return %y : f64
}
";

fn depths(cases: &mut Vec<Case>) {
    for depth in [0, 1, 2, 300] {
        let body = "%y = func.call @power(%a0, %a1) : (f64, index) -> f64\n  return %y : f64";
        case(cases, &format!("depth {depth}"), vec![number(), whole(Index, depth)], &["f64"], body, POWER);
    }
}

fn trees(cases: &mut Vec<Case>) {
    // Fibonacci, with a factor and a sine; its first argument is active in one call, and its second in another.
    let helpers = "func.func private @fib(%x: f64, %y: f64, %n: i64) -> f64 {
  %one = scalar.constant 1 : i64
  %two = scalar.constant 2 : i64
  %done = scalar.compare lt %n, %two : i64
  %r = scf.if %done -> f64 {
    %p = scalar.mul %x, %y : f64
    scf.yield %p : f64
  } else {
    %n1 = scalar.sub %n, %one : i64
    %n2 = scalar.sub %n, %two : i64
    %a = func.call @fib(%x, %y, %n1) : (f64, f64, i64) -> f64
    %b = func.call @fib(%y, %x, %n2) : (f64, f64, i64) -> f64
    %m = scalar.mul %x, %a : f64
    %s = scalar.sin %b : f64
    %t = scalar.add %m, %s : f64
    scf.yield %t : f64
  }
  return %r : f64
}
";
    let body = "%k = scalar.constant 0.7 : f64
  %y = func.call @fib(%a0, %k, %a2) : (f64, f64, i64) -> f64
  %z = func.call @fib(%k, %a1, %a2) : (f64, f64, i64) -> f64
  %w = func.call @fib(%a0, %a1, %a2) : (f64, f64, i64) -> f64
  return %y, %z, %w : f64, f64, f64";
    let arguments = vec![number(), number(), whole(I64, 6)];
    case(cases, "Fibonacci", arguments, &["f64", "f64", "f64"], body, helpers);
}

/// The sum over a tree, by two functions that call each other: one has three children, by a loop, the other has two.
const TREE: &str = "func.func private @even(%x: f64, %d: index, %seed: i64) -> (f64, i64) {
  !CONSTANTS
  %leaf = arith.cmpi eq, %d, %c0 : index
  %r:2 = scf.if %leaf -> (f64, i64) {
    %f = scalar.convert %seed : i64 to f64
    %p = scalar.mul %x, %f : f64
    %e = scalar.sin %p : f64
    scf.yield %e, %seed : f64, i64
  } else {
    %d1 = arith.subi %d, %c1 : index
    %sum:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%acc = %zero, %s = %seed) -> (f64, i64) {
      %ii = arith.index_cast %i : index to i64
      %s2 = scalar.add %s, %ii : i64
      %v:2 = func.call @odd(%x, %d1, %s2) : (f64, index, i64) -> (f64, i64)
      %t = scalar.mul %acc, %x : f64
      %a2 = scalar.add %t, %v#0 : f64
      scf.yield %a2, %v#1 : f64, i64
    }
    scf.yield %sum#0, %sum#1 : f64, i64
  }
  return %r#0, %r#1 : f64, i64
}
func.func private @odd(%x: f64, %d: index, %seed: i64) -> (f64, i64) {
  !CONSTANTS
  %leaf = arith.cmpi eq, %d, %c0 : index
  %next = scalar.constant 1 : i64
  %r:2 = scf.if %leaf -> (f64, i64) {
    %c = scalar.cos %x : f64
    %s1 = scalar.add %seed, %next : i64
    scf.yield %c, %s1 : f64, i64
  } else {
    %d1 = arith.subi %d, %c1 : index
    %v:2 = func.call @even(%x, %d1, %seed) : (f64, index, i64) -> (f64, i64)
    %w:2 = func.call @even(%x, %d1, %v#1) : (f64, index, i64) -> (f64, i64)
    %p = scalar.mul %v#0, %w#0 : f64
    scf.yield %p, %w#1 : f64, i64
  }
  return %r#0, %r#1 : f64, i64
}
";

fn mutual(cases: &mut Vec<Case>) {
    for depth in [0, 1, 4] {
        let body = "%s = scalar.constant 1 : i64
  %y:2 = func.call @even(%a0, %a1, %s) : (f64, index, i64) -> (f64, i64)
  return %y#0, %y#1 : f64, i64";
        case(
            cases,
            &format!("a tree of depth {depth}"),
            vec![number(), whole(Index, depth)],
            &["f64", "i64"],
            body,
            TREE,
        );
    }
}

fn loops_around(cases: &mut Vec<Case>) {
    // Each round goes to another depth.
    let counted = "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> f64 {
    %q = func.call @power(%p, %i) : (f64, index) -> f64
    %s = scalar.add %q, %a0 : f64
    scf.yield %s : f64
  }
  return %r : f64";
    case(cases, "in a counted loop", vec![number(), whole(Index, 4)], &["f64"], counted, POWER);
    let conditional = "%r = scf.while (%p = %a0) : (f64) -> f64 {
    %q = func.call @power(%p, %c2) : (f64, index) -> f64
    %big = scalar.constant 3.0 : f64
    %c = scalar.compare lt %p, %big : f64
    %s = scalar.add %p, %q : f64
    scf.condition(%c) %s : f64
  } do {
  ^bb0(%p: f64):
    %s = scalar.add %p, %half : f64
    scf.yield %s : f64
  }
  return %r : f64";
    case(cases, "in a conditional loop", vec![number()], &["f64"], conditional, POWER);
    let branch = "%c = scalar.compare lt %a0, %half : f64
  %r = scf.if %c -> f64 {
    %q = func.call @power(%a0, %c3) : (f64, index) -> f64
    scf.yield %q : f64
  } else {
    %e = scalar.exp %a0 : f64
    %q = func.call @power(%e, %c2) : (f64, index) -> f64
    scf.yield %q : f64
  }
  return %r : f64";
    case(cases, "in one branch", vec![Argument::number(F64, (0.2, 0.4))], &["f64"], branch, POWER);
    case(cases, "in the other branch", vec![Argument::number(F64, (0.6, 0.9))], &["f64"], branch, POWER);
    let elements = "%r = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %a0) -> !V {
    %x = tensor.extract %t[%i] : !V
    %q = func.call @power(%x, %i) : (f64, index) -> f64
    %u = tensor.insert %q into %t[%c0] : !V
    scf.yield %u : !V
  }
  return %r : !V";
    case(cases, "on elements", vec![vector(3)], &["!V"], elements, POWER);
}

fn loops_within(cases: &mut Vec<Case>) {
    // Each call has loops of its own, whose tapes are kept: of static and dynamic extents, and of rank 2.
    let helpers = "func.func private @walk(%x: f64, %n: index) -> f64 {
  !CONSTANTS
  %done = arith.cmpi eq, %n, %c0 : index
  %y = scf.if %done -> f64 {
    scf.yield %x : f64
  } else {
    %less = arith.subi %n, %c1 : index
    %a = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> f64 {
      %s = scalar.sin %p : f64
      scf.yield %s : f64
    }
    %b = scf.for %i = %c0 to %c3 step %c1 iter_args(%p = %a) -> f64 {
      %e = scalar.exp %p : f64
      %q = func.call @walk(%e, %less) : (f64, index) -> f64
      %h = scalar.mul %q, %half : f64
      %s = scalar.sin %h : f64
      scf.yield %s : f64
    }
    %t = tensor.from_elements %b, %a, %x, %x, %b, %a : tensor<2x3xf64>
    %u = scf.for %i = %c0 to %c2 step %c1 iter_args(%v = %t) -> tensor<2x3xf64> {
      %w = scalar.sin %v : tensor<2x3xf64>
      scf.yield %w : tensor<2x3xf64>
    }
    %q = array.reduce add %u dims [0, 1] : tensor<2x3xf64>
    %r = tensor.extract %q[] : tensor<f64>
    scf.yield %r : f64
  }
  return %y : f64
}
";
    let body = "%y = func.call @walk(%a0, %a1) : (f64, index) -> f64\n  return %y : f64";
    for depth in [0, 3] {
        let name = format!("with loops of its own, {depth} deep");
        case(cases, &name, vec![number(), whole(Index, depth)], &["f64"], body, helpers);
    }
}

fn types(cases: &mut Vec<Case>) {
    let helpers = "func.func private @power(%x: complex<f64>, %n: index) -> complex<f64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %done = arith.cmpi eq, %n, %c0 : index
  %y = scf.if %done -> complex<f64> {
    scf.yield %x : complex<f64>
  } else {
    %less = arith.subi %n, %c1 : index
    %rest = func.call @power(%x, %less) : (complex<f64>, index) -> complex<f64>
    %s = scalar.sin %rest : complex<f64>
    %product = scalar.mul %x, %s : complex<f64>
    scf.yield %product : complex<f64>
  }
  return %y : complex<f64>
}
";
    let body = "%y = func.call @power(%a0, %a1) : (complex<f64>, index) -> complex<f64>\n  return %y : complex<f64>";
    let arguments = vec![Argument::number(Complex128, (0.2, 0.9)), whole(Index, 4)];
    case(cases, "on complex numbers", arguments, &["complex<f64>"], body, helpers);
}

fn tensors(cases: &mut Vec<Case>) {
    // Of extents known and unknown. One result is not active in a call, and the cotangent of another is zero.
    for argument in [Argument::tensor(F64, &[3], &[], R), vector(3)] {
        let t = argument.r#type.clone();
        let helpers = format!(
            "func.func private @walk(%x: {t}, %w: {t}, %n: index) -> ({t}, f64, {t}) {{
  !CONSTANTS
  %done = arith.cmpi eq, %n, %c0 : index
  %y:3 = scf.if %done -> ({t}, f64, {t}) {{
    scf.yield %x, %half, %w : {t}, f64, {t}
  }} else {{
    %less = arith.subi %n, %c1 : index
    %s = scalar.sin %x : {t}
    %m = scalar.mul %s, %w : {t}
    %rest:3 = func.call @walk(%m, %w, %less) : ({t}, {t}, index) -> ({t}, f64, {t})
    %q = array.reduce add %rest#0 dims [0] : {t}
    %v = tensor.extract %q[] : tensor<f64>
    %e = scalar.exp %rest#1 : f64
    %p = scalar.mul %v, %e : f64
    %a = scalar.add %rest#0, %x : {t}
    scf.yield %a, %p, %rest#2 : {t}, f64, {t}
  }}
  return %y#0, %y#1, %y#2 : {t}, f64, {t}
}}
"
        );
        let body = format!(
            "%n = arith.constant 2 : index
  %y:3 = func.call @walk(%a0, %a0, %n) : ({t}, {t}, index) -> ({t}, f64, {t})
  %z:3 = func.call @walk(%a0, %a1, %n) : ({t}, {t}, index) -> ({t}, f64, {t})
  return %y#0, %z#1 : {t}, f64"
        );
        case(cases, &format!("on {t}"), vec![argument.clone(), argument], &[&t, "f64"], &body, &helpers);
        cases.iter_mut().last().into_iter().for_each(|case| case.is_compiled = false);
    }
}

fn nested_calls(cases: &mut Vec<Case>) {
    // McCarthy's 91 function, with a factor: a call whose argument is a call.
    let helpers = "func.func private @f91(%x: f64, %n: i64) -> (f64, i64) {
  %limit = scalar.constant 100 : i64
  %ten = scalar.constant 10 : i64
  %eleven = scalar.constant 11 : i64
  %done = scalar.compare gt %n, %limit : i64
  %r:2 = scf.if %done -> (f64, i64) {
    %m = scalar.sub %n, %ten : i64
    %s = scalar.sin %x : f64
    scf.yield %s, %m : f64, i64
  } else {
    %m = scalar.add %n, %eleven : i64
    %a:2 = func.call @f91(%x, %m) : (f64, i64) -> (f64, i64)
    %e = scalar.add %a#0, %x : f64
    %b:2 = func.call @f91(%e, %a#1) : (f64, i64) -> (f64, i64)
    scf.yield %b#0, %b#1 : f64, i64
  }
  return %r#0, %r#1 : f64, i64
}
";
    let body = "%y:2 = func.call @f91(%a0, %a1) : (f64, i64) -> (f64, i64)\n  return %y#0, %y#1 : f64, i64";
    case(cases, "McCarthy 91", vec![number(), whole(I64, 95)], &["f64", "i64"], body, helpers);
}

fn through_values(cases: &mut Vec<Case>) {
    // A function that is given what to do with the rest: itself, or another one.
    let helpers = "func.func private @step(%f: (f64, index) -> f64, %x: f64, %n: index) -> f64 {
  !CONSTANTS
  %less = arith.subi %n, %c1 : index
  %y = func.call_indirect %f(%x, %less) : (f64, index) -> f64
  %s = scalar.sin %y : f64
  %p = scalar.mul %s, %x : f64
  return %p : f64
}
func.func private @last(%x: f64, %n: index) -> f64 {
  %y = scalar.exp %x : f64
  return %y : f64
}
func.func private @again(%x: f64, %n: index) -> f64 {
  !CONSTANTS
  %is_one = arith.cmpi eq, %n, %c1 : index
  %f = func.constant @again : (f64, index) -> f64
  %g = func.constant @last : (f64, index) -> f64
  %h = arith.select %is_one, %g, %f : (f64, index) -> f64
  %y = func.call @step(%h, %x, %n) : ((f64, index) -> f64, f64, index) -> f64
  return %y : f64
}
";
    let body = "%y = func.call @again(%a0, %a1) : (f64, index) -> f64\n  return %y : f64";
    case(cases, "through function values", vec![number(), whole(Index, 3)], &["f64"], body, helpers);
}
