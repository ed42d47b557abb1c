//! Sorts: tangents go where their elements go.

use super::loops::{case, vector};
use super::{Argument, Case};
use crate::programs::{Program, run};
use dp_dialects::ScalarType::{Complex128, F64, I32};
use dp_dialects::{Literal, Number};

super::topics!(dimensions, several_operands, among_other_operations);

/// The region that compares the first of some operands.
fn by_first(predicate: &str, types: &[&str]) -> String {
    let arguments: Vec<String> =
        types.iter().enumerate().map(|(index, of)| format!("%p{index}: {of}, %q{index}: {of}")).collect();
    format!(
        "{{\n  ^bb0({}):\n    %b = scalar.compare {predicate} %p0, %q0 : {}\n    array.yield %b : i1\n  }}",
        arguments.join(", "),
        types[0]
    )
}

fn dimensions(cases: &mut Vec<Case>) {
    let shapes: [(&[u64], &[usize], usize); 9] = [
        (&[5], &[], 0),
        (&[5], &[0], 0),
        (&[3, 4], &[], 0),
        (&[3, 4], &[0, 1], 1),
        (&[2, 3, 2], &[1], 1),
        (&[2, 3, 2], &[], 2),
        (&[1], &[], 0),
        (&[0], &[0], 0),
        (&[2, 0], &[], 0),
    ];
    for (extents, open, dim) in shapes {
        let x = Argument::tensor(F64, extents, open, (0.2, 1.6));
        let t = x.r#type.clone();
        let body = format!(
            "%y = array.sort(%a0) dim {dim} : ({t}) -> {t} {}\n  %r = scalar.mul %y, %a0 : {t}\n  return %r : {t}",
            by_first("lt", &["f64"])
        );
        case(cases, &format!("sort along {dim} of {t}"), vec![x], &[&t], &body, "");
    }
    // Several runs, of numbers that are far from one another.
    let body = format!(
        "%n = array.iota dim 0 : tensor<40xf64>
  %m = scalar.add %n, %n : tensor<40xf64>
  %k = scalar.add %n, %m : tensor<40xf64>
  %x = scalar.sub %a0, %k : tensor<40xf64>
  %y = array.sort(%x) dim 0 : (tensor<40xf64>) -> tensor<40xf64> {}
  %r = scalar.mul %y, %a0 : tensor<40xf64>
  return %r : tensor<40xf64>",
        by_first("lt", &["f64"])
    );
    let x = Argument::tensor(F64, &[40], &[], (0.2, 1.6));
    case(cases, "sort of several runs", vec![x], &["tensor<40xf64>"], &body, "");
}

fn several_operands(cases: &mut Vec<Case>) {
    // By a real number, with a complex one and an integer beside it; descending.
    let x = Argument::tensor(F64, &[6], &[0], (0.2, 1.6));
    let z = Argument::tensor(Complex128, &[6], &[0], (0.2, 0.9));
    let n = Argument::tensor(I32, &[6], &[0], (1.0, 5.0));
    let types = [x.r#type.clone(), z.r#type.clone(), n.r#type.clone()];
    let all = types.join(", ");
    let body = format!(
        "%y, %w, %m = array.sort(%a0, %a1, %a2) dim 0 : ({all}) -> ({all}) {}
  %f = scalar.convert %m : {n} to {x}
  %s = scalar.mul %y, %f : {x}
  return %s, %w : {x}, {z}",
        by_first("gt", &["f64", "complex<f64>", "i32"]),
        x = types[0],
        z = types[1],
        n = types[2],
    );
    case(cases, "sort of three operands", vec![x, z, n], &[&types[0], &types[1]], &body, "");
    // By integers: the values have tangents, the keys have none.
    let n = Argument::tensor(I32, &[5], &[], (1.0, 3.0));
    let body = format!(
        "%k, %y = array.sort(%a0, %a1) dim 0 : (tensor<5xi32>, tensor<5xf64>) -> (tensor<5xi32>, tensor<5xf64>) {}
  %r = scalar.mul %y, %a1 : tensor<5xf64>
  return %r : tensor<5xf64>",
        by_first("lt", &["i32", "f64"])
    );
    let x = Argument::tensor(F64, &[5], &[], (0.2, 1.6));
    case(cases, "sort by integers", vec![n, x], &["tensor<5xf64>"], &body, "");
}

fn among_other_operations(cases: &mut Vec<Case>) {
    let body = format!(
        "%e = scalar.exp %a0 : !V
  %r = scf.for %i = %c0 to %c2 step %c1 iter_args(%x = %e) -> !V {{
    %y = array.sort(%x) dim 0 : (!V) -> !V {}
    %q = scalar.mul %y, %a0 : !V
    scf.yield %q : !V
  }}
  return %r : !V",
        by_first("lt", &["f64"])
    );
    case(cases, "sorts in a loop", vec![vector(4)], &["!V"], &body, "");
}

/// At a tie, tangents keep the order of their elements.
#[test]
fn ties() {
    let text = format!(
        "func.func @f(%x: tensor<4xf64>) -> tensor<4xf64> {{
  %y = array.sort(%x) dim 0 : (tensor<4xf64>) -> tensor<4xf64> {}
  return %y : tensor<4xf64>
}}
func.func @df(%x: tensor<4xf64>, %t: tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>) {{
  %y, %dy = ad.jvp @f(%x, %t) wrt [0] : (tensor<4xf64>, tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>)
  return %y, %dy : tensor<4xf64>, tensor<4xf64>
}}
",
        by_first("lt", &["f64"])
    );
    let program = Program::new("ties", &text, &["ad"]);
    let of = |numbers: [f64; 4]| Literal::tensor(F64, vec![4], numbers.map(Number::Real).to_vec());
    let made = run(&program, "df", vec![of([2.0, 1.0, 2.0, 1.0]), of([1.0, 2.0, 3.0, 4.0])]);
    assert_eq!(made, [of([1.0, 1.0, 2.0, 2.0]), of([2.0, 4.0, 1.0, 3.0])]);
}
