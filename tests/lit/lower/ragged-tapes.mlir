// RUN: dpc %s --grad rows --stop-after=workspace -o - | FileCheck %s

// Rows that are updated in place, with another trip count in each. The gradient counts the rounds, keeps what they need on
// one flat tape, and reads it: no loop allocates, none copies the tensor, and an inner loop stores where the flat tape has
// its part.

// CHECK-LABEL: func.func @rows_grad(
// CHECK:         memref.copy %arg0, %{{.*}} : memref<?xf64> to memref<?xf64>
// CHECK:         %[[TOTAL:.*]] = scf.for {{.*}} -> (index)
// CHECK-NOT:       memref.alloc
// CHECK-NOT:       : memref<?xf64> to memref<?xf64>
// CHECK:           scf.while
// CHECK-NOT:       memref.alloc
// CHECK-NOT:       : memref<?xf64> to memref<?xf64>
// CHECK:         %[[FLAT:.*]] = memref.alloc(%[[TOTAL]]) {{.*}} : memref<?xf64>
// CHECK:         memref.copy %arg0, %{{.*}} : memref<?xf64> to memref<?xf64>
// CHECK-NOT:     scf.while
// CHECK:         scf.for {{.*}} -> (index)
// CHECK-NOT:       memref.alloc
// CHECK-NOT:       : memref<?xf64> to memref<?xf64>
// CHECK:           %[[PART:.*]] = memref.subview %[[FLAT]][
// CHECK-NEXT:      scf.for
// CHECK-NOT:         memref.alloc
// CHECK-NOT:         : memref<?xf64> to memref<?xf64>
// CHECK:             memref.subview %[[PART]]
// CHECK-NOT:     scf.while
// CHECK:         scf.for
// CHECK-NOT:       memref.alloc
// CHECK-NOT:       : memref<?xf64> to memref<?xf64>
// CHECK:           memref.subview %[[FLAT]][
// CHECK-NOT:       memref.alloc
// CHECK-NOT:       : memref<?xf64> to memref<?xf64>
// CHECK:         return

func.func @rows(%x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = scalar.constant 2.0 : f64
  %d = tensor.dim %x, %c0 : tensor<?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%z = %x) -> (tensor<?xf64>) {
    %c = arith.remsi %i, %d : index
    %y = scf.while (%a = %z) : (tensor<?xf64>) -> (tensor<?xf64>) {
      %e = tensor.extract %a[%c] : tensor<?xf64>
      %go = scalar.compare lt %e, %two : f64
      scf.condition(%go) %a : tensor<?xf64>
    } do {
    ^bb0(%a: tensor<?xf64>):
      %e = tensor.extract %a[%c] : tensor<?xf64>
      %s = scalar.exp %e : f64
      %u = tensor.insert %s into %a[%c] : tensor<?xf64>
      scf.yield %u : tensor<?xf64>
    }
    scf.yield %y : tensor<?xf64>
  }
  %v = tensor.extract %r[%c1] : tensor<?xf64>
  return %v : f64
}
