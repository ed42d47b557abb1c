// The inverse of cosh in f64, without branches.
//
// With t = x - 1, ln(1 + t + sqrt(t (t + 2))); where the product might overflow, ln x + ln 2. NaN below 1.
func.func private @dp_acosh_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %large = arith.constant 3.273390607896142e+150 : f64
  %ln2 = arith.constant 0.6931471805599453 : f64
  %qnan = arith.constant 0x7FF8000000000000 : f64
  %one = arith.constant 1.0 : f64
  %two = arith.constant 2.0 : f64
  %zero = arith.constant 0.0 : f64
  %t = arith.subf %x, %one : f64
  %t_2 = arith.addf %t, %two : f64
  %product = arith.mulf %t, %t_2 : f64
  %root = math.sqrt %product : f64
  %near = arith.addf %t, %root : f64
  %is_large = arith.cmpf ogt, %x, %large : f64
  %arg = arith.select %is_large, %x, %near : f64
  %more = arith.select %is_large, %ln2, %zero : f64
  %log = func.call @dp_log1p_f64(%arg) : (f64) -> f64
  %y = arith.addf %log, %more : f64
  %outside = arith.cmpf olt, %x, %one : f64
  %res = arith.select %outside, %qnan, %y : f64
  return %res : f64
}
