// The derivative of order n >= 0 of digamma, in f64. Scalar: it has loops.
//
// For n >= 1 it is (-1)^(n+1) n! sum_k>=0 1/(x + k)^(n+1). dp_hurwitz_f64 is that
// sum with the factorial for a > 0: terms up to a + k >= n + 11, then the
// Euler-Maclaurin formula, all in units of 1/a^(n+1); dp_powi_f64 is a power by
// squaring, whose error affects only the smaller terms. For x < 0 the sum over
// all integers k is periodic, so with r = x - floor x and sigma = (-1)^(n+1)
//   sum(x) = sum(r) + sigma (sum(1 - r) - sum(1 - x)).
// At 0, -1, -2, ... infinite for odd n, NaN for even n.
func.func private @dp_powi_f64(%x: f64, %n: i64) -> f64
    attributes {passthrough = ["noinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %none = arith.constant 0 : i64
  %bit = arith.constant 1 : i64
  // result * square^left = x^n.
  %result, %square, %left = scf.while (%r = %one, %b = %x, %e = %n) : (f64, f64, i64) -> (f64, f64, i64) {
    %more = arith.cmpi ne, %e, %none : i64
    scf.condition(%more) %r, %b, %e : f64, f64, i64
  } do {
  ^bb0(%r: f64, %b: f64, %e: i64):
    %low = arith.andi %e, %bit : i64
    %odd = arith.cmpi ne, %low, %none : i64
    %times = arith.mulf %r, %b : f64
    %r_next = arith.select %odd, %times, %r : f64
    %b_next = arith.mulf %b, %b : f64
    %e_next = arith.shrui %e, %bit : i64
    scf.yield %r_next, %b_next, %e_next : f64, f64, i64
  }
  return %result : f64
}

func.func private @dp_hurwitz_f64(%n: i64, %a: f64) -> f64
    attributes {passthrough = ["noinline"], llvm.linkage = #llvm.linkage<internal>} {
  %int1 = arith.constant 1 : i64
  %one = arith.constant 1.0 : f64
  %f10 = arith.constant 10.0 : f64
  %f21 = arith.constant 21.0 : f64
  %f22 = arith.constant 22.0 : f64
  %b11 = arith.constant 5.5090028283602295e-18 : f64
  %f19 = arith.constant 19.0 : f64
  %f20 = arith.constant 20.0 : f64
  %b10 = arith.constant -2.174868698558062e-16 : f64
  %f17 = arith.constant 17.0 : f64
  %f18 = arith.constant 18.0 : f64
  %b9 = arith.constant 8.586062056277845e-15 : f64
  %f15 = arith.constant 15.0 : f64
  %f16 = arith.constant 16.0 : f64
  %b8 = arith.constant -3.3896802963225827e-13 : f64
  %f13 = arith.constant 13.0 : f64
  %f14 = arith.constant 14.0 : f64
  %b7 = arith.constant 1.3382536530684679e-11 : f64
  %f11 = arith.constant 11.0 : f64
  %f12 = arith.constant 12.0 : f64
  %b6 = arith.constant -5.284190138687493e-10 : f64
  %f9 = arith.constant 9.0 : f64
  %b5 = arith.constant 2.08767569878681e-08 : f64
  %f7 = arith.constant 7.0 : f64
  %f8 = arith.constant 8.0 : f64
  %b4 = arith.constant -8.267195767195768e-07 : f64
  %f5 = arith.constant 5.0 : f64
  %f6 = arith.constant 6.0 : f64
  %b3 = arith.constant 3.306878306878307e-05 : f64
  %three = arith.constant 3.0 : f64
  %f4 = arith.constant 4.0 : f64
  %b2 = arith.constant -1.388888888888889e-03 : f64
  %two = arith.constant 2.0 : f64
  %b1 = arith.constant 8.333333333333333e-02 : f64
  %one_half = arith.constant 0.5 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %null = arith.constant 0.0 : f64
  %n_float = arith.sitofp %n : i64 to f64
  %s_int = arith.addi %n, %int1 : i64
  %s = arith.addf %n_float, %one : f64
  %limit = arith.addf %s, %f10 : f64
  // The terms (a / (a + k))^s up to the limit, and the rounding error of their sum.
  %zero_sum = arith.constant 0.0 : f64
  %k_end, %sum, %sum_lo = scf.while (%k = %zero_sum, %acc = %zero_sum, %lost = %zero_sum)
      : (f64, f64, f64) -> (f64, f64, f64) {
    %there = arith.addf %a, %k : f64
    %more = arith.cmpf olt, %there, %limit : f64
    scf.condition(%more) %k, %acc, %lost : f64, f64, f64
  } do {
  ^bb0(%k: f64, %acc: f64, %lost: f64):
    %place = arith.addf %a, %k : f64
    %part = arith.divf %a, %place : f64
    %term = func.call @dp_powi_f64(%part, %s_int) : (f64, i64) -> f64
    %acc_next = arith.addf %acc, %term : f64
    %taken = arith.subf %acc_next, %acc : f64
    %missed = arith.subf %term, %taken : f64
    %lost_next = arith.addf %lost, %missed : f64
    %k_next = arith.addf %k, %one : f64
    scf.yield %k_next, %acc_next, %lost_next : f64, f64, f64
  }
  // The remainder, by the Euler-Maclaurin formula.
  %far = arith.addf %a, %k_end : f64
  %ratio = arith.divf %a, %far : f64
  %weight = func.call @dp_powi_f64(%ratio, %s_int) : (f64, i64) -> f64
  %inverse = arith.divf %one, %far : f64
  %zz = arith.mulf %inverse, %inverse : f64
  %em_12 = arith.constant -1.3954464685812522e-19 : f64
  %lo_11 = arith.addf %s, %f21 : f64
  %hi_11 = arith.addf %s, %f22 : f64
  %ratio_11 = arith.mulf %lo_11, %hi_11 : f64
  %scaled_11 = arith.mulf %ratio_11, %zz : f64
  %em_11 = math.fma %scaled_11, %em_12, %b11 : f64
  %lo_10 = arith.addf %s, %f19 : f64
  %hi_10 = arith.addf %s, %f20 : f64
  %ratio_10 = arith.mulf %lo_10, %hi_10 : f64
  %scaled_10 = arith.mulf %ratio_10, %zz : f64
  %em_10 = math.fma %scaled_10, %em_11, %b10 : f64
  %lo_9 = arith.addf %s, %f17 : f64
  %hi_9 = arith.addf %s, %f18 : f64
  %ratio_9 = arith.mulf %lo_9, %hi_9 : f64
  %scaled_9 = arith.mulf %ratio_9, %zz : f64
  %em_9 = math.fma %scaled_9, %em_10, %b9 : f64
  %lo_8 = arith.addf %s, %f15 : f64
  %hi_8 = arith.addf %s, %f16 : f64
  %ratio_8 = arith.mulf %lo_8, %hi_8 : f64
  %scaled_8 = arith.mulf %ratio_8, %zz : f64
  %em_8 = math.fma %scaled_8, %em_9, %b8 : f64
  %lo_7 = arith.addf %s, %f13 : f64
  %hi_7 = arith.addf %s, %f14 : f64
  %ratio_7 = arith.mulf %lo_7, %hi_7 : f64
  %scaled_7 = arith.mulf %ratio_7, %zz : f64
  %em_7 = math.fma %scaled_7, %em_8, %b7 : f64
  %lo_6 = arith.addf %s, %f11 : f64
  %hi_6 = arith.addf %s, %f12 : f64
  %ratio_6 = arith.mulf %lo_6, %hi_6 : f64
  %scaled_6 = arith.mulf %ratio_6, %zz : f64
  %em_6 = math.fma %scaled_6, %em_7, %b6 : f64
  %lo_5 = arith.addf %s, %f9 : f64
  %hi_5 = arith.addf %s, %f10 : f64
  %ratio_5 = arith.mulf %lo_5, %hi_5 : f64
  %scaled_5 = arith.mulf %ratio_5, %zz : f64
  %em_5 = math.fma %scaled_5, %em_6, %b5 : f64
  %lo_4 = arith.addf %s, %f7 : f64
  %hi_4 = arith.addf %s, %f8 : f64
  %ratio_4 = arith.mulf %lo_4, %hi_4 : f64
  %scaled_4 = arith.mulf %ratio_4, %zz : f64
  %em_4 = math.fma %scaled_4, %em_5, %b4 : f64
  %lo_3 = arith.addf %s, %f5 : f64
  %hi_3 = arith.addf %s, %f6 : f64
  %ratio_3 = arith.mulf %lo_3, %hi_3 : f64
  %scaled_3 = arith.mulf %ratio_3, %zz : f64
  %em_3 = math.fma %scaled_3, %em_4, %b3 : f64
  %lo_2 = arith.addf %s, %three : f64
  %hi_2 = arith.addf %s, %f4 : f64
  %ratio_2 = arith.mulf %lo_2, %hi_2 : f64
  %scaled_2 = arith.mulf %ratio_2, %zz : f64
  %em_2 = math.fma %scaled_2, %em_3, %b2 : f64
  %lo_1 = arith.addf %s, %one : f64
  %hi_1 = arith.addf %s, %two : f64
  %ratio_1 = arith.mulf %lo_1, %hi_1 : f64
  %scaled_1 = arith.mulf %ratio_1, %zz : f64
  %em_1 = math.fma %scaled_1, %em_2, %b1 : f64
  %s_inv = arith.mulf %s, %inverse : f64
  %area = arith.divf %far, %n_float : f64
  %area_half = arith.addf %area, %one_half : f64
  %rest = math.fma %s_inv, %em_1, %area_half : f64
  %rest_w = math.fma %weight, %rest, %sum_lo : f64
  %total = arith.addf %sum, %rest_w : f64
  // Times n! / a^s, factor by factor, so that nothing overflows before the result does.
  %start = arith.divf %total, %a : f64
  %first = arith.constant 1 : i64
  %stop = arith.addi %n, %first : i64
  %value = scf.for %i = %first to %stop step %first iter_args(%v = %start) -> (f64) : i64 {
    %i_float = arith.sitofp %i : i64 to f64
    %factor = arith.divf %i_float, %a : f64
    %v_next = arith.mulf %v, %factor : f64
    scf.yield %v_next : f64
  }
  %endless = arith.cmpf oeq, %a, %inf : f64
  %res = arith.select %endless, %null, %value : f64
  return %res : f64
}

func.func private @dp_polygamma_f64(%n: i64, %x: f64) -> f64
    attributes {passthrough = ["noinline"], llvm.linkage = #llvm.linkage<internal>} {
  %inf = arith.constant 0x7FF0000000000000 : f64
  %minus_inf = arith.constant 0xFFF0000000000000 : f64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  %one = arith.constant 1.0 : f64
  %int1 = arith.constant 1 : i64
  %minus_one = arith.constant -1.0 : f64
  %int0 = arith.constant 0 : i64
  %null = arith.constant 0.0 : f64
  // sigma = (-1)^(n + 1).
  %parity = arith.andi %n, %int1 : i64
  %odd = arith.cmpi eq, %parity, %int1 : i64
  %sigma = arith.select %odd, %one, %minus_one : f64
  %lowest = arith.cmpi sle, %n, %int0 : i64
  %right = arith.cmpf ogt, %x, %null : f64
  %res = scf.if %lowest -> (f64) {
    %y = func.call @dp_digamma_f64(%x) : (f64) -> f64
    scf.yield %y : f64
  } else {
    %y_else = scf.if %right -> (f64) {
      %sum = func.call @dp_hurwitz_f64(%n, %x) : (i64, f64) -> f64
      %y = arith.mulf %sigma, %sum : f64
      scf.yield %y : f64
    } else {
      %lower = math.floor %x : f64
      %upper = math.ceil %x : f64
      %pole = arith.cmpf oeq, %lower, %x : f64
      %nan = arith.cmpf uno, %x, %x : f64
      %y_left = scf.if %pole -> (f64) {
        // Infinite at the poles for odd n; no limit for even n, nor at -infinity.
        %finite = arith.cmpf ogt, %x, %minus_inf : f64
        %upward = arith.andi %finite, %odd : i1
        %y = arith.select %upward, %inf, %qnan : f64
        scf.yield %y : f64
      } else {
        %y_inner = scf.if %nan -> (f64) {
          scf.yield %x : f64
        } else {
          %r = arith.subf %x, %lower : f64
          %rest = arith.subf %upper, %x : f64
          %mirrored = arith.subf %one, %x : f64
          %sum_r = func.call @dp_hurwitz_f64(%n, %r) : (i64, f64) -> f64
          %sum_rest = func.call @dp_hurwitz_f64(%n, %rest) : (i64, f64) -> f64
          %sum_mirrored = func.call @dp_hurwitz_f64(%n, %mirrored) : (i64, f64) -> f64
          // The largest two first: they cancel between integers if n is even.
          %near = math.fma %sigma, %sum_r, %sum_rest : f64
          %y = arith.subf %near, %sum_mirrored : f64
          scf.yield %y : f64
        }
        scf.yield %y_inner : f64
      }
      scf.yield %y_left : f64
    }
    scf.yield %y_else : f64
  }
  return %res : f64
}
