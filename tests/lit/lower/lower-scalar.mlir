// RUN: dpopt %s --lower-scalar | FileCheck %s --check-prefixes=CHECK,DEFAULT
// RUN: dpopt %s --lower-scalar=fp=strict | FileCheck %s --check-prefixes=CHECK,STRICT
// RUN: dpopt %s --lower-scalar=fp=fast | FileCheck %s --check-prefixes=CHECK,FAST

// CHECK-LABEL: func.func @floats
// DEFAULT:       arith.mulf %{{.*}}, %{{.*}} fastmath<contract> : f64
// STRICT:        arith.mulf %{{.*}}, %{{.*}} : f64
// FAST:          arith.mulf %{{.*}}, %{{.*}} fastmath<fast> : f64
// CHECK:         call @dp_tanh_f64
func.func @floats(%x: f64, %y: f64) -> f64 {
  %0 = scalar.mul %x, %y : f64
  %1 = scalar.tanh %0 : f64
  return %1 : f64
}

// Halves are computed with in f32.
// CHECK-LABEL: func.func @halves
// CHECK:         %[[A:.*]] = arith.extf
// CHECK:         %[[S:.*]] = arith.addf %[[A]], %{{[^ ]*}}
// CHECK:         arith.truncf %[[S]]
func.func @halves(%x: f16) -> f16 {
  %0 = scalar.add %x, %x : f16
  return %0 : f16
}

// CHECK-LABEL: func.func @integers
// CHECK:         call @dp_div_i32
// CHECK:         llvm.call_intrinsic "llvm.fptosi.sat.i8.f32"
func.func @integers(%a: i32, %x: f32) -> (i32, i8) {
  %0 = scalar.div %a, %a : i32
  %1 = scalar.convert %x : f32 to i8
  return %0, %1 : i32, i8
}

// CHECK:       func.func private @dp_tanh_f64
// CHECK:       func.func private @dp_div_i32
