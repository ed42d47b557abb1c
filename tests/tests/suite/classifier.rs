//! The digits classifier: its gradient against the adjoint written by hand.

use crate::derivatives::{Argument, Random};
use crate::programs::{Program, run};
use dp_dialects::{DType, Literal};

const MODEL: &str = include_str!("../../../examples/digits/model.mlir");
const BY_HAND: &str = include_str!("../../lit/simplify/Inputs/digits-by-hand.mlir");

const SIGNATURE: &str = "(tensor<64x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>, tensor<?x64xf32>, tensor<?xi32>) -> (f32, tensor<64x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>)";

/// What a careful person writes and what differentiation and simplification
/// find agree in every number, to the precision of f32.
#[test]
fn the_gradient_is_what_one_writes_by_hand() {
    let asks = format!(
        "func.func @found(%w1: tensor<64x64xf32>, %b1: tensor<64xf32>, %w2: tensor<64x10xf32>, %b2: tensor<10xf32>,
    %x: tensor<?x64xf32>, %labels: tensor<?xi32>)
    -> (f32, tensor<64x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>) {{
  %r:5 = ad.grad @loss(%w1, %b1, %w2, %b2, %x, %labels) wrt [0, 1, 2, 3] : {SIGNATURE}
  return %r#0, %r#1, %r#2, %r#3, %r#4 : f32, tensor<64x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>
}}"
    );
    let program = Program::new("digits", &format!("{MODEL}{BY_HAND}{asks}"), &["ad", "simplify"]);
    let mut random = Random(11);
    let rows = 7;
    let mut draw = |dtype, shape: &[u64], range| Argument::tensor(dtype, shape, &[], range).draw(&mut random);
    let arguments: Vec<Literal> = vec![
        draw(DType::F32, &[64, 64], (-0.2, 0.2)),
        draw(DType::F32, &[64], (-0.2, 0.2)),
        draw(DType::F32, &[64, 10], (-0.5, 0.5)),
        draw(DType::F32, &[10], (-0.2, 0.2)),
        draw(DType::F32, &[rows, 64], (0.0, 1.0)),
        draw(DType::I32, &[rows], (0.0, 10.0)),
    ];
    let (found, by_hand) = (run(&program, "found", arguments.clone()), run(&program, "by_hand", arguments));
    for (found, by_hand) in found.iter().zip(&by_hand) {
        let largest = by_hand.iter().map(|x| x.re().abs()).fold(0.0, f64::max);
        for (a, b) in found.iter().zip(by_hand.iter()) {
            assert!((a.re() - b.re()).abs() <= 2e-6 * largest, "{} against {}", a.re(), b.re());
        }
    }
}
