// RUN: %refused dpc %s -o %t/libx.so 2>&1 | FileCheck %s
// RUN: %refused dpc %s --run f --args 1 2>&1 | FileCheck %s --check-prefix=CALL

// CHECK: unsupported-by-cpu.mlir:[[#@LINE+4]]:1: error: @f takes or gives a value of type vector<4xf64>, which has no place in a C interface
// CHECK: unsupported-by-cpu.mlir:[[#@LINE+3]]:1: help: make the function private, or pass numbers and tensors of them
// CALL: dpc: error: argument 'a0' has type vector<4xf64>, for which no value can be written
// CALL-NEXT: dpc: help: functions that are called from outside take numbers and tensors of numbers
func.func @f(%x: vector<4xf64>) -> vector<4xf64> {
  return %x : vector<4xf64>
}
