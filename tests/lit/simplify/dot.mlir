// RUN: dpopt %s --simplify | FileCheck %s --check-prefixes=CHECK,DEFAULT
// RUN: dpopt %s --simplify=fp=fast | FileCheck %s --check-prefixes=CHECK,FAST

// Transposes, of operands and of results, become other dimensions of the dot.
// CHECK-LABEL: func.func @transposes
// CHECK-NEXT: array.dot %arg1, %arg0 contract [0] with [1] : tensor<?x3xf32>, tensor<2x?xf32>
// CHECK-NEXT: return
func.func @transposes(%a: tensor<2x?xf32>, %b: tensor<?x3xf32>) -> tensor<3x2xf32> {
  %0 = array.transpose %a permutation [1, 0] : tensor<2x?xf32>
  %1 = array.transpose %b permutation [1, 0] : tensor<?x3xf32>
  %2 = array.dot %0, %1 contract [0] with [1] : tensor<?x2xf32>, tensor<3x?xf32>
  %3 = array.transpose %2 permutation [1, 0] : tensor<2x3xf32>
  return %3 : tensor<3x2xf32>
}

// The order of a chain follows its cost, where rounding is left open.
// CHECK-LABEL: func.func @chain
// DEFAULT: array.dot %arg0, %arg1
// FAST-NEXT: %[[R:.*]] = array.dot %arg1, %arg2 contract [1] with [0] : tensor<2x100xf32>, tensor<100x1xf32>
// FAST-NEXT: array.dot %arg0, %[[R]] contract [1] with [0] : tensor<100x2xf32>, tensor<2x1xf32>
func.func @chain(%a: tensor<100x2xf32>, %b: tensor<2x100xf32>, %c: tensor<100x1xf32>) -> tensor<100x1xf32> {
  %0 = array.dot %a, %b contract [1] with [0] : tensor<100x2xf32>, tensor<2x100xf32>
  %1 = array.dot %0, %c contract [1] with [0] : tensor<100x100xf32>, tensor<100x1xf32>
  return %1 : tensor<100x1xf32>
}

// One dot instead of two, and the scale on the smaller side.
// CHECK-LABEL: func.func @factor
// FAST-COUNT-1: array.dot
// FAST-NOT: array.dot
// DEFAULT-COUNT-2: array.dot
func.func @factor(%x: tensor<64x4xf32>, %a: tensor<4x64xf32>, %b: tensor<4x64xf32>, %s: f32) -> tensor<64x64xf32> {
  %0 = array.dot %x, %a contract [1] with [0] : tensor<64x4xf32>, tensor<4x64xf32>
  %1 = array.dot %x, %b contract [1] with [0] : tensor<64x4xf32>, tensor<4x64xf32>
  %2 = scalar.add %0, %1 : tensor<64x64xf32>
  %3 = array.broadcast %s dims [] : f32 to tensor<64x64xf32>
  %4 = scalar.mul %2, %3 : tensor<64x64xf32>
  return %4 : tensor<64x64xf32>
}

// A dot with ones is a sum, with zeros nothing, unless there are NaN or infinities.
// CHECK-LABEL: func.func @constants
// CHECK: %[[S:.*]] = array.reduce add %arg0 dims [1] : tensor<2x3xf32>
// CHECK-NEXT: array.broadcast %[[S]] dims [0] : tensor<2xf32> to tensor<2x4xf32>
// FAST-NOT: array.dot
// DEFAULT: array.dot
func.func @constants(%a: tensor<2x3xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %ones = array.constant dense<1.0> : tensor<3x4xf32>
  %zeros = array.constant dense<0.0> : tensor<3x4xf32>
  %0 = array.dot %a, %ones contract [1] with [0] : tensor<2x3xf32>, tensor<3x4xf32>
  %1 = array.dot %a, %zeros contract [1] with [0] : tensor<2x3xf32>, tensor<3x4xf32>
  return %0, %1 : tensor<2x4xf32>, tensor<2x4xf32>
}
