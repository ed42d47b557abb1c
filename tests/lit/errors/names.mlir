// RUN: split-file %s %t
// RUN: %refused dpc %t/empty.mlir -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: %refused dpc %t/bytes.mlir -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=BYTES
// RUN: %refused dpc %t/function.mlir -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: %refused dpc %t/result.mlir -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=RESULT
// The passes alone do without names.
// RUN: dpopt %t/empty.mlir --simplify
// RUN: dpopt %t/bytes.mlir --simplify

// EMPTY: empty.mlir:1:1: error: 'dp.name' of argument 0 is empty
// EMPTY: empty.mlir:1:1: help:
// BYTES: bytes.mlir:1:1: error: 'dp.name' of argument 0 is not UTF-8
// FUNCTION: function.mlir:1:1: error: the function's name is not UTF-8
// RESULT: result.mlir:1:1: error: 'dp.name' of result 0 is empty

//--- empty.mlir
func.func @f(%x: f64 {dp.name = ""}) -> f64 {
  return %x : f64
}
//--- bytes.mlir
func.func @f(%x: f64 {dp.name = "\FF\FE"}) -> f64 {
  return %x : f64
}
//--- function.mlir
func.func @"\FF\FE"(%x: f64) -> f64 {
  return %x : f64
}
//--- result.mlir
func.func @f(%x: f64) -> (f64 {dp.name = ""}) {
  return %x : f64
}
