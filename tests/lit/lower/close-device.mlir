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

// What the function has allocated is the caller's only where there is no error.
// CHECK-LABEL: func.func @allocates(
// CHECK:         %[[HELD:.*]] = memref.alloca() {dp.held
// CHECK:         %[[E:.*]] = call @dp_cuda_end() : () -> i32
// CHECK:         %[[OK:.*]] = arith.cmpi eq, %[[E]]
// CHECK:         cf.cond_br %[[OK]], ^[[DONE:.*]], ^[[FAILED:.*]](%[[E]] : i32)
// CHECK:       ^[[DONE]]:
// CHECK-NEXT:    return
// CHECK:       ^[[FAILED]](%[[STATUS:.*]]: i32):
// CHECK:         llvm.call @dp_release_all
// CHECK-NEXT:    return %[[STATUS]]
llvm.func @dp_release_all(!llvm.ptr, i64)
func.func @allocates() -> i32 attributes {dp.device} {
  %held = memref.alloca() {dp.held} : memref<2xindex>
  %s = arith.constant 0 : i32
  return %s : i32
}
