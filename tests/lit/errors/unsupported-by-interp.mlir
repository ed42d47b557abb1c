// RUN: %refused dpc %s --target=interp --run f --args 4.0 2>&1 | FileCheck %s

// CHECK: unsupported-by-interp.mlir:[[#@LINE+3]]:8: error: the interpreter does not execute 'vector.broadcast'
// CHECK-NEXT: unsupported-by-interp.mlir:[[#@LINE+2]]:8: note: 
func.func @f(%x: f64) -> f64 {
  %v = vector.broadcast %x : f64 to vector<4xf64>
  %y = vector.extract %v[0] : f64 from vector<4xf64>
  return %y : f64
}
