// RUN: dpopt %s --cut-straight-line=bound=2 | FileCheck %s
// RUN: dpopt %s --cut-straight-line | FileCheck %s --check-prefix=SHORT

// Arguments go into the workspace, numbers that cross go through it, constants
// are made again, and what the rest reads is loaded after the calls.
// CHECK-LABEL: func.func @f(
// CHECK-SAME:      %[[X:.*]]: f64)
// CHECK:         %[[W:.*]] = memref.alloca() : memref<[[N:[0-9]+]]xf64>
// CHECK:         memref.store %[[X]], %[[W]]
// CHECK-NEXT:    call @[[FIRST:f__part[0-9]+]](%[[W]])
// CHECK-NEXT:    call @[[SECOND:f__part[0-9]+]](%[[W]])
// CHECK:         %[[Y:.*]] = memref.load %[[W]]
// CHECK:         return %[[Y]]
// SHORT-LABEL: func.func @f(
// SHORT-NOT:     call
func.func @f(%x: f64) -> f64 {
  %two = scalar.constant 2.0 : f64
  %0 = scalar.mul %x, %two : f64
  %1 = scalar.sin %0 : f64
  %2 = scalar.add %1, %x : f64
  %3 = scalar.mul %2, %two : f64
  return %3 : f64
}

// CHECK:       func.func private @[[FIRST]](%[[W:.*]]: memref<[[N]]xf64>)
// CHECK-SAME:      no_inline
// CHECK:         scalar.constant 2.0
// CHECK:         %[[S:.*]] = scalar.sin
// CHECK:         memref.store %[[S]], %[[W]]
// CHECK:       func.func private @[[SECOND]](
// CHECK:         memref.load
// CHECK:         scalar.constant 2.0
// CHECK:         memref.store
