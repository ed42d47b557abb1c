// RUN: dpopt %s --ad | FileCheck %s

// That 2 n is 2 shows that n is 1: the equations between extents are divided by their common divisor.

// CHECK-LABEL: func.func @gradient(
// CHECK: array.reduce add %{{.*}} dims [1] : tensor<?x?xf64>
func.func @f(%n: index, %x: f64, %v: tensor<?xf64>, %m: index, %p: tensor<2x3xi1>) -> tensor<?x?xf64> {
  %c3 = arith.constant 3 : index
  %even = arith.addi %n, %n : index
  %cast = tensor.cast %p : tensor<2x3xi1> to tensor<?x?xi1>
  %rows = array.broadcast %v dims [0] extents(%m, %c3) : tensor<?xf64> to tensor<?x?xf64>
  %part = array.broadcast %x dims [] extents(%even) : f64 to tensor<?xf64>
  %others = array.broadcast %part dims [0] extents(%m, %c3) : tensor<?xf64> to tensor<?x?xf64>
  %y = scalar.select %cast, %rows, %others : tensor<?x?xi1>, tensor<?x?xf64>
  return %y : tensor<?x?xf64>
}
func.func @gradient(%n: index, %x: f64, %v: tensor<?xf64>, %m: index, %p: tensor<2x3xi1>, %d: tensor<?x?xf64>)
    -> tensor<?xf64> {
  %y, %pull = ad.vjp @f(%n, %x, %v, %m, %p) wrt [2]
      : (index, f64, tensor<?xf64>, index, tensor<2x3xi1>) -> (tensor<?x?xf64>, !ad.pullback<(tensor<?x?xf64>) -> tensor<?xf64>>)
  %g = ad.pull %pull(%d) : !ad.pullback<(tensor<?x?xf64>) -> tensor<?xf64>>
  return %g : tensor<?xf64>
}
