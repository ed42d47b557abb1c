// An element that is not there, and an extent that is not what a type says.
// RUN: %refused dpc %s --run element --args "[1.0,2.0],2" 2>&1 | FileCheck %s --check-prefix=ELEMENT
// RUN: %refused dpc %s --run element --args "[1.0,2.0],-1" 2>&1 | FileCheck %s --check-prefix=ELEMENT
// RUN: dpc %s --run element --args "[1.0,2.0],1" | FileCheck %s --check-prefix=THERE
// RUN: %refused dpc %s --run three --args "[1.0,2.0]" 2>&1 | FileCheck %s --check-prefix=THREE

// ELEMENT: out-of-bounds.mlir:[[# @LINE + 4]]:8: error: 'tensor.extract' is out of bounds in dimension 0
// THERE: 2
func.func @element(%x: tensor<?xf64>, %n: i64) -> f64 {
  %i = arith.index_cast %n : i64 to index
  %y = tensor.extract %x[%i] : tensor<?xf64>
  return %y : f64
}

// THREE: out-of-bounds.mlir:[[# @LINE + 2]]:8: error: the extent of dimension 0 does not match the type of 'tensor.cast'
func.func @three(%x: tensor<?xf64>) -> tensor<3xf64> {
  %y = tensor.cast %x : tensor<?xf64> to tensor<3xf64>
  return %y : tensor<3xf64>
}
