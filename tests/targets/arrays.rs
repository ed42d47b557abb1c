//! Operations on tensors, with static and dynamic extents.

use super::differential::Contest;
use crate::cpu::library::Pair;
use dp_dialects::{Literal, Number, ScalarType};

/// A tensor of small numbers in which neighboring elements differ.
pub fn tensor(dtype: ScalarType, shape: &[u64]) -> Literal {
    let count: u64 = shape.iter().product();
    let value = |index: u64| {
        let value = ((index * 7 + 3) % 23) as f64 / 4.0 - 2.0;
        if dtype.is_float() {
            Number::Real(value).round(dtype)
        } else if dtype.is_complex() {
            Number::Complex(num_complex::Complex64::new(value, 1.0 - value / 2.0)).round(dtype)
        } else {
            Number::Integer((value * 4.0) as i64).round(dtype)
        }
    };
    Literal::tensor(dtype, shape.to_vec(), (0..count).map(value).collect())
}

fn index(value: i64) -> Literal {
    Literal::number(ScalarType::Index, Number::Integer(value))
}

#[test]
fn shapes_and_places() {
    let differential = Contest::new(
        r#"
func.func @count(%n: index) -> tensor<?x3xf32> {
  %y = array.iota dim 0 extents(%n) : tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
func.func @spread(%x: tensor<3xf64>, %n: index) -> tensor<?x3x2xf64> {
  %y = array.broadcast %x dims [1] extents(%n) : tensor<3xf64> to tensor<?x3x2xf64>
  return %y : tensor<?x3x2xf64>
}
func.func @turn(%x: tensor<?x3x2xf32>) -> tensor<2x?x3xf32> {
  %y = array.transpose %x permutation [2, 0, 1] : tensor<?x3x2xf32>
  return %y : tensor<2x?x3xf32>
}
func.func @fold(%x: tensor<?x3x2xi32>, %n: index) -> tensor<6x?xi32> {
  %y = array.reshape %x extents(%n) : tensor<?x3x2xi32> to tensor<6x?xi32>
  return %y : tensor<6x?xi32>
}
func.func @scalar_like(%x: tensor<1x1xf32>) -> tensor<f32> {
  %y = array.reshape %x : tensor<1x1xf32> to tensor<f32>
  return %y : tensor<f32>
}
func.func @box(%x: tensor<?x8xf32>, %i: index, %n: index) -> tensor<?x3xf32> {
  %y = array.slice %x starts [%i, 1] strides [2, 3] extents(%n) : tensor<?x8xf32> to tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
func.func @put(%x: tensor<?x8xf32>, %u: tensor<2x?xf32>, %i: index, %j: index) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %y = array.update_slice %x, %u starts [%i, %j] : tensor<?x8xf32>, tensor<2x?xf32>
  %z = array.update_slice accumulate %x, %u starts [%i, %j] : tensor<?x8xf32>, tensor<2x?xf32>
  return %y, %z : tensor<?x8xf32>, tensor<?x8xf32>
}
func.func @margin(%x: tensor<?x3xf64>, %v: f64, %n: index) -> tensor<?x8xf64> {
  %y = array.pad %x, %v low [1, 2] high [0, 1] interior [2, 1] extents(%n) : tensor<?x3xf64>, f64 to tensor<?x8xf64>
  return %y : tensor<?x8xf64>
}
func.func @slide(%x: tensor<?x5x4x?xf32>) -> tensor<?x2x3x2x2x?xf32> {
  %y = array.windows %x dim 1 sizes [2, 2] strides [2, 1] dilations [2, 1] : tensor<?x5x4x?xf32>
  return %y : tensor<?x2x3x2x2x?xf32>
}
func.func @convolve(%x: tensor<?x7x6x8xf32>, %k: tensor<3x2x8x5xf32>) -> tensor<?x3x5x5xf32> {
  %w = array.windows %x dim 1 sizes [3, 2] strides [2, 1] dilations [1, 1] : tensor<?x7x6x8xf32>
  %y = array.dot %w, %k contract [3, 4, 5] with [0, 1, 2] : tensor<?x3x5x3x2x8xf32>, tensor<3x2x8x5xf32>
  return %y : tensor<?x3x5x5xf32>
}
func.func @convolved_with(%y: tensor<2x3x5x5xf64>, %x: tensor<2x7x6x8xf64>) -> tensor<5x3x2x8xf64> {
  %w = array.windows %x dim 1 sizes [3, 2] strides [2, 1] dilations [1, 1] : tensor<2x7x6x8xf64>
  %k = array.dot %y, %w contract [0, 1, 2] with [0, 1, 2] : tensor<2x3x5x5xf64>, tensor<2x3x5x3x2x8xf64>
  return %k : tensor<5x3x2x8xf64>
}
func.func @join(%a: tensor<2x?xf32>, %b: tensor<2x3xf32>, %c: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %y = array.concatenate %a, %b, %c dim 1 : tensor<2x?xf32>, tensor<2x3xf32>, tensor<2x?xf32>
  return %y : tensor<2x?xf32>
}
func.func @rows(%x: tensor<?x3xf32>, %i: tensor<2x?xi32>) -> tensor<2x?x3xf32> {
  %y = array.gather %x, %i : tensor<?x3xf32>, tensor<2x?xi32>
  return %y : tensor<2x?x3xf32>
}
func.func @add_rows(%x: tensor<?x3xf32>, %i: tensor<2x?xi32>, %u: tensor<2x?x3xf32>) -> tensor<?x3xf32> {
  %y = array.scatter %x, %i, %u : tensor<?x3xf32>, tensor<2x?xi32>, tensor<2x?x3xf32>
  return %y : tensor<?x3xf32>
}
func.func @add_row(%x: tensor<?xf64>, %i: tensor<i64>, %u: tensor<f64>) -> tensor<?xf64> {
  %y = array.scatter %x, %i, %u : tensor<?xf64>, tensor<i64>, tensor<f64>
  return %y : tensor<?xf64>
}
func.func @known() -> (tensor<2x2xf64>, tensor<3xcomplex<f32>>, tensor<2xi1>, tensor<2xbf16>) {
  %a = array.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf64>
  %b = array.constant dense<[(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]> : tensor<3xcomplex<f32>>
  %c = array.constant dense<[true, false]> : tensor<2xi1>
  %d = array.constant dense<[1.0, 2.5]> : tensor<2xbf16>
  return %a, %b, %c, %d : tensor<2x2xf64>, tensor<3xcomplex<f32>>, tensor<2xi1>, tensor<2xbf16>
}
"#,
    );
    let (f32, f64) = (ScalarType::F32, ScalarType::F64);
    for n in [0, 1, 4] {
        differential.check("count", &[index(n)], 0.0);
        differential.check("spread", &[tensor(f64, &[3]), index(n)], 0.0);
        differential.check("turn", &[tensor(f32, &[n as u64, 3, 2])], 0.0);
        differential.check("fold", &[tensor(ScalarType::I32, &[n as u64, 3, 2]), index(n)], 0.0);
        differential.check(
            "margin",
            &[
                tensor(f64, &[n as u64, 3]),
                Literal::number(f64, Number::Real(9.0)),
                index(if n == 0 { 1 } else { 3 * n - 1 }),
            ],
            0.0,
        );
        differential.check("slide", &[tensor(f32, &[n as u64, 5, 4, 2])], 0.0);
        differential.check("convolve", &[tensor(f32, &[n as u64, 7, 6, 8]), tensor(f32, &[3, 2, 8, 5])], 1e-5);
        differential.check("join", &[tensor(f32, &[2, n as u64]), tensor(f32, &[2, 3]), tensor(f32, &[2, 2])], 0.0);
    }
    differential.check("convolved_with", &[tensor(f64, &[2, 3, 5, 5]), tensor(f64, &[2, 7, 6, 8])], 1e-12);
    differential.check("scalar_like", &[tensor(f32, &[1, 1])], 0.0);
    for start in [-3, 0, 2, 100] {
        for n in [0, 1, 3] {
            differential.check("box", &[tensor(f32, &[7, 8]), index(start), index(n)], 0.0);
        }
        differential.check("put", &[tensor(f32, &[5, 8]), tensor(f32, &[2, 3]), index(start), index(start - 1)], 0.0);
    }
    let chosen = |count: u64| tensor(ScalarType::I32, &[2, count]);
    for count in [0, 1, 5] {
        differential.check("rows", &[tensor(f32, &[4, 3]), chosen(count)], 0.0);
        differential.check("add_rows", &[tensor(f32, &[4, 3]), chosen(count), tensor(f32, &[2, count, 3])], 1.0);
    }
    let third = Literal::tensor(ScalarType::I64, vec![], vec![Number::Integer(2)]);
    differential.check("add_row", &[tensor(f64, &[4]), third, tensor(f64, &[])], 0.0);
    differential.check("known", &[], 0.0);
}

#[test]
fn reductions_and_maps() {
    let mut text = String::new();
    let mut cases = Vec::new();
    for dtype in [
        ScalarType::F16,
        ScalarType::BF16,
        ScalarType::F32,
        ScalarType::F64,
        ScalarType::Complex128,
        ScalarType::I1,
        ScalarType::I8,
        ScalarType::I64,
    ] {
        for kind in dp_dialects::attributes::Reduction::ALL {
            let Some(combiner) = kind.combiner() else { continue };
            if !combiner.classes().is_some_and(|classes| classes.admits(dtype)) {
                continue;
            }
            for (which, dims, to) in [("first", "0", "3"), ("last", "1", "?"), ("all", "0, 1", "")] {
                let to = if to.is_empty() { format!("tensor<{dtype}>") } else { format!("tensor<{to}x{dtype}>") };
                let suffix = dtype.name().replace(['<', '>'], "");
                let name = format!("{}_{which}_{suffix}", kind.keyword());
                let from = format!("tensor<?x3x{dtype}>");
                text += &format!(
                    "func.func @{name}(%x: {from}) -> {to} {{\n  %y = array.reduce {} %x dims [{dims}] : {from}\n  \
                     return %y : {to}\n}}\n",
                    kind.keyword()
                );
                cases.push((name, dtype));
            }
        }
    }
    text += r#"
func.func @both(%x: tensor<?x2xf64>, %p: tensor<?x2xf64>) -> (tensor<?x2xf64>, tensor<?x2xi1>) {
  %y, %z = array.map(%x, %p) : (tensor<?x2xf64>, tensor<?x2xf64>) -> (tensor<?x2xf64>, tensor<?x2xi1>) {
  ^bb0(%a: f64, %b: f64):
    %s = scalar.sin %a : f64
    %r = scalar.mul %s, %b : f64
    %c = scalar.compare lt %r, %a : f64
    array.yield %r, %c : f64, i1
  }
  return %y, %z : tensor<?x2xf64>, tensor<?x2xi1>
}
"#;
    let differential = Contest::new(&text);
    for (name, dtype) in cases {
        for n in [0, 1, 9] {
            differential.check(&name, &[tensor(dtype, &[n, 3])], 64.0);
        }
    }
    for n in [0, 1, 7] {
        differential.check("both", &[tensor(ScalarType::F64, &[n, 2]), tensor(ScalarType::F64, &[n, 2])], 8.0);
    }
}

/// A form of `array.dot`: its name, the batch and contracting dimensions in MLIR syntax, and the names of the
/// dimensions of the operands and the result.
type Form = (&'static str, &'static str, &'static str, &'static str, [&'static [&'static str]; 3]);

#[test]
fn contractions() {
    let forms: [Form; 8] = [
        ("plain", "", "[1]", "[0]", [&["m", "k"], &["k", "n"], &["m", "n"]]),
        ("right", "", "[1]", "[1]", [&["m", "k"], &["n", "k"], &["m", "n"]]),
        ("left", "", "[0]", "[0]", [&["k", "m"], &["k", "n"], &["m", "n"]]),
        ("vector", "", "[1]", "[0]", [&["m", "k"], &["k"], &["m"]]),
        ("row", "", "[0]", "[0]", [&["k"], &["k", "n"], &["n"]]),
        ("inner", "", "[0]", "[0]", [&["k"], &["k"], &[]]),
        ("outer", "", "[]", "[]", [&["m"], &["n"], &["m", "n"]]),
        (
            "batched",
            "batch [0] with [2] ",
            "[1, 3]",
            "[1, 0]",
            [&["b", "k", "m", "l"], &["l", "k", "b", "n"], &["b", "m", "n"]],
        ),
    ];
    let types = [ScalarType::F16, ScalarType::F32, ScalarType::F64, ScalarType::Complex64, ScalarType::I32];
    let mut text = String::new();
    for dtype in types {
        for (name, batch, left, right, dims) in &forms {
            let r#type = |dims: &[&str]| {
                let extents: String = dims.iter().map(|_| "?x").collect();
                format!("tensor<{extents}{dtype}>")
            };
            let [a, b, y] = dims.map(r#type);
            let suffix = dtype.name().replace(['<', '>'], "");
            text += &format!(
                "func.func @{name}_{suffix}(%a: {a}, %b: {b}) -> {y} {{\n  %y = array.dot %a, %b {batch}contract {left} \
                 with {right} : {a}, {b}\n  return %y : {y}\n}}\n"
            );
        }
    }
    text += "func.func @fixed(%a: tensor<4x64xf32>, %b: tensor<64x10xf32>) -> tensor<4x10xf32> {
      %y = array.dot %a, %b contract [1] with [0] : tensor<4x64xf32>, tensor<64x10xf32>
      return %y : tensor<4x10xf32>
    }\n";
    let differential = Contest::new(&text);
    let sizes: [[u64; 5]; 6] =
        [[1, 1, 1, 1, 1], [3, 5, 7, 2, 2], [17, 33, 9, 3, 2], [0, 4, 3, 2, 1], [3, 4, 0, 2, 0], [40, 70, 65, 2, 3]];
    for dtype in types {
        for (name, _, _, _, dims) in &forms {
            for size in sizes {
                let shape = |dims: &[&str]| -> Vec<u64> {
                    dims.iter().map(|dim| size["mnkbl".find(dim).unwrap_or_default()]).collect()
                };
                let name = format!("{name}_{}", dtype.name().replace(['<', '>'], ""));
                let arguments = [tensor(dtype, &shape(dims[0])), tensor(dtype, &shape(dims[1]))];
                differential.check(&name, &arguments, if dtype == ScalarType::F16 { 64.0 } else { 2000.0 });
            }
        }
    }
    differential.check("fixed", &[tensor(ScalarType::F32, &[4, 64]), tensor(ScalarType::F32, &[64, 10])], 2000.0);
}

#[test]
fn reshapes_to_several_unknown_extents() {
    let differential = Contest::new(
        r#"
func.func @split(%x: tensor<?x?xf64>, %m: index) -> tensor<?x4x?xf64> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf64>
  %y = array.reshape %x extents(%n, %m) : tensor<?x?xf64> to tensor<?x4x?xf64>
  return %y : tensor<?x4x?xf64>
}
func.func @part(%x: tensor<?xf64>, %n: index, %m: index) -> tensor<?x2x?xf64> {
  %s = scalar.sin %x : tensor<?xf64>
  %y = array.reshape %s extents(%n, %m) : tensor<?xf64> to tensor<?x4x?xf64>
  %z = array.slice %y starts [0, 1, 0] strides [1, 2, 1] extents(%n, %m) : tensor<?x4x?xf64> to tensor<?x2x?xf64>
  %w = scalar.mul %z, %z : tensor<?x2x?xf64>
  return %w : tensor<?x2x?xf64>
}"#,
    );
    for (n, m) in [(2, 3), (1, 1), (0, 5), (3, 0)] {
        let (rows, columns) = (n as u64, m as u64);
        differential.check("split", &[tensor(ScalarType::F64, &[rows, 4 * columns]), index(m)], 0.0);
        differential.check("part", &[tensor(ScalarType::F64, &[rows * 4 * columns]), index(n), index(m)], 4.0);
    }
    let wrong = differential.call(Contest::targets()[0], "split", &[tensor(ScalarType::F64, &[2, 12]), index(4)]);
    assert!(wrong.is_err(), "another number of elements is an error");
}

#[test]
fn control_flow_on_tensors() {
    let differential = Contest::new(
        r#"
func.func @choose(%p: i1, %x: tensor<?xf64>) -> tensor<?xf64> {
  %y = scf.if %p -> tensor<?xf64> {
    %s = scalar.sin %x : tensor<?xf64>
    scf.yield %s : tensor<?xf64>
  } else {
    scf.yield %x : tensor<?xf64>
  }
  return %y : tensor<?xf64>
}
func.func @iterate(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> tensor<?xf64> {
    %c = scalar.cos %s : tensor<?xf64>
    %d = scalar.add %c, %x : tensor<?xf64>
    scf.yield %d : tensor<?xf64>
  }
  return %y : tensor<?xf64>
}
func.func @collatz(%n: i64) -> i64 {
  %zero = scalar.constant 0 : i64
  %one = scalar.constant 1 : i64
  %two = scalar.constant 2 : i64
  %three = scalar.constant 3 : i64
  %r:2 = scf.while (%a = %n, %steps = %zero) : (i64, i64) -> (i64, i64) {
    %more = scalar.compare gt %a, %one : i64
    scf.condition(%more) %a, %steps : i64, i64
  } do {
  ^bb0(%a: i64, %steps: i64):
    %odd = scalar.rem %a, %two : i64
    %is_odd = scalar.compare eq %odd, %one : i64
    %half = scalar.div %a, %two : i64
    %triple = scalar.mul %a, %three : i64
    %up = scalar.add %triple, %one : i64
    %next = scalar.select %is_odd, %up, %half : i1, i64
    %count = scalar.add %steps, %one : i64
    scf.yield %next, %count : i64, i64
  }
  return %r#1 : i64
}
func.func @same(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  return %x, %x : tensor<?xf32>, tensor<?xf32>
}
"#,
    );
    let x = tensor(ScalarType::F64, &[5]);
    for p in [0, 1] {
        differential.check("choose", &[Literal::number(ScalarType::I1, Number::Integer(p)), x.clone()], 8.0);
    }
    for n in [0, 1, 2, 5] {
        differential.check("iterate", &[x.clone(), index(n)], 16.0);
    }
    let start = [Literal::number(ScalarType::I64, Number::Integer(27))];
    let steps = differential.call(Contest::targets()[0], "collatz", &start).expect("the loop runs");
    assert_eq!(steps[0].as_number::<i64>(), Some(111));
    differential.check("collatz", &start, 0.0);
    differential.check("same", &[tensor(ScalarType::F32, &[3])], 0.0);
}

/// Not on XLA, which does not support recursion.
#[test]
fn recursion() {
    let pair = Pair::new(
        r#"
func.func private @fib(%n: i32) -> i32 {
  %one = scalar.constant 1 : i32
  %small = scalar.compare le %n, %one : i32
  %y = scf.if %small -> i32 {
    scf.yield %n : i32
  } else {
    %two = scalar.constant 2 : i32
    %a = scalar.sub %n, %one : i32
    %b = scalar.sub %n, %two : i32
    %fa = func.call @fib(%a) : (i32) -> i32
    %fb = func.call @fib(%b) : (i32) -> i32
    %s = scalar.add %fa, %fb : i32
    scf.yield %s : i32
  }
  return %y : i32
}
func.func @fibonacci(%n: i32) -> i32 {
  %y = func.call @fib(%n) : (i32) -> i32
  return %y : i32
}
"#,
    );
    pair.check("fibonacci", &[Literal::number(ScalarType::I32, Number::Integer(12))], 0.0);
}

#[test]
fn what_does_not_fit_is_a_status() {
    let differential = Contest::new(
        r#"
func.func @sum(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %z = scalar.add %x, %y : tensor<?xf32>
  return %z : tensor<?xf32>
}
func.func @box(%x: tensor<?xf32>) -> tensor<4xf32> {
  %z = array.slice %x starts [0] strides [2] : tensor<?xf32> to tensor<4xf32>
  return %z : tensor<4xf32>
}
func.func @count(%n: index) -> tensor<?xf32> {
  %y = array.iota dim 0 extents(%n) : tensor<?xf32>
  return %y : tensor<?xf32>
}
func.func @folded(%x: tensor<?xf32>, %n: index) -> tensor<?x2xf32> {
  %y = array.reshape %x extents(%n) : tensor<?xf32> to tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
"#,
    );
    let x = |n: u64| tensor(ScalarType::F32, &[n]);
    let fails = |function: &str, arguments: &[Literal], message: &str| {
        let error = differential.call(Contest::targets()[0], function, arguments).expect_err("the extents do not fit");
        assert!(error.contains(message), "{error}");
    };
    fails("sum", &[x(3), x(4)], "the operands of 'scalar.add' differ in the extent of dimension 0");
    fails("box", &[x(6)], "is out of bounds");
    fails("count", &[index(-1)], "negative");
    fails("folded", &[x(5), index(2)], "the number of elements");
    assert!(differential.call(Contest::targets()[0], "box", &[x(7)]).is_ok());
}
