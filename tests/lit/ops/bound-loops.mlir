// RUN: dpopt %s --bound-loops=bounds=13=7 | FileCheck %s
// RUN: dpopt %s --bound-loops="bounds=13=7 infer=true" | FileCheck %s --check-prefixes=CHECK,INFER
// RUN: dpopt %s --bound-loops="bounds=13:8=7 infer=true" --ad | FileCheck %s --check-prefix=TAPE
// RUN: %refused dpopt %s --bound-loops=bounds=14=7 2>&1 | FileCheck %s --check-prefix=PLACE
// PLACE: error: --bound 14=7: there is no loop at 14

// CHECK-LABEL: func.func @given
// CHECK: scf.while
// CHECK: attributes {dp.bound = 7 : i64}
// TAPE-LABEL: func.func @derivative
// TAPE: cf.assert {{.*}}, "this loop has more rounds than its bound, 7"
func.func @given(%a: f64) -> f64 {
  %r = scf.while (%x = %a) : (f64) -> f64 {
    %go = scalar.compare lt %x, %a : f64
    scf.condition(%go) %x : f64
  } do {
  ^bb0(%x: f64):
    %y = scalar.mul %x, %a : f64
    scf.yield %y : f64
  }
  return %r : f64
}

func.func @derivative(%a: f64) -> f64 {
  %v:2 = ad.grad @given(%a) wrt [0] : (f64) -> (f64, f64)
  return %v#1 : f64
}

// What the loops compare: ceil((min(n, 20) - 1) / 2), and an exit at 30 besides another.
// CHECK-LABEL: func.func @inferred
// INFER: scf.for
// INFER: {dp.bound = 10 : i64}
// INFER: scf.while
// INFER: attributes {dp.bound = 30 : i64}
// A number of rounds that is known needs no bound, and of a run-time one nothing is known.
// CHECK-NOT: dp.bound
func.func @inferred(%a: f64, %n: index) -> (f64, f64, f64, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c20 = arith.constant 20 : index
  %c30 = arith.constant 30 : index
  %m = arith.minsi %c20, %n : index
  %p = scf.for %i = %c1 to %m step %c2 iter_args(%x = %a) -> f64 {
    %y = scalar.mul %x, %a : f64
    scf.yield %y : f64
  }
  %q:2 = scf.while (%x = %a, %i = %c0) : (f64, index) -> (f64, index) {
    %small = scalar.compare lt %x, %p : f64
    %early = arith.cmpi slt, %i, %c30 : index
    %go = scalar.and %early, %small : i1
    scf.condition(%go) %x, %i : f64, index
  } do {
  ^bb0(%x: f64, %i: index):
    %y = scalar.mul %x, %a : f64
    %j = arith.addi %i, %c1 : index
    scf.yield %y, %j : f64, index
  }
  %r = scf.for %i = %c0 to %c20 step %c1 iter_args(%x = %a) -> f64 {
    %y = scalar.mul %x, %a : f64
    scf.yield %y : f64
  }
  %s = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> f64 {
    %y = scalar.mul %x, %a : f64
    scf.yield %y : f64
  }
  return %p, %q#0, %r, %s : f64, f64, f64, f64
}
