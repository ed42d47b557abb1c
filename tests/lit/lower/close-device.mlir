// RUN: dpopt %s --close-device | FileCheck %s

// The runtime's error is the status, where there is one.
// CHECK-LABEL: func.func @f(
// CHECK:         %[[E:.*]] = call @dp_cuda_end() : () -> i32
// CHECK:         %[[S:.*]] = arith.select %{{.*}}, %{{.*}}, %[[E]] : i32
// CHECK:         return %[[S]]
func.func private @dp_cuda_end() -> i32
func.func @f(%s: i32) -> i32 attributes {dp.device} {
  return %s : i32
}
