// RUN: dpopt %s --expand-elimination | FileCheck %s
// RUN: dpopt %s --expand-elimination | dpc - --target=interp --run f --args "[[0,2],[4,1]]" | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func.func @f(
// CHECK-NOT:     array.lu
// CHECK-NOT:     array.swap_rows
// CHECK:         scf.for
func.func @f(%a: tensor<2x2xf64>) -> (tensor<2xi32>, tensor<2x2xf64>, tensor<2x2xf64>) {
  %p = array.lu_pivots %a : tensor<2x2xf64>
  %f = array.lu %a, %p : tensor<2x2xf64>, tensor<2xi32>
  %s = array.swap_rows %a, %p : tensor<2x2xf64>, tensor<2xi32>
  return %p, %f, %s : tensor<2xi32>, tensor<2x2xf64>, tensor<2x2xf64>
}
// VALUES: r0 = [1, 1]
// VALUES: r1 = {{\[\[}}4, 1], [0, 2]]
// VALUES: r2 = {{\[\[}}4, 1], [0, 2]]
