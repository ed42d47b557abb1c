// RUN: %refused dpc %s -o %t/libx.so 2>&1 | FileCheck %s
// RUN: %refused dpc %s --run f --args 1 2>&1 | FileCheck %s --check-prefix=CALL

// CHECK: unsupported-by-cpu.mlir:[[#@LINE+4]]:1: error: @f has an argument or result of type vector<4xf64>, which the C interface does not support
// CHECK: unsupported-by-cpu.mlir:[[#@LINE+3]]:1: help: make the function private, or use scalars and tensors
// CALL: dpc: error: argument 'a0' has type vector<4xf64>, which cannot be passed
// CALL-NEXT: dpc: help: entry points take and return scalars and tensors
func.func @f(%x: vector<4xf64>) -> vector<4xf64> {
  return %x : vector<4xf64>
}
