// Branches, loops, calls, recursion, extents and single elements.
// RUN: dpc %s --target=interp --run power --args 2,10 | FileCheck %s --check-prefix=POWER
// RUN: dpc %s --target=cpu --run power --args 2,10 | FileCheck %s --check-prefix=POWER
// RUN: dpc %s --target=interp --run clip --args -3 | FileCheck %s --check-prefix=CLIP
// RUN: dpc %s --target=cpu --run clip --args -3 | FileCheck %s --check-prefix=CLIP
// RUN: dpc %s --target=xla --run clip --args -3 | FileCheck %s --check-prefix=CLIP
// RUN: dpc %s --target=interp --run extents --args [[1,2,3],[4,5,6]] | FileCheck %s --check-prefix=EXTENTS
// RUN: dpc %s --target=cpu --run extents --args [[1,2,3],[4,5,6]] | FileCheck %s --check-prefix=EXTENTS
// RUN: dpc %s --target=xla --run extents --args [[1,2,3],[4,5,6]] | FileCheck %s --check-prefix=EXTENTS
// RUN: dpc %s --target=interp --run indices --args 17,5 | FileCheck %s --check-prefix=INDICES
// RUN: dpc %s --target=cpu --run indices --args 17,5 | FileCheck %s --check-prefix=INDICES
// RUN: dpc %s --target=xla --run indices --args 17,5 | FileCheck %s --check-prefix=INDICES
// RUN: dpc %s --target=interp --run digits --args 3042 | FileCheck %s --check-prefix=DIGITS
// RUN: dpc %s --target=cpu --run digits --args 3042 | FileCheck %s --check-prefix=DIGITS
// RUN: dpc %s --target=xla --run digits --args 3042 | FileCheck %s --check-prefix=DIGITS
// RUN: dpc %s --target=interp --run horner --args [1,2,3],10 | FileCheck %s --check-prefix=HORNER
// RUN: dpc %s --target=cpu --run horner --args [1,2,3],10 | FileCheck %s --check-prefix=HORNER
// RUN: dpc %s --target=interp --run name --args 2 | FileCheck %s --check-prefix=NAME
// RUN: dpc %s --target=cpu --run name --args 2 | FileCheck %s --check-prefix=NAME
// RUN: dpc %s --target=xla --run name --args 2 | FileCheck %s --check-prefix=NAME

// x^n by recursion.
// POWER: {{^}}r0 = 1024{{$}}
func.func @power(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %done = arith.cmpi eq, %n, %c0 : index
  %y = scf.if %done -> f64 {
    %one = scalar.constant 1.0 : f64
    scf.yield %one : f64
  } else {
    %c1 = arith.constant 1 : index
    %less = arith.subi %n, %c1 : index
    %rest = func.call @power(%x, %less) : (f64, index) -> f64
    %product = scalar.mul %x, %rest : f64
    scf.yield %product : f64
  }
  return %y : f64
}

// CLIP: {{^}}r0 = 0{{$}}
func.func @clip(%x: f64) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %negative = scalar.compare lt %x, %zero : f64
  %y = arith.select %negative, %zero, %x : f64
  return %y : f64
}

// EXTENTS: {{^}}r0 = 2{{$}}
// EXTENTS-NEXT: {{^}}r1 = 6{{$}}
// EXTENTS-NEXT: {{^}}r2 = [1, 6]{{$}}
func.func @extents(%x: tensor<?x3xf64>) -> (index, f64, tensor<2xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf64>
  %last = arith.subi %n, %c1 : index
  %a = tensor.extract %x[%c0, %c0] : tensor<?x3xf64>
  %b = tensor.extract %x[%last, %c2] : tensor<?x3xf64>
  %ends = tensor.from_elements %a, %b : tensor<2xf64>
  return %n, %b, %ends : index, f64, tensor<2xf64>
}

// INDICES: {{^}}r0 = 22{{$}}
// INDICES-NEXT: {{^}}r1 = 85{{$}}
// INDICES-NEXT: {{^}}r2 = 3{{$}}
// INDICES-NEXT: {{^}}r3 = 2{{$}}
// INDICES-NEXT: {{^}}r4 = 17{{$}}
func.func @indices(%a: index, %b: index) -> (index, index, index, i32, index) {
  %0 = arith.addi %a, %b : index
  %1 = arith.muli %a, %b : index
  %2 = arith.divsi %a, %b : index
  %3 = arith.remsi %a, %b : index
  %4 = arith.index_cast %3 : index to i32
  %greater = arith.cmpi sgt, %a, %b : index
  %5 = arith.select %greater, %a, %b : index
  return %0, %1, %2, %4, %5 : index, index, index, i32, index
}

// How many digits, and their sum.
// DIGITS: {{^}}r0 = 4{{$}}
// DIGITS-NEXT: {{^}}r1 = 9{{$}}
func.func @digits(%n: i32) -> (i32, i32) {
  %zero = scalar.constant 0 : i32
  %one = scalar.constant 1 : i32
  %ten = scalar.constant 10 : i32
  %r:3 = scf.while (%rest = %n, %count = %zero, %sum = %zero) : (i32, i32, i32) -> (i32, i32, i32) {
    %more = scalar.compare gt %rest, %zero : i32
    scf.condition(%more) %rest, %count, %sum : i32, i32, i32
  } do {
  ^bb0(%rest: i32, %count: i32, %sum: i32):
    %digit = scalar.rem %rest, %ten : i32
    %s = scalar.add %sum, %digit : i32
    %c = scalar.add %count, %one : i32
    %q = scalar.div %rest, %ten : i32
    scf.yield %q, %c, %s : i32, i32, i32
  }
  return %r#1, %r#2 : i32, i32
}

// HORNER: {{^}}r0 = 123{{$}}
func.func @horner(%a: tensor<?xf64>, %x: f64) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %a, %c0 : tensor<?xf64>
  %zero = scalar.constant 0.0 : f64
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> f64 {
    %c = tensor.extract %a[%i] : tensor<?xf64>
    %p = scalar.mul %s, %x : f64
    %q = scalar.add %p, %c : f64
    scf.yield %q : f64
  }
  return %y : f64
}

// NAME: {{^}}r0 = -1{{$}}
func.func @name(%i: index) -> i32 {
  %y = scf.index_switch %i -> i32
  case 2 {
    %c = scalar.constant -1 : i32
    scf.yield %c : i32
  }
  default {
    %c = scalar.constant 1 : i32
    scf.yield %c : i32
  }
  return %y : i32
}
