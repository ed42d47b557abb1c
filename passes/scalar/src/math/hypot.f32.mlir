// sqrt(a^2 + b^2) in f32, through f64.
func.func private @dp_hypot_f32(%a: f32, %b: f32) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %a_wide = arith.extf %a : f32 to f64
  %b_wide = arith.extf %b : f32 to f64
  %wide = func.call @dp_hypot_f64(%a_wide, %b_wide) : (f64, f64) -> f64
  %res = arith.truncf %wide : f64 to f32
  return %res : f32
}
