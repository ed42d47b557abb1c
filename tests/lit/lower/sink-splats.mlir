// RUN: dpopt %s --sink-splats | FileCheck %s

// A broadcast that a loop's arithmetic uses is made in the loop, once for both uses; one that a product uses is not.
// CHECK-LABEL: func.func @f(
// CHECK:         %[[ALL:.*]] = array.broadcast %{{.*}} dims [] : f64 to tensor<4x4xf64>
// CHECK:         scf.for
// CHECK:           %[[OWN:.*]] = array.broadcast %{{.*}} dims [] : f64 to tensor<4x4xf64>
// CHECK:           %[[X:.*]] = scalar.mul %{{.*}}, %[[OWN]]
// CHECK:           %[[Y:.*]] = scalar.add %[[X]], %[[OWN]]
// CHECK-NOT:       array.broadcast
// CHECK:           array.dot %[[Y]], %[[ALL]]
func.func @f(%u: tensor<4x4xf64>, %r: f64, %n: index) -> tensor<4x4xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rs = array.broadcast %r dims [] : f64 to tensor<4x4xf64>
  %end = scf.for %i = %c0 to %n step %c1 iter_args(%now = %u) -> (tensor<4x4xf64>) {
    %x = scalar.mul %now, %rs : tensor<4x4xf64>
    %y = scalar.add %x, %rs : tensor<4x4xf64>
    %z = array.dot %y, %rs contract [1] with [0] : tensor<4x4xf64>, tensor<4x4xf64>
    scf.yield %z : tensor<4x4xf64>
  }
  return %end : tensor<4x4xf64>
}
