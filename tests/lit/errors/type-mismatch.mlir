// RUN: %refused dpc %s 2>&1 | FileCheck %s

// CHECK: type-mismatch.mlir:[[#@LINE+4]]:23: error: use of value '%a' expects different type than prior uses: 'f64' vs 'f32'
// CHECK: type-mismatch.mlir:[[#@LINE+3]]:23: help: use the type of the value
// CHECK-NEXT: type-mismatch.mlir:[[#@LINE+1]]:14: note: prior use here
func.func @f(%a: f32, %b: f64) -> f64 {
  %y = scalar.add %b, %a : f64
  return %y : f64
}
