// RUN: dpopt %s --ad-linearize --split-input-file --verify-diagnostics | FileCheck %s

// A request becomes the function's operations, and beside them a linear region
// whose residuals are values of the primal.
func.func @f(%x: f64, %y: f64) -> f64 {
  %0 = scalar.sin %x : f64
  %1 = scalar.mul %0, %y : f64
  return %1 : f64
}

// CHECK-LABEL: func.func @gradient(
// CHECK-SAME:    %[[X:.*]]: f64, %[[Y:.*]]: f64)
// CHECK-DAG:     %[[SIN:.*]] = scalar.sin %[[X]]
// CHECK-DAG:     %[[COS:.*]] = scalar.cos %[[X]]
// CHECK:         %[[F:.*]] = scalar.mul %[[SIN]], %[[Y]]
// CHECK:         %[[ONE:.*]] = scalar.constant 1.0
// CHECK:         %[[G:.*]]:2 = ad.linear transpose(%[[ONE]] : f64) at(%[[X]], %[[Y]] : f64, f64) -> f64, f64 {
// CHECK:         ^bb0(%[[DX:.*]]: f64, %[[DY:.*]]: f64):
// CHECK:           %[[DSIN:.*]] = scalar.mul %[[COS]], %[[DX]]
// CHECK:           %[[LEFT:.*]] = scalar.mul %[[Y]], %[[DSIN]]
// CHECK:           %[[RIGHT:.*]] = scalar.mul %[[SIN]], %[[DY]]
// CHECK:           %[[SUM:.*]] = scalar.add %[[LEFT]], %[[RIGHT]]
// CHECK:           ad.yield %[[SUM]]
// CHECK:         return %[[F]], %[[G]]#0, %[[G]]#1
func.func @gradient(%x: f64, %y: f64) -> (f64, f64, f64) {
  %v:3 = ad.grad @f(%x, %y) wrt [0, 1] : (f64, f64) -> (f64, f64, f64)
  return %v#0, %v#1, %v#2 : f64, f64, f64
}

// Forward mode needs no region: tangents are computed beside the values. Only what tangents flow through is linearized:
// here not the sine.
// CHECK-LABEL: func.func @partial(
// CHECK-SAME:    %[[X:.*]]: f64, %[[Y:.*]]: f64, %[[DY:.*]]: f64)
// CHECK-NEXT:    %[[SIN:.*]] = scalar.sin %[[X]]
// CHECK-NEXT:    %[[F:.*]] = scalar.mul %[[SIN]], %[[Y]]
// CHECK-NEXT:    %[[DF:.*]] = scalar.mul %[[SIN]], %[[DY]]
// CHECK-NEXT:    return %[[F]], %[[DF]]
func.func @partial(%x: f64, %y: f64, %dy: f64) -> (f64, f64) {
  %v:2 = ad.jvp @f(%x, %y, %dy) wrt [1] : (f64, f64, f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// A request whose function still asks for derivatives waits for the next round.
// CHECK-LABEL: func.func @second(
// CHECK:         ad.jvp @gradient
func.func @second(%x: f64, %dx: f64) -> (f64, f64, f64, f64, f64, f64) {
  %v:6 = ad.jvp @gradient(%x, %x, %dx) wrt [0] : (f64, f64, f64) -> (f64, f64, f64, f64, f64, f64)
  return %v#0, %v#1, %v#2, %v#3, %v#4, %v#5 : f64, f64, f64, f64, f64, f64
}

// -----

// A branch that needs the primal's values gets them as results of the primal.
func.func @f(%p: i1, %x: f64) -> f64 {
  %y = scf.if %p -> f64 {
    %e = scalar.exp %x : f64
    scf.yield %e : f64
  } else {
    scf.yield %x : f64
  }
  return %y : f64
}

// CHECK-LABEL: func.func @gradient(
// CHECK-SAME:    %[[P:.*]]: i1
// CHECK:         %[[IF:.*]]:2 = scf.if %[[P]] -> (f64, f64)
// CHECK:         ad.linear
// CHECK:           scf.if %[[P]] -> (f64)
// CHECK:             scalar.mul %[[IF]]#1
func.func @gradient(%p: i1, %x: f64) -> (f64, f64) {
  %v:2 = ad.grad @f(%p, %x) wrt [1] : (i1, f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// CHECK-LABEL: func.func @tangent(
// CHECK-SAME:    %[[P:.*]]: i1, %[[X:.*]]: f64, %[[DX:.*]]: f64)
// CHECK:         %[[IF:.*]]:2 = scf.if %[[P]] -> (f64, f64)
// CHECK:           %[[E:.*]] = scalar.exp %[[X]]
// CHECK:           %[[DE:.*]] = scalar.mul %{{.*}}, %[[DX]]
// CHECK:           scf.yield %[[E]], %[[DE]]
// CHECK:           scf.yield %[[X]], %[[DX]]
// CHECK:         return %[[IF]]#0, %[[IF]]#1
func.func @tangent(%p: i1, %x: f64, %dx: f64) -> (f64, f64) {
  %v:2 = ad.jvp @f(%p, %x, %dx) wrt [1] : (i1, f64, f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

func.func @f(%x: f64) -> f64 {
  return %x : f64
}
func.func @escaping(%x: f64) -> (f64, !ad.pullback<(f64) -> f64>) {
  // expected-error @+2 {{this pullback escapes}}
  // expected-note @+1 {{run the pass 'ad'}}
  %y, %back = ad.vjp @f(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
  return %y, %back : f64, !ad.pullback<(f64) -> f64>
}

// -----

func.func @f(%x: f64) -> f64 {
  // expected-error @+2 {{'math.cbrt' has no derivative}}
  // expected-note @+1 {{differentiate operations of}}
  %y = math.cbrt %x : f64
  return %y : f64
}
func.func @gradient(%x: f64) -> (f64, f64) {
  %v:2 = ad.grad @f(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

func.func private @f(%x: f64) -> f64
func.func @gradient(%x: f64) -> (f64, f64) {
  // expected-error @+2 {{the derivative of '@f' needs its body}}
  // expected-note @+1 {{define the function in this module}}
  %v:2 = ad.grad @f(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}
