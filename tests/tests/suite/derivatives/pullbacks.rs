//! Pullbacks as values, and derivatives of the third order of recursive functions, against what is known of them: in the
//! interpreter and in machine code, in double and in single precision.

use super::iterations::{expect, real, whole};
use dp_dialects::ScalarType::{F32, F64, I1, Index};
use dp_dialects::{Literal, ScalarType};

/// Functions of one number, a type of their pullbacks, and functions that make pullbacks, whole or chosen.
const FUNCTIONS: &str = "!B = !ad.pullback<(f64) -> f64>
func.func private @sine(%x: f64) -> f64 {
  %a = scalar.mul %x, %x : f64
  %y = scalar.sin %a : f64
  return %y : f64
}
func.func private @cube(%x: f64) -> f64 {
  %a = scalar.mul %x, %x : f64
  %y = scalar.mul %a, %x : f64
  return %y : f64
}
func.func private @make(%x: f64) -> (f64, !B) {
  %y, %back = ad.vjp @sine(%x) wrt [0] : (f64) -> (f64, !B)
  return %y, %back : f64, !B
}
func.func private @choose(%p: i1, %x: f64) -> !B {
  %back = scf.if %p -> !B {
    %y, %b = ad.vjp @sine(%x) wrt [0] : (f64) -> (f64, !B)
    scf.yield %b : !B
  } else {
    %y, %b = ad.vjp @cube(%x) wrt [0] : (f64) -> (f64, !B)
    scf.yield %b : !B
  }
  return %back : !B
}
";

fn sine(x: f64) -> f64 {
    (x * x).sin()
}

fn sine_by_x(x: f64) -> f64 {
    2.0 * x * (x * x).cos()
}

fn cube_by_x(x: f64) -> f64 {
    3.0 * x * x
}

#[track_caller]
fn check(name: &str, function: &str, arguments: impl Fn(ScalarType) -> Vec<Literal>, expected: &[f64]) {
    for dtype in [F64, F32] {
        expect(name, &format!("{FUNCTIONS}{function}"), dtype, "f", &arguments(dtype), expected);
    }
}

#[test]
fn returned_and_pulled_twice() {
    let text = "func.func @f(%x: f64, %c: f64) -> (f64, f64, f64, f64) {
  %y, %back = func.call @make(%x) : (f64) -> (f64, !B)
  %a = ad.pull %back(%c) : !B
  %b = ad.pull %back(%c) : !B
  %d = ad.pull %back(%b) : !B
  return %y, %a, %b, %d : f64, f64, f64, f64
}
";
    let slope = 0.5 * sine_by_x(0.7);
    let expected = [sine(0.7), slope, slope, slope * sine_by_x(0.7)];
    check("a pullback that a function returns", text, |dtype| vec![real(dtype, 0.7), real(dtype, 0.5)], &expected);
}

#[test]
fn chosen_by_a_branch() {
    let text = "func.func @f(%p: i1, %x: f64, %c: f64) -> (f64, f64) {
  %back = func.call @choose(%p, %x) : (i1, f64) -> !B
  %a = ad.pull %back(%c) : !B
  %b = ad.pull %back(%c) : !B
  return %a, %b : f64, f64
}
";
    for (p, slope) in [(1, sine_by_x(0.7)), (0, cube_by_x(0.7))] {
        let arguments = |dtype| vec![whole(I1, p), real(dtype, 0.7), real(dtype, 2.0)];
        check("a pullback that a branch chooses", text, arguments, &[2.0 * slope, 2.0 * slope]);
    }
}

#[test]
fn selected_and_dropped() {
    let text = "func.func @f(%k: index, %x: f64, %c: f64) -> f64 {
  %y, %a = ad.vjp @sine(%x) wrt [0] : (f64) -> (f64, !B)
  %z, %b = ad.vjp @cube(%x) wrt [0] : (f64) -> (f64, !B)
  %w, %d = ad.vjp @cube(%y) wrt [0] : (f64) -> (f64, !B)
  %back = scf.index_switch %k -> !B
  case 0 {
    scf.yield %a : !B
  }
  case 1 {
    scf.yield %b : !B
  }
  default {
    scf.yield %d : !B
  }
  %dropped = func.call @make(%x) : (f64) -> (f64, !B)
  %g = ad.pull %back(%c) : !B
  return %g : f64
}
"
    .replace("%dropped =", "%dropped:2 =");
    for (k, slope) in [(0, sine_by_x(0.7)), (1, cube_by_x(0.7)), (2, cube_by_x(sine(0.7)))] {
        let arguments = |dtype| vec![whole(Index, k), real(dtype, 0.7), real(dtype, 2.0)];
        check("a pullback that a switch chooses", &text, arguments, &[2.0 * slope]);
    }
}

#[test]
fn carried_by_a_loop() {
    // Each round pulls the pullback of the round before, and makes the next.
    let text = "func.func @f(%x: f64, %n: index) -> (f64, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %y, %first = func.call @make(%x) : (f64) -> (f64, !B)
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%v = %y, %ct = %one, %back = %first) -> (f64, f64, !B) {
    %w, %next = func.call @make(%v) : (f64) -> (f64, !B)
    %g = ad.pull %back(%ct) : !B
    scf.yield %w, %g, %next : f64, f64, !B
  }
  %g = ad.pull %r#2(%r#1) : !B
  return %r#0, %g : f64, f64
}
";
    for rounds in [0, 1, 3, 1000] {
        let (mut value, mut slope) = (0.9, 1.0);
        for _ in 0..=rounds {
            slope *= sine_by_x(value);
            value = sine(value);
        }
        let arguments = |dtype| vec![real(dtype, 0.9), whole(Index, rounds)];
        check("a pullback that a loop carries", text, arguments, &[value, slope]);
    }
}

#[test]
fn passed_to_a_recursive_function() {
    // The function pulls what it is given, and passes on its own.
    let text = "func.func private @chain(%x: f64, %back: !B, %n: index, %ct: f64) -> (f64, !B) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %done = arith.cmpi eq, %n, %c0 : index
  %r:2 = scf.if %done -> (f64, !B) {
    scf.yield %ct, %back : f64, !B
  } else {
    %less = arith.subi %n, %c1 : index
    %y, %b = ad.vjp @sine(%x) wrt [0] : (f64) -> (f64, !B)
    %g = ad.pull %back(%ct) : !B
    %v:2 = func.call @chain(%y, %b, %less, %g) : (f64, !B, index, f64) -> (f64, !B)
    scf.yield %v#0, %v#1 : f64, !B
  }
  return %r#0, %r#1 : f64, !B
}
func.func @f(%x: f64, %n: index) -> f64 {
  %one = scalar.constant 1.0 : f64
  %y, %b = ad.vjp @cube(%x) wrt [0] : (f64) -> (f64, !B)
  %v:2 = func.call @chain(%y, %b, %n, %one) : (f64, !B, index, f64) -> (f64, !B)
  %g = ad.pull %v#1(%v#0) : !B
  return %g : f64
}
";
    for depth in [0, 1, 4] {
        let (mut value, mut slope) = (0.9_f64.powi(3), cube_by_x(0.9));
        for _ in 0..depth {
            slope *= sine_by_x(value);
            value = sine(value);
        }
        let arguments = |dtype| vec![real(dtype, 0.9), whole(Index, depth)];
        check("a pullback that a recursive function takes", text, arguments, &[slope]);
    }
}

#[test]
fn of_tensors_and_several_arguments() {
    // In another order than that of the arguments, and of extents known at run time. One result carries no cotangent.
    let text = "!V = tensor<?xf64>
!P = !ad.pullback<(tensor<?xf64>, f64) -> (f64, tensor<?xf64>)>
func.func private @g(%x: !V, %k: index, %s: f64) -> (!V, index, f64) {
  %n = tensor.dim %x, %k : !V
  %b = array.broadcast %s dims [] extents(%n) : f64 to !V
  %m = scalar.mul %x, %b : !V
  %e = scalar.exp %m : !V
  %sum = array.reduce add %x dims [0] : !V
  %t = tensor.extract %sum[] : tensor<f64>
  %u = scalar.mul %t, %s : f64
  return %e, %k, %u : !V, index, f64
}
func.func private @h(%x: !V, %k: index, %s: f64) -> (!V, index, f64) {
  %y = scalar.neg %x : !V
  return %y, %k, %s : !V, index, f64
}
func.func @f(%p: i1, %a: f64, %s: f64) -> (f64, f64) {
  %k = arith.constant 0 : index
  %t = tensor.from_elements %a, %s, %a : tensor<3xf64>
  %x = tensor.cast %t : tensor<3xf64> to !V
  %back = scf.if %p -> !P {
    %y:4 = ad.vjp @g(%x, %k, %s) wrt [2, 0] : (!V, index, f64) -> (!V, index, f64, !P)
    scf.yield %y#3 : !P
  } else {
    %y:4 = ad.vjp @h(%x, %k, %s) wrt [2, 0] : (!V, index, f64) -> (!V, index, f64, !P)
    scf.yield %y#3 : !P
  }
  %c:2 = ad.pull %back(%x, %a) : !P
  %sum = array.reduce add %c#1 dims [0] : !V
  %u = tensor.extract %sum[] : tensor<f64>
  return %c#0, %u : f64, f64
}
"
    .replace("%n = tensor.dim %x, %k", "%c0 = arith.constant 0 : index\n  %n = tensor.dim %x, %c0");
    let (a, s) = (0.4_f64, 0.6_f64);
    let x = [a, s, a];
    let by_s: f64 = x.iter().map(|x| x * x * (x * s).exp()).sum::<f64>() + a * x.iter().sum::<f64>();
    let by_x: f64 = x.iter().map(|x| x * s * (x * s).exp() + a * s).sum();
    for (p, expected) in [(1, [by_s, by_x]), (0, [a, -x.iter().sum::<f64>()])] {
        let arguments = |dtype| vec![whole(I1, p), real(dtype, a), real(dtype, s)];
        check("a pullback of tensors", &text, arguments, &expected);
    }
}

#[test]
fn derivatives_by_cotangents() {
    // A pullback is linear in its cotangent: with the exponential of it, the derivative is known.
    let text = "func.func private @applied(%p: i1, %x: f64, %c: f64) -> f64 {
  %back = func.call @choose(%p, %x) : (i1, f64) -> !B
  %e = scalar.exp %c : f64
  %a = ad.pull %back(%e) : !B
  %b = ad.pull %back(%a) : !B
  return %b : f64
}
func.func private @slope(%p: i1, %x: f64, %c: f64) -> f64 {
  %g:2 = ad.grad @applied(%p, %x, %c) wrt [2] : (i1, f64, f64) -> (f64, f64)
  return %g#1 : f64
}
func.func @f(%p: i1, %x: f64, %c: f64) -> (f64, f64, f64) {
  %one = scalar.constant 1.0 : f64
  %h:2 = ad.jvp @slope(%p, %x, %c, %one) wrt [2] : (i1, f64, f64, f64) -> (f64, f64)
  %k:2 = ad.grad @slope(%p, %x, %c) wrt [2] : (i1, f64, f64) -> (f64, f64)
  return %h#0, %h#1, %k#1 : f64, f64, f64
}
";
    for (p, slope) in [(1, sine_by_x(0.7)), (0, cube_by_x(0.7))] {
        let expected = slope * slope * 0.3_f64.exp();
        let arguments = |dtype| vec![whole(I1, p), real(dtype, 0.7), real(dtype, 0.3)];
        check("derivatives of a pull", text, arguments, &[expected; 3]);
    }
}

#[test]
fn third_derivatives_of_recursion() {
    // x to the power n, and the derivatives of it, in every nesting of modes.
    let power = "func.func private @power(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %done = arith.cmpi eq, %n, %c0 : index
  %y = scf.if %done -> f64 {
    %one = scalar.constant 1.0 : f64
    scf.yield %one : f64
  } else {
    %less = arith.subi %n, %c1 : index
    %rest = func.call @power(%x, %less) : (f64, index) -> f64
    %product = scalar.mul %x, %rest : f64
    scf.yield %product : f64
  }
  return %y : f64
}
";
    let derived = |name: &str, of: &str, forward: bool| match forward {
        true => format!(
            "func.func private @{name}(%x: f64, %n: index) -> f64 {{
  %one = scalar.constant 1.0 : f64
  %v:2 = ad.jvp @{of}(%x, %n, %one) wrt [0] : (f64, index, f64) -> (f64, f64)
  return %v#1 : f64
}}
"
        ),
        false => format!(
            "func.func private @{name}(%x: f64, %n: index) -> f64 {{
  %v:2 = ad.grad @{of}(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#1 : f64
}}
"
        ),
    };
    for ways in 0..8 {
        let is_forward = |order: u32| ways >> order & 1 == 1;
        let text = [
            power.to_string(),
            derived("first", "power", is_forward(0)),
            derived("second", "first", is_forward(1)),
            derived("third", "second", is_forward(2)).replace("private @third", "@f"),
        ]
        .concat();
        for (n, expected) in [(0, 0.0), (2, 0.0), (3, 6.0), (6, 120.0 * 1.5_f64.powi(3))] {
            let arguments = [real(F64, 1.5), whole(Index, n)];
            expect(&format!("a power, by the ways {ways}"), &text, F64, "f", &arguments, &[expected]);
        }
    }
}
