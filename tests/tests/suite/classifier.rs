//! The digits classifier: its gradient against the adjoint written by hand.

use crate::derivatives::{Argument, Random};
use crate::programs::{Program, run};
use dp_dialects::{Literal, ScalarType};

/// The model.
pub const MODEL: &str = include_str!("../../../examples/digits/model.mlir");
const BY_HAND: &str = include_str!("../../lit/simplify/Inputs/digits-by-hand.mlir");

/// A function of this name that asks for the gradient of the model's loss.
pub fn asking(name: &str) -> String {
    let arguments =
        "tensor<64x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>, tensor<?x64xf32>, tensor<?xi32>";
    let results = "f32, tensor<64x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>";
    let parameters: Vec<String> =
        arguments.split(", ").enumerate().map(|(index, r#type)| format!("%a{index}: {type}")).collect();
    format!(
        "func.func @{name}({}) -> ({results}) {{
  %r:5 = ad.grad @loss(%a0, %a1, %a2, %a3, %a4, %a5) wrt [0, 1, 2, 3] : ({arguments}) -> ({results})
  return %r#0, %r#1, %r#2, %r#3, %r#4 : {results}
}}
",
        parameters.join(", ")
    )
}

/// What a careful person writes and what differentiation and simplification
/// find agree in every number, to the precision of f32.
#[test]
fn the_gradient_is_what_one_writes_by_hand() {
    let program = Program::new("digits", &format!("{MODEL}{BY_HAND}{}", asking("found")), &["ad", "simplify"]);
    let mut random = Random(11);
    let rows = 7;
    let mut draw = |dtype, shape: &[u64], range| Argument::tensor(dtype, shape, &[], range).draw(&mut random);
    let arguments: Vec<Literal> = vec![
        draw(ScalarType::F32, &[64, 64], (-0.2, 0.2)),
        draw(ScalarType::F32, &[64], (-0.2, 0.2)),
        draw(ScalarType::F32, &[64, 10], (-0.5, 0.5)),
        draw(ScalarType::F32, &[10], (-0.2, 0.2)),
        draw(ScalarType::F32, &[rows, 64], (0.0, 1.0)),
        draw(ScalarType::I32, &[rows], (0.0, 10.0)),
    ];
    let (found, by_hand) = (run(&program, "found", arguments.clone()), run(&program, "by_hand", arguments));
    for (found, by_hand) in found.iter().zip(&by_hand) {
        let largest = by_hand.iter().map(|x| x.re().abs()).fold(0.0, f64::max);
        for (a, b) in found.iter().zip(by_hand.iter()) {
            assert!((a.re() - b.re()).abs() <= 2e-6 * largest, "{} against {}", a.re(), b.re());
        }
    }
}
