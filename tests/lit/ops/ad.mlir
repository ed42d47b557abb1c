// RUN: dpopt %s | dpopt | FileCheck %s
// RUN: dpopt %s --mlir-print-op-generic | dpopt | FileCheck %s

// Every operation reads what it prints, in its own form and in the generic one.
func.func private @f(%x: f64, %n: i32) -> (f64, i32)
func.func private @g(%x: f64) -> f64

// CHECK-LABEL: func.func @requests(
// CHECK-SAME:    %[[X:[^:]*]]: f64, %[[N:[^:]*]]: i32
func.func @requests(%x: f64, %n: i32) {
  // CHECK: ad.jvp @f(%[[X]], %[[N]], %[[X]]) wrt [0] : (f64, i32, f64) -> (f64, i32, f64)
  %jvp:3 = ad.jvp @f(%x, %n, %x) wrt [0] : (f64, i32, f64) -> (f64, i32, f64)
  // CHECK: %[[V:.*]]:3 = ad.vjp @f(%[[X]], %[[N]]) wrt [0] : (f64, i32) -> (f64, i32, !ad.pullback<(f64) -> f64>)
  %vjp:3 = ad.vjp @f(%x, %n) wrt [0] : (f64, i32) -> (f64, i32, !ad.pullback<(f64) -> f64>)
  // CHECK: ad.pull %[[V]]#2(%[[V]]#0) : !ad.pullback<(f64) -> f64>
  %pull = ad.pull %vjp#2(%vjp#0) : !ad.pullback<(f64) -> f64>
  // CHECK: ad.grad @g(%[[X]]) wrt [0] : (f64) -> (f64, f64)
  %grad:2 = ad.grad @g(%x) wrt [0] : (f64) -> (f64, f64)
  // CHECK: ad.stop_gradient %[[X]] : f64
  %stop = ad.stop_gradient %x : f64
  // CHECK: ad.linear(%[[X]] : f64) at(%[[X]] : f64) -> f64 {
  // CHECK:   ad.yield
  %applied = ad.linear(%x : f64) at(%x : f64) -> f64 {
  ^bb0(%dx: f64):
    ad.yield %dx : f64
  }
  // CHECK: ad.linear transpose(%[[X]] : f64) at(%[[X]] : f64) -> f64 {
  // CHECK:   ad.yield
  %transposed = ad.linear transpose(%x : f64) at(%x : f64) -> f64 {
  ^bb0(%dx: f64):
    ad.yield %dx : f64
  }
  return
}
