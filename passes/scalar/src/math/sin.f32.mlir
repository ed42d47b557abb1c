// sin x in f32.
//
// x = n pi/2 + r with |r| <= pi/4 (Cody and Waite); by n modulo 4 the result is
// +-sin r or +-cos r. Branch-free up to |x| = 2^46; larger arguments,
// which are rare, call trig_huge.f64.mlir, lane by lane.
func.func private @dp_sin_f32(%x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %two_over_pi = arith.constant 6.366197723675814e-01 : f64
  %magic = arith.constant 6.755399441055744e+15 : f64
  %neg_half_pi_1 = arith.constant -1.5707963267948966 : f64
  %neg_half_pi_2 = arith.constant -6.123233995736766e-17 : f64
  %sin_2 = arith.constant -1.9507887e-04 : f32
  %sin_1 = arith.constant 8.332106e-03 : f32
  %sin_0 = arith.constant -1.6666654e-01 : f32
  %cos_3 = arith.constant 2.4430978e-05 : f32
  %cos_2 = arith.constant -1.3887302e-03 : f32
  %cos_1 = arith.constant 4.1666646e-02 : f32
  %cos_0 = arith.constant -0.5 : f32
  %one = arith.constant 1.0 : f32
  %int1 = arith.constant 1 : i32
  %int0 = arith.constant 0 : i32
  %int2 = arith.constant 2 : i32
  %top_1 = arith.constant 30 : i32
  %null = arith.constant 0.0 : f32
  %bound = arith.constant 7.0368744e+13 : f32
  %wide = arith.extf %x : f32 to f64
  // n = round(2 x / pi): adding 1.5 * 2^52 leaves n in the low bits of the sum.
  %biased = math.fma %wide, %two_over_pi, %magic : f64
  %n = arith.subf %biased, %magic : f64
  // r = x - n pi/2 in f64, with pi/2 in two parts; the first difference is exact.
  %r_1 = math.fma %n, %neg_half_pi_1, %wide : f64
  %r_wide = math.fma %n, %neg_half_pi_2, %r_1 : f64
  %r = arith.truncf %r_wide : f64 to f32
  // sin = r + r^3 S(r^2), cos = 1 + r^2 C(r^2), S and C minimax.
  %z = arith.mulf %r, %r : f32
  %zr = arith.mulf %z, %r : f32
  %sp_1 = math.fma %sin_2, %z, %sin_1 : f32
  %sp = math.fma %sp_1, %z, %sin_0 : f32
  %sin_r = math.fma %zr, %sp, %r : f32
  %cp_2 = math.fma %cos_3, %z, %cos_2 : f32
  %cp_1 = math.fma %cp_2, %z, %cos_1 : f32
  %cp = math.fma %cp_1, %z, %cos_0 : f32
  %cos_r = math.fma %z, %cp, %one : f32
  %n_bits = arith.bitcast %biased : f64 to i64
  %quadrant = arith.trunci %n_bits : i64 to i32
  %odd_bit = arith.andi %quadrant, %int1 : i32
  %odd = arith.cmpi ne, %odd_bit, %int0 : i32
  %y_abs = arith.select %odd, %cos_r, %sin_r : f32
  // Quadrants 2 and 3 negate: bit 1 of the quadrant moves to the sign bit.
  %half_turn = arith.andi %quadrant, %int2 : i32
  %flip = arith.shli %half_turn, %top_1 : i32
  %yb = arith.bitcast %y_abs : f32 to i32
  %ys = arith.xori %yb, %flip : i32
  %y_n = arith.bitcast %ys : i32 to f32
  // The reduction loses the sign of zero.
  %zero = arith.cmpf oeq, %x, %null : f32
  %y = arith.select %zero, %x, %y_n : f32
  // |x| > 2^46, infinity and NaN.
  %mag = math.absf %x : f32
  %near = arith.cmpf ole, %mag, %bound : f32
  %function = arith.constant 0 : i64
  %res = scf.if %near -> (f32) {
    scf.yield %y : f32
  } else {
    %wide_far = func.call @dp_trig_huge_f64(%wide, %function) : (f64, i64) -> f64
    %far = arith.truncf %wide_far : f64 to f32
    scf.yield %far : f32
  }
  return %res : f32
}
