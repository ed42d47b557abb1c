// x^y in f32, without branches, computed in f64.
//
// |x|^y = 2^(y log2 |x|), with log2 (2^e m) = e + s R(s^2), s = (m - 1) / (m + 1),
// and 2^r = 1 + r ln 2 + r^2 P(r) on [-1/2, 1/2]; R and P minimax. In the range of
// f64, only the last rounding can overflow or underflow.
func.func private @dp_pow_f32(%x: f32, %y: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %start = arith.constant 0x3FE6A09E667F3BCD : i64
  %int52 = arith.constant 52 : i64
  %frac64 = arith.constant 0xFFFFFFFFFFFFF : i64
  %one = arith.constant 1.0 : f64
  %magic64_bits = arith.constant 0x4338000000000000 : i64
  %magic64 = arith.constant 6.755399441055744e+15 : f64
  %two = arith.constant 2.0 : f64
  %l4 = arith.constant 3.4073830152554585e-01 : f64
  %l3 = arith.constant 4.116722135767641e-01 : f64
  %l2 = arith.constant 5.770835946872006e-01 : f64
  %l1 = arith.constant 9.617966732824725e-01 : f64
  %l0 = arith.constant 2.885390081790142 : f64
  %null = arith.constant 0.0 : f64
  %minus_inf64 = arith.constant 0xFFF0000000000000 : f64
  %inf64 = arith.constant 0x7FF0000000000000 : f64
  %true = arith.constant true
  %f_minus_160 = arith.constant -160.0 : f64
  %f160 = arith.constant 160.0 : f64
  %c5 = arith.constant 1.5189142403770945e-05 : f64
  %c4 = arith.constant 1.5466817110524768e-04 : f64
  %c3 = arith.constant 1.3334193464989933e-03 : f64
  %c2 = arith.constant 9.618041579492937e-03 : f64
  %c1 = arith.constant 5.5504099819944655e-02 : f64
  %c0 = arith.constant 2.4022651021121907e-01 : f64
  %ln2 = arith.constant 6.931471805599453e-01 : f64
  %int1023 = arith.constant 1023 : i64
  %one_half = arith.constant 0.5 : f32
  %int0 = arith.constant 0 : i32
  %f0 = arith.constant 0.0 : f32
  %inf = arith.constant 0x7F800000 : f32
  %qnan = arith.constant 0x7FC00000 : f32
  %one_c = arith.constant 1.0 : f32
  %x_mag = math.absf %x : f32
  %a = arith.extf %x_mag : f32 to f64
  // a = 2^e m with m = 1 + f in [sqrt(1/2), sqrt 2); f32's subnormal numbers are normal here.
  %ai = arith.bitcast %a : f64 to i64
  %off = arith.subi %ai, %start : i64
  %ei = arith.shrsi %off, %int52 : i64
  %frac = arith.andi %off, %frac64 : i64
  %mi = arith.addi %frac, %start : i64
  %m = arith.bitcast %mi : i64 to f64
  %f = arith.subf %m, %one : f64
  %ee = arith.addi %ei, %magic64_bits : i64
  %eb = arith.bitcast %ee : i64 to f64
  %e = arith.subf %eb, %magic64 : f64
  %den = arith.addf %f, %two : f64
  %s = arith.divf %f, %den : f64
  %z = arith.mulf %s, %s : f64
  %lp_3 = math.fma %l4, %z, %l3 : f64
  %lp_2 = math.fma %lp_3, %z, %l2 : f64
  %lp_1 = math.fma %lp_2, %z, %l1 : f64
  %lp = math.fma %lp_1, %z, %l0 : f64
  %log_norm = math.fma %s, %lp, %e : f64
  // The logarithms of 0 and infinity.
  %a_zero = arith.cmpf oeq, %a, %null : f64
  %log_zero = arith.select %a_zero, %minus_inf64, %log_norm : f64
  %a_finite = arith.cmpf olt, %a, %inf64 : f64
  %log = arith.select %a_finite, %log_zero, %a : f64
  %y_w = arith.extf %y : f32 to f64
  %product = arith.mulf %y_w, %log : f64
  // |x| = 1: the result is 1 even for infinite y, but NaN stays NaN.
  %log_none = arith.cmpf oeq, %log, %null : f64
  %y_nan = arith.cmpf uno, %y, %y : f32
  %y_num = arith.xori %y_nan, %true : i1
  %even_out = arith.andi %log_none, %y_num : i1
  %t_raw = arith.select %even_out, %null, %product : f64
  // Clamped: beyond these bounds the result is 0 or infinity anyway. NaN passes.
  %low = arith.cmpf olt, %t_raw, %f_minus_160 : f64
  %t_low = arith.select %low, %f_minus_160, %t_raw : f64
  %high = arith.cmpf ogt, %t_low, %f160 : f64
  %t = arith.select %high, %f160, %t_low : f64
  // t = n + r: adding 1.5 * 2^52 leaves n in the low bits of the sum.
  %biased = arith.addf %t, %magic64 : f64
  %n = arith.subf %biased, %magic64 : f64
  %r = arith.subf %t, %n : f64
  %r2 = arith.mulf %r, %r : f64
  %p_4 = math.fma %c5, %r, %c4 : f64
  %p_3 = math.fma %p_4, %r, %c3 : f64
  %p_2 = math.fma %p_3, %r, %c2 : f64
  %p_1 = math.fma %p_2, %r, %c1 : f64
  %p = math.fma %p_1, %r, %c0 : f64
  %q_lin = math.fma %r, %ln2, %one : f64
  %q = math.fma %r2, %p, %q_lin : f64
  %ib = arith.bitcast %biased : f64 to i64
  %n_biased = arith.addi %ib, %int1023 : i64
  %scale_bits = arith.shli %n_biased, %int52 : i64
  %scale = arith.bitcast %scale_bits : i64 to f64
  %power_w = arith.mulf %q, %scale : f64
  %power = arith.truncf %power_w : f64 to f32
  // Signs: a negative x requires an integral y; if y is odd, the result is negative.
  %y_floor = math.floor %y : f32
  %y_whole = arith.cmpf oeq, %y_floor, %y : f32
  %y_half = arith.mulf %y, %one_half : f32
  %y_half_floor = math.floor %y_half : f32
  %y_halves = arith.cmpf oeq, %y_half_floor, %y_half : f32
  %y_not_even = arith.xori %y_halves, %true : i1
  %y_odd = arith.andi %y_whole, %y_not_even : i1
  %x_bits = arith.bitcast %x : f32 to i32
  %x_minus = arith.cmpi slt, %x_bits, %int0 : i32
  %minus = arith.andi %x_minus, %y_odd : i1
  %mag_neg = arith.negf %power : f32
  %signed = arith.select %minus, %mag_neg, %power : f32
  %x_below = arith.cmpf olt, %x, %f0 : f32
  %x_inside = arith.cmpf olt, %x_mag, %inf : f32
  %y_broken = arith.xori %y_whole, %true : i1
  %bad_1 = arith.andi %x_below, %x_inside : i1
  %bad = arith.andi %bad_1, %y_broken : i1
  %valid = arith.select %bad, %qnan, %signed : f32
  // x^0 = 1^y = 1, also for NaN.
  %x_one = arith.cmpf oeq, %x, %one_c : f32
  %y_zero = arith.cmpf oeq, %y, %f0 : f32
  %unit = arith.ori %x_one, %y_zero : i1
  %res = arith.select %unit, %one_c, %valid : f32
  return %res : f32
}
