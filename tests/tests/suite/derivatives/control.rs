//! Constructs with regions, calls, and what flows around them.

use super::{Argument, Case};
use dp_dialects::ScalarType::{F64, I1, I32, Index};

const R: (f64, f64) = (-1.5, 1.5);

super::topics!(
    branches,
    maps,
    calls,
    a_float_that_does_not_matter_has_zeros,
    pullbacks_in_branches,
    blocks,
    function_values
);

fn case(cases: &mut Vec<Case>, name: &str, arguments: Vec<Argument>, results: &[&str], body: &str, helpers: &str) {
    cases.push(Case {
        name: name.to_string(),
        arguments,
        results: results.iter().map(|r#type| r#type.to_string()).collect(),
        body: body.to_string(),
        helpers: helpers.to_string(),
        is_compiled: true,
    });
}

fn branches(cases: &mut Vec<Case>) {
    for low in [0.0, 1.0] {
        let taken = Argument::number(I1, (low, low + 0.2));
        case(
            cases,
            &format!("branches with residuals {low}"),
            vec![taken.clone(), Argument::number(F64, R), Argument::number(F64, R)],
            &["f64"],
            "%y = scf.if %a0 -> f64 {
    %s = scalar.sin %a1 : f64
    %m = scalar.mul %s, %a2 : f64
    scf.yield %m : f64
  } else {
    %e = scalar.exp %a2 : f64
    scf.yield %e : f64
  }
  return %y : f64",
            "",
        );
        case(
            cases,
            &format!("a branch that passes through {low}"),
            vec![taken.clone(), Argument::tensor(F64, &[3], &[0], R)],
            &["tensor<?xf64>", "tensor<?xf64>"],
            "%y:2 = scf.if %a0 -> (tensor<?xf64>, tensor<?xf64>) {
    %s = scalar.sin %a1 : tensor<?xf64>
    scf.yield %s, %a1 : tensor<?xf64>, tensor<?xf64>
  } else {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %a1, %c0 : tensor<?xf64>
    %k = scalar.constant 0.5 : f64
    %z = array.broadcast %k dims [] extents(%n) : f64 to tensor<?xf64>
    scf.yield %a1, %z : tensor<?xf64>, tensor<?xf64>
  }
  return %y#0, %y#1 : tensor<?xf64>, tensor<?xf64>",
            "",
        );
        case(
            cases,
            &format!("branches within branches {low}"),
            vec![taken, Argument::number(F64, R), Argument::tensor(F64, &[2], &[0], R)],
            &["tensor<?xf64>"],
            "%zero = scalar.constant 0.0 : f64
  %p = scalar.compare lt %a1, %zero : f64
  %y = scf.if %a0 -> tensor<?xf64> {
    %w = scf.if %p -> tensor<?xf64> {
      %q = scalar.mul %a2, %a2 : tensor<?xf64>
      %e = scalar.exp %q : tensor<?xf64>
      scf.yield %e : tensor<?xf64>
    } else {
      %s = scalar.sin %a2 : tensor<?xf64>
      scf.yield %s : tensor<?xf64>
    }
    %v = scalar.mul %w, %a2 : tensor<?xf64>
    scf.yield %v : tensor<?xf64>
  } else {
    scf.yield %a2 : tensor<?xf64>
  }
  return %y : tensor<?xf64>",
            "",
        );
    }
}

fn maps(cases: &mut Vec<Case>) {
    for (shape, dynamic) in [(vec![4], vec![]), (vec![2, 2], vec![0]), (vec![0], vec![0]), (vec![], vec![])] {
        let x = Argument::tensor(F64, &shape, &dynamic, R);
        let t = x.r#type.clone();
        case(
            cases,
            &format!("map with branches over {t}"),
            vec![x.clone(), x],
            &[&t, &t],
            &format!(
                "%y:2 = array.map(%a0, %a1) : ({t}, {t}) -> ({t}, {t}) {{
  ^bb0(%p: f64, %q: f64):
    %s = scalar.sin %p : f64
    %m = scalar.mul %s, %q : f64
    %c = scalar.compare lt %p, %q : f64
    %w = scf.if %c -> f64 {{
      %e = scalar.exp %m : f64
      scf.yield %e : f64
    }} else {{
      scf.yield %q : f64
    }}
    array.yield %w, %m : f64, f64
  }}
  return %y#0, %y#1 : {t}, {t}"
            ),
            "",
        );
    }
}

fn calls(cases: &mut Vec<Case>) {
    let number = Argument::number(F64, R);
    case(
        cases,
        "calls of calls, one argument unused",
        vec![number.clone(), number],
        &["f64", "i32", "f64"],
        "%p:2 = call @outer(%a0, %a0) : (f64, f64) -> (f64, i32)
  %y = scalar.mul %p#0, %a0 : f64
  %k = scalar.constant 3.0 : f64
  return %y, %p#1, %k : f64, i32, f64",
        "func.func private @inner(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
func.func private @outer(%x: f64, %z: f64) -> (f64, i32) {
  %p = call @inner(%x) : (f64) -> f64
  %q = call @inner(%p) : (f64) -> f64
  %y = scalar.mul %q, %z : f64
  %n = scalar.constant 7 : i32
  return %y, %n : f64, i32
}
",
    );
}

fn a_float_that_does_not_matter_has_zeros(cases: &mut Vec<Case>) {
    case(
        cases,
        "unused tensors",
        vec![Argument::tensor(F64, &[3], &[0], R), Argument::tensor(F64, &[2], &[], R)],
        &["tensor<2xf64>"],
        "return %a1 : tensor<2xf64>",
        "",
    );
}

/// A pullback made once and pulled in either branch; the whole differentiated
/// again, twice.
fn pullbacks_in_branches(cases: &mut Vec<Case>) {
    for low in [0.0, 1.0] {
        case(
            cases,
            &format!("a pullback pulled in branches {low}"),
            vec![
                Argument::number(I1, (low, low + 0.2)),
                Argument::number(F64, R),
                Argument::tensor(F64, &[2], &[0], R),
            ],
            &["f64", "tensor<?xf64>"],
            "%r:3 = ad.vjp @g(%a1, %a2) wrt [0, 1]
    : (f64, tensor<?xf64>) -> (f64, tensor<?xf64>, !ad.pullback<(f64, tensor<?xf64>) -> (f64, tensor<?xf64>)>)
  %q:2 = scf.if %a0 -> (f64, tensor<?xf64>) {
    %p:2 = ad.pull %r#2(%r#0, %r#1) : !ad.pullback<(f64, tensor<?xf64>) -> (f64, tensor<?xf64>)>
    scf.yield %p#0, %p#1 : f64, tensor<?xf64>
  } else {
    %p:2 = ad.pull %r#2(%a1, %a2) : !ad.pullback<(f64, tensor<?xf64>) -> (f64, tensor<?xf64>)>
    scf.yield %p#0, %p#1 : f64, tensor<?xf64>
  }
  return %q#0, %q#1 : f64, tensor<?xf64>",
            "func.func private @g(%x: f64, %t: tensor<?xf64>) -> (f64, tensor<?xf64>) {
  %y = scalar.sin %x : f64
  %c0 = arith.constant 0 : index
  %n = tensor.dim %t, %c0 : tensor<?xf64>
  %b = array.broadcast %y dims [] extents(%n) : f64 to tensor<?xf64>
  %m = scalar.mul %t, %b : tensor<?xf64>
  return %y, %m : f64, tensor<?xf64>
}
",
        );
    }
}

/// Branches between blocks: the values of several exits, an early return, nested
/// branches that meet, and a choice among many.
fn blocks(cases: &mut Vec<Case>) {
    let number = Argument::number(F64, R);
    for (low, next) in [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)] {
        let taken = |low: f64| Argument::number(I1, (low, low + 0.2));
        case(
            cases,
            &format!("several exits {low} {next}"),
            vec![taken(low), taken(next), number.clone(), number.clone()],
            &["f64"],
            "cf.cond_br %a0, ^first, ^second
^first:
  %n = scalar.exp %a2 : f64
  return %n : f64
^second:
  cf.cond_br %a1, ^third, ^last(%a2 : f64)
^third:
  %m = scalar.mul %a2, %a3 : f64
  %p = call @inner(%a0, %m) : (i1, f64) -> f64
  cf.cond_br %a0, ^last(%p : f64), ^early
^last(%q: f64):
  %r = scalar.sin %q : f64
  return %r : f64
^early:
  return %p : f64",
            "func.func private @inner(%c: i1, %x: f64) -> f64 {
  cf.cond_br %c, ^done(%x : f64), ^more
^more:
  %y = scalar.tanh %x : f64
  cf.br ^done(%y : f64)
^done(%r: f64):
  %s = scalar.mul %r, %r : f64
  return %s : f64
}
",
        );
    }
    for number in [0.0, 1.0, 7.0, -3.0] {
        case(
            cases,
            &format!("a choice among many {number}"),
            vec![Argument::number(I32, (number, number + 0.5)), Argument::tensor(F64, &[3], &[0], R)],
            &["tensor<?xf64>"],
            "cf.switch %a0 : i32, [default: ^d, 1: ^a, 7: ^b(%a1 : tensor<?xf64>), -3: ^c]
^d:
  return %a1 : tensor<?xf64>
^a:
  %m = scalar.mul %a1, %a1 : tensor<?xf64>
  cf.br ^b(%m : tensor<?xf64>)
^b(%q: tensor<?xf64>):
  %r = scalar.sin %q : tensor<?xf64>
  return %r : tensor<?xf64>
^c:
  %e = scalar.exp %a1 : tensor<?xf64>
  %f = scalar.mul %e, %a1 : tensor<?xf64>
  return %f : tensor<?xf64>",
            "",
        );
        case(
            cases,
            &format!("scf.index_switch {number}"),
            vec![Argument::number(I32, (number, number + 0.5)), Argument::tensor(F64, &[3], &[0], R)],
            &["tensor<?xf64>"],
            "%i = arith.index_cast %a0 : i32 to index
  %y = scf.index_switch %i -> tensor<?xf64>
  case 1 {
    %s = scalar.sin %a1 : tensor<?xf64>
    scf.yield %s : tensor<?xf64>
  }
  case -3 {
    scf.yield %a1 : tensor<?xf64>
  }
  default {
    %e = scalar.exp %a1 : tensor<?xf64>
    %f = scalar.mul %e, %a1 : tensor<?xf64>
    scf.yield %f : tensor<?xf64>
  }
  return %y : tensor<?xf64>",
            "",
        );
    }
}

fn function_values(cases: &mut Vec<Case>) {
    let one = |name: &str| {
        format!("func.func private @{name}(%x: f64) -> f64 {{\n  %y = scalar.{name} %x : f64\n  return %y : f64\n}}\n")
    };
    let twice = "func.func private @twice(%f: (f64) -> f64, %x: f64) -> f64 {
  %y = func.call_indirect %f(%x) : (f64) -> f64
  %z = func.call_indirect %f(%y) : (f64) -> f64
  return %z : f64
}
";
    let helpers = ["sin", "cos", "tan", "exp"].map(one).concat() + twice;
    let x = || Argument::number(F64, (0.2, 0.6));
    let table = "%f = scf.index_switch %a1 -> (f64) -> f64
  case 0 {
    %c = func.constant @sin : (f64) -> f64
    scf.yield %c : (f64) -> f64
  }
  case 1 {
    %c = func.constant @cos : (f64) -> f64
    scf.yield %c : (f64) -> f64
  }
  default {
    %c = func.constant @tan : (f64) -> f64
    scf.yield %c : (f64) -> f64
  }
  %y = func.call_indirect %f(%a0) : (f64) -> f64
  return %y : f64";
    for place in 0..3 {
        let arguments = vec![x(), Argument::number(Index, (f64::from(place), f64::from(place) + 0.2))];
        case(cases, &format!("a table of functions at {place}"), arguments, &["f64"], table, &helpers);
    }
    let selected = "%f = func.constant @sin : (f64) -> f64
  %g = func.constant @cos : (f64) -> f64
  %h = arith.select %a1, %f, %g : (f64) -> f64
  %y = func.call @twice(%h, %a0) : ((f64) -> f64, f64) -> f64
  %t = func.constant @twice : ((f64) -> f64, f64) -> f64
  %z = func.call_indirect %t(%h, %y) : ((f64) -> f64, f64) -> f64
  return %y, %z : f64, f64";
    for low in [0.0, 1.0] {
        let arguments = vec![x(), Argument::number(I1, (low, low + 0.2))];
        case(cases, &format!("a selected function {low}"), arguments, &["f64", "f64"], selected, &helpers);
    }
    let carried = "%c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %f = func.constant @sin : (f64) -> f64
  %g = func.constant @cos : (f64) -> f64
  %r:3 = scf.for %i = %c0 to %c5 step %c1 iter_args(%p = %f, %q = %g, %y = %a0)
      -> ((f64) -> f64, (f64) -> f64, f64) {
    %z = func.call_indirect %p(%y) : (f64) -> f64
    %w = scalar.mul %z, %a0 : f64
    scf.yield %q, %p, %w : (f64) -> f64, (f64) -> f64, f64
  }
  %y = func.call_indirect %r#0(%r#2) : (f64) -> f64
  return %y : f64";
    case(cases, "functions that a loop carries", vec![x()], &["f64"], carried, &helpers);
    // Blocks pass them on too.
    let passed = "  %f = func.constant @sin : (f64) -> f64
  cf.cond_br %a1, ^one(%f : (f64) -> f64), ^two
^two:
  %g = func.constant @exp : (f64) -> f64
  cf.br ^one(%g : (f64) -> f64)
^one(%h: (f64) -> f64):
  %y = func.call_indirect %h(%a0) : (f64) -> f64
  return %y : f64";
    for low in [0.0, 1.0] {
        let arguments = vec![x(), Argument::number(I1, (low, low + 0.2))];
        case(cases, &format!("a function that blocks pass on {low}"), arguments, &["f64"], passed, &helpers);
    }
}
