// RUN: dpopt %s --expand-orthogonal | FileCheck %s
// RUN: dpopt %s --expand-orthogonal | dpc - --target=interp --run qr --args "[[3,5],[4,0]]" | FileCheck %s --check-prefix=QR
// RUN: dpopt %s --expand-orthogonal | dpc - --target=interp --run values --args "[[2,9],[2,5]]" | FileCheck %s --check-prefix=VALUES
// RUN: dpopt %s --expand-orthogonal | dpc - --target=interp --run vectors --args "[[2,9],[2,5]]" | FileCheck %s --check-prefix=VECTORS

// Both are computed by one loop over the columns.
// CHECK-LABEL: func.func @qr(
// CHECK-NOT:     array.qr
// CHECK-COUNT-2: scf.for
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @qr(%a: tensor<2x2xf64>) -> (tensor<2x2xf64>, tensor<2xf64>) {
  %f = array.qr %a : tensor<2x2xf64>
  %t = array.qr_taus %a : tensor<2x2xf64>
  return %f, %t : tensor<2x2xf64>, tensor<2xf64>
}
// QR: r0 = {{\[\[}}-5, -3], [0.5, -4]]
// QR: r1 = [1.6, 0]

// Without vectors, none are rotated.
// CHECK-LABEL: func.func @values(
// CHECK-NOT:     array.eigh
// CHECK:         scf.while
// CHECK-NOT:     array.gather
// CHECK:         return
func.func @values(%a: tensor<2x2xf64>) -> tensor<2xf64> {
  %w = array.eigh_values %a : tensor<2x2xf64>
  %y = scalar.round %w : tensor<2xf64>
  return %y : tensor<2xf64>
}
// VALUES: r0 = [1, 6]

// CHECK-LABEL: func.func @vectors(
// CHECK-NOT:     array.svd
// CHECK:         array.cholesky
// CHECK:         scf.while
// CHECK:         array.gather
func.func @vectors(%a: tensor<2x2xf64>) -> tensor<2x2xf64> {
  %s = array.svd_values %a : tensor<2x2xf64>
  %u = array.svd_left %a : tensor<2x2xf64>
  %v = array.svd_right %a : tensor<2x2xf64>
  %b = array.broadcast %s dims [1] : tensor<2xf64> to tensor<2x2xf64>
  %us = scalar.mul %u, %b : tensor<2x2xf64>
  %x = array.dot %us, %v contract [1] with [0] : tensor<2x2xf64>, tensor<2x2xf64>
  %y = scalar.round %x : tensor<2x2xf64>
  return %y : tensor<2x2xf64>
}
// VECTORS: r0 = {{\[\[}}2, 9], [2, 5]]
