// What is not defined of indices is an error at run time, and never ends the process.
// RUN: dpc %s --run cast --args true | FileCheck %s --check-prefix=CAST
// RUN: dpc %s --target=interp --run cast --args true | FileCheck %s --check-prefix=CAST
// CAST: r0 = -1
// RUN: dpopt %s --check-each --raise-to-scalar -o /dev/null 2>&1 | FileCheck %s --check-prefix=RAISED
// RAISED: comparisons agree
// RUN: %refused dpc %s --run quotient --args 4,0 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO: indices.mlir:[[#@LINE+42]]:8: error: 'arith.divsi' divides by 0
// RUN: %refused dpc %s --target=xla --run quotient --args 4,0 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: %refused dpc %s --run quotient --args=-9223372036854775808,-1 2>&1 | FileCheck %s --check-prefix=LEAST
// RUN: %refused dpc %s --target=xla --run quotient --args=-9223372036854775808,-1 2>&1 | FileCheck %s --check-prefix=LEAST
// RUN: dpc %s --target=xla --run quotient --args=7,-1 | FileCheck %s --check-prefix=MINUS
// LEAST: indices.mlir:[[#@LINE+37]]:8: error: the quotient of 'arith.divsi' overflows
// RUN: dpc %s --run quotient --args=-9223372036854775808,1 | FileCheck %s --check-prefix=WHOLE
// WHOLE: r0 = -9223372036854775808
// RUN: dpc %s --run quotient --args=7,-1 | FileCheck %s --check-prefix=MINUS
// MINUS: r0 = -7
// RUN: %refused dpc %s --run dim --args [1,2],1 2>&1 | FileCheck %s --check-prefix=DIM
// DIM: indices.mlir:[[#@LINE+35]]:8: error: the dimension of 'tensor.dim' is out of range
// RUN: dpc %s --run dim --args [1,2],0 | FileCheck %s --check-prefix=TWO
// TWO: r0 = 2
// RUN: %refused dpc %s --run every_other --args [1,2,3],4611686018427387905 2>&1 | FileCheck %s --check-prefix=BOX
// BOX: indices.mlir:[[#@LINE+36]]:8: error: the slice of 'array.slice' is out of bounds
// RUN: dpc %s --run every_other --args [1,2,3],2 | FileCheck %s --check-prefix=FITS
// FITS: r0 = [1, 3]
// RUN: dpc %s --run every_other --args [],0 | FileCheck %s --check-prefix=NONE
// NONE: r0 = []
// RUN: dpc %s --run insert --args [1,2],3,1 | FileCheck %s --check-prefix=LAST
// RUN: dpc %s --grad total --run total_grad --args [1,2],3,0 | FileCheck %s --check-prefix=GRADIENT
// LAST: r0 = [1, 3]
// GRADIENT: r0 = 13
// GRADIENT: d_a0 = [0, 4]
// GRADIENT: d_a1 = 6
func.func @insert(%x: tensor<2xf64>, %n: f64, %i: index) -> tensor<2xf64> {
  %r = tensor.insert %n into %x[%i] : tensor<2xf64>
  return %r : tensor<2xf64>
}
func.func @total(%x: tensor<2xf64>, %n: f64, %i: index) -> f64 {
  %r = tensor.insert %n into %x[%i] : tensor<2xf64>
  %squares = scalar.mul %r, %r : tensor<2xf64>
  %sum = array.reduce add %squares dims [0] : tensor<2xf64>
  %y = tensor.extract %sum[] : tensor<f64>
  return %y : f64
}
func.func @cast(%p: i1) -> index {
  %r = arith.index_cast %p : i1 to index
  return %r : index
}
func.func @quotient(%a: index, %b: index) -> index {
  %r = arith.divsi %a, %b : index
  return %r : index
}
func.func @dim(%x: tensor<?xf64>, %d: index) -> index {
  %r = tensor.dim %x, %d : tensor<?xf64>
  return %r : index
}
func.func @every_other(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %r = array.slice %x starts [%c0] strides [2] extents(%n) : tensor<?xf64> to tensor<?xf64>
  return %r : tensor<?xf64>
}
