// The interpreter under valgrind: what it reads of MLIR's memory is there. It is of one thread, and has no races.
// RUN: rm -rf %t && mkdir %t
// Without debugging information, which valgrind does not read in full.
// RUN: sh -c 'strip -o %t/dpc "$(command -v dpc)"'
// RUN: valgrind -q --error-exitcode=9 %t/dpc %s --target=interp --run sample --args '[1,2,3],[2,0],1+2i' | FileCheck %s
// RUN: rm %t/dpc

// CHECK: r0 = 14
// CHECK: r1 = [2, 4, 6]
// CHECK: r2 = [3, 1]
// CHECK: r3 = 8
// CHECK: r4 = -3+4i
// CHECK: r5 = [0, 1, 1, 2, 3]
func.func private @loss(%x: tensor<?xf64>) -> f64 {
  %y = array.map(%x) : (tensor<?xf64>) -> tensor<?xf64> {
  ^bb0(%e: f64):
    %s = scalar.mul %e, %e : f64
    array.yield %s : f64
  }
  %sum = array.reduce add %y dims [0] : tensor<?xf64>
  %number = tensor.extract %sum[] : tensor<f64>
  return %number : f64
}

func.func @sample(%x: tensor<?xf64>, %i: tensor<2xi32>, %z: complex<f64>)
    -> (f64, tensor<?xf64>, tensor<2xf64>, i32, complex<f64>, tensor<5xi32>) {
  %v, %g = ad.grad @loss(%x) wrt [0] : (tensor<?xf64>) -> (f64, tensor<?xf64>)
  %rows = array.gather %x, %i : tensor<?xf64>, tensor<2xi32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %one = scalar.constant 1 : i32
  %two = scalar.constant 2 : i32
  %zero = scalar.constant 0 : i32
  %power = scf.for %k = %c0 to %c3 step %c1 iter_args(%p = %one) -> i32 {
    %q = scalar.mul %p, %two : i32
    scf.yield %q : i32
  }
  %square = scalar.mul %z, %z : complex<f64>
  %fill = array.broadcast %zero dims [] : i32 to tensor<5xi32>
  %ones = array.broadcast %one dims [] : i32 to tensor<2xi32>
  %start = array.update_slice %fill, %ones starts [1] : tensor<5xi32>, tensor<2xi32>
  %fibonacci:2 = scf.while (%at = %c3, %f = %start) : (index, tensor<5xi32>) -> (index, tensor<5xi32>) {
    %c5 = arith.constant 5 : index
    %more = arith.cmpi slt, %at, %c5 : index
    scf.condition(%more) %at, %f : index, tensor<5xi32>
  } do {
  ^bb0(%at: index, %f: tensor<5xi32>):
    %c2 = arith.constant 2 : index
    %from = arith.subi %at, %c2 : index
    %pair = array.slice %f starts [%from] strides [1] : tensor<5xi32> to tensor<2xi32>
    %sum = array.reduce add %pair dims [0] : tensor<2xi32>
    %next = array.reshape %sum : tensor<i32> to tensor<1xi32>
    %g1 = array.update_slice %f, %next starts [%at] : tensor<5xi32>, tensor<1xi32>
    %then = arith.addi %at, %c1 : index
    scf.yield %then, %g1 : index, tensor<5xi32>
  }
  return %v, %g, %rows, %power, %square, %fibonacci#1
      : f64, tensor<?xf64>, tensor<2xf64>, i32, complex<f64>, tensor<5xi32>
}
