// e^x - 1 in f32, without branches.
//
// x = n ln 2 + r with |r| <= ln 2 / 2, so e^x - 1 = 2^n (e^r - 1) + (2^n - 1).
// With s = 2^(n-1), which is finite also for the greatest n, this is
// 2 (s (e^r - 1) + (s - 1/2)). The rounding error of r is carried along, because
// the sum may be smaller than its parts. Below -18 the result is -1.
func.func private @dp_expm1_f32(%x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %lo = arith.constant -18.0 : f32
  %hi = arith.constant 89.0 : f32
  %log2e = arith.constant 1.442695 : f32
  %magic = arith.constant 12582912.0 : f32
  %neg_ln2_hi = arith.constant -6.931472e-01 : f32
  %neg_ln2_lo = arith.constant 1.9046542e-09 : f32
  %c4 = arith.constant 1.4035859e-03 : f32
  %c3 = arith.constant 8.3722845e-03 : f32
  %c2 = arith.constant 4.166555e-02 : f32
  %c1 = arith.constant 1.6666488e-01 : f32
  %c0 = arith.constant 0.5 : f32
  %bias_less_1 = arith.constant 126 : i32
  %sh = arith.constant 23 : i32
  %tiny = arith.constant 2.9802322e-08 : f32
  %small = arith.cmpf olt, %x, %lo : f32
  %xl = arith.select %small, %lo, %x : f32
  %large = arith.cmpf ogt, %xl, %hi : f32
  %xc = arith.select %large, %hi, %xl : f32
  // n = round(x / ln 2): adding 1.5 * 2^23 leaves n in the low bits of the sum.
  %biased = math.fma %xc, %log2e, %magic : f32
  %n = arith.subf %biased, %magic : f32
  // r + r_lo = x - n ln 2, with ln 2 in two parts.
  %r_hi = math.fma %n, %neg_ln2_hi, %xc : f32
  %r = math.fma %n, %neg_ln2_lo, %r_hi : f32
  %r_diff = arith.subf %r_hi, %r : f32
  %r_lo = math.fma %n, %neg_ln2_lo, %r_diff : f32
  // e^r - 1 = r + r^2 P(r), P minimax.
  %r2 = arith.mulf %r, %r : f32
  %p_3 = math.fma %c4, %r, %c3 : f32
  %p_2 = math.fma %p_3, %r, %c2 : f32
  %p_1 = math.fma %p_2, %r, %c1 : f32
  %p = math.fma %p_1, %r, %c0 : f32
  %tail = math.fma %r2, %p, %r_lo : f32
  %q = arith.addf %r, %tail : f32
  // s = 2^(n-1), from the low bits of the biased sum.
  %ib = arith.bitcast %biased : f32 to i32
  %s_biased = arith.addi %ib, %bias_less_1 : i32
  %s_bits = arith.shli %s_biased, %sh : i32
  %s = arith.bitcast %s_bits : i32 to f32
  %s_less = arith.subf %s, %c0 : f32
  %half_y = math.fma %s, %q, %s_less : f32
  %y = arith.addf %half_y, %half_y : f32
  // For tiny x the result is x, with the sign of zero.
  %mag = math.absf %x : f32
  %tiny_2 = arith.cmpf olt, %mag, %tiny : f32
  %res = arith.select %tiny_2, %x, %y : f32
  return %res : f32
}
