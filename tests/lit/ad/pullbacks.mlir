// RUN: dpopt %s --ad --split-input-file --verify-diagnostics | FileCheck %s

// A pullback that a function returns is pulled in place once the call is inlined, and needs no record.
func.func private @square(%x: f64) -> f64 {
  %y = scalar.mul %x, %x : f64
  return %y : f64
}
// CHECK-NOT: @make(
func.func private @make(%x: f64) -> (f64, !ad.pullback<(f64) -> f64>) {
  %y, %back = ad.vjp @square(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
  return %y, %back : f64, !ad.pullback<(f64) -> f64>
}
// CHECK-LABEL: func.func @returned(
// CHECK-NOT:     call
// CHECK-NOT:     ad.re
// CHECK:         return
func.func @returned(%x: f64, %c: f64) -> (f64, f64) {
  %y, %back = func.call @make(%x) : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
  %a = ad.pull %back(%c) : !ad.pullback<(f64) -> f64>
  return %y, %a : f64, f64
}

// -----

// A pullback that a branch chooses is the position of a record: of the number of its request, and the position of
// another record.
func.func private @square(%x: f64) -> f64 {
  %y = scalar.mul %x, %x : f64
  return %y : f64
}
func.func private @sine(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}

// CHECK-LABEL: func.func private @sine__pull(
// CHECK-SAME:    %[[AT:.*]]: index, %[[CT:.*]]: f64) -> f64
// CHECK-NEXT:    %[[KEPT:.*]]:2 = ad.recall %[[AT]] : index, f64
// CHECK-NEXT:    %[[G:.*]] = call @sine__reverse(%[[KEPT]]#0, %[[KEPT]]#1, %[[CT]])
// CHECK-NEXT:    return %[[G]]

// CHECK-LABEL: func.func private @sine__vjp(
// CHECK-SAME:    %[[X:.*]]: f64) -> (f64, index)
// CHECK-NEXT:    %[[Y:.*]]:2 = call @sine__forward(%[[X]])
// CHECK-NEXT:    %[[KEPT:.*]] = ad.record(%[[Y]]#1, %[[X]] : index, f64)
// CHECK-NEXT:    %[[ONE:.*]] = arith.constant 1 : index
// CHECK-NEXT:    %[[BACK:.*]] = ad.record(%[[ONE]], %[[KEPT]] : index, index)
// CHECK-NEXT:    return %[[Y]]#0, %[[BACK]]

// CHECK-LABEL: func.func @chosen(
// CHECK-SAME:    %[[P:.*]]: i1, %[[X:.*]]: f64, %[[C:.*]]: f64) -> f64
// CHECK:         %[[BACK:.*]] = scf.if %[[P]] -> (index)
// CHECK:           func.call @square__vjp(%[[X]])
// CHECK:           func.call @sine__vjp(%[[X]])
// CHECK:         %[[KEPT:.*]]:2 = ad.recall %[[BACK]] : index, index
// CHECK-NEXT:    scf.index_switch %[[KEPT]]#0
// CHECK-NEXT:    case 0
// CHECK-NEXT:      func.call @square__pull(%[[KEPT]]#1, %[[C]])
// CHECK:         default
// CHECK-NEXT:      func.call @sine__pull(%[[KEPT]]#1, %[[C]])
func.func @chosen(%p: i1, %x: f64, %c: f64) -> f64 {
  %back = scf.if %p -> !ad.pullback<(f64) -> f64> {
    %y, %b = ad.vjp @square(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
    scf.yield %b : !ad.pullback<(f64) -> f64>
  } else {
    %y, %b = ad.vjp @sine(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
    scf.yield %b : !ad.pullback<(f64) -> f64>
  }
  %g = ad.pull %back(%c) : !ad.pullback<(f64) -> f64>
  return %g : f64
}

// -----

// In a loop, the pullback of one round is pulled in the next. A pullback is linear: of its application there are
// derivatives along the cotangent, in both directions.
func.func private @sine(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
func.func private @rounds(%x: f64, %c: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y, %first = ad.vjp @sine(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%v = %y, %ct = %c, %back = %first)
      -> (f64, f64, !ad.pullback<(f64) -> f64>) {
    %w, %next = ad.vjp @sine(%v) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
    %g = ad.pull %back(%ct) : !ad.pullback<(f64) -> f64>
    scf.yield %w, %g, %next : f64, f64, !ad.pullback<(f64) -> f64>
  }
  return %r#1 : f64
}
// CHECK-LABEL: func.func @gradient(
// CHECK:         scf.for
// CHECK:           func.call @sine__vjp
// CHECK:           func.call @sine__pull
// CHECK:         scf.for
// CHECK:           func.call @sine__push
func.func @gradient(%x: f64, %c: f64, %n: index) -> (f64, f64) {
  %v:2 = ad.grad @rounds(%x, %c, %n) wrt [1] : (f64, f64, index) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

// By the point at which a pullback in a record was made, there is no derivative.
func.func private @sine(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
func.func private @chosen(%p: i1, %x: f64) -> f64 {
  // expected-error @+2 {{this pullback is kept in a record, through which no derivative by its point is found}}
  // expected-note @+1 {{pull it in the function that makes it}}
  %y, %a = ad.vjp @sine(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
  %z, %b = ad.vjp @sine(%y) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
  %back = arith.select %p, %a, %b : !ad.pullback<(f64) -> f64>
  %g = ad.pull %back(%y) : !ad.pullback<(f64) -> f64>
  return %g : f64
}
func.func @gradient(%p: i1, %x: f64) -> f64 {
  %v:2 = ad.grad @chosen(%p, %x) wrt [1] : (i1, f64) -> (f64, f64)
  return %v#1 : f64
}

// -----

func.func private @sine(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
// expected-error @+2 {{a public function takes or returns a pullback, which has no form in the C interface}}
// expected-note @+1 {{make it private, and pull}}
func.func @returned(%x: f64) -> (f64, !ad.pullback<(f64) -> f64>) {
  %y, %back = ad.vjp @sine(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
  return %y, %back : f64, !ad.pullback<(f64) -> f64>
}

// -----

func.func private @again(%x: f64, %back: !ad.pullback<(f64) -> f64>) -> f64 {
  %y = func.call @again(%x, %back) : (f64, !ad.pullback<(f64) -> f64>) -> f64
  // expected-error @+2 {{no pullback of this type is made in this program}}
  // expected-note @+1 {{make one with 'ad.vjp'}}
  %g = ad.pull %back(%y) : !ad.pullback<(f64) -> f64>
  return %g : f64
}
