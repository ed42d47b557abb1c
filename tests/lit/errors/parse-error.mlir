// RUN: %refused dpc %s 2>&1 | FileCheck %s
// RUN: %refused dpc - < %s 2>&1 | FileCheck %s --check-prefix=STDIN

// CHECK: parse-error.mlir:[[#@LINE+3]]:10: error: use of undeclared SSA value name
// CHECK: parse-error.mlir:[[#@LINE+2]]:10: help: define the value with `=` before its first use
func.func @f(%x: f64) -> f64 {
  return %y : f64
}
// STDIN: <stdin>:[[#@LINE-2]]:10: error:
