// cos x in f64.
//
// x = n pi/2 + r with |r| <= pi/4 (Cody and Waite); by n modulo 4 the result is
// +-cos r or +-sin r. Branch-free up to |x| = 2^40; larger arguments,
// which are rare, call trig_huge.f64.mlir, lane by lane.
func.func private @dp_cos_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %two_over_pi = arith.constant 6.366197723675814e-01 : f64
  %magic = arith.constant 6.755399441055744e+15 : f64
  %neg_half_pi_1 = arith.constant -1.5707963267948966 : f64
  %half_pi_2 = arith.constant 6.123233995736766e-17 : f64
  %neg_half_pi_3 = arith.constant 1.4973849048591698e-33 : f64
  %sin_6 = arith.constant -7.3844632962894e-13 : f64
  %sin_5 = arith.constant 1.6054219197680254e-10 : f64
  %sin_4 = arith.constant -2.5052070275854782e-08 : f64
  %sin_3 = arith.constant 2.755731907186132e-06 : f64
  %sin_2 = arith.constant -1.984126984095927e-04 : f64
  %sin_1 = arith.constant 8.33333333333304e-03 : f64
  %sin_0 = arith.constant -1.6666666666666666e-01 : f64
  %cos_6 = arith.constant -1.1358749080154971e-11 : f64
  %cos_5 = arith.constant 2.0875705393752722e-09 : f64
  %cos_4 = arith.constant -2.7557314217028093e-07 : f64
  %cos_3 = arith.constant 2.4801587289002062e-05 : f64
  %cos_2 = arith.constant -1.3888888888873342e-03 : f64
  %cos_1 = arith.constant 4.1666666666666595e-02 : f64
  %cos_0 = arith.constant -0.5 : f64
  %one = arith.constant 1.0 : f64
  %int1 = arith.constant 1 : i64
  %int0 = arith.constant 0 : i64
  %int2 = arith.constant 2 : i64
  %top_1 = arith.constant 62 : i64
  %bound = arith.constant 1.099511627776e+12 : f64
  // n = round(2 x / pi): adding 1.5 * 2^52 leaves n in the low bits of the sum.
  %biased = math.fma %x, %two_over_pi, %magic : f64
  %n = arith.subf %biased, %magic : f64
  // x - n pi/2 = r + r_lo, with pi/2 in three parts. r_1 and n pi_2 = p + p_lo are
  // exact; r is their difference, and r_err its rounding error by a two-sum.
  %r_1 = math.fma %n, %neg_half_pi_1, %x : f64
  %p = arith.mulf %n, %half_pi_2 : f64
  %t1 = arith.negf %p : f64
  %p_lo = math.fma %n, %half_pi_2, %t1 : f64
  %r = arith.subf %r_1, %p : f64
  %taken = arith.subf %r, %r_1 : f64
  %r_1_part = arith.subf %r, %taken : f64
  %r_1_err = arith.subf %r_1, %r_1_part : f64
  %p_err = arith.addf %p, %taken : f64
  %r_err = arith.subf %r_1_err, %p_err : f64
  %r_err_2 = arith.subf %r_err, %p_lo : f64
  %r_lo = math.fma %n, %neg_half_pi_3, %r_err_2 : f64
  // sin = r + (r^3 S(r^2) + r_lo), cos = 1 + (r^2 C(r^2) - r r_lo), S and C minimax.
  %z = arith.mulf %r, %r : f64
  %zr = arith.mulf %z, %r : f64
  %sp_5 = math.fma %sin_6, %z, %sin_5 : f64
  %sp_4 = math.fma %sp_5, %z, %sin_4 : f64
  %sp_3 = math.fma %sp_4, %z, %sin_3 : f64
  %sp_2 = math.fma %sp_3, %z, %sin_2 : f64
  %sp_1 = math.fma %sp_2, %z, %sin_1 : f64
  %sp = math.fma %sp_1, %z, %sin_0 : f64
  %sin_tail = math.fma %zr, %sp, %r_lo : f64
  %sin_r = arith.addf %r, %sin_tail : f64
  %cp_5 = math.fma %cos_6, %z, %cos_5 : f64
  %cp_4 = math.fma %cp_5, %z, %cos_4 : f64
  %cp_3 = math.fma %cp_4, %z, %cos_3 : f64
  %cp_2 = math.fma %cp_3, %z, %cos_2 : f64
  %cp_1 = math.fma %cp_2, %z, %cos_1 : f64
  %cp = math.fma %cp_1, %z, %cos_0 : f64
  %turned = arith.mulf %r, %r_lo : f64
  %t2 = arith.negf %turned : f64
  %cos_tail = math.fma %z, %cp, %t2 : f64
  %cos_r = arith.addf %one, %cos_tail : f64
  %quadrant = arith.bitcast %biased : f64 to i64
  %odd_bit = arith.andi %quadrant, %int1 : i64
  %odd = arith.cmpi ne, %odd_bit, %int0 : i64
  %y_abs = arith.select %odd, %sin_r, %cos_r : f64
  // Quadrants 1 and 2 negate: bit 1 of the next quadrant moves to the sign bit.
  %next_q = arith.addi %quadrant, %int1 : i64
  %half_turn = arith.andi %next_q, %int2 : i64
  %flip = arith.shli %half_turn, %top_1 : i64
  %yb = arith.bitcast %y_abs : f64 to i64
  %ys = arith.xori %yb, %flip : i64
  %y = arith.bitcast %ys : i64 to f64
  // |x| > 2^40, infinity and NaN.
  %mag = math.absf %x : f64
  %near = arith.cmpf ole, %mag, %bound : f64
  %function = arith.constant 1 : i64
  %res = scf.if %near -> (f64) {
    scf.yield %y : f64
  } else {
    %far = func.call @dp_trig_huge_f64(%x, %function) : (f64, i64) -> f64
    scf.yield %far : f64
  }
  return %res : f64
}
