// The inverse of sin in f64: the angle of the point of the unit circle at height x.
//
// Its other coordinate is sqrt((1 - x) (1 + x)), without cancellation near 1. NaN outside [-1, 1].
func.func private @dp_asin_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %below = arith.subf %one, %x : f64
  %above = arith.addf %one, %x : f64
  %product = arith.mulf %below, %above : f64
  %leg = math.sqrt %product : f64
  %res = func.call @dp_atan2_f64(%x, %leg) : (f64, f64) -> f64
  return %res : f64
}
