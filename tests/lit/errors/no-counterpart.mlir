// RUN: %refused dpc %s --emit=mlir 2>&1 | FileCheck %s

func.func @f(%x: f64, %n: i1) -> f64 {
  // CHECK: no-counterpart.mlir:[[#@LINE+2]]:12: error: 'math.sincos' has no counterpart in 'scalar'
  // CHECK: help: use 'math.sin' and 'math.cos', or 'scalar.sin' and 'scalar.cos'
  %y, %z = math.sincos %x : f64
  // CHECK: no-counterpart.mlir:[[#@LINE+2]]:8: error: 'math.ctpop' has no counterpart in 'scalar'
  // CHECK: help: 'scalar.popcnt' does not support i1
  %p = math.ctpop %n : i1
  // CHECK: no-counterpart.mlir:[[#@LINE+2]]:8: error: 'arith.divsi' has no counterpart in 'scalar'
  // CHECK: help: 'scalar.div' does not support i1
  %m = arith.divsi %n, %n : i1
  return %z : f64
}
