// RUN: dpopt %s --ad --split-input-file --verify-diagnostics | FileCheck %s

// A recursive function is linearized once: into a function that keeps the residuals of each call in a record, and a
// function that maps cotangents, which finds the records of inner calls through those of outer ones.
func.func private @power(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %done = arith.cmpi eq, %n, %c0 : index
  %y = scf.if %done -> f64 {
    %one = scalar.constant 1.0 : f64
    scf.yield %one : f64
  } else {
    %less = arith.subi %n, %c1 : index
    %rest = func.call @power(%x, %less) : (f64, index) -> f64
    %product = scalar.mul %x, %rest : f64
    scf.yield %product : f64
  }
  return %y : f64
}

// CHECK-LABEL: func.func private @power__reverse(
// CHECK-SAME:    %[[AT:.*]]: index, %[[X:.*]]: f64, %{{.*}}: index, %[[CT:.*]]: f64) -> f64
// CHECK-NEXT:    %[[KEPT:.*]]:4 = ad.recall %[[AT]] : i1, index, index, f64
// CHECK:         scf.if %[[KEPT]]#0
// CHECK:           %[[CTR:.*]] = scalar.mul %[[CT]], %[[X]]
// CHECK:           func.call @power__reverse(%[[KEPT]]#1, %[[X]], %[[KEPT]]#2, %[[CTR]])

// CHECK-LABEL: func.func private @power__forward(
// CHECK-SAME:    %[[X:.*]]: f64, %[[N:.*]]: index) -> (f64, index)
// CHECK:         %[[IF:.*]]:4 = scf.if %[[P:.*]] -> (f64, index, index, f64)
// CHECK:           %[[R:.*]]:2 = func.call @power__forward(%[[X]], %{{.*}})
// CHECK:         %[[AT:.*]] = ad.record(%[[P]], %[[IF]]#1, %[[IF]]#2, %[[IF]]#3 : i1, index, index, f64)
// CHECK-NEXT:    return %[[IF]]#0, %[[AT]]

// Forward mode keeps nothing.
// CHECK-LABEL: func.func private @power__jvp(
// CHECK-SAME:    %[[X:.*]]: f64, %[[N:.*]]: index, %[[DX:.*]]: f64) -> (f64, f64)
// CHECK-NOT:     ad.record
// CHECK:         %[[Y:.*]]:2 = func.call @power__jvp(%[[X]], %{{.*}}, %[[DX]])

// CHECK-LABEL: func.func @gradient(
// CHECK-SAME:    %[[X:.*]]: f64, %[[N:.*]]: index)
// CHECK-NEXT:    %[[Y:.*]]:2 = call @power__forward(%[[X]], %[[N]])
// CHECK:         %[[G:.*]] = call @power__reverse(%[[Y]]#1, %[[X]], %[[N]], %{{.*}})
// CHECK-NEXT:    return %[[Y]]#0, %[[G]]
func.func @gradient(%x: f64, %n: index) -> (f64, f64) {
  %v:2 = ad.grad @power(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// CHECK-LABEL: func.func @forward(
// CHECK:         call @power__jvp
func.func @forward(%x: f64, %n: index, %dx: f64) -> (f64, f64) {
  %v:2 = ad.jvp @power(%x, %n, %dx) wrt [0] : (f64, index, f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

// What does not depend on the active argument is called as it is.
func.func private @count(%x: f64, %n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %done = arith.cmpi eq, %n, %c0 : index
  %y = scf.if %done -> index {
    scf.yield %c1 : index
  } else {
    %less = arith.subi %n, %c1 : index
    %rest = func.call @count(%x, %less) : (f64, index) -> index
    scf.yield %rest : index
  }
  return %y : index
}
func.func private @f(%x: f64, %y: f64, %n: index) -> f64 {
  %k = func.call @count(%y, %n) : (f64, index) -> index
  %i = arith.index_cast %k : index to i64
  %s = scalar.convert %i : i64 to f64
  %p = scalar.mul %x, %s : f64
  return %p : f64
}
// CHECK-LABEL: func.func @inactive(
// CHECK:         call @count(
// CHECK-NOT:     ad.record
// CHECK:         return
func.func @inactive(%x: f64, %n: index) -> (f64, f64) {
  %v:2 = ad.grad @f(%x, %x, %n) wrt [0] : (f64, f64, index) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

// The derivative of a reverse function is another reverse function's: of the one that computes values and tangents. The
// first gradient, which nothing uses, is not computed.
// CHECK-LABEL: func.func private @f__hvp(
// CHECK-SAME:    %[[X:.*]]: f64, %[[C:.*]]: f64, %[[DX:.*]]: f64) -> f64
// CHECK:         %[[Y:.*]]:3 = call @f__jvp__forward(%[[X]], %[[DX]])
// CHECK:         call @f__jvp__reverse(%[[Y]]#2, %[[X]], %[[DX]], %{{.*}}, %[[C]])
// CHECK-LABEL: func.func @second(
// CHECK-SAME:    %[[X:.*]]: f64, %[[DX:.*]]: f64)
// CHECK-NEXT:    %[[ONE:.*]] = scalar.constant
// CHECK-NEXT:    %[[S:.*]] = call @f__hvp(%[[X]], %[[ONE]], %[[DX]])
// CHECK-NEXT:    return %[[S]]
func.func private @f(%x: f64) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %done = scalar.compare lt %x, %zero : f64
  %y = scf.if %done -> f64 {
    scf.yield %x : f64
  } else {
    %one = scalar.constant 1.0 : f64
    %less = scalar.sub %x, %one : f64
    %rest = func.call @f(%less) : (f64) -> f64
    %product = scalar.mul %x, %rest : f64
    scf.yield %product : f64
  }
  return %y : f64
}
func.func @gradient(%x: f64) -> f64 {
  %v:2 = ad.grad @f(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#1 : f64
}
func.func @second(%x: f64, %dx: f64) -> f64 {
  %v:2 = ad.jvp @gradient(%x, %dx) wrt [0] : (f64, f64) -> (f64, f64)
  return %v#1 : f64
}
