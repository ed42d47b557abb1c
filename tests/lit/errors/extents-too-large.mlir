// RUN: split-file %s %t
// RUN: %refused dpopt %t/interior.mlir 2>&1 | FileCheck %s --check-prefix=PAD
// RUN: %refused dpopt %t/margins.mlir 2>&1 | FileCheck %s --check-prefix=PAD
// RUN: %refused dpopt %t/lengths.mlir 2>&1 | FileCheck %s --check-prefix=LENGTHS
// RUN: %refused dpopt %t/negative.mlir 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: %refused dpopt %t/concatenate.mlir 2>&1 | FileCheck %s --check-prefix=CONCATENATE
// RUN: %refused dpopt %t/reshape.mlir 2>&1 | FileCheck %s --check-prefix=RESHAPE
// RUN: %refused dpc %t/splat.mlir --target=interp --run f --args=1.0 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: %refused dpc %t/iota.mlir --target=interp --run f --args=1099511627776 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: %refused dpc %t/sum.mlir --target=interp --run f --args=1.0 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: dpc %t/sum.mlir --run f --args=1.0 | FileCheck %s --check-prefix=SUM
// RUN: %refused dpc %t/sum.mlir --target=xla --fp=strict --emit=stablehlo 2>&1 | FileCheck %s --check-prefix=XLA

//--- interior.mlir
// PAD: .mlir:{{[0-9]+}}:8: error: 'array.pad' op padded dimension 0 is too large
func.func @f(%x: tensor<4xf64>, %c: f64, %n: index) -> tensor<?xf64> {
  %y = array.pad %x, %c low [0] high [0] interior [9223372036854775807] extents(%n) : tensor<4xf64>, f64 to tensor<?xf64>
  return %y : tensor<?xf64>
}
//--- margins.mlir
func.func @f(%x: tensor<4xf64>, %c: f64, %n: index) -> tensor<?xf64> {
  %y = array.pad %x, %c low [9223372036854775807] high [9223372036854775807] interior [0] extents(%n) : tensor<4xf64>, f64 to tensor<?xf64>
  return %y : tensor<?xf64>
}
//--- lengths.mlir
// LENGTHS: error: 'array.pad' op requires one entry of 'low', 'high' and 'interior' for each dimension
func.func @f(%x: tensor<4xf64>, %c: f64, %n: index) -> tensor<?xf64> {
  %y = array.pad %x, %c low [0] high [0, 1] interior [] extents(%n) : tensor<4xf64>, f64 to tensor<?xf64>
  return %y : tensor<?xf64>
}
//--- negative.mlir
// NEGATIVE: error: 'array.pad' op
func.func @f(%x: tensor<4xf64>, %c: f64, %n: index) -> tensor<?xf64> {
  %y = array.pad %x, %c low [0] high [0] interior [-9223372036854775808] extents(%n) : tensor<4xf64>, f64 to tensor<?xf64>
  return %y : tensor<?xf64>
}
//--- concatenate.mlir
// CONCATENATE: error: 'array.concatenate' op dimension 0 of the result is too large
func.func @f(%x: tensor<9223372036854775807xf64>) -> tensor<?xf64> {
  %y = array.concatenate %x, %x dim 0 : tensor<9223372036854775807xf64>, tensor<9223372036854775807xf64>
  return %y : tensor<?xf64>
}
//--- reshape.mlir
// RESHAPE: error: 'array.reshape' op has more elements than can be counted
func.func @f(%x: tensor<4294967296x4294967296xf64>) -> tensor<0xf64> {
  %y = array.reshape %x : tensor<4294967296x4294967296xf64> to tensor<0xf64>
  return %y : tensor<0xf64>
}
//--- splat.mlir
// MEMORY: .mlir:{{[0-9]+}}:{{[0-9]+}}: error: a tensor with extents [{{.*}}] does not fit into memory
func.func @f(%x: f64) -> tensor<9223372036854775807xf64> {
  %y = array.broadcast %x dims [] : f64 to tensor<9223372036854775807xf64>
  return %y : tensor<9223372036854775807xf64>
}
//--- iota.mlir
func.func @f(%n: index) -> tensor<?xf64> {
  %y = array.iota dim 0 extents(%n) : tensor<?xf64>
  return %y : tensor<?xf64>
}
//--- sum.mlir
// SUM: 1.8446744073709552e19
// XLA: is too large for the address space
func.func @f(%x: f64) -> f64 {
  %y = array.broadcast %x dims [] : f64 to tensor<4294967296x4294967296xf64>
  %z = array.reduce add %y dims [0, 1] : tensor<4294967296x4294967296xf64>
  %w = tensor.extract %z[] : tensor<f64>
  return %w : f64
}
