// Operations on floats that upstream dialects lack.

// -1 or 1 with the sign of x; zeros and NaN are returned unchanged.
func.func private @dp_sign_$T(%x: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0.0 : $T
  %one = arith.constant 1.0 : $T
  %nonzero = arith.cmpf one, %x, %zero : $T
  %unit = math.copysign %one, %x : $T
  %y = arith.select %nonzero, %unit, %x : $T
  return %y : $T
}

func.func private @dp_rsqrt_$T(%x: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : $T
  %root = math.sqrt %x : $T
  %y = arith.divf %one, %root : $T
  return %y : $T
}

// Only NaN is unordered with itself.
func.func private @dp_is_nan_$T(%x: $T) -> i1
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = arith.cmpf uno, %x, %x : $T
  return %y : i1
}

func.func private @dp_is_finite_$T(%x: $T) -> i1
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1.0 : $T
  %zero = arith.constant 0.0 : $T
  %inf = arith.divf %one, %zero : $T
  %mag = math.absf %x : $T
  %y = arith.cmpf olt, %mag, %inf : $T
  return %y : i1
}
