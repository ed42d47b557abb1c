//! Loops: their bounds and rounds, and what they carry.

use super::{Argument, Case};
use dp_dialects::ScalarType::{self, Complex128, F64, I1, I32, I64, Index};

/// The range of the numbers.
pub const R: (f64, f64) = (0.2, 0.9);

/// What bodies use.
const CONSTANTS: &str = "%c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %one = scalar.constant 1.0 : f64
  %zero = scalar.constant 0.0 : f64
  %half = scalar.constant 0.5 : f64
";

super::topics!(
    bounds,
    integer_bounds,
    carried_values,
    exchanges,
    updates,
    types_of_tensors,
    conditions,
    activity,
    nothing
);

/// An index, an integer or a boolean.
pub fn whole(dtype: ScalarType, value: i64) -> Argument {
    Argument::number(dtype, (value as f64, value as f64 + 0.2))
}

/// A number between 0.2 and 0.9.
pub fn number() -> Argument {
    Argument::number(F64, R)
}

/// A vector of run-time extent, of such numbers.
pub fn vector(extent: u64) -> Argument {
    Argument::tensor(F64, &[extent], &[0], R)
}

/// Adds a case, `!V` in whose texts is `tensor<?xf64>`.
pub fn case(cases: &mut Vec<Case>, name: &str, arguments: Vec<Argument>, results: &[&str], body: &str, helpers: &str) {
    let vectors = |text: &str| text.replace("!V", "tensor<?xf64>");
    cases.push(Case {
        name: name.to_string(),
        arguments,
        results: results.iter().map(|r#type| vectors(r#type)).collect(),
        body: format!("{CONSTANTS}{}", vectors(body)),
        helpers: vectors(helpers).replace("!CONSTANTS", CONSTANTS),
        is_compiled: true,
    });
}

/// A loop whose rounds use their number, `LOOP` standing for its head.
const NUMBERED: &str = "%r = LOOP iter_args(%p = %a0) -> f64 {
    %k = arith.index_cast %i : index to i64
    %f = scalar.convert %k : i64 to f64
    %s = scalar.sin %p : f64
    %m = scalar.mul %s, %f : f64
    %q = scalar.add %m, %a0 : f64
    scf.yield %q : f64
  }
  return %r : f64";

fn bounds(cases: &mut Vec<Case>) {
    for (lower, upper, step) in [(0, 3, 1), (-3, 4, 2), (2, 9, 3), (5, 5, 1), (5, 2, 1), (0, 1, 7), (3, 4, 100)] {
        let range = format!("{lower} to {upper} by {step}");
        let written = format!(
            "%lo = arith.constant {lower} : index
  %hi = arith.constant {upper} : index
  %st = arith.constant {step} : index
"
        );
        let indices = [lower, upper, step].map(|bound| whole(Index, bound));
        let given = [vec![number()], indices.to_vec()].concat();
        let body = NUMBERED.replace("LOOP", "scf.for %i = %a1 to %a2 step %a3");
        case(cases, &format!("bounds given, {range}"), given, &["f64"], &body, "");
        let body = written.clone() + &NUMBERED.replace("LOOP", "scf.for %i = %lo to %hi step %st");
        case(cases, &format!("bounds written, {range}"), vec![number()], &["f64"], &body, "");
        let body = written + &NUMBERED.replace("LOOP", "scf.for %i = %lo to %a1 step %st");
        let arguments = vec![number(), whole(Index, upper)];
        case(cases, &format!("an upper bound given, {range}"), arguments, &["f64"], &body, "");
    }
    // Numbers without a sign, from before what would be the greatest index to after it.
    let body = NUMBERED.replace("LOOP", "scf.for unsigned %i = %lo to %hi step %a1").replace("%s, %f", "%s, %p");
    let written = "%lo = arith.constant 9223372036854775806 : index
  %hi = arith.constant -9223372036854775806 : index
";
    case(
        cases,
        "numbers without a sign",
        vec![number(), whole(Index, 3)],
        &["f64"],
        &(written.to_string() + &body),
        "",
    );
    // The distance of the bounds is no index.
    let body = NUMBERED.replace("LOOP", "scf.for %i = %lo to %hi step %hi").replace("%s, %f", "%s, %p");
    let written = "%lo = arith.constant -9223372036854775808 : index
  %hi = arith.constant 9223372036854775807 : index
";
    case(cases, "the least and the greatest index", vec![number()], &["f64"], &(written.to_string() + &body), "");
}

fn integer_bounds(cases: &mut Vec<Case>) {
    for dtype in [I32, I64] {
        for (order, lower) in [("", -3), ("", 2), ("unsigned", 2)] {
            let body = format!(
                "%r = scf.for {order} %i = %a1 to %a2 step %a3 iter_args(%p = %a0) -> f64 : {dtype} {{
    %f = scalar.convert %i : {dtype} to f64
    %s = scalar.sin %p : f64
    %m = scalar.mul %s, %f : f64
    %q = scalar.add %m, %a0 : f64
    scf.yield %q : f64
  }}
  return %r : f64"
            );
            let integers = [lower, 4, 2].map(|bound| whole(dtype, bound));
            let arguments = [vec![number()], integers.to_vec()].concat();
            case(cases, &format!("numbers of {dtype} {order} from {lower}"), arguments, &["f64"], &body, "");
        }
    }
}

fn carried_values(cases: &mut Vec<Case>) {
    let body = "%k1 = scalar.constant 1 : i32
  %d = tensor.dim %a1, %c0 : !V
  %r:7 = scf.for %i = %c0 to %a4 step %c1
      iter_args(%p = %a0, %k = %a2, %b = %a3, %j = %c2, %t = %a1, %dead = %half, %constant = %one)
      -> (f64, i32, i1, index, !V, f64, f64) {
    %f = scalar.convert %k : i32 to f64
    %s = scalar.sin %p : f64
    %m = scalar.mul %s, %f : f64
    %x = scf.if %b -> f64 {
      %e = scalar.mul %m, %p : f64
      scf.yield %e : f64
    } else {
      %e = scalar.cos %m : f64
      scf.yield %e : f64
    }
    %xs = array.broadcast %x dims [] extents(%d) : f64 to !V
    %u = scalar.mul %t, %xs : !V
    %k2 = scalar.add %k, %k1 : i32
    %b2 = arith.cmpi slt, %i, %c1 : index
    %j2 = arith.addi %j, %i : index
    %jk = arith.index_cast %j : index to i64
    %jf = scalar.convert %jk : i64 to f64
    %x2 = scalar.mul %x, %jf : f64
    %unused = scalar.mul %x2, %dead : f64
    scf.yield %x2, %k2, %b2, %j2, %u, %half, %constant : f64, i32, i1, index, !V, f64, f64
  }
  return %r#0, %r#1, %r#2, %r#3, %r#4, %r#5, %r#6 : f64, i32, i1, index, !V, f64, f64";
    let results = ["f64", "i32", "i1", "index", "!V", "f64", "f64"];
    for rounds in [0, 1, 2] {
        let arguments = vec![number(), vector(2), whole(I32, 2), whole(I1, 1), whole(Index, rounds)];
        case(cases, &format!("values of all kinds, {rounds} rounds"), arguments, &results, body, "");
    }
    let integers = "%two = arith.constant 2 : i32
  %n = tensor.dim %a0, %c0 : tensor<?xi32>
  %twos = array.broadcast %two dims [] extents(%n) : i32 to tensor<?xi32>
  %r:2 = scf.for %i = %c0 to %a2 step %c1 iter_args(%k = %a0, %t = %a1) -> (tensor<?xi32>, !V) {
    %f = scalar.convert %k : tensor<?xi32> to !V
    %s = scalar.sin %t : !V
    %m = scalar.mul %s, %f : !V
    %p = scalar.compare gt %s, %a1 : !V
    %q = scalar.select %p, %m, %t : tensor<?xi1>, !V
    %k2 = scalar.mul %k, %twos : tensor<?xi32>
    scf.yield %k2, %q : tensor<?xi32>, !V
  }
  return %r#1, %r#0 : !V, tensor<?xi32>";
    let arguments = vec![Argument::tensor(I32, &[3], &[0], (1.0, 4.0)), vector(3), whole(Index, 3)];
    case(cases, "tensors of integers and of booleans", arguments, &["!V", "tensor<?xi32>"], integers, "");
}

fn exchanges(cases: &mut Vec<Case>) {
    let body = "%r:2 = scf.for %i = %c0 to %a2 step %c1 iter_args(%p = %a0, %q = %a1) -> (!T, !T) {
    %s = scalar.sin %p : !T
    %m = scalar.mul %s, %q : !T
    scf.yield %q, NEXT : !T, !T
  }
  return %r#0, %r#1 : !T, !T";
    let known = Argument::tensor(F64, &[3], &[], R);
    for (name, next, argument) in [("exchanged", "%p", known), ("exchanged and changed", "%m", vector(3))] {
        let t = argument.r#type.clone();
        let body = body.replace("!T", &t).replace("NEXT", next);
        case(cases, name, vec![argument.clone(), argument, whole(Index, 3)], &[&t, &t], &body, "");
    }
    // Extents take turns as well.
    let body = "%r:2 = scf.for %i = %c0 to %a2 step %c1 iter_args(%p = %a0, %q = %a1) -> (!V, !V) {
    %s = scalar.sin %p : !V
    scf.yield %q, %s : !V, !V
  }
  return %r#0, %r#1 : !V, !V";
    let conditional = "%r:3 = scf.while (%p = %a0, %q = %a1, %i = %c0) : (!V, !V, index) -> (!V, !V, index) {
    %go = arith.cmpi slt, %i, %a2 : index
    %s = scalar.sin %p : !V
    scf.condition(%go) %q, %s, %i : !V, !V, index
  } do {
  ^bb0(%p: !V, %q: !V, %i: index):
    %s = scalar.exp %q : !V
    %j = arith.addi %i, %c1 : index
    scf.yield %p, %s, %j : !V, !V, index
  }
  return %r#0, %r#1 : !V, !V";
    for (loop_, body) in [("for", body), ("while", conditional)] {
        for rounds in [0, 1, 3, 4] {
            let arguments = vec![vector(2), vector(5), whole(Index, rounds)];
            let name = format!("{rounds} exchanges of different extents, scf.{loop_}");
            case(cases, &name, arguments, &["!V", "!V"], body, "");
        }
    }
    let matrices = body.replace("!V", "tensor<?x?xf64>");
    let matrix = |extents: [u64; 2]| Argument::tensor(F64, &extents, &[0, 1], R);
    let arguments = vec![matrix([2, 3]), matrix([1, 4]), whole(Index, 3)];
    case(cases, "exchanged matrices", arguments, &["tensor<?x?xf64>", "tensor<?x?xf64>"], &matrices, "");
    // Of three, one reaches the result by way of another.
    let body = "%r:3 = scf.for %i = %c0 to %a2 step %c1 iter_args(%p = %a0, %q = %a1, %z = %zero) -> (f64, f64, f64) {
    %m = scalar.mul %p, %q : f64
    %g = scalar.mul %z, %p : f64
    %h = scalar.add %g, %m : f64
    %u = scalar.mul %h, %a0 : f64
    scf.yield %u, %z, %q : f64, f64, f64
  }
  return %r#2 : f64";
    case(cases, "handed on", vec![number(), number(), whole(Index, 4)], &["f64"], body, "");
}

fn updates(cases: &mut Vec<Case>) {
    // Elements of the old tensor, read after the update.
    let body = "%d = tensor.dim %a0, %c0 : !V
  %r:2 = scf.for %i = %c0 to %d step %c1 iter_args(%p = %a0, %t = %one) -> (!V, f64) {
    %e = tensor.extract %p[%i] : !V
    %s = scalar.sin %e : f64
    %ts = scalar.mul %s, %t : f64
    %u = tensor.insert %ts into %p[%i] : !V
    %old = tensor.extract %p[%c1] : !V
    %new = tensor.extract %u[%c1] : !V
    %m = scalar.mul %old, %new : f64
    %w = scalar.add %m, %t : f64
    scf.yield %u, %w : !V, f64
  }
  return %r#0, %r#1 : !V, f64";
    case(cases, "the old value, read after the update", vec![vector(4)], &["!V", "f64"], body, "");
    // A branch computes a new tensor in some rounds.
    let branch = "%go = arith.cmpi ne, %i, %c1 : index
    %u = scf.if %go -> (!V) {
      NEW
    } else {
      OTHER
    }";
    let body = format!(
        "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> (!V) {{
    {branch}
    scf.yield %u : !V
  }}
  return %r : !V"
    );
    let conditional = format!(
        "%r:2 = scf.while (%p = %a0, %i = %c0) : (!V, index) -> (!V, index) {{
    %more = arith.cmpi slt, %i, %a1 : index
    scf.condition(%more) %p, %i : !V, index
  }} do {{
  ^bb0(%p: !V, %i: index):
    {branch}
    %j = arith.addi %i, %c1 : index
    scf.yield %u, %j : !V, index
  }}
  return %r#0 : !V"
    );
    let new = |function: &str| {
        format!(
            "%s = scalar.{function} %p : !V
      %b = array.broadcast %s dims [0] extents(%d, %d) : !V to tensor<?x?xf64>
      %m = array.reduce add %b dims [0] : tensor<?x?xf64>
      %n = scalar.sub %m, %p : !V
      scf.yield %n : !V"
        )
    };
    for (loop_, body) in [("for", &body), ("while", &conditional)] {
        for (what, other) in [("the old tensor", "scf.yield %p : !V".to_string()), ("another", new("cos"))] {
            let body =
                format!("%d = tensor.dim %a0, %c0 : !V\n  {body}").replace("NEW", &new("sin")).replace("OTHER", &other);
            let name = format!("a new tensor or {what}, scf.{loop_}");
            case(cases, &name, vec![vector(3), whole(Index, 4)], &["!V"], &body, "");
        }
    }
}

fn types_of_tensors(cases: &mut Vec<Case>) {
    let shapes: [(&[u64], &[usize]); 8] = [
        (&[], &[]),
        (&[2], &[]),
        (&[3], &[0]),
        (&[1, 2], &[0]),
        (&[2, 2], &[0, 1]),
        (&[0], &[]),
        (&[0], &[0]),
        (&[0, 2], &[0, 1]),
    ];
    for dtype in [F64, Complex128] {
        for (shape, open) in shapes {
            let x = Argument::tensor(dtype, shape, open, R);
            let t = x.r#type.clone();
            let body = format!(
                "%r:2 = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0, %q = %a0) -> ({t}, {t}) {{
    %s = scalar.sin %p : {t}
    %m = scalar.mul %s, %q : {t}
    %z = scalar.add %m, %a0 : {t}
    %y = scalar.mul %z, %z : {t}
    scf.yield %y, %m : {t}, {t}
  }}
  return %r#0, %r#1 : {t}, {t}"
            );
            case(cases, &format!("{t} of extents {shape:?}"), vec![x, whole(Index, 2)], &[&t, &t], &body, "");
        }
    }
}

fn conditions(cases: &mut Vec<Case>) {
    // Each region computes, and the second gets other values than the first.
    let body = "%none = arith.constant 0 : i32
  %single = arith.constant 1 : i32
  %r:3 = scf.while (%n = %a2, %x = %a0) : (i32, f64) -> (tensor<2xf64>, f64, i1) {
    %c = arith.cmpi sgt, %n, %none : i32
    %s = scalar.sin %x : f64
    %v = tensor.from_elements %s, %x : tensor<2xf64>
    %w = scalar.mul %v, %a1 : tensor<2xf64>
    %f = scalar.convert %n : i32 to f64
    %y = scalar.mul %f, %x : f64
    scf.condition(%c) %w, %y, %c : tensor<2xf64>, f64, i1
  } do {
  ^bb0(%t: tensor<2xf64>, %y: f64, %e: i1):
    %a = tensor.extract %t[%c0] : tensor<2xf64>
    %b = tensor.extract %t[%c1] : tensor<2xf64>
    %m = scalar.mul %a, %b : f64
    %k = scalar.add %m, %y : f64
    %z = scalar.add %k, %a0 : f64
    %three = scalar.constant 3.0 : f64
    %goes = scalar.compare lt %z, %three : f64
    %n = scf.if %goes -> i32 {
      scf.yield %single : i32
    } else {
      scf.yield %none : i32
    }
    scf.yield %n, %z : i32, f64
  }
  return %r#0, %r#1, %r#2 : tensor<2xf64>, f64, i1";
    for rounds in [0, 1, 2] {
        let arguments = vec![number(), Argument::tensor(F64, &[2], &[], R), whole(I32, rounds)];
        case(cases, &format!("a state that differs, {rounds}"), arguments, &["tensor<2xf64>", "f64", "i1"], body, "");
    }
    // What the first region passes has other extents than anything that is carried, another one in each round.
    let body = "%r:2 = scf.while (%x = %half, %k = %c1) : (f64, index) -> (!V, index) {
    %p = array.slice %a0 starts [0] strides [1] extents(%k) : !V to !V
    %b = array.broadcast %x dims [] extents(%k) : f64 to !V
    %q = scalar.mul %p, %b : !V
    %q2 = scalar.mul %p, %q : !V
    %c = arith.cmpi slt, %k, %c3 : index
    scf.condition(%c) %q2, %k : !V, index
  } do {
  ^bb0(%t: !V, %k: index):
    %q = scalar.mul %t, %t : !V
    %sum = array.reduce add %q dims [0] : !V
    %e = tensor.extract %sum[] : tensor<f64>
    %y = scalar.exp %e : f64
    %more = arith.addi %k, %c1 : index
    scf.yield %y, %more : f64, index
  }
  %sum = array.reduce add %r#0 dims [0] : !V
  %e = tensor.extract %sum[] : tensor<f64>
  return %e : f64";
    case(cases, "extents that grow between the regions", vec![vector(3)], &["f64"], body, "");
}

fn activity(cases: &mut Vec<Case>) {
    // Tangents flow into the loop, and out of it in no value.
    let body = "%single = arith.constant 1 : i32
  %none = arith.constant 0 : i32
  %r = scf.for %i = %c0 to %a1 step %c1 iter_args(%k = %none) -> i32 {
    %f = scalar.convert %k : i32 to f64
    %s = scalar.mul %a0, %f : f64
    %c = scalar.compare lt %s, %half : f64
    %q = scf.if %c -> i32 {
      %y = arith.addi %k, %single : i32
      scf.yield %y : i32
    } else {
      scf.yield %k : i32
    }
    scf.yield %q : i32
  }
  %f = scalar.convert %r : i32 to f64
  %g = scalar.mul %f, %a0 : f64
  return %g, %r : f64, i32";
    case(cases, "a loop that counts", vec![number(), whole(Index, 3)], &["f64", "i32"], body, "");
    // What begins as a constant varies from the second round on, and what it goes into from the third.
    let body = "%r:3 = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %one, %q = %one, %s = %one) -> (f64, f64, f64) {
    %m = scalar.mul %p, %q : f64
    %n = scalar.mul %s, %a0 : f64
    scf.yield %m, %n, %half : f64, f64, f64
  }
  return %r#0 : f64";
    for rounds in 0..4 {
        let arguments = vec![number(), whole(Index, rounds)];
        case(cases, &format!("later and later, {rounds} rounds"), arguments, &["f64"], body, "");
    }
    // A value of around the loop alone.
    let body = "%s = scalar.sin %a0 : f64
  %r = scf.for %i = %c0 to %a2 step %c1 iter_args(%p = %a1) -> f64 {
    %m = scalar.mul %p, %s : f64
    %q = scalar.add %m, %a1 : f64
    scf.yield %q : f64
  }
  %z = scf.for %i = %c0 to %a2 step %c1 iter_args(%p = %r) -> f64 {
    %m = scalar.mul %p, %s : f64
    %q = scalar.mul %m, %r : f64
    scf.yield %q : f64
  }
  %y = scalar.mul %z, %r : f64
  return %y, %r : f64, f64";
    case(cases, "two loops in a row", vec![number(), number(), whole(Index, 3)], &["f64", "f64"], body, "");
}

fn nothing(cases: &mut Vec<Case>) {
    // What the rounds would need may not exist where there are none.
    let body = "%n = tensor.dim %a0, %c0 : !V
  %r = scf.for %i = %c0 to %a1 step %c1 iter_args(%t = %a0) -> !V {
    %m = arith.subi %n, %c2 : index
    %k = arith.divsi %n, %a1 : index
    %l = array.slice %t starts [0] strides [1] extents(%m) : !V to !V
    %h = array.slice %t starts [2] strides [1] extents(%m) : !V to !V
    %p = scalar.mul %l, %h : !V
    %u = array.update_slice %t, %p starts [%k] : !V, !V
    scf.yield %u : !V
  }
  return %r : !V";
    case(cases, "no rounds", vec![vector(1), whole(Index, 0)], &["!V"], body, "");
    case(cases, "three rounds", vec![vector(4), whole(Index, 3)], &["!V"], body, "");
}
