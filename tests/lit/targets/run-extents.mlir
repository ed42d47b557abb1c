// RUN: dpc %s --target=interp --run constant --args true,[1,2] | FileCheck %s --check-prefix=CONSTANT
// RUN: dpc %s --target=xla --run constant --args true,[1,2] | FileCheck %s --check-prefix=CONSTANT
// RUN: dpc %s --target=xla --entry constant -O0 | FileCheck %s --check-prefix=TEXT
// RUN: dpc %s --target=xla --grad branch --run branch_grad --args [1,2,3],true | FileCheck %s --check-prefix=TAKEN
// RUN: dpc %s --target=xla --grad branch --run branch_grad --args [1,2,3],false | FileCheck %s --check-prefix=OTHER
// RUN: dpc %s --target=xla --run switch --args 1,[1,2] | FileCheck %s --check-prefix=SWITCH
// RUN: dpc %s --target=xla --run for --args [1,2],3 | FileCheck %s --check-prefix=FOR
// RUN: dpc %s --target=xla --run while --args [1,2] | FileCheck %s --check-prefix=WHILE
// RUN: %refused dpc %s --target=xla --run grow --args [1,2],3 2>&1 | FileCheck %s --check-prefix=GROW
// RUN: dpc %s --target=cpu --specialize x=2 --run grow --args [1,2],2 | FileCheck %s --check-prefix=GROWN

// XLA takes known extents alone: those that follow from constants and from the arguments of a call are written into
// types, through branches and loops.

// CONSTANT: {{^}}r0 = [3, 3, 3, 3, 3, 3]{{$}}
// CONSTANT-NEXT: {{^}}r1 = 18{{$}}
// CONSTANT-NEXT: {{^}}r2 = {{\[\[}}0, 1, 2], [0, 1, 2]]{{$}}
// TEXT: @main(%0: tensor<i1>, %1: tensor<2xf32>) -> (tensor<6xf64>, tensor<f64>, tensor<2x3xf32>, tensor<0xf64>)
func.func @constant(%p: i1, %unused: tensor<2xf32>) -> (tensor<?xf64>, f64, tensor<?x?xf32>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %six = arith.muli %c2, %c3 : index
  %one = scalar.constant 1.5 : f64
  %b = array.broadcast %one dims [] extents(%six) : f64 to tensor<?xf64>
  %r = scf.if %p -> tensor<?xf64> {
    %twice = scalar.add %b, %b : tensor<?xf64>
    scf.yield %twice : tensor<?xf64>
  } else {
    scf.yield %b : tensor<?xf64>
  }
  %sum = array.reduce add %r dims [0] : tensor<?xf64>
  %s = tensor.extract %sum[] : tensor<f64>
  %iota = array.iota dim 1 extents(%c2, %c3) : tensor<?x?xf32>
  %none = array.broadcast %one dims [] extents(%c0) : f64 to tensor<?xf64>
  return %r, %s, %iota, %none : tensor<?xf64>, f64, tensor<?x?xf32>, tensor<?xf64>
}

// What the branch that is not taken gives for the residuals of the other one has its extents.
// TAKEN: {{^}}r0 = 14{{$}}
// TAKEN-NEXT: {{^}}d_a0 = [2, 4, 6]{{$}}
// OTHER: {{^}}r0 = 6{{$}}
// OTHER-NEXT: {{^}}d_a0 = [1, 1, 1]{{$}}
func.func @branch(%x: tensor<?xf64>, %p: i1) -> f64 {
  %r = scf.if %p -> tensor<?xf64> {
    %y = scalar.mul %x, %x : tensor<?xf64>
    scf.yield %y : tensor<?xf64>
  } else {
    scf.yield %x : tensor<?xf64>
  }
  %sum = array.reduce add %r dims [0] : tensor<?xf64>
  %s = tensor.extract %sum[] : tensor<f64>
  return %s : f64
}

// SWITCH: {{^}}r0 = [1, 4]{{$}}
func.func @switch(%i: index, %x: tensor<?xf64>) -> tensor<?xf64> {
  %r = scf.index_switch %i -> tensor<?xf64>
  case 1 {
    %y = scalar.mul %x, %x : tensor<?xf64>
    scf.yield %y : tensor<?xf64>
  }
  default {
    scf.yield %x : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

// FOR: {{^}}r0 = [8, 16]{{$}}
func.func @for(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<?xf64> {
    %twice = scalar.add %a, %a : tensor<?xf64>
    scf.yield %twice : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

// WHILE: {{^}}r0 = [4, 8]{{$}}
func.func @while(%x: tensor<?xf64>) -> tensor<?xf64> {
  %ten = scalar.constant 10.0 : f64
  %r = scf.while (%a = %x) : (tensor<?xf64>) -> tensor<?xf64> {
    %sum = array.reduce add %a dims [0] : tensor<?xf64>
    %s = tensor.extract %sum[] : tensor<f64>
    %p = scalar.compare lt %s, %ten : f64
    scf.condition(%p) %a : tensor<?xf64>
  } do {
  ^bb0(%a: tensor<?xf64>):
    %twice = scalar.add %a, %a : tensor<?xf64>
    scf.yield %twice : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

// A loop that carries another extent each time: XLA has no form of it, and elsewhere its extent stays open.
// GROW: run-extents.mlir:[[#@LINE+9]]:3: error: tensor<?xf64> has dynamic extents
// GROWN: {{^}}r0 = [1, 2, 1, 2, 1, 2]{{$}}
func.func @grow(%x: tensor<?xf64> {dp.name = "x"}, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<?xf64> {
    %longer = array.concatenate %a, %x dim 0 : tensor<?xf64>, tensor<?xf64>
    scf.yield %longer : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}
