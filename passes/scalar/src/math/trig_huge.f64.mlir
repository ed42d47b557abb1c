// sin, cos and tan of huge arguments in f64, after Payne and Hanek.
//
// x 2/pi modulo 4 is computed in integers: with |x| = m 2^e, those bits of 2/pi whose
// products with m are multiples of 4 are skipped, and the next 192 multiplied by m.
// The table has 2/pi from the bit of weight 2^63 on. `function` is 0 for sin, 1
// for cos, 2 for tan. Valid for |x| >= 2^-10 or so; the relative error of the
// reduced argument is below 2^-70.
//
// Called only for arguments beyond the fast reduction. A loop with a call in a branch would
// not vectorize; naming a masked variant of one lane tells LLVM's vectorizer that
// the call may be masked, and since no vector of the loop has one lane it calls
// this scalar function for these lanes.
func.func private @dp_trig_huge_f64(%x: f64, %function: i64) -> f64
    attributes {passthrough = ["noinline", "nounwind", "willreturn",
        ["vector-function-abi-variant", "_ZGV_LLVM_M1vv_dp_trig_huge_f64(dp_trig_huge_f64_lane)"]], llvm.linkage = #llvm.linkage<internal>} {
  %table = arith.constant dense<[
    0x0000000000000000, 0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041,
    0xFE5163ABDEBBC561, 0xB7246E3A424DD2E0, 0x06492EEA09D1921C, 0xFE1DEB1CB129A73E,
    0xE88235F52EBB4484, 0xE99C7026B45F7E41, 0x3991D639835339F4, 0x9C845F8BBDF9283B,
    0x1FF897FFDE05980F, 0xEF2F118B5A0A6D1F, 0x6D367ECF27CB09B7, 0x4F463F669E5FEA2D,
    0x7527BAC7EBE5F17B, 0x3D0739F78A5292EA, 0x6BFB5FB11F8D5D08, 0x56033046FC7B6BAB]> : vector<20xi64>
  %signless = arith.constant 0x7FFFFFFFFFFFFFFF : i64
  %int52 = arith.constant 52 : i64
  %frac_mask = arith.constant 0xFFFFFFFFFFFFF : i64
  %implicit = arith.constant 0x10000000000000 : i64
  %int1013 = arith.constant 1013 : i64
  %int0 = arith.constant 0 : i64
  %int6 = arith.constant 6 : i64
  %int63 = arith.constant 63 : i64
  %int1 = arith.constant 1 : i64
  %int2 = arith.constant 2 : i64
  %int3 = arith.constant 3 : i64
  %int62 = arith.constant 62 : i64
  %int11 = arith.constant 11 : i64
  %int2047 = arith.constant 2047 : i64
  %int42 = arith.constant 42 : i64
  %int22 = arith.constant 22 : i64
  %ulp_hi = arith.constant 1.1102230246251565e-16 : f64
  %ulp_lo = arith.constant 1.232595164407831e-32 : f64
  %half_pi_1 = arith.constant 1.5707963267948966 : f64
  %half_pi_2 = arith.constant 6.123233995736766e-17 : f64
  %int1023 = arith.constant 1023 : i64
  %sign_bit = arith.constant -9223372036854775808 : i64
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
  %inf_bits = arith.constant 0x7FF0000000000000 : i64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  // |x| = m 2^(e - 52), with m of 53 bits.
  %xb = arith.bitcast %x : f64 to i64
  %magb = arith.andi %xb, %signless : i64
  %biased = arith.shrui %magb, %int52 : i64
  %frac = arith.andi %xb, %frac_mask : i64
  %m = arith.ori %frac, %implicit : i64
  // The first bit used: all bits before it contribute multiples of 4 quarter turns.
  %bit_raw = arith.subi %biased, %int1013 : i64
  %first = arith.maxsi %bit_raw, %int0 : i64
  %word_0 = arith.shrui %first, %int6 : i64
  %bit = arith.andi %first, %int63 : i64
  %word_1 = arith.addi %word_0, %int1 : i64
  %word_2 = arith.addi %word_0, %int2 : i64
  %word_3 = arith.addi %word_0, %int3 : i64
  %v0 = llvm.extractelement %table[%word_0 : i64] : vector<20xi64>
  %v1 = llvm.extractelement %table[%word_1 : i64] : vector<20xi64>
  %v2 = llvm.extractelement %table[%word_2 : i64] : vector<20xi64>
  %v3 = llvm.extractelement %table[%word_3 : i64] : vector<20xi64>
  // 192 bits w0 w1 w2, shifted into place (twice, because a shift by 64 is undefined).
  %up = arith.subi %int63, %bit : i64
  %h0 = arith.shli %v0, %bit : i64
  %h1 = arith.shli %v1, %bit : i64
  %h2 = arith.shli %v2, %bit : i64
  %l1 = arith.shrui %v1, %int1 : i64
  %l2 = arith.shrui %v2, %int1 : i64
  %l3 = arith.shrui %v3, %int1 : i64
  %m1 = arith.shrui %l1, %up : i64
  %m2 = arith.shrui %l2, %up : i64
  %m3 = arith.shrui %l3, %up : i64
  %w0 = arith.ori %h0, %m1 : i64
  %w1 = arith.ori %h1, %m2 : i64
  %w2 = arith.ori %h2, %m3 : i64
  // The product m w modulo 2^192: two bits for quarter turns, 190 bits of fraction.
  %f2, %a_hi = arith.mului_extended %m, %w2 : i64
  %b_lo, %b_hi = arith.mului_extended %m, %w1 : i64
  %c_lo = arith.muli %m, %w0 : i64
  %f1 = arith.addi %a_hi, %b_lo : i64
  %over = arith.cmpi ult, %f1, %a_hi : i64
  %carry = arith.extui %over : i1 to i64
  %f0_b = arith.addi %c_lo, %b_hi : i64
  %f0 = arith.addi %f0_b, %carry : i64
  // The fraction, moved to [-1/2, 1/2), as sign and magnitude (one's complement).
  %quarter = arith.shrui %f0, %int62 : i64
  %s0_h = arith.shli %f0, %int2 : i64
  %s0_l = arith.shrui %f1, %int62 : i64
  %s0 = arith.ori %s0_h, %s0_l : i64
  %s1_h = arith.shli %f1, %int2 : i64
  %s1_l = arith.shrui %f2, %int62 : i64
  %s1 = arith.ori %s1_h, %s1_l : i64
  %s2 = arith.shli %f2, %int2 : i64
  %up_1 = arith.shrui %s0, %int63 : i64
  %near_q = arith.addi %quarter, %up_1 : i64
  %mask = arith.shrsi %s0, %int63 : i64
  %a0 = arith.xori %s0, %mask : i64
  %a1 = arith.xori %s1, %mask : i64
  %a2 = arith.xori %s2, %mask : i64
  // Normalized: 2^-shift (g0 g1) with the top bit of g0 set.
  %skip = arith.cmpi eq, %a0, %int0 : i64
  %b0 = arith.select %skip, %a1, %a0 : i64
  %b1 = arith.select %skip, %a2, %a1 : i64
  %b2 = arith.select %skip, %int0, %a2 : i64
  %lead = math.ctlz %b0 : i64
  %lead_in = arith.andi %lead, %int63 : i64
  %keep = arith.subi %int63, %lead_in : i64
  %n0 = arith.shli %b0, %lead_in : i64
  %n1 = arith.shli %b1, %lead_in : i64
  %o1 = arith.shrui %b1, %int1 : i64
  %o2 = arith.shrui %b2, %int1 : i64
  %p1 = arith.shrui %o1, %keep : i64
  %p2 = arith.shrui %o2, %keep : i64
  %g0 = arith.ori %n0, %p1 : i64
  %g1 = arith.ori %n1, %p2 : i64
  // The leading 106 bits as two f64 values of 53 bits, exactly.
  %hi_bits = arith.shrui %g0, %int11 : i64
  %lo_top = arith.andi %g0, %int2047 : i64
  %lo_up = arith.shli %lo_top, %int42 : i64
  %lo_rest = arith.shrui %g1, %int22 : i64
  %lo_bits = arith.ori %lo_up, %lo_rest : i64
  %hi_int = arith.sitofp %hi_bits : i64 to f64
  %lo_int = arith.sitofp %lo_bits : i64 to f64
  %hi = arith.mulf %hi_int, %ulp_hi : f64
  %lo = arith.mulf %lo_int, %ulp_lo : f64
  // Times pi / 2, in double-double precision.
  %r_hi = arith.mulf %hi, %half_pi_1 : f64
  %t1 = arith.negf %r_hi : f64
  %r_err = math.fma %hi, %half_pi_1, %t1 : f64
  %r_err_2 = math.fma %hi, %half_pi_2, %r_err : f64
  %r_err_3 = math.fma %lo, %half_pi_1, %r_err_2 : f64
  // Times the sign and 2^-shift.
  %skip_wide = arith.extui %skip : i1 to i64
  %far = arith.shli %skip_wide, %int6 : i64
  %shift = arith.addi %far, %lead_in : i64
  %exponent = arith.subi %int1023, %shift : i64
  %scale_bits = arith.shli %exponent, %int52 : i64
  %sign = arith.andi %mask, %sign_bit : i64
  %scale_signed = arith.ori %scale_bits, %sign : i64
  %scale = arith.bitcast %scale_signed : i64 to f64
  %r = arith.mulf %r_hi, %scale : f64
  %r_lo = arith.mulf %r_err_3, %scale : f64
  // Sine and cosine of r + r_lo.
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
  // cos x = sin(x + pi/2).
  %is_cos = arith.cmpi eq, %function, %int1 : i64
  %extra = arith.extui %is_cos : i1 to i64
  %quadrant = arith.addi %near_q, %extra : i64
  %odd_bit = arith.andi %quadrant, %int1 : i64
  %odd = arith.cmpi ne, %odd_bit, %int0 : i64
  %y_sine = arith.select %odd, %cos_r, %sin_r : f64
  %half_turn = arith.andi %quadrant, %int2 : i64
  %flip_sine = arith.shli %half_turn, %int62 : i64
  // The rounding errors of sine and cosine.
  %sin_gap = arith.subf %r, %sin_r : f64
  %sin_lo = arith.addf %sin_gap, %sin_tail : f64
  %cos_gap = arith.subf %one, %cos_r : f64
  %cos_lo = arith.addf %cos_gap, %cos_tail : f64
  %num = arith.select %odd, %cos_r, %sin_r : f64
  %num_lo = arith.select %odd, %cos_lo, %sin_lo : f64
  %den = arith.select %odd, %sin_r, %cos_r : f64
  %den_lo = arith.select %odd, %sin_lo, %cos_lo : f64
  // The quotient (num + num_lo) / (den + den_lo), with one correction.
  %inverse = arith.divf %one, %den : f64
  %quot = arith.mulf %num, %inverse : f64
  %t3 = arith.negf %quot : f64
  %rem_den = math.fma %t3, %den, %num : f64
  %rem_num = arith.addf %rem_den, %num_lo : f64
  %t4 = arith.negf %quot : f64
  %rem = math.fma %t4, %den_lo, %rem_num : f64
  %y_tan = math.fma %rem, %inverse, %quot : f64
  %flip_tan = arith.shli %odd_bit, %int63 : i64
  // Sine and tangent are odd, the cosine is even.
  %is_tan = arith.cmpi eq, %function, %int2 : i64
  %y_abs = arith.select %is_tan, %y_tan, %y_sine : f64
  %flip_abs = arith.select %is_tan, %flip_tan, %flip_sine : i64
  %x_sign = arith.andi %xb, %sign_bit : i64
  %odd_sign = arith.select %is_cos, %int0, %x_sign : i64
  %flip = arith.xori %flip_abs, %odd_sign : i64
  %yb = arith.bitcast %y_abs : f64 to i64
  %ys = arith.xori %yb, %flip : i64
  %y = arith.bitcast %ys : i64 to f64
  // Infinity and NaN.
  %finite = arith.cmpi slt, %magb, %inf_bits : i64
  %res = arith.select %finite, %y, %qnan : f64
  return %res : f64
}

func.func private @dp_trig_huge_f64_lane(%x: vector<1xf64>, %function: vector<1xi64>, %mask: vector<1xi1>) -> vector<1xf64>
    attributes {passthrough = ["noinline"], llvm.linkage = #llvm.linkage<weak_odr>, visibility_ = 1 : i64} {
  %first = arith.constant 0 : i64
  %lane = llvm.extractelement %x[%first : i64] : vector<1xf64>
  %which = llvm.extractelement %function[%first : i64] : vector<1xi64>
  %y = func.call @dp_trig_huge_f64(%lane, %which) : (f64, i64) -> f64
  %res = llvm.insertelement %y, %x[%first : i64] : vector<1xf64>
  return %res : vector<1xf64>
}
