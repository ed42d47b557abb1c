// RUN: dpopt %s --stop-shifts | FileCheck %s
// RUN: dpc %s --vjp softmax --grad sum_of_exponentials --vjp log_softmax --vjp several --check-gradients --emit=mlir -o /dev/null

// The greatest element, which is subtracted so that nothing overflows, cancels.
// CHECK-LABEL: func.func @softmax
// CHECK:         %[[M:.*]] = array.reduce max %arg0 dims [1]
// CHECK-NEXT:    %[[S:.*]] = ad.stop_gradient %[[M]]
// CHECK-NEXT:    array.broadcast %[[S]]
func.func @softmax(%x: tensor<3x?xf64>, %w: tensor<3x?xf64>) -> tensor<3xf64> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<3x?xf64>
  %m = array.reduce max %x dims [1] : tensor<3x?xf64>
  %b = array.broadcast %m dims [0] extents(%n) : tensor<3xf64> to tensor<3x?xf64>
  %z = scalar.sub %x, %b : tensor<3x?xf64>
  %e = scalar.exp %z : tensor<3x?xf64>
  %s = array.reduce add %e dims [1] : tensor<3x?xf64>
  %d = array.broadcast %s dims [0] extents(%n) : tensor<3xf64> to tensor<3x?xf64>
  %p = scalar.div %e, %d : tensor<3x?xf64>
  %q = scalar.mul %p, %w : tensor<3x?xf64>
  %r = array.reduce add %q dims [1] : tensor<3x?xf64>
  return %r : tensor<3xf64>
}

// JAX replaces infinities by zero.
// CHECK-LABEL: func.func @sum_of_exponentials
// CHECK:         %[[F:.*]] = scalar.select
// CHECK-NEXT:    ad.stop_gradient %[[F]]
func.func @sum_of_exponentials(%x: tensor<4xf64>) -> f64 {
  %m = array.reduce max %x dims [0] : tensor<4xf64>
  %k = tensor.extract %m[] : tensor<f64>
  %finite = scalar.is_finite %m : tensor<f64>
  %zero = array.constant dense<0.0> : tensor<f64>
  %f = scalar.select %finite, %m, %zero : tensor<i1>, tensor<f64>
  %n = tensor.extract %f[] : tensor<f64>
  %b = array.broadcast %n dims [] : f64 to tensor<4xf64>
  %z = scalar.sub %x, %b : tensor<4xf64>
  %e = scalar.exp %z : tensor<4xf64>
  %t = array.reduce add %e dims [0] : tensor<4xf64>
  %s = tensor.extract %t[] : tensor<f64>
  %l = scalar.log %s : f64
  %r = scalar.add %l, %n : f64
  return %r : f64
}

// With dimensions that are kept.
// CHECK-LABEL: func.func @log_softmax
// CHECK:         array.reduce max
// CHECK-NEXT:    ad.stop_gradient
func.func @log_softmax(%x: tensor<3x4xf64>) -> tensor<3x4xf64> {
  %m = array.reduce max %x dims [1] : tensor<3x4xf64>
  %u = array.reshape %m : tensor<3xf64> to tensor<3x1xf64>
  %v = array.reshape %u : tensor<3x1xf64> to tensor<3xf64>
  %b = array.broadcast %v dims [0] : tensor<3xf64> to tensor<3x4xf64>
  %z = scalar.sub %x, %b : tensor<3x4xf64>
  %e = scalar.exp %z : tensor<3x4xf64>
  %s = array.reduce add %e dims [1] : tensor<3x4xf64>
  %l = scalar.log %s : tensor<3xf64>
  %d = array.broadcast %l dims [0] : tensor<3xf64> to tensor<3x4xf64>
  %r = scalar.sub %z, %d : tensor<3x4xf64>
  return %r : tensor<3x4xf64>
}

// The maximum is a result, too; or its sum is taken along its own dimension; or it does not cancel.
// CHECK-LABEL: func.func @several
// CHECK-NOT:     ad.stop_gradient
func.func @several(%x: tensor<3x4xf64>) -> (tensor<3xf64>, tensor<3x4xf64>, f64, tensor<3x4xf64>) {
  %m = array.reduce max %x dims [1] : tensor<3x4xf64>
  %b = array.broadcast %m dims [0] : tensor<3xf64> to tensor<3x4xf64>
  %z = scalar.sub %x, %b : tensor<3x4xf64>
  %e = scalar.exp %z : tensor<3x4xf64>
  %s = array.reduce add %e dims [1] : tensor<3x4xf64>
  %d = array.broadcast %s dims [0] : tensor<3xf64> to tensor<3x4xf64>
  %p = scalar.div %e, %d : tensor<3x4xf64>

  %n = array.reduce min %x dims [1] : tensor<3x4xf64>
  %c = array.broadcast %n dims [0] : tensor<3xf64> to tensor<3x4xf64>
  %y = scalar.sub %x, %c : tensor<3x4xf64>
  %f = scalar.exp %y : tensor<3x4xf64>
  %t = array.reduce add %f dims [0, 1] : tensor<3x4xf64>
  %k = tensor.extract %t[] : tensor<f64>
  %l = scalar.log %k : f64

  %o = array.reduce max %x dims [0] : tensor<3x4xf64>
  %g = array.broadcast %o dims [1] : tensor<4xf64> to tensor<3x4xf64>
  %h = scalar.sub %x, %g : tensor<3x4xf64>
  %i = scalar.exp %h : tensor<3x4xf64>
  %j = scalar.mul %i, %i : tensor<3x4xf64>
  %q = scalar.div %j, %i : tensor<3x4xf64>
  return %m, %p, %l, %q : tensor<3xf64>, tensor<3x4xf64>, f64, tensor<3x4xf64>
}
