func.func private @dp_abs_c32(%z: complex<f32>) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %re = complex.re %z : complex<f32>
  %im = complex.im %z : complex<f32>
  %re_wide = arith.extf %re : f32 to f64
  %im_wide = arith.extf %im : f32 to f64
  %wide = complex.create %re_wide, %im_wide : complex<f64>
  %h = func.call @dp_abs_c64(%wide) : (complex<f64>) -> f64
  %y = arith.truncf %h : f64 to f32
  return %y : f32
}
