// The inverse of sinh in f64, without branches.
//
// ln(1 + |x| + x^2 / (1 + sqrt(1 + x^2))); where the square might overflow, ln |x| + ln 2.
func.func private @dp_asinh_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %large = arith.constant 3.273390607896142e+150 : f64
  %ln2 = arith.constant 0.6931471805599453 : f64
  %one = arith.constant 1.0 : f64
  %zero = arith.constant 0.0 : f64
  %mag = math.absf %x : f64
  %sq = arith.mulf %mag, %mag : f64
  %sq_1 = arith.addf %sq, %one : f64
  %root = math.sqrt %sq_1 : f64
  %den = arith.addf %root, %one : f64
  %rest = arith.divf %sq, %den : f64
  %near = arith.addf %mag, %rest : f64
  %is_large = arith.cmpf ogt, %mag, %large : f64
  %arg = arith.select %is_large, %mag, %near : f64
  %more = arith.select %is_large, %ln2, %zero : f64
  %log = func.call @dp_log1p_f64(%arg) : (f64) -> f64
  %y = arith.addf %log, %more : f64
  %res = math.copysign %y, %x : f64
  return %res : f64
}
