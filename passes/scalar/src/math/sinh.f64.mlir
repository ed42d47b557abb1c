// sinh x in f64, without branches.
//
// With u = e^|x| - 1 it is (u + u / (u + 1)) / 2, without cancellation; where e^|x| might overflow, e^|x| / 2 as a
// product of two factors.
func.func private @dp_sinh_f64(%x: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %far_cut = arith.constant 709.0 : f64
  %one = arith.constant 1.0 : f64
  %one_half = arith.constant 0.5 : f64
  %mag = math.absf %x : f64
  %u = func.call @dp_expm1_f64(%mag) : (f64) -> f64
  %e = arith.addf %u, %one : f64
  %rest = arith.divf %u, %e : f64
  %both = arith.addf %u, %rest : f64
  %near = arith.mulf %both, %one_half : f64
  %half = arith.mulf %mag, %one_half : f64
  %root = func.call @dp_exp_f64(%half) : (f64) -> f64
  %half_root = arith.mulf %root, %one_half : f64
  %far = arith.mulf %half_root, %root : f64
  %is_far = arith.cmpf ogt, %mag, %far_cut : f64
  %y = arith.select %is_far, %far, %near : f64
  %res = math.copysign %y, %x : f64
  return %res : f64
}
