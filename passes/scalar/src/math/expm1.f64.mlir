// e^x - 1 in f64, without branches.
//
// x = n ln 2 + r with |r| <= ln 2 / 2, so e^x - 1 = 2^n (e^r - 1) + (2^n - 1).
// With s = 2^(n-1), which is finite also for the greatest n, this is
// 2 (s (e^r - 1) + (s - 1/2)). The rounding error of r is carried along, because
// the sum may be smaller than its parts. Below -38 the result is -1.
func.func private @dp_expm1_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %lo = arith.constant -38.0 : f64
  %hi = arith.constant 710.0 : f64
  %log2e = arith.constant 1.4426950408889634 : f64
  %magic = arith.constant 6.755399441055744e+15 : f64
  %neg_ln2_hi = arith.constant -6.931471805599453e-01 : f64
  %neg_ln2_lo = arith.constant -2.3190468138462996e-17 : f64
  %c10 = arith.constant 2.0977662282861577e-09 : f64
  %c9 = arith.constant 2.5113943375814755e-08 : f64
  %c8 = arith.constant 2.755706781068835e-07 : f64
  %c7 = arith.constant 2.7557228658902596e-06 : f64
  %c6 = arith.constant 2.4801587559257817e-05 : f64
  %c5 = arith.constant 1.9841269903384366e-04 : f64
  %c4 = arith.constant 1.3888888888777906e-03 : f64
  %c3 = arith.constant 8.33333333331389e-03 : f64
  %c2 = arith.constant 4.1666666666666824e-02 : f64
  %c1 = arith.constant 1.6666666666666688e-01 : f64
  %c0 = arith.constant 0.5 : f64
  %bias_less_1 = arith.constant 1022 : i64
  %sh = arith.constant 52 : i64
  %tiny = arith.constant 5.551115123125783e-17 : f64
  %small = arith.cmpf olt, %x, %lo : f64
  %xl = arith.select %small, %lo, %x : f64
  %large = arith.cmpf ogt, %xl, %hi : f64
  %xc = arith.select %large, %hi, %xl : f64
  // n = round(x / ln 2): adding 1.5 * 2^52 leaves n in the low bits of the sum.
  %biased = math.fma %xc, %log2e, %magic : f64
  %n = arith.subf %biased, %magic : f64
  // r + r_lo = x - n ln 2, with ln 2 in two parts.
  %r_hi = math.fma %n, %neg_ln2_hi, %xc : f64
  %r = math.fma %n, %neg_ln2_lo, %r_hi : f64
  %r_diff = arith.subf %r_hi, %r : f64
  %r_lo = math.fma %n, %neg_ln2_lo, %r_diff : f64
  // e^r - 1 = r + r^2 P(r), P minimax.
  %r2 = arith.mulf %r, %r : f64
  %p_9 = math.fma %c10, %r, %c9 : f64
  %p_8 = math.fma %p_9, %r, %c8 : f64
  %p_7 = math.fma %p_8, %r, %c7 : f64
  %p_6 = math.fma %p_7, %r, %c6 : f64
  %p_5 = math.fma %p_6, %r, %c5 : f64
  %p_4 = math.fma %p_5, %r, %c4 : f64
  %p_3 = math.fma %p_4, %r, %c3 : f64
  %p_2 = math.fma %p_3, %r, %c2 : f64
  %p_1 = math.fma %p_2, %r, %c1 : f64
  %p = math.fma %p_1, %r, %c0 : f64
  %tail = math.fma %r2, %p, %r_lo : f64
  %q = arith.addf %r, %tail : f64
  // s = 2^(n-1), from the low bits of the biased sum.
  %ib = arith.bitcast %biased : f64 to i64
  %s_biased = arith.addi %ib, %bias_less_1 : i64
  %s_bits = arith.shli %s_biased, %sh : i64
  %s = arith.bitcast %s_bits : i64 to f64
  %s_less = arith.subf %s, %c0 : f64
  %half_y = math.fma %s, %q, %s_less : f64
  %y = arith.addf %half_y, %half_y : f64
  // For tiny x the result is x, with the sign of zero.
  %mag = math.absf %x : f64
  %tiny_2 = arith.cmpf olt, %mag, %tiny : f64
  %res = arith.select %tiny_2, %x, %y : f64
  return %res : f64
}
