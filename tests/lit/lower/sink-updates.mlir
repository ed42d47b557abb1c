// RUN: dpopt %s --sink-updates | FileCheck %s

// Both tapes are stored at the end, in their order; the tensor that the round reads afterwards too, since it reads what was
// there before.
// CHECK-LABEL: func.func @tapes(
// CHECK:         scf.for %[[I:.*]] = %{{.*}} iter_args(%[[X:.*]] = %{{.*}}, %[[T:.*]] = %{{.*}})
// CHECK:           %[[Y:.*]] = scalar.mul %[[X]], %[[X]]
// CHECK-NEXT:      %[[RX:.*]] = array.broadcast %[[X]]
// CHECK-NEXT:      %[[U:.*]] = array.update_slice %[[T]], %[[RX]] starts [%[[I]]]
// CHECK-NEXT:      %[[RY:.*]] = array.broadcast %[[Y]]
// CHECK-NEXT:      %[[V:.*]] = array.update_slice %[[U]], %[[RY]] starts [%[[I]]]
// CHECK-NEXT:      scf.yield %[[Y]], %[[V]]
func.func @tapes(%x: f64, %n: index) -> (f64, tensor<8xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zeros = array.constant dense<0.0> : tensor<8xf64>
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %t = %zeros) -> (f64, tensor<8xf64>) {
    %a1 = array.broadcast %a dims [] : f64 to tensor<1xf64>
    %u = array.update_slice %t, %a1 starts [%i] : tensor<8xf64>, tensor<1xf64>
    %b = scalar.mul %a, %a : f64
    %b1 = array.broadcast %b dims [] : f64 to tensor<1xf64>
    %v = array.update_slice %u, %b1 starts [%i] : tensor<8xf64>, tensor<1xf64>
    scf.yield %b, %v : f64, tensor<8xf64>
  }
  return %r#0, %r#1 : f64, tensor<8xf64>
}

// What is read after the update stays where it is.
// CHECK-LABEL: func.func @read(
// CHECK:         scf.for
// CHECK:           array.update_slice
// CHECK-NEXT:      tensor.extract
// CHECK-NEXT:      scalar.add
func.func @read(%x: f64, %n: index) -> (f64, tensor<8xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zeros = array.constant dense<0.0> : tensor<8xf64>
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %t = %zeros) -> (f64, tensor<8xf64>) {
    %a1 = array.broadcast %a dims [] : f64 to tensor<1xf64>
    %u = array.update_slice %t, %a1 starts [%i] : tensor<8xf64>, tensor<1xf64>
    %e = tensor.extract %u[%c0] : tensor<8xf64>
    %b = scalar.add %a, %e : f64
    scf.yield %b, %u : f64, tensor<8xf64>
  }
  return %r#0, %r#1 : f64, tensor<8xf64>
}
