//! Loops, and the choice among many regions.

use super::library::Pair;
use crate::programs::Program;
use dp_dialects::{Literal, Number, ScalarType};

fn integer(dtype: ScalarType, value: i64) -> Literal {
    Literal::number(dtype, Number::Integer(value))
}

fn index(value: i64) -> Literal {
    integer(ScalarType::Index, value)
}

fn tensor(elements: &[f64]) -> Literal {
    Literal::tensor(ScalarType::F64, vec![elements.len() as u64], elements.iter().copied().map(Number::Real).collect())
}

/// A loop whose result says which numbers it counted, in which order.
fn counting(dtype: &str, sign: &str) -> String {
    let widened = match dtype {
        "index" => "%j = arith.index_cast %i : index to i64".to_string(),
        "i64" => "%j = scalar.add %i, %start : i64".to_string(),
        _ => format!("%j = scalar.convert %i : {dtype} to i64"),
    };
    let annotation = if dtype == "index" { String::new() } else { format!(" : {dtype}") };
    let name = format!("count_{dtype}{sign}");
    format!(
        "func.func @{name}(%from: {dtype}, %to: {dtype}, %step: {dtype}) -> i64 {{
  %start = scalar.constant 0 : i64
  %k = scalar.constant 1000003 : i64
  %y = scf.for {sign} %i = %from to %to step %step iter_args(%s = %start) -> (i64){annotation} {{
    {widened}
    %t = scalar.mul %s, %k : i64
    %u = scalar.add %t, %j : i64
    %v = scalar.add %u, %k : i64
    scf.yield %v : i64
  }}
  return %y : i64
}}
"
    )
}

#[test]
fn loops_count_upwards() {
    let dtypes = [
        ("index", ScalarType::Index),
        ("i8", ScalarType::I8),
        ("i16", ScalarType::I16),
        ("i32", ScalarType::I32),
        ("i64", ScalarType::I64),
    ];
    let text: String = dtypes.iter().flat_map(|(name, _)| ["", "unsigned"].map(|sign| counting(name, sign))).collect();
    let pair = Pair::new(&text);
    for (name, dtype) in dtypes {
        for [from, to, step] in
            [[0, 7, 1], [0, 0, 1], [5, 2, 1], [-3, 4, 2], [-3, 3, 2], [-9, -20, 3], [0, 1, 100], [-128, 100, 27]]
        {
            let arguments = [from, to, step].map(|value| integer(dtype, value));
            pair.check(&format!("count_{name}"), &arguments, 0.0);
            // A negative number is a great one here: far too many steps from there, or none.
            if from >= 0 || to < from {
                pair.check(&format!("count_{name}unsigned"), &arguments, 0.0);
            }
        }
        let great = [-16, -2, 5].map(|value| integer(dtype, value));
        pair.check(&format!("count_{name}unsigned"), &great, 0.0);
    }
}

#[test]
fn loops_carry_tensors() {
    let pair = Pair::new(
        r#"
func.func @fill(%x: tensor<?xf64>) -> (tensor<?xf64>, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %zero = scalar.constant 0.0 : f64
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x, %sum = %zero) -> (tensor<?xf64>, f64) {
    %e = tensor.extract %y[%i] : tensor<?xf64>
    %t = scalar.add %sum, %e : f64
    %u = tensor.from_elements %t : tensor<1xf64>
    %z = array.update_slice %y, %u starts [%i] : tensor<?xf64>, tensor<1xf64>
    scf.yield %z, %t : tensor<?xf64>, f64
  }
  return %r#0, %r#1 : tensor<?xf64>, f64
}
func.func @grow(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %twice = array.concatenate %t, %t dim 0 : tensor<?xf64>, tensor<?xf64>
    scf.yield %twice : tensor<?xf64>
  }
  return %y : tensor<?xf64>
}
func.func @triangle(%n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%s = %c0) -> index {
    %next = arith.addi %i, %c1 : index
    %t = scf.for %j = %c0 to %next step %c1 iter_args(%r = %s) -> index {
      %u = arith.addi %r, %j : index
      scf.yield %u : index
    }
    scf.yield %t : index
  }
  return %y : index
}
"#,
    );
    for count in 0..5 {
        let x: Vec<f64> = (0..count).map(|i| f64::from(i) - 1.5).collect();
        pair.check("fill", &[tensor(&x)], 0.0);
        pair.check("grow", &[tensor(&x), index(3)], 0.0);
        pair.check("grow", &[tensor(&x), index(0)], 0.0);
        pair.check("triangle", &[index(i64::from(count))], 0.0);
    }
}

/// What the condition hands on differs in number and type from what comes back.
#[test]
fn conditional_loops() {
    let pair = Pair::new(
        r#"
func.func @halve(%x: tensor<?xf64>, %limit: f64) -> (f64, tensor<?xf64>, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %half = scalar.constant 0.5 : f64
  %halves = array.broadcast %half dims [] extents(%n) : f64 to tensor<?xf64>
  %r:3 = scf.while (%y = %x, %k = %c0) : (tensor<?xf64>, index) -> (f64, tensor<?xf64>, index) {
    %t = array.reduce add %y dims [0] : tensor<?xf64>
    %s = tensor.extract %t[] : tensor<f64>
    %more = scalar.compare gt %s, %limit : f64
    scf.condition(%more) %s, %y, %k : f64, tensor<?xf64>, index
  } do {
  ^bb0(%s: f64, %y: tensor<?xf64>, %k: index):
    %z = scalar.mul %y, %halves : tensor<?xf64>
    %next = arith.addi %k, %c1 : index
    scf.yield %z, %next : tensor<?xf64>, index
  }
  return %r#0, %r#1, %r#2 : f64, tensor<?xf64>, index
}
func.func @choose(%i: index, %x: f64) -> (f64, index) {
  %r:2 = scf.index_switch %i -> f64, index
  case 2 {
    %y = scalar.add %x, %x : f64
    scf.yield %y, %i : f64, index
  }
  case -5 {
    %y = scalar.neg %x : f64
    %c = arith.constant 7 : index
    scf.yield %y, %c : f64, index
  }
  default {
    %c = arith.constant 1 : index
    scf.yield %x, %c : f64, index
  }
  return %r#0, %r#1 : f64, index
}
"#,
    );
    for limit in [0.25, 3.0, 100.0] {
        pair.check("halve", &[tensor(&[1.0, 4.0, 6.0]), Literal::number(ScalarType::F64, Number::Real(limit))], 0.0);
        pair.check("halve", &[tensor(&[]), Literal::number(ScalarType::F64, Number::Real(limit))], 0.0);
    }
    for number in [-5, -1, 0, 1, 2, 3] {
        pair.check("choose", &[index(number), Literal::number(ScalarType::F64, Number::Real(1.25))], 0.0);
    }
}

/// Records of residuals, on the host and on devices: recursion in loops, and loops in recursion.
#[test]
fn gradients_of_recursive_functions() {
    let text = "func.func private @tree(%x: f64, %d: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = scalar.constant 0.0 : f64
  %leaf = arith.cmpi eq, %d, %c0 : index
  %r = scf.if %leaf -> f64 {
    %s = scalar.mul %x, %x : f64
    scf.yield %s : f64
  } else {
    %less = arith.subi %d, %c1 : index
    %sum = scf.for %i = %c0 to %c2 step %c1 iter_args(%acc = %zero) -> f64 {
      %v = func.call @tree(%x, %less) : (f64, index) -> f64
      %p = scalar.mul %acc, %x : f64
      %q = scalar.add %p, %v : f64
      scf.yield %q : f64
    }
    scf.yield %sum : f64
  }
  return %r : f64
}
func.func @gradient(%x: f64, %d: index) -> (f64, f64) {
  %v:2 = ad.grad @tree(%x, %d) wrt [0] : (f64, index) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}
func.func @forward(%x: f64, %d: index, %dx: f64) -> (f64, f64) {
  %v:2 = ad.jvp @tree(%x, %d, %dx) wrt [0] : (f64, index, f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}";
    let pair = Pair::new(&Program::new("recursion", text, &["ad"]).text());
    let number = |value: f64| Literal::number(ScalarType::F64, Number::Real(value));
    for depth in [0, 1, 4] {
        pair.check("gradient", &[number(0.5), index(depth)], 0.0);
        pair.check("forward", &[number(0.5), index(depth), number(2.0)], 0.0);
    }
}
