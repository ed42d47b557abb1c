// Derivatives of derivatives: every name is there once, and follows from those below.
// RUN: rm -rf %t && mkdir %t
// RUN: dpc %s --grad f --jvp f_grad --jvp f_grad_jvp -o %t/liba.so
// RUN: FileCheck %s --check-prefix=GRAD < %t/a.h
// RUN: dpc %s --jvp f --jvp f_jvp --jvp f_jvp_jvp -o %t/libb.so
// RUN: FileCheck %s --check-prefix=JVP < %t/b.h
// RUN: dpc %s --jvp f --jvp f_jvp --jvp f_jvp_jvp --run f_jvp_jvp_jvp --args=0.0,1,1,0,1,0,0,0 | FileCheck %s --check-prefix=THIRD
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
// THIRD: {{^}}-1{{$}}
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
