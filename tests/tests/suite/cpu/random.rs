//! Random programs on tensors, with results that share what they are made of:
//! what decides is where their memory is placed.

use super::library::Pair;
use crate::derivatives::Random;
use dp_dialects::{Literal, Number, ScalarType};

const FUNCTIONS: usize = 80;

/// Lines that make one more 3×3 matrix `%{new}` of two others.
fn step(choice: usize, new: usize, a: &str, b: &str, t: &str) -> String {
    match choice {
        0 => format!("%v{new} = scalar.add {a}, {b} : {t}"),
        1 => format!("%v{new} = scalar.mul {a}, {b} : {t}"),
        2 => format!("%v{new} = scalar.tanh {a} : {t}"),
        3 => format!("%v{new} = array.transpose {a} permutation [1, 0] : {t}"),
        4 => format!("%v{new} = array.dot {a}, {b} contract [1] with [0] : {t}, {t}"),
        5 => format!(
            "%s{new} = array.slice {b} starts [1, 0] strides [1, 1] : {t} to tensor<2x2xf64>
  %v{new} = array.update_slice {a}, %s{new} starts [0, 1] : {t}, tensor<2x2xf64>"
        ),
        6 => format!(
            "%s{new} = array.slice {b} starts [0, 0] strides [1, 1] : {t} to tensor<1x2xf64>
  %v{new} = array.update_slice accumulate {a}, %s{new} starts [2, 0] : {t}, tensor<1x2xf64>"
        ),
        7 => format!(
            "%s{new} = array.slice {a} starts [0, 0] strides [1, 1] : {t} to tensor<1x3xf64>
  %z{new} = array.constant dense<0.0> : tensor<2x3xf64>
  %c{new} = array.concatenate %z{new}, %s{new} dim 0 : tensor<2x3xf64>, tensor<1x3xf64>
  %v{new} = tensor.cast %c{new} : tensor<3x3xf64> to {t}"
        ),
        8 => format!(
            "%r{new} = array.reduce add {a} dims [1] : {t}
  %q{new} = tensor.cast %r{new} : {r} to tensor<3xf64>
  %w{new} = array.broadcast %q{new} dims [0] : tensor<3xf64> to tensor<3x3xf64>
  %v{new} = tensor.cast %w{new} : tensor<3x3xf64> to {t}",
            r = if t.contains('?') { "tensor<?xf64>" } else { "tensor<3xf64>" }
        ),
        _ => format!(
            "%k{new} = array.constant dense<0.5> : tensor<3x3xf64>
  %v{new} = tensor.cast %k{new} : tensor<3x3xf64> to {t}"
        ),
    }
}

#[test]
fn results_that_share_their_parts() {
    let mut random = Random(5);
    let mut below = |count: usize| ((random.unit() * count as f64) as usize).min(count - 1);
    let mut text = String::new();
    for function in 0..FUNCTIONS {
        let t = if function % 2 == 0 { "tensor<3x3xf64>" } else { "tensor<?x3xf64>" };
        let mut values = vec!["%x".to_string(), "%y".to_string()];
        let mut lines = Vec::new();
        for new in 0..2 + below(8) {
            let (a, b) = (values[below(values.len())].clone(), values[below(values.len())].clone());
            // Of dynamic ones only what keeps the type is made.
            let choice = below(10);
            let choice = if t.contains('?') && matches!(choice, 3 | 4) { choice - 3 } else { choice };
            lines.push(step(choice, new, &a, &b, t));
            values.push(format!("%v{new}"));
        }
        let results: Vec<String> = (0..2 + below(4)).map(|_| values[below(values.len())].clone()).collect();
        let types = vec![t; results.len()].join(", ");
        text += &format!(
            "func.func @f{function}(%x: {t}, %y: {t}) -> ({types}) {{\n  {}\n  return {} : {types}\n}}\n",
            lines.join("\n  "),
            results.join(", ")
        );
    }
    let pair = Pair::new(&text);
    let mut draw = || {
        let elements = (0..9).map(|_| Number::Real(2.0 * random.unit() - 1.0)).collect();
        Literal::tensor(ScalarType::F64, vec![3, 3], elements)
    };
    for function in 0..FUNCTIONS {
        pair.check(&format!("f{function}"), &[draw(), draw()], 1e4);
    }
}
