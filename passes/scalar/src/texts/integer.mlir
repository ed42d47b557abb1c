// Operations on integers of $W bits with a case that is undefined in LLVM and defined in `scalar`.

// Division by zero gives all ones. The minimum divided by -1, which overflows, is the minimum: the divisor is replaced
// by 1.
func.func private @dp_div_$T(%a: $T, %b: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0 : $T
  %one = arith.constant 1 : $T
  %ones = arith.constant -1 : $T
  %by_zero = arith.cmpi eq, %b, %zero : $T
  %least = arith.constant 1 : $T
  %width = arith.constant $W : $T
  %top = arith.subi %width, %least : $T
  %min = arith.shli %least, %top : $T
  %is_min = arith.cmpi eq, %a, %min : $T
  %is_minus = arith.cmpi eq, %b, %ones : $T
  %overflows = arith.andi %is_min, %is_minus : i1
  %unsafe = arith.ori %by_zero, %overflows : i1
  %divisor = arith.select %unsafe, %one, %b : $T
  %r = arith.divsi %a, %divisor : $T
  %y = arith.select %by_zero, %ones, %r : $T
  return %y : $T
}

// The remainder of division by zero is the dividend.
func.func private @dp_rem_$T(%a: $T, %b: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0 : $T
  %one = arith.constant 1 : $T
  %ones = arith.constant -1 : $T
  %by_zero = arith.cmpi eq, %b, %zero : $T
  %least = arith.constant 1 : $T
  %width = arith.constant $W : $T
  %top = arith.subi %width, %least : $T
  %min = arith.shli %least, %top : $T
  %is_min = arith.cmpi eq, %a, %min : $T
  %is_minus = arith.cmpi eq, %b, %ones : $T
  %overflows = arith.andi %is_min, %is_minus : i1
  %unsafe = arith.ori %by_zero, %overflows : i1
  %divisor = arith.select %unsafe, %one, %b : $T
  %r = arith.remsi %a, %divisor : $T
  %y = arith.select %by_zero, %a, %r : $T
  return %y : $T
}

func.func private @dp_udiv_$T(%a: $T, %b: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0 : $T
  %one = arith.constant 1 : $T
  %ones = arith.constant -1 : $T
  %by_zero = arith.cmpi eq, %b, %zero : $T
  %divisor = arith.select %by_zero, %one, %b : $T
  %r = arith.divui %a, %divisor : $T
  %y = arith.select %by_zero, %ones, %r : $T
  return %y : $T
}

func.func private @dp_urem_$T(%a: $T, %b: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0 : $T
  %one = arith.constant 1 : $T
  %ones = arith.constant -1 : $T
  %by_zero = arith.cmpi eq, %b, %zero : $T
  %divisor = arith.select %by_zero, %one, %b : $T
  %r = arith.remui %a, %divisor : $T
  %y = arith.select %by_zero, %a, %r : $T
  return %y : $T
}

// The shift amount is min(b, W - 1), not a select on `fits`: LLVM folds the select away for NVIDIA GPUs, which use only
// the lower 32 bits of a 64-bit shift amount.
func.func private @dp_shl_$T(%a: $T, %b: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %width = arith.constant $W : $T
  %zero = arith.constant 0 : $T
  %one = arith.constant 1 : $T
  %most = arith.subi %width, %one : $T
  %fits = arith.cmpi ult, %b, %width : $T
  %by = arith.minui %b, %most : $T
  %r = arith.shli %a, %by : $T
  %y = arith.select %fits, %r, %zero : $T
  return %y : $T
}

func.func private @dp_ushr_$T(%a: $T, %b: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %width = arith.constant $W : $T
  %zero = arith.constant 0 : $T
  %one = arith.constant 1 : $T
  %most = arith.subi %width, %one : $T
  %fits = arith.cmpi ult, %b, %width : $T
  %by = arith.minui %b, %most : $T
  %r = arith.shrui %a, %by : $T
  %y = arith.select %fits, %r, %zero : $T
  return %y : $T
}

func.func private @dp_shr_$T(%a: $T, %b: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %width = arith.constant $W : $T
  %one = arith.constant 1 : $T
  %most = arith.subi %width, %one : $T
  %by = arith.minui %b, %most : $T
  %y = arith.shrsi %a, %by : $T
  return %y : $T
}

func.func private @dp_abs_$T(%x: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = math.absi %x : $T
  return %y : $T
}

func.func private @dp_sign_$T(%x: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0 : $T
  %one = arith.constant 1 : $T
  %ones = arith.constant -1 : $T
  %above = arith.maxsi %x, %ones : $T
  %y = arith.minsi %above, %one : $T
  return %y : $T
}

func.func private @dp_popcnt_$T(%x: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = "llvm.intr.ctpop"(%x) : ($T) -> $T
  return %y : $T
}

// The width if no bit is set.
func.func private @dp_count_leading_zeros_$T(%x: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %y = "llvm.intr.ctlz"(%x) <{is_zero_poison = false}> : ($T) -> $T
  return %y : $T
}

// a^b = Π a^(2^k) over the set bits k of b. For b < 0 the result is 0, unless a is 1 or -1.
func.func private @dp_pow_$T(%a: $T, %b: $T) -> $T
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %zero = arith.constant 0 : $T
  %one = arith.constant 1 : $T
  %ones = arith.constant -1 : $T
  %negative = arith.cmpi slt, %b, %zero : $T
  %low = arith.andi %b, %one : $T
  %count = arith.select %negative, %low, %b : $T
  %r:3 = scf.while (%power = %one, %square = %a, %left = %count) : ($T, $T, $T) -> ($T, $T, $T) {
    %more = arith.cmpi ne, %left, %zero : $T
    scf.condition(%more) %power, %square, %left : $T, $T, $T
  } do {
  ^bb0(%power: $T, %square: $T, %left: $T):
    %bit = arith.andi %left, %one : $T
    %odd = arith.cmpi ne, %bit, %zero : $T
    %times = arith.muli %power, %square : $T
    %next = arith.select %odd, %times, %power : $T
    %squared = arith.muli %square, %square : $T
    %rest = arith.shrui %left, %one : $T
    scf.yield %next, %squared, %rest : $T, $T, $T
  }
  %is_one = arith.cmpi eq, %a, %one : $T
  %is_minus = arith.cmpi eq, %a, %ones : $T
  %unit = arith.ori %is_one, %is_minus : i1
  %inverse = arith.select %unit, %r#0, %zero : $T
  %y = arith.select %negative, %inverse, %r#0 : $T
  return %y : $T
}
