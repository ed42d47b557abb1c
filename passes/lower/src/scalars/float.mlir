// Floats: what upstream has no operation for.

// -1 or 1 with the sign of x; zeros and NaN are kept.
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
