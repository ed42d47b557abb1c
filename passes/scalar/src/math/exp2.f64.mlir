// 2^x in f64, without branches.
//
// x = n + r with |r| <= 1/2, so 2^x = 2^n 2^r, which is exact where x is an integer. Arguments are clamped to where the
// result is 0 or infinity anyway; a NaN passes both comparisons.
func.func private @dp_exp2_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %lo = arith.constant -1076.0 : f64
  %hi = arith.constant 1025.0 : f64
  %magic = arith.constant 6755399441055744.0 : f64
  %ln2_hi = arith.constant 0.6931471805599453 : f64
  %ln2_lo = arith.constant 2.3190468138462996e-17 : f64
  %magic_bits = arith.constant 0x4338000000000000 : i64
  %int1 = arith.constant 1 : i64
  %bias = arith.constant 1023 : i64
  %sh = arith.constant 52 : i64
  %one = arith.constant 1.0 : f64
  %c9 = arith.constant 4.45410341058704e-10 : f64
  %c8 = arith.constant 7.070977866508138e-09 : f64
  %c7 = arith.constant 1.0178067267449427e-07 : f64
  %c6 = arith.constant 1.3215451633221434e-06 : f64
  %c5 = arith.constant 1.5252733820795803e-05 : f64
  %c4 = arith.constant 0.00015403530424776529 : f64
  %c3 = arith.constant 0.0013333558146423213 : f64
  %c2 = arith.constant 0.009618129107618665 : f64
  %c1 = arith.constant 0.05550410866482158 : f64
  %c0 = arith.constant 0.24022650695910075 : f64
  %small = arith.cmpf olt, %x, %lo : f64
  %xl = arith.select %small, %lo, %x : f64
  %large = arith.cmpf ogt, %xl, %hi : f64
  %xc = arith.select %large, %hi, %xl : f64
  // n = round(x): adding 1.5 * 2^52 leaves n in the low bits of the sum.
  %biased = math.fma %xc, %one, %magic : f64
  %n = arith.subf %biased, %magic : f64
  %r = arith.subf %xc, %n : f64
  // 2^r - 1 = r ln 2 + r^2 P(r), P interpolated, with ln 2 in two parts.
  %c_8 = math.fma %c9, %r, %c8 : f64
  %c_7 = math.fma %c_8, %r, %c7 : f64
  %c_6 = math.fma %c_7, %r, %c6 : f64
  %c_5 = math.fma %c_6, %r, %c5 : f64
  %c_4 = math.fma %c_5, %r, %c4 : f64
  %c_3 = math.fma %c_4, %r, %c3 : f64
  %c_2 = math.fma %c_3, %r, %c2 : f64
  %c_1 = math.fma %c_2, %r, %c1 : f64
  %p = math.fma %c_1, %r, %c0 : f64
  %p_r = math.fma %p, %r, %ln2_lo : f64
  %p_low = arith.mulf %r, %p_r : f64
  %q = math.fma %r, %ln2_hi, %p_low : f64
  %y = arith.addf %one, %q : f64
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
  %y1 = arith.mulf %y, %half_scale : f64
  %y2 = arith.mulf %y1, %rest_scale : f64
  return %y2 : f64
}
