// A part far smaller than the other stays what it is, however small both are.
// RUN: dpc %s --run sign --args 1e-160,1e-308 | FileCheck %s
// RUN: dpc %s --target=interp --run sign --args 1e-160,1e-308 | FileCheck %s
// RUN: dpc %s --run sign --args 1e200,1e190 | FileCheck %s --check-prefix=LARGE
// CHECK: r0 = 1
// CHECK: r1 = 1{{(\.0+1)?}}e-148
// LARGE: r0 = 1
// LARGE: r1 = {{1e-10|9.99999999999999.*e-11|1.000000000000000[0-9]e-10}}
func.func @sign(%x: f64, %y: f64) -> (f64, f64) {
  %z = scalar.complex %x, %y : f64
  %s = scalar.sign %z : complex<f64>
  %re = scalar.real %s : complex<f64>
  %im = scalar.imag %s : complex<f64>
  return %re, %im : f64, f64
}
