//! Loops that carry tensors of run-time extents: functions that they call keep the extents, or rounds change them.

use super::loops::{case, number, vector, whole};
use super::{Case, cases, check};
use dp_dialects::ScalarType::Index;

#[test]
fn functions_keep_extents() {
    cases(called).iter().for_each(check);
}

#[test]
fn rounds_change_extents() {
    cases(changing).iter().for_each(check);
}

#[test]
fn loops_in_loops_change_extents() {
    cases(nested).iter().for_each(check);
}

/// A function that keeps the extents of its second argument, one that swaps its arguments, and one that calls both.
const KEEPING: &str = "func.func private @scaled(%k: f64, %t: !V) -> !V {
  !CONSTANTS
  %n = tensor.dim %t, %c0 : !V
  %ks = array.broadcast %k dims [] extents(%n) : f64 to !V
  %s = scalar.sin %t : !V
  %m = scalar.mul %s, %ks : !V
  return %m : !V
}
func.func private @swapped(%t: !V, %u: !V) -> (!V, !V) {
  return %u, %t : !V, !V
}
func.func private @step(%i: index, %k: f64, %t: !V, %u: !V) -> (!V, !V) {
  !CONSTANTS
  %first = arith.cmpi eq, %i, %c0 : index
  %r:2 = scf.if %first -> (!V, !V) {
    %m = func.call @scaled(%k, %t) : (f64, !V) -> !V
    %s:2 = func.call @swapped(%m, %u) : (!V, !V) -> (!V, !V)
    scf.yield %s#0, %s#1 : !V, !V
  } else {
    %m = scalar.mul %t, %u : !V
    scf.yield %m, %u : !V, !V
  }
  return %r#0, %r#1 : !V, !V
}
";

fn called(cases: &mut Vec<Case>) {
    let body = "%r = scf.for %i = %c0 to %a2 step %c1 iter_args(%t = %a1) -> !V {
    %m = func.call @scaled(%a0, %t) : (f64, !V) -> !V
    scf.yield %m : !V
  }
  return %r : !V";
    for rounds in [0, 3] {
        let arguments = vec![number(), vector(3), whole(Index, rounds)];
        case(cases, &format!("kept by a function, {rounds} rounds"), arguments, &["!V"], body, KEEPING);
    }
    let body = "%s = scalar.sin %a1 : !V
  %r:2 = scf.for %i = %c0 to %a2 step %c1 iter_args(%t = %a1, %u = %s) -> (!V, !V) {
    %m:2 = func.call @step(%i, %a0, %t, %u) : (index, f64, !V, !V) -> (!V, !V)
    scf.yield %m#0, %m#1 : !V, !V
  }
  return %r#0, %r#1 : !V, !V";
    let arguments = vec![number(), vector(2), whole(Index, 3)];
    case(cases, "swapped by a function", arguments, &["!V", "!V"], body, KEEPING);
}

fn changing(cases: &mut Vec<Case>) {
    let body = "%r = scf.for %i = %c0 to %a2 step %c1 iter_args(%t = %a1) -> !V {
    %s = scalar.sin %t : !V
    %m = scalar.mul %s, %t : !V
    %u = array.concatenate %m, %a1 dim 0 : !V, !V
    scf.yield %u : !V
  }
  %q = scalar.mul %r, %r : !V
  %sum = array.reduce add %q dims [0] : !V
  %e = tensor.extract %sum[] : tensor<f64>
  %f = scalar.mul %e, %a0 : f64
  return %f : f64";
    for rounds in [0, 1, 3] {
        let arguments = vec![number(), vector(2), whole(Index, rounds)];
        case(cases, &format!("a tensor that grows, {rounds} rounds"), arguments, &["f64"], body, "");
    }
    let body = "%n = tensor.dim %a0, %c0 : !V
  %last = arith.subi %n, %c1 : index
  %r = scf.for %i = %c0 to %last step %c1 iter_args(%t = %a0) -> !V {
    %k = tensor.dim %t, %c0 : !V
    %less = arith.subi %k, %c1 : index
    %a = array.slice %t starts [0] strides [1] extents(%less) : !V to !V
    %b = array.slice %t starts [1] strides [1] extents(%less) : !V to !V
    %u = scalar.mul %a, %b : !V
    scf.yield %u : !V
  }
  %sum = array.reduce add %r dims [0] : !V
  %e = tensor.extract %sum[] : tensor<f64>
  return %e : f64";
    case(cases, "a tensor that shrinks", vec![vector(4)], &["f64"], body, "");
    let body = "%r = scf.while (%t = %a0) : (!V) -> !V {
    %k = tensor.dim %t, %c0 : !V
    %go = arith.cmpi sgt, %k, %c1 : index
    scf.condition(%go) %t : !V
  } do {
  ^bb0(%t: !V):
    %k = tensor.dim %t, %c0 : !V
    %h = arith.divsi %k, %c2 : index
    %a = array.slice %t starts [0] strides [1] extents(%h) : !V to !V
    %b = array.slice %t starts [%h] strides [1] extents(%h) : !V to !V
    %u = scalar.mul %a, %b : !V
    scf.yield %u : !V
  }
  return %r : !V";
    case(cases, "a tensor that is halved", vec![vector(4)], &["!V"], body, "");
    let body = "%y = array.concatenate %a0, %a0 dim 0 : !V, !V
  %s = scalar.cos %y : !V
  %r:2 = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0, %q = %s) -> (!V, !V) {
    %m = scalar.mul %p, %p : !V
    scf.yield %q, %m : !V, !V
  }
  return %r#0, %r#1 : !V, !V";
    case(cases, "two extents that take turns", vec![vector(2), whole(Index, 3)], &["!V", "!V"], body, "");
    // One carried tensor has no tangent where the others have, and a number goes with them.
    let body = "%z = array.broadcast %one dims [] extents(%c2) : f64 to !V
  %r:3 = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0, %q = %z, %e = %half) -> (!V, !V, f64) {
    %m = scalar.mul %p, %p : !V
    %sum = array.reduce add %m dims [0] : !V
    %x = tensor.extract %sum[] : tensor<f64>
    %y = scalar.mul %x, %e : f64
    %u = array.concatenate %m, %q dim 0 : !V, !V
    %v = array.concatenate %q, %z dim 0 : !V, !V
    scf.yield %u, %v, %y : !V, !V, f64
  }
  return %r#0, %r#2 : !V, f64";
    case(cases, "beside what does not vary", vec![vector(2), whole(Index, 3)], &["!V", "f64"], body, "");
}

fn nested(cases: &mut Vec<Case>) {
    // A loop that keeps extents in one that changes them, and the other way round.
    let body = "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%t = %a0) -> !V {
    %s = scf.for %j = %c0 to %c2 step %c1 iter_args(%p = %t) -> !V {
      %m = scalar.sin %p : !V
      scf.yield %m : !V
    }
    %u = array.concatenate %s, %a0 dim 0 : !V, !V
    scf.yield %u : !V
  }
  return %r : !V";
    case(cases, "a loop in one that changes extents", vec![vector(2), whole(Index, 2)], &["!V"], body, "");
    let body = "%n = tensor.dim %a0, %c0 : !V
  %r = scf.for %i = %c0 to %a1 step %c1 iter_args(%t = %a0) -> !V {
    %s = scf.for %j = %c0 to %c2 step %c1 iter_args(%p = %t) -> !V {
      %m = scalar.sin %p : !V
      %u = array.concatenate %m, %t dim 0 : !V, !V
      scf.yield %u : !V
    }
    %q = array.slice %s starts [1] strides [1] extents(%n) : !V to !V
    %z = scalar.mul %q, %t : !V
    scf.yield %z : !V
  }
  return %r : !V";
    case(
        cases,
        "a loop that changes extents in one that keeps them",
        vec![vector(2), whole(Index, 2)],
        &["!V"],
        body,
        "",
    );
    // In a branch.
    let body = "%c = arith.cmpi sgt, %a1, %c1 : index
  %y = scf.if %c -> f64 {
    %r = scf.for %i = %c0 to %a1 step %c1 iter_args(%t = %a0) -> !V {
      %m = scalar.mul %t, %t : !V
      %u = array.concatenate %m, %a0 dim 0 : !V, !V
      scf.yield %u : !V
    }
    %sum = array.reduce add %r dims [0] : !V
    %e = tensor.extract %sum[] : tensor<f64>
    scf.yield %e : f64
  } else {
    scf.yield %half : f64
  }
  return %y : f64";
    for rounds in [1, 2] {
        let arguments = vec![vector(2), whole(Index, rounds)];
        case(cases, &format!("extents that change in a branch, {rounds}"), arguments, &["f64"], body, "");
    }
}
