// RUN: dpc %s --grad swap:wrt=0,1 --grad swap_while:wrt=0,1 --grad old --grad branch --stop-after=workspace -o - | FileCheck %s

// No round allocates a state or copies it: where tensors of different extents swap, where the old value is read after an
// update, and where a branch computes a new tensor in some rounds.

// CHECK-LABEL: func.func @swap(
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %{{arg|view|alloc}}
// CHECK:         scf.yield
// CHECK-LABEL: func.func @swap_while(
// CHECK:         scf.while
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %{{arg|view|alloc}}
// CHECK:         scf.yield
// CHECK-LABEL: func.func @old(
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %arg
// CHECK:         scf.yield
// CHECK-LABEL: func.func @branch(
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %{{arg|view|alloc}}
// CHECK:         scf.yield %{{.*}}#0, %{{.*}}#1, %{{.*}}#2
// CHECK-LABEL: func.func @swap_grad(
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %{{arg|view|alloc}}
// CHECK:         scf.yield
// CHECK-LABEL: func.func @swap_while_grad(
// CHECK:         scf.while
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %{{arg|view|alloc}}
// CHECK:         scf.yield
// CHECK-LABEL: func.func @old_grad(
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %arg
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %{{arg|view|alloc}}
// CHECK:         memref.dealloc
// CHECK-LABEL: func.func @branch_grad(
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %{{arg|view|alloc}}
// CHECK:         scf.yield %{{.*}}#0, %{{.*}}#2, %{{.*}}#3
// CHECK:         scf.for
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy %{{arg|view|alloc}}
// CHECK:         scf.yield %{{.*}}#0, %{{.*}}#1, %{{.*}}#2

func.func @swap(%x: tensor<?xf64>, %y: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> (tensor<?xf64>, tensor<?xf64>) {
    %s = scalar.sin %a : tensor<?xf64>
    scf.yield %b, %s : tensor<?xf64>, tensor<?xf64>
  }
  %f0 = array.reduce add %r#1 dims [0] : tensor<?xf64>
  %f = tensor.extract %f0[] : tensor<f64>
  return %f : f64
}

func.func @swap_while(%x: tensor<?xf64>, %y: tensor<?xf64>, %n: f64) -> f64 {
  %one = scalar.constant 1.0 : f64
  %r:3 = scf.while (%a = %x, %b = %y, %i = %one) : (tensor<?xf64>, tensor<?xf64>, f64) -> (tensor<?xf64>, tensor<?xf64>, f64) {
    %go = scalar.compare lt %i, %n : f64
    scf.condition(%go) %b, %a, %i : tensor<?xf64>, tensor<?xf64>, f64
  } do {
  ^bb0(%b: tensor<?xf64>, %a: tensor<?xf64>, %i: f64):
    %s = scalar.sin %a : tensor<?xf64>
    %j0 = scalar.add %i, %one : f64
    %j = scalar.mul %j0, %i : f64
    scf.yield %b, %s, %j : tensor<?xf64>, tensor<?xf64>, f64
  }
  %f0 = array.reduce add %r#0 dims [0] : tensor<?xf64>
  %f = tensor.extract %f0[] : tensor<f64>
  return %f : f64
}

func.func @old(%x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %s = %zero) -> (tensor<?xf64>, f64) {
    %e = tensor.extract %a[%i] : tensor<?xf64>
    %t = scalar.sin %e : f64
    %u = tensor.insert %t into %a[%i] : tensor<?xf64>
    %old = tensor.extract %a[%c0] : tensor<?xf64>
    %new = tensor.extract %u[%c0] : tensor<?xf64>
    %p = scalar.mul %old, %new : f64
    %s2 = scalar.add %s, %p : f64
    scf.yield %u, %s2 : tensor<?xf64>, f64
  }
  %f0 = array.reduce add %r#0 dims [0] : tensor<?xf64>
  %f = tensor.extract %f0[] : tensor<f64>
  %g = scalar.add %f, %r#1 : f64
  return %g : f64
}

func.func @branch(%x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> (tensor<?xf64>) {
    %go = arith.cmpi ne, %i, %c1 : index
    %u = scf.if %go -> tensor<?xf64> {
      %s = scalar.sin %a : tensor<?xf64>
      scf.yield %s : tensor<?xf64>
    } else {
      scf.yield %a : tensor<?xf64>
    }
    scf.yield %u : tensor<?xf64>
  }
  %f0 = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %f0[] : tensor<f64>
  return %f : f64
}
