// sqrt(a^2 + b^2) in f64, without branches.
//
// If the square of the larger operand would overflow or underflow, both are scaled by a power of two first.
// Infinite if either operand is infinite, even if the other is NaN.
func.func private @dp_hypot_f64(%a: f64, %b: f64) -> f64
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %infinity = arith.constant 0x7FF0000000000000 : f64
  %large = arith.constant 3.273390607896142e+150 : f64
  %small = arith.constant 3.054936363499605e-151 : f64
  %shrink = arith.constant 2.409919865102884e-181 : f64
  %grow = arith.constant 4.149515568880993e+180 : f64
  %one = arith.constant 1.0 : f64
  %mag_a = math.absf %a : f64
  %mag_b = math.absf %b : f64
  %first = arith.cmpf ogt, %mag_a, %mag_b : f64
  %greater = arith.select %first, %mag_a, %mag_b : f64
  %lesser = arith.select %first, %mag_b, %mag_a : f64
  %is_large = arith.cmpf ogt, %greater, %large : f64
  %is_small = arith.cmpf olt, %greater, %small : f64
  %up = arith.select %is_small, %grow, %one : f64
  %scale = arith.select %is_large, %shrink, %up : f64
  %down = arith.select %is_small, %shrink, %one : f64
  %back = arith.select %is_large, %grow, %down : f64
  %p = arith.mulf %greater, %scale : f64
  %q = arith.mulf %lesser, %scale : f64
  %qq = arith.mulf %q, %q : f64
  %square = math.fma %p, %p, %qq : f64
  %root = math.sqrt %square : f64
  %y = arith.mulf %root, %back : f64
  %inf_a = arith.cmpf oeq, %mag_a, %infinity : f64
  %inf_b = arith.cmpf oeq, %mag_b, %infinity : f64
  %infinite = arith.ori %inf_a, %inf_b : i1
  %res = arith.select %infinite, %infinity, %y : f64
  return %res : f64
}
