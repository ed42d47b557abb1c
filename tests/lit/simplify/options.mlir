// RUN: dpopt %s --simplify=fp=strict | FileCheck %s --check-prefixes=CHECK,STRICT
// RUN: dpopt %s --simplify | FileCheck %s --check-prefixes=CHECK,DEFAULT
// RUN: dpopt %s --simplify=fp=fast | FileCheck %s --check-prefixes=CHECK,FAST
// RUN: dpopt %s --simplify="max-nodes=0 fp=fast" | FileCheck %s --check-prefix=NORMAL
// RUN: dpopt %s --simplify=print-cost=true -o /dev/null 2>&1 | FileCheck %s --check-prefix=COST
// RUN: not dpopt %s --simplify=fp=loose 2>&1 | FileCheck %s --check-prefix=LOOSE
// RUN: not dpopt %s --simplify=fp=default 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: not dpc %s --fp=default --emit=simplified 2>&1 | FileCheck %s --check-prefix=COMMAND

// COMMAND: dpc: error: {{.*}}'default' is not a floating-point model{{$}}
// COMMAND-NEXT: dpc: help: it is now called 'reassociate', and keeps NaN and infinities

// COST: simplify: @zero: 1 flops and 0 bytes, now 0 flops and 0 bytes
// LOOSE: error: 'loose' is not a floating-point model
// LOOSE: note: use strict, reassociate or fast
// OLD: error: 'default' is not a floating-point model
// OLD: note: it is now called 'reassociate', and keeps NaN and infinities

// x + 0 is not x to the bit: -0 + 0 = 0.
// CHECK-LABEL: func.func @zero
// STRICT: scalar.add
// DEFAULT-NEXT: return %arg0
// FAST-NEXT: return %arg0
func.func @zero(%x: f64) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %y = scalar.add %x, %zero : f64
  return %y : f64
}

// x * 1 is.
// CHECK-LABEL: func.func @one
// CHECK-NEXT: return %arg0
func.func @one(%x: f64) -> f64 {
  %one = scalar.constant 1.0 : f64
  %y = scalar.mul %x, %one : f64
  return %y : f64
}

// Rounding differs between a b + a c and a (b + c), but not for integers.
// CHECK-LABEL: func.func @factor
// STRICT: scalar.mul %{{.*}} : f64
// STRICT: scalar.mul %{{.*}} : f64
// DEFAULT: scalar.mul %{{.*}} : f64
// DEFAULT: scalar.mul %{{.*}} : f64
// FAST: %[[SUM:.*]] = scalar.add %{{.*}} : f64
// FAST-NEXT: scalar.mul %{{.*}} : f64
// CHECK: %[[S:.*]] = scalar.add %arg4, %arg5 : i32
// CHECK-NEXT: scalar.mul %arg3, %[[S]] : i32
// NORMAL-LABEL: func.func @factor
// NORMAL-COUNT-2: scalar.mul %{{.*}} : f64
func.func @factor(%a: f64, %b: f64, %c: f64, %i: i32, %j: i32, %k: i32) -> (f64, i32) {
  %0 = scalar.mul %a, %b : f64
  %1 = scalar.mul %a, %c : f64
  %2 = scalar.add %0, %1 : f64
  %3 = scalar.mul %i, %j : i32
  %4 = scalar.mul %i, %k : i32
  %5 = scalar.add %3, %4 : i32
  return %2, %5 : f64, i32
}

// Products with 0 are 0 where they are finite.
// CHECK-LABEL: func.func @times_zero
// STRICT: scalar.mul
// DEFAULT: scalar.mul
// FAST-NEXT: scalar.neg %arg1 : f64
// FAST-NEXT: return
func.func @times_zero(%x: f64, %d: f64) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %one = scalar.constant 1.0 : f64
  %0 = scalar.mul %x, %zero : f64
  %1 = scalar.mul %d, %one : f64
  %2 = scalar.sub %0, %1 : f64
  return %2 : f64
}

// Which is proved of some terms.
// CHECK-LABEL: func.func @bounded_times_zero
// STRICT: scalar.mul
// DEFAULT-NEXT: return %arg1
// FAST-NEXT: return %arg1
func.func @bounded_times_zero(%x: i32, %d: f64, %i: i32) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %y = scalar.convert %x : i32 to f64
  %t = scalar.logistic %y : f64
  %n = scalar.convert %i : i32 to f64
  %s = scalar.sin %n : f64
  %p = scalar.mul %t, %s : f64
  %0 = scalar.mul %p, %zero : f64
  %1 = scalar.sub %n, %n : f64
  %2 = scalar.add %0, %1 : f64
  %3 = scalar.add %2, %d : f64
  return %3 : f64
}

// A guard against NaN stays, as does a mask of infinities, but where real numbers are asked for.
// CHECK-LABEL: func.func @guard
// STRICT: scalar.compare ne
// DEFAULT: scalar.compare ne
// FAST-NEXT: return %arg0
func.func @guard(%x: f64) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %p = scalar.compare ne %x, %x : f64
  %y = scalar.select %p, %zero, %x : i1, f64
  return %y : f64
}

// Nested sums are one sum in any order, but not to the bit.
// CHECK-LABEL: func.func @nested
// STRICT-COUNT-2: array.reduce
// DEFAULT-COUNT-1: array.reduce
// DEFAULT-NOT: array.reduce
func.func @nested(%x: tensor<2x3xf64>) -> tensor<f64> {
  %0 = array.reduce add %x dims [0] : tensor<2x3xf64>
  %1 = array.reduce add %0 dims [0] : tensor<3xf64>
  return %1 : tensor<f64>
}

// Without dimensions to sum over a dot is a product, -0 and all.
// CHECK-LABEL: func.func @outer
// CHECK: scalar.mul
func.func @outer(%a: tensor<2xf64>, %b: tensor<2xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %0 = array.dot %a, %b contract [] with [] : tensor<2xf64>, tensor<2xf64>
  %1 = tensor.extract %0[%c0, %c0] : tensor<2x2xf64>
  return %1 : f64
}

// Constants are gathered where their product is a normal number.
// CHECK-LABEL: func.func @constants
// STRICT-COUNT-4: scalar.mul
// DEFAULT-COUNT-3: scalar.mul
// DEFAULT-NOT: scalar.mul
// FAST-COUNT-3: scalar.mul
// FAST-NOT: scalar.mul
// CHECK: return
func.func @constants(%x: f32) -> (f32, f32) {
  %a = scalar.constant 1.0e-25 : f32
  %b = scalar.constant 1.0e-18 : f32
  %c = scalar.constant 1.0e+5 : f32
  %0 = scalar.mul %x, %a : f32
  %1 = scalar.mul %0, %b : f32
  %2 = scalar.mul %x, %b : f32
  %3 = scalar.mul %2, %c : f32
  return %1, %3 : f32, f32
}
