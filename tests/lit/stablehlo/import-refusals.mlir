// What has no translation is an error at its place; so is what contradicts itself.
// RUN: split-file %s %t
// RUN: %refused dpc %t/fft.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=FFT
// FFT: fft.mlir:2:8: error: of kind 'rfft' takes f32 or f64, not complex<f32>
// FFT: help: convert the elements with 'scalar.convert', or take another kind
// RUN: %refused dpc %t/fft-dims.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=FFT-DIMS
// FFT-DIMS: fft-dims.mlir:2:8: error: transforms 2 dimensions of a tensor of rank 1
// FFT-DIMS: help: transform 1, 2 or 3 of its dimensions
// RUN: %refused dpc %t/call.mlir -o %t/x.so 2>&1 | FileCheck %s --check-prefix=CALL
// CALL: call.mlir:2:10: error: the custom call 'lapack_sgeev_ffi' has no translation
// CALL: help: of LAPACK, Cholesky, LU and QR factorizations, triangular systems, eigenvalues of Hermitian matrices and singular values are read
// RUN: %refused dpc %t/other-call.mlir -o %t/x.so 2>&1 | FileCheck %s --check-prefix=OTHER-CALL
// OTHER-CALL: other-call.mlir:2:8: error: the custom call 'Eigh' has no translation
// OTHER-CALL: help: export the model for a platform without custom calls, such as 'tpu'
// RUN: %refused dpc %t/option.mlir -o %t/x.so 2>&1 | FileCheck %s --check-prefix=OPTION
// OPTION: option.mlir:2:10: error: the option 'uplo' of the custom call is missing or has an unknown value
// RUN: %refused dpc %t/type.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: type.mlir:1:1: error: values of type tensor<2xi4> are not supported
// RUN: %refused dpc %t/dynamic.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// DYNAMIC: dynamic.mlir:2:8: error: takes or makes a tensor of dynamic extents
// DYNAMIC: help: export the model with fixed shapes
// RUN: %refused dpc %t/inside.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=INSIDE
// INSIDE: inside.mlir:8:10: error: 'stablehlo.rng' has no translation
// RUN: %refused dpc %t/dims.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=DIMS
// DIMS: dims.mlir:2:8: error: 5 in 'permutation' is not a dimension, or is twice
// RUN: %refused dpc %t/blocks.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=BLOCKS
// BLOCKS: blocks.mlir:1:1: error: branches between blocks are not supported beside StableHLO
// RUN: %refused dpc %t/result.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=RESULT
// RESULT: result.mlir:2:8: error: its result is tensor<3x2xf64>, not tensor<2x3xf64>
// RUN: %refused dpc %t/bits.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=BITS
// BITS: bits.mlir:2:8: error: the shapes do not agree with the widths of the types
// RUN: %refused dpc %t/order.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: order.mlir:2:8: error: 3 is not a dimension
// RUN: %refused dpc %t/greatest.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=GREATEST
// GREATEST: greatest.mlir:2:10: error: cannot take 9 elements of tensor<4xf32>
// RUN: %refused dpc %t/random.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=RANDOM
// RANDOM: random.mlir:2:10: error: takes two or three integers of 64 bits, and makes integers
// RUN: %refused dpc %t/region.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=REGION
// REGION: region.mlir:2:8: error: argument 1 of a region is f32, but gets f64
//--- fft.mlir
func.func @main(%x: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  %0 = stablehlo.fft %x, type = RFFT, length = [4] : (tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  return %0 : tensor<4xcomplex<f32>>
}
//--- fft-dims.mlir
func.func @main(%x: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  %0 = stablehlo.fft %x, type = FFT, length = [1, 4] : (tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  return %0 : tensor<4xcomplex<f32>>
}
//--- bits.mlir
func.func @main(%x: tensor<4xf64>) -> tensor<4x3xi32> {
  %0 = stablehlo.bitcast_convert %x : (tensor<4xf64>) -> tensor<4x3xi32>
  return %0 : tensor<4x3xi32>
}
//--- order.mlir
func.func @main(%x: tensor<4xf64>) -> tensor<4xf64> {
  %0 = "stablehlo.sort"(%x) <{dimension = 3 : i64, is_stable = true}> ({
  ^bb0(%a: tensor<f64>, %b: tensor<f64>):
    %1 = stablehlo.compare LT, %a, %b, TOTALORDER : (tensor<f64>, tensor<f64>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  }) : (tensor<4xf64>) -> tensor<4xf64>
  return %0 : tensor<4xf64>
}
//--- greatest.mlir
func.func @main(%x: tensor<4xf32>) -> (tensor<9xf32>, tensor<9xi32>) {
  %0:2 = chlo.top_k(%x, k = 9) : tensor<4xf32> -> (tensor<9xf32>, tensor<9xi32>)
  return %0#0, %0#1 : tensor<9xf32>, tensor<9xi32>
}
//--- random.mlir
func.func @main(%x: tensor<4xui32>) -> (tensor<4xui32>, tensor<9xui32>) {
  %0:2 = stablehlo.rng_bit_generator %x, algorithm = PHILOX : (tensor<4xui32>) -> (tensor<4xui32>, tensor<9xui32>)
  return %0#0, %0#1 : tensor<4xui32>, tensor<9xui32>
}
//--- call.mlir
func.func @main(%x: tensor<4x4xf32>) -> tensor<4xf32> {
  %0:2 = stablehlo.custom_call @lapack_sgeev_ffi(%x) : (tensor<4x4xf32>) -> (tensor<4xf32>, tensor<i32>)
  return %0#0 : tensor<4xf32>
}
//--- other-call.mlir
func.func @main(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = stablehlo.custom_call @Eigh(%x) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}
//--- option.mlir
func.func @main(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0:2 = stablehlo.custom_call @lapack_spotrf_ffi(%x) {mhlo.backend_config = {uplo = 1 : ui8}} : (tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<i32>)
  return %0#0 : tensor<4x4xf32>
}
//--- type.mlir
func.func @main(%x: tensor<2xi4>) -> tensor<2xi4> {
  %0 = stablehlo.add %x, %x : tensor<2xi4>
  return %0 : tensor<2xi4>
}
//--- dynamic.mlir
func.func @main(%x: tensor<?x3xf32>) -> tensor<?xf32> {
  %0 = stablehlo.reshape %x : (tensor<?x3xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
//--- inside.mlir
func.func @main(%x: tensor<f32>) -> tensor<f32> {
  %0 = stablehlo.while(%a = %x) : tensor<f32>
  cond {
    %c = stablehlo.constant dense<1.0> : tensor<f32>
    %1 = stablehlo.compare LT, %a, %c, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1 = "stablehlo.rng"(%a, %a, %a) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<f32>
    stablehlo.return %1 : tensor<f32>
  }
  return %0 : tensor<f32>
}
//--- dims.mlir
func.func @main(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %0 = "stablehlo.transpose"(%x) <{permutation = array<i64: 1, 5>}> : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
//--- blocks.mlir
func.func @main(%x: tensor<f64>, %y: tensor<f64>) -> tensor<f64> {
  %0 = stablehlo.add %x, %y : tensor<f64>
  cf.br ^bb1(%y : tensor<f64>)
^bb1(%z: tensor<f64>):
  return %z : tensor<f64>
}
//--- result.mlir
func.func @main(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %0 = "stablehlo.transpose"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf64>) -> tensor<2x3xf64>
  return %0 : tensor<2x3xf64>
}
//--- region.mlir
func.func @main(%x: tensor<4xf64>, %y: tensor<f64>) -> tensor<f64> {
  %0 = "stablehlo.reduce"(%x, %y) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f64>, %b: tensor<f32>):
    %1 = stablehlo.convert %b : (tensor<f32>) -> tensor<f64>
    stablehlo.return %1 : tensor<f64>
  }) : (tensor<4xf64>, tensor<f64>) -> tensor<f64>
  return %0 : tensor<f64>
}
