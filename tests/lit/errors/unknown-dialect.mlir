// RUN: %refused dpc %s 2>&1 | FileCheck %s

// CHECK: unknown-dialect.mlir:[[#@LINE+2]]:8: error: {{.*}}numpy
func.func @f(%x: f64) -> f64 {
  %y = numpy.sin %x : f64
  return %y : f64
}
