// RUN: %refused dpc %s --target=cuda -o %t.d/libx.so 2>&1 | FileCheck %s

func.func @f(%x: tensor<4xf64>) -> tensor<4xf64> {
  // CHECK: recursive-tensors.mlir:[[#@LINE+2]]:8: error: @f is recursive and has tensor arguments or results, which this target does not support
  // CHECK: recursive-tensors.mlir:[[#@LINE+1]]:8: help: write the recursion as a loop, 'scf.while' or 'scf.for', or use --target=cpu
  %y = func.call @f(%x) : (tensor<4xf64>) -> tensor<4xf64>
  return %y : tensor<4xf64>
}
