//! Sorts, with static and dynamic extents.

use super::arrays::tensor;
use super::differential::Contest;
use dp_dialects::{Literal, Number, ScalarType};

/// Integers of which many are equal.
fn keys(shape: &[u64], of: i64) -> Literal {
    let count: u64 = shape.iter().product();
    let value = |index: u64| Number::Integer((index as i64 * 7919 + 13) % 1009 % of - of / 2);
    Literal::tensor(ScalarType::I32, shape.to_vec(), (0..count).map(value).collect())
}

/// The places of elements.
fn places(shape: &[u64]) -> Literal {
    let count: u64 = shape.iter().product();
    Literal::tensor(ScalarType::I64, shape.to_vec(), (0..count as i64).map(Number::Integer).collect())
}

#[test]
fn every_element_type() {
    let types = ScalarType::ALL.into_iter().filter(|dtype| *dtype != ScalarType::Index);
    let name = |dtype: ScalarType| format!("sort_{}", dtype.name().replace(['<', '>'], ""));
    let text = |dtype: ScalarType| {
        let before = match dtype {
            dtype if dtype.is_complex() => format!(
                "%re = scalar.real %a : {dtype}\n  %of = scalar.real %b : {dtype}\n  %l = scalar.compare lt %re, %of : {}",
                dtype.real()
            ),
            ScalarType::I1 => "%n = scalar.not %a : i1\n  %l = scalar.and %n, %b : i1".into(),
            dtype => format!("%l = scalar.compare lt %a, %b : {dtype}"),
        };
        format!(
            "func.func @{}(%x: tensor<?x{dtype}>, %p: tensor<?xi64>) -> (tensor<?x{dtype}>, tensor<?xi64>) {{
  %y, %q = array.sort(%x, %p) dim 0 : (tensor<?x{dtype}>, tensor<?xi64>) -> (tensor<?x{dtype}>, tensor<?xi64>) {{
  ^bb0(%a: {dtype}, %b: {dtype}, %c: i64, %d: i64):
  {before}
    array.yield %l : i1
  }}
  return %y, %q : tensor<?x{dtype}>, tensor<?xi64>
}}
",
            name(dtype)
        )
    };
    let types: Vec<ScalarType> = types.collect();
    let differential = Contest::new(&types.iter().map(|dtype| text(*dtype)).collect::<String>());
    for dtype in types {
        differential.check(&name(dtype), &[tensor(dtype, &[21]), places(&[21])], 0.0);
    }
}

#[test]
fn every_extent() {
    let differential = Contest::new(
        r#"
func.func @vector(%x: tensor<?xi32>, %p: tensor<?xi64>) -> (tensor<?xi32>, tensor<?xi64>) {
  %y, %q = array.sort(%x, %p) dim 0 : (tensor<?xi32>, tensor<?xi64>) -> (tensor<?xi32>, tensor<?xi64>) {
  ^bb0(%a: i32, %b: i32, %c: i64, %d: i64):
    %l = scalar.compare lt %a, %b : i32
    array.yield %l : i1
  }
  return %y, %q : tensor<?xi32>, tensor<?xi64>
}
func.func @known(%x: tensor<53xi32>, %p: tensor<53xi64>) -> (tensor<53xi32>, tensor<53xi64>) {
  %y, %q = array.sort(%x, %p) dim 0 : (tensor<53xi32>, tensor<53xi64>) -> (tensor<53xi32>, tensor<53xi64>) {
  ^bb0(%a: i32, %b: i32, %c: i64, %d: i64):
    %l = scalar.compare gt %a, %b : i32
    array.yield %l : i1
  }
  return %y, %q : tensor<53xi32>, tensor<53xi64>
}
func.func @columns(%x: tensor<?x3x?xi32>) -> tensor<?x3x?xi32> {
  %y = array.sort(%x) dim 0 : (tensor<?x3x?xi32>) -> tensor<?x3x?xi32> {
  ^bb0(%a: i32, %b: i32):
    %l = scalar.compare lt %a, %b : i32
    array.yield %l : i1
  }
  return %y : tensor<?x3x?xi32>
}
func.func @rows(%x: tensor<2x?x40xi32>) -> tensor<2x?x40xi32> {
  %y = array.sort(%x) dim 2 : (tensor<2x?x40xi32>) -> tensor<2x?x40xi32> {
  ^bb0(%a: i32, %b: i32):
    %l = scalar.compare lt %a, %b : i32
    array.yield %l : i1
  }
  return %y : tensor<2x?x40xi32>
}
func.func @middle(%x: tensor<2x?x3xi32>) -> tensor<2x?x3xi32> {
  %y = array.sort(%x) dim 1 : (tensor<2x?x3xi32>) -> tensor<2x?x3xi32> {
  ^bb0(%a: i32, %b: i32):
    %l = scalar.compare lt %a, %b : i32
    array.yield %l : i1
  }
  return %y : tensor<2x?x3xi32>
}
func.func @in_a_loop(%x: tensor<?xi32>, %n: index) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%z = %x) -> tensor<?xi32> {
    %y = array.sort(%z) dim 0 : (tensor<?xi32>) -> tensor<?xi32> {
    ^bb0(%a: i32, %b: i32):
      %l = scalar.compare lt %a, %b : i32
      array.yield %l : i1
    }
    %w = scalar.mul %y, %x : tensor<?xi32>
    scf.yield %w : tensor<?xi32>
  }
  return %r : tensor<?xi32>
}
"#,
    );
    for count in [0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 64, 65, 100, 200] {
        differential.check("vector", &[keys(&[count], 9), places(&[count])], 0.0);
    }
    differential.check("known", &[keys(&[53], 7), places(&[53])], 0.0);
    for shape in [[20, 3, 2], [0, 3, 2], [3, 3, 0], [1, 3, 5], [35, 3, 1]] {
        differential.check("columns", &[keys(&shape, 100)], 0.0);
    }
    differential.check("rows", &[keys(&[2, 3, 40], 100)], 0.0);
    differential.check("rows", &[keys(&[2, 0, 40], 100)], 0.0);
    differential.check("middle", &[keys(&[2, 37, 3], 100)], 0.0);
    let rounds = Literal::number(ScalarType::Index, Number::Integer(3));
    differential.check("in_a_loop", &[keys(&[37], 100), rounds], 0.0);
}

#[test]
fn several_keys() {
    let differential = Contest::new(
        r#"
func.func @two_keys(%x: tensor<?xi32>, %y: tensor<?xf32>, %p: tensor<?xi64>) -> (tensor<?xi32>, tensor<?xf32>, tensor<?xi64>) {
  %u, %v, %w = array.sort(%x, %y, %p) dim 0 : (tensor<?xi32>, tensor<?xf32>, tensor<?xi64>) -> (tensor<?xi32>, tensor<?xf32>, tensor<?xi64>) {
  ^bb0(%a: i32, %b: i32, %c: f32, %d: f32, %e: i64, %f: i64):
    %l = scalar.compare lt %a, %b : i32
    %s = scalar.compare eq %a, %b : i32
    %m = scalar.compare gt %c, %d : f32
    %t = scalar.and %s, %m : i1
    %r = scalar.or %l, %t : i1
    array.yield %r : i1
  }
  return %u, %v, %w : tensor<?xi32>, tensor<?xf32>, tensor<?xi64>
}
"#,
    );
    differential.check("two_keys", &[keys(&[70], 5), tensor(ScalarType::F32, &[70]), places(&[70])], 0.0);
}

#[test]
fn operands_that_differ_are_a_status() {
    let differential = Contest::new(
        r#"
func.func @pair(%x: tensor<?xi32>, %p: tensor<?xi64>) -> (tensor<?xi32>, tensor<?xi64>) {
  %y, %q = array.sort(%x, %p) dim 0 : (tensor<?xi32>, tensor<?xi64>) -> (tensor<?xi32>, tensor<?xi64>) {
  ^bb0(%a: i32, %b: i32, %c: i64, %d: i64):
    %l = scalar.compare lt %a, %b : i32
    array.yield %l : i1
  }
  return %y, %q : tensor<?xi32>, tensor<?xi64>
}
"#,
    );
    let arguments = [keys(&[5], 9), places(&[6])];
    let error = differential.call(Contest::targets()[0], "pair", &arguments).expect_err("the extents differ");
    assert!(error.contains("the operands of 'array.sort' differ in the extent of dimension 0"), "{error}");
}
