// What elementwise operations give, on numbers and tensors of each class.
// RUN: dpc %s --target=interp --run arithmetic --args 7.5,-2 | FileCheck %s --check-prefix=ARITHMETIC
// RUN: dpc %s --target=cpu --run arithmetic --args 7.5,-2 | FileCheck %s --check-prefix=ARITHMETIC
// RUN: dpc %s --target=xla --run arithmetic --args 7.5,-2 | FileCheck %s --check-prefix=ARITHMETIC
// RUN: dpc %s --target=interp --run elementary --args 0.5 | FileCheck %s --check-prefix=ELEMENTARY
// RUN: dpc %s --target=cpu --run elementary --args 0.5 | FileCheck %s --check-prefix=ELEMENTARY
// RUN: dpc %s --target=xla --run elementary --args 0.5 | FileCheck %s --check-prefix=ELEMENTARY
// RUN: dpc %s --target=interp --run integers --args -7,2 | FileCheck %s --check-prefix=INTEGERS
// RUN: dpc %s --target=cpu --run integers --args -7,2 | FileCheck %s --check-prefix=INTEGERS
// RUN: dpc %s --target=xla --run integers --args -7,2 | FileCheck %s --check-prefix=INTEGERS
// RUN: dpc %s --target=interp --run integers --args -128,0 | FileCheck %s --check-prefix=ZERO
// RUN: dpc %s --target=cpu --run integers --args -128,0 | FileCheck %s --check-prefix=ZERO
// RUN: dpc %s --target=xla --run integers --args -128,0 | FileCheck %s --check-prefix=ZERO
// RUN: dpc %s --target=interp --run shifts --args -8,1 | FileCheck %s --check-prefix=SHIFTS
// RUN: dpc %s --target=cpu --run shifts --args -8,1 | FileCheck %s --check-prefix=SHIFTS
// RUN: dpc %s --target=xla --run shifts --args -8,1 | FileCheck %s --check-prefix=SHIFTS
// RUN: dpc %s --target=interp --run shifts --args -8,32 | FileCheck %s --check-prefix=OVER
// RUN: dpc %s --target=cpu --run shifts --args -8,32 | FileCheck %s --check-prefix=OVER
// RUN: dpc %s --target=xla --run shifts --args -8,32 | FileCheck %s --check-prefix=OVER
// RUN: dpc %s --target=interp --run complexes --args 3+4i | FileCheck %s --check-prefix=COMPLEX
// RUN: dpc %s --target=cpu --run complexes --args 3+4i | FileCheck %s --check-prefix=COMPLEX
// RUN: dpc %s --target=xla --run complexes --args 3+4i | FileCheck %s --check-prefix=COMPLEX
// RUN: dpc %s --target=interp --run choose --args [1,nan,3],[2,2,2] | FileCheck %s --check-prefix=CHOOSE
// RUN: dpc %s --target=cpu --fp=strict --run choose --args [1,nan,3],[2,2,2] | FileCheck %s --check-prefix=CHOOSE
// RUN: dpc %s --target=xla --fp=strict --run choose --args [1,nan,3],[2,2,2] | FileCheck %s --check-prefix=CHOOSE
// RUN: dpc %s --target=interp --run convert --args [2.5,-2.5,1e10,nan] | FileCheck %s --check-prefix=CONVERT
// RUN: dpc %s --target=cpu --run convert --args [2.5,-2.5,1e10,nan] | FileCheck %s --check-prefix=CONVERT
// RUN: dpc %s --target=xla --run convert --args [2.5,-2.5,1e10,nan] | FileCheck %s --check-prefix=CONVERT
// RUN: dpc %s --target=interp --run half --args 0.1 | FileCheck %s --check-prefix=HALF
// RUN: dpc %s --target=cpu --run half --args 0.1 | FileCheck %s --check-prefix=HALF
// RUN: dpc %s --target=xla --run half --args 0.1 | FileCheck %s --check-prefix=HALF
// RUN: dpc %s --target=interp --run inverse --args 0.5 | FileCheck %s --check-prefix=INVERSE
// RUN: dpc %s --target=cpu --run inverse --args 0.5 | FileCheck %s --check-prefix=INVERSE
// RUN: dpc %s --target=xla --run inverse --args 0.5 | FileCheck %s --check-prefix=INVERSE
// RUN: dpc %s --target=interp --run fused --args [16777217,3,1e308],[1,-4,1e10],[-16777216,0,-inf] | FileCheck %s --check-prefix=FUSED
// RUN: dpc %s --target=cpu --run fused --args [16777217,3,1e308],[1,-4,1e10],[-16777216,0,-inf] | FileCheck %s --check-prefix=FUSED
// RUN: dpc %s --target=xla --run fused --args [16777217,3,1e308],[1,-4,1e10],[-16777216,0,-inf] | FileCheck %s --check-prefix=FUSED
// RUN: dpc %s --target=interp --run questions --args [1,nan,inf,-0.0] | FileCheck %s --check-prefix=QUESTIONS
// RUN: dpc %s --target=cpu --run questions --args [1,nan,inf,-0.0] | FileCheck %s --check-prefix=QUESTIONS
// RUN: dpc %s --target=xla --run questions --args [1,nan,inf,-0.0] | FileCheck %s --check-prefix=QUESTIONS
// RUN: dpc %s --target=interp --run counts --args 40 | FileCheck %s --check-prefix=COUNTS
// RUN: dpc %s --target=cpu --run counts --args 40 | FileCheck %s --check-prefix=COUNTS
// RUN: dpc %s --target=xla --run counts --args 40 | FileCheck %s --check-prefix=COUNTS
// RUN: dpc %s --target=interp --run complex_inverse --args 2+0.5i | FileCheck %s --check-prefix=CINVERSE
// RUN: dpc %s --target=cpu --run complex_inverse --args 2+0.5i | FileCheck %s --check-prefix=CINVERSE
// RUN: dpc %s --target=xla --run complex_inverse --args 2+0.5i | FileCheck %s --check-prefix=CINVERSE

// ARITHMETIC: {{^}}r0 = 5.5{{$}}
// ARITHMETIC-NEXT: {{^}}r1 = 9.5{{$}}
// ARITHMETIC-NEXT: {{^}}r2 = -15{{$}}
// ARITHMETIC-NEXT: {{^}}r3 = -3.75{{$}}
// ARITHMETIC-NEXT: {{^}}r4 = 1.5{{$}}
// ARITHMETIC-NEXT: {{^}}r5 = 0.017777777777777778{{$}}
// ARITHMETIC-NEXT: {{^}}r6 = 7.5{{$}}
// ARITHMETIC-NEXT: {{^}}r7 = -2{{$}}
func.func @arithmetic(%a: f64, %b: f64) -> (f64, f64, f64, f64, f64, f64, f64, f64) {
  %0 = scalar.add %a, %b : f64
  %1 = scalar.sub %a, %b : f64
  %2 = scalar.mul %a, %b : f64
  %3 = scalar.div %a, %b : f64
  %4 = scalar.rem %a, %b : f64
  %5 = scalar.pow %a, %b : f64
  %6 = scalar.max %a, %b : f64
  %7 = scalar.min %a, %b : f64
  return %0, %1, %2, %3, %4, %5, %6, %7 : f64, f64, f64, f64, f64, f64, f64, f64
}

// ELEMENTARY: {{^}}r0 = 1.64872127070012{{[0-9]+$}}
// ELEMENTARY-NEXT: {{^}}r1 = -0.69314718055994{{[0-9]+$}}
// ELEMENTARY-NEXT: {{^}}r2 = 0.70710678118654{{[0-9]+$}}
// ELEMENTARY-NEXT: {{^}}r3 = 0.47942553860420{{[0-9]+$}}
// ELEMENTARY-NEXT: {{^}}r4 = 0.46211715726000{{[0-9]+$}}
// ELEMENTARY-NEXT: {{^}}r5 = 0.62245933120185{{[0-9]+$}}
// ELEMENTARY-NEXT: {{^}}r6 = 0.52049987781304{{[0-9]+$}}
// ELEMENTARY-NEXT: {{^}}r7 = 0.57236494292470{{[0-9]+$}}
// ELEMENTARY-NEXT: {{^}}r8 = -1.96351002602142{{[0-9]+$}}
func.func @elementary(%x: f64) -> (f64, f64, f64, f64, f64, f64, f64, f64, f64) {
  %0 = scalar.exp %x : f64
  %1 = scalar.log %x : f64
  %2 = scalar.sqrt %x : f64
  %3 = scalar.sin %x : f64
  %4 = scalar.tanh %x : f64
  %5 = scalar.logistic %x : f64
  %6 = scalar.erf %x : f64
  %7 = scalar.lgamma %x : f64
  %8 = scalar.digamma %x : f64
  return %0, %1, %2, %3, %4, %5, %6, %7, %8 : f64, f64, f64, f64, f64, f64, f64, f64, f64
}

// Division goes toward zero; unsigned, -7 is 249.
// INTEGERS: {{^}}r0 = -3{{$}}
// INTEGERS-NEXT: {{^}}r1 = -1{{$}}
// INTEGERS-NEXT: {{^}}r2 = 124{{$}}
// INTEGERS-NEXT: {{^}}r3 = 7{{$}}
// By zero, division gives all ones and the remainder is the dividend; the least
// integer has no absolute value and is kept.
// ZERO: {{^}}r0 = -1{{$}}
// ZERO-NEXT: {{^}}r1 = -128{{$}}
// ZERO-NEXT: {{^}}r2 = -1{{$}}
// ZERO-NEXT: {{^}}r3 = -128{{$}}
func.func @integers(%a: i8, %b: i8) -> (i8, i8, i8, i8) {
  %0 = scalar.div %a, %b : i8
  %1 = scalar.rem %a, %b : i8
  %2 = scalar.udiv %a, %b : i8
  %3 = scalar.abs %a : i8
  return %0, %1, %2, %3 : i8, i8, i8, i8
}

// SHIFTS: {{^}}r0 = -16{{$}}
// SHIFTS-NEXT: {{^}}r1 = -4{{$}}
// SHIFTS-NEXT: {{^}}r2 = 2147483644{{$}}
// A shift by the width: nothing is left but the sign.
// OVER: {{^}}r0 = 0{{$}}
// OVER-NEXT: {{^}}r1 = -1{{$}}
// OVER-NEXT: {{^}}r2 = 0{{$}}
func.func @shifts(%a: i32, %b: i32) -> (i32, i32, i32) {
  %0 = scalar.shl %a, %b : i32
  %1 = scalar.shr %a, %b : i32
  %2 = scalar.ushr %a, %b : i32
  return %0, %1, %2 : i32, i32, i32
}

// COMPLEX: {{^}}r0 = 3-4i{{$}}
// COMPLEX-NEXT: {{^}}r1 = 5{{$}}
// COMPLEX-NEXT: {{^}}r2 = -7+24i{{$}}
// COMPLEX-NEXT: {{^}}r3 = 4+3i{{$}}
func.func @complexes(%z: complex<f64>) -> (complex<f64>, f64, complex<f64>, complex<f64>) {
  %0 = scalar.conj %z : complex<f64>
  %1 = scalar.abs %z : complex<f64>
  %2 = scalar.mul %z, %z : complex<f64>
  %re = scalar.real %z : complex<f64>
  %im = scalar.imag %z : complex<f64>
  %3 = scalar.complex %im, %re : f64
  return %0, %1, %2, %3 : complex<f64>, f64, complex<f64>, complex<f64>
}

// Every predicate but `ne` is false on NaN, which `max` hands on.
// CHOOSE: {{^}}r0 = [true, false, false]{{$}}
// CHOOSE-NEXT: {{^}}r1 = [true, true, true]{{$}}
// CHOOSE-NEXT: {{^}}r2 = [1, 2, 2]{{$}}
// CHOOSE-NEXT: {{^}}r3 = [2, nan, 3]{{$}}
func.func @choose(%a: tensor<3xf32>, %b: tensor<3xf32>) -> (tensor<3xi1>, tensor<3xi1>, tensor<3xf32>, tensor<3xf32>) {
  %0 = scalar.compare lt %a, %b : tensor<3xf32>
  %1 = scalar.compare ne %a, %b : tensor<3xf32>
  %2 = scalar.select %0, %a, %b : tensor<3xi1>, tensor<3xf32>
  %3 = scalar.max %a, %b : tensor<3xf32>
  return %0, %1, %2, %3 : tensor<3xi1>, tensor<3xi1>, tensor<3xf32>, tensor<3xf32>
}

// CONVERT: {{^}}r0 = [2, -2, 2147483647, 0]{{$}}
// CONVERT-NEXT: {{^}}r1 = [2, -2, 10000000000, nan]{{$}}
// CONVERT-NEXT: {{^}}r2 = [true, true, true, true]{{$}}
func.func @convert(%x: tensor<4xf64>) -> (tensor<4xi32>, tensor<4xf64>, tensor<4xi1>) {
  %0 = scalar.convert %x : tensor<4xf64> to tensor<4xi32>
  %1 = scalar.round %x : tensor<4xf64>
  %2 = scalar.convert %x : tensor<4xf64> to tensor<4xi1>
  return %0, %1, %2 : tensor<4xi32>, tensor<4xf64>, tensor<4xi1>
}

// Numbers of f16 round after each operation.
// HALF: {{^}}r0 = 0.1{{$}}
// HALF-NEXT: {{^}}r1 = 0.2{{$}}
func.func @half(%x: f16) -> (f16, f16) {
  %0 = scalar.add %x, %x : f16
  return %x, %0 : f16, f16
}

// INVERSE: {{0.52109530549374[0-9]+$}}
// INVERSE-NEXT: {{1.12762596520638[0-9]*$}}
// INVERSE-NEXT: {{0.52359877559829[0-9]+$}}
// INVERSE-NEXT: {{1.04719755119659[0-9]+$}}
// INVERSE-NEXT: {{0.46364760900080[0-9]+$}}
// INVERSE-NEXT: {{0.48121182505960[0-9]+$}}
// INVERSE-NEXT: {{0.96242365011920[0-9]+$}}
// INVERSE-NEXT: {{0.54930614433405[0-9]+$}}
// INVERSE-NEXT: {{1.41421356237309[0-9]+$}}
// INVERSE-NEXT: {{-1(.0)?$}}
// INVERSE-NEXT: {{-0.30102999566398[0-9]+$}}
// INVERSE-NEXT: {{0.79370052598409[0-9]+$}}
// INVERSE-NEXT: {{0.47950012218695[0-9]+$}}
func.func @inverse(%x: f64) -> (f64, f64, f64, f64, f64, f64, f64, f64, f64, f64, f64, f64, f64) {
  %one = scalar.constant 1.0 : f64
  %0 = scalar.sinh %x : f64
  %1 = scalar.cosh %x : f64
  %2 = scalar.asin %x : f64
  %3 = scalar.acos %x : f64
  %4 = scalar.atan %x : f64
  %5 = scalar.asinh %x : f64
  %above = scalar.add %x, %one : f64
  %6 = scalar.acosh %above : f64
  %7 = scalar.atanh %x : f64
  %8 = scalar.exp2 %x : f64
  %9 = scalar.log2 %x : f64
  %10 = scalar.log10 %x : f64
  %11 = scalar.cbrt %x : f64
  %12 = scalar.erfc %x : f64
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12
    : f64, f64, f64, f64, f64, f64, f64, f64, f64, f64, f64, f64, f64
}

// A product that fills f64 cancels to its last digit; a length, a sign.
// FUSED: {{1(.0)?,? -12(.0)?,? -inf}}
// FUSED-NEXT: {{16777217.00000003,? 5(.0)?,? 1e\+?308}}
// FUSED-NEXT: {{16777217(.0)?,? -3(.0)?,? 1e\+?308}}
func.func @fused(%a: tensor<3xf64>, %b: tensor<3xf64>, %c: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>, tensor<3xf64>) {
  %0 = scalar.fma %a, %b, %c : tensor<3xf64>
  %1 = scalar.hypot %a, %b : tensor<3xf64>
  %2 = scalar.copysign %a, %b : tensor<3xf64>
  return %0, %1, %2 : tensor<3xf64>, tensor<3xf64>, tensor<3xf64>
}

// QUESTIONS: {{(0|false),? (1|true),? (0|false),? (0|false)}}
// QUESTIONS-NEXT: {{(1|true),? (0|false),? (0|false),? (1|true)}}
func.func @questions(%x: tensor<4xbf16>) -> (tensor<4xi1>, tensor<4xi1>) {
  %0 = scalar.is_nan %x : tensor<4xbf16>
  %1 = scalar.is_finite %x : tensor<4xbf16>
  return %0, %1 : tensor<4xi1>, tensor<4xi1>
}

// COUNTS: {{2$}}
// COUNTS-NEXT: {{10$}}
func.func @counts(%n: i16) -> (i16, i16) {
  %0 = scalar.popcnt %n : i16
  %1 = scalar.count_leading_zeros %n : i16
  return %0, %1 : i16, i16
}

// CINVERSE: {{1.29304207023718[0-9]*}}
// CINVERSE-SAME: {{1.3618009008578[0-9]*}}
func.func @complex_inverse(%z: complex<f64>) -> complex<f64> {
  %0 = scalar.asin %z : complex<f64>
  return %0 : complex<f64>
}
