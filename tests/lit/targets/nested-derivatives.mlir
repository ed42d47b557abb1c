// Derivatives of derivatives: every name is there once, and follows from those below.
// RUN: rm -rf %t && mkdir %t
// RUN: dpc %s --grad f --jvp f_grad --jvp f_grad_jvp -o %t/liba.so
// RUN: FileCheck %s --check-prefix=GRAD < %t/a.h
// RUN: dpc %s --jvp f --jvp f_jvp --jvp f_jvp_jvp -o %t/libb.so
// RUN: FileCheck %s --check-prefix=JVP < %t/b.h
// RUN: dpc %s --jvp f --jvp f_jvp --jvp f_jvp_jvp --run f_jvp_jvp_jvp --args=0.0,1,1,0,1,0,0,0 | FileCheck %s --check-prefix=THIRD
// The order in which derivatives are asked for does not matter, and neither does that gradients have an option of their own.
// RUN: dpc %s --jvp f_grad_jvp --jvp f_grad --grad f -o %t/liba2.so
// RUN: FileCheck %s --check-prefix=GRAD < %t/a2.h
// RUN: dpc %s --jvp g --grad g_jvp --run g_jvp_grad --args=2,3 | FileCheck %s --check-prefix=REVERSE
// RUN: dpc %s --jvp g_jvp_grad:wrt=0 --grad g_jvp:wrt=0 --jvp g --run g_jvp_grad_jvp --args=2,3,1 | FileCheck %s --check-prefix=THRICE
// RUN: dpc %s --grad taken -o %t/libc.so
// RUN: FileCheck %s --check-prefix=TAKEN < %t/c.h

// GRAD-LABEL: * func.func @f_grad_jvp(
// GRAD:       * in  x
// GRAD-NEXT:  * in  d2_x
// GRAD-NEXT:  * out r0
// GRAD-NEXT:  * out d_x
// GRAD-NEXT:  * out d2_r0
// GRAD-NEXT:  * out d2_d_x
// GRAD-LABEL: * func.func @f_grad_jvp_jvp(
// GRAD:       * in  x
// GRAD-NEXT:  * in  d2_x
// GRAD-NEXT:  * in  d3_x
// GRAD-NEXT:  * in  d3_d2_x
// GRAD-NEXT:  * out r0
// GRAD-NEXT:  * out d_x
// GRAD-NEXT:  * out d2_r0
// GRAD-NEXT:  * out d2_d_x
// GRAD-NEXT:  * out d3_r0
// GRAD-NEXT:  * out d3_d_x
// GRAD-NEXT:  * out d3_d2_r0
// GRAD-NEXT:  * out d3_d2_d_x

// JVP-LABEL: * func.func @f_jvp_jvp(
// JVP:       * in  x
// JVP-NEXT:  * in  d_x
// JVP-NEXT:  * in  d2_x
// JVP-NEXT:  * in  d2_d_x
// JVP-NEXT:  * out r0
// JVP-NEXT:  * out d_r0
// JVP-NEXT:  * out d2_r0
// JVP-NEXT:  * out d2_d_r0
// JVP-LABEL: * func.func @f_jvp_jvp_jvp(
// JVP:       * in  d3_d2_d_x
// JVP:       * out d3_d2_d_r0

// The third derivative of the sine at 0 is -1.
// THIRD: {{^}}d3_d2_d_r0 = -1{{$}}
func.func @f(%x: f64 {dp.name = "x"}) -> f64 {
  %z = scalar.sin %x : f64
  return %z : f64
}

// A name of the user's keeps what it is.
// TAKEN-LABEL: * func.func @taken_grad(
// TAKEN:       * in  x
// TAKEN-NEXT:  * in  d_x
// TAKEN-NEXT:  * out r0
// TAKEN-NEXT:  * out d2_x
// TAKEN-NEXT:  * out d2_d_x
func.func @taken(%x: f64 {dp.name = "x"}, %d: f64 {dp.name = "d_x"}) -> f64 {
  %z = scalar.mul %x, %d : f64
  return %z : f64
}

// The gradient of a directional derivative: that of x⁴ at 2 along 3 is 4x³ · 3 = 96; 12x² · 3 = 144 by x and 4x³ = 32 by
// the direction.
// REVERSE: {{^}}d_r0 = 96{{$}}
// REVERSE-NEXT: {{^}}d2_x = 144{{$}}
// REVERSE-NEXT: {{^}}d2_d_x = 32{{$}}
// And once more along x: 24x · 3 = 144.
// THRICE: {{^}}d3_d2_x = 144{{$}}
func.func @g(%x: f64 {dp.name = "x"}) -> f64 {
  %2 = scalar.mul %x, %x : f64
  %4 = scalar.mul %2, %2 : f64
  return %4 : f64
}
