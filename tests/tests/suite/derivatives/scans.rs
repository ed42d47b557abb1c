//! Scans: sums, which are linear, and the other kinds, which are differentiated as loops.

use super::loops::{case, number, vector};
use super::{Argument, Case};
use crate::programs::{Program, run};
use dp_dialects::ScalarType::{Complex128, F64, I32};
use dp_dialects::{Literal, Number};

super::topics!(kinds, dimensions, complex_numbers, regions, among_other_operations);

const FORMS: [&str; 4] = ["", "exclusive ", "reverse ", "exclusive reverse "];

fn kinds(cases: &mut Vec<Case>) {
    for kind in ["add", "mul", "max", "min"] {
        for form in FORMS {
            for open in [vec![], vec![0]] {
                let x = Argument::tensor(F64, &[4], &open, (0.2, 1.6));
                let t = x.r#type.clone();
                // The identities of extrema are infinite: what an exclusive scan starts with is left out.
                let body = format!(
                    "%y = array.scan {kind} {form}%a0 dim 0 : {t}
  %big = array.broadcast %most dims [] extents(EXTENTS) : f64 to {t}
  %small = array.broadcast %least dims [] extents(EXTENTS) : f64 to {t}
  %p = scalar.max %y, %small : {t}
  %q = scalar.min %p, %big : {t}
  %r = scalar.mul %q, %q : {t}
  return %r : {t}"
                );
                let extents = if open.is_empty() { "" } else { "%n" };
                let body = if open.is_empty() { body.replace(" extents(EXTENTS)", "") } else { body };
                let body = format!(
                    "%least = scalar.constant -3.0 : f64
  %most = scalar.constant 30.0 : f64
  %n = tensor.dim %a0, %c0 : {t}
  {}",
                    body.replace("EXTENTS", extents)
                );
                case(cases, &format!("{kind} {form}over {t}"), vec![x], &[&t], &body, "");
            }
        }
    }
    // Correct at zeros, one or two of them.
    for zeros in [vec![1], vec![1, 2]] {
        let body = "%r = array.scan mul %a0 dim 0 : !V\n  return %r : !V";
        case(cases, &format!("products with zeros {zeros:?}"), vec![vector(4).zero_at(&zeros)], &["!V"], body, "");
    }
}

fn dimensions(cases: &mut Vec<Case>) {
    let shapes: [(&[u64], &[usize], usize); 7] = [
        (&[2, 3], &[], 0),
        (&[2, 3], &[0, 1], 1),
        (&[2, 2, 3], &[0, 2], 1),
        (&[2, 1, 2], &[1], 2),
        (&[0, 2], &[0], 0),
        (&[0, 2], &[], 0),
        (&[2, 0], &[0, 1], 0),
    ];
    for (extents, open, dim) in shapes {
        for (kind, form) in [("add", ""), ("add", "exclusive reverse "), ("mul", "reverse "), ("max", "")] {
            let x = Argument::tensor(F64, extents, open, (0.2, 1.6));
            let t = x.r#type.clone();
            let body = format!(
                "%y = array.scan {kind} {form}%a0 dim {dim} : {t}\n  %r = scalar.mul %y, %a0 : {t}\n  return %r : {t}"
            );
            case(cases, &format!("{kind} {form}along {dim} of {t}"), vec![x], &[&t], &body, "");
        }
    }
}

fn complex_numbers(cases: &mut Vec<Case>) {
    for kind in ["add", "mul"] {
        let z = Argument::tensor(Complex128, &[3], &[0], (0.2, 0.9));
        let t = z.r#type.clone();
        let body = format!("%y = array.scan {kind} %a0 dim 0 : {t}\n  return %y : {t}");
        case(cases, &format!("{kind} of complex numbers"), vec![z], &[&t], &body, "");
    }
}

fn regions(cases: &mut Vec<Case>) {
    // (1 + p) (1 + q) - 1.
    let region = "^bb0(%p: f64, %q: f64):
    %m = scalar.mul %p, %q : f64
    %s = scalar.add %p, %q : f64
    %r = scalar.add %m, %s : f64
    array.yield %r : f64";
    for form in FORMS {
        for (x, dim) in [(vector(4), 0), (Argument::tensor(F64, &[2, 3], &[0, 1], (0.2, 0.9)), 1)] {
            let t = x.r#type.clone();
            let body = format!(
                "%y = array.scan region {form}%a0 dim {dim} init(%a1 : f64) : {t} {{\n  {region}\n  }}\n  return %y : {t}"
            );
            case(cases, &format!("region {form}over {t}"), vec![x, number()], &[&t], &body, "");
        }
    }
    // The initial value alone.
    let integers = Argument::tensor(I32, &[3], &[0], (1.0, 5.0));
    let body = format!(
        "%f = scalar.convert %a0 : tensor<?xi32> to !V
  %y = array.scan region %f dim 0 init(%a1 : f64) : !V {{\n  {region}\n  }}\n  return %y : !V"
    );
    case(cases, "a scan of an initial value", vec![integers, number()], &["!V"], &body, "");
}

fn among_other_operations(cases: &mut Vec<Case>) {
    let body = "%n = tensor.dim %a0, %c0 : !V
  %e = scalar.exp %a0 : !V
  %s = array.scan add %e dim 0 : !V
  %l = scalar.log %s : !V
  %m = array.scan max reverse %l dim 0 : !V
  %r = scf.for %i = %c0 to %c2 step %c1 iter_args(%x = %m) -> !V {
    %p = array.scan mul exclusive %x dim 0 : !V
    %q = scalar.sin %p : !V
    scf.yield %q : !V
  }
  return %r : !V";
    case(cases, "scans in a loop", vec![vector(3)], &["!V"], body, "");
    // Integers have no tangents.
    let body = "%y = array.scan max %a0 dim 0 : tensor<?xi32>
  %k = array.scan or %y dim 0 : tensor<?xi32>
  %f = scalar.convert %k : tensor<?xi32> to !V
  %s = array.scan add %a1 dim 0 : !V
  %r = scalar.mul %f, %s : !V
  return %r : !V";
    let integers = Argument::tensor(I32, &[3], &[0], (0.0, 5.0));
    case(cases, "scans of integers", vec![integers, vector(3)], &["!V"], body, "");
}

/// At a tie, the derivative is the mean of what the scan has and of the element.
#[test]
fn ties() {
    let text = "func.func @f(%x: tensor<3xf64>) -> tensor<3xf64> {
  %y = array.scan max %x dim 0 : tensor<3xf64>
  return %y : tensor<3xf64>
}
func.func @b(%x: tensor<3xf64>) -> tensor<3xf64> {
  %y = array.scan min reverse %x dim 0 : tensor<3xf64>
  return %y : tensor<3xf64>
}
func.func @df(%x: tensor<3xf64>, %t: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>) {
  %y, %dy = ad.jvp @f(%x, %t) wrt [0] : (tensor<3xf64>, tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>)
  return %y, %dy : tensor<3xf64>, tensor<3xf64>
}
func.func @db(%x: tensor<3xf64>, %t: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>) {
  %y, %dy = ad.jvp @b(%x, %t) wrt [0] : (tensor<3xf64>, tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>)
  return %y, %dy : tensor<3xf64>, tensor<3xf64>
}
";
    let program = Program::new("ties", text, &["ad"]);
    let of = |numbers: [f64; 3]| Literal::tensor(F64, vec![3], numbers.map(Number::Real).to_vec());
    let arguments = vec![of([2.0, 2.0, 2.0]), of([1.0, 10.0, 100.0])];
    assert_eq!(run(&program, "df", arguments.clone())[1], of([1.0, 5.5, 52.75]));
    assert_eq!(run(&program, "db", arguments)[1], of([28.0, 55.0, 100.0]));
}
