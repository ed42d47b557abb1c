// RUN: dpopt %s --simplify=fp=strict | FileCheck %s
// RUN: dpopt %s --simplify | FileCheck %s --check-prefixes=CHECK,DEFAULT
// RUN: dpopt %s --simplify=fp=fast | FileCheck %s
// RUN: dpopt %s --canonicalize -o /dev/null
// RUN: dpc %s --run constant | FileCheck %s --check-prefix=CONSTANT
// RUN: not dpc %s --target=interp --run iota 2>&1 | FileCheck %s --check-prefix=IOTA
// RUN: dpc %s --run sum --args 1.5 | FileCheck %s --check-prefix=SUM

// CONSTANT: 4
// IOTA: huge.mlir:[[#@LINE+10]]:8: error: a tensor with extents [4294967296, 4294967296] does not fit into memory
// 1.5 times 2 to the 64.
// SUM: 2.7670116110564327e19

// More elements than there are addresses, of which a few are wanted: folding makes none of them, and no product of
// extents overflows.

// CHECK-LABEL: func.func @iota
func.func @iota() -> i64 {
  %c1 = arith.constant 1 : index
  %i = array.iota dim 1 : tensor<4294967296x4294967296xi64>
  %e = tensor.extract %i[%c1, %c1] : tensor<4294967296x4294967296xi64>
  return %e : i64
}
// CHECK-LABEL: func.func @constant
// CHECK-NEXT: scalar.constant 4.0
func.func @constant() -> f32 {
  %c1 = arith.constant 1 : index
  %i = array.constant dense<2.0> : tensor<4294967296x4294967296xf32>
  %s = scalar.add %i, %i : tensor<4294967296x4294967296xf32>
  %e = tensor.extract %s[%c1, %c1] : tensor<4294967296x4294967296xf32>
  return %e : f32
}

// CHECK-LABEL: func.func @pad
func.func @pad() -> f32 {
  %c1 = arith.constant 1 : index
  %x = array.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %z = scalar.constant 3.0 : f32
  %p = array.pad %x, %z low [1] high [9223372036854775800] interior [0] : tensor<2xf32>, f32 to tensor<9223372036854775803xf32>
  %s = array.slice %p starts [9223372036854775801] strides [1] : tensor<9223372036854775803xf32> to tensor<2xf32>
  %e = tensor.extract %s[%c1] : tensor<2xf32>
  %t = array.slice %p starts [4611686018427387904] strides [4611686018427387904] : tensor<9223372036854775803xf32> to tensor<1xf32>
  %f = tensor.extract %t[%c1] : tensor<1xf32>
  return %e : f32
}

// CHECK-LABEL: func.func @concat
func.func @concat(%x: tensor<4294967296xf32>) -> tensor<4xf32> {
  %c = array.broadcast %x dims [1] : tensor<4294967296xf32> to tensor<2147483648x4294967296xf32>
  %k = array.reshape %c : tensor<2147483648x4294967296xf32> to tensor<2147483648x2147483648x2xf32>
  %t = array.transpose %k permutation [2, 1, 0] : tensor<2147483648x2147483648x2xf32>
  %s = array.slice %t starts [0, 2147483644, 2147483640] strides [1, 1, 4] : tensor<2x2147483648x2147483648xf32> to tensor<1x4x1xf32>
  %r = array.reshape %s : tensor<1x4x1xf32> to tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func.func @slices
func.func @slices(%x: tensor<9223372036854775807xf32>) -> tensor<1xf32> {
  %s = array.slice %x starts [5] strides [4611686018427387903] : tensor<9223372036854775807xf32> to tensor<2xf32>
  %t = array.slice %s starts [1] strides [4611686018427387903] : tensor<2xf32> to tensor<1xf32>
  return %t : tensor<1xf32>
}

// CHECK-LABEL: func.func @dot
func.func @dot(%x: f32) -> f32 {
  %c1 = arith.constant 1 : index
  %o = array.constant dense<1.0> : tensor<4294967296x4294967296xf32>
  %p = array.broadcast %x dims [] : f32 to tensor<4294967296x4294967296xf32>
  %d = array.dot %o, %p contract [0, 1] with [0, 1] : tensor<4294967296x4294967296xf32>, tensor<4294967296x4294967296xf32>
  %e = tensor.extract %d[] : tensor<f32>
  return %e : f32
}

// CHECK-LABEL: func.func @maxes
func.func @maxes() -> f32 {
  %o = array.constant dense<1.0> : tensor<4294967296x4294967296xf32>
  %m = array.reduce max %o dims [0, 1] : tensor<4294967296x4294967296xf32>
  %n = array.reduce mul %o dims [0, 1] : tensor<4294967296x4294967296xf32>
  %s = scalar.add %m, %n : tensor<f32>
  %e = tensor.extract %s[] : tensor<f32>
  return %e : f32
}

// CHECK-LABEL: func.func @gather
func.func @gather() -> f32 {
  %c1 = arith.constant 1 : index
  %o = array.constant dense<1.0> : tensor<4294967296x4294967296xf32>
  %i = array.constant dense<[1, 4]> : tensor<2xi32>
  %g = array.gather %o, %i : tensor<4294967296x4294967296xf32>, tensor<2xi32>
  %e = tensor.extract %g[%c1, %c1] : tensor<2x4294967296xf32>
  return %e : f32
}

// CHECK-LABEL: func.func @sum
// DEFAULT: scalar.mul
func.func @sum(%x: f64) -> f64 {
  %y = array.broadcast %x dims [] : f64 to tensor<4294967296x4294967296xf64>
  %z = array.reduce add %y dims [0, 1] : tensor<4294967296x4294967296xf64>
  %w = tensor.extract %z[] : tensor<f64>
  return %w : f64
}
