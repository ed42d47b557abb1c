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

// FUNCTION: dpc: error: --grad los: there is no function 'los'
// FUNCTION-NEXT: dpc: help: {{.*}}grad-requests.mlir has loss, rows, count

// ARGUMENT: grad-requests.mlir:[[#@LINE+18]]:1: error: --grad loss:wrt=0,7: there is no argument 7: the function has 2, counted from 0
// ARGUMENT: grad-requests.mlir:[[#@LINE+17]]:1: help: those that carry derivatives are wrt=0

// INTEGER: grad-requests.mlir:[[#@LINE+15]]:1: error: --grad loss:wrt=1: argument 1, 'n', is i32, which carries no derivative
// INTEGER: help: those that carry derivatives are wrt=0

// TWICE: grad-requests.mlir:[[#@LINE+12]]:1: error: --grad loss:wrt=0,0: argument 0 is named twice
// TWICE: help: name each argument once

// AGAIN: grad-requests.mlir:[[#@LINE+9]]:1: error: --grad loss: there is a 'loss_grad' already
// AGAIN: help: give one of them another name

// MAKER: dpc: error: --jvp loss_grad: there is no function 'loss_grad'
// MAKER-NEXT: dpc: help: --grad loss makes it

// BODY: dpc: error: --grad outside: function 'outside' is declared, but has no body

// The function that all of these are about.
func.func @loss(%x: f64 {dp.name = "x"}, %n: i32 {dp.name = "n"}) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}

// RESULT: grad-requests.mlir:[[#@LINE+3]]:1: error: --grad rows: a gradient is that of one real number, but the function gives (tensor<4xf64>)
// RESULT: help: use --jvp
// ROWS: grad-requests.mlir:[[#@LINE+1]]:1: error: --grad rows_jvp: a gradient is that of one real number, but the function gives (tensor<4xf64>)
func.func @rows(%x: tensor<4xf64>) -> tensor<4xf64> {
  return %x : tensor<4xf64>
}

// NONE: grad-requests.mlir:[[#@LINE+2]]:1: error: --jvp count: no argument carries a derivative
// NONE: help: floats and complex numbers
func.func @count(%n: i32) -> i32 {
  return %n : i32
}

func.func private @outside(%x: f64) -> f64
