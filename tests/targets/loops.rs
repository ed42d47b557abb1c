//! Counted loops, signed and unsigned, up to the limits of their types.

use super::differential::Contest;
use crate::programs::Program;
use dp_dialects::{Literal, Number, ScalarType};

/// Two loops with the same bounds: the result of the first depends on the values of the induction variable and their
/// order, the second stores each value at its index, which is a single kernel on a device. The first loop is also
/// tested in the body of a map, for all cases at once, except for `index`, of which there are no tensors.
fn counting(dtype: &str, sign: &str) -> String {
    let (wide, place, annotation) = match dtype {
        "index" => ("arith.index_cast %i : index to i64".into(), "arith.addi %d, %c0 : index".into(), String::new()),
        "i64" => ("scalar.add %i, %start : i64".into(), "arith.index_cast %d : i64 to index".into(), " : i64".into()),
        _ => (
            format!("scalar.convert %i : {dtype} to i64"),
            format!("arith.index_cast %d : {dtype} to index"),
            format!(" : {dtype}"),
        ),
    };
    let body = format!(
        "%j = {wide}
    %t = scalar.mul %s, %k : i64
    %u = scalar.add %t, %j : i64
    %v = scalar.add %u, %k : i64
    scf.yield %v : i64"
    );
    format!(
        "func.func @count_{dtype}{sign}(%from: {dtype}, %to: {dtype}, %step: {dtype}) -> i64 {{
  %start = scalar.constant 0 : i64
  %k = scalar.constant 1000003 : i64
  %y = scf.for {sign} %i = %from to %to step %step iter_args(%s = %start) -> (i64){annotation} {{
    {body}
  }}
  return %y : i64
}}
func.func @write_{dtype}{sign}(%from: {dtype}, %to: {dtype}, %step: {dtype}, %x: tensor<16xi64>) -> tensor<16xi64> {{
  %c0 = arith.constant 0 : index
  %start = scalar.constant 0 : i64
  %y = scf.for {sign} %i = %from to %to step %step iter_args(%t = %x) -> (tensor<16xi64>){annotation} {{
    %d = arith.subi %i, %from : {dtype}
    %p = {place}
    %j = {wide}
    %u = tensor.from_elements %j : tensor<1xi64>
    %z = array.update_slice accumulate %t, %u starts [%p] : tensor<16xi64>, tensor<1xi64>
    scf.yield %z : tensor<16xi64>
  }}
  return %y : tensor<16xi64>
}}
"
    ) + &if dtype == "index" {
        String::new()
    } else {
        format!("func.func @map_{dtype}{sign}(%a: tensor<?x{dtype}>, %b: tensor<?x{dtype}>, %c: tensor<?x{dtype}>) -> tensor<?xi64> {{
  %y = array.map(%a, %b, %c) : (tensor<?x{dtype}>, tensor<?x{dtype}>, tensor<?x{dtype}>) -> (tensor<?xi64>) {{
  ^bb0(%from: {dtype}, %to: {dtype}, %step: {dtype}):
    %k = scalar.constant 1000003 : i64
    %start = scalar.constant 0 : i64
    %r = scf.for {sign} %i = %from to %to step %step iter_args(%s = %start) -> (i64){annotation} {{
    {body}
    }}
    array.yield %r : i64
  }}
  return %y : tensor<?xi64>
}}
")
    }
}

/// The minimum and maximum of a type.
fn ends(dtype: ScalarType) -> (i64, i64) {
    let least = i64::MIN >> (64 - dtype.bits());
    (least, !least)
}

#[test]
fn loops_up_to_the_limits_of_types() {
    let x = Literal::tensor(ScalarType::I64, vec![16], (0..16).map(Number::Integer).collect());
    for (name, dtype) in [
        ("i8", ScalarType::I8),
        ("i16", ScalarType::I16),
        ("i32", ScalarType::I32),
        ("i64", ScalarType::I64),
        ("index", ScalarType::Index),
    ] {
        let differential = Contest::new(&["", "unsigned"].map(|sign| counting(name, sign)).concat());
        let (least, most) = ends(dtype);
        let signed = [
            [0, 9, 2],
            [0, 9, 3],
            [9, 0, 3],
            [0, most, most - 27],
            [most - 5, most, 2],
            [most - 5, most, 3],
            [least, most, most],
            [-1, most, most],
            [least, least + 1, most],
        ];
        let unsigned = [
            [0, 9, 2],
            [9, 0, 3],
            [most - 7, least + 2, 1],
            [-9, -2, 5],
            [-9, -1, 4],
            [0, -1, least],
            [0, -1, -3],
            [-1, 0, 1],
        ];
        for (sign, cases) in [("", &signed[..]), ("unsigned", &unsigned[..])] {
            for case in cases {
                let mut arguments = case.map(|value| Literal::number(dtype, Number::Integer(value))).to_vec();
                differential.check(&format!("count_{name}{sign}"), &arguments, 0.0);
                arguments.push(x.clone());
                differential.check(&format!("write_{name}{sign}"), &arguments, 0.0);
            }
            if dtype == ScalarType::Index {
                continue;
            }
            let all = |which: usize| cases.iter().map(|case| Number::Integer(case[which])).collect();
            let arguments = [0, 1, 2].map(|which| Literal::tensor(dtype, vec![cases.len() as u64], all(which)));
            differential.check(&format!("map_{name}{sign}"), &arguments, 0.0);
        }
    }
}

/// A nonpositive step is a run-time error.
#[test]
fn steps_are_positive() {
    for (sign, step) in [("", 0), ("", -1), ("unsigned", 0)] {
        let differential = Contest::new(&counting("i32", sign));
        let numbers = |values: [i64; 3]| values.map(|value| Literal::number(ScalarType::I32, Number::Integer(value)));
        let (name, arguments) = (format!("count_i32{sign}"), numbers([0, 9, step]));
        for target in Contest::targets() {
            let error = differential.call(target, &name, &arguments).err().unwrap_or_default();
            assert!(error.contains("the step of the loop is not positive"), "{target}: {error}");
        }
    }
}

/// A loop in a loop, of which the outer one yields its arguments in swapped order: the two results must not share
/// memory.
#[test]
fn carried_values_are_swapped() {
    let differential = Contest::new(
        "func.func @f(%x: tensor<?xf64>, %n: index) -> (tensor<?xf64>, tensor<?xf64>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %y, %z = scf.for %i = %zero to %n step %one iter_args(%a = %x, %b = %x) -> (tensor<?xf64>, tensor<?xf64>) {
    %c = scf.for %j = %zero to %i step %one iter_args(%d = %b) -> (tensor<?xf64>) {
      %e = scalar.neg %d : tensor<?xf64>
      %g = scalar.add %e, %x : tensor<?xf64>
      scf.yield %g : tensor<?xf64>
    }
    scf.yield %c, %a : tensor<?xf64>, tensor<?xf64>
  }
  return %y, %z : tensor<?xf64>, tensor<?xf64>
}
",
    );
    for values in [vec![], vec![f64::INFINITY], vec![0.5, 1.0, f64::NAN]] {
        let x =
            Literal::tensor(ScalarType::F64, vec![values.len() as u64], values.into_iter().map(Number::Real).collect());
        for rounds in [0, 1, 5] {
            differential.check("f", &[x.clone(), Literal::number(ScalarType::Index, Number::Integer(rounds))], 0.0);
        }
    }
}

/// Unstructured control flow on every target: a loop with two entries and two exits, and one that carries a scalar.
#[test]
fn loops_of_blocks() {
    let text = "func.func @two_ways(%n: i64, %c: i1) -> i64 {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %two = arith.constant 2 : i64
  cf.cond_br %c, ^a(%n : i64), ^b(%n : i64)
^a(%i: i64):
  %j = arith.subi %i, %one : i64
  %s = arith.cmpi slt, %j, %zero : i64
  cf.cond_br %s, ^done(%j : i64), ^b(%j : i64)
^b(%k: i64):
  %l = arith.subi %k, %two : i64
  %t = arith.cmpi slt, %l, %zero : i64
  cf.cond_br %t, ^out(%l : i64), ^a(%l : i64)
^done(%r: i64):
  %m = arith.muli %r, %two : i64
  return %m : i64
^out(%q: i64):
  return %q : i64
}
func.func @power(%x: f64, %n: i64) -> f64 {
  %one = arith.constant 1.0 : f64
  %step = arith.constant 1 : i64
  %zero = arith.constant 0 : i64
  cf.br ^loop(%one, %n : f64, i64)
^loop(%p: f64, %i: i64):
  %ends = arith.cmpi sle, %i, %zero : i64
  cf.cond_br %ends, ^done, ^body
^body:
  %q = arith.mulf %p, %x : f64
  %j = arith.subi %i, %step : i64
  cf.br ^loop(%q, %j : f64, i64)
^done:
  return %p : f64
}";
    let differential = Contest::new(&Program::new("blocks", text, &["lift-control-flow", "raise-to-scalar"]).text());
    let number = |number: i64| Literal::number(ScalarType::I64, Number::Integer(number));
    for n in 0..8 {
        for c in [0, 1] {
            differential.check("two_ways", &[number(n), Literal::number(ScalarType::I1, Number::Integer(c))], 0.0);
        }
        differential.check("power", &[Literal::number(ScalarType::F64, Number::Real(1.25)), number(n)], 0.0);
    }
}

/// Updates of tensors from outside, and what a case yields unchanged, leave those tensors as they are.
#[test]
fn tensors_from_outside_stay_as_they_are() {
    let text = "func.func @invariant(%x: f64, %t: tensor<3xf64>) -> tensor<3xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %u = scalar.add %t, %t : tensor<3xf64>
  %e = tensor.from_elements %x : tensor<1xf64>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %t) -> tensor<3xf64> {
    %b = array.update_slice %u, %e starts [%i] : tensor<3xf64>, tensor<1xf64>
    scf.yield %b : tensor<3xf64>
  }
  return %r : tensor<3xf64>
}
func.func @unchanged(%t: tensor<3xf64>, %p: index) -> (tensor<3xf64>, tensor<3xf64>) {
  %z = scalar.constant 0.0 : f64
  %c1 = arith.constant 1 : index
  %e = tensor.from_elements %z : tensor<1xf64>
  %b = scalar.add %t, %t : tensor<3xf64>
  %a = scf.index_switch %p -> tensor<3xf64>
  case 2 {
    %u = array.update_slice %b, %e starts [0] : tensor<3xf64>, tensor<1xf64>
    scf.yield %u : tensor<3xf64>
  }
  case 3 {
    scf.yield %t : tensor<3xf64>
  }
  default {
    scf.yield %b : tensor<3xf64>
  }
  %r = array.update_slice %a, %e starts [%c1] : tensor<3xf64>, tensor<1xf64>
  return %r, %b : tensor<3xf64>, tensor<3xf64>
}";
    let differential = Contest::new(text);
    let real = Number::Real;
    let tensor = || Literal::tensor(ScalarType::F64, vec![3], vec![real(1.0), real(2.0), real(3.0)]);
    differential.check("invariant", &[Literal::number(ScalarType::F64, real(9.0)), tensor()], 0.0);
    for place in [0, 2, 3] {
        differential.check("unchanged", &[tensor(), Literal::number(ScalarType::Index, Number::Integer(place))], 0.0);
    }
}

/// Functions as values, selected and carried by a loop, and their derivative.
#[test]
fn functions_as_values() {
    let text = "func.func private @double(%x: f64) -> f64 {
  %y = scalar.add %x, %x : f64
  return %y : f64
}
func.func private @square(%x: f64) -> f64 {
  %y = scalar.mul %x, %x : f64
  return %y : f64
}
func.func private @alternate(%x: f64, %k: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %f = func.constant @double : (f64) -> f64
  %g = func.constant @square : (f64) -> f64
  %even = arith.cmpi eq, %k, %c0 : index
  %p = arith.select %even, %f, %g : (f64) -> f64
  %q = arith.select %even, %g, %f : (f64) -> f64
  %r:3 = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %p, %b = %q, %y = %x)
      -> ((f64) -> f64, (f64) -> f64, f64) {
    %z = func.call_indirect %a(%y) : (f64) -> f64
    scf.yield %b, %a, %z : (f64) -> f64, (f64) -> f64, f64
  }
  return %r#2 : f64
}
func.func @forward(%x: f64, %k: index, %dx: f64) -> (f64, f64) {
  %v:2 = ad.jvp @alternate(%x, %k, %dx) wrt [0] : (f64, index, f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}";
    let passes = ["lower-function-values", "raise-to-scalar", "ad"];
    let differential = Contest::new(&Program::new("function values", text, &passes).text());
    for place in [0, 1] {
        let arguments = [
            Literal::number(ScalarType::F64, Number::Real(0.75)),
            Literal::number(ScalarType::Index, Number::Integer(place)),
            Literal::number(ScalarType::F64, Number::Real(2.0)),
        ];
        differential.check("forward", &arguments, 0.0);
    }
}
