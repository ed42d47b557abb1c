// RUN: dpopt %s --ad-transpose --split-input-file --verify-diagnostics | FileCheck %s

// The region is turned around: each operation becomes its transpose, and the
// factor is a residual from outside.
// CHECK-LABEL: func.func @turned(
// CHECK-SAME:    %[[X:.*]]: f64, %[[R:.*]]: f64, %[[CT:.*]]: f64)
// CHECK-NEXT:    %[[P:.*]] = scalar.mul %[[CT]], %[[R]]
// CHECK-NEXT:    %[[S:.*]] = scalar.add %[[CT]], %[[P]]
// CHECK-NEXT:    return %[[S]]
func.func @turned(%x: f64, %r: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose(%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%dx: f64):
    %0 = scalar.mul %r, %dx : f64
    %1 = scalar.add %0, %dx : f64
    ad.yield %1 : f64
  }
  return %g : f64
}

// An applied region is inlined as it stands.
// CHECK-LABEL: func.func @applied(
// CHECK-SAME:    %[[X:.*]]: f64, %[[R:.*]]: f64, %[[DX:.*]]: f64)
// CHECK-NEXT:    %[[P:.*]] = scalar.mul %[[R]], %[[DX]]
// CHECK-NEXT:    return %[[P]]
func.func @applied(%x: f64, %r: f64, %dx: f64) -> f64 {
  %g = ad.linear(%dx : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    %0 = scalar.mul %r, %d : f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// Reads accumulate into one slot: no dense tensors of zeros are added up.
// CHECK-LABEL: func.func @reads(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?xf64>, %[[I:.*]]: index
// CHECK:         %[[ZEROS:.*]] = array.broadcast %{{.*}} dims [] extents
// CHECK:         %[[ONCE:.*]] = array.update_slice accumulate %[[ZEROS]]
// CHECK:         %[[TWICE:.*]] = array.update_slice accumulate %[[ONCE]]
// CHECK-NOT:     scalar.add
// CHECK:         return %[[TWICE]]
func.func @reads(%x: tensor<?xf64>, %i: index, %j: index, %ct: f64) -> tensor<?xf64> {
  %g = ad.linear transpose(%ct : f64) at(%x : tensor<?xf64>) -> tensor<?xf64> {
  ^bb0(%d: tensor<?xf64>):
    %0 = tensor.extract %d[%i] : tensor<?xf64>
    %1 = tensor.extract %d[%j] : tensor<?xf64>
    %2 = scalar.add %0, %1 : f64
    ad.yield %2 : f64
  }
  return %g : tensor<?xf64>
}

// An argument that nothing flows to has zeros of the primal's extents.
// CHECK-LABEL: func.func @nothing(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?xf64>
// CHECK:         %[[N:.*]] = tensor.dim %[[X]]
// CHECK:         %[[Z:.*]] = array.broadcast %{{.*}} dims [] extents(%[[N]])
// CHECK:         return %[[Z]]
func.func @nothing(%x: tensor<?xf64>, %ct: f64) -> tensor<?xf64> {
  %zero = scalar.constant 0.0 : f64
  %g = ad.linear transpose(%ct : f64) at(%x : tensor<?xf64>) -> tensor<?xf64> {
  ^bb0(%d: tensor<?xf64>):
    ad.yield %zero : f64
  }
  return %g : tensor<?xf64>
}

// -----

func.func @not_linear(%x: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose(%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{is not linear}}
    // expected-note @+1 {{multiplies by values from outside only}}
    %0 = scalar.mul %d, %d : f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

func.func @no_transpose(%x: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose(%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{'scalar.sin' has no transpose}}
    // expected-note @+1 {{a linear region holds}}
    %0 = scalar.sin %d : f64
    ad.yield %0 : f64
  }
  return %g : f64
}
