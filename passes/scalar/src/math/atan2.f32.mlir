// The angle of the point (x, y) in f32, without branches, computed in f64.
//
// atan of the quotient of the smaller magnitude and the greater one, in [0, 1],
// is q + q^3 P(q^2); reflections at the diagonal and the axes give the rest. Signs
// of zeros count: atan2(-0, -1) = -pi.
func.func private @dp_atan2_f32(%y: f32, %x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %null = arith.constant 0.0 : f32
  %nought = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %c9 = arith.constant 1.1137435624676585e-03 : f64
  %c8 = arith.constant -7.31773959325411e-03 : f64
  %c7 = arith.constant 2.2539433867600604e-02 : f64
  %c6 = arith.constant -4.4689475033000636e-02 : f64
  %c5 = arith.constant 6.741567692635146e-02 : f64
  %c4 = arith.constant -8.811080311529045e-02 : f64
  %c3 = arith.constant 1.1058221266610811e-01 : f64
  %c2 = arith.constant -1.4279832763989023e-01 : f64
  %c1 = arith.constant 1.999967110647075e-01 : f64
  %c0 = arith.constant -3.3333326899227855e-01 : f64
  %int0 = arith.constant 0 : i32
  %pi_1 = arith.constant 3.141592653589793 : f64
  %half_pi_1 = arith.constant 1.5707963267948966 : f64
  %y_mag = math.absf %y : f32
  %x_mag = math.absf %x : f32
  %steep = arith.cmpf ogt, %y_mag, %x_mag : f32
  %small = arith.select %steep, %x_mag, %y_mag : f32
  %great = arith.select %steep, %y_mag, %x_mag : f32
  %small_w = arith.extf %small : f32 to f64
  %great_w = arith.extf %great : f32 to f64
  %ratio = arith.divf %small_w, %great_w : f64
  // Equal magnitudes: the quotient is 1, but 0 if both are 0.
  %origin = arith.cmpf oeq, %great, %null : f32
  %unit = arith.select %origin, %nought, %one : f64
  %equal = arith.cmpf oeq, %small, %great : f32
  %q = arith.select %equal, %unit, %ratio : f64
  // atan q = q + q^3 P(q^2), P minimax.
  %z = arith.mulf %q, %q : f64
  %p_8 = math.fma %c9, %z, %c8 : f64
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
  %x_bits = arith.bitcast %x : f32 to i32
  %left = arith.cmpi slt, %x_bits, %int0 : i32
  %base_left = arith.select %left, %pi_1, %nought : f64
  %base = arith.select %steep, %half_pi_1, %base_left : f64
  %down = arith.xori %steep, %left : i1
  %v_neg = arith.negf %v : f64
  %turned = arith.select %down, %v_neg, %v : f64
  %angle_w = arith.addf %base, %turned : f64
  %angle = arith.truncf %angle_w : f64 to f32
  %signed = math.copysign %angle, %y : f32
  %sum = arith.addf %y, %x : f32
  %nan = arith.cmpf uno, %y, %x : f32
  %res = arith.select %nan, %sum, %signed : f32
  return %res : f32
}
