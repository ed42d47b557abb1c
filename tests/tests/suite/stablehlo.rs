//! What the verifier of StableHLO finds: in a text that it admits, each wrong type, name and region.

use dp_stablehlo::verify;

const RIGHT: &str = "module @m {
  func.func public @main(%0: tensor<i1>, %1: tensor<3xf64>) -> (tensor<3xf64>, tensor<f64>) {
    %2 = \"stablehlo.if\"(%0) ({
      %3 = stablehlo.sine %1 : tensor<3xf64>
      stablehlo.return %3 : tensor<3xf64>
    }, {
      stablehlo.return %1 : tensor<3xf64>
    }) : (tensor<i1>) -> tensor<3xf64>
    %4 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %5 = stablehlo.reduce(%2 init: %4) applies stablehlo.add across dimensions = [0] : (tensor<3xf64>, tensor<f64>) -> tensor<f64>
    %6 = stablehlo.compare LT, %2, %1, FLOAT : (tensor<3xf64>, tensor<3xf64>) -> tensor<3xi1>
    %7 = stablehlo.select %6, %2, %1 : tensor<3xi1>, tensor<3xf64>
    %8:2 = stablehlo.while(%9 = %0, %10 = %7) : tensor<i1>, tensor<3xf64>
    cond {
      stablehlo.return %9 : tensor<i1>
    } do {
      %11 = stablehlo.convert %10 : (tensor<3xf64>) -> tensor<3xf32>
      %12 = stablehlo.convert %11 : (tensor<3xf32>) -> tensor<3xf64>
      stablehlo.return %9, %12 : tensor<i1>, tensor<3xf64>
    }
    return %8#1, %5 : tensor<3xf64>, tensor<f64>
  }
}";

#[test]
fn a_right_text_is_admitted() {
    verify(RIGHT).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn a_wrong_text_is_refused() {
    for (right, wrong) in [
        ("stablehlo.return %1 : tensor<3xf64>", "stablehlo.return %4 : tensor<3xf64>"),
        ("(tensor<i1>) -> tensor<3xf64>\n", "(tensor<i1>) -> tensor<0xf64>\n"),
        ("%3 = stablehlo.sine %1 : tensor<3xf64>", "%3 = stablehlo.sine %1 : tensor<?xf64>"),
        ("%3 = stablehlo.sine %1 : tensor<3xf64>", "%3 = stablehlo.sine %0 : tensor<3xf64>"),
        ("(tensor<3xf64>, tensor<f64>) -> tensor<f64>", "(tensor<3xf64>, tensor<f64>) -> tensor<f32>"),
        ("-> tensor<3xi1>", "-> tensor<4xi1>"),
        ("select %6, %2", "select %2, %6"),
        ("stablehlo.return %9 : tensor<i1>", "stablehlo.return %10 : tensor<3xf64>"),
        (
            "stablehlo.return %9, %12 : tensor<i1>, tensor<3xf64>",
            "stablehlo.return %9, %11 : tensor<i1>, tensor<3xf32>",
        ),
        ("-> tensor<3xf32>", "-> tensor<4xf32>"),
        ("return %8#1, %5 : tensor<3xf64>, tensor<f64>", "return %8#1 : tensor<3xf64>"),
        ("return %8#1", "return %8#2"),
        ("    return %8#1, %5 : tensor<3xf64>, tensor<f64>\n", ""),
    ] {
        assert!(RIGHT.contains(right), "{right}");
        assert!(verify(&RIGHT.replacen(right, wrong, 1)).is_err(), "'{wrong}' is admitted");
    }
}
