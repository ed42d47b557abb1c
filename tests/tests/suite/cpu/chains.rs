//! Many reads of one tensor and the many insertions that their adjoints are, and loops that carry tensors: against the
//! interpreter, before and after differentiation; and what differentiation makes of them, by the count of operations.

use super::library::Pair;
use crate::programs::Program;
use dp_dialects::{Literal, Number, ScalarType};
use std::fmt::Write as _;

/// A program that reads a tensor of these extents: the sum of a function of each read. `read` says how one is written,
/// as an operation and its type.
fn reading(shape: &str, count: usize, read: impl Fn(usize) -> (String, &'static str, usize)) -> String {
    let mut text = format!("func.func private @f(%x: tensor<{shape}xf64>, %i: index) -> f64 {{\n");
    text += "  %a0 = scalar.constant 0.0 : f64\n";
    for index in 0..count {
        let (made, r#type, rank) = read(index);
        let scale = 1.0 + index as f64;
        let _ = write!(
            text,
            "{}\n  %s{index} = scalar.sin %e{index} : {type}\n  %m{index} = scalar.mul %s{index}, %s{index} : {type}\n",
            made.replace("%e ", &format!("%e{index} "))
        );
        if rank > 0 {
            let dims = (0..rank).map(|dim| dim.to_string()).collect::<Vec<_>>().join(", ");
            let _ = write!(
                text,
                "  %r{index} = array.reduce add %m{index} dims [{dims}] : {type}\n  \
                 %t{index} = tensor.extract %r{index}[] : tensor<f64>\n"
            );
        } else {
            let _ = writeln!(text, "  %t{index} = scalar.mul %m{index}, %m{index} : f64");
        }
        let _ = write!(
            text,
            "  %c{index} = scalar.constant {scale:?} : f64\n  %p{index} = scalar.mul %t{index}, %c{index} : f64\n  \
             %a{} = scalar.add %a{index}, %p{index} : f64\n",
            index + 1
        );
    }
    let _ = write!(
        text,
        "  return %a{count} : f64\n}}\nfunc.func @g(%x: tensor<{shape}xf64>, %i: index) -> (f64, tensor<{shape}xf64>) {{\n  \
         %v, %d = ad.grad @f(%x, %i) wrt [0] : (tensor<{shape}xf64>, index) -> (f64, tensor<{shape}xf64>)\n  \
         return %v, %d : f64, tensor<{shape}xf64>\n}}\n"
    );
    text
}

fn extract(places: &[usize], shape: &'static str) -> String {
    let mut text = String::new();
    for (dim, place) in places.iter().enumerate() {
        let _ = writeln!(text, "  %at{dim}_%e = arith.constant {place} : index");
    }
    let list = (0..places.len()).map(|dim| format!("%at{dim}_%e")).collect::<Vec<_>>().join(", ");
    let _ = write!(text, "  %e = tensor.extract %x[{list}] : tensor<{shape}xf64>");
    text
}

/// Positions have names of their own for each read.
fn numbered(text: String, index: usize) -> String {
    text.replace("_%e", &format!("_{index}"))
}

fn programs() -> Vec<(&'static str, Vec<u64>, String)> {
    let row = |start: String, count: usize| {
        format!("  %e = array.slice %x starts [{start}] strides [1] : tensor<60xf64> to tensor<{count}xf64>")
    };
    vec![
        ("every element", vec![60], reading("60", 60, |k| (numbered(extract(&[59 - k], "60"), k), "f64", 0))),
        ("some elements twice", vec![60], reading("60", 40, |k| (numbered(extract(&[k * 7 % 23], "60"), k), "f64", 0))),
        (
            "few of many",
            vec![60, 20],
            reading("60x20", 30, |k| (numbered(extract(&[k * 11 % 60, k * 3 % 20], "60x20"), k), "f64", 0)),
        ),
        ("of unknown many", vec![60], reading("?", 30, |k| (numbered(extract(&[k * 7 % 60], "?"), k), "f64", 0))),
        ("neighbours", vec![60], reading("60", 20, |k| (row((3 * k).to_string(), 3), "tensor<3xf64>", 1))),
        (
            "neighbours with gaps",
            vec![60],
            reading("60", 19, |k| (row((3 * k + 1).to_string(), 2), "tensor<2xf64>", 1)),
        ),
        ("overlapping", vec![60], reading("60", 40, |k| (row(k.to_string(), 5), "tensor<5xf64>", 1))),
        (
            "at places known at run time",
            vec![60],
            reading("60", 20, |k| {
                (if k % 2 == 0 { row("%i".into(), 4) } else { row(k.to_string(), 4) }, "tensor<4xf64>", 1)
            }),
        ),
        (
            "blocks of a matrix",
            vec![12, 10],
            reading("12x10", 24, |k| {
                let (i, j) = (k / 4 * 2, k % 4 * 2 + 1);
                let text = format!(
                    "  %e = array.slice %x starts [{i}, {j}] strides [1, 1] : tensor<12x10xf64> to tensor<2x2xf64>"
                );
                (text, "tensor<2x2xf64>", 2)
            }),
        ),
    ]
}

fn argument(shape: &[u64]) -> Literal {
    let count = shape.iter().product::<u64>();
    let number = |index: u64| Number::Real(0.1 + (index * 37 % 101) as f64 / 40.0);
    Literal::tensor(ScalarType::F64, shape.to_vec(), (0..count).map(number).collect())
}

#[test]
fn many_reads_are_read_and_added_back() {
    for (name, shape, text) in programs() {
        let pair = Pair::new(&Program::new(name, &text, &["ad"]).text());
        let at = Literal::number(ScalarType::Index, Number::Integer(17));
        if let Some(difference) = pair.difference("g", &[argument(&shape), at], 64.0) {
            panic!("{name}: {difference}");
        }
    }
}

/// The gradient of n reads has some operations for each, and none that is as large as the tensor.
#[test]
fn reads_at_known_places_have_one_adjoint() {
    let count = |text: &str, name: &str| text.matches(name).count();
    for (name, _, text) in programs().into_iter().take(3).chain(programs().into_iter().skip(4).take(2)) {
        let text = Program::new(name, &text, &["ad"]).text();
        assert_eq!(count(&text, "array.update_slice") + count(&text, "array.pad"), 0, "{name}:\n{text}");
        let whole = ["tensor.from_elements", "array.scatter", "array.concatenate"].map(|name| count(&text, name));
        assert!(whole.iter().sum::<usize>() <= 2, "{name}: {whole:?}\n{text}");
    }
}

/// Loops that carry grids of which all but the border is replaced, and two states of a wave.
const LOOPS: &str = "
func.func @heat(%u: tensor<?xf64>, %r: f64, %steps: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %u, %c0 : tensor<?xf64>
  %m = arith.subi %n, %c2 : index
  %rs = array.broadcast %r dims [] extents(%m) : f64 to tensor<?xf64>
  %end = scf.for %step = %c0 to %steps step %c1 iter_args(%now = %u) -> (tensor<?xf64>) {
    %left = array.slice %now starts [0] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %here = array.slice %now starts [1] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %right = array.slice %now starts [2] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %both = scalar.add %left, %right : tensor<?xf64>
    %bend = scalar.sub %both, %here : tensor<?xf64>
    %change = scalar.mul %rs, %bend : tensor<?xf64>
    %next = array.update_slice %now, %change starts [1] : tensor<?xf64>, tensor<?xf64>
    scf.yield %next : tensor<?xf64>
  }
  return %end : tensor<?xf64>
}
func.func @plate(%u: tensor<7x9xf64>, %r: f64, %steps: index) -> tensor<7x9xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rs = array.broadcast %r dims [] : f64 to tensor<5x7xf64>
  %end = scf.for %step = %c0 to %steps step %c1 iter_args(%now = %u) -> (tensor<7x9xf64>) {
    %up = array.slice %now starts [0, 1] strides [1, 1] : tensor<7x9xf64> to tensor<5x7xf64>
    %left = array.slice %now starts [1, 0] strides [1, 1] : tensor<7x9xf64> to tensor<5x7xf64>
    %right = array.slice %now starts [1, 2] strides [1, 1] : tensor<7x9xf64> to tensor<5x7xf64>
    %a = scalar.add %left, %right : tensor<5x7xf64>
    %b = scalar.sub %a, %up : tensor<5x7xf64>
    %c = scalar.mul %rs, %b : tensor<5x7xf64>
    %next = array.update_slice %now, %c starts [1, 1] : tensor<7x9xf64>, tensor<5x7xf64>
    scf.yield %next : tensor<7x9xf64>
  }
  return %end : tensor<7x9xf64>
}
func.func @wave(%u: tensor<8xf64>, %r: f64, %steps: index) -> (tensor<8xf64>, tensor<8xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rs = array.broadcast %r dims [] : f64 to tensor<8xf64>
  %end:2 = scf.for %step = %c0 to %steps step %c1 iter_args(%old = %u, %now = %u) -> (tensor<8xf64>, tensor<8xf64>) {
    %back = scalar.sin %now : tensor<8xf64>
    %s = scalar.mul %rs, %back : tensor<8xf64>
    %next = scalar.sub %s, %old : tensor<8xf64>
    scf.yield %now, %next : tensor<8xf64>, tensor<8xf64>
  }
  return %end#0, %end#1 : tensor<8xf64>, tensor<8xf64>
}
func.func @swap(%u: tensor<8xf64>, %r: f64, %steps: index) -> (tensor<8xf64>, tensor<8xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rs = array.broadcast %r dims [] : f64 to tensor<8xf64>
  %end:2 = scf.for %step = %c0 to %steps step %c1 iter_args(%a = %u, %b = %rs) -> (tensor<8xf64>, tensor<8xf64>) {
    %s = scalar.mul %rs, %a : tensor<8xf64>
    %t = scalar.add %s, %b : tensor<8xf64>
    scf.yield %t, %a : tensor<8xf64>, tensor<8xf64>
  }
  return %end#0, %end#1 : tensor<8xf64>, tensor<8xf64>
}";

#[test]
fn loops_carry_what_they_update() {
    let pair = Pair::new(LOOPS);
    let number = |value| Literal::number(ScalarType::F64, Number::Real(value));
    for steps in [0, 1, 2, 3, 7] {
        let steps = Literal::number(ScalarType::Index, Number::Integer(steps));
        for extent in [2, 3, 9, 40] {
            pair.check("heat", &[argument(&[extent]), number(0.25), steps.clone()], 16.0);
        }
        pair.check("plate", &[argument(&[7, 9]), number(0.3), steps.clone()], 16.0);
        pair.check("wave", &[argument(&[8]), number(0.3), steps.clone()], 64.0);
        pair.check("swap", &[argument(&[8]), number(0.3), steps.clone()], 16.0);
    }
}
