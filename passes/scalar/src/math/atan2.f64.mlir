// The angle of the point (x, y) in f64, without branches.
//
// atan of the quotient of the smaller magnitude and the greater one, in [0, 1],
// is q + q^3 P(q^2); reflections at the diagonal and the axes give the rest. Signs
// of zeros count: atan2(-0, -1) = -pi.
func.func private @dp_atan2_f64(%y: f64, %x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %null = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %c19 = arith.constant 1.3232211742857773e-05 : f64
  %c18 = arith.constant -1.522311690663185e-04 : f64
  %c17 = arith.constant 8.316423657814575e-04 : f64
  %c16 = arith.constant -2.8858160391296425e-03 : f64
  %c15 = arith.constant 7.19823159292037e-03 : f64
  %c14 = arith.constant -1.3902987861026218e-02 : f64
  %c13 = arith.constant 2.1987428589564564e-02 : f64
  %c12 = arith.constant -2.9905965567841884e-02 : f64
  %c11 = arith.constant 3.664325756468237e-02 : f64
  %c10 = arith.constant -4.21924660589478e-02 : f64
  %c9 = arith.constant 4.722348957157049e-02 : f64
  %c8 = arith.constant -5.2535268359101384e-02 : f64
  %c7 = arith.constant 5.8805298060334105e-02 : f64
  %c6 = arith.constant -6.666404423159884e-02 : f64
  %c5 = arith.constant 7.692279889264678e-02 : f64
  %c4 = arith.constant -9.090907007890121e-02 : f64
  %c3 = arith.constant 1.111111100735172e-01 : f64
  %c2 = arith.constant -1.4285714282588544e-01 : f64
  %c1 = arith.constant 1.9999999999951756e-01 : f64
  %c0 = arith.constant -3.333333333333307e-01 : f64
  %int0 = arith.constant 0 : i64
  %pi_1 = arith.constant 3.141592653589793 : f64
  %half_pi_1 = arith.constant 1.5707963267948966 : f64
  %pi_2 = arith.constant 1.2246467991473532e-16 : f64
  %half_pi_2 = arith.constant 6.123233995736766e-17 : f64
  %y_mag = math.absf %y : f64
  %x_mag = math.absf %x : f64
  %steep = arith.cmpf ogt, %y_mag, %x_mag : f64
  %small = arith.select %steep, %x_mag, %y_mag : f64
  %great = arith.select %steep, %y_mag, %x_mag : f64
  %ratio = arith.divf %small, %great : f64
  // Equal magnitudes: the quotient is 1, but 0 if both are 0.
  %origin = arith.cmpf oeq, %great, %null : f64
  %unit = arith.select %origin, %null, %one : f64
  %equal = arith.cmpf oeq, %small, %great : f64
  %q = arith.select %equal, %unit, %ratio : f64
  // atan q = q + q^3 P(q^2), P minimax.
  %z = arith.mulf %q, %q : f64
  %p_18 = math.fma %c19, %z, %c18 : f64
  %p_17 = math.fma %p_18, %z, %c17 : f64
  %p_16 = math.fma %p_17, %z, %c16 : f64
  %p_15 = math.fma %p_16, %z, %c15 : f64
  %p_14 = math.fma %p_15, %z, %c14 : f64
  %p_13 = math.fma %p_14, %z, %c13 : f64
  %p_12 = math.fma %p_13, %z, %c12 : f64
  %p_11 = math.fma %p_12, %z, %c11 : f64
  %p_10 = math.fma %p_11, %z, %c10 : f64
  %p_9 = math.fma %p_10, %z, %c9 : f64
  %p_8 = math.fma %p_9, %z, %c8 : f64
  %p_7 = math.fma %p_8, %z, %c7 : f64
  %p_6 = math.fma %p_7, %z, %c6 : f64
  %p_5 = math.fma %p_6, %z, %c5 : f64
  %p_4 = math.fma %p_5, %z, %c4 : f64
  %p_3 = math.fma %p_4, %z, %c3 : f64
  %p_2 = math.fma %p_3, %z, %c2 : f64
  %p_1 = math.fma %p_2, %z, %c1 : f64
  %p = math.fma %p_1, %z, %c0 : f64
  %zq = arith.mulf %z, %q : f64
  %v = math.fma %zq, %p, %q : f64
  // pi/2 - v if |y| > |x|; pi minus that if x is negative.
  %x_bits = arith.bitcast %x : f64 to i64
  %left = arith.cmpi slt, %x_bits, %int0 : i64
  %base_left = arith.select %left, %pi_1, %null : f64
  %base = arith.select %steep, %half_pi_1, %base_left : f64
  %base_left_lo = arith.select %left, %pi_2, %null : f64
  %base_lo = arith.select %steep, %half_pi_2, %base_left_lo : f64
  %down = arith.xori %steep, %left : i1
  %v_neg = arith.negf %v : f64
  %turned = arith.select %down, %v_neg, %v : f64
  %rest = arith.addf %turned, %base_lo : f64
  %angle = arith.addf %base, %rest : f64
  %signed = math.copysign %angle, %y : f64
  %sum = arith.addf %y, %x : f64
  %nan = arith.cmpf uno, %y, %x : f64
  %res = arith.select %nan, %sum, %signed : f64
  return %res : f64
}
