// RUN: dpopt %s --ad --split-input-file | FileCheck %s

// What varies and does not matter to the result has no tangent, so nothing is kept for it.

// A carried value: no tape, although its derivative would need a sine and a product of each round.
func.func private @field(%x: f64, %y: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> (f64, f64) {
    %sin = scalar.sin %b : f64
    %next = scalar.mul %sin, %a : f64
    %sum = scalar.add %a, %x : f64
    scf.yield %sum, %next : f64, f64
  }
  return %r#0 : f64
}

// CHECK-LABEL: func.func @of_field(
// CHECK-NOT:     tensor
// CHECK-NOT:     scalar.sin
// CHECK:         return
func.func @of_field(%x: f64, %y: f64, %n: index) -> (f64, f64) {
  %v:3 = ad.grad @field(%x, %y, %n) wrt [0, 1] : (f64, f64, index) -> (f64, f64, f64)
  return %v#1, %v#2 : f64, f64
}

// -----

// A value that is used by a comparison only, which chooses a branch: its loop is copied, and has no counterpart.
func.func private @decided(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> f64 {
    %square = scalar.mul %a, %a : f64
    scf.yield %square : f64
  }
  %small = scalar.compare lt %r, %x : f64
  %y = scf.if %small -> f64 {
    %sin = scalar.sin %x : f64
    scf.yield %sin : f64
  } else {
    scf.yield %x : f64
  }
  return %y : f64
}

// CHECK-LABEL: func.func @of_decided(
// CHECK:         scf.for {{.*}} -> (f64) {
// CHECK-NOT:     scf.for
// CHECK-NOT:     tensor
// CHECK:         return
func.func @of_decided(%x: f64, %n: index) -> (f64, f64) {
  %v:2 = ad.grad @decided(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

// A loop with a condition that depends on a value that varies: its number of rounds does, its result does not.
func.func private @until(%x: f64, %y: f64) -> f64 {
  %bound = scalar.constant 100.0 : f64
  %r:2 = scf.while (%a = %x, %b = %y) : (f64, f64) -> (f64, f64) {
    %square = scalar.mul %b, %b : f64
    %goes = scalar.compare lt %square, %bound : f64
    scf.condition(%goes) %a, %square : f64, f64
  } do {
  ^bb0(%a: f64, %b: f64):
    %sum = scalar.add %a, %x : f64
    %next = scalar.exp %b : f64
    scf.yield %sum, %next : f64, f64
  }
  return %r#0 : f64
}

// CHECK-LABEL: func.func @of_until(
// CHECK-NOT:     tensor
// CHECK:         return
func.func @of_until(%x: f64, %y: f64) -> (f64, f64) {
  %v:3 = ad.grad @until(%x, %y) wrt [0, 1] : (f64, f64) -> (f64, f64, f64)
  return %v#1, %v#2 : f64, f64
}

// -----

// A result of a function that its caller does not use: the loop in it keeps nothing for this call, and does for the
// other.
func.func private @both(%x: f64, %n: index) -> (f64, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> f64 {
    %sin = scalar.sin %a : f64
    scf.yield %sin : f64
  }
  %square = scalar.mul %x, %x : f64
  return %square, %r : f64, f64
}
func.func private @first(%x: f64, %n: index) -> f64 {
  %r:2 = func.call @both(%x, %n) : (f64, index) -> (f64, f64)
  return %r#0 : f64
}
func.func private @second(%x: f64, %n: index) -> f64 {
  %r:2 = func.call @both(%x, %n) : (f64, index) -> (f64, f64)
  return %r#1 : f64
}

// CHECK-LABEL: func.func @of_first(
// CHECK-NOT:     tensor
// CHECK:         return
func.func @of_first(%x: f64, %n: index) -> f64 {
  %v:2 = ad.grad @first(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#1 : f64
}

// CHECK-LABEL: func.func @of_second(
// CHECK:         tensor<?xf64>
func.func @of_second(%x: f64, %n: index) -> f64 {
  %v:2 = ad.grad @second(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#1 : f64
}

// -----

// Forward mode carries no tangent either.
func.func private @field(%x: f64, %y: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> (f64, f64) {
    %next = scalar.mul %b, %a : f64
    scf.yield %a, %next : f64, f64
  }
  return %r#0 : f64
}

// CHECK-LABEL: func.func @forward(
// CHECK:         scf.for {{.*}} -> (f64, f64, f64) {
func.func @forward(%x: f64, %y: f64, %n: index, %dx: f64, %dy: f64) -> f64 {
  %v:2 = ad.jvp @field(%x, %y, %n, %dx, %dy) wrt [0, 1] : (f64, f64, index, f64, f64) -> (f64, f64)
  return %v#1 : f64
}

// -----

// A value that another carried value needs in a later round matters.
func.func private @later(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x, %c = %x) -> (f64, f64, f64) {
    %square = scalar.mul %c, %c : f64
    scf.yield %b, %c, %square : f64, f64, f64
  }
  return %r#0 : f64
}

// CHECK-LABEL: func.func @of_later(
// CHECK:         tensor<?xf64>
func.func @of_later(%x: f64, %n: index) -> f64 {
  %v:2 = ad.grad @later(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#1 : f64
}
