//! Sums and products of f16 and bf16: computed in f32 and rounded once, on every target.

use super::differential::Contest;
use dp_dialects::attributes::Reduction;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};

const COUNT: u64 = 5000;

/// Sums of many ones: in f16 they would stop growing at 2048, in bf16 at 256. All sums are exact, so their order does
/// not matter.
#[test]
fn of_halves_grow_beyond_their_digits() {
    let types = [ScalarType::F16, ScalarType::BF16];
    let program = |dtype: ScalarType| {
        format!(
            "func.func @sum_{dtype}(%x: tensor<?x{dtype}>) -> tensor<{dtype}> {{
               %s = array.reduce add %x dims [0] : tensor<?x{dtype}>
               return %s : tensor<{dtype}>
             }}
             func.func @columns_{dtype}(%x: tensor<?x3x{dtype}>) -> tensor<3x{dtype}> {{
               %s = array.reduce add %x dims [0] : tensor<?x3x{dtype}>
               return %s : tensor<3x{dtype}>
             }}
             func.func @product_{dtype}(%x: tensor<?x{dtype}>) -> tensor<{dtype}> {{
               %s = array.reduce mul %x dims [0] : tensor<?x{dtype}>
               return %s : tensor<{dtype}>
             }}
             func.func @greatest_{dtype}(%x: tensor<?x{dtype}>) -> tensor<{dtype}> {{
               %s = array.reduce max %x dims [0] : tensor<?x{dtype}>
               return %s : tensor<{dtype}>
             }}\n"
        )
    };
    let differential = Contest::new(&types.map(program).concat());
    for dtype in types {
        let ones = |shape: Vec<u64>| Literal::splat(dtype, shape, Number::Real(1.0));
        let total = Number::Real(COUNT as f64).round(dtype);
        let interpreted = dp_semantics::evaluate(
            OpKind::ArrayReduce,
            &Parameters::Reduce { kind: Reduction::Add, dims: vec![0] },
            &[ones(vec![COUNT])],
            &ValueType { dtype, shape: Some(vec![]) },
        );
        assert_eq!(interpreted.expect("defined").element(0).re(), total.re());
        differential.check(&format!("sum_{dtype}"), &[ones(vec![COUNT])], 0.0);
        differential.check(&format!("columns_{dtype}"), &[ones(vec![COUNT, 3])], 0.0);
        differential.check(&format!("greatest_{dtype}"), &[ones(vec![COUNT])], 0.0);
        // Powers of 1 + 2^-7, which lose digits in f16 and bf16 at each step.
        let slowly = Literal::splat(dtype, vec![200], Number::Real(1.0078125));
        differential.check(&format!("product_{dtype}"), &[slowly], 1.0);
    }
}

/// Dots that are not matmul kernels on a GPU, or matmuls with a small extent: sums along rows and columns, in one
/// thread, in a block and over the grid.
#[test]
fn dots_of_halves_are_rounded_once() {
    let types = [ScalarType::F16, ScalarType::BF16];
    let program = |dtype: ScalarType| {
        format!(
            "func.func @vectors_{dtype}(%a: tensor<?x{dtype}>, %b: tensor<?x{dtype}>) -> tensor<{dtype}> {{
               %y = array.dot %a, %b contract [0] with [0] : tensor<?x{dtype}>, tensor<?x{dtype}>
               return %y : tensor<{dtype}>
             }}
             func.func @rows_{dtype}(%a: tensor<?x?x{dtype}>, %b: tensor<?x{dtype}>) -> tensor<?x{dtype}> {{
               %y = array.dot %a, %b contract [1] with [0] : tensor<?x?x{dtype}>, tensor<?x{dtype}>
               return %y : tensor<?x{dtype}>
             }}
             func.func @columns_{dtype}(%a: tensor<?x?x{dtype}>, %b: tensor<?x{dtype}>) -> tensor<?x{dtype}> {{
               %y = array.dot %a, %b contract [0] with [0] : tensor<?x?x{dtype}>, tensor<?x{dtype}>
               return %y : tensor<?x{dtype}>
             }}
             func.func @short_{dtype}(%a: tensor<?x7x{dtype}>, %b: tensor<7x{dtype}>) -> tensor<?x{dtype}> {{
               %y = array.dot %a, %b contract [1] with [0] : tensor<?x7x{dtype}>, tensor<7x{dtype}>
               return %y : tensor<?x{dtype}>
             }}
             func.func @batches_{dtype}(%a: tensor<?x?x?x{dtype}>, %b: tensor<?x?x{dtype}>) -> tensor<?x?x{dtype}> {{
               %y = array.dot %a, %b batch [0] with [0] contract [2] with [1] : tensor<?x?x?x{dtype}>, tensor<?x?x{dtype}>
               return %y : tensor<?x?x{dtype}>
             }}
             func.func @thin_{dtype}(%a: tensor<2x?x{dtype}>, %b: tensor<?x3x{dtype}>) -> tensor<2x3x{dtype}> {{
               %y = array.dot %a, %b contract [1] with [0] : tensor<2x?x{dtype}>, tensor<?x3x{dtype}>
               return %y : tensor<2x3x{dtype}>
             }}
             func.func @matrices_{dtype}(%a: tensor<?x?x{dtype}>, %b: tensor<?x?x{dtype}>) -> tensor<?x?x{dtype}> {{
               %y = array.dot %a, %b contract [1] with [0] : tensor<?x?x{dtype}>, tensor<?x?x{dtype}>
               return %y : tensor<?x?x{dtype}>
             }}\n"
        )
    };
    let differential = Contest::new(&types.map(program).concat());
    const LONG: u64 = 2999;
    let shapes: [(&str, [&[u64]; 2]); 7] = [
        ("vectors", [&[LONG], &[LONG]]),
        ("rows", [&[5, LONG], &[LONG]]),
        ("columns", [&[LONG, 5], &[LONG]]),
        ("short", [&[5, 7], &[7]]),
        ("batches", [&[3, 2, LONG], &[3, LONG]]),
        ("thin", [&[2, LONG], &[LONG, 3]]),
        ("matrices", [&[5, LONG], &[LONG, 5]]),
    ];
    // One plus the machine epsilon of each type; its square and sums are not representable in the type.
    for (dtype, value) in [(ScalarType::F16, 1.0009765625), (ScalarType::BF16, 1.0078125)] {
        for (name, shapes) in shapes {
            let arguments = shapes.map(|shape| Literal::splat(dtype, shape.to_vec(), Number::Real(value)));
            differential.check(&format!("{name}_{dtype}"), &arguments, 0.0);
        }
    }
}
