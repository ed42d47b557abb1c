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

// -----

// If functions that are called have no tensors, no limit applies.
// CHECK-LABEL: func.func @many(
// CHECK-NOT:     call
// CHECK:         return
func.func private @long(%x0: tensor<2xf64>) -> tensor<2xf64> {
  %x1 = scalar.sin %x0 : tensor<2xf64>
  %x2 = scalar.sin %x1 : tensor<2xf64>
  %x3 = scalar.sin %x2 : tensor<2xf64>
  %x4 = scalar.sin %x3 : tensor<2xf64>
  %x5 = scalar.sin %x4 : tensor<2xf64>
  %x6 = scalar.sin %x5 : tensor<2xf64>
  %x7 = scalar.sin %x6 : tensor<2xf64>
  %x8 = scalar.sin %x7 : tensor<2xf64>
  %x9 = scalar.sin %x8 : tensor<2xf64>
  %x10 = scalar.sin %x9 : tensor<2xf64>
  %x11 = scalar.sin %x10 : tensor<2xf64>
  %x12 = scalar.sin %x11 : tensor<2xf64>
  %x13 = scalar.sin %x12 : tensor<2xf64>
  %x14 = scalar.sin %x13 : tensor<2xf64>
  %x15 = scalar.sin %x14 : tensor<2xf64>
  %x16 = scalar.sin %x15 : tensor<2xf64>
  %x17 = scalar.sin %x16 : tensor<2xf64>
  %x18 = scalar.sin %x17 : tensor<2xf64>
  %x19 = scalar.sin %x18 : tensor<2xf64>
  %x20 = scalar.sin %x19 : tensor<2xf64>
  %x21 = scalar.sin %x20 : tensor<2xf64>
  %x22 = scalar.sin %x21 : tensor<2xf64>
  %x23 = scalar.sin %x22 : tensor<2xf64>
  %x24 = scalar.sin %x23 : tensor<2xf64>
  %x25 = scalar.sin %x24 : tensor<2xf64>
  %x26 = scalar.sin %x25 : tensor<2xf64>
  %x27 = scalar.sin %x26 : tensor<2xf64>
  %x28 = scalar.sin %x27 : tensor<2xf64>
  %x29 = scalar.sin %x28 : tensor<2xf64>
  %x30 = scalar.sin %x29 : tensor<2xf64>
  %x31 = scalar.sin %x30 : tensor<2xf64>
  %x32 = scalar.sin %x31 : tensor<2xf64>
  %x33 = scalar.sin %x32 : tensor<2xf64>
  %x34 = scalar.sin %x33 : tensor<2xf64>
  %x35 = scalar.sin %x34 : tensor<2xf64>
  %x36 = scalar.sin %x35 : tensor<2xf64>
  %x37 = scalar.sin %x36 : tensor<2xf64>
  %x38 = scalar.sin %x37 : tensor<2xf64>
  %x39 = scalar.sin %x38 : tensor<2xf64>
  %x40 = scalar.sin %x39 : tensor<2xf64>
  return %x40 : tensor<2xf64>
}
func.func @many(%x0: tensor<2xf64>) -> tensor<2xf64> {
  %x1 = func.call @long(%x0) : (tensor<2xf64>) -> tensor<2xf64>
  %x2 = func.call @long(%x1) : (tensor<2xf64>) -> tensor<2xf64>
  %x3 = func.call @long(%x2) : (tensor<2xf64>) -> tensor<2xf64>
  %x4 = func.call @long(%x3) : (tensor<2xf64>) -> tensor<2xf64>
  %x5 = func.call @long(%x4) : (tensor<2xf64>) -> tensor<2xf64>
  %x6 = func.call @long(%x5) : (tensor<2xf64>) -> tensor<2xf64>
  %x7 = func.call @long(%x6) : (tensor<2xf64>) -> tensor<2xf64>
  %x8 = func.call @long(%x7) : (tensor<2xf64>) -> tensor<2xf64>
  %x9 = func.call @long(%x8) : (tensor<2xf64>) -> tensor<2xf64>
  %x10 = func.call @long(%x9) : (tensor<2xf64>) -> tensor<2xf64>
  %x11 = func.call @long(%x10) : (tensor<2xf64>) -> tensor<2xf64>
  %x12 = func.call @long(%x11) : (tensor<2xf64>) -> tensor<2xf64>
  %x13 = func.call @long(%x12) : (tensor<2xf64>) -> tensor<2xf64>
  %x14 = func.call @long(%x13) : (tensor<2xf64>) -> tensor<2xf64>
  %x15 = func.call @long(%x14) : (tensor<2xf64>) -> tensor<2xf64>
  %x16 = func.call @long(%x15) : (tensor<2xf64>) -> tensor<2xf64>
  %x17 = func.call @long(%x16) : (tensor<2xf64>) -> tensor<2xf64>
  %x18 = func.call @long(%x17) : (tensor<2xf64>) -> tensor<2xf64>
  %x19 = func.call @long(%x18) : (tensor<2xf64>) -> tensor<2xf64>
  %x20 = func.call @long(%x19) : (tensor<2xf64>) -> tensor<2xf64>
  %x21 = func.call @long(%x20) : (tensor<2xf64>) -> tensor<2xf64>
  %x22 = func.call @long(%x21) : (tensor<2xf64>) -> tensor<2xf64>
  %x23 = func.call @long(%x22) : (tensor<2xf64>) -> tensor<2xf64>
  %x24 = func.call @long(%x23) : (tensor<2xf64>) -> tensor<2xf64>
  %x25 = func.call @long(%x24) : (tensor<2xf64>) -> tensor<2xf64>
  %x26 = func.call @long(%x25) : (tensor<2xf64>) -> tensor<2xf64>
  %x27 = func.call @long(%x26) : (tensor<2xf64>) -> tensor<2xf64>
  %x28 = func.call @long(%x27) : (tensor<2xf64>) -> tensor<2xf64>
  %x29 = func.call @long(%x28) : (tensor<2xf64>) -> tensor<2xf64>
  %x30 = func.call @long(%x29) : (tensor<2xf64>) -> tensor<2xf64>
  %x31 = func.call @long(%x30) : (tensor<2xf64>) -> tensor<2xf64>
  %x32 = func.call @long(%x31) : (tensor<2xf64>) -> tensor<2xf64>
  %x33 = func.call @long(%x32) : (tensor<2xf64>) -> tensor<2xf64>
  %x34 = func.call @long(%x33) : (tensor<2xf64>) -> tensor<2xf64>
  %x35 = func.call @long(%x34) : (tensor<2xf64>) -> tensor<2xf64>
  %x36 = func.call @long(%x35) : (tensor<2xf64>) -> tensor<2xf64>
  %x37 = func.call @long(%x36) : (tensor<2xf64>) -> tensor<2xf64>
  %x38 = func.call @long(%x37) : (tensor<2xf64>) -> tensor<2xf64>
  %x39 = func.call @long(%x38) : (tensor<2xf64>) -> tensor<2xf64>
  %x40 = func.call @long(%x39) : (tensor<2xf64>) -> tensor<2xf64>
  %x41 = func.call @long(%x40) : (tensor<2xf64>) -> tensor<2xf64>
  %x42 = func.call @long(%x41) : (tensor<2xf64>) -> tensor<2xf64>
  %x43 = func.call @long(%x42) : (tensor<2xf64>) -> tensor<2xf64>
  %x44 = func.call @long(%x43) : (tensor<2xf64>) -> tensor<2xf64>
  %x45 = func.call @long(%x44) : (tensor<2xf64>) -> tensor<2xf64>
  %x46 = func.call @long(%x45) : (tensor<2xf64>) -> tensor<2xf64>
  %x47 = func.call @long(%x46) : (tensor<2xf64>) -> tensor<2xf64>
  %x48 = func.call @long(%x47) : (tensor<2xf64>) -> tensor<2xf64>
  %x49 = func.call @long(%x48) : (tensor<2xf64>) -> tensor<2xf64>
  %x50 = func.call @long(%x49) : (tensor<2xf64>) -> tensor<2xf64>
  %x51 = func.call @long(%x50) : (tensor<2xf64>) -> tensor<2xf64>
  %x52 = func.call @long(%x51) : (tensor<2xf64>) -> tensor<2xf64>
  %x53 = func.call @long(%x52) : (tensor<2xf64>) -> tensor<2xf64>
  %x54 = func.call @long(%x53) : (tensor<2xf64>) -> tensor<2xf64>
  %x55 = func.call @long(%x54) : (tensor<2xf64>) -> tensor<2xf64>
  %x56 = func.call @long(%x55) : (tensor<2xf64>) -> tensor<2xf64>
  %x57 = func.call @long(%x56) : (tensor<2xf64>) -> tensor<2xf64>
  %x58 = func.call @long(%x57) : (tensor<2xf64>) -> tensor<2xf64>
  %x59 = func.call @long(%x58) : (tensor<2xf64>) -> tensor<2xf64>
  %x60 = func.call @long(%x59) : (tensor<2xf64>) -> tensor<2xf64>
  %x61 = func.call @long(%x60) : (tensor<2xf64>) -> tensor<2xf64>
  %x62 = func.call @long(%x61) : (tensor<2xf64>) -> tensor<2xf64>
  %x63 = func.call @long(%x62) : (tensor<2xf64>) -> tensor<2xf64>
  %x64 = func.call @long(%x63) : (tensor<2xf64>) -> tensor<2xf64>
  %x65 = func.call @long(%x64) : (tensor<2xf64>) -> tensor<2xf64>
  %x66 = func.call @long(%x65) : (tensor<2xf64>) -> tensor<2xf64>
  %x67 = func.call @long(%x66) : (tensor<2xf64>) -> tensor<2xf64>
  %x68 = func.call @long(%x67) : (tensor<2xf64>) -> tensor<2xf64>
  %x69 = func.call @long(%x68) : (tensor<2xf64>) -> tensor<2xf64>
  %x70 = func.call @long(%x69) : (tensor<2xf64>) -> tensor<2xf64>
  return %x70 : tensor<2xf64>
}
