// RUN: dpopt %s --ad --split-input-file | FileCheck %s

// The primal loop keeps the value of each round that the linear one uses. That has as many rounds; its transpose goes
// through them from the last to the first.
func.func private @power(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %one) -> f64 {
    %q = scalar.mul %p, %x : f64
    scf.yield %q : f64
  }
  return %r : f64
}

// Forward mode has one loop, which carries tangents too, and keeps nothing.
// CHECK-LABEL: func.func @forward(
// CHECK-SAME:    %[[X:.*]]: f64, %[[N:.*]]: index, %[[DX:.*]]: f64)
// CHECK:         %[[LOOP:.*]]:2 = scf.for %{{.*}} to %[[N]] {{.*}}iter_args(%[[P:.*]] = %{{.*}}, %[[DP:.*]] = %{{.*}}) -> (f64, f64)
// CHECK:           %[[Q:.*]] = scalar.mul %[[P]], %[[X]]
// CHECK:           %[[A:.*]] = scalar.mul %[[X]], %[[DP]]
// CHECK:           %[[B:.*]] = scalar.mul %[[P]], %[[DX]]
// CHECK:           %[[SUM:.*]] = scalar.add %[[A]], %[[B]]
// CHECK:           scf.yield %[[Q]], %[[SUM]]
// CHECK-NOT:     scf.for
// CHECK:         return %[[LOOP]]#0, %[[LOOP]]#1
func.func @forward(%x: f64, %n: index, %dx: f64) -> (f64, f64) {
  %v:2 = ad.jvp @power(%x, %n, %dx) wrt [0] : (f64, index, f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// CHECK-LABEL: func.func @reverse(
// CHECK-SAME:    %[[X:.*]]: f64, %{{.*}}: index)
// CHECK:         %[[PRIMAL:.*]]:2 = scf.for {{.*}} -> (f64, tensor<?xf64>)
// CHECK:         %[[TURNED:.*]]:2 = scf.for %[[I:.*]] = %{{.*}} iter_args(%[[CT:.*]] = %{{.*}}, %[[DX:.*]] = %{{.*}}) -> (f64, f64)
// CHECK:           %[[LAST:.*]] = arith.subi
// CHECK:           %[[ROUND:.*]] = arith.subi %[[LAST]], %[[I]]
// CHECK:           %[[KEPT:.*]] = tensor.extract %[[PRIMAL]]#1[%[[ROUND]]]
// CHECK:           %[[SHARE:.*]] = scalar.mul %[[CT]], %[[KEPT]]
// CHECK:           %[[SUM:.*]] = scalar.add %[[DX]], %[[SHARE]]
// CHECK:           %[[NEXT:.*]] = scalar.mul %[[CT]], %[[X]]
// CHECK:           scf.yield %[[NEXT]], %[[SUM]]
// CHECK:         return %[[PRIMAL]]#0, %[[TURNED]]#1
func.func @reverse(%x: f64, %n: index) -> (f64, f64) {
  %v:2 = ad.grad @power(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

// An `scf.while` is executed to count its rounds, and then is a counted loop.
func.func private @doubled(%x: f64) -> f64 {
  %bound = scalar.constant 8.0 : f64
  %r = scf.while (%y = %x) : (f64) -> f64 {
    %c = scalar.compare lt %y, %bound : f64
    scf.condition(%c) %y : f64
  } do {
  ^bb0(%y: f64):
    %s = scalar.add %y, %y : f64
    scf.yield %s : f64
  }
  return %r : f64
}

// Nothing is kept for a map that is the same in all rounds.
// CHECK-LABEL: func.func @reverse(
// CHECK:         %[[COUNTED:.*]]:2 = scf.while {{.*}} : (f64, index) -> (f64, index)
// CHECK:         scf.for %{{.*}} to %[[COUNTED]]#1 {{.*}} -> (f64)
// CHECK:         scf.for {{.*}} -> (f64)
// CHECK-NOT:     tensor
// CHECK:         return
func.func @reverse(%x: f64) -> (f64, f64) {
  %v:2 = ad.grad @doubled(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// Forward mode does not count the rounds.
// CHECK-LABEL: func.func @forward(
// CHECK:         %[[LOOP:.*]]:2 = scf.while {{.*}} : (f64, f64) -> (f64, f64)
// CHECK-NOT:     scf.for
// CHECK:         return %[[LOOP]]#0, %[[LOOP]]#1
func.func @forward(%x: f64, %dx: f64) -> (f64, f64) {
  %v:2 = ad.jvp @doubled(%x, %dx) wrt [0] : (f64, f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

// An inner loop has another number of rounds in each round of the outer one: what all rounds keep is on one flat tape, whose
// length a copy of the outer loop adds up. Each round keeps where its part begins, and how long that is follows from the
// number of the round. Nothing is executed again.
func.func private @triangle(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> f64 {
    %q = scf.for %j = %c0 to %i step %c1 iter_args(%u = %p) -> f64 {
      %s = scalar.sin %u : f64
      scf.yield %s : f64
    }
    scf.yield %q : f64
  }
  return %r : f64
}

// CHECK-LABEL: func.func @reverse(
// CHECK:         %[[TOTAL:.*]] = scf.for {{.*}} -> (index)
// CHECK-NOT:       scf.for
// CHECK:         %[[FLAT:.*]] = array.broadcast {{.*}} extents(%[[TOTAL]]) : f64 to tensor<?xf64>
// CHECK:         %[[PRIMAL:.*]]:4 = scf.for {{.*}}, %{{.*}} = %[[FLAT]]) -> (f64, index, tensor<?xi64>, tensor<?xf64>)
// CHECK:           %[[INNER:.*]]:2 = scf.for {{.*}} -> (f64, tensor<?xf64>)
// CHECK:             scalar.cos
// CHECK:           array.update_slice %{{.*}}, %[[INNER]]#1 starts
// CHECK:         scf.for %{{.*}} -> (f64)
// CHECK:           %[[I:.*]] = arith.subi
// CHECK:           %[[I:.*]] = arith.subi
// CHECK:           tensor.extract %[[PRIMAL]]#2[%[[I]]]
// CHECK:           %[[BEGIN:.*]] = arith.index_cast
// CHECK:           %[[LENGTH:.*]] = arith.maxsi %[[I]]
// CHECK:           %[[KEPT:.*]] = array.slice %[[PRIMAL]]#3 starts [%[[BEGIN]]] strides [1] extents(%[[LENGTH]])
// CHECK-NOT:       scalar.cos
// CHECK:           scf.for %[[J:[a-z0-9_]+]] = %{{.*}} -> (f64)
// CHECK:             %[[K:.*]] = arith.subi %{{.*}}, %[[J]]
// CHECK:             tensor.extract %[[KEPT]][%[[K]]]
func.func @reverse(%x: f64, %n: index) -> (f64, f64) {
  %v:2 = ad.grad @triangle(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

// What an inner `scf.while` decides is kept by the copy that adds up its rounds: the loop that keeps the rest has no
// `scf.while`, so the tensor that is updated in place is copied once and not in each round.
func.func private @rows(%x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%z = %x) -> (tensor<?xf64>) {
    %y = scf.while (%a = %z) : (tensor<?xf64>) -> (tensor<?xf64>) {
      %e = tensor.extract %a[%i] : tensor<?xf64>
      %go = scalar.compare lt %e, %one : f64
      scf.condition(%go) %a : tensor<?xf64>
    } do {
    ^bb0(%a: tensor<?xf64>):
      %e = tensor.extract %a[%i] : tensor<?xf64>
      %s = scalar.exp %e : f64
      %b = array.broadcast %s dims [] : f64 to tensor<1xf64>
      %u = array.update_slice %a, %b starts [%i] : tensor<?xf64>, tensor<1xf64>
      scf.yield %u : tensor<?xf64>
    }
    scf.yield %y : tensor<?xf64>
  }
  %v = tensor.extract %r[%c0] : tensor<?xf64>
  return %v : f64
}

// CHECK-LABEL: func.func @kept_counts(
// CHECK:         %[[COUNTS:.*]]:3 = scf.for {{.*}} -> (tensor<?xf64>, index, tensor<?xi64>)
// CHECK:           scf.while
// CHECK-NOT:     scf.while
// CHECK:         array.broadcast {{.*}} extents(%[[COUNTS]]#1) : f64 to tensor<?xf64>
// CHECK-NOT:     scf.while
// CHECK:         scf.for {{.*}} -> (tensor<?xf64>, index, tensor<?xi64>, tensor<?xf64>)
// CHECK:           tensor.extract %[[COUNTS]]#2
// CHECK-NOT:     scf.while
// CHECK:         return
func.func @kept_counts(%x: tensor<?xf64>, %n: index) -> (f64, tensor<?xf64>) {
  %v:2 = ad.grad @rows(%x, %n) wrt [0] : (tensor<?xf64>, index) -> (f64, tensor<?xf64>)
  return %v#0, %v#1 : f64, tensor<?xf64>
}

// -----

// A reduction by a region is differentiated as a loop along the reduced dimension, which combines slices by a map where
// other dimensions remain. The function itself keeps its reduction.
// CHECK-LABEL: func.func @products(
// CHECK:         array.reduce region
// CHECK-LABEL: func.func @gradient(
// CHECK-SAME:    %[[X:.*]]: tensor<4x3xf64>, %[[C:.*]]: tensor<3xf64>)
// CHECK-NOT:     array.reduce region
// CHECK:         scf.for %[[I:[^ ]*]] = {{.*}} -> (tensor<3xf64>, {{.*}}) {
// CHECK:           array.slice %[[X]] starts [%[[I]], 0] strides [1, 1]
// CHECK:           array.map
// CHECK:         scf.for
// CHECK:           array.map
// CHECK:         return %{{.*}} : tensor<4x3xf64>
func.func @products(%x: tensor<4x3xf64>) -> tensor<3xf64> {
  %one = scalar.constant 1.0 : f64
  %y = array.reduce region %x dims [0] init(%one : f64) : tensor<4x3xf64> {
  ^bb0(%a: f64, %b: f64):
    %r = scalar.mul %a, %b : f64
    array.yield %r : f64
  }
  return %y : tensor<3xf64>
}
func.func @gradient(%x: tensor<4x3xf64>, %c: tensor<3xf64>) -> tensor<4x3xf64> {
  %v:2 = ad.vjp @products(%x) wrt [0] : (tensor<4x3xf64>) -> (tensor<3xf64>, !ad.pullback<(tensor<3xf64>) -> (tensor<4x3xf64>)>)
  %g = ad.pull %v#1(%c) : !ad.pullback<(tensor<3xf64>) -> (tensor<4x3xf64>)>
  return %g : tensor<4x3xf64>
}

// One saved value frees two others of being saved: the sum and the difference are computed again from the logarithm.
// CHECK-LABEL: func.func @g_plan(
// CHECK:         scf.for {{.*}} -> (f64, tensor<?xf64>, tensor<?xf64>)
// CHECK:           %[[L:.*]] = scalar.log
// CHECK:           array.broadcast %[[L]]
// CHECK:         scf.for
// CHECK:           %[[KEPT:.*]] = tensor.extract
// CHECK:           %[[KEPT:.*]] = tensor.extract
// CHECK:           scalar.sub %[[KEPT]]
// CHECK:           scalar.add %[[KEPT]]
func.func private @plan(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %three = scalar.constant 3.0 : f64
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> f64 {
    %l = scalar.log %a : f64
    %p = scalar.add %l, %one : f64
    %q = scalar.sub %l, %three : f64
    %y = scalar.mul %p, %q : f64
    scf.yield %y : f64
  }
  return %r : f64
}
func.func @g_plan(%x: f64, %n: index) -> (f64, f64) {
  %y, %d = ad.grad @plan(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %y, %d : f64, f64
}
