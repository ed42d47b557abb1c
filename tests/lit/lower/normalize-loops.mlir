// RUN: dpopt %s --normalize-loops | FileCheck %s

// The next number may not be one of the type.
// CHECK-LABEL: func.func @unsigned(
// CHECK-SAME:      %[[FROM:.*]]: i8, %[[TO:.*]]: i8, %[[STEP:.*]]: i8
// CHECK:         %[[OK:.*]] = arith.cmpi ne, %[[STEP]]
// CHECK:         cf.assert %[[OK]], "{{.*}}error: the step of the loop is not positive
// CHECK:         %[[SOME:.*]] = arith.cmpi ult, %[[FROM]], %[[TO]]
// CHECK:         arith.divui %{{.*}}, %[[STEP]]
// CHECK:         %[[ROUNDS:.*]] = arith.minui %{{.*}} : index
// CHECK:         scf.for %[[ROUND:.*]] = %c0{{.*}} to %[[ROUNDS]] step %c1
// CHECK:           %[[K:.*]] = arith.index_cast %[[ROUND]] : index to i8
// CHECK:           %[[WAY:.*]] = arith.muli %[[K]], %[[STEP]]
// CHECK:           arith.addi %[[FROM]], %[[WAY]]
func.func @unsigned(%from: i8, %to: i8, %step: i8) -> i8 {
  %r = scf.for unsigned %i = %from to %to step %step iter_args(%s = %from) -> (i8) : i8 {
    %t = scalar.add %s, %i : i8
    scf.yield %t : i8
  }
  return %r : i8
}

// 100 + 100 is none of i8, 27 + 100 is one.
// CHECK-LABEL: func.func @constants
// CHECK:         arith.minui
// CHECK-NOT:     arith.minui
func.func @constants(%x: i8) -> (i8, i8) {
  %c0 = arith.constant 0 : i8
  %c28 = arith.constant 28 : i8
  %c29 = arith.constant 29 : i8
  %c100 = arith.constant 100 : i8
  %r = scf.for %i = %c0 to %c29 step %c100 iter_args(%s = %x) -> (i8) : i8 {
    %t = scalar.add %s, %i : i8
    scf.yield %t : i8
  }
  %q = scf.for %i = %c0 to %c28 step %c100 iter_args(%s = %r) -> (i8) : i8 {
    %t = scalar.add %s, %i : i8
    scf.yield %t : i8
  }
  return %r, %q : i8, i8
}

// What reaches its end, or ends where a tensor does, stays as it is; so do numbers that are the same with a sign.
// CHECK-LABEL: func.func @same
// CHECK-NOT:     arith.minui
// CHECK-NOT:     unsigned
func.func @same(%x: tensor<?xf32>, %n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c9 = arith.constant 9 : index
  %m = tensor.dim %x, %c0 : tensor<?xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %c0) -> (index) {
    %t = arith.addi %s, %i : index
    scf.yield %t : index
  }
  %q = scf.for %i = %c0 to %m step %c4 iter_args(%s = %r) -> (index) {
    %t = arith.addi %s, %i : index
    scf.yield %t : index
  }
  %p = scf.for unsigned %i = %c0 to %c9 step %c4 iter_args(%s = %q) -> (index) {
    %t = arith.addi %s, %i : index
    scf.yield %t : index
  }
  return %p : index
}
