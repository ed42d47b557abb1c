// 1 - erf x in f64, without branches.
//
// Below 1/2 it is computed as 1 - erf x. Otherwise it is e^(-x^2) P(t) / (1 + 2x) with t = (x - 4) / (x + 4), P interpolated, which is
// as accurate as e^(-x^2), down to the smallest subnormal number. For e^(-x^2), x is split into h, whose square is exact,
// and the rest: x^2 = h^2 + (x - h) (x + h). Above 28 the result is 0.
func.func private @dp_erfc_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %cut = arith.constant 28.0 : f64
  %half_mask = arith.constant -134217728 : i64
  %sixth = arith.constant 0.16666666666666666 : f64
  %four = arith.constant 4.0 : f64
  %one = arith.constant 1.0 : f64
  %one_half = arith.constant 0.5 : f64
  %c21 = arith.constant -1.0730961677448429e-08 : f64
  %c20 = arith.constant -1.2364131534662578e-08 : f64
  %c19 = arith.constant 1.0639450012202872e-07 : f64
  %c18 = arith.constant 6.73982048128213e-08 : f64
  %c17 = arith.constant -8.234185997473584e-07 : f64
  %c16 = arith.constant 2.991353884879881e-07 : f64
  %c15 = arith.constant 5.709220405417755e-06 : f64
  %c14 = arith.constant -1.1224468533629196e-05 : f64
  %c13 = arith.constant -2.4399221647764776e-05 : f64
  %c12 = arith.constant 0.00015062239598797298 : f64
  %c11 = arith.constant -0.00019925665168530026 : f64
  %c10 = arith.constant -0.0007577734256986143 : f64
  %c9 = arith.constant 0.005031969965572783 : f64
  %c8 = arith.constant -0.016197734041494244 : f64
  %c7 = arith.constant 0.037167515539168874 : f64
  %c6 = arith.constant -0.06633036581334789 : f64
  %c5 = arith.constant 0.09373283499823501 : f64
  %c4 = arith.constant -0.10103906603626425 : f64
  %c3 = arith.constant 0.06809705425469609 : f64
  %c2 = arith.constant 0.01537965210261919 : f64
  %c1 = arith.constant -0.13962111684056255 : f64
  %c0 = arith.constant 1.2329951186255526 : f64
  %two = arith.constant 2.0 : f64
  %near_erf = func.call @dp_erf_f64(%x) : (f64) -> f64
  %near = arith.subf %one, %near_erf : f64
  %mag = math.absf %x : f64
  %large = arith.cmpf ogt, %mag, %cut : f64
  %a = arith.select %large, %cut, %mag : f64
  %ai = arith.bitcast %a : f64 to i64
  %hi = arith.andi %ai, %half_mask : i64
  %h = arith.bitcast %hi : i64 to f64
  %hh = arith.mulf %h, %h : f64
  %neg_hh = arith.negf %hh : f64
  %e_h = func.call @dp_exp_f64(%neg_hh) : (f64) -> f64
  %rest = arith.subf %a, %h : f64
  %both = arith.addf %a, %h : f64
  %lo = arith.mulf %rest, %both : f64
  // e^-lo - 1, where lo is below 2^-15.
  %w_2_1 = arith.mulf %lo, %sixth : f64
  %w_2 = arith.subf %one_half, %w_2_1 : f64
  %w_1_1 = arith.mulf %lo, %w_2 : f64
  %w_1 = arith.subf %w_1_1, %one : f64
  %w = arith.mulf %lo, %w_1 : f64
  %e = math.fma %e_h, %w, %e_h : f64
  %below = arith.subf %a, %four : f64
  %above = arith.addf %a, %four : f64
  %t = arith.divf %below, %above : f64
  %c_20 = math.fma %c21, %t, %c20 : f64
  %c_19 = math.fma %c_20, %t, %c19 : f64
  %c_18 = math.fma %c_19, %t, %c18 : f64
  %c_17 = math.fma %c_18, %t, %c17 : f64
  %c_16 = math.fma %c_17, %t, %c16 : f64
  %c_15 = math.fma %c_16, %t, %c15 : f64
  %c_14 = math.fma %c_15, %t, %c14 : f64
  %c_13 = math.fma %c_14, %t, %c13 : f64
  %c_12 = math.fma %c_13, %t, %c12 : f64
  %c_11 = math.fma %c_12, %t, %c11 : f64
  %c_10 = math.fma %c_11, %t, %c10 : f64
  %c_9 = math.fma %c_10, %t, %c9 : f64
  %c_8 = math.fma %c_9, %t, %c8 : f64
  %c_7 = math.fma %c_8, %t, %c7 : f64
  %c_6 = math.fma %c_7, %t, %c6 : f64
  %c_5 = math.fma %c_6, %t, %c5 : f64
  %c_4 = math.fma %c_5, %t, %c4 : f64
  %c_3 = math.fma %c_4, %t, %c3 : f64
  %c_2 = math.fma %c_3, %t, %c2 : f64
  %c_1 = math.fma %c_2, %t, %c1 : f64
  %p = math.fma %c_1, %t, %c0 : f64
  %ep = arith.mulf %e, %p : f64
  %den = math.fma %two, %a, %one : f64
  %far = arith.divf %ep, %den : f64
  %is_near = arith.cmpf olt, %x, %one_half : f64
  %res = arith.select %is_near, %near, %far : f64
  return %res : f64
}
