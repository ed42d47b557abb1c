// RUN: dpopt %s --simplify | FileCheck %s

// What is the same everywhere is computed once, before it is repeated.
// CHECK-LABEL: func.func @broadcast
// CHECK: %[[N:.*]] = scalar.mul %arg0, %arg1 : f32
// CHECK: %[[B:.*]] = array.broadcast %[[N]] dims [] extents(%{{.*}}) : f32 to tensor<?xf32>
// CHECK: %[[V:.*]] = scalar.exp %arg2 : tensor<?xf32>
// CHECK: %[[S:.*]] = scalar.add %[[B]], %[[V]] : tensor<?xf32>
// CHECK-NEXT: %[[R:.*]] = array.broadcast %[[S]] dims [0] extents(%{{.*}}) : tensor<?xf32> to tensor<?x4xf32>
// CHECK-NEXT: return %[[R]]
func.func @broadcast(%a: f32, %b: f32, %v: tensor<?xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?xf32>
  %0 = array.broadcast %a dims [] extents(%n) : f32 to tensor<?xf32>
  %1 = array.broadcast %b dims [] extents(%n) : f32 to tensor<?xf32>
  %2 = scalar.mul %0, %1 : tensor<?xf32>
  %3 = array.broadcast %2 dims [0] extents(%n) : tensor<?xf32> to tensor<?x4xf32>
  %4 = array.broadcast %v dims [0] extents(%n) : tensor<?xf32> to tensor<?x4xf32>
  %5 = scalar.exp %4 : tensor<?x4xf32>
  %6 = scalar.add %5, %3 : tensor<?x4xf32>
  return %6 : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @transpose
// CHECK-NEXT: %[[S:.*]] = scalar.add %arg0, %arg1 : tensor<2x?xf32>
// CHECK-NEXT: return %[[S]]
func.func @transpose(%a: tensor<2x?xf32>, %b: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %0 = array.transpose %a permutation [1, 0] : tensor<2x?xf32>
  %1 = array.transpose %b permutation [1, 0] : tensor<2x?xf32>
  %2 = scalar.add %0, %1 : tensor<?x2xf32>
  %3 = array.transpose %2 permutation [1, 0] : tensor<?x2xf32>
  return %3 : tensor<2x?xf32>
}

// A dimension of extent 1, kept for a broadcast, moves no element.
// CHECK-LABEL: func.func @keep_dims
// CHECK-NEXT: %[[L:.*]] = scalar.log %arg0 : tensor<?xf32>
// CHECK-NEXT: return %[[L]]
func.func @keep_dims(%a: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?xf32>
  %0 = array.broadcast %a dims [1] extents(%n) : tensor<?xf32> to tensor<1x?x1xf32>
  %1 = scalar.log %0 : tensor<1x?x1xf32>
  %2 = array.reshape %1 extents(%n) : tensor<1x?x1xf32> to tensor<?xf32>
  return %2 : tensor<?xf32>
}

// Here elements are repeated.
// CHECK-LABEL: func.func @repeat
// CHECK: array.reshape
func.func @repeat(%a: tensor<2xf32>) -> tensor<4xf32> {
  %0 = array.broadcast %a dims [1] : tensor<2xf32> to tensor<2x2xf32>
  %1 = array.reshape %0 : tensor<2x2xf32> to tensor<4xf32>
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: func.func @reshape
// CHECK-NEXT: scalar.neg %arg0 : tensor<2x3xf32>
// CHECK-NEXT: return
func.func @reshape(%a: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = array.reshape %a : tensor<2x3xf32> to tensor<6xf32>
  %1 = array.reshape %0 : tensor<6xf32> to tensor<3x2xf32>
  %2 = scalar.neg %1 : tensor<3x2xf32>
  %3 = array.reshape %2 : tensor<3x2xf32> to tensor<2x3xf32>
  return %3 : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @slices
// CHECK-NEXT: %[[S:.*]] = array.slice %arg1 starts [1] strides [2] : tensor<6xf32> to tensor<2xf32>
// CHECK-NEXT: return %arg0, %[[S]]
func.func @slices(%a: tensor<4xf32>, %b: tensor<6xf32>) -> (tensor<4xf32>, tensor<2xf32>) {
  %zero = scalar.constant 0.0 : f32
  %0 = array.pad %a, %zero low [1] high [2] interior [0] : tensor<4xf32>, f32 to tensor<7xf32>
  %1 = array.slice %0 starts [1] strides [1] : tensor<7xf32> to tensor<4xf32>
  %2 = array.concatenate %a, %b dim 0 : tensor<4xf32>, tensor<6xf32>
  %3 = array.slice %2 starts [5] strides [1] : tensor<10xf32> to tensor<5xf32>
  %4 = array.slice %3 starts [0] strides [2] : tensor<5xf32> to tensor<2xf32>
  return %1, %4 : tensor<4xf32>, tensor<2xf32>
}

// The sum of a repetition is a product; its count may be known at run time only.
// The sum of nothing is 0, of NaN too.
// CHECK-LABEL: func.func @reduce
// CHECK: %[[I:.*]] = arith.index_cast %arg1 : index to i64
// CHECK-NEXT: %[[N:.*]] = scalar.convert %[[I]] : i64 to f32
// CHECK: scalar.mul
// CHECK: scalar.select
// CHECK: array.reduce max %arg0 dims [0] : tensor<?xf32>
// CHECK: array.reduce add %arg2 dims [0, 1] : tensor<3x?xf32>
// CHECK-NOT: array.transpose
func.func @reduce(%x: tensor<?xf32>, %n: index, %y: tensor<3x?xf32>) -> (tensor<?xf32>, tensor<f32>, tensor<f32>) {
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %0 = array.broadcast %x dims [0] extents(%d, %n) : tensor<?xf32> to tensor<?x?xf32>
  %1 = array.reduce add %0 dims [1] : tensor<?x?xf32>
  %2 = array.broadcast %x dims [0] extents(%d) : tensor<?xf32> to tensor<?x10xf32>
  %3 = array.reduce max %2 dims [0, 1] : tensor<?x10xf32>
  %4 = array.transpose %y permutation [1, 0] : tensor<3x?xf32>
  %5 = array.reduce add %4 dims [0] : tensor<?x3xf32>
  %6 = array.reduce add %5 dims [0] : tensor<3xf32>
  return %1, %3, %6 : tensor<?xf32>, tensor<f32>, tensor<f32>
}

// Sums of tensors that are zero but for a box.
// CHECK-LABEL: func.func @accumulate
// CHECK-NEXT: %[[C:.*]] = array.concatenate %arg0, %arg1, %arg2 dim 0
// CHECK-NEXT: %[[U:.*]] = array.update_slice accumulate %arg3, %arg0 starts [3]
// CHECK-NEXT: return %[[C]], %[[U]]
func.func @accumulate(%a: tensor<2xf32>, %b: tensor<3xf32>, %c: tensor<4xf32>, %y: tensor<90xf32>)
    -> (tensor<9xf32>, tensor<90xf32>) {
  %z = scalar.constant 0.0 : f32
  %0 = array.pad %a, %z low [0] high [7] interior [0] : tensor<2xf32>, f32 to tensor<9xf32>
  %1 = array.pad %b, %z low [2] high [4] interior [0] : tensor<3xf32>, f32 to tensor<9xf32>
  %2 = array.pad %c, %z low [5] high [0] interior [0] : tensor<4xf32>, f32 to tensor<9xf32>
  %3 = scalar.add %0, %1 : tensor<9xf32>
  %4 = scalar.add %3, %2 : tensor<9xf32>
  %5 = array.pad %a, %z low [3] high [85] interior [0] : tensor<2xf32>, f32 to tensor<90xf32>
  %6 = scalar.add %y, %5 : tensor<90xf32>
  return %4, %6 : tensor<9xf32>, tensor<90xf32>
}

// CHECK-LABEL: func.func @extents
// CHECK: %[[D:.*]] = tensor.dim %arg0
// CHECK-NEXT: %[[FOUR:.*]] = arith.constant 4
// CHECK-NEXT: return %[[D]], %[[FOUR]]
func.func @extents(%x: tensor<?x4xf32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = scalar.exp %x : tensor<?x4xf32>
  %1 = array.transpose %0 permutation [1, 0] : tensor<?x4xf32>
  %2 = tensor.dim %1, %c1 : tensor<4x?xf32>
  %3 = tensor.dim %1, %c0 : tensor<4x?xf32>
  return %2, %3 : index, index
}
