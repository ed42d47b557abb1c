// RUN: dpopt %s --ad=inline=0 --split-input-file --verify-diagnostics | FileCheck %s
// RUN: dpopt %s --ad=inline=none --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=INLINED

// A function of which inlining adds more operations than the limit is linearized once for each set of active arguments:
// into a function that keeps what its linear part uses in a record, and a function that maps cotangents.
func.func private @f(%x: tensor<4xf64>, %y: tensor<4xf64>) -> tensor<4xf64> {
  %s = scalar.sin %x : tensor<4xf64>
  %p = scalar.mul %s, %y : tensor<4xf64>
  return %p : tensor<4xf64>
}

// The second argument is not active in the second call.
// CHECK-DAG: func.func private @[[ONE:f__reverse_*]](%{{.*}}: index, %{{.*}}: tensor<4xf64>, %{{.*}}: tensor<4xf64>, %{{.*}}: tensor<4xf64>) -> tensor<4xf64> {
// CHECK-DAG: func.func private @[[TWO:f__reverse_*]](%{{.*}}: index, %{{.*}}: tensor<4xf64>, %{{.*}}: tensor<4xf64>, %{{.*}}: tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>) {

// CHECK-LABEL: func.func @gradient(
// CHECK:         %[[A:.*]]:2 = call @f__forward(
// CHECK:         %[[B:.*]]:2 = call @f__forward_(%[[A]]#0,
// CHECK:         call @[[ONE]](%[[B]]#1,
// CHECK:         call @[[TWO]](%[[A]]#1,
// INLINED-NOT: @f__
func.func private @g(%x: tensor<4xf64>, %y: tensor<4xf64>, %k: tensor<4xf64>) -> tensor<4xf64> {
  %a = func.call @f(%x, %y) : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>
  %b = func.call @f(%a, %k) : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>
  return %b : tensor<4xf64>
}
func.func @gradient(%x: tensor<4xf64>, %y: tensor<4xf64>, %k: tensor<4xf64>, %ct: tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>) {
  %v:2 = ad.vjp @g(%x, %y, %k) wrt [0, 1] : (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>) -> (tensor<4xf64>, !ad.pullback<(tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>)>)
  %g:2 = ad.pull %v#1(%ct) : !ad.pullback<(tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>)>
  return %g#0, %g#1 : tensor<4xf64>, tensor<4xf64>
}

// -----

// Forward mode: one function, with tangents after the arguments and after the results.
func.func private @f(%x: f64) -> f64 {
  %s = scalar.sin %x : f64
  return %s : f64
}
// CHECK-LABEL: func.func private @f__jvp(
// CHECK-SAME:    f64, %{{.*}}: f64) -> (f64, f64)
// CHECK-LABEL: func.func @forward(
// CHECK:         call @f__jvp(
// CHECK:         call @f__jvp(
func.func private @g(%x: f64) -> f64 {
  %a = func.call @f(%x) : (f64) -> f64
  %b = func.call @f(%a) : (f64) -> f64
  return %b : f64
}
func.func @forward(%x: f64, %dx: f64) -> (f64, f64) {
  %v:2 = ad.jvp @g(%x, %dx) wrt [0] : (f64, f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

// A request expands the function itself, and a function that is called once is inlined.
// CHECK-LABEL: func.func @once(
// CHECK-NOT:     call
// CHECK:         return
func.func private @f(%x: f64) -> f64 {
  %s = scalar.sin %x : f64
  return %s : f64
}
func.func private @g(%x: f64) -> f64 {
  %a = func.call @f(%x) : (f64) -> f64
  return %a : f64
}
func.func @once(%x: f64) -> (f64, f64) {
  %v:2 = ad.grad @g(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

// -----

// What computes elements of tensors is inlined.
// CHECK-LABEL: func.func @elements(
// CHECK-NOT:     call
// CHECK:         return
func.func private @f(%x: f64) -> f64 {
  %s = scalar.sin %x : f64
  return %s : f64
}
func.func private @g(%x: tensor<4xf64>) -> tensor<4xf64> {
  %y = array.map(%x) : (tensor<4xf64>) -> tensor<4xf64> {
  ^bb0(%e: f64):
    %a = func.call @f(%e) : (f64) -> f64
    %b = func.call @f(%a) : (f64) -> f64
    array.yield %b : f64
  }
  return %y : tensor<4xf64>
}
func.func @elements(%x: tensor<4xf64>, %dx: tensor<4xf64>) -> tensor<4xf64> {
  %v:2 = ad.jvp @g(%x, %dx) wrt [0] : (tensor<4xf64>, tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>)
  return %v#1 : tensor<4xf64>
}

// -----

// An error within a function that stays a call is located at the operation.
func.func private @f(%x: f64) -> f64 {
  // expected-error @+2 {{'arith.negf' has no derivative}}
  // expected-note @+1 {{differentiate operations of 'scalar'}}
  %s = arith.negf %x : f64
  return %s : f64
}
func.func private @g(%x: f64) -> f64 {
  %a = func.call @f(%x) : (f64) -> f64
  %b = func.call @f(%a) : (f64) -> f64
  return %b : f64
}
func.func @located(%x: f64) -> (f64, f64) {
  %v:2 = ad.grad @g(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}
