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

// libm's lgamma writes the sign of gamma into a global variable; this form does not.
func.func private @lgamma$F_r($T, !llvm.ptr) -> $T attributes {passthrough = ["nounwind", "willreturn"]}
func.func private @dp_lgamma_$T(%x: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = llvm.mlir.constant(1 : i64) : i64
  %sign = llvm.alloca %one x i32 : (i64) -> !llvm.ptr
  %y = func.call @lgamma$F_r(%x, %sign) : ($T, !llvm.ptr) -> $T
  return %y : $T
}
