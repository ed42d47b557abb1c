// RUN: %refused dpc %s --grad los -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: %refused dpc %s --grad loss:wrt=0,7 2>&1 | FileCheck %s --check-prefix=ARGUMENT
// RUN: %refused dpc %s --grad loss:wrt=1 2>&1 | FileCheck %s --check-prefix=INTEGER
// RUN: %refused dpc %s --grad loss:wrt=0,0 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: %refused dpc %s --grad rows 2>&1 | FileCheck %s --check-prefix=RESULT
// RUN: %refused dpc %s --jvp count 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: %refused dpc %s --grad loss --grad loss 2>&1 | FileCheck %s --check-prefix=AGAIN
// RUN: %refused dpc %s --jvp loss_grad 2>&1 | FileCheck %s --check-prefix=MAKER
// RUN: %refused dpc %s --grad rows_jvp --jvp rows 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: %refused dpc %s --grad outside 2>&1 | FileCheck %s --check-prefix=BODY

// FUNCTION: dpc: error: --grad los: no function 'los'
// FUNCTION-NEXT: dpc: help: {{.*}}grad-requests.mlir defines loss, rows, count

// ARGUMENT: grad-requests.mlir:[[#@LINE+18]]:1: error: --grad loss:wrt=0,7: argument 7 does not exist: the function has 2 arguments, counted from 0
// ARGUMENT: grad-requests.mlir:[[#@LINE+17]]:1: help: the differentiable arguments are wrt=0

// INTEGER: grad-requests.mlir:[[#@LINE+15]]:1: error: --grad loss:wrt=1: argument 1, 'n', has type i32, which is not differentiable
// INTEGER: help: the differentiable arguments are wrt=0

// TWICE: grad-requests.mlir:[[#@LINE+12]]:1: error: --grad loss:wrt=0,0: argument 0 is listed twice
// TWICE: help: list each argument once

// AGAIN: grad-requests.mlir:[[#@LINE+9]]:1: error: --grad loss: the name 'loss_grad' is already taken
// AGAIN: help: rename one of them

// MAKER: dpc: error: --jvp loss_grad: no function 'loss_grad'
// MAKER-NEXT: dpc: help: add --grad loss

// BODY: dpc: error: --grad outside: function 'outside' is declared but not defined

// The function that all of these are about.
func.func @loss(%x: f64 {dp.name = "x"}, %n: i32 {dp.name = "n"}) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}

// RESULT: grad-requests.mlir:[[#@LINE+3]]:1: error: --grad rows: a gradient requires one real scalar result, but the function returns (tensor<4xf64>)
// RESULT: help: use --vjp or --jvp
// ROWS: grad-requests.mlir:[[#@LINE+1]]:1: error: --grad rows_jvp: a gradient requires one real scalar result, but the function returns (tensor<4xf64>)
func.func @rows(%x: tensor<4xf64>) -> tensor<4xf64> {
  return %x : tensor<4xf64>
}

// NONE: grad-requests.mlir:[[#@LINE+2]]:1: error: --jvp count: no argument is differentiable
// NONE: help: only floats, complex numbers
func.func @count(%n: i32) -> i32 {
  return %n : i32
}

func.func private @outside(%x: f64) -> f64
