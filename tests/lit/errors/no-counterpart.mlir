// RUN: %refused dpc %s --emit=mlir 2>&1 | FileCheck %s

func.func @f(%x: f64, %n: i1) -> f64 {
  // CHECK: no-counterpart.mlir:[[#@LINE+2]]:8: error: 'math.cbrt' has no counterpart in 'scalar'
  // CHECK-NEXT: note: write it with the operations of 'scalar'
  %y = math.cbrt %x : f64
  // CHECK: no-counterpart.mlir:[[#@LINE+2]]:8: error: 'math.fma' has no counterpart in 'scalar'
  // CHECK-NEXT: note: it rounds once
  %z = math.fma %x, %x, %x : f64
  // CHECK: no-counterpart.mlir:[[#@LINE+2]]:8: error: 'arith.divsi' has no counterpart in 'scalar'
  // CHECK-NEXT: note: 'scalar.div' is not defined on i1
  %m = arith.divsi %n, %n : i1
  return %z : f64
}
