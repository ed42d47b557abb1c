// Boxes whose starts are numbers that are clamped: extents that are written into types later change nothing.
// RUN: dpc %s --run sliced --args [1,2,3,4],2 --target=interp | FileCheck %s --check-prefix=SLICED
// RUN: dpc %s --run sliced --args [1,2,3,4],2 | FileCheck %s --check-prefix=SLICED
// RUN: dpc %s --run sliced --args [1,2,3,4],2 --specialize x=4,n=2 | FileCheck %s --check-prefix=SLICED
// RUN: dpc %s --run sliced --args [1,2,3,4],2 --specialize x=4 -O0 | FileCheck %s --check-prefix=SLICED
// RUN: dpc %s --run sliced --args [1,2,3,4],2 --target=xla | FileCheck %s --check-prefix=SLICED
// RUN: dpc %s --run sliced --args [1,2,3,4],2 --target=xla -O0 | FileCheck %s --check-prefix=SLICED
// RUN: dpc %s --run carried --args [1,2,3,4],2 | FileCheck %s --check-prefix=CARRIED
// RUN: dpc %s --run carried --args [1,2,3,4],2 --specialize a0=4,a1=2 | FileCheck %s --check-prefix=CARRIED
// RUN: dpc %s --run broadcast --args [1,2,3,4],4 -O0 | FileCheck %s --check-prefix=BROADCAST
// RUN: dpc %s --run broadcast --args [1,2,3,4],4 | FileCheck %s --check-prefix=BROADCAST
// RUN: dpc %s --run broadcast --args [1,2,3,4],4 --target=xla | FileCheck %s --check-prefix=BROADCAST
// RUN: dpc %s --target=xla --specialize x=4,n=2 --entry sliced -O0 | FileCheck %s --check-prefix=TEXT

// Their derivatives.
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

// SLICED: {{^}}r0 = [3, 4]{{$}}
// SLICED-NEXT: {{^}}r1 = [2, 4]{{$}}
// SLICED-NEXT: {{^}}r2 = []{{$}}
// SLICED-NEXT: {{^}}r3 = [1, 2, 1, 2]{{$}}
// TEXT: slice %{{.*}} [2:4]
// TEXT: slice %{{.*}} [1:4:2]
func.func @sliced(%x: tensor<?xf64> {dp.name = "x"}, %n: index {dp.name = "n"})
    -> (tensor<?xf64>, tensor<2xf64>, tensor<0xf64>, tensor<?xf64>) {
  %a = array.slice %x starts [3] strides [1] extents(%n) : tensor<?xf64> to tensor<?xf64>
  %b = array.slice %x starts [3] strides [2] : tensor<?xf64> to tensor<2xf64>
  %c = array.slice %x starts [9] strides [1] : tensor<?xf64> to tensor<0xf64>
  %d = array.slice %x starts [0] strides [1] extents(%n) : tensor<?xf64> to tensor<?xf64>
  %e = array.update_slice %x, %d starts [7] : tensor<?xf64>, tensor<?xf64>
  return %a, %b, %c, %e : tensor<?xf64>, tensor<2xf64>, tensor<0xf64>, tensor<?xf64>
}

// What a loop carries has other extents after the first round; they stay open, and starts stay what they are.
// CARRIED: {{^}}r0 = [2, 3, 4]{{$}}
func.func @carried(%x: tensor<?xf64>, %n: index) -> tensor<3xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> (tensor<?xf64>) {
    %z = array.slice %y starts [4] strides [1] : tensor<?xf64> to tensor<3xf64>
    %o = tensor.cast %z : tensor<3xf64> to tensor<?xf64>
    scf.yield %o : tensor<?xf64>
  }
  %s = array.slice %r starts [1] strides [1] : tensor<?xf64> to tensor<3xf64>
  return %s : tensor<3xf64>
}

// The operand of a broadcast says more of its extents than the broadcast does.
// BROADCAST: {{^}}r0 = {{\[\[}}3, 4], [3, 4]]{{$}}
func.func @broadcast(%x: tensor<?xf64>, %n: index) -> tensor<2x2xf64> {
  %a = array.slice %x starts [0] strides [1] : tensor<?xf64> to tensor<4xf64>
  %b = array.broadcast %a dims [1] extents(%n, %n) : tensor<4xf64> to tensor<?x?xf64>
  %y = array.slice %b starts [7, 3] strides [1, 1] : tensor<?x?xf64> to tensor<2x2xf64>
  return %y : tensor<2x2xf64>
}
