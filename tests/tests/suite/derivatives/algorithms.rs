//! Algorithms with loops: linear systems, sorting, iterations until they converge, differential equations.

use super::loops::{case, number, vector, whole};
use super::{Argument, Case};
use dp_dialects::ScalarType::{F64, I32, Index};

super::topics!(powers, in_place, eliminations, histograms, heat, machines, equations);

fn powers(cases: &mut Vec<Case>) {
    let counted = "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %one) -> f64 {
    %q = scalar.mul %p, %a0 : f64
    scf.yield %q : f64
  }
  return %r : f64";
    for exponent in [-1, 0, 1, 4] {
        let arguments = vec![number(), whole(Index, exponent)];
        case(cases, &format!("power {exponent}"), arguments, &["f64"], counted, "");
    }
}

fn in_place(cases: &mut Vec<Case>) {
    for open in [vec![], vec![0]] {
        let x = Argument::tensor(F64, &[4], &open, (0.2, 1.6));
        let t = x.r#type.clone();
        let body = "%n = arith.constant 4 : index
  %r = scf.for %i = %c1 to %n step %c1 iter_args(%t = %a0) -> !T {
    %m = arith.subi %i, %c1 : index
    %a = tensor.extract %t[%m] : !T
    %b = tensor.extract %t[%i] : !T
    %p = scalar.mul %a, %b : f64
    %u = tensor.insert %p into %t[%i] : !T
    scf.yield %u : !T
  }
  return %r : !T";
        case(cases, &format!("prefix products of {t}"), vec![x.clone()], &[&t], &body.replace("!T", &t), "");
        let body = "%n = arith.constant 4 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %a0) -> !T {
    %e = arith.subi %n, %i : index
    %s = scf.for %j = %c1 to %e step %c1 iter_args(%v = %t) -> !T {
      %m = arith.subi %j, %c1 : index
      %a = tensor.extract %v[%m] : !T
      %b = tensor.extract %v[%j] : !T
      %c = scalar.compare gt %a, %b : f64
      %w = scf.if %c -> !T {
        %u = tensor.insert %b into %v[%m] : !T
        %u2 = tensor.insert %a into %u[%j] : !T
        scf.yield %u2 : !T
      } else {
        scf.yield %v : !T
      }
      scf.yield %w : !T
    }
    scf.yield %s : !T
  }
  %y = scalar.mul %r, %a0 : !T
  return %y : !T";
        case(cases, &format!("bubble sort of {t}"), vec![x], &[&t], &body.replace("!T", &t), "");
    }
}

fn eliminations(cases: &mut Vec<Case>) {
    // The elements differ, and none of the pivots is small.
    let matrix = Argument::tensor(F64, &[3, 3], &[0, 1], (0.6, 0.9)).zero_at(&[1, 5]);
    let body = "%n = tensor.dim %a0, %c0 : tensor<?x?xf64>
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%t = %a0) -> tensor<?x?xf64> {
    %pivot = tensor.extract %t[%k, %k] : tensor<?x?xf64>
    %k1 = arith.addi %k, %c1 : index
    %s = scf.for %i = %k1 to %n step %c1 iter_args(%v = %t) -> tensor<?x?xf64> {
      %a = tensor.extract %v[%i, %k] : tensor<?x?xf64>
      %l = scalar.div %a, %pivot : f64
      %v1 = tensor.insert %l into %v[%i, %k] : tensor<?x?xf64>
      %w = scf.for %j = %k1 to %n step %c1 iter_args(%x = %v1) -> tensor<?x?xf64> {
        %p = tensor.extract %x[%i, %j] : tensor<?x?xf64>
        %q = tensor.extract %x[%k, %j] : tensor<?x?xf64>
        %m = scalar.mul %l, %q : f64
        %d = scalar.sub %p, %m : f64
        %y = tensor.insert %d into %x[%i, %j] : tensor<?x?xf64>
        scf.yield %y : tensor<?x?xf64>
      }
      scf.yield %w : tensor<?x?xf64>
    }
    scf.yield %s : tensor<?x?xf64>
  }
  return %r : tensor<?x?xf64>";
    case(cases, "LU", vec![matrix], &["tensor<?x?xf64>"], body, "");
    let body = "%n = tensor.dim %a1, %c0 : !V
  %f:2 = scf.for %i = %c1 to %n step %c1 iter_args(%b = %a1, %d = %a3) -> (!V, !V) {
    %m = arith.subi %i, %c1 : index
    %ai = tensor.extract %a0[%i] : !V
    %bm = tensor.extract %b[%m] : !V
    %w = scalar.div %ai, %bm : f64
    %cm = tensor.extract %a2[%m] : !V
    %bi = tensor.extract %b[%i] : !V
    %wc = scalar.mul %w, %cm : f64
    %nb = scalar.sub %bi, %wc : f64
    %dm = tensor.extract %d[%m] : !V
    %di = tensor.extract %d[%i] : !V
    %wd = scalar.mul %w, %dm : f64
    %nd = scalar.sub %di, %wd : f64
    %b2 = tensor.insert %nb into %b[%i] : !V
    %d2 = tensor.insert %nd into %d[%i] : !V
    scf.yield %b2, %d2 : !V, !V
  }
  %l = arith.subi %n, %c1 : index
  %dl = tensor.extract %f#1[%l] : !V
  %bl = tensor.extract %f#0[%l] : !V
  %xl = scalar.div %dl, %bl : f64
  %x0 = tensor.insert %xl into %f#1[%l] : !V
  %x = scf.for %i = %c0 to %l step %c1 iter_args(%x = %x0) -> !V {
    %after = arith.subi %l, %i : index
    %k = arith.subi %after, %c1 : index
    %dk = tensor.extract %x[%k] : !V
    %xn = tensor.extract %x[%after] : !V
    %ck = tensor.extract %a2[%k] : !V
    %cx = scalar.mul %ck, %xn : f64
    %difference = scalar.sub %dk, %cx : f64
    %bk = tensor.extract %f#0[%k] : !V
    %q = scalar.div %difference, %bk : f64
    %u = tensor.insert %q into %x[%k] : !V
    scf.yield %u : !V
  }
  return %x : !V";
    let diagonal = Argument::tensor(F64, &[4], &[0], (3.0, 4.0));
    case(cases, "Thomas", vec![vector(4), diagonal, vector(4), vector(4)], &["!V"], body, "");
}

fn histograms(cases: &mut Vec<Case>) {
    let bins = Argument::tensor(I32, &[6], &[0], (0.0, 3.0));
    let body = "%n = tensor.dim %a1, %c0 : !V
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%h = %a2) -> !V {
    %b = tensor.extract %a0[%i] : tensor<?xi32>
    %k = arith.index_cast %b : i32 to index
    %w = tensor.extract %a1[%i] : !V
    %before = tensor.extract %h[%k] : !V
    %s = scalar.add %before, %w : f64
    %q = scalar.mul %s, %w : f64
    %u = tensor.insert %q into %h[%k] : !V
    scf.yield %u : !V
  }
  return %r : !V";
    case(cases, "a histogram with weights", vec![bins.clone(), vector(6), vector(3)], &["!V"], body, "");
    let body = "%r = scf.for %i = %c0 to %a2 step %c1 iter_args(%h = %a1) -> !V {
    %g = array.gather %h, %a0 : !V, tensor<?xi32>
    %s = scalar.sin %g : !V
    %m = scalar.mul %s, %g : !V
    %u = array.scatter %h, %a0, %m : !V, tensor<?xi32>, !V
    scf.yield %u : !V
  }
  return %r : !V";
    let values = Argument::tensor(F64, &[3], &[0], (0.1, 0.4));
    case(cases, "gathers and scatters", vec![bins, values, whole(Index, 3)], &["!V"], body, "");
}

fn heat(cases: &mut Vec<Case>) {
    let body = "%n = tensor.dim %a0, %c0 : !V
  %m = arith.subi %n, %c2 : index
  %rs = array.broadcast %a1 dims [] extents(%m) : f64 to !V
  %end = scf.for %step = %c0 to %a2 step %c1 iter_args(%now = %a0) -> !V {
    %left = array.slice %now starts [0] strides [1] extents(%m) : !V to !V
    %here = array.slice %now starts [1] strides [1] extents(%m) : !V to !V
    %right = array.slice %now starts [2] strides [1] extents(%m) : !V to !V
    %both = scalar.add %left, %right : !V
    %double = scalar.add %here, %here : !V
    %bend = scalar.sub %both, %double : !V
    %change = scalar.mul %rs, %bend : !V
    %inner = scalar.add %here, %change : !V
    %next = array.update_slice %now, %inner starts [1] : !V, !V
    scf.yield %next : !V
  }
  return %end : !V";
    for (extent, steps) in [(5, 0), (5, 1), (5, 4), (2, 3)] {
        let arguments = vec![vector(extent), number(), whole(Index, steps)];
        case(cases, &format!("heat on {extent} points, {steps} steps"), arguments, &["!V"], body, "");
    }
}

fn machines(cases: &mut Vec<Case>) {
    let body = "%last = arith.constant 4 : index
  %r:2 = scf.while (%s = %c0, %x = %a0) : (index, f64) -> (index, f64) {
    %c = arith.cmpi ult, %s, %last : index
    scf.condition(%c) %s, %x : index, f64
  } do {
  ^bb0(%s: index, %x: f64):
    %n:2 = scf.index_switch %s -> index, f64
    case 0 {
      %y = scalar.sin %x : f64
      scf.yield %c2, %y : index, f64
    }
    case 1 {
      %y = scalar.mul %x, %a0 : f64
      scf.yield %c3, %y : index, f64
    }
    case 2 {
      %y = scalar.exp %x : f64
      scf.yield %c1, %y : index, f64
    }
    default {
      %y = scalar.mul %x, %x : f64
      scf.yield %last, %y : index, f64
    }
    scf.yield %n#0, %n#1 : index, f64
  }
  return %r#1 : f64";
    case(cases, "a machine with states", vec![number()], &["f64"], body, "");
    // The number of rounds until a point escapes, made smooth by how far it does.
    let body = "%bound = scalar.constant 100.0 : f64
  %first = arith.constant 0 : i32
  %next = arith.constant 1 : i32
  %most = arith.constant 50 : i32
  %r:3 = scf.while (%x = %zero, %y = %zero, %n = %first) : (f64, f64, i32) -> (f64, f64, i32) {
    %x2 = scalar.mul %x, %x : f64
    %y2 = scalar.mul %y, %y : f64
    %s = scalar.add %x2, %y2 : f64
    %near = scalar.compare lt %s, %bound : f64
    %early = arith.cmpi slt, %n, %most : i32
    %goes = scf.if %near -> i1 {
      scf.yield %early : i1
    } else {
      scf.yield %near : i1
    }
    %d = scalar.sub %x2, %y2 : f64
    %xy = scalar.mul %x, %y : f64
    scf.condition(%goes) %d, %xy, %n : f64, f64, i32
  } do {
  ^bb0(%d: f64, %xy: f64, %n: i32):
    %double = scalar.add %xy, %xy : f64
    %x = scalar.add %d, %a0 : f64
    %y = scalar.add %double, %a1 : f64
    %m = arith.addi %n, %next : i32
    scf.yield %x, %y, %m : f64, f64, i32
  }
  %d2 = scalar.mul %r#0, %r#0 : f64
  %xy2 = scalar.mul %r#1, %r#1 : f64
  %s = scalar.add %d2, %xy2 : f64
  %l = scalar.log %s : f64
  %smooth = scalar.log %l : f64
  return %smooth, %r#2 : f64, i32";
    case(cases, "mandel", vec![number(), number()], &["f64", "i32"], body, "");
}

/// The change of prey and predators (Lotka, Volterra), and a sum of tensors with one factor for each.
const CHANGE: &str = "func.func private @change(%y: tensor<2xf64>, %p: tensor<4xf64>) -> tensor<2xf64> {
  !CONSTANTS
  %prey = tensor.extract %y[%c0] : tensor<2xf64>
  %predators = tensor.extract %y[%c1] : tensor<2xf64>
  %a = tensor.extract %p[%c0] : tensor<4xf64>
  %b = tensor.extract %p[%c1] : tensor<4xf64>
  %c = tensor.extract %p[%c2] : tensor<4xf64>
  %d = tensor.extract %p[%c3] : tensor<4xf64>
  %meetings = scalar.mul %prey, %predators : f64
  %born = scalar.mul %a, %prey : f64
  %eaten = scalar.mul %b, %meetings : f64
  %more = scalar.sub %born, %eaten : f64
  %fed = scalar.mul %c, %meetings : f64
  %died = scalar.mul %d, %predators : f64
  %others = scalar.sub %fed, %died : f64
  %r = tensor.from_elements %more, %others : tensor<2xf64>
  return %r : tensor<2xf64>
}
func.func private @add(%y: tensor<2xf64>, %s: f64, %k: tensor<2xf64>) -> tensor<2xf64> {
  %ss = array.broadcast %s dims [] : f64 to tensor<2xf64>
  %m = scalar.mul %ss, %k : tensor<2xf64>
  %r = scalar.add %y, %m : tensor<2xf64>
  return %r : tensor<2xf64>
}
";

/// The method of Fehlberg: factors of the changes before, a stage each; then those of the result, and of its error.
const FEHLBERG: [&[f64]; 7] = [
    &[1.0 / 4.0],
    &[3.0 / 32.0, 9.0 / 32.0],
    &[1932.0 / 2197.0, -7200.0 / 2197.0, 7296.0 / 2197.0],
    &[439.0 / 216.0, -8.0, 3680.0 / 513.0, -845.0 / 4104.0],
    &[-8.0 / 27.0, 2.0, -3544.0 / 2565.0, 1859.0 / 4104.0, -11.0 / 40.0],
    &[16.0 / 135.0, 0.0, 6656.0 / 12825.0, 28561.0 / 56430.0, -9.0 / 50.0, 2.0 / 55.0],
    &[1.0 / 360.0, 0.0, -128.0 / 4275.0, -2197.0 / 75240.0, 1.0 / 50.0, 2.0 / 55.0],
];

/// Adds changes to a tensor: `%{name}` is `from` with `h` times their sum by factors.
fn add_changes(name: &str, from: &str, factors: &[f64]) -> String {
    let mut text = String::new();
    let mut before = from.to_string();
    for (stage, factor) in factors.iter().enumerate() {
        let next = format!("{name}_{stage}");
        text += &format!(
            "%{next}_f = scalar.constant {factor:?} : f64
    %{next}_h = scalar.mul %h, %{next}_f : f64
    %{next} = func.call @add(%{before}, %{next}_h, %k{stage}) : (tensor<2xf64>, f64, tensor<2xf64>) -> tensor<2xf64>
    "
        );
        before = next;
    }
    text.replace(&format!("%{before} = "), &format!("%{name} = "))
}

fn equations(cases: &mut Vec<Case>) {
    let arguments = vec![
        Argument::tensor(F64, &[2], &[], (0.8, 1.2)),
        Argument::tensor(F64, &[4], &[], (0.8, 1.2)),
        Argument::number(F64, (0.05, 0.1)),
    ];
    let euler = "%n = arith.constant 10 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%y = %a0) -> tensor<2xf64> {
    %k = func.call @change(%y, %a1) : (tensor<2xf64>, tensor<4xf64>) -> tensor<2xf64>
    %next = func.call @add(%y, %a2, %k) : (tensor<2xf64>, f64, tensor<2xf64>) -> tensor<2xf64>
    scf.yield %next : tensor<2xf64>
  }
  return %r : tensor<2xf64>";
    case(cases, "Euler", arguments.clone(), &["tensor<2xf64>"], euler, CHANGE);
    let mut stages = String::new();
    for (stage, factors) in std::iter::once(&[][..]).chain(FEHLBERG[..5].iter().copied()).enumerate() {
        let at = if stage == 0 { "y".to_string() } else { format!("y{stage}") };
        stages += &add_changes(&at, "y", factors);
        stages += &format!(
            "%k{stage} = func.call @change(%{at}, %a1) : (tensor<2xf64>, tensor<4xf64>) -> tensor<2xf64>\n    "
        );
    }
    // A step is repeated with half its length while its error is large; the next is longer where it is small.
    let adaptive = format!(
        "%nothing = array.broadcast %zero dims [] : f64 to tensor<2xf64>
  %end = scalar.constant 1.0 : f64
  %tolerance = scalar.constant 3.0e-6 : f64
  %fifth = scalar.constant 0.2 : f64
  %r:3 = scf.while (%t = %zero, %h = %a2, %y = %a0) : (f64, f64, tensor<2xf64>) -> (f64, f64, tensor<2xf64>) {{
    %c = scalar.compare lt %t, %end : f64
    scf.condition(%c) %t, %h, %y : f64, f64, tensor<2xf64>
  }} do {{
  ^bb0(%t: f64, %wanted: f64, %y: tensor<2xf64>):
    %rest = scalar.sub %end, %t : f64
    %h = scalar.min %wanted, %rest : f64
    {stages}{}{}%squares = scalar.mul %error, %error : tensor<2xf64>
    %sum = array.reduce add %squares dims [0] : tensor<2xf64>
    %total = tensor.extract %sum[] : tensor<f64>
    %size = scalar.sqrt %total : f64
    %is_small = scalar.compare lt %size, %tolerance : f64
    %n:3 = scf.if %is_small -> (f64, f64, tensor<2xf64>) {{
      %later = scalar.add %t, %h : f64
      %ratio = scalar.div %tolerance, %size : f64
      %factor = scalar.pow %ratio, %fifth : f64
      %longer = scalar.mul %h, %factor : f64
      scf.yield %later, %longer, %next : f64, f64, tensor<2xf64>
    }} else {{
      %shorter = scalar.mul %h, %half : f64
      scf.yield %t, %shorter, %y : f64, f64, tensor<2xf64>
    }}
    scf.yield %n#0, %n#1, %n#2 : f64, f64, tensor<2xf64>
  }}
  return %r#2 : tensor<2xf64>",
        add_changes("next", "y", FEHLBERG[5]),
        add_changes("error", "nothing", FEHLBERG[6]),
    );
    case(cases, "Runge, Kutta and Fehlberg", arguments, &["tensor<2xf64>"], &adaptive, CHANGE);
}
