// RUN: %refused dpc %s --target=interp --run add --args [1,2],[1,2,3] 2>&1 | FileCheck %s --check-prefix=ADD
// RUN: %refused dpc %s --target=interp --run dot --args [[1,2]],[[1],[2],[3]] 2>&1 | FileCheck %s --check-prefix=DOT
// RUN: %refused dpc %s --target=interp --run reshape --args [1,2,3] 2>&1 | FileCheck %s --check-prefix=RESHAPE
// RUN: %refused dpc %s --target=interp --run element --args [1,2,3],3 2>&1 | FileCheck %s --check-prefix=ELEMENT
// RUN: %refused dpc %s --target=interp --run iota --args -1 2>&1 | FileCheck %s --check-prefix=IOTA
// RUN: %refused dpc %s --run add --args [1,2],[1,2,3] 2>&1 | FileCheck %s --check-prefix=CPU-ADD
// RUN: %refused dpc %s --run dot --args [[1,2]],[[1],[2],[3]] 2>&1 | FileCheck %s --check-prefix=CPU-DOT
// RUN: %refused dpc %s --run reshape --args [1,2,3] 2>&1 | FileCheck %s --check-prefix=CPU-RESHAPE
// RUN: %refused dpc %s --run iota --args -1 2>&1 | FileCheck %s --check-prefix=CPU-IOTA
// RUN: sed 's/^  %%y = array.iota.*/  %%c = arith.constant -3 : index\n  %%y = array.iota dim 0 extents(%%c) : tensor<?xi32>/' %s > %t.mlir
// RUN: dpc %t.mlir --emit=llvm -o %t.ll
// RUN: %refused dpc %t.mlir --run iota --args 7 2>&1 | FileCheck %s --check-prefix=KNOWN
// RUN: %refused dpc %t.mlir --target=interp --run iota --args 7 2>&1 | FileCheck %s --check-prefix=KNOWN
// RUN: %refused dpc %t.mlir --target=xla --emit=stablehlo --entry iota -o %t.out 2>&1 | FileCheck %s --check-prefix=FIXED

// A constant extent below 0 is an error of the call; XLA, which takes known extents alone, refuses the program.
// KNOWN: error: an extent is negative
// FIXED: error: 'array.iota' has the negative extent -3
// FIXED: help: extents must not be negative

func.func @add(%a: tensor<?xf64>, %b: tensor<?xf64>) -> tensor<?xf64> {
  // ADD: extents.mlir:[[#@LINE+4]]:8: error: operands 0 and 1 must have the same shape, but are tensor<2xf64> and tensor<3xf64>
  // ADD: extents.mlir:[[#@LINE+3]]:8: help: there is no implicit broadcasting
  // CPU-ADD: extents.mlir:[[#@LINE+2]]:8: error: the operands of 'scalar.add' differ in the extent of dimension 0
  // CPU-ADD: extents.mlir:[[#@LINE+1]]:8: help: check the values and the shapes of the arguments
  %y = scalar.add %a, %b : tensor<?xf64>
  return %y : tensor<?xf64>
}

func.func @dot(%a: tensor<?x?xf64>, %b: tensor<?x?xf64>) -> tensor<?x?xf64> {
  // DOT: extents.mlir:[[#@LINE+4]]:8: error: the extents of dimension 1 of the first operand and 0 of the second differ: 2 and 3
  // DOT: extents.mlir:[[#@LINE+3]]:8: help: check the shapes of the arguments
  // CPU-DOT: extents.mlir:[[#@LINE+2]]:8: error: dimension 1 of the first operand of 'array.dot' and 0 of the second differ in extent
  // CPU-DOT: help:
  %y = array.dot %a, %b contract [1] with [0] : tensor<?x?xf64>, tensor<?x?xf64>
  return %y : tensor<?x?xf64>
}

func.func @reshape(%a: tensor<?xf64>) -> tensor<2x2xf64> {
  // RESHAPE: extents.mlir:[[#@LINE+4]]:8: error: cannot reshape 3 elements to extents [2, 2]
  // RESHAPE: help:
  // CPU-RESHAPE: extents.mlir:[[#@LINE+2]]:8: error: 'array.reshape' changes the number of elements
  // CPU-RESHAPE: help:
  %y = array.reshape %a : tensor<?xf64> to tensor<2x2xf64>
  return %y : tensor<2x2xf64>
}

func.func @element(%a: tensor<?xf64>, %i: index) -> f64 {
  // ELEMENT: extents.mlir:[[#@LINE+2]]:8: error: index 3 is out of bounds for dimension 0 of extent 3
  // ELEMENT: help:
  %y = tensor.extract %a[%i] : tensor<?xf64>
  return %y : f64
}

func.func @iota(%n: index) -> tensor<?xi32> {
  // IOTA: extents.mlir:[[#@LINE+4]]:8: error: an extent is negative: -1
  // IOTA: help:
  // CPU-IOTA: extents.mlir:[[#@LINE+2]]:8: error: an extent is negative
  // CPU-IOTA: help:
  %y = array.iota dim 0 extents(%n) : tensor<?xi32>
  return %y : tensor<?xi32>
}
