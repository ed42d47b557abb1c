// RUN: %refused dpc %s --target=interp --run f --args [[1]] 2>&1 | FileCheck %s

// CHECK: unsupported-by-interp.mlir:[[#@LINE+3]]:8: error: the interpreter does not execute 'tensor.collapse_shape'
// CHECK: unsupported-by-interp.mlir:[[#@LINE+2]]:8: help: {{.}}
func.func @f(%x: tensor<1x1xf64>) -> tensor<1xf64> {
  %y = tensor.collapse_shape %x [[0, 1]] : tensor<1x1xf64> into tensor<1xf64>
  return %y : tensor<1xf64>
}
