// Complex numbers, of two $R each.

// (p + iq)(r + is) = (pr - qs) + i(ps + qr)
func.func private @dp_mul_$T(%a: complex<$R>, %b: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %p = complex.re %a : complex<$R>
  %q = complex.im %a : complex<$R>
  %r = complex.re %b : complex<$R>
  %s = complex.im %b : complex<$R>
  %pr = arith.mulf %p, %r : $R
  %qs = arith.mulf %q, %s : $R
  %ps = arith.mulf %p, %s : $R
  %qr = arith.mulf %q, %r : $R
  %re = arith.subf %pr, %qs : $R
  %im = arith.addf %ps, %qr : $R
  %y = complex.create %re, %im : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_div_$T(%a: complex<$R>, %b: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.div %a, %b : complex<$R>
  return %y : complex<$R>
}

// e^(b log a); a power of 0 is 0 where the real part of b is positive, and the
// reciprocal of 0, which is infinite, where it is negative.
func.func private @dp_pow_$T(%a: complex<$R>, %b: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : $R
  %one = arith.constant 1.0 : $R
  %origin = complex.constant [0.0 : $R, 0.0 : $R] : complex<$R>
  %inf = arith.divf %one, %zero : $R
  %nan = arith.divf %zero, %zero : $R
  %pole = complex.create %inf, %nan : complex<$R>
  %re = complex.re %b : complex<$R>
  %above = arith.cmpf ogt, %re, %zero : $R
  %below = arith.cmpf olt, %re, %zero : $R
  %at_origin = complex.eq %a, %origin : complex<$R>
  %vanishes = arith.andi %above, %at_origin : i1
  %diverges = arith.andi %below, %at_origin : i1
  %power = complex.pow %a, %b : complex<$R>
  %less = arith.select %diverges, %pole, %power : complex<$R>
  %y = arith.select %vanishes, %origin, %less : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_exp_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.exp %x : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_expm1_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.expm1 %x : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_log_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.log %x : complex<$R>
  return %y : complex<$R>
}

// ln |1 + x| + i arg (1 + x). Upstream's divides the smaller part of 1 + x by the greater one; where both are 0, the
// logarithm is that of 0.
func.func private @dp_log1p_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %pole = complex.constant [-1.0 : $R, 0.0 : $R] : complex<$R>
  %zero = arith.constant 0.0 : $R
  %minus_one = arith.constant -1.0 : $R
  %minus_inf = arith.divf %minus_one, %zero : $R
  %log = complex.log1p %x : complex<$R>
  %re = complex.re %log : complex<$R>
  %im = complex.im %log : complex<$R>
  %at_pole = complex.eq %x, %pole : complex<$R>
  %ln = arith.select %at_pole, %minus_inf, %re : $R
  %y = complex.create %ln, %im : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_sqrt_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.sqrt %x : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_rsqrt_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.rsqrt %x : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_sin_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.sin %x : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_cos_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.cos %x : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_tan_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.tan %x : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_tanh_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.tanh %x : complex<$R>
  return %y : complex<$R>
}

func.func private @dp_abs_$T(%x: complex<$R>) -> $R
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.abs %x : complex<$R>
  return %y : $R
}

// x / |x|, and 0 at 0.
func.func private @dp_sign_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.sign %x : complex<$R>
  return %y : complex<$R>
}

// 1 / (1 + e^-x)
func.func private @dp_logistic_$T(%x: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = complex.constant [1.0 : $R, 0.0 : $R] : complex<$R>
  %minus = complex.neg %x : complex<$R>
  %e = complex.exp %minus : complex<$R>
  %den = complex.add %one, %e : complex<$R>
  %y = complex.div %one, %den : complex<$R>
  return %y : complex<$R>
}
