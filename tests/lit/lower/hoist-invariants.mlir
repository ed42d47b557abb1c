// RUN: dpopt %s --hoist-invariants | FileCheck %s

// What is the same in all iterations leaves all loops; what depends on one of them stays in it.
// CHECK-LABEL: func.func @nest(
// CHECK-SAME:    %[[X:[^:]*]]: f64, %[[A:[^:]*]]: tensor<3x4xf64>, %[[B:[^:]*]]: tensor<4x5xf64>
// CHECK:         %[[E:.*]] = scalar.exp %[[X]]
// CHECK:         %[[P:.*]] = array.dot %[[A]], %[[B]]
// CHECK:         scf.for
// CHECK:           %[[S:.*]] = scalar.sin %{{.*}} : f64
// CHECK-NEXT:      scalar.mul %[[S]], %[[E]]
// CHECK-NEXT:      scf.while
// CHECK:           } do {
// CHECK-NOT:         scalar.mul
// CHECK:             tensor.extract %[[P]]
func.func @nest(%x: f64, %a: tensor<3x4xf64>, %b: tensor<4x5xf64>, %n: index, %j: index, %k: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> f64 {
    %w = scf.while (%z = %y) : (f64) -> f64 {
      %limit = scalar.constant 2.0 : f64
      %c = scalar.compare lt %z, %limit : f64
      scf.condition(%c) %z : f64
    } do {
    ^bb0(%z: f64):
      %e = scalar.exp %x : f64
      %s = scalar.sin %y : f64
      %p = array.dot %a, %b contract [1] with [0] : tensor<3x4xf64>, tensor<4x5xf64>
      %pe = tensor.extract %p[%j, %k] : tensor<3x5xf64>
      %t = scalar.mul %s, %e : f64
      %u = scalar.add %t, %pe : f64
      %v = scalar.add %u, %z : f64
      scf.yield %v : f64
    }
    scf.yield %w : f64
  }
  return %r : f64
}

// What may fail stays, since the loop may have no iterations: a division of integers, an element that may not be there, a
// sum of tensors whose extents may differ. Broadcasts and constants stay where they are used, and so do branches.
// CHECK-LABEL: func.func @stays(
// CHECK-NOT:     scalar
// CHECK:         scf.for
// CHECK:           arith.divsi
// CHECK:           tensor.extract
// CHECK:           scalar.add
// CHECK:           scalar.constant
// CHECK:           array.broadcast
// CHECK:           scf.if
func.func @stays(%x: tensor<?xf64>, %y: tensor<?xf64>, %n: index, %d: index, %flag: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?xf64>
  %first = arith.constant 0.0 : f64
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %first) -> f64 {
    %q = arith.divsi %n, %d : index
    %e = tensor.extract %x[%d] : tensor<?xf64>
    %sum = scalar.add %x, %y : tensor<?xf64>
    %two = scalar.constant 2.0 : f64
    %twos = array.broadcast %two dims [] extents(%m) : f64 to tensor<?xf64>
    %t = scalar.mul %sum, %twos : tensor<?xf64>
    %f = scf.if %flag -> f64 {
      %g = tensor.extract %t[%q] : tensor<?xf64>
      scf.yield %g : f64
    } else {
      scf.yield %e : f64
    }
    %next = scalar.add %s, %f : f64
    scf.yield %next : f64
  }
  return %r : f64
}
