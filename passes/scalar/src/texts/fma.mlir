// Fused multiply-adds, for types and targets without an instruction.

// a + b, rounded to odd: if the sum is inexact and its last bit is 0, it moves to the odd neighbor in the direction of
// the rounding error. A second rounding, to a precision lower by at least two bits, then equals a single rounding.
func.func private @dp_add_to_odd_f64(%a: f64, %b: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %int0 = arith.constant 0 : i64
  %int1 = arith.constant 1 : i64
  %int_1 = arith.constant -1 : i64
  %zero = arith.constant 0.0 : f64
  %s = arith.addf %a, %b : f64
  %s_b = arith.subf %s, %a : f64
  %s_a = arith.subf %s, %s_b : f64
  %s_ea = arith.subf %a, %s_a : f64
  %s_eb = arith.subf %b, %s_b : f64
  %rest = arith.addf %s_ea, %s_eb : f64
  // For infinities and NaN, the rounding error is NaN, and both comparisons are false.
  %below = arith.cmpf olt, %rest, %zero : f64
  %above = arith.cmpf ogt, %rest, %zero : f64
  %negative = arith.cmpf olt, %s, %zero : f64
  %up = arith.select %negative, %int_1, %int1 : i64
  %down = arith.select %negative, %int1, %int_1 : i64
  %step_up = arith.select %above, %up, %int0 : i64
  %step = arith.select %below, %down, %step_up : i64
  %s_bits = arith.bitcast %s : f64 to i64
  %last = arith.andi %s_bits, %int1 : i64
  %is_odd = arith.cmpi ne, %last, %int0 : i64
  %moved = arith.addi %s_bits, %step : i64
  %chosen = arith.select %is_odd, %s_bits, %moved : i64
  %y = arith.bitcast %chosen : i64 to f64
  return %y : f64
}

// a b + c, rounded to odd, for operands of a narrower type, whose product is exact.
func.func private @dp_fma_to_odd_f64(%a: f64, %b: f64, %c: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %p = arith.mulf %a, %b : f64
  %y = func.call @dp_add_to_odd_f64(%p, %c) : (f64, f64) -> f64
  return %y : f64
}

// a b + c in f32 with one rounding.
func.func private @dp_fma_f32(%a: f32, %b: f32, %c: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %a_wide = arith.extf %a : f32 to f64
  %b_wide = arith.extf %b : f32 to f64
  %c_wide = arith.extf %c : f32 to f64
  %wide = func.call @dp_fma_to_odd_f64(%a_wide, %b_wide, %c_wide) : (f64, f64, f64) -> f64
  %res = arith.truncf %wide : f64 to f32
  return %res : f32
}

// a b + c in f64 with one rounding, for targets without an fma instruction, by the algorithm of Boldo and Melquiond.
//
// The factors of every product have so few bits that it is exact, so contraction by a compiler does not change the
// result.
func.func private @dp_fma_f64(%a: f64, %b: f64, %c: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %min_normal = arith.constant 2.2250738585072014e-308 : f64
  %up = arith.constant 1.8014398509481984e+16 : f64
  %sh = arith.constant 52 : i64
  %exponent_mask = arith.constant 2047 : i64
  %bias = arith.constant 1023 : i64
  %bias_small = arith.constant 1077 : i64
  %keep = arith.constant -9218868437227405313 : i64
  %one_bits = arith.constant 0x3ff0000000000000 : i64
  %half_unit = arith.constant 0x4000000 : i64
  %half_mask = arith.constant -134217728 : i64
  %far = arith.constant 120 : i64
  %minus_far = arith.constant -120 : i64
  %none = arith.constant -10000 : i64
  %lowest = arith.constant -1300 : i64
  %int1 = arith.constant 1 : i64
  %least_normal = arith.constant -1022 : i64
  %infinity = arith.constant 0x7FF0000000000000 : f64
  %zero = arith.constant 0.0 : f64
  // Each number is 2^e m, with |m| in [1, 2).
  %a_mag = math.absf %a : f64
  %a_small = arith.cmpf olt, %a_mag, %min_normal : f64
  %a_up = arith.mulf %a, %up : f64
  %a_n = arith.select %a_small, %a_up, %a : f64
  %a_bits = arith.bitcast %a_n : f64 to i64
  %a_field = arith.shrui %a_bits, %sh : i64
  %a_biased = arith.andi %a_field, %exponent_mask : i64
  %a_less = arith.select %a_small, %bias_small, %bias : i64
  %a_e = arith.subi %a_biased, %a_less : i64
  %a_kept = arith.andi %a_bits, %keep : i64
  %a_one = arith.ori %a_kept, %one_bits : i64
  %a_m = arith.bitcast %a_one : i64 to f64
  %b_mag = math.absf %b : f64
  %b_small = arith.cmpf olt, %b_mag, %min_normal : f64
  %b_up = arith.mulf %b, %up : f64
  %b_n = arith.select %b_small, %b_up, %b : f64
  %b_bits = arith.bitcast %b_n : f64 to i64
  %b_field = arith.shrui %b_bits, %sh : i64
  %b_biased = arith.andi %b_field, %exponent_mask : i64
  %b_less = arith.select %b_small, %bias_small, %bias : i64
  %b_e = arith.subi %b_biased, %b_less : i64
  %b_kept = arith.andi %b_bits, %keep : i64
  %b_one = arith.ori %b_kept, %one_bits : i64
  %b_m = arith.bitcast %b_one : i64 to f64
  %c_mag = math.absf %c : f64
  %c_small = arith.cmpf olt, %c_mag, %min_normal : f64
  %c_up = arith.mulf %c, %up : f64
  %c_n = arith.select %c_small, %c_up, %c : f64
  %c_bits = arith.bitcast %c_n : f64 to i64
  %c_field = arith.shrui %c_bits, %sh : i64
  %c_biased = arith.andi %c_field, %exponent_mask : i64
  %c_less = arith.select %c_small, %bias_small, %bias : i64
  %c_e = arith.subi %c_biased, %c_less : i64
  %c_kept = arith.andi %c_bits, %keep : i64
  %c_one = arith.ori %c_kept, %one_bits : i64
  %c_m = arith.bitcast %c_one : i64 to f64
  // u_h + u_l = a b: halves of 26 bits have products of 52 bits.
  %a_m_bits = arith.bitcast %a_m : f64 to i64
  %a_near = arith.addi %a_m_bits, %half_unit : i64
  %a_h_bits = arith.andi %a_near, %half_mask : i64
  %a_h = arith.bitcast %a_h_bits : i64 to f64
  %a_l = arith.subf %a_m, %a_h : f64
  %b_m_bits = arith.bitcast %b_m : f64 to i64
  %b_near = arith.addi %b_m_bits, %half_unit : i64
  %b_h_bits = arith.andi %b_near, %half_mask : i64
  %b_h = arith.bitcast %b_h_bits : i64 to f64
  %b_l = arith.subf %b_m, %b_h : f64
  %hh = arith.mulf %a_h, %b_h : f64
  %hl = arith.mulf %a_h, %b_l : f64
  %lh = arith.mulf %a_l, %b_h : f64
  %ll = arith.mulf %a_l, %b_l : f64
  %mid = arith.addf %hl, %lh : f64
  %high = arith.addf %hh, %mid : f64
  %high_rest = arith.subf %high, %hh : f64
  %high_err = arith.subf %mid, %high_rest : f64
  %low = arith.addf %high_err, %ll : f64
  %u_h = arith.addf %high, %low : f64
  %u_rest = arith.subf %u_h, %high : f64
  %u_l = arith.subf %low, %u_rest : f64
  // c scaled by 2^d relative to the product. If they differ by more than 120 binary digits, the smaller one only
  // determines the direction of rounding, so d is clamped.
  %e = arith.addi %a_e, %b_e : i64
  %c_zero = arith.cmpf oeq, %c, %zero : f64
  %c_exp = arith.select %c_zero, %none, %c_e : i64
  %d = arith.subi %c_exp, %e : i64
  %d_large = arith.cmpi sgt, %d, %far : i64
  %d_small = arith.cmpi slt, %d, %minus_far : i64
  %d_low = arith.select %d_small, %minus_far, %d : i64
  %d_clamped = arith.select %d_large, %far, %d_low : i64
  %c_scale_biased = arith.addi %d_clamped, %bias : i64
  %c_scale_bits = arith.shli %c_scale_biased, %sh : i64
  %c_scale = arith.bitcast %c_scale_bits : i64 to f64
  %c_beside = arith.mulf %c_m, %c_scale : f64
  %c_part = arith.select %c_zero, %zero, %c_beside : f64
  %e_of_c = arith.subi %c_exp, %far : i64
  %e_sum = arith.select %d_large, %e_of_c, %e : i64
  %below = arith.cmpi slt, %e_sum, %lowest : i64
  %s = arith.select %below, %lowest, %e_sum : i64
  // The sum is v_h + z, with z rounded to odd.
  %t_h = arith.addf %c_part, %u_l : f64
  %t_h_b = arith.subf %t_h, %c_part : f64
  %t_h_a = arith.subf %t_h, %t_h_b : f64
  %t_h_ea = arith.subf %c_part, %t_h_a : f64
  %t_h_eb = arith.subf %u_l, %t_h_b : f64
  %t_l = arith.addf %t_h_ea, %t_h_eb : f64
  %v_h = arith.addf %u_h, %t_h : f64
  %v_h_b = arith.subf %v_h, %u_h : f64
  %v_h_a = arith.subf %v_h, %v_h_b : f64
  %v_h_ea = arith.subf %u_h, %v_h_a : f64
  %v_h_eb = arith.subf %t_h, %v_h_b : f64
  %v_l = arith.addf %v_h_ea, %v_h_eb : f64
  %z = func.call @dp_add_to_odd_f64(%t_l, %v_l) : (f64, f64) -> f64
  %near = arith.addf %v_h, %z : f64
  // A subnormal result has fewer digits: adding 2^(-1022 - s) rounds the sum to a multiple of 2^(-1074 - s).
  %to_normal = arith.subi %least_normal, %s : i64
  %capped = arith.cmpi sgt, %to_normal, %bias : i64
  %to_normal_c = arith.select %capped, %bias, %to_normal : i64
  %under = arith.cmpi slt, %to_normal_c, %least_normal : i64
  %to_normal_u = arith.select %under, %least_normal, %to_normal_c : i64
  %limit_biased = arith.addi %to_normal_u, %bias : i64
  %limit_bits = arith.shli %limit_biased, %sh : i64
  %limit = arith.bitcast %limit_bits : i64 to f64
  %v_mag = math.absf %v_h : f64
  %gradual = arith.cmpf olt, %v_mag, %limit : f64
  %k_raw = math.copysign %limit, %v_h : f64
  %k = arith.select %gradual, %k_raw, %zero : f64
  %w_h = arith.addf %k, %v_h : f64
  %w_h_b = arith.subf %w_h, %k : f64
  %w_h_a = arith.subf %w_h, %w_h_b : f64
  %w_h_ea = arith.subf %k, %w_h_a : f64
  %w_h_eb = arith.subf %v_h, %w_h_b : f64
  %w_l = arith.addf %w_h_ea, %w_h_eb : f64
  %rest = func.call @dp_add_to_odd_f64(%w_l, %z) : (f64, f64) -> f64
  %rounded = arith.addf %w_h, %rest : f64
  %r = arith.subf %rounded, %k : f64
  // 2^s in two factors.
  %half = arith.shrsi %s, %int1 : i64
  %other = arith.subi %s, %half : i64
  %half_scale_biased = arith.addi %half, %bias : i64
  %half_scale_bits = arith.shli %half_scale_biased, %sh : i64
  %half_scale = arith.bitcast %half_scale_bits : i64 to f64
  %other_scale_biased = arith.addi %other, %bias : i64
  %other_scale_bits = arith.shli %other_scale_biased, %sh : i64
  %other_scale = arith.bitcast %other_scale_bits : i64 to f64
  %r_half = arith.mulf %r, %half_scale : f64
  %r_whole = arith.mulf %r_half, %other_scale : f64
  %fused = math.copysign %r_whole, %near : f64
  // If a factor is 0, infinite or NaN, the unfused operations give the result. If only c is not finite, the result is c.
  %product = arith.mulf %a, %b : f64
  %plain = arith.addf %product, %c : f64
  %a_finite = arith.cmpf olt, %a_mag, %infinity : f64
  %b_finite = arith.cmpf olt, %b_mag, %infinity : f64
  %c_finite = arith.cmpf olt, %c_mag, %infinity : f64
  %a_nonzero = arith.cmpf ogt, %a_mag, %zero : f64
  %b_nonzero = arith.cmpf ogt, %b_mag, %zero : f64
  %finite = arith.andi %a_finite, %b_finite : i1
  %nonzero = arith.andi %a_nonzero, %b_nonzero : i1
  %usual = arith.andi %finite, %nonzero : i1
  %sum = arith.select %c_finite, %fused, %c : f64
  %y = arith.select %usual, %sum, %plain : f64
  return %y : f64
}
