// Rounding between floating-point types, on the bits.

// A bfloat16 is the upper half of an f32.
func.func private @dp_extend_bf16(%x: bf16) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %half = arith.bitcast %x : bf16 to i16
  %wide = arith.extui %half : i16 to i32
  %sixteen = arith.constant 16 : i32
  %bits = arith.shli %wide, %sixteen : i32
  %y = arith.bitcast %bits : i32 to f32
  return %y : f32
}

// To the nearest bfloat16, ties to even: adding 0x7fff plus the last kept bit carries into it exactly if rounding goes
// up. NaN stays NaN.
func.func private @dp_round_bf16(%x: f32) -> bf16
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %bits = arith.bitcast %x : f32 to i32
  %sixteen = arith.constant 16 : i32
  %one = arith.constant 1 : i32
  %below = arith.constant 0x7fff : i32
  %quiet = arith.constant 0x400000 : i32
  %upper = arith.shrui %bits, %sixteen : i32
  %last = arith.andi %upper, %one : i32
  %bias = arith.addi %last, %below : i32
  %carried = arith.addi %bits, %bias : i32
  %silent = arith.ori %bits, %quiet : i32
  %is_nan = arith.cmpf uno, %x, %x : f32
  %rounded = arith.select %is_nan, %silent, %carried : i32
  %shifted = arith.shrui %rounded, %sixteen : i32
  %half = arith.trunci %shifted : i32 to i16
  %y = arith.bitcast %half : i16 to bf16
  return %y : bf16
}

// f64 to f32, rounded to odd: toward zero, with the last bit set if the result is inexact. A second rounding to a
// narrower type is then correct.
func.func private @dp_round_to_odd(%x: f64) -> f32
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %one = arith.constant 1 : i32
  %zero = arith.constant 0 : i32
  %near = arith.truncf %x : f64 to f32
  %back = arith.extf %near : f32 to f64
  %inexact = arith.cmpf one, %back, %x : f64
  %size = math.absf %x : f64
  %back_size = math.absf %back : f64
  %away = arith.cmpf ogt, %back_size, %size : f64
  %bits = arith.bitcast %near : f32 to i32
  %step = arith.select %away, %one, %zero : i32
  %toward_zero = arith.subi %bits, %step : i32
  %odd = arith.ori %toward_zero, %one : i32
  %chosen = arith.select %inexact, %odd, %bits : i32
  %y = arith.bitcast %chosen : i32 to f32
  return %y : f32
}
