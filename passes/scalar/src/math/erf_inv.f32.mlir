// The inverse of erf in f32, without branches.
//
// With w = -ln((1 - x) (1 + x)), x P(w), where P is a polynomial in w below 5, and one in sqrt w from there on,
// interpolated at Chebyshev's points. Infinite at 1 and -1, NaN beyond.
func.func private @dp_erf_inv_f32(%x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %a10 = arith.constant 4.3511472e-10 : f32
  %a9 = arith.constant -8.739831e-09 : f32
  %a8 = arith.constant 1.6487176e-08 : f32
  %a7 = arith.constant 4.6542874e-07 : f32
  %a6 = arith.constant -3.426176e-06 : f32
  %a5 = arith.constant -4.9597434e-06 : f32
  %a4 = arith.constant 2.1826393e-04 : f32
  %a3 = arith.constant -1.2527484e-03 : f32
  %a2 = arith.constant -4.177325e-03 : f32
  %a1 = arith.constant 2.466403e-01 : f32
  %a0 = arith.constant 1.5014093e+00 : f32
  %a_mid = arith.constant 2.500000e+00 : f32
  %b9 = arith.constant 1.186674e-04 : f32
  %b8 = arith.constant -1.5828613e-04 : f32
  %b7 = arith.constant -3.3011395e-04 : f32
  %b6 = arith.constant 1.2759373e-03 : f32
  %b5 = arith.constant -2.390034e-03 : f32
  %b4 = arith.constant 3.5574595e-03 : f32
  %b3 = arith.constant -5.0346544e-03 : f32
  %b2 = arith.constant 6.769909e-03 : f32
  %b1 = arith.constant 1.0039678e+00 : f32
  %b0 = arith.constant 2.9764235e+00 : f32
  %b_mid = arith.constant 3.143034e+00 : f32
  %first = arith.constant 5.0 : f32
  %one = arith.constant 1.0 : f32
  %inf = arith.constant 0x7F800000 : f32
  %below = arith.subf %one, %x : f32
  %above = arith.addf %one, %x : f32
  %rest = arith.mulf %below, %above : f32
  %log = func.call @dp_log_f32(%rest) : (f32) -> f32
  %w = arith.negf %log : f32
  %s = math.sqrt %w : f32
  %ta = arith.subf %w, %a_mid : f32
  %pa_9 = math.fma %a10, %ta, %a9 : f32
  %pa_8 = math.fma %pa_9, %ta, %a8 : f32
  %pa_7 = math.fma %pa_8, %ta, %a7 : f32
  %pa_6 = math.fma %pa_7, %ta, %a6 : f32
  %pa_5 = math.fma %pa_6, %ta, %a5 : f32
  %pa_4 = math.fma %pa_5, %ta, %a4 : f32
  %pa_3 = math.fma %pa_4, %ta, %a3 : f32
  %pa_2 = math.fma %pa_3, %ta, %a2 : f32
  %pa_1 = math.fma %pa_2, %ta, %a1 : f32
  %pa = math.fma %pa_1, %ta, %a0 : f32
  %tb = arith.subf %s, %b_mid : f32
  %pb_8 = math.fma %b9, %tb, %b8 : f32
  %pb_7 = math.fma %pb_8, %tb, %b7 : f32
  %pb_6 = math.fma %pb_7, %tb, %b6 : f32
  %pb_5 = math.fma %pb_6, %tb, %b5 : f32
  %pb_4 = math.fma %pb_5, %tb, %b4 : f32
  %pb_3 = math.fma %pb_4, %tb, %b3 : f32
  %pb_2 = math.fma %pb_3, %tb, %b2 : f32
  %pb_1 = math.fma %pb_2, %tb, %b1 : f32
  %pb = math.fma %pb_1, %tb, %b0 : f32
  %is_near = arith.cmpf olt, %w, %first : f32
  %p = arith.select %is_near, %pa, %pb : f32
  %y = arith.mulf %x, %p : f32
  %mag = math.absf %x : f32
  %end = math.copysign %inf, %x : f32
  %is_end = arith.cmpf oeq, %mag, %one : f32
  %res = arith.select %is_end, %end, %y : f32
  return %res : f32
}
