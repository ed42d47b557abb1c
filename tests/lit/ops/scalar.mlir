// RUN: dpopt %s | dpopt | FileCheck %s
// RUN: dpopt %s --mlir-print-op-generic | dpopt | FileCheck %s

// Every operation reads what it prints, in its own form and in the generic one.
// CHECK-LABEL: func.func @real(
// CHECK: scalar.neg %arg0 : tensor<?x2xf64>
// CHECK: scalar.sign %arg0 : tensor<?x2xf64>
// CHECK: scalar.floor %arg0 : tensor<?x2xf64>
// CHECK: scalar.ceil %arg0 : tensor<?x2xf64>
// CHECK: scalar.round %arg0 : tensor<?x2xf64>
// CHECK: scalar.exp %arg0 : tensor<?x2xf64>
// CHECK: scalar.expm1 %arg0 : tensor<?x2xf64>
// CHECK: scalar.log %arg0 : tensor<?x2xf64>
// CHECK: scalar.log1p %arg0 : tensor<?x2xf64>
// CHECK: scalar.sqrt %arg0 : tensor<?x2xf64>
// CHECK: scalar.rsqrt %arg0 : tensor<?x2xf64>
// CHECK: scalar.sin %arg0 : tensor<?x2xf64>
// CHECK: scalar.cos %arg0 : tensor<?x2xf64>
// CHECK: scalar.tan %arg0 : tensor<?x2xf64>
// CHECK: scalar.tanh %arg0 : tensor<?x2xf64>
// CHECK: scalar.logistic %arg0 : tensor<?x2xf64>
// CHECK: scalar.exp2 %arg0 : tensor<?x2xf64>
// CHECK: scalar.log2 %arg0 : tensor<?x2xf64>
// CHECK: scalar.log10 %arg0 : tensor<?x2xf64>
// CHECK: scalar.cbrt %arg0 : tensor<?x2xf64>
// CHECK: scalar.sinh %arg0 : tensor<?x2xf64>
// CHECK: scalar.cosh %arg0 : tensor<?x2xf64>
// CHECK: scalar.asin %arg0 : tensor<?x2xf64>
// CHECK: scalar.acos %arg0 : tensor<?x2xf64>
// CHECK: scalar.atan %arg0 : tensor<?x2xf64>
// CHECK: scalar.asinh %arg0 : tensor<?x2xf64>
// CHECK: scalar.acosh %arg0 : tensor<?x2xf64>
// CHECK: scalar.atanh %arg0 : tensor<?x2xf64>
// CHECK: scalar.erfc %arg0 : tensor<?x2xf64>
// CHECK: scalar.is_nan %arg0 : tensor<?x2xf64>
// CHECK: scalar.is_finite %arg0 : tensor<?x2xf64>
// CHECK: scalar.hypot %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.copysign %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.fma %arg0, %arg1, %arg0 : tensor<?x2xf64>
// CHECK: scalar.erf %arg0 : tensor<?x2xf64>
// CHECK: scalar.lgamma %arg0 : tensor<?x2xf64>
// CHECK: scalar.digamma %arg0 : tensor<?x2xf64>
// CHECK: scalar.add %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.sub %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.mul %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.div %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.rem %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.pow %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.atan2 %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.max %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.min %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.polygamma 2, %arg0 : tensor<?x2xf64>
// CHECK: scalar.abs %arg0 : tensor<?x2xf64>
// CHECK: scalar.complex %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.compare le %arg0, %arg1 : tensor<?x2xf64>
// CHECK: scalar.convert %arg0 : tensor<?x2xf64> to tensor<?x2xf16>
// CHECK: scalar.convert unsigned %arg0 : tensor<?x2xf64> to tensor<?x2xi8>
// CHECK: scalar.erf_inv %arg0 : tensor<?x2xf64>
// CHECK: scalar.bitcast %arg0 : tensor<?x2xf64> to tensor<?x2xi64>
// CHECK: scalar.reduce_precision exponent 5 mantissa 10 %arg0 : tensor<?x2xf64>
func.func @real(%x: tensor<?x2xf64>, %b: tensor<?x2xf64>) {
  %neg = scalar.neg %x : tensor<?x2xf64>
  %sign = scalar.sign %x : tensor<?x2xf64>
  %floor = scalar.floor %x : tensor<?x2xf64>
  %ceil = scalar.ceil %x : tensor<?x2xf64>
  %round = scalar.round %x : tensor<?x2xf64>
  %exp = scalar.exp %x : tensor<?x2xf64>
  %expm1 = scalar.expm1 %x : tensor<?x2xf64>
  %log = scalar.log %x : tensor<?x2xf64>
  %log1p = scalar.log1p %x : tensor<?x2xf64>
  %sqrt = scalar.sqrt %x : tensor<?x2xf64>
  %rsqrt = scalar.rsqrt %x : tensor<?x2xf64>
  %sin = scalar.sin %x : tensor<?x2xf64>
  %cos = scalar.cos %x : tensor<?x2xf64>
  %tan = scalar.tan %x : tensor<?x2xf64>
  %tanh = scalar.tanh %x : tensor<?x2xf64>
  %logistic = scalar.logistic %x : tensor<?x2xf64>
  %exp2 = scalar.exp2 %x : tensor<?x2xf64>
  %log2 = scalar.log2 %x : tensor<?x2xf64>
  %log10 = scalar.log10 %x : tensor<?x2xf64>
  %cbrt = scalar.cbrt %x : tensor<?x2xf64>
  %sinh = scalar.sinh %x : tensor<?x2xf64>
  %cosh = scalar.cosh %x : tensor<?x2xf64>
  %asin = scalar.asin %x : tensor<?x2xf64>
  %acos = scalar.acos %x : tensor<?x2xf64>
  %atan = scalar.atan %x : tensor<?x2xf64>
  %asinh = scalar.asinh %x : tensor<?x2xf64>
  %acosh = scalar.acosh %x : tensor<?x2xf64>
  %atanh = scalar.atanh %x : tensor<?x2xf64>
  %erfc = scalar.erfc %x : tensor<?x2xf64>
  %is_nan = scalar.is_nan %x : tensor<?x2xf64>
  %is_finite = scalar.is_finite %x : tensor<?x2xf64>
  %hypot = scalar.hypot %x, %b : tensor<?x2xf64>
  %copysign = scalar.copysign %x, %b : tensor<?x2xf64>
  %fma = scalar.fma %x, %b, %x : tensor<?x2xf64>
  %erf = scalar.erf %x : tensor<?x2xf64>
  %lgamma = scalar.lgamma %x : tensor<?x2xf64>
  %digamma = scalar.digamma %x : tensor<?x2xf64>
  %add = scalar.add %x, %b : tensor<?x2xf64>
  %sub = scalar.sub %x, %b : tensor<?x2xf64>
  %mul = scalar.mul %x, %b : tensor<?x2xf64>
  %div = scalar.div %x, %b : tensor<?x2xf64>
  %rem = scalar.rem %x, %b : tensor<?x2xf64>
  %pow = scalar.pow %x, %b : tensor<?x2xf64>
  %atan2 = scalar.atan2 %x, %b : tensor<?x2xf64>
  %max = scalar.max %x, %b : tensor<?x2xf64>
  %min = scalar.min %x, %b : tensor<?x2xf64>
  %poly = scalar.polygamma 2, %x : tensor<?x2xf64>
  %abs = scalar.abs %x : tensor<?x2xf64>
  %cplx = scalar.complex %x, %b : tensor<?x2xf64>
  %cmp = scalar.compare le %x, %b : tensor<?x2xf64>
  %conv = scalar.convert %x : tensor<?x2xf64> to tensor<?x2xf16>
  %uconv = scalar.convert unsigned %x : tensor<?x2xf64> to tensor<?x2xi8>
  %erfinv = scalar.erf_inv %x : tensor<?x2xf64>
  %bits = scalar.bitcast %x : tensor<?x2xf64> to tensor<?x2xi64>
  %rounded = scalar.reduce_precision exponent 5 mantissa 10 %x : tensor<?x2xf64>
  return
}

// CHECK-LABEL: func.func @integers(
// CHECK: scalar.udiv %arg0, %arg1 : i16
// CHECK: scalar.urem %arg0, %arg1 : i16
// CHECK: scalar.umax %arg0, %arg1 : i16
// CHECK: scalar.umin %arg0, %arg1 : i16
// CHECK: scalar.and %arg0, %arg1 : i16
// CHECK: scalar.or %arg0, %arg1 : i16
// CHECK: scalar.xor %arg0, %arg1 : i16
// CHECK: scalar.shl %arg0, %arg1 : i16
// CHECK: scalar.shr %arg0, %arg1 : i16
// CHECK: scalar.ushr %arg0, %arg1 : i16
// CHECK: scalar.not %arg0 : i16
// CHECK: scalar.popcnt %arg0 : i16
// CHECK: scalar.count_leading_zeros %arg0 : i16
// CHECK: scalar.compare ult %arg0, %arg1 : i16
// CHECK: scalar.select %arg2, %arg0, %arg1 : i1, i16
// CHECK: scalar.constant -3 : i16
// CHECK: scalar.constant true
func.func @integers(%i: i16, %j: i16, %p: i1) {
  %udiv = scalar.udiv %i, %j : i16
  %urem = scalar.urem %i, %j : i16
  %umax = scalar.umax %i, %j : i16
  %umin = scalar.umin %i, %j : i16
  %and = scalar.and %i, %j : i16
  %or = scalar.or %i, %j : i16
  %xor = scalar.xor %i, %j : i16
  %shl = scalar.shl %i, %j : i16
  %shr = scalar.shr %i, %j : i16
  %ushr = scalar.ushr %i, %j : i16
  %not = scalar.not %i : i16
  %ones = scalar.popcnt %i : i16
  %zeros = scalar.count_leading_zeros %i : i16
  %cmp = scalar.compare ult %i, %j : i16
  %sel = scalar.select %p, %i, %j : i1, i16
  %k = scalar.constant -3 : i16
  %t = scalar.constant true
  return
}

// CHECK-LABEL: func.func @complex_numbers(
// CHECK: scalar.conj %arg0 : complex<f32>
// CHECK: scalar.abs %arg0 : complex<f32>
// CHECK: scalar.real %arg0 : complex<f32>
// CHECK: scalar.imag %arg0 : complex<f32>
// CHECK: scalar.sign %arg0 : complex<f32>
// CHECK: scalar.exp %arg0 : complex<f32>
// CHECK: scalar.constant #complex.number<:f32 1.000000e+00, -2.000000e+00> : complex<f32>
func.func @complex_numbers(%x: complex<f32>) {
  %conj = scalar.conj %x : complex<f32>
  %abs = scalar.abs %x : complex<f32>
  %real = scalar.real %x : complex<f32>
  %imag = scalar.imag %x : complex<f32>
  %sign = scalar.sign %x : complex<f32>
  %exp = scalar.exp %x : complex<f32>
  %k = scalar.constant #complex.number<:f32 1.000000e+00, -2.000000e+00> : complex<f32>
  return
}
