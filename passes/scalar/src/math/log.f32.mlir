// ln x in f32, without branches.
//
// x = 2^e m with m = 1 + f in [2/3, 4/3), so ln x = e ln 2 + ln(1 + f). Subnormal
// numbers are scaled first. ln 0 = -inf; NaN below 0.
func.func private @dp_log_f32(%x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %min_normal = arith.constant 1.1754944e-38 : f32
  %up = arith.constant 8388608.0 : f32
  %start = arith.constant 0x3F2AAAAB : i32
  %sh = arith.constant 23 : i32
  %frac_mask = arith.constant 0x7FFFFF : i32
  %one = arith.constant 1.0 : f32
  %c8 = arith.constant -1.2945628e-01 : f32
  %c7 = arith.constant 1.399258e-01 : f32
  %c6 = arith.constant -1.2173074e-01 : f32
  %c5 = arith.constant 1.4004435e-01 : f32
  %c4 = arith.constant -1.6681205e-01 : f32
  %c3 = arith.constant 2.0010477e-01 : f32
  %c2 = arith.constant -2.4999784e-01 : f32
  %c1 = arith.constant 3.3333215e-01 : f32
  %c0 = arith.constant -0.5 : f32
  %ln2_lo = arith.constant -1.9046542e-09 : f32
  %ln2_hi = arith.constant 6.931472e-01 : f32
  %inf = arith.constant 0x7F800000 : f32
  %null = arith.constant 0.0 : f32
  %qnan = arith.constant 0x7FC00000 : f32
  %minus_inf = arith.constant 0xFF800000 : f32
  %subnormal = arith.cmpf olt, %x, %min_normal : f32
  %scaled = arith.mulf %x, %up : f32
  %xn = arith.select %subnormal, %scaled, %x : f32
  // Relative to the least m, the exponent field is e, and the other bits are those of m.
  %xi = arith.bitcast %xn : f32 to i32
  %off = arith.subi %xi, %start : i32
  %ei_n = arith.shrsi %off, %sh : i32
  %frac = arith.andi %off, %frac_mask : i32
  %mi = arith.addi %frac, %start : i32
  %m = arith.bitcast %mi : i32 to f32
  %f = arith.subf %m, %one : f32
  %ei_s = arith.subi %ei_n, %sh : i32
  %ei = arith.select %subnormal, %ei_s, %ei_n : i32
  %e = arith.sitofp %ei : i32 to f32
  // ln(1 + f) = f + f^2 Q(f), Q minimax.
  %f2 = arith.mulf %f, %f : f32
  %q_7 = math.fma %c8, %f, %c7 : f32
  %q_6 = math.fma %q_7, %f, %c6 : f32
  %q_5 = math.fma %q_6, %f, %c5 : f32
  %q_4 = math.fma %q_5, %f, %c4 : f32
  %q_3 = math.fma %q_4, %f, %c3 : f32
  %q_2 = math.fma %q_3, %f, %c2 : f32
  %q_1 = math.fma %q_2, %f, %c1 : f32
  %q = math.fma %q_1, %f, %c0 : f32
  %low = arith.mulf %e, %ln2_lo : f32
  %tail = math.fma %f2, %q, %low : f32
  %m_log = arith.addf %f, %tail : f32
  %y = math.fma %e, %ln2_hi, %m_log : f32
  // Infinity and NaN are returned unchanged.
  %finite = arith.cmpf olt, %x, %inf : f32
  %y_inf = arith.select %finite, %y, %x : f32
  %negative = arith.cmpf olt, %x, %null : f32
  %y_nan = arith.select %negative, %qnan, %y_inf : f32
  %zero = arith.cmpf oeq, %x, %null : f32
  %res = arith.select %zero, %minus_inf, %y_nan : f32
  return %res : f32
}
