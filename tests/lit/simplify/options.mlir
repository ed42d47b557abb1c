// RUN: dpopt %s --simplify=fp=strict | FileCheck %s --check-prefixes=CHECK,STRICT
// RUN: dpopt %s --simplify | FileCheck %s --check-prefixes=CHECK,DEFAULT
// RUN: dpopt %s --simplify=fp=fast | FileCheck %s --check-prefixes=CHECK,FAST
// RUN: dpopt %s --simplify="max-nodes=0 fp=fast" | FileCheck %s --check-prefix=NORMAL
// RUN: dpopt %s --simplify=print-cost=true -o /dev/null 2>&1 | FileCheck %s --check-prefix=COST
// RUN: not dpopt %s --simplify=fp=loose 2>&1 | FileCheck %s --check-prefix=LOOSE

// COST: simplify: @zero: 1 flops and 0 bytes, now 0 flops and 0 bytes
// LOOSE: error: option 'fp' of 'simplify' cannot be 'loose'
// LOOSE: note: it is strict, default or fast

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

// Sums of numbers that are zero on purpose: what differentiation leaves.
// CHECK-LABEL: func.func @left_by_derivatives
// STRICT: scalar.mul
// DEFAULT-NEXT: scalar.neg %arg1 : f64
// DEFAULT-NEXT: return
// FAST-NEXT: scalar.neg %arg1 : f64
// FAST-NEXT: return
func.func @left_by_derivatives(%x: f64, %d: f64) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %one = scalar.constant 1.0 : f64
  %0 = scalar.mul %x, %zero : f64
  %1 = scalar.mul %d, %one : f64
  %2 = scalar.sub %0, %1 : f64
  return %2 : f64
}
