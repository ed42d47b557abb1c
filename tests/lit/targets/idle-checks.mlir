// A check that fails where it is not executed is no error: behind a condition that is constant, or in a loop without
// rounds, also if that follows from arguments with which the program is specialized.
// RUN: dpc %s --target=interp --run behind --args [1,2,3] | FileCheck %s
// RUN: dpc %s --run behind --args [1,2,3] | FileCheck %s
// RUN: dpc %s -O0 --run behind --args [1,2,3] | FileCheck %s
// RUN: dpc %s --target=xla --run behind --args [1,2,3] | FileCheck %s
// RUN: dpc %s --target=interp --run rounds --args [1,2,3] | FileCheck %s
// RUN: dpc %s --run rounds --args [1,2,3] | FileCheck %s
// RUN: dpc %s --target=xla --run rounds --args [1,2,3] | FileCheck %s
// RUN: dpc %s --target=xla -O0 --run rounds --args [1,2,3] | FileCheck %s
// RUN: dpc %s --target=interp --specialize n=5 --run given --args [1,2,3],5 | FileCheck %s
// RUN: dpc %s --specialize n=5 --run given --args [1,2,3],5 | FileCheck %s
// RUN: dpc %s --specialize n=5 -O0 --run given --args [1,2,3],5 | FileCheck %s
// RUN: dpc %s --target=xla --specialize n=5 --run given --args [1,2,3],5 | FileCheck %s
// RUN: dpc %s --target=xla --run given --args [1,2,3],5 | FileCheck %s
// RUN: %refused dpc %s --target=xla --run given --args=[1,2,3],-1 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// RUN: %refused dpc %s --target=xla --run always --args [1,2,3] 2>&1 | FileCheck %s --check-prefix=ALWAYS
// RUN: %refused dpc %s --run always --args [1,2,3] 2>&1 | FileCheck %s --check-prefix=ALWAYS
// So is a bound that is exceeded, also where the number of rounds is known when the program is compiled.
// RUN: %refused dpc %s --target=interp --grad power --run power_grad --args 2,3 2>&1 | FileCheck %s --check-prefix=BOUND
// RUN: %refused dpc %s --grad power --run power_grad --args 2,3 2>&1 | FileCheck %s --check-prefix=BOUND
// RUN: %refused dpc %s --target=xla --grad power --run power_grad --args 2,3 2>&1 | FileCheck %s --check-prefix=BOUND
// RUN: dpc %s --target=xla --grad power --run power_grad --args 2,9 | FileCheck %s --check-prefix=NONE

// CHECK: r0 = 7
func.func @behind(%x: tensor<3xf64>) -> f64 {
  %c3 = arith.constant 3 : index
  %f = arith.constant false
  %z = scalar.constant 7.0 : f64
  %q = scf.if %f -> f64 {
    %r = tensor.extract %x[%c3] : tensor<3xf64>
    %y = tensor.insert %r into %x[%c3] : tensor<3xf64>
    %s = tensor.extract %y[%c3] : tensor<3xf64>
    cf.assert %f, "impossible"
    scf.yield %s : f64
  } else {
    scf.yield %z : f64
  }
  return %q : f64
}
func.func @rounds(%x: tensor<3xf64>) -> f64 {
  %c3 = arith.constant 3 : index
  %c1 = arith.constant 1 : index
  %f = arith.constant false
  %z = scalar.constant 7.0 : f64
  %q = scf.for %i = %c3 to %c3 step %c1 iter_args(%a = %z) -> f64 {
    %r = tensor.extract %x[%c3] : tensor<3xf64>
    cf.assert %f, "impossible"
    scf.yield %r : f64
  }
  return %q : f64
}
// OUTSIDE: idle-checks.mlir:[[#@LINE+6]]:10: error: 'tensor.extract' is out of bounds in dimension 0
func.func @given(%x: tensor<3xf64>, %n: index {dp.name = "n"}) -> f64 {
  %c3 = arith.constant 3 : index
  %z = scalar.constant 7.0 : f64
  %g = arith.cmpi slt, %n, %c3 : index
  %q = scf.if %g -> f64 {
    %r = tensor.extract %x[%n] : tensor<3xf64>
    cf.assert %g, "impossible"
    scf.yield %r : f64
  } else {
    scf.yield %z : f64
  }
  return %q : f64
}
// ALWAYS: idle-checks.mlir:[[#@LINE+3]]:8: error: 'tensor.extract' is out of bounds in dimension 0
func.func @always(%x: tensor<3xf64>) -> f64 {
  %c3 = arith.constant 3 : index
  %r = tensor.extract %x[%c3] : tensor<3xf64>
  return %r : f64
}

// BOUND: idle-checks.mlir:[[#@LINE+9]]:10: error: this loop has more rounds than its bound, 2
// BOUND: help: raise the bound of the loop, by --bound or 'dp.bound', or pass values that need fewer rounds
// NONE: d_x = 1
func.func @power(%x: f64 {dp.name = "x"}, %n: index {dp.name = "n"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %few = arith.cmpi slt, %n, %c5 : index
  %q = scf.if %few -> f64 {
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> f64 {
      %y = scalar.mul %p, %x : f64
      scf.yield %y : f64
    } {dp.bound = 2}
    scf.yield %r : f64
  } else {
    scf.yield %x : f64
  }
  return %q : f64
}
