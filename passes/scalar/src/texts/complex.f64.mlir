// Elementary functions of complex<f64> numbers x + iy, on their principal branches, without branches in the code.
//
// Each component of a result is a product of accurate factors or a sum of terms of one sign, so nothing cancels, and each
// component is accurate to a few ulps. Where cancellation is unavoidable, in logarithms near |z| = 1, the sum is computed
// in double-double precision.

func.func private @dp_atan2_f64(f64, f64) -> f64
func.func private @dp_cos_f64(f64) -> f64
func.func private @dp_exp_f64(f64) -> f64
func.func private @dp_expm1_f64(f64) -> f64
func.func private @dp_log_f64(f64) -> f64
func.func private @dp_log1p_f64(f64) -> f64
func.func private @dp_sin_f64(f64) -> f64

// A power of two r such that the squares of r^2 x and r^2 y neither overflow nor underflow; m = max(|x|, |y|). It is 1
// unless m is extreme.
func.func private @dp_scale_c64(%m: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %huge = arith.constant 0x5F30000000000000 : f64 // 2^500
  %tiny = arith.constant 0x20B0000000000000 : f64 // 2^-500
  %down = arith.constant 0x2D30000000000000 : f64 // 2^-300
  %up = arith.constant 0x52B0000000000000 : f64 // 2^300
  %is_huge = arith.cmpf ogt, %m, %huge : f64
  %is_tiny = arith.cmpf olt, %m, %tiny : f64
  %less = arith.select %is_tiny, %up, %one : f64
  %r = arith.select %is_huge, %down, %less : f64
  return %r : f64
}

// max(|x|, |y|), infinite if either is, even if the other is NaN.
func.func private @dp_greater_c64(%x: f64, %y: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x_mag = math.absf %x : f64
  %y_mag = math.absf %y : f64
  %first = arith.cmpf ogt, %x_mag, %y_mag : f64
  %nan = arith.cmpf uno, %y_mag, %y_mag : f64
  %take = arith.ori %first, %nan : i1
  %m = arith.select %take, %x_mag, %y_mag : f64
  return %m : f64
}

// |x + iy|, infinite if a component is, even if the other is NaN.
func.func private @dp_hypot_c64(%x: f64, %y: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %m = func.call @dp_greater_c64(%x, %y) : (f64, f64) -> f64
  %r = func.call @dp_scale_c64(%m) : (f64) -> f64
  %r2 = arith.mulf %r, %r : f64
  %a = arith.mulf %x, %r2 : f64
  %b = arith.mulf %y, %r2 : f64
  %b2 = arith.mulf %b, %b : f64
  %n = math.fma %a, %a, %b2 : f64
  %root = math.sqrt %n : f64
  %back = arith.divf %one, %r : f64
  %h1 = arith.mulf %root, %back : f64
  %h2 = arith.mulf %h1, %back : f64
  %infinite = arith.cmpf oeq, %m, %inf : f64
  %h = arith.select %infinite, %inf, %h2 : f64
  return %h : f64
}

// a + b and its rounding error.
func.func private @dp_two_sum_c64(%a: f64, %b: f64) -> (f64, f64)
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %s = arith.addf %a, %b : f64
  %b_part = arith.subf %s, %a : f64
  %a_part = arith.subf %s, %b_part : f64
  %b_err = arith.subf %b, %b_part : f64
  %a_err = arith.subf %a, %a_part : f64
  %e = arith.addf %a_err, %b_err : f64
  return %s, %e : f64, f64
}

// p + a^2 + b^2, with double-double intermediate results.
func.func private @dp_add_squares_c64(%p: f64, %a: f64, %b: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %a2 = arith.mulf %a, %a : f64
  %a2_neg = arith.negf %a2 : f64
  %a2_lo = math.fma %a, %a, %a2_neg : f64
  %b2 = arith.mulf %b, %b : f64
  %b2_neg = arith.negf %b2 : f64
  %b2_lo = math.fma %b, %b, %b2_neg : f64
  %s, %s_lo = func.call @dp_two_sum_c64(%p, %a2) : (f64, f64) -> (f64, f64)
  %t, %t_lo = func.call @dp_two_sum_c64(%s, %b2) : (f64, f64) -> (f64, f64)
  %lo, %lo_err = func.call @dp_two_sum_c64(%a2_lo, %b2_lo) : (f64, f64) -> (f64, f64)
  %lo_1 = arith.addf %s_lo, %t_lo : f64
  %lo_2 = arith.addf %lo_1, %lo : f64
  %y_1 = arith.addf %t, %lo_2 : f64
  %y = arith.addf %y_1, %lo_err : f64
  return %y : f64
}

// c e^x, where e^x alone may overflow or underflow; c if c is 0. For |x| > 700, e^x is the product of e^(x - s) and e^s
// with s = 700 or -700.
func.func private @dp_grow_c64(%c: f64, %x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %bound = arith.constant 700.0 : f64
  %minus_bound = arith.constant -700.0 : f64
  %great = arith.constant 1.0142320547350045e+304 : f64
  %small = arith.constant 9.85967654375977e-305 : f64
  %is_great = arith.cmpf ogt, %x, %bound : f64
  %is_small = arith.cmpf olt, %x, %minus_bound : f64
  %shift_1 = arith.select %is_great, %bound, %zero : f64
  %shift = arith.select %is_small, %minus_bound, %shift_1 : f64
  %factor_1 = arith.select %is_great, %great, %one : f64
  %factor = arith.select %is_small, %small, %factor_1 : f64
  %rest = arith.subf %x, %shift : f64
  %e = func.call @dp_exp_f64(%rest) : (f64) -> f64
  %y_1 = arith.mulf %c, %e : f64
  %y_2 = arith.mulf %y_1, %factor : f64
  %is_zero = arith.cmpf oeq, %c, %zero : f64
  %y = arith.select %is_zero, %c, %y_2 : f64
  return %y : f64
}

// sinh x and cosh x for |x| <= 22, with e = e^|x| - 1: (e + e/(e+1)) / 2 and 1 + e^2 / 2(e+1).
func.func private @dp_sinh_cosh_c64(%x: f64) -> (f64, f64)
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %half = arith.constant 0.5 : f64
  %mag = math.absf %x : f64
  %e = func.call @dp_expm1_f64(%mag) : (f64) -> f64
  %e1 = arith.addf %e, %one : f64
  %q = arith.divf %e, %e1 : f64
  %sum = arith.addf %e, %q : f64
  %s_mag = arith.mulf %sum, %half : f64
  %s = math.copysign %s_mag, %x : f64
  %half_e = arith.mulf %e, %half : f64
  %c_less = arith.mulf %half_e, %q : f64
  %c = arith.addf %one, %c_less : f64
  return %s, %c : f64, f64
}

// p cosh x and q sinh x, without intermediate overflow; 0 if the factor p or q is 0.
func.func private @dp_hyperbolic_c64(%p: f64, %q: f64, %x: f64) -> (f64, f64)
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %limit = arith.constant 22.0 : f64
  %half = arith.constant 0.5 : f64
  %one = arith.constant 1.0 : f64
  %mag = math.absf %x : f64
  %is_near = arith.cmpf ole, %mag, %limit : f64
  %near = arith.select %is_near, %x, %limit : f64
  %sinh, %cosh = func.call @dp_sinh_cosh_c64(%near) : (f64) -> (f64, f64)
  %c_near = arith.mulf %p, %cosh : f64
  %s_near = arith.mulf %q, %sinh : f64
  %p_half = arith.mulf %p, %half : f64
  %q_half = arith.mulf %q, %half : f64
  %unit = math.copysign %one, %x : f64
  %q_signed = arith.mulf %q_half, %unit : f64
  %c_far = func.call @dp_grow_c64(%p_half, %mag) : (f64, f64) -> f64
  %s_far = func.call @dp_grow_c64(%q_signed, %mag) : (f64, f64) -> f64
  %c = arith.select %is_near, %c_near, %c_far : f64
  %s = arith.select %is_near, %s_near, %s_far : f64
  return %c, %s : f64, f64
}

// The scaling of a number whose larger component has the magnitude m: two powers of two, to be multiplied one after the
// other, which move it to [2^510, 2^511), and the exponent of m. The scaled number has no square that overflows, and
// its smaller component underflows only if its contribution to the result does.
func.func private @dp_normalize_c64(%m: f64) -> (f64, f64, i64)
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %tiny = arith.constant 0x20B0000000000000 : f64 // 2^-500
  %great = arith.constant 0x6570000000000000 : f64 // 2^600
  %int0 = arith.constant 0 : i64
  %lift = arith.constant 600 : i64
  %least = arith.constant -500 : i64
  %target = arith.constant 510 : i64
  %sh = arith.constant 52 : i64
  %bias = arith.constant 1023 : i64
  %is_tiny = arith.cmpf olt, %m, %tiny : f64
  %first = arith.select %is_tiny, %great, %one : f64
  %lifted = arith.select %is_tiny, %lift, %int0 : i64
  %m_1 = arith.mulf %m, %first : f64
  %bits = arith.bitcast %m_1 : f64 to i64
  %field = arith.shrsi %bits, %sh : i64
  %k_1 = arith.subi %field, %bias : i64
  %k = arith.maxsi %k_1, %least : i64
  %down = arith.subi %target, %k : i64
  %second = func.call @dp_power_of_two_c64(%down) : (i64) -> f64
  %exp = arith.subi %k, %lifted : i64
  return %first, %second, %exp : f64, f64, i64
}

// 2^k for k from -1022 to 1023.
func.func private @dp_power_of_two_c64(%k: i64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %sh = arith.constant 52 : i64
  %bias = arith.constant 1023 : i64
  %field = arith.addi %k, %bias : i64
  %bits = arith.shli %field, %sh : i64
  %y = arith.bitcast %bits : i64 to f64
  return %y : f64
}

// Adds its rounding error to a sum. An error that is not finite is ignored, and so is 0, which could change the sign of
// a zero sum.
func.func private @dp_with_rest_c64(%sum: f64, %rest: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %mag = math.absf %rest : f64
  %finite = arith.cmpf olt, %mag, %inf : f64
  %some = arith.cmpf ogt, %mag, %zero : f64
  %counts = arith.andi %finite, %some : i1
  %whole = arith.addf %sum, %rest : f64
  %y = arith.select %counts, %whole, %sum : f64
  return %y : f64
}

// 1 for an infinite component and 0 for others, with the same sign.
func.func private @dp_unit_c64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %mag = math.absf %x : f64
  %is_inf = arith.cmpf oeq, %mag, %inf : f64
  %size = arith.select %is_inf, %one, %zero : f64
  %y = math.copysign %size, %x : f64
  return %y : f64
}

// Whether both components are finite.
func.func private @dp_both_finite_c64(%x: f64, %y: f64) -> i1
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %inf = arith.constant 0x7FF0000000000000 : f64
  %x_mag = math.absf %x : f64
  %y_mag = math.absf %y : f64
  %x_fin = arith.cmpf olt, %x_mag, %inf : f64
  %y_fin = arith.cmpf olt, %y_mag, %inf : f64
  %both = arith.andi %x_fin, %y_fin : i1
  return %both : i1
}

// a / b = a b* / |b|^2, with a and b scaled, and Kahan's correction of the sums of products. If b is real or imaginary,
// both components of a are divided by b's nonzero component. Otherwise, as in C's annex G, infinite over finite is
// infinite and finite over infinite is 0; the signs are those of the products with 1 for infinite components and 0 for
// others. The same steps as `div` in dp_semantics, with the same bits.
func.func private @dp_div_c64(%a: complex<f64>, %b: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %int0 = arith.constant 0 : i64
  %int1 = arith.constant 1 : i64
  %target = arith.constant 510 : i64
  %least = arith.constant -2044 : i64
  %down = arith.constant 0x2010000000000000 : f64 // 2^-510
  %true = arith.constant true
  %zero = arith.constant 0.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %p_in = complex.re %a : complex<f64>
  %q_in = complex.im %a : complex<f64>
  %r_in = complex.re %b : complex<f64>
  %s_in = complex.im %b : complex<f64>
  %a_max = func.call @dp_greater_c64(%p_in, %q_in) : (f64, f64) -> f64
  %b_max = func.call @dp_greater_c64(%r_in, %s_in) : (f64, f64) -> f64
  %a_1, %a_2, %a_exp = func.call @dp_normalize_c64(%a_max) : (f64) -> (f64, f64, i64)
  %b_1, %b_2, %b_exp = func.call @dp_normalize_c64(%b_max) : (f64) -> (f64, f64, i64)
  %p_1 = arith.mulf %p_in, %a_1 : f64
  %q_1 = arith.mulf %q_in, %a_1 : f64
  %r_1 = arith.mulf %r_in, %b_1 : f64
  %s_1 = arith.mulf %s_in, %b_1 : f64
  %p = arith.mulf %p_1, %a_2 : f64
  %q = arith.mulf %q_1, %a_2 : f64
  %r = arith.mulf %r_1, %b_2 : f64
  %s = arith.mulf %s_1, %b_2 : f64
  // |b|^2, scaled so that quotients by it do not overflow, and underflow only if the result does.
  %s2 = arith.mulf %s, %s : f64
  %n_1 = math.fma %r, %r, %s2 : f64
  %n = arith.mulf %n_1, %down : f64
  // pr + qs and qr - ps, each corrected by the rounding error of one product.
  %qs = arith.mulf %q, %s : f64
  %qs_neg = arith.negf %qs : f64
  %qs_lo = math.fma %q, %s, %qs_neg : f64
  %re_hi = math.fma %p, %r, %qs : f64
  %re_sum = func.call @dp_with_rest_c64(%re_hi, %qs_lo) : (f64, f64) -> f64
  %ps = arith.mulf %p, %s : f64
  %ps_neg = arith.negf %ps : f64
  %ps_lo = math.fma %p, %s, %ps_neg : f64
  %ps_lo_neg = arith.negf %ps_lo : f64
  %im_hi = math.fma %q, %r, %ps_neg : f64
  %im_sum = func.call @dp_with_rest_c64(%im_hi, %ps_lo_neg) : (f64, f64) -> f64
  // The dividends: the unscaled components of a if b is real or imaginary.
  %is_real = arith.cmpf oeq, %s_in, %zero : f64
  %is_imaginary = arith.cmpf oeq, %r_in, %zero : f64
  %has_one = arith.ori %is_real, %is_imaginary : i1
  %p_neg = arith.negf %p_in : f64
  %re_top_1 = arith.select %is_imaginary, %q_in, %re_sum : f64
  %im_top_1 = arith.select %is_imaginary, %p_neg, %im_sum : f64
  %by_1 = arith.select %is_imaginary, %s_in, %n : f64
  %re_top = arith.select %is_real, %p_in, %re_top_1 : f64
  %im_top = arith.select %is_real, %q_in, %im_top_1 : f64
  %by = arith.select %is_real, %r_in, %by_1 : f64
  %re_quot = arith.divf %re_top, %by : f64
  %im_quot = arith.divf %im_top, %by : f64
  // Undoes the scaling in two steps, since the power of two may exceed the range of f64.
  %exp_1 = arith.subi %a_exp, %b_exp : i64
  %exp_2 = arith.subi %exp_1, %target : i64
  %exp_3 = arith.maxsi %exp_2, %least : i64
  %exp = arith.select %has_one, %int0, %exp_3 : i64
  %half_exp = arith.shrsi %exp, %int1 : i64
  %rest_exp = arith.subi %exp, %half_exp : i64
  %half_scale = func.call @dp_power_of_two_c64(%half_exp) : (i64) -> f64
  %rest_scale = func.call @dp_power_of_two_c64(%rest_exp) : (i64) -> f64
  %re_back = arith.mulf %re_quot, %half_scale : f64
  %im_back = arith.mulf %im_quot, %half_scale : f64
  %re_1 = arith.mulf %re_back, %rest_scale : f64
  %im_1 = arith.mulf %im_back, %rest_scale : f64
  // Infinite over finite, or finite over infinite, unless b is real or imaginary: infinite components become 1, others
  // 0. Unscaled components of b, since scaled ones may be 0.
  %a_inf = arith.cmpf oeq, %a_max, %inf : f64
  %b_inf = arith.cmpf oeq, %b_max, %inf : f64
  %a_fin = func.call @dp_both_finite_c64(%p_in, %q_in) : (f64, f64) -> i1
  %b_fin = func.call @dp_both_finite_c64(%r_in, %s_in) : (f64, f64) -> i1
  %grows = arith.andi %a_inf, %b_fin : i1
  %vanishes = arith.andi %b_inf, %a_fin : i1
  %p_unit = func.call @dp_unit_c64(%p_in) : (f64) -> f64
  %q_unit = func.call @dp_unit_c64(%q_in) : (f64) -> f64
  %r_unit = func.call @dp_unit_c64(%r_in) : (f64) -> f64
  %s_unit = func.call @dp_unit_c64(%s_in) : (f64) -> f64
  %p_end = arith.select %grows, %p_unit, %p : f64
  %q_end = arith.select %grows, %q_unit, %q : f64
  %r_end = arith.select %grows, %r_in, %r_unit : f64
  %s_end = arith.select %grows, %s_in, %s_unit : f64
  %end = arith.select %grows, %inf, %zero : f64
  %pr_end = arith.mulf %p_end, %r_end : f64
  %ps_end = arith.mulf %p_end, %s_end : f64
  %ps_end_neg = arith.negf %ps_end : f64
  %re_end_1 = math.fma %q_end, %s_end, %pr_end : f64
  %im_end_1 = math.fma %q_end, %r_end, %ps_end_neg : f64
  %re_end = arith.mulf %re_end_1, %end : f64
  %im_end = arith.mulf %im_end_1, %end : f64
  %has_two = arith.xori %has_one, %true : i1
  %ends_1 = arith.ori %grows, %vanishes : i1
  %ends = arith.andi %ends_1, %has_two : i1
  %re = arith.select %ends, %re_end, %re_1 : f64
  %im = arith.select %ends, %im_end, %im_1 : f64
  %y = complex.create %re, %im : complex<f64>
  return %y : complex<f64>
}

// e^x (cos y + i sin y). The result is real if z is. For x = -inf it is 0, and for x = inf its real part is infinite,
// for every y.
func.func private @dp_exp_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %minus_inf = arith.constant 0xFFF0000000000000 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %cos = func.call @dp_cos_f64(%y) : (f64) -> f64
  %sin = func.call @dp_sin_f64(%y) : (f64) -> f64
  %y_mag = math.absf %y : f64
  %turns = arith.cmpf olt, %y_mag, %inf : f64
  %vanishes = arith.cmpf oeq, %x, %minus_inf : f64
  %diverges = arith.cmpf oeq, %x, %inf : f64
  %ends = arith.ori %vanishes, %diverges : i1
  // If e^x is 0 or infinite and y is not finite, the cosine is 1 and the sine is 0.
  %cos_1 = arith.select %turns, %cos, %one : f64
  %sin_1 = arith.select %turns, %sin, %zero : f64
  %cos_2 = arith.select %ends, %cos_1, %cos : f64
  %sin_2 = arith.select %vanishes, %sin_1, %sin : f64
  %re = func.call @dp_grow_c64(%cos_2, %x) : (f64, f64) -> f64
  %im_1 = func.call @dp_grow_c64(%sin_2, %x) : (f64, f64) -> f64
  %real = arith.cmpf oeq, %y, %zero : f64
  %im = arith.select %real, %y, %im_1 : f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// e^z - 1, with real part (e^x - 1) cos y - 2 sin^2 (y/2). For large x it is e^x cos y.
func.func private @dp_expm1_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %half = arith.constant 0.5 : f64
  %minus_two = arith.constant -2.0 : f64
  %one = arith.constant 1.0 : f64
  %far = arith.constant 40.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %e = func.call @dp_exp_c64(%z) : (complex<f64>) -> complex<f64>
  %e_re = complex.re %e : complex<f64>
  %im = complex.im %e : complex<f64>
  %y_half = arith.mulf %y, %half : f64
  %sin = func.call @dp_sin_f64(%y_half) : (f64) -> f64
  %cos = func.call @dp_cos_f64(%y) : (f64) -> f64
  %grown = func.call @dp_expm1_f64(%x) : (f64) -> f64
  %turned = arith.mulf %grown, %cos : f64
  %twice = arith.mulf %sin, %minus_two : f64
  %re_near = math.fma %twice, %sin, %turned : f64
  %re_far = arith.subf %e_re, %one : f64
  %m = func.call @dp_greater_c64(%x, %y) : (f64, f64) -> f64
  %finite = arith.cmpf olt, %m, %inf : f64
  %left = arith.cmpf olt, %x, %far : f64
  %is_near = arith.andi %finite, %left : i1
  %re = arith.select %is_near, %re_near, %re_far : f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// ln |z| + i arg z. Near the unit circle ln |z| is ln(1 + (x^2 + y^2 - 1)) / 2.
func.func private @dp_log_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %half = arith.constant 0.5 : f64
  %minus_half = arith.constant -0.5 : f64
  %minus_one = arith.constant -1.0 : f64
  %one = arith.constant 1.0 : f64
  %two = arith.constant 2.0 : f64
  %zero = arith.constant 0.0 : f64
  %log_up = arith.constant 415.88830833596717 : f64 // 600 ln 2
  %inf = arith.constant 0x7FF0000000000000 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %m = func.call @dp_greater_c64(%x, %y) : (f64, f64) -> f64
  %r = func.call @dp_scale_c64(%m) : (f64) -> f64
  %r2 = arith.mulf %r, %r : f64
  %a = arith.mulf %x, %r2 : f64
  %b = arith.mulf %y, %r2 : f64
  %b2 = arith.mulf %b, %b : f64
  %n = math.fma %a, %a, %b2 : f64
  %log_n = func.call @dp_log_f64(%n) : (f64) -> f64
  %log_half = arith.mulf %log_n, %half : f64
  %is_down = arith.cmpf olt, %r, %one : f64
  %is_up = arith.cmpf ogt, %r, %one : f64
  %log_down = arith.negf %log_up : f64
  %shift_1 = arith.select %is_down, %log_up, %zero : f64
  %shift = arith.select %is_up, %log_down, %shift_1 : f64
  %re_far = arith.addf %log_half, %shift : f64
  // The larger square first: its difference from 1 is exact.
  %y_mag = math.absf %y : f64
  %steep = arith.cmpf oeq, %y_mag, %m : f64
  %greater = arith.select %steep, %y, %x : f64
  %lesser = arith.select %steep, %x, %y : f64
  %beyond = func.call @dp_add_squares_c64(%minus_one, %greater, %lesser) : (f64, f64, f64) -> f64
  %log_near = func.call @dp_log1p_f64(%beyond) : (f64) -> f64
  %re_near = arith.mulf %log_near, %half : f64
  %above = arith.cmpf ogt, %beyond, %minus_half : f64
  %below = arith.cmpf olt, %beyond, %two : f64
  %is_near = arith.andi %above, %below : i1
  %re_1 = arith.select %is_near, %re_near, %re_far : f64
  %infinite = arith.cmpf oeq, %m, %inf : f64
  %re = arith.select %infinite, %inf, %re_1 : f64
  %im = func.call @dp_atan2_f64(%y, %x) : (f64, f64) -> f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// ln(1 + z). Where |1 + z|^2 is near 1, the real part is ln(1 + (2x + x^2 + y^2)) / 2.
func.func private @dp_log1p_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %half = arith.constant 0.5 : f64
  %minus_half = arith.constant -0.5 : f64
  %one = arith.constant 1.0 : f64
  %two = arith.constant 2.0 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %u = arith.addf %x, %one : f64
  %moved = complex.create %u, %y : complex<f64>
  %far = func.call @dp_log_c64(%moved) : (complex<f64>) -> complex<f64>
  %re_far = complex.re %far : complex<f64>
  %im = complex.im %far : complex<f64>
  %x2 = arith.addf %x, %x : f64
  %beyond = func.call @dp_add_squares_c64(%x2, %x, %y) : (f64, f64, f64) -> f64
  %log_near = func.call @dp_log1p_f64(%beyond) : (f64) -> f64
  %re_near = arith.mulf %log_near, %half : f64
  %above = arith.cmpf ogt, %beyond, %minus_half : f64
  %below = arith.cmpf olt, %beyond, %two : f64
  %is_near = arith.andi %above, %below : i1
  %re = arith.select %is_near, %re_near, %re_far : f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// The root with nonnegative real part: one component is t = sqrt((|x| + |z|) / 2), the other |y| / 2t. If y is
// infinite, the real part is infinite for every x.
func.func private @dp_sqrt_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %half = arith.constant 0.5 : f64
  %one = arith.constant 1.0 : f64
  %zero = arith.constant 0.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %m = func.call @dp_greater_c64(%x, %y) : (f64, f64) -> f64
  %r = func.call @dp_scale_c64(%m) : (f64) -> f64
  %r2 = arith.mulf %r, %r : f64
  %a = arith.mulf %x, %r2 : f64
  %b = arith.mulf %y, %r2 : f64
  %h = func.call @dp_hypot_c64(%a, %b) : (f64, f64) -> f64
  %a_mag = math.absf %a : f64
  %sum = arith.addf %a_mag, %h : f64
  %mean = arith.mulf %sum, %half : f64
  %t_scaled = math.sqrt %mean : f64
  %t = arith.divf %t_scaled, %r : f64
  %y_mag = math.absf %y : f64
  %ratio = arith.divf %y_mag, %t : f64
  %other = arith.mulf %ratio, %half : f64
  %left = arith.cmpf olt, %x, %zero : f64
  %re_1 = arith.select %left, %other, %t : f64
  %im_mag = arith.select %left, %t, %other : f64
  %im_1 = math.copysign %im_mag, %y : f64
  // 0 and an infinite imaginary part are returned unchanged. With NaN, the larger magnitude may be computed as 0.
  %y_inf = arith.cmpf oeq, %y_mag, %inf : f64
  %origin = arith.cmpf oeq, %h, %zero : f64
  %re_2 = arith.select %origin, %zero, %re_1 : f64
  %re = arith.select %y_inf, %inf, %re_2 : f64
  %kept = arith.ori %y_inf, %origin : i1
  %im = arith.select %kept, %y, %im_1 : f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// (sqrt z)* / |z|, with z scaled; infinite at 0, and 0 at infinity.
func.func private @dp_rsqrt_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %m = func.call @dp_greater_c64(%x, %y) : (f64, f64) -> f64
  %r = func.call @dp_scale_c64(%m) : (f64) -> f64
  %r2 = arith.mulf %r, %r : f64
  %a = arith.mulf %x, %r2 : f64
  %b = arith.mulf %y, %r2 : f64
  %scaled = complex.create %a, %b : complex<f64>
  %root = func.call @dp_sqrt_c64(%scaled) : (complex<f64>) -> complex<f64>
  %h = func.call @dp_hypot_c64(%a, %b) : (f64, f64) -> f64
  %p = complex.re %root : complex<f64>
  %q = complex.im %root : complex<f64>
  %q_neg = arith.negf %q : f64
  %re_quot = arith.divf %p, %h : f64
  %im_quot = arith.divf %q_neg, %h : f64
  %re_1 = arith.mulf %re_quot, %r : f64
  %im_1 = arith.mulf %im_quot, %r : f64
  %origin = arith.cmpf oeq, %h, %zero : f64
  %infinite = arith.cmpf oeq, %m, %inf : f64
  %zero_im = math.copysign %zero, %q_neg : f64
  %re_2 = arith.select %infinite, %zero, %re_1 : f64
  %im_2 = arith.select %infinite, %zero_im, %im_1 : f64
  %re = arith.select %origin, %inf, %re_2 : f64
  %im = arith.select %origin, %qnan, %im_2 : f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// sin x cosh y + i cos x sinh y.
func.func private @dp_sin_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %sin = func.call @dp_sin_f64(%x) : (f64) -> f64
  %cos = func.call @dp_cos_f64(%x) : (f64) -> f64
  %re, %im = func.call @dp_hyperbolic_c64(%sin, %cos, %y) : (f64, f64, f64) -> (f64, f64)
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// cos x cosh y - i sin x sinh y.
func.func private @dp_cos_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %sin = func.call @dp_sin_f64(%x) : (f64) -> f64
  %cos = func.call @dp_cos_f64(%x) : (f64) -> f64
  %sin_neg = arith.negf %sin : f64
  %re, %im = func.call @dp_hyperbolic_c64(%cos, %sin_neg, %y) : (f64, f64, f64) -> (f64, f64)
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// tan z = -i tanh iz.
func.func private @dp_tan_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %y_neg = arith.negf %y : f64
  %turned = complex.create %y_neg, %x : complex<f64>
  %t = func.call @dp_tanh_c64(%turned) : (complex<f64>) -> complex<f64>
  %re = complex.im %t : complex<f64>
  %t_re = complex.re %t : complex<f64>
  %im = arith.negf %t_re : f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// (sinh x cosh x + i sin y cos y) / (sinh^2 x + cos^2 y). For large |x|, the real part is 1 or -1, and the imaginary
// part is 4 sin y cos y e^(-2|x|), which is 0 if x is infinite.
func.func private @dp_tanh_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %four = arith.constant 4.0 : f64
  %minus_two = arith.constant -2.0 : f64
  %limit = arith.constant 22.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %sin = func.call @dp_sin_f64(%y) : (f64) -> f64
  %cos = func.call @dp_cos_f64(%y) : (f64) -> f64
  %turn = arith.mulf %sin, %cos : f64
  %mag = math.absf %x : f64
  %is_far = arith.cmpf ogt, %mag, %limit : f64
  %near = arith.select %is_far, %limit, %x : f64
  %sinh, %cosh = func.call @dp_sinh_cosh_c64(%near) : (f64) -> (f64, f64)
  %s2 = arith.mulf %sinh, %sinh : f64
  %den = math.fma %cos, %cos, %s2 : f64
  %prod = arith.mulf %sinh, %cosh : f64
  %re_near = arith.divf %prod, %den : f64
  %im_near = arith.divf %turn, %den : f64
  %unit = math.copysign %one, %x : f64
  %minus_twice = arith.mulf %mag, %minus_two : f64
  %e = func.call @dp_exp_f64(%minus_twice) : (f64) -> f64
  %e4 = arith.mulf %e, %four : f64
  %im_far = arith.mulf %turn, %e4 : f64
  %y_mag = math.absf %y : f64
  %turns = arith.cmpf olt, %y_mag, %inf : f64
  %im_end = arith.select %turns, %im_far, %zero : f64
  %x_inf = arith.cmpf oeq, %mag, %inf : f64
  %im_far_2 = arith.select %x_inf, %im_end, %im_far : f64
  %re = arith.select %is_far, %unit, %re_near : f64
  %im_1 = arith.select %is_far, %im_far_2, %im_near : f64
  %real = arith.cmpf oeq, %y, %zero : f64
  %im = arith.select %real, %y, %im_1 : f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// 1 / (1 + e^-z). With m = -|x|, e = e^m, c = 1 + cos y = 2 cos^2 (y/2), a = 1 + e cos y = (1 - e^m) + e c and b = e
// sin y, it is (a + i b) / (a^2 + b^2) for x >= 0. For x < 0 the numerator of the real part is e (c + e^m - 1).
func.func private @dp_logistic_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : f64
  %half = arith.constant 0.5 : f64
  %two = arith.constant 2.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %mag = math.absf %x : f64
  %m = arith.negf %mag : f64
  %e = func.call @dp_exp_f64(%m) : (f64) -> f64
  %less = func.call @dp_expm1_f64(%m) : (f64) -> f64
  %y_half = arith.mulf %y, %half : f64
  %cos = func.call @dp_cos_f64(%y_half) : (f64) -> f64
  %sin = func.call @dp_sin_f64(%y) : (f64) -> f64
  %cos2 = arith.mulf %cos, %cos : f64
  %c_1 = arith.mulf %cos2, %two : f64
  // If e^-|x| is 0 and y is not finite, the result is that for y = 0.
  %is_zero = arith.cmpf oeq, %e, %zero : f64
  %y_mag = math.absf %y : f64
  %has_angle = arith.cmpf olt, %y_mag, %inf : f64
  %c_end = arith.select %has_angle, %c_1, %two : f64
  %sin_end = arith.select %has_angle, %sin, %zero : f64
  %c = arith.select %is_zero, %c_end, %c_1 : f64
  %sin_2 = arith.select %is_zero, %sin_end, %sin : f64
  %less_neg = arith.negf %less : f64
  %a = math.fma %e, %c, %less_neg : f64
  %b = arith.mulf %e, %sin_2 : f64
  %b2 = arith.mulf %b, %b : f64
  %den = math.fma %a, %a, %b2 : f64
  %left_1 = arith.addf %c, %less : f64
  %left = arith.mulf %left_1, %e : f64
  %is_left = arith.cmpf olt, %x, %zero : f64
  %top = arith.select %is_left, %left, %a : f64
  %re = arith.divf %top, %den : f64
  %im = arith.divf %b, %den : f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

func.func private @dp_abs_c64(%z: complex<f64>) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %h = func.call @dp_hypot_c64(%x, %y) : (f64, f64) -> f64
  return %h : f64
}

// z / |z|, with z scaled; 0 at 0.
func.func private @dp_sign_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %m = func.call @dp_greater_c64(%x, %y) : (f64, f64) -> f64
  %r = func.call @dp_scale_c64(%m) : (f64) -> f64
  %r2 = arith.mulf %r, %r : f64
  %a = arith.mulf %x, %r2 : f64
  %b = arith.mulf %y, %r2 : f64
  %h = func.call @dp_hypot_c64(%a, %b) : (f64, f64) -> f64
  // Scaling up is exact, and the quotients are too large to underflow. After scaling down, one component may have
  // underflowed.
  %one = arith.constant 1.0 : f64
  %is_up = arith.cmpf oge, %r2, %one : f64
  %p = arith.select %is_up, %a, %x : f64
  %q = arith.select %is_up, %b, %y : f64
  %back = arith.select %is_up, %one, %r2 : f64
  %re_quot = arith.divf %p, %h : f64
  %im_quot = arith.divf %q, %h : f64
  %re_1 = arith.mulf %re_quot, %back : f64
  %im_1 = arith.mulf %im_quot, %back : f64
  %origin = arith.cmpf oeq, %h, %zero : f64
  %re = arith.select %origin, %x, %re_1 : f64
  %im = arith.select %origin, %y, %im_1 : f64
  %w = complex.create %re, %im : complex<f64>
  return %w : complex<f64>
}

// e^(b log a). a^0 is 1. 0^b is 0 if the real part of b is positive, infinite if it is negative, and NaN if b is
// imaginary.
func.func private @dp_pow_c64(%a: complex<f64>, %b: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  %p = complex.re %a : complex<f64>
  %q = complex.im %a : complex<f64>
  %r = complex.re %b : complex<f64>
  %s = complex.im %b : complex<f64>
  %log = func.call @dp_log_c64(%a) : (complex<f64>) -> complex<f64>
  %l = complex.re %log : complex<f64>
  %t = complex.im %log : complex<f64>
  %st = arith.mulf %s, %t : f64
  %st_neg = arith.negf %st : f64
  %rt = arith.mulf %r, %t : f64
  %x = math.fma %r, %l, %st_neg : f64
  %y = math.fma %s, %l, %rt : f64
  %power = complex.create %x, %y : complex<f64>
  %w = func.call @dp_exp_c64(%power) : (complex<f64>) -> complex<f64>
  %w_re = complex.re %w : complex<f64>
  %w_im = complex.im %w : complex<f64>
  %p_zero = arith.cmpf oeq, %p, %zero : f64
  %q_zero = arith.cmpf oeq, %q, %zero : f64
  %r_zero = arith.cmpf oeq, %r, %zero : f64
  %s_zero = arith.cmpf oeq, %s, %zero : f64
  %origin = arith.andi %p_zero, %q_zero : i1
  %constant = arith.andi %r_zero, %s_zero : i1
  %above = arith.cmpf ogt, %r, %zero : f64
  %below = arith.cmpf olt, %r, %zero : f64
  %origin_re_1 = arith.select %below, %inf, %qnan : f64
  %origin_re = arith.select %above, %zero, %origin_re_1 : f64
  %origin_im = arith.select %above, %zero, %qnan : f64
  %re_1 = arith.select %origin, %origin_re, %w_re : f64
  %im_1 = arith.select %origin, %origin_im, %w_im : f64
  %re = arith.select %constant, %one, %re_1 : f64
  %im = arith.select %constant, %zero, %im_1 : f64
  %v = complex.create %re, %im : complex<f64>
  return %v : complex<f64>
}
