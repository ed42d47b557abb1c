// A function of a complex<f32> is computed in complex<f64> and rounded: intermediate cancellation and overflow in f32
// are harmless in f64.
func.func private @dp_$F_c32(%z: complex<f32>) -> complex<f32>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %re = complex.re %z : complex<f32>
  %im = complex.im %z : complex<f32>
  %re_wide = arith.extf %re : f32 to f64
  %im_wide = arith.extf %im : f32 to f64
  %wide = complex.create %re_wide, %im_wide : complex<f64>
  %w = func.call @dp_$F_c64(%wide) : (complex<f64>) -> complex<f64>
  %w_re = complex.re %w : complex<f64>
  %w_im = complex.im %w : complex<f64>
  %y_re = arith.truncf %w_re : f64 to f32
  %y_im = arith.truncf %w_im : f64 to f32
  %y = complex.create %y_re, %y_im : complex<f32>
  return %y : complex<f32>
}
