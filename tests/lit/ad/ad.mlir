// RUN: dpopt %s --ad --split-input-file --verify-diagnostics | FileCheck %s
// RUN: dpopt %s --ad --split-input-file --verify-diagnostics --mlir-print-debuginfo | FileCheck %s --check-prefix=LOC

// Requests nest to any depth and none is left.
// CHECK-NOT: ad.
// LOC-NOT: loc(unknown)
func.func @f(%x: f64) -> f64 {
  %0 = scalar.sin %x : f64
  return %0 : f64
}
func.func @first(%x: f64) -> f64 {
  %v:2 = ad.grad @f(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#1 : f64
}

// The second derivative of the sine: what it computes says where it came from,
// by which rule, and at which level of nesting.
// CHECK-LABEL: func.func @second(
// CHECK-SAME:    %[[X:.*]]: f64)
// CHECK:         scalar.sin %[[X]]
// LOC-DAG: #[[FIRST:.*]] = loc(fused<#ad.origin<"scalar.sin", 1>>[#{{.*}}])
// LOC-DAG: loc(fused<#ad.origin<"scalar.cos", 2>>[#{{.*}}])
func.func @second(%x: f64) -> f64 {
  %v:2 = ad.grad @first(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#1 : f64
}

// Derivatives within linear regions are found before these are turned around: what is pulled there, and in a function that
// is called there, too.
func.func private @product(%x: f64, %y: f64) -> f64 {
  %0 = scalar.mul %x, %y : f64
  return %0 : f64
}
func.func private @along(%x: f64, %d: f64) -> f64 {
  %y, %dy = ad.jvp @product(%x, %x, %d) wrt [0] : (f64, f64, f64) -> (f64, f64)
  %0 = scalar.mul %y, %dy : f64
  return %0 : f64
}
// CHECK-LABEL: func.func @within(
// CHECK-SAME:    %[[X:.*]]: f64, %[[CT:.*]]: f64)
// CHECK-NEXT:    %[[Y:.*]] = scalar.mul %[[X]], %[[X]]
// CHECK-NEXT:    %[[A:.*]] = scalar.mul %[[CT]], %[[X]]
// CHECK-NEXT:    %[[B:.*]] = scalar.mul %[[A]], %[[Y]]
// CHECK-NEXT:    %[[C:.*]] = scalar.mul %[[B]], %[[X]]
// CHECK-NEXT:    return %[[C]]
func.func @within(%x: f64, %ct: f64) -> f64 {
  %y, %back = ad.vjp @product(%x, %x) wrt [0] : (f64, f64) -> (f64, !ad.pullback<(f64) -> f64>)
  %g = ad.linear transpose (%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    %0 = func.call @along(%x, %d) : (f64, f64) -> f64
    %1 = ad.pull %back(%0) : !ad.pullback<(f64) -> f64>
    ad.yield %1 : f64
  }
  return %g : f64
}

// -----

func.func @loop(%x: f64) -> f64 {
  // expected-error @+2 {{this derivative waits for itself}}
  // expected-note @+1 {{derivatives of recursive requests have no end}}
  %v:2 = ad.grad @loop(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#1 : f64
}

// -----

// A module within another has names of its own.
// CHECK-LABEL: module @inner
// CHECK-LABEL: func.func @g(
// CHECK-NOT:     ad.
// CHECK:         scalar.exp
// CHECK-LABEL: func.func @h(
// CHECK-NOT:     ad.
// CHECK:         scalar.exp
func.func @f(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
module @inner {
  func.func @f(%x: f64) -> f64 {
    %y = scalar.exp %x : f64
    return %y : f64
  }
  func.func @g(%x: f64) -> f64 {
    %v:2 = ad.grad @f(%x) wrt [0] : (f64) -> (f64, f64)
    return %v#1 : f64
  }
  func.func @h(%x: f64) -> f64 {
    %v:2 = ad.grad @g(%x) wrt [0] : (f64) -> (f64, f64)
    return %v#1 : f64
  }
}
