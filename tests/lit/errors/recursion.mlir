// RUN: %refused dpc %s --target=interp --run f --args 1 2>&1 | FileCheck %s

// CHECK: recursion.mlir:[[#@LINE+2]]:1: error: calls of 'f' are nested more than 10000 deep
// CHECK: recursion.mlir:[[#@LINE+1]]:1: help: check that the recursion terminates
func.func @f(%x: f64) -> f64 {
  %y = func.call @f(%x) : (f64) -> f64
  return %y : f64
}
