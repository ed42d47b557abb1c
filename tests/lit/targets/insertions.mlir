// An insertion out of bounds is an error at its place on every target, in the function and in its derivatives.
// RUN: dpc %s --target=interp --run put --args 2,[1,2,3],2 | FileCheck %s --check-prefix=THERE
// RUN: dpc %s --run put --args 2,[1,2,3],2 | FileCheck %s --check-prefix=THERE
// RUN: dpc %s --target=xla --run put --args 2,[1,2,3],2 | FileCheck %s --check-prefix=THERE
// RUN: %refused dpc %s --target=interp --run put --args 2,[1,2,3],3 2>&1 | FileCheck %s
// RUN: %refused dpc %s --run put --args 2,[1,2,3],3 2>&1 | FileCheck %s
// RUN: %refused dpc %s -O0 --run put --args 2,[1,2,3],3 2>&1 | FileCheck %s
// RUN: %refused dpc %s --run put --args=2,[1,2,3],-1 2>&1 | FileCheck %s
// RUN: %refused dpc %s --target=xla --run put --args 2,[1,2,3],3 2>&1 | FileCheck %s
// RUN: %refused dpc %s --target=interp --grad put --run put_grad --args 2,[1,2,3],3 2>&1 | FileCheck %s
// RUN: %refused dpc %s --grad put --run put_grad --args 2,[1,2,3],3 2>&1 | FileCheck %s
// RUN: %refused dpc %s --target=xla --grad put --run put_grad --args 2,[1,2,3],3 2>&1 | FileCheck %s
// RUN: %refused dpc %s --target=interp --jvp put --run put_jvp --args 2,[1,2,3],3,1,[0,0,0] 2>&1 | FileCheck %s
// RUN: %refused dpc %s --jvp put --run put_jvp --args 2,[1,2,3],3,1,[0,0,0] 2>&1 | FileCheck %s
// RUN: %refused dpc %s --target=xla --jvp put --run put_jvp --args 2,[1,2,3],3,1,[0,0,0] 2>&1 | FileCheck %s
// RUN: %refused dpc %s --target=interp --run count --args [1,2,3],4 2>&1 | FileCheck %s --check-prefix=LOOP
// RUN: %refused dpc %s --run count --args [1,2,3],4 2>&1 | FileCheck %s --check-prefix=LOOP
// RUN: %refused dpc %s --target=xla --run count --args [1,2,3],4 2>&1 | FileCheck %s --check-prefix=LOOP
// RUN: %refused dpc %s --grad count --run count_grad --args [1,2,3],4 2>&1 | FileCheck %s --check-prefix=LOOP
// RUN: %refused dpc %s --target=interp --run store --args 2,3 2>&1 | FileCheck %s --check-prefix=STORE
// RUN: %refused dpc %s --run store --args 2,3 2>&1 | FileCheck %s --check-prefix=STORE
// RUN: %refused dpc %s --target=xla --run store --args 2,3 2>&1 | FileCheck %s --check-prefix=STORE
// RUN: %refused dpc %s --grad store --run store_grad --args 2,3 2>&1 | FileCheck %s --check-prefix=STORE

// The first element does not depend on the insertion.
// THERE: r0 = 1
// CHECK: insertions.mlir:[[#@LINE+4]]:8: error: 'tensor.insert' is out of bounds in dimension 0
func.func @put(%v: f64, %x: tensor<?xf64>, %i: index) -> f64 {
  %c0 = arith.constant 0 : index
  %s = scalar.sin %v : f64
  %y = tensor.insert %s into %x[%i] : tensor<?xf64>
  %r = tensor.extract %y[%c0] : tensor<?xf64>
  return %r : f64
}

// LOOP: insertions.mlir:[[#@LINE+8]]:10: error: 'tensor.insert' is out of bounds in dimension 0
func.func @count(%x: tensor<3xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = tensor.extract %x[%c1] : tensor<3xf64>
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<3xf64> {
    %a = tensor.extract %t[%c0] : tensor<3xf64>
    %s = scalar.mul %a, %v : f64
    %u = tensor.insert %s into %t[%i] : tensor<3xf64>
    scf.yield %u : tensor<3xf64>
  }
  %r = tensor.extract %y[%c0] : tensor<3xf64>
  return %r : f64
}

// STORE: insertions.mlir:[[#@LINE+4]]:3: error: 'tensor.insert' is out of bounds in dimension 1
func.func @store(%v: f64, %i: index) -> f64 {
  %c0 = arith.constant 0 : index
  %b = memref.alloca() : memref<2x3xf64>
  memref.store %v, %b[%c0, %i] : memref<2x3xf64>
  %r = memref.load %b[%c0, %c0] : memref<2x3xf64>
  return %r : f64
}
