// RUN: dpopt %s --split-recursion | FileCheck %s

// CHECK: func.func private @f__inner(
// CHECK: call @f__inner(
// CHECK: func.func @f(
// CHECK: call @f__inner(
func.func @f(%x: f64) -> f64 {
  %y = func.call @f(%x) : (f64) -> f64
  return %y : f64
}

// What nobody calls stays alone.
// CHECK: func.func @g(
// CHECK: call @f__inner(
// CHECK-NOT: @g__inner
func.func @g(%x: f64) -> f64 {
  %y = func.call @f(%x) : (f64) -> f64
  return %y : f64
}
