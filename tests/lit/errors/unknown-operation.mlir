// RUN: %refused dpc %s 2>&1 | FileCheck %s

// CHECK: unknown-operation.mlir:[[#@LINE+3]]:8: error: {{.*}}scalar.sinn
// CHECK: unknown-operation.mlir:[[#@LINE+2]]:8: help: did you mean 'scalar.sin'?
func.func @f(%x: f64) -> f64 {
  %y = scalar.sinn %x : f64
  return %y : f64
}
