// The logarithm of x to base 2 in f64, without branches.
//
// x = 2^e m with m = 1 + f in [sqrt(1/2), sqrt 2), so it is e + ln(1 + f) / ln 2. Subnormal numbers are scaled first. The
// result is -inf at 0, NaN below.
func.func private @dp_log2_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %min_normal = arith.constant 2.2250738585072014e-308 : f64
  %up = arith.constant 4503599627370496.0 : f64
  %start = arith.constant 0x3fe6a09e667f3bcd : i64
  %sh = arith.constant 52 : i64
  %frac_mask = arith.constant 0xfffffffffffff : i64
  %half_mask = arith.constant -4294967296 : i64
  %magic_bits = arith.constant 0x4338000000000000 : i64
  %magic = arith.constant 6755399441055744.0 : f64
  %of_e_hi = arith.constant 1.4426946640014648 : f64
  %of_e_lo = arith.constant 3.768874985636099e-07 : f64
  %infinity = arith.constant 0x7FF0000000000000 : f64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  %minus_inf = arith.constant 0xFFF0000000000000 : f64
  %one = arith.constant 1.0 : f64
  %two = arith.constant 2.0 : f64
  %c6 = arith.constant 0.14795650343105138 : f64
  %c5 = arith.constant 0.15314083476891718 : f64
  %c4 = arith.constant 0.18183562892326938 : f64
  %c3 = arith.constant 0.2222219860447033 : f64
  %c2 = arith.constant 0.28571428742032273 : f64
  %c1 = arith.constant 0.3999999999941663 : f64
  %c0 = arith.constant 0.6666666666666734 : f64
  %one_half = arith.constant 0.5 : f64
  %zero = arith.constant 0.0 : f64
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
  // ln(1 + f) = f - (f^2/2 - s (f^2/2 + z R(z))), s = f / (2 + f), z = s^2, R minimax.
  %den = arith.addf %f, %two : f64
  %s = arith.divf %f, %den : f64
  %z = arith.mulf %s, %s : f64
  %c_5 = math.fma %c6, %z, %c5 : f64
  %c_4 = math.fma %c_5, %z, %c4 : f64
  %c_3 = math.fma %c_4, %z, %c3 : f64
  %c_2 = math.fma %c_3, %z, %c2 : f64
  %c_1 = math.fma %c_2, %z, %c1 : f64
  %r = math.fma %c_1, %z, %c0 : f64
  %half_f = arith.mulf %f, %one_half : f64
  %hfsq = arith.mulf %half_f, %f : f64
  %zr = math.fma %z, %r, %hfsq : f64
  %small = arith.mulf %s, %zr : f64
  // It is hi + lo, where hi has the leading 21 bits.
  %diff = arith.subf %f, %hfsq : f64
  %diff_bits = arith.bitcast %diff : f64 to i64
  %hi_bits = arith.andi %diff_bits, %half_mask : i64
  %hi = arith.bitcast %hi_bits : i64 to f64
  %lo_f = arith.subf %f, %hi : f64
  %lo_h = arith.subf %lo_f, %hfsq : f64
  %lo = arith.addf %lo_h, %small : f64
  // (hi + lo) / ln 2, added to e in two parts: exact for powers of two.
  %val_hi = arith.mulf %hi, %of_e_hi : f64
  %both = arith.addf %lo, %hi : f64
  %lo_hi = arith.mulf %lo, %of_e_hi : f64
  %val_lo = math.fma %both, %of_e_lo, %lo_hi : f64
  %w = arith.addf %e, %val_hi : f64
  %w_err = arith.subf %e, %w : f64
  %w_lo = arith.addf %w_err, %val_hi : f64
  %low = arith.addf %val_lo, %w_lo : f64
  %y = arith.addf %low, %w : f64
  // Infinity and NaN are returned unchanged.
  %finite = arith.cmpf olt, %x, %infinity : f64
  %y_inf = arith.select %finite, %y, %x : f64
  %negative = arith.cmpf olt, %x, %zero : f64
  %y_nan = arith.select %negative, %qnan, %y_inf : f64
  %null = arith.cmpf oeq, %x, %zero : f64
  %res = arith.select %null, %minus_inf, %y_nan : f64
  return %res : f64
}
