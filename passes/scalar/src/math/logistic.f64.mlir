// 1 / (1 + e^-x) in f64, without branches.
//
// With e = e^-|x| <= 1 it is 1 / (1 + e) for x >= 0 and e / (1 + e) for x < 0, so
// that nothing overflows and the left tail keeps its relative accuracy down to
// the smallest subnormal number. The rounding error of 1 + e is carried along.
func.func private @dp_logistic_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %limit = arith.constant 746.0 : f64
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
  %one = arith.constant 1.0 : f64
  %magic_bits = arith.constant 0x4338000000000000 : i64
  %int1 = arith.constant 1 : i64
  %bias = arith.constant 1023 : i64
  %sh = arith.constant 52 : i64
  %null = arith.constant 0.0 : f64
  %mag = math.absf %x : f64
  %large = arith.cmpf ogt, %mag, %limit : f64
  %clamped = arith.select %large, %limit, %mag : f64
  %a = arith.negf %clamped : f64
  // n = round(x / ln 2): adding 1.5 * 2^52 leaves n in the low bits of the sum.
  %biased = math.fma %a, %log2e, %magic : f64
  %n = arith.subf %biased, %magic : f64
  // r = x - n ln 2, with ln 2 in two parts.
  %r_hi = math.fma %n, %neg_ln2_hi, %a : f64
  %r = math.fma %n, %neg_ln2_lo, %r_hi : f64
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
  %q = math.fma %r2, %p, %r : f64
  %y = arith.addf %one, %q : f64
  // 2^n in two factors, so that overflow and gradual underflow round once.
  %ib = arith.bitcast %biased : f64 to i64
  %ni = arith.subi %ib, %magic_bits : i64
  %half = arith.shrsi %ni, %int1 : i64
  %rest = arith.subi %ni, %half : i64
  %half_biased = arith.addi %half, %bias : i64
  %half_bits = arith.shli %half_biased, %sh : i64
  %half_scale = arith.bitcast %half_bits : i64 to f64
  %rest_biased = arith.addi %rest, %bias : i64
  %rest_bits = arith.shli %rest_biased, %sh : i64
  %rest_scale = arith.bitcast %rest_bits : i64 to f64
  %y1 = arith.mulf %y, %half_scale : f64
  %e = arith.mulf %y1, %rest_scale : f64
  // d + d_lo = 1 + e exactly.
  %d = arith.addf %one, %e : f64
  %d_less = arith.subf %d, %one : f64
  %d_lo = arith.subf %e, %d_less : f64
  %negative = arith.cmpf olt, %x, %null : f64
  %num = arith.select %negative, %e, %one : f64
  // The quotient num / (d + d_lo), with one correction.
  %inverse = arith.divf %one, %d : f64
  %quot = arith.mulf %num, %inverse : f64
  %t1 = arith.negf %quot : f64
  %rem_d = math.fma %t1, %d, %num : f64
  %t2 = arith.negf %quot : f64
  %rem = math.fma %t2, %d_lo, %rem_d : f64
  %res = math.fma %rem, %inverse, %quot : f64
  return %res : f64
}
