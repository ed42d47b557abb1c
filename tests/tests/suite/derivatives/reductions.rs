//! Reductions by regions, which are differentiated as loops, and control flow in the regions of maps and reductions.

use super::loops::{case, number, vector};
use super::{Argument, Case};
use dp_dialects::ScalarType::{Complex128, F64, I1, I32};

super::topics!(combinations, dimensions, initial_values, around, regions, control_in_maps);

const LOG_OF_SUM: &str = "%hi = scalar.max %p, %q : f64
    %lo = scalar.min %p, %q : f64
    %d = scalar.sub %lo, %hi : f64
    %e = scalar.exp %d : f64
    %l = scalar.log1p %e : f64
    %r = scalar.add %hi, %l : f64
    array.yield %r : f64";

const PRODUCT: &str = "%r = scalar.mul %p, %q : f64
    array.yield %r : f64";

/// A reduction of a tensor of a type, by a region on numbers `%p` and `%q`.
fn reduction(x: &str, r#type: &str, dims: &str, initial: &str, body: &str) -> String {
    let number = r#type.trim_start_matches("tensor<").trim_end_matches('>');
    let number =
        number.rsplit_once("x").filter(|_| !number.contains("complex")).map_or("complex<f64>", |(_, last)| last);
    format!(
        "array.reduce region {x} dims {dims} init({initial} : {number}) : {type} {{
  ^bb0(%p: {number}, %q: {number}):
    {body}
  }}"
    )
}

fn combinations(cases: &mut Vec<Case>) {
    for open in [vec![], vec![0]] {
        let x = Argument::tensor(F64, &[4], &open, (0.2, 1.6));
        let t = x.r#type.clone();
        let sum = reduction("%a0", &t, "[0]", "%least", LOG_OF_SUM);
        let body = format!("%least = scalar.constant -1.0e+300 : f64\n  %r = {sum}\n  return %r : tensor<f64>");
        case(cases, &format!("logarithm of a sum over {t}"), vec![x.clone()], &["tensor<f64>"], &body, "");
        // Correct at zeros, one or two of them.
        for zeros in [vec![1], vec![1, 2]] {
            let name = format!("product over {t} with zeros {zeros:?}");
            let product = reduction("%a0", &t, "[0]", "%one", PRODUCT);
            let body = format!("%r = {product}\n  return %r : tensor<f64>");
            case(cases, &name, vec![x.clone().zero_at(&zeros)], &["tensor<f64>"], &body, "");
        }
    }
    let empty = Argument::tensor(F64, &[0], &[0], (0.2, 0.9));
    let product = reduction("%a0", "tensor<?xf64>", "[0]", "%a1", PRODUCT);
    let body = format!("%r = {product}\n  return %r : tensor<f64>");
    case(cases, "product of nothing", vec![empty, number()], &["tensor<f64>"], &body, "");
    let z = Argument::tensor(Complex128, &[3], &[0], (0.2, 0.9));
    let product = reduction("%a0", &z.r#type, "[0]", "%i", &PRODUCT.replace("f64", "complex<f64>"));
    let body = format!("%i = scalar.complex %one, %zero : f64\n  %r = {product}\n  return %r : tensor<complex<f64>>");
    case(cases, "product of complex numbers", vec![z], &["tensor<complex<f64>>"], &body, "");
}

fn dimensions(cases: &mut Vec<Case>) {
    let shapes: [(&[u64], &[usize], &str, &str); 8] = [
        (&[2, 3], &[], "[0]", "tensor<3xf64>"),
        (&[2, 3], &[0, 1], "[1]", "tensor<?xf64>"),
        (&[2, 3], &[0], "[0, 1]", "tensor<f64>"),
        (&[2, 2, 3], &[0, 2], "[0, 2]", "tensor<2xf64>"),
        (&[2, 2, 2], &[0, 1], "[1]", "tensor<?x2xf64>"),
        (&[0, 2], &[0, 1], "[1]", "tensor<?xf64>"),
        (&[0], &[], "[0]", "tensor<f64>"),
        (&[2], &[0], "[]", "tensor<?xf64>"),
    ];
    for (extents, open, dims, y) in shapes {
        let x = Argument::tensor(F64, extents, open, (0.2, 1.6));
        let product = reduction("%a0", &x.r#type, dims, "%one", PRODUCT);
        let body = format!("%y = {product}\n  %r = scalar.mul %y, %y : {y}\n  return %r : {y}");
        case(cases, &format!("products over {dims} of {}", x.r#type), vec![x], &[y], &body, "");
    }
}

fn initial_values(cases: &mut Vec<Case>) {
    // The initial value is differentiated too, alone or with the elements.
    let product = reduction("%s", "tensor<?xf64>", "[0]", "%a1", PRODUCT);
    let body = format!("%s = scalar.convert %a0 : tensor<?xi32> to !V\n  %r = {product}\n  return %r : tensor<f64>");
    let integers = Argument::tensor(I32, &[3], &[0], (1.0, 5.0));
    case(cases, "product of an initial value", vec![integers, number()], &["tensor<f64>"], &body, "");
    let product = reduction("%a0", "tensor<?x?xf64>", "[0]", "%a1", PRODUCT);
    let body = format!("%r = {product}\n  return %r : !V");
    let matrix = Argument::tensor(F64, &[2, 2], &[0, 1], (0.2, 0.9));
    case(cases, "products of an initial value", vec![matrix, number()], &["!V"], &body, "");
    // Integers have no tangents.
    let integers = Argument::tensor(I32, &[3], &[0], (0.0, 5.0));
    let sum = reduction("%a0", "tensor<?xi32>", "[0]", "%i", "%r = scalar.add %p, %q : i32\n    array.yield %r : i32");
    let body = format!(
        "%i = scalar.constant 0 : i32
  %n = {sum}
  %k = tensor.extract %n[] : tensor<i32>
  %f = scalar.convert %k : i32 to f64
  %r = scalar.mul %f, %a1 : f64
  return %r : f64"
    );
    case(cases, "a sum of integers", vec![integers, number()], &["f64"], &body, "");
}

fn around(cases: &mut Vec<Case>) {
    // In a loop, a branch and a function.
    let product = reduction("%t", "tensor<?xf64>", "[0]", "%one", PRODUCT);
    let body = format!(
        "%r = scf.for %i = %c0 to %c2 step %c1 iter_args(%t = %a0) -> !V {{
    %y = {product}
    %e = tensor.extract %y[] : tensor<f64>
    %s = scalar.sin %e : f64
    %u = tensor.insert %s into %t[%i] : !V
    scf.yield %u : !V
  }}
  return %r : !V"
    );
    case(cases, "products in a loop", vec![vector(3)], &["!V"], &body, "");
    for low in [0.0, 1.0] {
        let sum = reduction("%a1", "tensor<?xf64>", "[0]", "%least", LOG_OF_SUM);
        let body = format!(
            "%least = scalar.constant -1.0e+300 : f64
  %r = scf.if %a0 -> tensor<f64> {{
    %y = {sum}
    scf.yield %y : tensor<f64>
  }} else {{
    %y = func.call @product(%a1) : (!V) -> tensor<f64>
    scf.yield %y : tensor<f64>
  }}
  return %r : tensor<f64>"
        );
        let product = reduction("%a", "tensor<?xf64>", "[0]", "%one", PRODUCT);
        let helpers = format!(
            "func.func private @product(%a: !V) -> tensor<f64> {{\n!CONSTANTS  %y = {product}\n  return %y : tensor<f64>\n}}\n"
        );
        let taken = Argument::number(I1, (low, low + 0.2));
        case(
            cases,
            &format!("a reduction in a branch {low}"),
            vec![taken, vector(3)],
            &["tensor<f64>"],
            &body,
            &helpers,
        );
    }
}

fn regions(cases: &mut Vec<Case>) {
    // Branches and loops in the region: the greater element, and a product, one factor of which is multiplied in a loop.
    let larger = "%c = scalar.compare gt %p, %q : f64
    %r = scf.if %c -> f64 {
      scf.yield %p : f64
    } else {
      scf.yield %q : f64
    }
    array.yield %r : f64";
    let product = "%nothing = scalar.constant 0.0 : f64
    %unit = scalar.constant 1.0 : f64
    %r:2 = scf.while (%s = %p, %k = %unit) : (f64, f64) -> (f64, f64) {
      %c = scalar.compare gt %k, %nothing : f64
      scf.condition(%c) %s, %k : f64, f64
    } do {
    ^bb0(%s: f64, %k: f64):
      %t = scalar.mul %s, %q : f64
      %l = scalar.sub %k, %unit : f64
      scf.yield %t, %l : f64, f64
    }
    array.yield %r#0 : f64";
    for (name, region, initial) in [("branch", larger, "%least"), ("loop", product, "%one")] {
        for dims in ["[0, 1]", "[0]"] {
            let y = if dims == "[0]" { "!V" } else { "tensor<f64>" };
            let reduced = reduction("%a0", "tensor<?x?xf64>", dims, initial, region);
            let body = format!("%least = scalar.constant -1.0e+300 : f64\n  %r = {reduced}\n  return %r : {y}");
            let matrix = Argument::tensor(F64, &[2, 2], &[0, 1], (0.2, 0.9));
            case(cases, &format!("a {name} in a reduction over {dims}"), vec![matrix], &[y], &body, "");
        }
    }
}

fn control_in_maps(cases: &mut Vec<Case>) {
    // A loop with a branch with a loop, whose rounds depend on the element.
    let nested = "%i0 = arith.constant 0 : index
    %i1 = arith.constant 1 : index
    %i3 = arith.constant 3 : index
    %low = scalar.constant 0.6 : f64
    %r = scf.for %i = %i0 to %i3 step %i1 iter_args(%p = %e) -> f64 {
      %c = scalar.compare gt %p, %low : f64
      %q = scf.if %c -> f64 {
        %w = scf.while (%x = %p) : (f64) -> f64 {
          %d = scalar.compare gt %x, %low : f64
          scf.condition(%d) %x : f64
        } do {
        ^bb0(%x: f64):
          %h = scalar.sin %x : f64
          scf.yield %h : f64
        }
        scf.yield %w : f64
      } else {
        %h = scalar.exp %p : f64
        scf.yield %h : f64
      }
      scf.yield %q : f64
    }";
    let switch = "%i2 = arith.constant 2 : index
    %two = scalar.constant 3.0 : f64
    %f = scalar.mul %e, %two : f64
    %k = scalar.convert %f : f64 to i32
    %j = arith.index_cast %k : i32 to index
    %r = scf.index_switch %j -> f64
    case 1 {
      %s = scalar.sin %e : f64
      scf.yield %s : f64
    }
    case 2 {
      %s = scalar.mul %e, %e : f64
      scf.yield %s : f64
    }
    default {
      scf.yield %e : f64
    }";
    // A private buffer of each element, which a branch and a loop write.
    let buffer = "%low = scalar.constant 0.6 : f64
    %i0 = arith.constant 0 : index
    %i1 = arith.constant 1 : index
    %i3 = arith.constant 3 : index
    %b = memref.alloca() : memref<3xf64>
    memref.store %e, %b[%i0] : memref<3xf64>
    scf.for %i = %i1 to %i3 step %i1 {
      %m = arith.subi %i, %i1 : index
      %x = memref.load %b[%m] : memref<3xf64>
      %c = scalar.compare gt %x, %low : f64
      scf.if %c {
        %s = scalar.sin %x : f64
        memref.store %s, %b[%i] : memref<3xf64>
      } else {
        %s = scalar.exp %x : f64
        memref.store %s, %b[%i] : memref<3xf64>
      }
    }
    %i2 = arith.constant 2 : index
    %r = memref.load %b[%i2] : memref<3xf64>";
    for (name, program) in [("nested loops", nested), ("a switch", switch), ("a buffer", buffer)] {
        let body = format!(
            "%y = array.map(%a0) : (!V) -> !V {{\n  ^bb0(%e: f64):\n    {program}\n    array.yield %r : f64\n  }}\n  return %y : !V"
        );
        case(cases, &format!("{name} in a map"), vec![vector(3)], &["!V"], &body, "");
    }
}
