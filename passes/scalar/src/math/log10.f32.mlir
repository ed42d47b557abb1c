// The logarithm of x to base 10 in f32, through f64.
func.func private @dp_log10_f32(%x: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %x_wide = arith.extf %x : f32 to f64
  %wide = func.call @dp_log10_f64(%x_wide) : (f64) -> f64
  %res = arith.truncf %wide : f64 to f32
  return %res : f32
}
