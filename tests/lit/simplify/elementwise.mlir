// RUN: dpopt %s --simplify=fp=fast | FileCheck %s

// CHECK-LABEL: func.func @constants
// CHECK-NEXT: %[[C:.*]] = scalar.constant 7.0
// CHECK-NEXT: return %[[C]]
func.func @constants() -> f32 {
  %0 = scalar.constant 3.0 : f32
  %1 = scalar.constant 2.0 : f32
  %2 = scalar.mul %0, %1 : f32
  %3 = scalar.convert %2 : f32 to f64
  %4 = scalar.convert %3 : f64 to f32
  %5 = scalar.constant 1.0 : f32
  %6 = scalar.add %4, %5 : f32
  return %6 : f32
}

// CHECK-LABEL: func.func @signs
// CHECK-NEXT: scalar.mul %arg0, %arg1 : tensor<4xf32>
// CHECK-NEXT: scalar.sub
// CHECK-NEXT: return
func.func @signs(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = scalar.neg %a : tensor<4xf32>
  %1 = scalar.mul %0, %b : tensor<4xf32>
  %2 = scalar.add %a, %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// CHECK-LABEL: func.func @powers
// CHECK: scalar.mul %arg0, %arg0
// CHECK: scalar.sqrt %arg0
// CHECK-NOT: scalar.pow
func.func @powers(%x: f64) -> (f64, f64) {
  %two = scalar.constant 2.0 : f64
  %half = scalar.constant 0.5 : f64
  %0 = scalar.pow %x, %two : f64
  %1 = scalar.pow %x, %half : f64
  return %0, %1 : f64, f64
}

// Stable forms are found, and stay.
// CHECK-LABEL: func.func @stable
// CHECK-NEXT: scalar.logistic %arg0 : f64
// CHECK-NEXT: scalar.log1p %arg0 : f64
// CHECK-NEXT: scalar.expm1 %arg0 : f64
// CHECK-NEXT: return
func.func @stable(%x: f64) -> (f64, f64, f64) {
  %one = scalar.constant 1.0 : f64
  %0 = scalar.neg %x : f64
  %1 = scalar.exp %0 : f64
  %2 = scalar.add %one, %1 : f64
  %3 = scalar.div %one, %2 : f64
  %4 = scalar.add %x, %one : f64
  %5 = scalar.log %4 : f64
  %6 = scalar.exp %x : f64
  %7 = scalar.sub %6, %one : f64
  return %3, %5, %7 : f64, f64, f64
}

// CHECK-LABEL: func.func @pythagoras
// CHECK-NEXT: %[[ONE:.*]] = scalar.constant 1.0
// CHECK-NEXT: return %[[ONE]]
func.func @pythagoras(%x: f64) -> f64 {
  %s = scalar.sin %x : f64
  %c = scalar.cos %x : f64
  %ss = scalar.mul %s, %s : f64
  %cc = scalar.mul %c, %c : f64
  %r = scalar.add %cc, %ss : f64
  return %r : f64
}

// CHECK-LABEL: func.func @choices
// CHECK-NEXT: scalar.min %arg1, %arg2 : f64
// CHECK-NEXT: scalar.select %arg0, %arg1, %arg2 : i1, f64
// CHECK-NEXT: return
func.func @choices(%p: i1, %a: f64, %b: f64) -> (f64, f64) {
  %0 = scalar.compare lt %a, %b : f64
  %1 = scalar.select %0, %a, %b : i1, f64
  %2 = scalar.not %p : i1
  %3 = scalar.select %2, %b, %a : i1, f64
  %4 = scalar.select %p, %3, %a : i1, f64
  %5 = scalar.select %p, %4, %b : i1, f64
  return %1, %5 : f64, f64
}

// CHECK-LABEL: func.func @parts
// CHECK-NEXT: %[[N:.*]] = scalar.neg %arg1 : f64
// CHECK-NEXT: return %arg0, %[[N]]
func.func @parts(%a: f64, %b: f64) -> (f64, f64) {
  %z = scalar.complex %a, %b : f64
  %c = scalar.conj %z : complex<f64>
  %re = scalar.real %c : complex<f64>
  %im = scalar.imag %c : complex<f64>
  return %re, %im : f64, f64
}
