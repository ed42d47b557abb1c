// RUN: dpopt %s --specialize-extents=extents=x=4x3,n=2 --canonicalize | FileCheck %s
// RUN: %refused dpopt %s --specialize-extents=extents=x=4 2>&1 | FileCheck %s --check-prefix=RANK
// RUN: %refused dpopt %s --specialize-extents=extents=z=4 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: %refused dpopt %s --specialize-extents=extents=x 2>&1 | FileCheck %s --check-prefix=TEXT
// RUN: dpc %s --target=interp --run follow --args [[1,2,3],[4,5,6]],1,true | FileCheck %s --check-prefix=VALUES
// RUN: dpc %s --target=cpu --specialize x=2x3,n=1 --run follow --args [[1,2,3],[4,5,6]],1,true | FileCheck %s --check-prefix=VALUES
// RUN: %refused dpc %s --specialize x=2x3,n=4 --entry follow --target=xla 2>&1 | FileCheck %s --check-prefix=DISAGREE
// RUN: %refused dpc %s --specialize x=2x3,n=3 --stop-after=specialize 2>&1 | FileCheck %s --check-prefix=DISAGREE

// Every extent that follows is in the types, and what gave it is gone.
// CHECK-LABEL: func.func @follow
// CHECK-SAME: tensor<4x3xf64>
// CHECK-SAME: -> (tensor<3x4xf64>, tensor<8xf64>, tensor<2x3xf64>, tensor<4x3xf64>, tensor<4x3xf64>)
// CHECK-NOT: ?
// CHECK-NOT: tensor.dim
// CHECK-NOT: extents
// CHECK: array.map(%{{.*}}) : (tensor<4x3xf64>) -> tensor<4x3xf64>
// CHECK: return
// RANK: specialize-extents.mlir:[[#@LINE+6]]:1: error: the argument 'x' of type tensor<?x3xf64> does not match x=4
// RANK: note: give one extent for each dimension
// NAME: error: no function has an argument 'z'
// TEXT: error: `x` is not of the form NAME=2x3
// VALUES: {{^}}r0 = {{\[\[}}1, 4], [2, 5], [3, 6]]{{$}}
// VALUES-NEXT: {{^}}r1 = [0, 0, 0, 0]{{$}}
func.func @follow(%x: tensor<?x3xf64> {dp.name = "x"}, %n: index {dp.name = "n"}, %p: i1)
    -> (tensor<3x?xf64>, tensor<?xf64>, tensor<?x3xf64>, tensor<?x3xf64>, tensor<?x3xf64>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %rows = tensor.dim %x, %c0 : tensor<?x3xf64>
  %t = array.transpose %x permutation [1, 0] : tensor<?x3xf64>
  %twice = arith.muli %rows, %c2 : index
  %zero = scalar.constant 0.0 : f64
  %zeros = array.broadcast %zero dims [] extents(%twice) : f64 to tensor<?xf64>
  // DISAGREE-NOT: internal error
  // DISAGREE: specialize-extents.mlir:[[#@LINE+2]]:11: error: 'array.slice' the slice reaches position {{.}} of dimension 0, which has extent 2
  // DISAGREE: specialize-extents.mlir:[[#@LINE+1]]:11: help: check the specialized extents of the arguments
  %part = array.slice %x starts [0, 0] strides [1, 1] extents(%n) : tensor<?x3xf64> to tensor<?x3xf64>
  %chosen = scf.if %p -> tensor<?x3xf64> {
    scf.yield %x : tensor<?x3xf64>
  } else {
    %y = scalar.neg %x : tensor<?x3xf64>
    scf.yield %y : tensor<?x3xf64>
  }
  %m = array.map(%chosen) : (tensor<?x3xf64>) -> tensor<?x3xf64> {
  ^bb0(%a: f64):
    %b = scalar.add %a, %a : f64
    array.yield %b : f64
  }
  return %t, %zeros, %part, %chosen, %m : tensor<3x?xf64>, tensor<?xf64>, tensor<?x3xf64>, tensor<?x3xf64>, tensor<?x3xf64>
}
