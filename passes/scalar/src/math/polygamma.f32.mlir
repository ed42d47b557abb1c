// The derivative of order n of digamma in f32, through f64.
func.func private @dp_polygamma_f32(%n: i64, %x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x_wide = arith.extf %x : f32 to f64
  %wide = func.call @dp_polygamma_f64(%n, %x_wide) : (i64, f64) -> f64
  %res = arith.truncf %wide : f64 to f32
  return %res : f32
}
