// RUN: dpopt %s --promote-scalars | FileCheck %s

// What is computed with a number from a tensor is computed beside the tensor; a result that is a number is one of rank 0.
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    tensor<f32>
// CHECK-SAME:    dp.numbers = array<i64: 0>
// CHECK:         %[[N:.*]] = array.broadcast %{{.*}} dims [] : f32 to tensor<f32>
// CHECK:         %[[R:.*]] = scalar.div %{{.*}}, %[[N]] : tensor<f32>
// CHECK:         return %[[R]] : tensor<f32>
func.func @f(%x: tensor<f32>, %n: f32) -> f32 {
  %a = tensor.extract %x[] : tensor<f32>
  %y = scalar.div %a, %n : f32
  return %y : f32
}
