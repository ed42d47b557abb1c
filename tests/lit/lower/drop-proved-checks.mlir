// RUN: dpopt %s --raise-to-scalar --drop-proved-checks | FileCheck %s

// A loop to the extent of a tensor stays within what it makes of it, and within what has that extent.
// CHECK-LABEL: func.func @rows(
// CHECK-NOT:     cf.assert
// CHECK:         return
func.func @rows(%x: tensor<?xf64>, %v: f64) -> (tensor<?xf64>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %last = arith.subi %n, %c1 : index
  %none = tensor.empty(%n) : tensor<?xf64>
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %none) -> (tensor<?xf64>, tensor<?xf64>) {
    %back = arith.subi %last, %i : index
    %c = tensor.insert %v into %a[%back] : tensor<?xf64>
    %d = scf.for %j = %c0 to %i step %c1 iter_args(%e = %b) -> tensor<?xf64> {
      %f = tensor.insert %v into %e[%j] : tensor<?xf64>
      scf.yield %f : tensor<?xf64>
    }
    scf.yield %c, %d : tensor<?xf64>, tensor<?xf64>
  }
  return %r#0, %r#1 : tensor<?xf64>, tensor<?xf64>
}

// The extent is an argument.
// CHECK-LABEL: func.func @given(
// CHECK-NOT:     cf.assert
// CHECK:         return
func.func @given(%n: index, %v: f64) -> tensor<2x?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %none = tensor.empty(%n) : tensor<2x?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %none) -> tensor<2x?xf64> {
    %b = tensor.insert %v into %a[%c1, %i] : tensor<2x?xf64>
    scf.yield %b : tensor<2x?xf64>
  }
  return %r : tensor<2x?xf64>
}

// Nothing says that there are n elements, that one more is there, or that the loop keeps the extent.
// CHECK-LABEL: func.func @open(
// CHECK-COUNT-4: cf.assert
// CHECK:         return
func.func @open(%x: tensor<?xf64>, %y: tensor<?xf64>, %n: index, %v: f64) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?xf64>
  %p = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<?xf64> {
    %b = tensor.insert %v into %a[%i] : tensor<?xf64>
    scf.yield %b : tensor<?xf64>
  }
  %q = scf.for %i = %c0 to %m step %c1 iter_args(%a = %p) -> tensor<?xf64> {
    %next = arith.addi %i, %c1 : index
    %b = tensor.insert %v into %a[%next] : tensor<?xf64>
    %c = tensor.insert %v into %y[%i] : tensor<?xf64>
    %d = scalar.add %b, %c : tensor<?xf64>
    scf.yield %b : tensor<?xf64>
  }
  %r = scf.for %i = %c0 to %m step %c1 iter_args(%a = %q) -> tensor<?xf64> {
    %b = tensor.insert %v into %a[%i] : tensor<?xf64>
    scf.yield %y : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}
