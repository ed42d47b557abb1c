// ln(1 + x) in f64, without branches.
//
// 1 + x = u + c exactly, u = 2^e m with m in [sqrt(1/2), sqrt 2), so
// ln(1 + x) = e ln 2 + ln(1 + f) with f = (m - 1) + 2^-e c. Where e = 0, f = x.
// The result is -inf at -1, NaN below.
func.func private @dp_log1p_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %start = arith.constant 0x3FE6A09E667F3BCD : i64
  %sh = arith.constant 52 : i64
  %frac_mask = arith.constant 0xFFFFFFFFFFFFF : i64
  %one_bits = arith.constant 0x3FF0000000000000 : i64
  %huge = arith.constant 1.152921504606847e+18 : f64
  %null = arith.constant 0.0 : f64
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
  %tiny = arith.constant 5.551115123125783e-17 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %minus_one = arith.constant -1.0 : f64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  %minus_inf = arith.constant 0xFFF0000000000000 : f64
  // u + c = 1 + x (two-sum).
  %u = arith.addf %one, %x : f64
  %x_part = arith.subf %u, %one : f64
  %one_part = arith.subf %u, %x_part : f64
  %x_err = arith.subf %x, %x_part : f64
  %one_err = arith.subf %one, %one_part : f64
  %c = arith.addf %x_err, %one_err : f64
  // Relative to the least m, the exponent field is e, and the other bits are those of m.
  %ui = arith.bitcast %u : f64 to i64
  %off = arith.subi %ui, %start : i64
  %ei = arith.shrsi %off, %sh : i64
  %frac = arith.andi %off, %frac_mask : i64
  %mi = arith.addi %frac, %start : i64
  %m = arith.bitcast %mi : i64 to f64
  %f_hi = arith.subf %m, %one : f64
  // 2^-e c; where 2^-e leaves the range, c is negligible.
  %shift = arith.shli %ei, %sh : i64
  %down_bits = arith.subi %one_bits, %shift : i64
  %down = arith.bitcast %down_bits : i64 to f64
  %c_small = arith.mulf %c, %down : f64
  %huge_2 = arith.cmpf ogt, %x, %huge : f64
  %f_lo = arith.select %huge_2, %null, %c_small : f64
  %f = arith.addf %f_hi, %f_lo : f64
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
  // For tiny x, infinity and NaN the result is x.
  %mag = math.absf %x : f64
  %tiny_2 = arith.cmpf olt, %mag, %tiny : f64
  %y_tiny = arith.select %tiny_2, %x, %y : f64
  %finite = arith.cmpf olt, %x, %inf : f64
  %y_inf = arith.select %finite, %y_tiny, %x : f64
  %negative = arith.cmpf olt, %x, %minus_one : f64
  %y_nan = arith.select %negative, %qnan, %y_inf : f64
  %zero = arith.cmpf oeq, %x, %minus_one : f64
  %res = arith.select %zero, %minus_inf, %y_nan : f64
  return %res : f64
}
