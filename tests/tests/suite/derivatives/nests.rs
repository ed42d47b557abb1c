//! Loops in one another, in branches, in maps and in functions, and all of these in loops.

use super::Case;
use super::loops::{case, number, vector, whole};
use dp_dialects::ScalarType::{F64, I1, Index};

super::topics!(counted, conditional, ragged, branches, carried_extents, maps, calls, requests, changing_extents);

fn counted(cases: &mut Vec<Case>) {
    for (name, lower, upper) in
        [("fixed", "%c0", "%a2"), ("up to the outer one", "%c0", "%i"), ("from the outer one", "%i", "%a1")]
    {
        let body = format!(
            "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> f64 {{
    %s = scalar.sin %p : f64
    %q = scf.for %j = {lower} to {upper} step %c1 iter_args(%u = %s) -> f64 {{
      %m = scalar.mul %u, %p : f64
      %k = scalar.cos %m : f64
      scf.yield %k : f64
    }}
    %t = scalar.mul %q, %s : f64
    scf.yield %t : f64
  }}
  return %r : f64"
        );
        let arguments = vec![number(), whole(Index, 3), whole(Index, 2)];
        case(cases, &format!("inner loops, {name}"), arguments, &["f64"], &body, "");
    }
}

fn conditional(cases: &mut Vec<Case>) {
    let body = "%two = scalar.constant 1.1 : f64
  %r = scf.if %a2 -> f64 {
    %q = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> f64 {
      %w = scf.while (%x = %p) : (f64) -> f64 {
        %c = scalar.compare lt %x, %two : f64
        scf.condition(%c) %x : f64
      } do {
      ^bb0(%x: f64):
        %e = scalar.sin %x : f64
        %f = scalar.add %e, %half : f64
        %g = scalar.add %f, %a0 : f64
        scf.yield %g : f64
      }
      %h = scalar.mul %w, %half : f64
      scf.yield %h : f64
    }
    scf.yield %q : f64
  } else {
    scf.yield %a0 : f64
  }
  return %r : f64";
    for taken in [0, 1] {
        let arguments = vec![number(), whole(Index, 3), whole(I1, taken)];
        case(cases, &format!("while in for in if {taken}"), arguments, &["f64"], body, "");
    }
    let body = "%two = scalar.constant 2.0 : f64
  %w = scf.while (%x = %a0) : (f64) -> f64 {
    %c = scalar.compare lt %x, %two : f64
    scf.condition(%c) %x : f64
  } do {
  ^bb0(%x: f64):
    %q = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %x) -> f64 {
      %e = scalar.mul %p, %x : f64
      %f = scalar.add %e, %half : f64
      %g = scalar.exp %f : f64
      scf.yield %g : f64
    }
    scf.yield %q : f64
  }
  return %w : f64";
    case(cases, "for in while", vec![number(), whole(Index, 2)], &["f64"], body, "");
    let body = "%none = arith.constant 0 : i32
  %single = arith.constant 1 : i32
  %last = arith.constant 3 : i32
  %r:2 = scf.while (%x = %a0, %n = %none) : (f64, i32) -> (f64, i32) {
    %w = scf.while (%u = %x) : (f64) -> f64 {
      %c = scalar.compare lt %u, %one : f64
      scf.condition(%c) %u : f64
    } do {
    ^bb0(%u: f64):
      %e = scalar.exp %u : f64
      %f = scalar.mul %e, %u : f64
      %g = scalar.add %f, %a0 : f64
      scf.yield %g : f64
    }
    %c = arith.cmpi slt, %n, %last : i32
    scf.condition(%c) %w, %n : f64, i32
  } do {
  ^bb0(%x: f64, %n: i32):
    %s = scalar.sin %x : f64
    %q = scalar.mul %s, %half : f64
    %m = arith.addi %n, %single : i32
    scf.yield %q, %m : f64, i32
  }
  return %r#0, %r#1 : f64, i32";
    case(cases, "while in what decides", vec![number()], &["f64", "i32"], body, "");
}

/// Inner loops that start from what the outer one carries.
fn carried_extents(cases: &mut Vec<Case>) {
    let outer = "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%t = %a0) -> !V {
    INNER
    scf.yield %w : !V
  }
  return %r : !V";
    let inner = "%l:2 = scf.while (%v = %t, %j = %c0) : (!V, index) -> (!V, index) {
      %b = arith.cmpi slt, %j, %i : index
      scf.condition(%b) %v, %j : !V, index
    } do {
    ^bb0(%v: !V, %j: index):
      %m = scalar.sin %v : !V
      %next = arith.addi %j, %c1 : index
      scf.yield %m, %next : !V, index
    }
    %w = scalar.mul %l#0, %t : !V";
    case(cases, "while in for, tensors", vec![vector(2), whole(Index, 3)], &["!V"], &outer.replace("INNER", inner), "");
    let inner = "%n = tensor.dim %a0, %c0 : !V
    %x = tensor.extract %t[%c0] : !V
    %f = scf.for %j = %c0 to %i step %c1 iter_args(%v = %t) -> !V {
      %y = array.broadcast %x dims [] extents(%n) : f64 to !V
      %z = scalar.mul %v, %y : !V
      scf.yield %z : !V
    }
    %w = scalar.sin %f : !V";
    case(cases, "for in for, tensors", vec![vector(2), whole(Index, 3)], &["!V"], &outer.replace("INNER", inner), "");
}

/// Nests whose inner loops have another number of rounds in each round of the outer one, and update a tensor in place.
fn ragged(cases: &mut Vec<Case>) {
    // Rounds 0, 1 and 2 of an inner loop, from places in a table, as rows of a sparse matrix have them.
    let row = |inner: &str| {
        format!(
            "%d = tensor.dim %a0, %c0 : !V
  %three = arith.constant 3 : index
  %r = scf.for %i = %c0 to %a1 step %c1 iter_args(%z = %a0) -> (!V) {{
    %n = arith.remsi %i, %three : index
    {inner}
    scf.yield %y : !V
  }}
  return %r : !V"
        )
    };
    let update = "%ij = arith.addi %i, %j : index
      %c = arith.remsi %ij, %d : index
      %e = tensor.extract %a[%c] : !V
      %f = tensor.extract %a[%c0] : !V
      %g = scalar.mul %e, %f : f64
      %s = scalar.sin %g : f64
      %u = tensor.insert %s into %a[%c] : !V";
    let counted = format!(
        "%y = scf.for %j = %c0 to %n step %c1 iter_args(%a = %z) -> (!V) {{
      {update}
      scf.yield %u : !V
    }}"
    );
    let arguments = || vec![vector(4), whole(Index, 5)];
    case(cases, "counted rows, in place", arguments(), &["!V"], &row(&counted), "");
    case(cases, "no rows", vec![vector(4), whole(Index, 0)], &["!V"], &row(&counted), "");
    case(cases, "one empty row", vec![vector(4), whole(Index, 1)], &["!V"], &row(&counted), "");
    // The number of rounds depends on what they compute.
    let until = format!(
        "%y, %t = scf.while (%a = %z, %j = %c0) : (!V, index) -> (!V, index) {{
      %h = tensor.extract %a[%c1] : !V
      %big = scalar.compare gt %h, %half : f64
      %few = arith.cmpi slt, %j, %n : index
      %go = arith.ori %big, %few : i1
      %most = arith.cmpi slt, %j, %three : index
      %both = arith.andi %go, %most : i1
      scf.condition(%both) %a, %j : !V, index
    }} do {{
    ^bb0(%a: !V, %j: index):
      {update}
      %j1 = arith.addi %j, %c1 : index
      scf.yield %u, %j1 : !V, index
    }}"
    );
    let high = || super::Argument::tensor(F64, &[3], &[0], (0.7, 0.9));
    case(cases, "conditional rows, in place", vec![high(), whole(Index, 5)], &["!V"], &row(&until), "");
    let branch = format!(
        "%odd = arith.cmpi eq, %n, %c1 : index
    %y = scf.if %odd -> (!V) {{
      scf.yield %z : !V
    }} else {{
      {}
      scf.yield %w : !V
    }}",
        counted.replace("%y =", "%w =")
    );
    case(cases, "rows in a branch", arguments(), &["!V"], &row(&branch), "");
    let nested = |inner: &str| {
        format!(
            "%y = scf.for %k = %c0 to %n step %c1 iter_args(%x = %z) -> (!V) {{
      {}
      scf.yield %w : !V
    }}",
            inner.replace("%z", "%x").replace("%y", "%w").replace("%n", "%k")
        )
    };
    case(cases, "rows of rows", arguments(), &["!V"], &row(&nested(&counted)), "");
    case(cases, "conditional rows of rows", vec![high(), whole(Index, 3)], &["!V"], &row(&nested(&until)), "");
    let conditional = |inner: &str| {
        format!(
            "%d = tensor.dim %a0, %c0 : !V
  %three = arith.constant 3 : index
  %r, %last = scf.while (%z = %a0, %i = %c0) : (!V, index) -> (!V, index) {{
    %go = arith.cmpi slt, %i, %a1 : index
    scf.condition(%go) %z, %i : !V, index
  }} do {{
  ^bb0(%z: !V, %i: index):
    %n = arith.remsi %i, %three : index
    {inner}
    %i1 = arith.addi %i, %c1 : index
    scf.yield %y, %i1 : !V, index
  }}
  return %r : !V"
        )
    };
    case(cases, "counted rows, in a while", arguments(), &["!V"], &conditional(&counted), "");
    case(cases, "conditional rows, in a while", vec![high(), whole(Index, 4)], &["!V"], &conditional(&until), "");
    case(
        cases,
        "conditional rows of rows, in a while",
        vec![high(), whole(Index, 3)],
        &["!V"],
        &conditional(&nested(&until)),
        "",
    );
    // Slices of a matrix are kept, with static and dynamic extents beside that of the rows.
    let matrix = "%d = tensor.dim %a0, %c0 : tensor<?x2xf64>
  %r = scf.for %i = %c0 to %a1 step %c1 iter_args(%z = %a0) -> (tensor<?x2xf64>) {
    %n = arith.remsi %i, %c2 : index
    %y = scf.for %j = %c0 to %n step %c1 iter_args(%a = %z) -> (tensor<?x2xf64>) {
      %c = arith.remsi %i, %d : index
      %e = array.slice %a starts [%c, 0] strides [1, 1] : tensor<?x2xf64> to tensor<1x2xf64>
      %s = scalar.sin %e : tensor<1x2xf64>
      %q = scalar.mul %s, %e : tensor<1x2xf64>
      %u = array.update_slice %a, %q starts [%c, 0] : tensor<?x2xf64>, tensor<1x2xf64>
      scf.yield %u : tensor<?x2xf64>
    }
    scf.yield %y : tensor<?x2xf64>
  }
  return %r : tensor<?x2xf64>";
    let rows = super::Argument::tensor(F64, &[3, 2], &[0], (0.2, 0.9));
    case(cases, "rows of slices", vec![rows, whole(Index, 4)], &["tensor<?x2xf64>"], matrix, "");
}

fn branches(cases: &mut Vec<Case>) {
    // What the inner branch keeps has extents, kept too, that only one of the branches knows.
    let body = "%r = scf.for %i = %c0 to %a2 step %c1 iter_args(%p = %a1) -> f64 {
    %q = scf.for %j = %c1 to %a2 step %c1 iter_args(%u = %a1) -> f64 {
      %few = arith.cmpi slt, %a2, %c1 : index
      %t = scf.if %few -> !V {
        scf.yield %a0 : !V
      } else {
        %one_round = arith.cmpi sle, %a2, %c1 : index
        %e = scf.if %one_round -> f64 {
          %v = array.slice %a0 starts [%a2] strides [1] extents(%c1) : !V to !V
          %w = scalar.mul %v, %v : !V
          %z = array.reduce add %w dims [0] : !V
          %y = tensor.extract %z[] : tensor<f64>
          scf.yield %y : f64
        } else {
          scf.yield %a1 : f64
        }
        %n = tensor.dim %a0, %c0 : !V
        %b = array.broadcast %e dims [] extents(%n) : f64 to !V
        %m = scalar.mul %b, %a0 : !V
        scf.yield %m : !V
      }
      %x = tensor.extract %t[%c0] : !V
      %w = scalar.mul %u, %x : f64
      scf.yield %w : f64
    }
    %w = scalar.mul %p, %q : f64
    scf.yield %w : f64
  }
  return %r : f64";
    for rounds in [1, 3] {
        let arguments = vec![vector(2), number(), whole(Index, rounds)];
        case(cases, &format!("branch in branch in two loops, {rounds} rounds"), arguments, &["f64"], body, "");
    }
    let body = "%r = scf.index_switch %a1 -> f64
  case 1 {
    %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%p = %a0) -> f64 {
      %s = scalar.sin %p : f64
      %t = scalar.mul %s, %a0 : f64
      scf.yield %t : f64
    }
    scf.yield %r : f64
  }
  case 2 {
    %r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> f64 {
      %s = scalar.exp %p : f64
      scf.yield %s : f64
    }
    scf.yield %r : f64
  }
  default {
    scf.yield %a0 : f64
  }
  return %r : f64";
    for choice in 0..3 {
        let arguments = vec![number(), whole(Index, choice)];
        case(cases, &format!("loops in choice {choice}"), arguments, &["f64"], body, "");
    }
    let body = "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%t = %a0) -> !V {
    %b = arith.cmpi slt, %i, %c2 : index
    %y = scf.if %b -> !V {
      %s = scalar.sin %t : !V
      %m = scalar.mul %s, %t : !V
      scf.yield %m : !V
    } else {
      %s = scalar.exp %t : !V
      %n = scalar.mul %s, %a0 : !V
      scf.yield %n : !V
    }
    scf.yield %y : !V
  }
  return %r : !V";
    case(cases, "branches in a loop, of tensors", vec![vector(3), whole(Index, 4)], &["!V"], body, "");
    // What is known of extents where a condition holds comes from all branches by it, in the loop and after it.
    let body = "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%t = %a0) -> !V {
    %y = scf.if %a2 -> !V {
      %b = array.broadcast %half dims [] extents(%a1) : f64 to !V
      %s = scalar.mul %b, %t : !V
      scf.yield %s : !V
    } else {
      scf.yield %t : !V
    }
    %m = scalar.mul %y, %a0 : !V
    scf.yield %m : !V
  }
  %z = scf.if %a2 -> !V {
    %s = scalar.mul %r, %a0 : !V
    scf.yield %s : !V
  } else {
    scf.yield %r : !V
  }
  return %z : !V";
    for taken in [0, 1] {
        let arguments = vec![vector(3), whole(Index, 3), whole(I1, taken)];
        case(cases, &format!("one condition in a loop and after it {taken}"), arguments, &["!V"], body, "");
    }
}

fn maps(cases: &mut Vec<Case>) {
    let body = "%y = array.map(%a0) : (!V) -> !V {
  ^bb0(%x: f64):
    %lower = arith.constant 0 : index
    %upper = arith.constant 3 : index
    %step = arith.constant 1 : index
    %r = scf.for %i = %lower to %upper step %step iter_args(%p = %x) -> f64 {
      %s = scalar.sin %p : f64
      %m = scalar.mul %s, %x : f64
      scf.yield %m : f64
    }
    array.yield %r : f64
  }
  return %y : !V";
    case(cases, "for in a map", vec![vector(3)], &["!V"], body, "");
    let body = "%y = array.map(%a0) : (!V) -> !V {
  ^bb0(%x: f64):
    %two = scalar.constant 2.0 : f64
    %w = scf.while (%u = %x) : (f64) -> f64 {
      %c = scalar.compare lt %u, %two : f64
      scf.condition(%c) %u : f64
    } do {
    ^bb0(%u: f64):
      %e = scalar.exp %u : f64
      %f = scalar.mul %e, %x : f64
      %g = scalar.add %f, %u : f64
      scf.yield %g : f64
    }
    array.yield %w : f64
  }
  return %y : !V";
    case(cases, "while in a map", vec![vector(3)], &["!V"], body, "");
    let body = "%r:2 = scf.for %i = %c0 to %a1 step %c1 iter_args(%t = %a0, %p = %one) -> (!V, f64) {
    %y = array.map(%t, %a0) : (!V, !V) -> !V {
    ^bb0(%x: f64, %z: f64):
      %s = scalar.sin %x : f64
      %m = scalar.mul %s, %z : f64
      array.yield %m : f64
    }
    %sums = array.reduce add %y dims [0] : !V
    %sum = tensor.extract %sums[] : tensor<f64>
    %products = array.reduce mul %y dims [0] : !V
    %product = tensor.extract %products[] : tensor<f64>
    %both = scalar.add %sum, %product : f64
    %q = scalar.mul %both, %p : f64
    scf.yield %y, %q : !V, f64
  }
  return %r#0, %r#1 : !V, f64";
    case(cases, "a map and reductions in a loop", vec![vector(3), whole(Index, 3)], &["!V", "f64"], body, "");
}

/// A function with a loop in a loop.
const LOOP: &str = "func.func private @g(%x: f64, %n: index) -> f64 {
  !CONSTANTS
  %c = scalar.compare lt %x, %one : f64
  %r:2 = scf.while (%k = %c0, %p = %x) : (index, f64) -> (index, f64) {
    %more = arith.cmpi slt, %k, %c3 : index
    scf.condition(%more) %k, %p : index, f64
  } do {
  ^bb0(%k: index, %p: f64):
    %q = scf.for %i = %c0 to %n step %c1 iter_args(%u = %p) -> f64 {
      %s = scalar.sin %u : f64
      %t = scf.if %c -> f64 {
        %m = scalar.mul %s, %p : f64
        scf.yield %m : f64
      } else {
        scf.yield %s : f64
      }
      scf.yield %t : f64
    }
    %next = arith.addi %k, %c1 : index
    scf.yield %next, %q : index, f64
  }
  return %r#1 : f64
}
";

fn calls(cases: &mut Vec<Case>) {
    // The second call has an argument without a tangent.
    let body = "%a = call @g(%a0, %a1) : (f64, index) -> f64
  %b = call @g(%one, %a1) : (f64, index) -> f64
  %d = call @g(%a, %c2) : (f64, index) -> f64
  %e = scalar.mul %a, %b : f64
  %h = scalar.add %e, %d : f64
  return %h : f64";
    case(cases, "a function with loops, called often", vec![number(), whole(Index, 2)], &["f64"], body, LOOP);
    let body = "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> f64 {
    %s = func.call @g(%p, %c1) : (f64, index) -> f64
    %m = scalar.add %s, %a0 : f64
    %t = func.call @g(%m, %c1) : (f64, index) -> f64
    scf.yield %t : f64
  }
  return %r : f64";
    case(cases, "calls of it in a loop", vec![number(), whole(Index, 2)], &["f64"], body, LOOP);
}

fn requests(cases: &mut Vec<Case>) {
    let helpers = "func.func private @k(%x: f64, %n: index) -> f64 {
  !CONSTANTS
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> f64 {
    %s = scalar.sin %p : f64
    %m = scalar.mul %s, %x : f64
    scf.yield %m : f64
  }
  return %r : f64
}
";
    for rounds in ["%c2", "%i"] {
        let body = format!(
            "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> f64 {{
    %v:2 = ad.grad @k(%p, {rounds}) wrt [0] : (f64, index) -> (f64, f64)
    %s = scalar.mul %v#0, %v#1 : f64
    %t = scalar.add %s, %a0 : f64
    scf.yield %t : f64
  }}
  return %r : f64"
        );
        let arguments = vec![number(), whole(Index, 2)];
        case(cases, &format!("a gradient in a loop, of {rounds} rounds"), arguments, &["f64"], &body, helpers);
    }
    let body = "%y, %back = ad.vjp @k(%a0, %c3) wrt [0] : (f64, index) -> (f64, !ad.pullback<(f64) -> f64>)
  %r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> f64 {
    %g = ad.pull %back(%p) : !ad.pullback<(f64) -> f64>
    %t = scalar.mul %g, %y : f64
    scf.yield %t : f64
  }
  return %r : f64";
    case(cases, "a pullback pulled in a loop", vec![number(), whole(Index, 2)], &["f64"], body, helpers);
}

/// Values whose extents change from round to round are computed again.
fn changing_extents(cases: &mut Vec<Case>) {
    let body = "%n = tensor.dim %a0, %c0 : !V
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %one) -> f64 {
    %m = arith.subi %n, %i : index
    %s = array.slice %a0 starts [%i] strides [1] extents(%m) : !V to !V
    %q = scalar.mul %s, %s : !V
    %sum = array.reduce add %q dims [0] : !V
    %x = tensor.extract %sum[] : tensor<f64>
    %y = scalar.mul %x, %p : f64
    scf.yield %y : f64
  }
  return %r : f64";
    case(cases, "slices that shrink", vec![vector(4)], &["f64"], body, "");
    // No tangent flows into the loop that grows its tensor.
    let body = "%e = array.broadcast %half dims [] extents(%a2) : f64 to !V
  %r = scf.for %i = %c0 to %a1 step %c1 iter_args(%t = %a0) -> f64 {
    %g = scf.for %j = %c0 to %c2 step %c1 iter_args(%u = %e) -> !V {
      %v = array.concatenate %u, %e dim 0 : !V, !V
      scf.yield %v : !V
    }
    %d = tensor.dim %g, %c0 : !V
    %b = array.broadcast %t dims [] extents(%d) : f64 to !V
    %m = scalar.mul %b, %g : !V
    %m2 = scalar.mul %m, %b : !V
    %s = array.reduce add %m2 dims [0] : !V
    %x = tensor.extract %s[] : tensor<f64>
    scf.yield %x : f64
  }
  return %r : f64";
    case(
        cases,
        "a tensor that an inner loop grows",
        vec![super::Argument::number(F64, (0.4, 0.6)), whole(Index, 3), whole(Index, 1)],
        &["f64"],
        body,
        "",
    );
}
