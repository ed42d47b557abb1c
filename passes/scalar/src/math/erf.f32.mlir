// erf x in f32, without branches.
//
// Below 1 it is x + x P(x^2), from there on 1 - e^T(|x|), where T approximates
// ln erfc; P and T minimax. Above 3.95 the result rounds to 1.
func.func private @dp_erf_f32(%x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %s6 = arith.constant 7.8069024e-05 : f32
  %s5 = arith.constant -7.997853e-04 : f32
  %s4 = arith.constant 5.187162e-03 : f32
  %s3 = arith.constant -2.6853347e-02 : f32
  %s2 = arith.constant 1.1283579e-01 : f32
  %s1 = arith.constant -3.7612626e-01 : f32
  %s0 = arith.constant 1.2837917e-01 : f32
  %cut = arith.constant 3.95 : f32
  %t7 = arith.constant -2.1693995e-05 : f32
  %t6 = arith.constant 4.4143473e-04 : f32
  %t5 = arith.constant -4.2051277e-03 : f32
  %t4 = arith.constant 2.5210008e-02 : f32
  %t3 = arith.constant -1.0842172e-01 : f32
  %t2 = arith.constant -6.332166e-01 : f32
  %t1 = arith.constant -1.1295803 : f32
  %t0 = arith.constant 1.8846827e-04 : f32
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
  %mag = math.absf %x : f32
  %z = arith.mulf %x, %x : f32
  %sp_5 = math.fma %s6, %z, %s5 : f32
  %sp_4 = math.fma %sp_5, %z, %s4 : f32
  %sp_3 = math.fma %sp_4, %z, %s3 : f32
  %sp_2 = math.fma %sp_3, %z, %s2 : f32
  %sp_1 = math.fma %sp_2, %z, %s1 : f32
  %sp = math.fma %sp_1, %z, %s0 : f32
  %near = math.fma %x, %sp, %x : f32
  %large = arith.cmpf ogt, %mag, %cut : f32
  %a = arith.select %large, %cut, %mag : f32
  %t_6 = math.fma %t7, %a, %t6 : f32
  %t_5 = math.fma %t_6, %a, %t5 : f32
  %t_4 = math.fma %t_5, %a, %t4 : f32
  %t_3 = math.fma %t_4, %a, %t3 : f32
  %t_2 = math.fma %t_3, %a, %t2 : f32
  %t_1 = math.fma %t_2, %a, %t1 : f32
  %t = math.fma %t_1, %a, %t0 : f32
  // n = round(x / ln 2): adding 1.5 * 2^23 leaves n in the low bits of the sum.
  %biased = math.fma %t, %log2e, %magic : f32
  %n = arith.subf %biased, %magic : f32
  // r = x - n ln 2, with ln 2 in two parts.
  %r_hi = math.fma %n, %neg_ln2_hi, %t : f32
  %r = math.fma %n, %neg_ln2_lo, %r_hi : f32
  // e^r - 1 = r + r^2 P(r), P minimax.
  %r2 = arith.mulf %r, %r : f32
  %p_3 = math.fma %c4, %r, %c3 : f32
  %p_2 = math.fma %p_3, %r, %c2 : f32
  %p_1 = math.fma %p_2, %r, %c1 : f32
  %p = math.fma %p_1, %r, %c0 : f32
  %q = math.fma %r2, %p, %r : f32
  // 2^n, from the low bits of the biased sum.
  %ib = arith.bitcast %biased : f32 to i32
  %n_biased = arith.addi %ib, %bias : i32
  %scale_bits = arith.shli %n_biased, %sh : i32
  %scale = arith.bitcast %scale_bits : i32 to f32
  %e = math.fma %scale, %q, %scale : f32
  %far_abs = arith.subf %one, %e : f32
  %far = math.copysign %far_abs, %x : f32
  %below_1 = arith.cmpf olt, %mag, %one : f32
  %res = arith.select %below_1, %near, %far : f32
  return %res : f32
}
