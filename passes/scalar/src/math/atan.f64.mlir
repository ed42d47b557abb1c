// The inverse of tan in f64: the angle of the point (1, x).
func.func private @dp_atan_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %res = func.call @dp_atan2_f64(%x, %one) : (f64, f64) -> f64
  return %res : f64
}
