// RUN: %refused dpc %s 2>&1 | FileCheck %s

// CHECK: verification.mlir:[[#@LINE+3]]:8: error: 'array.transpose' op 'permutation' lists dimension 2, but the rank is 2
// CHECK: verification.mlir:[[#@LINE+2]]:8: help:
func.func @f(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %y = array.transpose %x permutation [2, 0] : tensor<2x3xf32>
  return %y : tensor<3x2xf32>
}
