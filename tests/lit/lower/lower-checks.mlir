// RUN: dpopt %s --lower-checks --split-input-file --verify-diagnostics | FileCheck %s

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

func.func private @g(%p: i1) {
  // expected-error @+2 {{a check at run time within a recursive function is not supported by this target}}
  // expected-note @+1 {{check the extents where the function is called first}}
  cf.assert %p, "no"
  func.call @g(%p) : (i1) -> ()
  return
}
