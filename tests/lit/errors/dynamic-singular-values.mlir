// RUN: not dpc %s --emit linalg -o - 2>&1 | FileCheck %s
// RUN: not dpc %s --grad f --emit linalg -o - 2>&1 | FileCheck %s --check-prefix=GRADIENT

func.func @f(%x: tensor<?x?xf64>) -> f64 {
  // CHECK: [[#@LINE+2]]:8: error: singular values of matrices with dynamic extents are only interpreted
  // CHECK: help: make the extents of the matrices static
  %s = array.svd_values %x : tensor<?x?xf64>
  %q = array.qr %x : tensor<?x?xf64>
  // GRADIENT: [[#@LINE-1]]:8: error: 'array.qr' has no derivative where the extents of the matrices are dynamic
  // GRADIENT: help: make the extents of the matrices static
  %t = array.reduce add %s dims [0] : tensor<?xf64>
  %v = tensor.extract %t[] : tensor<f64>
  %r = array.reduce add %q dims [0, 1] : tensor<?x?xf64>
  %w = tensor.extract %r[] : tensor<f64>
  %y = scalar.add %v, %w : f64
  return %y : f64
}
