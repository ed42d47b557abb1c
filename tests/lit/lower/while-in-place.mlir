// RUN: dpc %s --grad newton --grad swap:wrt=0,1 --stop-after=workspace -o - | FileCheck %s

// Loops whose state keeps its extents: no round allocates or copies a tensor, in the program and in its gradient, where
// rounds compute what they record on the tape.

// CHECK-LABEL: func.func @newton(
// CHECK:         scf.while
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         scf.yield
// CHECK-LABEL: func.func @swap(
// CHECK:         scf.while
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         scf.yield
// CHECK-LABEL: func.func @first(
// CHECK:         scf.while
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         scf.yield
// CHECK-LABEL: func.func @newton_grad(
// CHECK:         scf.while
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         ad.record
// CHECK-NEXT:    scf.yield
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         scf.yield
// The number of rounds is known before the loop, which is counted: the tape is a tensor.
// CHECK-LABEL: func.func @swap_grad(
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %arg
// CHECK:         scf.yield
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %arg
// CHECK:         scf.yield

func.func @newton(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %one = scalar.constant 1.0 : f64
  %tol = scalar.constant 0.001 : f64
  %half = scalar.constant 0.5 : f64
  %halves = array.broadcast %half dims [] extents(%n) : f64 to tensor<?xf64>
  %r:2 = scf.while (%y = %x, %err = %one) : (tensor<?xf64>, f64) -> (tensor<?xf64>, f64) {
    %go = scalar.compare gt %err, %tol : f64
    scf.condition(%go) %y, %err : tensor<?xf64>, f64
  } do {
  ^bb0(%y: tensor<?xf64>, %err: f64):
    %s = scalar.sin %y : tensor<?xf64>
    %z = scalar.mul %s, %halves : tensor<?xf64>
    %q = scalar.mul %z, %z : tensor<?xf64>
    %e0 = array.reduce add %q dims [0] : tensor<?xf64>
    %e = tensor.extract %e0[] : tensor<f64>
    scf.yield %z, %e : tensor<?xf64>, f64
  }
  %f0 = array.reduce add %r#0 dims [0] : tensor<?xf64>
  %f = tensor.extract %f0[] : tensor<f64>
  return %f : f64
}

func.func @swap(%x: tensor<512xf64>, %y: tensor<512xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.while (%a = %x, %b = %y, %i = %c0) : (tensor<512xf64>, tensor<512xf64>, index) -> (index, tensor<512xf64>, tensor<512xf64>) {
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %i, %b, %a : index, tensor<512xf64>, tensor<512xf64>
  } do {
  ^bb0(%i: index, %b: tensor<512xf64>, %a: tensor<512xf64>):
    %s = scalar.sin %a : tensor<512xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %b, %s, %j : tensor<512xf64>, tensor<512xf64>, index
  }
  %f0 = array.reduce add %r#1 dims [0] : tensor<512xf64>
  %f = tensor.extract %f0[] : tensor<f64>
  return %f : f64
}

func.func @first(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.while (%y = %x, %i = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, index) {
    %z = scalar.sin %y : tensor<?xf64>
    %j = arith.addi %i, %c1 : index
    %go = arith.cmpi slt, %j, %n : index
    scf.condition(%go) %z, %j : tensor<?xf64>, index
  } do {
  ^bb0(%y: tensor<?xf64>, %i: index):
    scf.yield %y, %i : tensor<?xf64>, index
  }
  return %r#0 : tensor<?xf64>
}
