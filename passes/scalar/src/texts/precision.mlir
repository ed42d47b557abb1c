// Rounds x, a float with $E bits of exponent and $M of mantissa, to %e and %m bits, on its bits.
//
// Adding half of the last digit that stays, less one unless that digit is odd, carries exactly if rounding goes up. Then
// too large an exponent gives infinity, too small a one 0. NaN is returned unchanged.
func.func private @dp_reduce_precision_$T(%e: $I, %m: $I, %x: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0 : $I
  %one = arith.constant 1 : $I
  %ones = arith.constant -1 : $I
  %own_m = arith.constant $M : $I
  %own_e = arith.constant $E : $I
  %bits = arith.bitcast %x : $T to $I
  %width = arith.addi %own_m, %own_e : $I
  %sign_bit = arith.shli %one, %width : $I
  %sign = arith.andi %bits, %sign_bit : $I
  %all = arith.subi %sign_bit, %one : $I
  %units = arith.shli %one, %own_m : $I
  %digits = arith.subi %units, %one : $I
  %inf = arith.subi %all, %digits : $I
  // The mantissa.
  %less = arith.subi %own_m, %m : $I
  %drop = arith.maxsi %less, %zero : $I
  %next = arith.shli %one, %drop : $I
  %half = arith.shrui %next, %one : $I
  %shifted = arith.shrui %bits, %drop : $I
  %odd = arith.andi %shifted, %one : $I
  %almost = arith.subi %half, %one : $I
  %up = arith.addi %almost, %odd : $I
  %rounds = arith.cmpi ne, %drop, %zero : $I
  %added = arith.select %rounds, %up, %zero : $I
  %sum = arith.addi %bits, %added : $I
  %dropped = arith.subi %next, %one : $I
  %mask = arith.xori %dropped, %ones : $I
  %rounded = arith.andi %sum, %mask : $I
  // The exponent.
  %size = arith.andi %rounded, %all : $I
  %exponent = arith.shrui %size, %own_m : $I
  %e_low = arith.minsi %e, %own_e : $I
  %e_1 = arith.subi %e_low, %one : $I
  %own_1 = arith.subi %own_e, %one : $I
  %power = arith.shli %one, %e_1 : $I
  %own_power = arith.shli %one, %own_1 : $I
  %bias = arith.subi %power, %one : $I
  %own_bias = arith.subi %own_power, %one : $I
  %most = arith.addi %own_bias, %bias : $I
  %least = arith.subi %own_bias, %bias : $I
  %is_large = arith.cmpi sgt, %exponent, %most : $I
  %is_small = arith.cmpi sle, %exponent, %least : $I
  %narrows = arith.cmpi slt, %e, %own_e : $I
  %flushes = arith.andi %is_small, %narrows : i1
  %infinite = arith.ori %inf, %sign : $I
  %low = arith.select %flushes, %sign, %rounded : $I
  %high = arith.select %is_large, %infinite, %low : $I
  %mag = arith.andi %bits, %all : $I
  %is_nan = arith.cmpi sgt, %mag, %inf : $I
  %res = arith.select %is_nan, %bits, %high : $I
  %y = arith.bitcast %res : $I to $T
  return %y : $T
}
