// RUN: dpopt %s --lower-checks --split-input-file | FileCheck %s

// A failed check returns the number of its message.
// CHECK:       module attributes {dp.messages = ["m.mlir:1:1: error: no", "m.mlir:2:1: error: never"]}
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    %[[P:.*]]: i1, %[[Q:.*]]: i1)
// CHECK:         %[[ONE:.*]] = arith.constant 1 : i32
// CHECK:         cf.cond_br %[[P]], ^[[REST:.*]], ^[[FAIL:.*]](%[[ONE]] : i32)
// CHECK:       ^[[REST]]:
// CHECK:         %[[TWO:.*]] = arith.constant 2 : i32
// CHECK:         cf.cond_br %[[Q]], ^{{.*}}, ^[[FAIL]](%[[TWO]] : i32)
// CHECK:       ^[[FAIL]](%[[STATUS:.*]]: i32):
// CHECK:         return %[[STATUS]]
module {
  func.func @f(%p: i1, %q: i1) -> i32 {
    cf.assert %p, "m.mlir:1:1: error: no"
    cf.assert %q, "m.mlir:2:1: error: never"
    %ok = arith.constant 0 : i32
    return %ok : i32
  }
}

// -----

// A private function says how it went after its results, and its caller passes that on.
// CHECK-LABEL: func.func @caller(
// CHECK-SAME:    %[[X:.*]]: f64, %[[P:.*]]: i1)
// CHECK:         %[[Y:.*]]:2 = call @g(%[[X]], %[[P]]) : (f64, i1) -> (f64, i32)
// CHECK:         %[[WELL:.*]] = arith.cmpi eq, %[[Y]]#1, %c0_i32
// CHECK:         cf.cond_br %[[WELL]], ^{{.*}}, ^[[FAIL:.*]](%[[Y]]#1 : i32)
// CHECK:       ^[[FAIL]](%[[STATUS:.*]]: i32):
// CHECK:         return %[[STATUS]]
// CHECK-LABEL: func.func private @g(
// CHECK-SAME:    -> (f64, i32)
// CHECK:         return %{{.*}}, %c0_i32{{.*}} : f64, i32
// CHECK:       ^{{.*}}(%[[STATUS:.*]]: i32):
// CHECK:         %[[ZERO:.*]] = arith.constant 0.0
// CHECK:         return %[[ZERO]], %[[STATUS]] : f64, i32
func.func @caller(%x: f64, %p: i1) -> i32 {
  %y = func.call @g(%x, %p) : (f64, i1) -> f64
  %ok = arith.constant 0 : i32
  return %ok : i32
}
func.func private @g(%x: f64, %p: i1) -> f64 {
  cf.assert %p, "no"
  %y = func.call @g(%x, %p) : (f64, i1) -> f64
  return %y : f64
}

// -----

// What a function holds is freed where a check fails.
// CHECK-LABEL: func.func @holder(
// CHECK:         %[[HELD:.*]] = memref.alloca() {dp.held} : memref<2xindex>
// CHECK:         return
// CHECK:       ^{{.*}}(%[[STATUS:.*]]: i32):
// CHECK:         memref.extract_aligned_pointer_as_index %[[HELD]]
// CHECK:         llvm.call @dp_release_all(%{{.*}}, %{{.*}}) : (!llvm.ptr, i64) -> ()
// CHECK:         return %[[STATUS]]
func.func @holder(%p: i1) -> i32 {
  %held = memref.alloca() {dp.held} : memref<2xindex>
  cf.assert %p, "no"
  %ok = arith.constant 0 : i32
  return %ok : i32
}
llvm.func @dp_release_all(!llvm.ptr, i64)
