//! Sums and products of halves: computed in f32 and rounded once, on every target.

use super::differential::Contest;
use dp_dialects::attributes::Reduction;
use dp_dialects::{DType, Literal, Number, OpKind, Parameters, ValueType};

const COUNT: u64 = 5000;

/// Many ones: added up in f16 they would stop at 2048, in bf16 at 256. All orders give the same, as all sums are exact.
#[test]
fn of_halves_grow_beyond_their_digits() {
    let types = [DType::F16, DType::BF16];
    let program = |dtype: DType| {
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
        // Powers of 1 + 2^-7, of which halves lose a part at each step.
        let slowly = Literal::splat(dtype, vec![200], Number::Real(1.0078125));
        differential.check(&format!("product_{dtype}"), &[slowly], 1.0);
    }
}
