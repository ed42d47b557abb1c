// cosh x in f64, without branches.
//
// e^|x| / 2 + 1 / (2 e^|x|); where e^|x| might overflow, e^|x| / 2 as a product of two factors.
func.func private @dp_cosh_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %far_cut = arith.constant 709.0 : f64
  %one_half = arith.constant 0.5 : f64
  %mag = math.absf %x : f64
  %e = func.call @dp_exp_f64(%mag) : (f64) -> f64
  %half_e = arith.mulf %e, %one_half : f64
  %rest = arith.divf %one_half, %e : f64
  %near = arith.addf %half_e, %rest : f64
  %half = arith.mulf %mag, %one_half : f64
  %root = func.call @dp_exp_f64(%half) : (f64) -> f64
  %half_root = arith.mulf %root, %one_half : f64
  %far = arith.mulf %half_root, %root : f64
  %is_far = arith.cmpf ogt, %mag, %far_cut : f64
  %y = arith.select %is_far, %far, %near : f64
  return %y : f64
}
