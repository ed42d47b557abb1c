// The cube root of x in f64, without branches.
//
// |x| = 8^k m with m in [1, 8), so the root is 2^k times that of m: a cubic polynomial gives 6 bits of it, each of two
// steps of Halley's three times as many, and a step of Newton's, whose residual m - r^3 is exact except for its last bits,
// rounds it. Subnormal numbers are scaled first; zeros, infinities and NaN are returned unchanged.
func.func private @dp_cbrt_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %min_normal = arith.constant 2.2250738585072014e-308 : f64
  %up = arith.constant 1.8014398509481984e+16 : f64
  %down = arith.constant 3.814697265625e-06 : f64
  %sh = arith.constant 52 : i64
  %infinity = arith.constant 0x7FF0000000000000 : f64
  %third = arith.constant 21846 : i64
  %sixteen = arith.constant 16 : i64
  %middle = arith.constant 341 : i64
  %bias = arith.constant 682 : i64
  %int3 = arith.constant 3 : i64
  %c3 = arith.constant 0.0016274953380330931 : f64
  %c2 = arith.constant -0.03402605365290486 : f64
  %c1 = arith.constant 0.3288364544631474 : f64
  %c0 = arith.constant 0.7167346418604423 : f64
  %three = arith.constant 3.0 : f64
  %zero = arith.constant 0.0 : f64
  %mag = math.absf %x : f64
  %subnormal = arith.cmpf olt, %mag, %min_normal : f64
  %scaled = arith.mulf %mag, %up : f64
  %xn = arith.select %subnormal, %scaled, %mag : f64
  // With the biased exponent 3 q + j, as 1023 = 3 * 341: k = q - 341; 21846 / 2^16 is close enough to 1/3.
  %xi = arith.bitcast %xn : f64 to i64
  %exponent = arith.shrui %xi, %sh : i64
  %product = arith.muli %exponent, %third : i64
  %q = arith.shrui %product, %sixteen : i64
  %k = arith.subi %q, %middle : i64
  %shift = arith.muli %k, %int3 : i64
  %shift_bits = arith.shli %shift, %sh : i64
  %mi = arith.subi %xi, %shift_bits : i64
  %m = arith.bitcast %mi : i64 to f64
  // r (r^3 + 2m) / (2r^3 + m), twice.
  %c_2 = math.fma %c3, %m, %c2 : f64
  %c_1 = math.fma %c_2, %m, %c1 : f64
  %r = math.fma %c_1, %m, %c0 : f64
  %r3_1 = arith.mulf %r, %r : f64
  %r3 = arith.mulf %r3_1, %r : f64
  %m2 = arith.addf %m, %m : f64
  %num = arith.addf %r3, %m2 : f64
  %den_1 = arith.addf %r3, %r3 : f64
  %den = arith.addf %den_1, %m : f64
  %quot = arith.divf %num, %den : f64
  %s = arith.mulf %r, %quot : f64
  %s3_1 = arith.mulf %s, %s : f64
  %s3 = arith.mulf %s3_1, %s : f64
  %num_s = arith.addf %s3, %m2 : f64
  %den_s_1 = arith.addf %s3, %s3 : f64
  %den_s = arith.addf %den_s_1, %m : f64
  %quot_s = arith.divf %num_s, %den_s : f64
  %t = arith.mulf %s, %quot_s : f64
  // t - (t^3 - m) / 3t^2, with t^2 in two parts.
  %sq = arith.mulf %t, %t : f64
  %neg_sq = arith.negf %sq : f64
  %sq_lo = math.fma %t, %t, %neg_sq : f64
  %neg_m = arith.negf %m : f64
  %res_hi = math.fma %sq, %t, %neg_m : f64
  %res = math.fma %sq_lo, %t, %res_hi : f64
  %den_t = arith.mulf %three, %sq : f64
  %step = arith.divf %res, %den_t : f64
  %root = arith.subf %t, %step : f64
  %scale_i = arith.addi %q, %bias : i64
  %scale_bits = arith.shli %scale_i, %sh : i64
  %scale = arith.bitcast %scale_bits : i64 to f64
  %grown = arith.mulf %root, %scale : f64
  %shrunk = arith.mulf %grown, %down : f64
  %y = arith.select %subnormal, %shrunk, %grown : f64
  %signed = math.copysign %y, %x : f64
  %finite = arith.cmpf olt, %mag, %infinity : f64
  %nonzero = arith.cmpf ogt, %mag, %zero : f64
  %usual = arith.andi %finite, %nonzero : i1
  %own = arith.select %usual, %signed, %x : f64
  return %own : f64
}
