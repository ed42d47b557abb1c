// A function of two complex<f32> is computed in complex<f64> and rounded.
func.func private @dp_$F_c32(%a: complex<f32>, %b: complex<f32>) -> complex<f32>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %a_re = complex.re %a : complex<f32>
  %a_im = complex.im %a : complex<f32>
  %b_re = complex.re %b : complex<f32>
  %b_im = complex.im %b : complex<f32>
  %a_re_wide = arith.extf %a_re : f32 to f64
  %a_im_wide = arith.extf %a_im : f32 to f64
  %b_re_wide = arith.extf %b_re : f32 to f64
  %b_im_wide = arith.extf %b_im : f32 to f64
  %a_wide = complex.create %a_re_wide, %a_im_wide : complex<f64>
  %b_wide = complex.create %b_re_wide, %b_im_wide : complex<f64>
  %w = func.call @dp_$F_c64(%a_wide, %b_wide) : (complex<f64>, complex<f64>) -> complex<f64>
  %w_re = complex.re %w : complex<f64>
  %w_im = complex.im %w : complex<f64>
  %y_re = arith.truncf %w_re : f64 to f32
  %y_im = arith.truncf %w_im : f64 to f32
  %y = complex.create %y_re, %y_im : complex<f32>
  return %y : complex<f32>
}
