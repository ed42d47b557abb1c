// Inverse and hyperbolic functions of complex<f64> numbers x + iy, on their principal branches, without branches in the
// code.
//
// They use sqrt(1 - z) and sqrt(1 + z), whose products are sums of terms of one sign (Kahan), so nothing cancels near
// the branch points 1 and -1. For |z| > 2^100, where 1 is negligible, they use the logarithm and the angle of z.

// asinh of a real number whose square does not overflow.
func.func private @dp_arsinh_c64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %mag = math.absf %x : f64
  %sq = arith.mulf %mag, %mag : f64
  %sq_1 = arith.addf %sq, %one : f64
  %root = math.sqrt %sq_1 : f64
  %den = arith.addf %root, %one : f64
  %rest = arith.divf %sq, %den : f64
  %arg = arith.addf %mag, %rest : f64
  %log = func.call @dp_log1p_f64(%arg) : (f64) -> f64
  %y = math.copysign %log, %x : f64
  return %y : f64
}

// With a = sqrt(1 - z) and b = sqrt(1 + z), the real part is the angle of the point (Re(a b), x), and the imaginary
// part is asinh Im(a* b).
func.func private @dp_asin_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %large = arith.constant 1.2676506002282294e+30 : f64
  %ln2 = arith.constant 0.6931471805599453 : f64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  %one = arith.constant 1.0 : f64
  %zero = arith.constant 0.0 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %m = func.call @dp_greater_c64(%x, %y) : (f64, f64) -> f64
  %is_large = arith.cmpf ogt, %m, %large : f64
  // For large z, both roots are replaced by sqrt 0.
  %below_x = arith.subf %one, %x : f64
  %below_y = arith.negf %y : f64
  %above_x = arith.addf %one, %x : f64
  %below_xs = arith.select %is_large, %zero, %below_x : f64
  %below_ys = arith.select %is_large, %zero, %below_y : f64
  %above_xs = arith.select %is_large, %zero, %above_x : f64
  %above_ys = arith.select %is_large, %zero, %y : f64
  %below = complex.create %below_xs, %below_ys : complex<f64>
  %above = complex.create %above_xs, %above_ys : complex<f64>
  %a = func.call @dp_sqrt_c64(%below) : (complex<f64>) -> complex<f64>
  %b = func.call @dp_sqrt_c64(%above) : (complex<f64>) -> complex<f64>
  %a_re = complex.re %a : complex<f64>
  %a_im = complex.im %a : complex<f64>
  %b_re = complex.re %b : complex<f64>
  %b_im = complex.im %b : complex<f64>
  %p = arith.mulf %a_re, %b_re : f64
  %q = arith.mulf %a_im, %b_im : f64
  %leg = arith.subf %p, %q : f64
  %r = arith.mulf %a_re, %b_im : f64
  %s = arith.mulf %a_im, %b_re : f64
  %height = arith.subf %r, %s : f64
  %height_im = func.call @dp_arsinh_c64(%height) : (f64) -> f64
  %lost = arith.cmpf uno, %x, %y : f64
  %near_im = arith.select %lost, %qnan, %height_im : f64
  %log = func.call @dp_log_c64(%z) : (complex<f64>) -> complex<f64>
  %log_re = complex.re %log : complex<f64>
  %far_mag = arith.addf %log_re, %ln2 : f64
  %far_im = math.copysign %far_mag, %y : f64
  %mag_y = math.absf %y : f64
  %near_leg = arith.select %lost, %qnan, %leg : f64
  %leg_or_y = arith.select %is_large, %mag_y, %near_leg : f64
  %w_re = func.call @dp_atan2_f64(%x, %leg_or_y) : (f64, f64) -> f64
  %w_im = arith.select %is_large, %far_im, %near_im : f64
  %w = complex.create %w_re, %w_im : complex<f64>
  return %w : complex<f64>
}

// With a = sqrt(1 - z) and b = sqrt(1 + z), the real part is twice the angle of the point (Re b, Re a), and the
// imaginary part is asinh Im(b* a).
func.func private @dp_acos_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %large = arith.constant 1.2676506002282294e+30 : f64
  %ln2 = arith.constant 0.6931471805599453 : f64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  %one = arith.constant 1.0 : f64
  %zero = arith.constant 0.0 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %m = func.call @dp_greater_c64(%x, %y) : (f64, f64) -> f64
  %is_large = arith.cmpf ogt, %m, %large : f64
  // For large z, both roots are replaced by sqrt 0.
  %below_x = arith.subf %one, %x : f64
  %below_y = arith.negf %y : f64
  %above_x = arith.addf %one, %x : f64
  %below_xs = arith.select %is_large, %zero, %below_x : f64
  %below_ys = arith.select %is_large, %zero, %below_y : f64
  %above_xs = arith.select %is_large, %zero, %above_x : f64
  %above_ys = arith.select %is_large, %zero, %y : f64
  %below = complex.create %below_xs, %below_ys : complex<f64>
  %above = complex.create %above_xs, %above_ys : complex<f64>
  %a = func.call @dp_sqrt_c64(%below) : (complex<f64>) -> complex<f64>
  %b = func.call @dp_sqrt_c64(%above) : (complex<f64>) -> complex<f64>
  %a_re = complex.re %a : complex<f64>
  %a_im = complex.im %a : complex<f64>
  %b_re = complex.re %b : complex<f64>
  %b_im = complex.im %b : complex<f64>
  %p = arith.mulf %b_re, %a_im : f64
  %q = arith.mulf %b_im, %a_re : f64
  %height = arith.subf %p, %q : f64
  %height_im = func.call @dp_arsinh_c64(%height) : (f64) -> f64
  %lost = arith.cmpf uno, %x, %y : f64
  %near_im = arith.select %lost, %qnan, %height_im : f64
  %log = func.call @dp_log_c64(%z) : (complex<f64>) -> complex<f64>
  %log_re = complex.re %log : complex<f64>
  %far_mag = arith.addf %log_re, %ln2 : f64
  %far_im = math.copysign %far_mag, %below_y : f64
  %mag_y = math.absf %y : f64
  %near_top = arith.select %lost, %qnan, %a_re : f64
  %top = arith.select %is_large, %mag_y, %near_top : f64
  %side = arith.select %is_large, %x, %b_re : f64
  %angle = func.call @dp_atan2_f64(%top, %side) : (f64, f64) -> f64
  %twice = arith.addf %angle, %angle : f64
  %w_re = arith.select %is_large, %angle, %twice : f64
  %w_im = arith.select %is_large, %far_im, %near_im : f64
  %w = complex.create %w_re, %w_im : complex<f64>
  return %w : complex<f64>
}

// With acos z = p + iq, this is |q| + ip, with the sign of y: acos z rotated so that the real part is nonnegative.
func.func private @dp_acosh_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = complex.im %z : complex<f64>
  %v = func.call @dp_acos_c64(%z) : (complex<f64>) -> complex<f64>
  %p = complex.re %v : complex<f64>
  %q = complex.im %v : complex<f64>
  %w_re = math.absf %q : f64
  %w_im = math.copysign %p, %y : f64
  %w = complex.create %w_re, %w_im : complex<f64>
  return %w : complex<f64>
}

// -i asin iz
func.func private @dp_asinh_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %minus_y = arith.negf %y : f64
  %iz = complex.create %minus_y, %x : complex<f64>
  %v = func.call @dp_asin_c64(%iz) : (complex<f64>) -> complex<f64>
  %p = complex.re %v : complex<f64>
  %q = complex.im %v : complex<f64>
  %minus_p = arith.negf %p : f64
  %w = complex.create %q, %minus_p : complex<f64>
  return %w : complex<f64>
}

// For x > 0, the real part is ln(1 + 4x / ((1 - x)^2 + y^2)) / 4, and the imaginary part is half of the angle of the
// point ((1 - x) (1 + x) - y^2, 2y). If x is 1 and y^2 underflows, the real part is ln(2 / |y|) / 2. For large z it is
// that of 1 / z. For x <= 0, by symmetry: atanh(-z*) = -(atanh z)*.
func.func private @dp_atanh_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %large = arith.constant 1.2676506002282294e+30 : f64
  %tiny = arith.constant 4.909093465297727e-91 : f64
  %ln2 = arith.constant 0.6931471805599453 : f64
  %quarter = arith.constant 0.25 : f64
  %four = arith.constant 4.0 : f64
  %right_angle = arith.constant 1.5707963267948966 : f64
  %infinity = arith.constant 0x7FF0000000000000 : f64
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %one_half = arith.constant 0.5 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %m = func.call @dp_greater_c64(%x, %y) : (f64, f64) -> f64
  %is_large = arith.cmpf ogt, %m, %large : f64
  %mag_x = math.absf %x : f64
  %mag_y = math.absf %y : f64
  // Large z is replaced by 0.
  %near_x = arith.select %is_large, %zero, %mag_x : f64
  %near_y = arith.select %is_large, %zero, %y : f64
  %below = arith.subf %one, %near_x : f64
  %above = arith.addf %one, %near_x : f64
  %y_sq = arith.mulf %near_y, %near_y : f64
  %below_sq = math.fma %below, %below, %y_sq : f64
  %x_4 = arith.mulf %near_x, %four : f64
  %quot = arith.divf %x_4, %below_sq : f64
  %log = func.call @dp_log1p_f64(%quot) : (f64) -> f64
  %log_4 = arith.mulf %log, %quarter : f64
  // Near 1.
  %log_y = func.call @dp_log_f64(%mag_y) : (f64) -> f64
  %pole = arith.subf %ln2, %log_y : f64
  %half_pole = arith.mulf %pole, %one_half : f64
  %is_one = arith.cmpf oeq, %mag_x, %one : f64
  %is_tiny = arith.cmpf olt, %mag_y, %tiny : f64
  %at_pole = arith.andi %is_one, %is_tiny : i1
  %near_re = arith.select %at_pole, %half_pole, %log_4 : f64
  %product = arith.mulf %below, %above : f64
  %side = arith.subf %product, %y_sq : f64
  %top = arith.addf %near_y, %near_y : f64
  %angle = func.call @dp_atan2_f64(%top, %side) : (f64, f64) -> f64
  %near_im = arith.mulf %angle, %one_half : f64
  // For large z, scaled by the larger component.
  %x_s = arith.divf %mag_x, %m : f64
  %y_s = arith.divf %y, %m : f64
  %y_s2 = arith.mulf %y_s, %y_s : f64
  %n = math.fma %x_s, %x_s, %y_s2 : f64
  %inverse = arith.divf %x_s, %n : f64
  // Not a quotient of a quotient: XLA would divide by the product, which overflows.
  %back = arith.divf %one, %m : f64
  %far = arith.mulf %inverse, %back : f64
  %infinite = arith.cmpf oeq, %m, %infinity : f64
  %far_re = arith.select %infinite, %zero, %far : f64
  %turn = math.copysign %right_angle, %y : f64
  // NaN in the imaginary part is preserved.
  %y_nan = arith.cmpf uno, %y, %y : f64
  %far_im = arith.select %y_nan, %y, %turn : f64
  %mag_re = arith.select %is_large, %far_re, %near_re : f64
  %w_re = math.copysign %mag_re, %x : f64
  %w_im = arith.select %is_large, %far_im, %near_im : f64
  %w = complex.create %w_re, %w_im : complex<f64>
  return %w : complex<f64>
}

// -i atanh iz
func.func private @dp_atan_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %minus_y = arith.negf %y : f64
  %iz = complex.create %minus_y, %x : complex<f64>
  %v = func.call @dp_atanh_c64(%iz) : (complex<f64>) -> complex<f64>
  %p = complex.re %v : complex<f64>
  %q = complex.im %v : complex<f64>
  %minus_p = arith.negf %p : f64
  %w = complex.create %q, %minus_p : complex<f64>
  return %w : complex<f64>
}

// -i sin iz
func.func private @dp_sinh_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %minus_y = arith.negf %y : f64
  %iz = complex.create %minus_y, %x : complex<f64>
  %v = func.call @dp_sin_c64(%iz) : (complex<f64>) -> complex<f64>
  %p = complex.re %v : complex<f64>
  %q = complex.im %v : complex<f64>
  %minus_p = arith.negf %p : f64
  %w = complex.create %q, %minus_p : complex<f64>
  return %w : complex<f64>
}

// cos iz
func.func private @dp_cosh_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %minus_y = arith.negf %y : f64
  %iz = complex.create %minus_y, %x : complex<f64>
  %w = func.call @dp_cos_c64(%iz) : (complex<f64>) -> complex<f64>
  return %w : complex<f64>
}

// ln z / ln 2
func.func private @dp_log2_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %factor = arith.constant 1.4426950408889634 : f64
  %log = func.call @dp_log_c64(%z) : (complex<f64>) -> complex<f64>
  %re = complex.re %log : complex<f64>
  %im = complex.im %log : complex<f64>
  %w_re = arith.mulf %re, %factor : f64
  %w_im = arith.mulf %im, %factor : f64
  %w = complex.create %w_re, %w_im : complex<f64>
  return %w : complex<f64>
}

// ln z / ln 10
func.func private @dp_log10_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %factor = arith.constant 0.4342944819032518 : f64
  %log = func.call @dp_log_c64(%z) : (complex<f64>) -> complex<f64>
  %re = complex.re %log : complex<f64>
  %im = complex.im %log : complex<f64>
  %w_re = arith.mulf %re, %factor : f64
  %w_im = arith.mulf %im, %factor : f64
  %w = complex.create %w_re, %w_im : complex<f64>
  return %w : complex<f64>
}

// 2^n e^((x - n) ln 2 + iy ln 2), n the integer nearest to x.
func.func private @dp_exp2_c64(%z: complex<f64>) -> complex<f64>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %ln2 = arith.constant 0.6931471805599453 : f64
  %most = arith.constant 2046.0 : f64
  %least = arith.constant -2046.0 : f64
  %magic = arith.constant 6755399441055744.0 : f64
  %magic_bits = arith.constant 0x4338000000000000 : i64
  %int1 = arith.constant 1 : i64
  %bias = arith.constant 1023 : i64
  %sh = arith.constant 52 : i64
  %minus_inf = arith.constant 0xFFF0000000000000 : f64
  %one = arith.constant 1.0 : f64
  %zero = arith.constant 0.0 : f64
  %x = complex.re %z : complex<f64>
  %y = complex.im %z : complex<f64>
  %small = arith.cmpf olt, %x, %least : f64
  %xl = arith.select %small, %least, %x : f64
  %large = arith.cmpf ogt, %xl, %most : f64
  %xc = arith.select %large, %most, %xl : f64
  %biased = math.fma %xc, %one, %magic : f64
  %n = arith.subf %biased, %magic : f64
  // From the clamped x, so that r is finite for infinite x.
  %r = arith.subf %xc, %n : f64
  %r_ln = arith.mulf %r, %ln2 : f64
  %y_ln = arith.mulf %y, %ln2 : f64
  %arg = complex.create %r_ln, %y_ln : complex<f64>
  %v = func.call @dp_exp_c64(%arg) : (complex<f64>) -> complex<f64>
  %v_re = complex.re %v : complex<f64>
  %v_im = complex.im %v : complex<f64>
  // 2^n in two factors, so that overflow and gradual underflow round once.
  %ib = arith.bitcast %biased : f64 to i64
  %ni = arith.subi %ib, %magic_bits : i64
  %half = arith.shrsi %ni, %int1 : i64
  %rest = arith.subi %ni, %half : i64
  %half_biased = arith.addi %half, %bias : i64
  %half_bits = arith.shli %half_biased, %sh : i64
  %half_scale = arith.bitcast %half_bits : i64 to f64
  %rest_biased = arith.addi %rest, %bias : i64
  %rest_bits = arith.shli %rest_biased, %sh : i64
  %rest_scale = arith.bitcast %rest_bits : i64 to f64
  %re_half = arith.mulf %v_re, %half_scale : f64
  %im_half = arith.mulf %v_im, %half_scale : f64
  %re_grown = arith.mulf %re_half, %rest_scale : f64
  %im_grown = arith.mulf %im_half, %rest_scale : f64
  // For x = -inf the result is 0 for every y.
  %gone = arith.cmpf oeq, %x, %minus_inf : f64
  %w_re = arith.select %gone, %zero, %re_grown : f64
  %w_im = arith.select %gone, %zero, %im_grown : f64
  %w = complex.create %w_re, %w_im : complex<f64>
  return %w : complex<f64>
}
