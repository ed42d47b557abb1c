//! `scf.while`: what its rounds keep, of numbers and tensors, and what it returns.

use super::iterations::{expect, real, single};
use super::loops::{case, number, vector, whole};
use super::vjp::check as check_pullback;
use super::{Argument, Case, Random, cases, close, list};
use crate::cpu::library::Pair;
use crate::programs::{Program, run};
use dp_dialects::ScalarType::{self, Complex64, Complex128, F32, F64, Index};
use dp_dialects::{Literal, Number};
use dp_driver::conversion;

super::topics!(tensors, nests, in_maps, states);

/// A loop that carries tensors while the sum of the absolute values of one is greater than a bound: `!T` is their type,
/// `!S` that of absolute values, and `!D` their dimensions.
const SHRINKING: &str = "%r:2 = scf.while (%v = %a0, %w = %a1) : (!T, !T) -> (!T, !T) {
    %m = scalar.abs %v : !T
    %s = array.reduce add %m dims [!D] : !S
    %e = tensor.extract %s[] : tensor<f64>
    %c = scalar.compare gt %e, %a2 : f64
    scf.condition(%c) %v, %w : !T, !T
  } do {
  ^bb0(%v: !T, %w: !T):
    %t = scalar.sin %v : !T
    %p = scalar.mul %t, %w : !T
    %q = scalar.mul %p, %a1 : !T
    scf.yield %p, %q : !T, !T
  }
  return %r#0, %r#1 : !T, !T";

fn tensors(cases: &mut Vec<Case>) {
    let shapes: [(&[u64], &[usize]); 4] = [(&[3], &[0]), (&[9], &[]), (&[2, 3], &[1]), (&[0], &[0])];
    for dtype in [F64, Complex128] {
        for (shape, open) in shapes {
            let x = Argument::tensor(dtype, shape, open, (0.2, 0.6));
            let dims = list((0..shape.len()).map(|dim| dim.to_string()));
            let sums = x.r#type.replace("complex<f64>", "f64");
            let body = SHRINKING.replace("!D", &dims).replace("!S", &sums).replace("!T", &x.r#type);
            let bounds = [("rounds", 0.4), ("no rounds", 1e3)];
            for (rounds, bound) in bounds.into_iter().take(if shape == [3] { 2 } else { 1 }) {
                let bound = Argument::number(F64, (bound, bound));
                let name = format!("{} of extents {shape:?}, {rounds}", x.r#type);
                case(cases, &name, vec![x.clone(), x.clone(), bound], &[&x.r#type, &x.r#type], &body, "");
            }
        }
    }
    // What a round keeps is computed in it, in a shape that nothing carries.
    let body = "%k1 = scalar.constant 0.1 : f64
  %r:2 = scf.while (%v = %a0, %t = %zero) : (tensor<2x3xf64>, f64) -> (tensor<2x3xf64>, f64) {
    %s = array.reduce add %v dims [0, 1] : tensor<2x3xf64>
    %e = tensor.extract %s[] : tensor<f64>
    %c = scalar.compare gt %e, %a1 : f64
    scf.condition(%c) %v, %e : tensor<2x3xf64>, f64
  } do {
  ^bb0(%v: tensor<2x3xf64>, %t: f64):
    %s = array.reduce add %v dims [1] : tensor<2x3xf64>
    %x = scalar.exp %s : tensor<2xf64>
    %y = scalar.sin %x : tensor<2xf64>
    %b = array.broadcast %y dims [0] : tensor<2xf64> to tensor<2x3xf64>
    %ts = array.broadcast %t dims [] : f64 to tensor<2x3xf64>
    %ks = array.broadcast %k1 dims [] : f64 to tensor<2x3xf64>
    %p = scalar.mul %b, %v : tensor<2x3xf64>
    %q = scalar.mul %p, %ts : tensor<2x3xf64>
    %z = scalar.mul %q, %ks : tensor<2x3xf64>
    %h = scalar.mul %v, %ts : tensor<2x3xf64>
    %hk = scalar.mul %h, %ks : tensor<2x3xf64>
    %d = scalar.sub %v, %hk : tensor<2x3xf64>
    %n = scalar.add %d, %z : tensor<2x3xf64>
    scf.yield %n, %t : tensor<2x3xf64>, f64
  }
  return %r#0 : tensor<2x3xf64>";
    let arguments = vec![Argument::tensor(F64, &[2, 3], &[], (0.2, 0.9)), Argument::number(F64, (1.9, 1.9))];
    case(cases, "sums and broadcasts", arguments, &["tensor<2x3xf64>"], body, "");
}

/// A loop around `INNER`, which computes `%w` from `%t`.
const OUTER: &str = "%o = scf.while (%t = %a0) : (!V) -> !V {
    %os = array.reduce add %t dims [0] : !V
    %oe = tensor.extract %os[] : tensor<f64>
    %oc = scalar.compare gt %oe, %a1 : f64
    scf.condition(%oc) %t : !V
  } do {
  ^bb0(%t: !V):
    INNER
    %y = scalar.sin %w : !V
    %z = scalar.mul %y, %a0 : !V
    scf.yield %z : !V
  }
  return %o : !V";

fn nests(cases: &mut Vec<Case>) {
    let inner = "%w = scf.while (%v = %t) : (!V) -> !V {
      %s = scalar.mul %v, %v : !V
      %m = array.reduce add %s dims [0] : !V
      %e = tensor.extract %m[] : tensor<f64>
      %c = scalar.compare gt %e, %half : f64
      scf.condition(%c) %v : !V
    } do {
    ^bb0(%v: !V):
      %s = scalar.sin %v : !V
      %p = scalar.mul %s, %v : !V
      scf.yield %p : !V
    }";
    let arguments = || vec![vector(3), Argument::number(F64, (0.6, 0.7))];
    case(cases, "while in while", arguments(), &["!V"], &OUTER.replace("INNER", inner), "");
    let counted = "%w = scf.for %i = %c0 to %c2 step %c1 iter_args(%v = %t) -> !V {
      %s = scalar.sin %v : !V
      %p = scalar.mul %s, %v : !V
      scf.yield %p : !V
    }";
    case(cases, "for in while", arguments(), &["!V"], &OUTER.replace("INNER", counted), "");
    // Each round releases what it has recorded, and the next one records in the same memory.
    let around = format!(
        "%o = scf.for %k = %c0 to %a1 step %c1 iter_args(%t = %a0) -> !V {{
    {inner}
    %z = scalar.cos %w : !V
    scf.yield %z : !V
  }}
  return %o : !V"
    );
    for rounds in [0, 3] {
        let name = format!("while in {rounds} rounds of for");
        case(cases, &name, vec![vector(3), whole(Index, rounds)], &["!V"], &around, "");
    }
}

fn in_maps(cases: &mut Vec<Case>) {
    let body = "%r = array.map(%a0, %a1) : (!V, !V) -> !V {
  ^bb0(%x: f64, %y: f64):
    %low = scalar.constant 0.3 : f64
    %w = scf.while (%p = %x) : (f64) -> f64 {
      %c = scalar.compare gt %p, %low : f64
      scf.condition(%c) %p : f64
    } do {
    ^bb0(%p: f64):
      %s = scalar.sin %p : f64
      %q = scalar.mul %s, %y : f64
      scf.yield %q : f64
    }
    %z = scalar.mul %w, %y : f64
    array.yield %z : f64
  }
  return %r : !V";
    case(cases, "while in a map", vec![vector(4), vector(4)], &["!V"], body, "");
}

/// A loop that takes roots of differences.
const ROOTS: &str = "%r = scf.while (%y = %a0) : (f64) -> f64 {
    %c = scalar.compare gt %y, %half : f64
    scf.condition(%c) %y : f64
  } do {
  ^bb0(%y: f64):
    %s = scalar.mul %y, %half : f64
    %q = scalar.sqrt %s : f64
    %d = scalar.sub %q, %a2 : f64
    scf.yield %d : f64
  }
  return %r : f64";

fn states(cases: &mut Vec<Case>) {
    for (name, from) in [("rounds", 2.0), ("no rounds", 0.4)] {
        let arguments = vec![Argument::number(F64, (from, from)), number(), Argument::number(F64, (0.1, 0.1))];
        case(cases, &format!("an argument without a use, {name}"), arguments, &["f64"], ROOTS, "");
    }
}

/// A loop ends where its state is no number, which the derivative then is too; one that never starts is the identity.
#[test]
fn states_that_are_no_numbers() {
    let text = "func.func @f(%a0: f64, %a2: f64) -> f64 {
  %half = scalar.constant 0.5 : f64
  BODY
}
func.func @g(%x: f64, %d: f64) -> (f64, f64, f64, f64) {
  %g:3 = ad.grad @f(%x, %d) wrt [0, 1] : (f64, f64) -> (f64, f64, f64)
  %one = scalar.constant 1.0 : f64
  %zero = scalar.constant 0.0 : f64
  %a = scalar.compare ne %g#0, %g#0 : f64
  %b = scalar.compare ne %g#1, %g#1 : f64
  %c = scalar.compare ne %g#2, %g#2 : f64
  %p = scalar.select %a, %one, %zero : i1, f64
  %q = scalar.select %b, %one, %zero : i1, f64
  %s = scalar.select %c, %one, %zero : i1, f64
  %t = scalar.select %b, %zero, %g#1 : i1, f64
  return %p, %q, %s, %t : f64, f64, f64, f64
}
"
    .replace("BODY", &ROOTS.replace("%s = scalar.mul %y, %half", "%s = scalar.sub %y, %a2"));
    for dtype in [F64, F32] {
        // The root of 1 − 3 is NaN, and so is its derivative.
        expect("a root", &text, dtype, "g", &[real(dtype, 1.0), real(dtype, 3.0)], &[1.0, 1.0, 1.0, 0.0]);
        expect("NaN", &text, dtype, "g", &[real(dtype, f64::NAN), real(dtype, 3.0)], &[1.0, 0.0, 0.0, 1.0]);
        expect("no root", &text, dtype, "g", &[real(dtype, 0.4), real(dtype, 3.0)], &[0.0, 0.0, 0.0, 1.0]);
    }
}

/// A number of each type, whose powers have known derivatives: f(x) = x⁸ for x = 0.9, by three rounds.
#[test]
fn results_of_each_type() {
    let text = |dtype: ScalarType, make: &str, part: &str| {
        format!(
            "func.func private @f(%x: !T) -> !T {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %r:2 = scf.while (%y = %x, %k = %c0) : (!T, index) -> (!T, index) {{
    %c = arith.cmpi slt, %k, %c3 : index
    scf.condition(%c) %y, %k : !T, index
  }} do {{
  ^bb0(%y: !T, %k: index):
    %q = scalar.mul %y, %y : !T
    %m = arith.addi %k, %c1 : index
    scf.yield %q, %m : !T, index
  }}
  return %r#0 : !T
}}
func.func @g(%a: f64) -> (f64, f64) {{
  %one = scalar.constant 1.0 : f64
  {make}
  %r:2 = ad.vjp @f(%x) wrt [0] : (!T) -> (!T, !ad.pullback<(!T) -> !T>)
  %d = ad.pull %r#1(%seed) : !ad.pullback<(!T) -> !T>
  {part}
}}
"
        )
        .replace("!T", &dtype.to_string())
    };
    let x = 0.9f64;
    // The derivative by the real part, of i x: that of x⁸.
    let complex = "%zero = scalar.constant 0.0 : f64
  %x = scalar.complex %zero, %a : f64
  %seed = scalar.complex %one, %zero : f64";
    let parts = "%y = scalar.real %r#0 : !T
  %e = scalar.imag %d : !T
  return %y, %e : f64, f64";
    for (dtype, of) in [(F64, Complex128), (F32, Complex64)] {
        let plain = text(
            dtype,
            "%z = scalar.constant 0.0 : f64\n  %x = scalar.add %a, %z : f64\n  %seed = scalar.mul %one, %one : f64",
            "return %r#0, %d : f64, f64",
        );
        let expected = [x.powi(8), 8.0 * x.powi(7)];
        expect("a power", &plain, dtype, "g", &[real(dtype, x)], &expected);
        // 8 (i x)⁷ = −8 i x⁷, without a conjugate.
        let of_complex = text(of, complex, parts).replace("complex<f32>", "complex<f64>");
        expect("a complex power", &of_complex, dtype, "g", &[real(dtype, x)], &[expected[0], -expected[1]]);
    }
}

/// In single precision, and as functions of a handle.
#[test]
fn in_single_precision_and_as_pullbacks() {
    for topic in TOPICS {
        for case in cases(*topic) {
            let is_complex = case.arguments.iter().any(|argument| argument.dtype.is_complex());
            if !is_complex {
                single(&case);
            }
            check_pullback(&case, &["inline-calls", "simplify"]);
        }
    }
}

/// The gradient of a loop that keeps tensors, in each round of a loop: a round releases its records, and the next one
/// records in the same memory. The blocks of the tape are of several sizes.
#[test]
fn gradients_in_a_loop() {
    let text = "func.func private @f(%x: !V) -> f64 {
  %c0 = arith.constant 0 : index
  %half = scalar.constant 0.9 : f64
  %least = scalar.constant 1.0e-3 : f64
  %n = tensor.dim %x, %c0 : !V
  %h = array.broadcast %half dims [] extents(%n) : f64 to !V
  %w = scf.while (%v = %x) : (!V) -> !V {
    %s = scalar.mul %v, %v : !V
    %m = array.reduce add %s dims [0] : !V
    %e = tensor.extract %m[] : tensor<f64>
    %c = scalar.compare gt %e, %least : f64
    scf.condition(%c) %v : !V
  } do {
  ^bb0(%v: !V):
    %s = scalar.sin %v : !V
    %p = scalar.mul %s, %h : !V
    scf.yield %p : !V
  }
  %m = array.reduce add %w dims [0] : !V
  %e = tensor.extract %m[] : tensor<f64>
  return %e : f64
}
func.func @g(%x: !V, %rounds: index) -> !V {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %k = %c0 to %rounds step %c1 iter_args(%t = %x) -> !V {
    %g:2 = ad.grad @f(%t) wrt [0] : (!V) -> (f64, !V)
    %u = scalar.cos %g#1 : !V
    scf.yield %u : !V
  }
  return %r : !V
}
"
    .replace("!V", "tensor<?xf64>");
    let program = Program::new("gradients in a loop", &text, &["ad", "inline-calls", "simplify"]);
    let pair = Pair::new(&program.text());
    for extent in [1, 3, 40] {
        let x = vector(extent).draw(&mut Random(extent));
        let arguments = [x, Literal::number(Index, Number::Integer(4))];
        let expected: Vec<Literal> = run(&program, "g", arguments.to_vec());
        let found = pair.call("g", &arguments).expect("nothing fails");
        let found: Vec<Literal> = found.iter().map(|array| conversion::literal(array, true)).collect();
        close("gradients in a loop", &found, &expected, 1e-12);
    }
}
