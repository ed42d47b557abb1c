// ln x in f64, without branches.
//
// x = 2^e m with m = 1 + f in [sqrt(1/2), sqrt 2), so ln x = e ln 2 + ln(1 + f). Subnormal
// numbers are scaled first. ln 0 = -inf; NaN below 0.
func.func private @dp_log_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %min_normal = arith.constant 2.2250738585072014e-308 : f64
  %up = arith.constant 4.503599627370496e+15 : f64
  %start = arith.constant 0x3FE6A09E667F3BCD : i64
  %sh = arith.constant 52 : i64
  %frac_mask = arith.constant 0xFFFFFFFFFFFFF : i64
  %one = arith.constant 1.0 : f64
  %magic_bits = arith.constant 0x4338000000000000 : i64
  %magic = arith.constant 6.755399441055744e+15 : f64
  %two = arith.constant 2.0 : f64
  %c6 = arith.constant 1.4795650343105138e-01 : f64
  %c5 = arith.constant 1.5314083476891718e-01 : f64
  %c4 = arith.constant 1.8183562892326938e-01 : f64
  %c3 = arith.constant 2.222219860447033e-01 : f64
  %c2 = arith.constant 2.8571428742032273e-01 : f64
  %c1 = arith.constant 3.999999999941663e-01 : f64
  %c0 = arith.constant 6.666666666666734e-01 : f64
  %one_half = arith.constant 0.5 : f64
  %ln2_lo = arith.constant 2.3190468138462996e-17 : f64
  %ln2_hi = arith.constant 6.931471805599453e-01 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %null = arith.constant 0.0 : f64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  %minus_inf = arith.constant 0xFFF0000000000000 : f64
  %subnormal = arith.cmpf olt, %x, %min_normal : f64
  %scaled = arith.mulf %x, %up : f64
  %xn = arith.select %subnormal, %scaled, %x : f64
  // Relative to the least m, the exponent field is e, and the other bits are those of m.
  %xi = arith.bitcast %xn : f64 to i64
  %off = arith.subi %xi, %start : i64
  %ei_n = arith.shrsi %off, %sh : i64
  %frac = arith.andi %off, %frac_mask : i64
  %mi = arith.addi %frac, %start : i64
  %m = arith.bitcast %mi : i64 to f64
  %f = arith.subf %m, %one : f64
  %ei_s = arith.subi %ei_n, %sh : i64
  %ei = arith.select %subnormal, %ei_s, %ei_n : i64
  // Converts e to f64: 1.5 * 2^52 + e is built from its bits.
  %ee = arith.addi %ei, %magic_bits : i64
  %eb = arith.bitcast %ee : i64 to f64
  %e = arith.subf %eb, %magic : f64
  // ln(1 + f) = 2 artanh s = f - (f^2/2 - s (f^2/2 + z R(z))), s = f / (2 + f), z = s^2, R minimax.
  %den = arith.addf %f, %two : f64
  %s = arith.divf %f, %den : f64
  %z = arith.mulf %s, %s : f64
  %r_5 = math.fma %c6, %z, %c5 : f64
  %r_4 = math.fma %r_5, %z, %c4 : f64
  %r_3 = math.fma %r_4, %z, %c3 : f64
  %r_2 = math.fma %r_3, %z, %c2 : f64
  %r_1 = math.fma %r_2, %z, %c1 : f64
  %r = math.fma %r_1, %z, %c0 : f64
  %half_f = arith.mulf %f, %one_half : f64
  %hfsq = arith.mulf %half_f, %f : f64
  %zr = math.fma %z, %r, %hfsq : f64
  %low = arith.mulf %e, %ln2_lo : f64
  %st = math.fma %s, %zr, %low : f64
  %diff = arith.subf %hfsq, %st : f64
  %m_log = arith.subf %f, %diff : f64
  %y = math.fma %e, %ln2_hi, %m_log : f64
  // Infinity and NaN are returned unchanged.
  %finite = arith.cmpf olt, %x, %inf : f64
  %y_inf = arith.select %finite, %y, %x : f64
  %negative = arith.cmpf olt, %x, %null : f64
  %y_nan = arith.select %negative, %qnan, %y_inf : f64
  %zero = arith.cmpf oeq, %x, %null : f64
  %res = arith.select %zero, %minus_inf, %y_nan : f64
  return %res : f64
}
