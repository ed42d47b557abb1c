// The inverse of tanh in f64, without branches.
//
// ln(1 + 2|x| / (1 - |x|)) / 2: infinite at 1, NaN above.
func.func private @dp_atanh_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : f64
  %one_half = arith.constant 0.5 : f64
  %mag = math.absf %x : f64
  %twice = arith.addf %mag, %mag : f64
  %den = arith.subf %one, %mag : f64
  %quot = arith.divf %twice, %den : f64
  %log = func.call @dp_log1p_f64(%quot) : (f64) -> f64
  %y = arith.mulf %log, %one_half : f64
  %res = math.copysign %y, %x : f64
  return %res : f64
}
