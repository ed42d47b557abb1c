// Windows along a dimension whose extent is known only at run time are those of a scan, which is checked when it runs.
// RUN: dpc %s --emit=mlir -o - | FileCheck %s
// RUN: dpc %s --run main --args [1,2,3],2 | FileCheck %s --check-prefix=SUMS
// RUN: dpc %s --target=interp --run main --args [1,2,3],2 | FileCheck %s --check-prefix=SUMS
// RUN: %refused dpc %s --run main --args [1,2,3],1 2>&1 | FileCheck %s --check-prefix=OTHER

// CHECK: array.scan add %{{.*}} dim 0
// CHECK-SAME: tensor<?xf64>
// SUMS: [1, 3, 6]
// OTHER: cumulative.mlir:[[#@LINE+10]]:{{.*}}: error: each window holds all elements up to its own place, or from it on
func.func @main(%x: tensor<?xf64>, %before: tensor<i32>) -> tensor<?xf64> {
  %zero = stablehlo.constant dense<0.0> : tensor<f64>
  %ones = stablehlo.constant dense<1> : tensor<1xi32>
  %none = stablehlo.constant dense<0> : tensor<1xi32>
  %n = stablehlo.get_dimension_size %x, dim = 0 : (tensor<?xf64>) -> tensor<i32>
  %size = stablehlo.reshape %n : (tensor<i32>) -> tensor<1xi32>
  %low = stablehlo.reshape %before : (tensor<i32>) -> tensor<1xi32>
  %pair = stablehlo.concatenate %low, %none, dim = 0 : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>
  %padding = stablehlo.reshape %pair : (tensor<2xi32>) -> tensor<1x2xi32>
  %y = stablehlo.custom_call @stablehlo.dynamic_reduce_window(%x, %zero, %size, %ones, %ones, %ones, %padding) {
    called_computations = [@add]} : (tensor<?xf64>, tensor<f64>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>,
    tensor<1x2xi32>) -> tensor<?xf64>
  return %y : tensor<?xf64>
}
func.func private @add(%a: tensor<f64>, %b: tensor<f64>) -> tensor<f64> {
  %0 = stablehlo.add %a, %b : tensor<f64>
  return %0 : tensor<f64>
}
