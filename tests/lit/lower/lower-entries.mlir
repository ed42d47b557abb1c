// RUN: dpopt %s --lower-array --lower-entries=library=shapes --split-input-file --verify-diagnostics | FileCheck %s

// A result whose extents are those of an argument goes to memory of the caller.
// CHECK:       module attributes {dp.abi = "dp-abi 1 shapes\0Anegated: f32 x[?][4], f32 s -> f32 y[x.0][4], f32 r1\0Acount: index n -> f64 r0[*]\0A"}
// CHECK-LABEL: func.func @negated(
// CHECK-SAME:    %[[X:.*]]: memref<?x4xf32>, %[[S:.*]]: f32, %[[Y:.*]]: memref<?x4xf32>) -> f32
// CHECK:         bufferization.to_tensor %[[X]] restrict
// CHECK:         cf.assert %{{.*}}, "{{.*}}the extent of dimension 0 of 'x' is negative"
// CHECK:         bufferization.materialize_in_destination %{{.*}} in restrict writable %[[Y]]
// CHECK:         return %[[S]]
func.func @negated(%x: tensor<?x4xf32> {dp.name = "x"}, %s: f32 {dp.name = "s"}) -> (tensor<?x4xf32> {dp.name = "y"}, f32) {
  %y = scalar.neg %x : tensor<?x4xf32>
  return %y, %s : tensor<?x4xf32>, f32
}

// Another one is allocated, and returned.
// CHECK-LABEL: func.func @count(
// CHECK-SAME:    %[[N:.*]]: index) -> memref<?xf64>
// CHECK:         tensor.empty(%[[N]])
// CHECK:         %[[M:.*]] = memref.alloc(
// CHECK:         return %[[M]]
func.func @count(%n: index {dp.name = "n"}) -> tensor<?xf64> {
  %y = array.iota dim 0 extents(%n) : tensor<?xf64>
  return %y : tensor<?xf64>
}

// -----

// expected-error @+2 {{`double` is a keyword of C or C++}}
// expected-note @+1 {{set 'dp.name' on an argument or result to rename it}}
func.func @f(%x: f64 {dp.name = "double"}) -> f64 {
  return %x : f64
}
