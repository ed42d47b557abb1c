// The derivative of a box whose start is a number that is clamped.
// RUN: dpc %s --grad set --run set_grad --args [1,2,3,4],[5,6] | FileCheck %s --check-prefix=SET
// RUN: dpc %s --grad set --run set_grad --args [1,2,3,4],[5,6] -O0 | FileCheck %s --check-prefix=SET
// RUN: dpc %s --grad set --run set_grad --args [1,2,3,4],[5,6] --target=interp | FileCheck %s --check-prefix=SET
// RUN: dpc %s --grad add --run add_grad --args [1,2,3,4],[5,6] | FileCheck %s --check-prefix=ADD
// RUN: dpc %s --grad add --run add_grad --args [1,2,3,4],[5,6] --target=interp | FileCheck %s --check-prefix=ADD
// RUN: dpc %s --grad open --run open_grad --args [1,2,3,4],[5,6] | FileCheck %s --check-prefix=SET

// SET: r0 = 66
// SET-NEXT: d_a0 = [2, 4, 0, 0]
// SET-NEXT: d_a1 = [10, 12]
func.func @set(%x: tensor<4xf64>, %u: tensor<2xf64>) -> f64 {
  %y = array.update_slice %x, %u starts [3] : tensor<4xf64>, tensor<2xf64>
  %z = scalar.mul %y, %y : tensor<4xf64>
  %s = array.reduce add %z dims [0] : tensor<4xf64>
  %r = tensor.extract %s[] : tensor<f64>
  return %r : f64
}

// ADD: r0 = 169
// ADD-NEXT: d_a0 = [2, 4, 16, 20]
// ADD-NEXT: d_a1 = [16, 20]
func.func @add(%x: tensor<4xf64>, %u: tensor<2xf64>) -> f64 {
  %y = array.update_slice accumulate %x, %u starts [3] : tensor<4xf64>, tensor<2xf64>
  %z = scalar.mul %y, %y : tensor<4xf64>
  %s = array.reduce add %z dims [0] : tensor<4xf64>
  %r = tensor.extract %s[] : tensor<f64>
  return %r : f64
}

// The same where extents are known at run time.
func.func @open(%x: tensor<?xf64>, %u: tensor<?xf64>) -> f64 {
  %y = array.update_slice %x, %u starts [3] : tensor<?xf64>, tensor<?xf64>
  %z = scalar.mul %y, %y : tensor<?xf64>
  %s = array.reduce add %z dims [0] : tensor<?xf64>
  %r = tensor.extract %s[] : tensor<f64>
  return %r : f64
}
