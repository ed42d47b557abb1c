// RUN: dpopt %s --inline-calls=limit=12 --split-input-file | FileCheck %s --check-prefixes=CHECK,LIMITED
// RUN: dpopt %s --inline-calls=limit=none --split-input-file | FileCheck %s --check-prefixes=CHECK,INLINED

// Inlining @f adds ten operations for each call but the first, those of @h included, which stays no call.
// CHECK-NOT:   @h
// LIMITED:     func.func private @f(
// LIMITED:       scalar.cos
// LIMITED-NOT:   call
// LIMITED:       return
// CHECK-LABEL: func.func @three(
// LIMITED-COUNT-3: call @f(
// INLINED-NOT:     call
// CHECK:           return
func.func private @h(%x: f64) -> f64 {
  %a = scalar.cos %x : f64
  %b = scalar.cos %a : f64
  return %b : f64
}
func.func private @f(%x: f64) -> f64 {
  %a = scalar.sin %x : f64
  %b = scalar.sin %a : f64
  %c = func.call @h(%b) : (f64) -> f64
  %d = func.call @h(%c) : (f64) -> f64
  return %d : f64
}
func.func @three(%x: f64) -> f64 {
  %a = func.call @f(%x) : (f64) -> f64
  %b = func.call @f(%a) : (f64) -> f64
  %c = func.call @f(%b) : (f64) -> f64
  return %c : f64
}

// -----

// A function that is called once is inlined, of any size.
// CHECK-LABEL: func.func @once(
// CHECK-NOT:     call
// CHECK:         return
func.func private @g(%x0: f64) -> f64 {
  %x1 = scalar.sin %x0 : f64
  %x2 = scalar.sin %x1 : f64
  %x3 = scalar.sin %x2 : f64
  %x4 = scalar.sin %x3 : f64
  %x5 = scalar.sin %x4 : f64
  %x6 = scalar.sin %x5 : f64
  %x7 = scalar.sin %x6 : f64
  %x8 = scalar.sin %x7 : f64
  %x9 = scalar.sin %x8 : f64
  %x10 = scalar.sin %x9 : f64
  %x11 = scalar.sin %x10 : f64
  %x12 = scalar.sin %x11 : f64
  %x13 = scalar.sin %x12 : f64
  %x14 = scalar.sin %x13 : f64
  %x15 = scalar.sin %x14 : f64
  %x16 = scalar.sin %x15 : f64
  %x17 = scalar.sin %x16 : f64
  %x18 = scalar.sin %x17 : f64
  %x19 = scalar.sin %x18 : f64
  %x20 = scalar.sin %x19 : f64
  %x21 = scalar.sin %x20 : f64
  %x22 = scalar.sin %x21 : f64
  %x23 = scalar.sin %x22 : f64
  %x24 = scalar.sin %x23 : f64
  %x25 = scalar.sin %x24 : f64
  %x26 = scalar.sin %x25 : f64
  %x27 = scalar.sin %x26 : f64
  %x28 = scalar.sin %x27 : f64
  %x29 = scalar.sin %x28 : f64
  %x30 = scalar.sin %x29 : f64
  %x31 = scalar.sin %x30 : f64
  %x32 = scalar.sin %x31 : f64
  %x33 = scalar.sin %x32 : f64
  %x34 = scalar.sin %x33 : f64
  %x35 = scalar.sin %x34 : f64
  %x36 = scalar.sin %x35 : f64
  %x37 = scalar.sin %x36 : f64
  %x38 = scalar.sin %x37 : f64
  %x39 = scalar.sin %x38 : f64
  %x40 = scalar.sin %x39 : f64
  return %x40 : f64
}
func.func @once(%x: f64) -> f64 {
  %a = func.call @g(%x) : (f64) -> f64
  return %a : f64
}
