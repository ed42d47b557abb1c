// RUN: dpopt %s --simplify | FileCheck %s

// Equal operations are one, dead ones go, and what regions see from outside is
// used there; an isolated region makes its own constants.

// CHECK-LABEL: func.func @control
// CHECK: %[[ONE:.*]] = scalar.constant 1.0
// CHECK: %[[S:.*]] = scalar.sin %arg1 : f64
// CHECK-NEXT: scf.if
// CHECK-NEXT: %[[A:.*]] = scalar.add %[[S]], %[[S]] : f64
// CHECK-NEXT: scf.yield %[[A]]
// CHECK-NEXT: } else {
// CHECK-NEXT: scf.yield %[[S]]
// CHECK: array.map
// CHECK-NEXT: ^bb0(%[[U:.*]]: f64, %{{.*}}: f64):
// CHECK-NEXT: %[[K:.*]] = scalar.constant 1.0
// CHECK-NEXT: scalar.add %[[U]], %[[K]] : f64
func.func @control(%p: i1, %x: f64, %t: tensor<4xf64>) -> (f64, tensor<4xf64>) {
  %one = scalar.constant 1.0 : f64
  %y = scalar.mul %x, %one : f64
  %s = scalar.sin %y : f64
  %dead = scalar.cos %s : f64
  %r = scf.if %p -> f64 {
    %s2 = scalar.sin %x : f64
    %a = scalar.add %s2, %s : f64
    scf.yield %a : f64
  } else {
    %n = scalar.neg %s : f64
    %m = scalar.neg %n : f64
    scf.yield %m : f64
  }
  %c = array.broadcast %one dims [] : f64 to tensor<4xf64>
  %m = array.map(%t, %c) : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64> {
  ^bb0(%u: f64, %v: f64):
    %k = scalar.constant 1.0 : f64
    %uu = scalar.mul %u, %k : f64
    %w = scalar.add %uu, %k : f64
    array.yield %w : f64
  }
  return %r, %m : f64, tensor<4xf64>
}

// Operations of other dialects stay, and so does their order.
// CHECK-LABEL: func.func @opaque
// CHECK: call @effect(%arg0)
// CHECK-NEXT: %[[Y:.*]] = scalar.add %arg0, %arg0
// CHECK-NEXT: call @effect(%[[Y]])
func.func private @effect(f64)
func.func @opaque(%x: f64) {
  func.call @effect(%x) : (f64) -> ()
  %zero = scalar.constant 0.0 : f64
  %z = scalar.add %x, %zero : f64
  %y = scalar.add %z, %x : f64
  func.call @effect(%y) : (f64) -> ()
  return
}

// A function of several blocks stays as it is.
// CHECK-LABEL: func.func @blocks
// CHECK: scalar.mul
// CHECK: cf.br
func.func @blocks(%x: f64) -> f64 {
  %one = scalar.constant 1.0 : f64
  %y = scalar.mul %x, %one : f64
  cf.br ^next(%y : f64)
^next(%z: f64):
  return %z : f64
}

// A chain of many operations is one, however deep.
// CHECK-LABEL: func.func @sharing
// CHECK: %[[A:.*]] = scalar.mul %arg0, %arg0
// CHECK-NEXT: %[[B:.*]] = scalar.mul %[[A]], %[[A]]
// CHECK-NEXT: scalar.mul %[[B]], %[[B]]
// CHECK-NEXT: return
func.func @sharing(%x: f32) -> f32 {
  %0 = scalar.mul %x, %x : f32
  %1 = scalar.mul %x, %x : f32
  %2 = scalar.mul %0, %1 : f32
  %3 = scalar.mul %1, %0 : f32
  %4 = scalar.mul %2, %3 : f32
  return %4 : f32
}
