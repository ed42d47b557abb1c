// tanh x in f32, without branches.
//
// tanh |x| = t / (t + 2) with t = e^(2|x|) - 1 = 2^n (e^r - 1) + (2^n - 1), where
// 2|x| = n ln 2 + r with |r| <= ln 2 / 2. Above 10 the result rounds to 1.
func.func private @dp_tanh_f32(%x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %limit = arith.constant 10.0 : f32
  %log2e = arith.constant 1.442695 : f32
  %magic = arith.constant 12582912.0 : f32
  %neg_ln2_hi = arith.constant -6.931472e-01 : f32
  %neg_ln2_lo = arith.constant 1.9046542e-09 : f32
  %c4 = arith.constant 1.4035859e-03 : f32
  %c3 = arith.constant 8.3722845e-03 : f32
  %c2 = arith.constant 4.166555e-02 : f32
  %c1 = arith.constant 1.6666488e-01 : f32
  %c0 = arith.constant 0.5 : f32
  %bias = arith.constant 127 : i32
  %sh = arith.constant 23 : i32
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  %mag = math.absf %x : f32
  %large = arith.cmpf ogt, %mag, %limit : f32
  %clamped = arith.select %large, %limit, %mag : f32
  %a = arith.addf %clamped, %clamped : f32
  // n = round(a / ln 2): adding 1.5 * 2^23 leaves n in the low bits of the sum.
  %biased = math.fma %a, %log2e, %magic : f32
  %n = arith.subf %biased, %magic : f32
  // r + r_lo = a - n ln 2, with ln 2 in two parts.
  %r_hi = math.fma %n, %neg_ln2_hi, %a : f32
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
  // s = 2^n, from the low bits of the biased sum.
  %ib = arith.bitcast %biased : f32 to i32
  %s_biased = arith.addi %ib, %bias : i32
  %s_bits = arith.shli %s_biased, %sh : i32
  %s = arith.bitcast %s_bits : i32 to f32
  %s_less = arith.subf %s, %one : f32
  %t = math.fma %s, %q, %s_less : f32
  // den + den_lo = t + 2 exactly; the quotient t / (den + den_lo), with one correction.
  %den = arith.addf %t, %two : f32
  %den_less = arith.subf %den, %two : f32
  %den_lo = arith.subf %t, %den_less : f32
  %inverse = arith.divf %one, %den : f32
  %quot = arith.mulf %t, %inverse : f32
  %t1 = arith.negf %quot : f32
  %rem_den = math.fma %t1, %den, %t : f32
  %t2 = arith.negf %quot : f32
  %rem = math.fma %t2, %den_lo, %rem_den : f32
  %y = math.fma %rem, %inverse, %quot : f32
  %res = math.copysign %y, %x : f32
  return %res : f32
}
