// RUN: dpopt %s --unshare-destinations | FileCheck %s

// Two sums that start from one tensor of zeros: each starts from its own.
// CHECK-LABEL: func.func @two_sums(
// CHECK:         %[[E1:.*]] = tensor.empty() : tensor<4xf64>
// CHECK:         %[[F1:.*]] = linalg.fill {{.*}} outs(%[[E1]]
// CHECK:         linalg.reduce {{.*}} outs(%[[F1]]
// CHECK:         %[[E2:.*]] = tensor.empty() : tensor<4xf64>
// CHECK:         %[[F2:.*]] = linalg.fill {{.*}} outs(%[[E2]]
// CHECK:         linalg.reduce {{.*}} outs(%[[F2]]
func.func @two_sums(%x: tensor<4x3xf64>, %y: tensor<4x3xf64>) -> (tensor<4xf64>, tensor<4xf64>) {
  %zero = arith.constant 0.0 : f64
  %empty = tensor.empty() : tensor<4xf64>
  %zeros = linalg.fill ins(%zero : f64) outs(%empty : tensor<4xf64>) -> tensor<4xf64>
  %p = linalg.reduce { arith.addf } ins(%x : tensor<4x3xf64>) outs(%zeros : tensor<4xf64>) dimensions = [1]
  %q = linalg.reduce { arith.addf } ins(%y : tensor<4x3xf64>) outs(%zeros : tensor<4xf64>) dimensions = [1]
  return %p, %q : tensor<4xf64>, tensor<4xf64>
}

// What one operation uses stays as it is, and what nothing uses goes.
// CHECK-LABEL: func.func @alone(
// CHECK-COUNT-1: tensor.empty
// CHECK-NOT:     tensor.empty
// CHECK:         return
func.func @alone(%x: tensor<4x3xf64>) -> tensor<4xf64> {
  %zero = arith.constant 0.0 : f64
  %unused = tensor.empty() : tensor<7xf64>
  %empty = tensor.empty() : tensor<4xf64>
  %zeros = linalg.fill ins(%zero : f64) outs(%empty : tensor<4xf64>) -> tensor<4xf64>
  %p = linalg.reduce { arith.addf } ins(%x : tensor<4x3xf64>) outs(%zeros : tensor<4xf64>) dimensions = [1]
  return %p : tensor<4xf64>
}
