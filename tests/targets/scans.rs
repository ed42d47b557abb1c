//! Scans of every kind and type, along each dimension, in both directions, of few and of many elements.

use super::arrays::tensor;
use super::differential::Contest;
use dp_dialects::attributes::Reduction;
use dp_dialects::{Literal, Number, ScalarType};

const TYPES: [ScalarType; 8] = [
    ScalarType::F16,
    ScalarType::BF16,
    ScalarType::F32,
    ScalarType::F64,
    ScalarType::Complex128,
    ScalarType::I1,
    ScalarType::I8,
    ScalarType::I64,
];

#[test]
fn kinds_and_types() {
    let mut text = String::new();
    let mut cases = Vec::new();
    for dtype in TYPES {
        for kind in Reduction::ALL {
            let Some(combiner) = kind.combiner() else { continue };
            if !combiner.classes().is_some_and(|classes| classes.admits(dtype)) {
                continue;
            }
            for (which, flags, dim) in [("first", "", 0), ("middle", "exclusive ", 1), ("last", "reverse ", 2)] {
                let suffix = dtype.name().replace(['<', '>'], "");
                let name = format!("{}_{which}_{suffix}", kind.keyword());
                let of = format!("tensor<?x3x?x{dtype}>");
                text += &format!(
                    "func.func @{name}(%x: {of}) -> {of} {{\n  %y = array.scan {} {flags}%x dim {dim} : {of}\n  \
                     return %y : {of}\n}}\n",
                    kind.keyword()
                );
                cases.push((name, dtype));
            }
        }
    }
    let differential = Contest::new(&text);
    for (name, dtype) in cases {
        for (n, m) in [(0, 2), (2, 0), (1, 1), (3, 5)] {
            differential.check(&name, &[tensor(dtype, &[n, 3, m])], 64.0);
        }
    }
}

#[test]
fn regions() {
    let region = "^bb0(%a: f64, %b: f64):
    %hi = scalar.max %a, %b : f64
    %d = scalar.sub %a, %b : f64
    %k = scalar.abs %d : f64
    %n = scalar.neg %k : f64
    %e = scalar.exp %n : f64
    %l = scalar.log1p %e : f64
    %r = scalar.add %hi, %l : f64
    array.yield %r : f64";
    // Not commutative: the latest number that is not 0.
    let chosen = "^bb0(%a: i32, %b: i32):
    %none = scalar.constant 0 : i32
    %c = scalar.compare eq %b, %none : i32
    %r = scf.if %c -> i32 {
      scf.yield %a : i32
    } else {
      scf.yield %b : i32
    }
    array.yield %r : i32";
    let mut text = String::new();
    let mut cases = Vec::new();
    for (index, flags) in ["", "exclusive ", "reverse ", "exclusive reverse "].into_iter().enumerate() {
        for (name, dtype, body) in [("log_of_sum", "f64", region), ("latest", "i32", chosen)] {
            let (vector, matrix) = (format!("tensor<?x{dtype}>"), format!("tensor<?x?x{dtype}>"));
            text += &format!(
                "func.func @{name}{index}(%x: {vector}, %m: {matrix}, %i: {dtype}) -> ({vector}, {matrix}, {matrix}) {{
  %y = array.scan region {flags}%x dim 0 init(%i : {dtype}) : {vector} {{
  {body}
  }}
  %z = array.scan region {flags}%m dim 0 init(%i : {dtype}) : {matrix} {{
  {body}
  }}
  %w = array.scan region {flags}%m dim 1 init(%i : {dtype}) : {matrix} {{
  {body}
  }}
  return %y, %z, %w : {vector}, {matrix}, {matrix}
}}\n"
            );
            cases.push((format!("{name}{index}"), if dtype == "f64" { ScalarType::F64 } else { ScalarType::I32 }));
        }
    }
    let differential = Contest::new(&text);
    for (name, dtype) in cases {
        let start = Literal::number(dtype, Number::of_f64(3.0, dtype));
        for (n, rows, columns) in [(0, 0, 2), (1, 2, 0), (2, 3, 1), (7, 5, 6), (300, 2, 70)] {
            let arguments = [tensor(dtype, &[n]), tensor(dtype, &[rows, columns]), start.clone()];
            differential.check_whole(&name, &arguments, 64.0);
        }
    }
}

#[test]
fn many_elements() {
    let differential = Contest::new(
        r#"
func.func @sums(%x: tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>) {
  %y = array.scan add %x dim 0 : tensor<?xf64>
  %s = scalar.sin %x : tensor<?xf64>
  %z = array.scan add exclusive reverse %s dim 0 : tensor<?xf64>
  return %y, %z : tensor<?xf64>, tensor<?xf64>
}
func.func @rows(%x: tensor<?x?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %y = array.scan max %x dim 0 : tensor<?x?xf32>
  %z = array.scan min exclusive %x dim 1 : tensor<?x?xf32>
  %a = scalar.add %y, %z : tensor<?x?xf32>
  return %y, %a : tensor<?x?xf32>, tensor<?x?xf32>
}
func.func @again(%x: tensor<6x40xi64>) -> tensor<6x40xi64> {
  %y = array.scan add %x dim 1 : tensor<6x40xi64>
  %z = array.scan add reverse %y dim 0 : tensor<6x40xi64>
  return %z : tensor<6x40xi64>
}
"#,
    );
    for n in [64, 1000] {
        differential.check_whole("sums", &[tensor(ScalarType::F64, &[n])], 1024.0);
    }
    for (rows, columns) in [(40, 33), (3, 300)] {
        differential.check_whole("rows", &[tensor(ScalarType::F32, &[rows, columns])], 2.0);
    }
    differential.check("again", &[tensor(ScalarType::I64, &[6, 40])], 0.0);
}
