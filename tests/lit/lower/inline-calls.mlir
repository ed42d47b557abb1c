// RUN: dpopt %s --inline-calls=tensors=false --split-input-file --verify-diagnostics | FileCheck %s

// A body in the place of each call; what nothing calls any more goes.
// CHECK-NOT:   @square
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    %[[X:.*]]: tensor<?xf32>)
// CHECK:         %[[A:.*]] = scalar.mul %[[X]], %[[X]]
// CHECK:         %[[B:.*]] = scalar.mul %[[A]], %[[A]]
// CHECK:         return %[[B]]
func.func private @square(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = scalar.mul %x, %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %a = func.call @square(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %b = func.call @square(%a) : (tensor<?xf32>) -> tensor<?xf32>
  return %b : tensor<?xf32>
}

// -----

// Recursion on numbers stays a call.
// CHECK-LABEL: func.func @g
// CHECK:         call @g
func.func @g(%p: i1, %x: f64) -> f64 {
  %y = scf.if %p -> f64 {
    scf.yield %x : f64
  } else {
    %z = func.call @g(%p, %x) : (i1, f64) -> f64
    scf.yield %z : f64
  }
  return %y : f64
}

// -----

func.func @h(%p: i1, %x: tensor<2xf64>) -> tensor<2xf64> {
  %y = scf.if %p -> tensor<2xf64> {
    scf.yield %x : tensor<2xf64>
  } else {
    // expected-error @+2 {{@h is recursive and has tensor arguments or results, which this target does not support}}
    // expected-note @+1 {{write the recursion as a loop, 'scf.while' or 'scf.for', or use --target=cpu}}
    %z = func.call @h(%p, %x) : (i1, tensor<2xf64>) -> tensor<2xf64>
    scf.yield %z : tensor<2xf64>
  }
  return %y : tensor<2xf64>
}
