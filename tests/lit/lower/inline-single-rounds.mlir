// RUN: dpopt %s --inline-single-rounds | FileCheck %s

// Loops of one round, in one another, with a number that they carry.
// CHECK-LABEL: func.func @single(
// CHECK-SAME:    %[[X:.*]]: f64, %[[M:.*]]: memref<1x1xf64>
// CHECK-NOT:     scf.for
// CHECK:         %[[Y:.*]] = scalar.add %[[X]], %[[X]]
// CHECK-NEXT:    memref.store %[[Y]], %[[M]][%c0, %c0]
// CHECK-NEXT:    return %[[Y]]
func.func @single(%x: f64, %m: memref<1x1xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c1 step %c1 iter_args(%a = %x) -> f64 {
    %s = scf.for %j = %c0 to %c1 step %c4 iter_args(%b = %a) -> f64 {
      %y = scalar.add %b, %x : f64
      memref.store %y, %m[%i, %j] : memref<1x1xf64>
      scf.yield %y : f64
    }
    scf.yield %s : f64
  }
  return %r : f64
}

// Loops of no round, of two, of a number that is not known, and unsigned ones stay.
// CHECK-LABEL: func.func @others(
// CHECK-COUNT-4: scf.for
func.func @others(%x: f64, %n: index, %m: memref<8xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  scf.for %i = %c1 to %c1 step %c1 {
    memref.store %x, %m[%i] : memref<8xf64>
  }
  scf.for %i = %c0 to %c2 step %c1 {
    memref.store %x, %m[%i] : memref<8xf64>
  }
  scf.for %i = %c0 to %n step %c1 {
    memref.store %x, %m[%i] : memref<8xf64>
  }
  scf.for unsigned %i = %c0 to %c1 step %c1 {
    memref.store %x, %m[%i] : memref<8xf64>
  }
  return
}
