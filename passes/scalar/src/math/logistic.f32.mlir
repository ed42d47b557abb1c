// 1 / (1 + e^-x) in f32, without branches.
//
// With e = e^-|x| <= 1 it is 1 / (1 + e) for x >= 0 and e / (1 + e) for x < 0, so
// that nothing overflows and the left tail keeps its relative accuracy down to
// the smallest subnormal number. The rounding error of 1 + e is carried along.
func.func private @dp_logistic_f32(%x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %limit = arith.constant 104.0 : f32
  %log2e = arith.constant 1.442695 : f32
  %magic = arith.constant 12582912.0 : f32
  %neg_ln2_hi = arith.constant -6.931472e-01 : f32
  %neg_ln2_lo = arith.constant 1.9046542e-09 : f32
  %c4 = arith.constant 1.4035859e-03 : f32
  %c3 = arith.constant 8.3722845e-03 : f32
  %c2 = arith.constant 4.166555e-02 : f32
  %c1 = arith.constant 1.6666488e-01 : f32
  %c0 = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %magic_bits = arith.constant 0x4B400000 : i32
  %int1 = arith.constant 1 : i32
  %bias = arith.constant 127 : i32
  %sh = arith.constant 23 : i32
  %null = arith.constant 0.0 : f32
  %mag = math.absf %x : f32
  %large = arith.cmpf ogt, %mag, %limit : f32
  %clamped = arith.select %large, %limit, %mag : f32
  %a = arith.negf %clamped : f32
  // n = round(x / ln 2): adding 1.5 * 2^23 leaves n in the low bits of the sum.
  %biased = math.fma %a, %log2e, %magic : f32
  %n = arith.subf %biased, %magic : f32
  // r = x - n ln 2, with ln 2 in two parts.
  %r_hi = math.fma %n, %neg_ln2_hi, %a : f32
  %r = math.fma %n, %neg_ln2_lo, %r_hi : f32
  // e^r - 1 = r + r^2 P(r), P minimax.
  %r2 = arith.mulf %r, %r : f32
  %p_3 = math.fma %c4, %r, %c3 : f32
  %p_2 = math.fma %p_3, %r, %c2 : f32
  %p_1 = math.fma %p_2, %r, %c1 : f32
  %p = math.fma %p_1, %r, %c0 : f32
  %q = math.fma %r2, %p, %r : f32
  %y = arith.addf %one, %q : f32
  // 2^n in two factors, so that overflow and gradual underflow round once.
  %ib = arith.bitcast %biased : f32 to i32
  %ni = arith.subi %ib, %magic_bits : i32
  %half = arith.shrsi %ni, %int1 : i32
  %rest = arith.subi %ni, %half : i32
  %half_biased = arith.addi %half, %bias : i32
  %half_bits = arith.shli %half_biased, %sh : i32
  %half_scale = arith.bitcast %half_bits : i32 to f32
  %rest_biased = arith.addi %rest, %bias : i32
  %rest_bits = arith.shli %rest_biased, %sh : i32
  %rest_scale = arith.bitcast %rest_bits : i32 to f32
  %y1 = arith.mulf %y, %half_scale : f32
  %e = arith.mulf %y1, %rest_scale : f32
  // d + d_lo = 1 + e exactly.
  %d = arith.addf %one, %e : f32
  %d_less = arith.subf %d, %one : f32
  %d_lo = arith.subf %e, %d_less : f32
  %negative = arith.cmpf olt, %x, %null : f32
  %num = arith.select %negative, %e, %one : f32
  // The quotient num / (d + d_lo), with one correction.
  %inverse = arith.divf %one, %d : f32
  %quot = arith.mulf %num, %inverse : f32
  %t1 = arith.negf %quot : f32
  %rem_d = math.fma %t1, %d, %num : f32
  %t2 = arith.negf %quot : f32
  %rem = math.fma %t2, %d_lo, %rem_d : f32
  %res = math.fma %rem, %inverse, %quot : f32
  return %res : f32
}
