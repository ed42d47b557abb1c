// Kernels cannot fail: checks of each element are refused where they stand.
// RUN: split-file %s %t
// RUN: %refused dpc %t/quotient.mlir --target=cuda -o %t/out.ptx 2>&1 | FileCheck %t/quotient.mlir
// RUN: %refused dpc %t/assert.mlir --target=cuda -o %t/out.ptx 2>&1 | FileCheck %t/assert.mlir
// RUN: dpc %t/constant.mlir --target=cuda -o %t/out.ptx

//--- quotient.mlir
// CHECK: quotient.mlir:[[#@LINE+7]]:10: error: per-element checks are not supported by the target cuda
// CHECK: quotient.mlir:[[#@LINE+6]]:10: help: check before 'array.map'; or divide in i64
func.func @m(%x: tensor<?xi64>, %y: tensor<?xi64>) -> tensor<?xi64> {
  %r = array.map(%x, %y) : (tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64> {
  ^bb0(%a: i64, %b: i64):
    %i = arith.index_cast %a : i64 to index
    %j = arith.index_cast %b : i64 to index
    %q = arith.divsi %i, %j : index
    %s = arith.index_cast %q : index to i64
    array.yield %s : i64
  }
  return %r : tensor<?xi64>
}
//--- assert.mlir
// CHECK: assert.mlir:[[#@LINE+4]]:5: error: per-element checks are not supported by the target cuda
func.func @m(%x: tensor<?xi1>) -> tensor<?xi1> {
  %r = array.map(%x) : (tensor<?xi1>) -> tensor<?xi1> {
  ^bb0(%a: i1):
    cf.assert %a, "is false"
    array.yield %a : i1
  }
  return %r : tensor<?xi1>
}
//--- constant.mlir
func.func @m(%x: tensor<?xi64>) -> tensor<?xi64> {
  %r = array.map(%x) : (tensor<?xi64>) -> tensor<?xi64> {
  ^bb0(%a: i64):
    %c2 = arith.constant 2 : index
    %i = arith.index_cast %a : i64 to index
    %q = arith.divsi %i, %c2 : index
    %s = arith.index_cast %q : index to i64
    array.yield %s : i64
  }
  return %r : tensor<?xi64>
}
