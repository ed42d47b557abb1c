//===- Scalar.td - elementwise numeric operations --------------------------===//
#ifndef DP_SCALAR_TD
#define DP_SCALAR_TD

include "Common.td"

def Scalar_Dialect : Dialect {
  let name = "scalar";
  let cppNamespace = "::dp::scalar";
  let summary = "Elementwise numeric operations on scalars and tensors";
  let description = [{
    Each operation takes floats, complex numbers or integers, either scalars or
    tensors (elementwise). One derivative rule and one rewrite rule therefore
    cover scalars and tensors. There is no implicit broadcasting.

    Integers are signless and wrap. `div`, `rem`, `max`, `min` and the ordered
    predicates of `compare` treat them as signed; operations whose names begin
    with `u` treat them as unsigned. As in StableHLO, division by zero returns
    -1 (all ones) and the remainder is the dividend; the most negative integer
    divided by -1 returns itself, with remainder 0; a shift by at least the
    width returns 0, or all sign bits for the arithmetic right shift.

    Floating point follows IEEE 754. `max` and `min` propagate NaN. Comparisons
    are ordered: on NaN, every predicate except `ne` is false. f16 and bf16 are
    rounded after each operation.
  }];
  let hasConstantMaterializer = 1;
}

class Scalar_Op<string mnemonic, list<Trait> traits = []>
    : DP_Op<Scalar_Dialect, mnemonic, !listconcat([Pure], ElementwiseMappable.traits, traits)> {
  let hasFolder = 1;
  let extraClassDefinition = verifyTrampoline # foldTrampoline;
}

// `type` is the type in the generated example.
class Scalar_Unary<string mnemonic, string sum, string desc, list<Trait> traits = [], string type = "tensor<4xf64>">
    : Scalar_Op<mnemonic, !listconcat([SameOperandsAndResultType], traits)> {
  let summary = sum;
  let description = desc # "\n\n```mlir\n%y = scalar." # mnemonic # " %x : " # type # "\n```\n";
  let arguments = (ins DP_Value:$x);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

class Scalar_Binary<string mnemonic, string sum, string desc, list<Trait> traits = [], string type = "f64">
    : Scalar_Op<mnemonic, !listconcat([SameOperandsAndResultType], traits)> {
  let summary = sum;
  let description = desc # "\n\n```mlir\n%y = scalar." # mnemonic # " %a, %b : " # type # "\n```\n";
  let arguments = (ins DP_Value:$a, DP_Value:$b);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a)";
}

// The element type of the result differs from that of the operands and is inferred from it.
class Scalar_Inferred<string mnemonic, string sum, string desc>
    : Scalar_Op<mnemonic, [SameTypeOperands, DP_Infer]> {
  let summary = sum;
  let description = desc;
  let results = (outs DP_Value:$y);
  let extraClassDefinition = verifyTrampoline # foldTrampoline # inferTrampoline;
}

// Arithmetic.
def Scalar_AddOp : Scalar_Binary<"add", "sum", "`y = a + b`. Integers wrap.", [Commutative]>;
def Scalar_SubOp : Scalar_Binary<"sub", "difference", "`y = a - b`. Integers wrap.">;
def Scalar_MulOp : Scalar_Binary<"mul", "product", "`y = a b`. Integers wrap.", [Commutative]>;
def Scalar_DivOp : Scalar_Binary<"div", "quotient", "`y = a / b`. Integers are signed and round toward zero.">;
def Scalar_RemOp : Scalar_Binary<"rem", "remainder",
  "The remainder of `a / b`, with the sign of `a`, as C's fmod. Integers are signed.">;
def Scalar_UDivOp : Scalar_Binary<"udiv", "unsigned quotient", "`y = a / b` of unsigned integers.", [], "i32">;
def Scalar_URemOp : Scalar_Binary<"urem", "unsigned remainder", "The remainder of `udiv`.", [], "i32">;
def Scalar_PowOp : Scalar_Binary<"pow", "power",
  "`y = a^b`. On integers, by repeated squaring; a negative exponent gives 0 unless `a` is 1 or -1.">;
def Scalar_Atan2Op : Scalar_Binary<"atan2", "angle of a point", "The angle of the point (b, a), in (-pi, pi].">;
def Scalar_HypotOp : Scalar_Binary<"hypot", "length of a vector",
  "`y = sqrt(a^2 + b^2)`, without intermediate overflow or underflow; infinite if either operand is.", [Commutative]>;
def Scalar_CopysignOp : Scalar_Binary<"copysign", "copy of a sign",
  "The magnitude of `a` with the sign bit of `b`, zeros and NaN included.">;
def Scalar_FmaOp : Scalar_Op<"fma", [SameOperandsAndResultType]> {
  let summary = "fused multiply-add";
  let description = [{
    `y = a b + c`, rounded once.

    ```mlir
    %y = scalar.fma %a, %b, %c : tensor<4xf64>
    ```
  }];
  let arguments = (ins DP_Value:$a, DP_Value:$b, DP_Value:$c);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "$a `,` $b `,` $c attr-dict `:` type($a)";
}
def Scalar_MaxOp : Scalar_Binary<"max", "maximum", "The greater operand; NaN if either is NaN.", [Commutative]>;
def Scalar_MinOp : Scalar_Binary<"min", "minimum", "The smaller operand; NaN if either is NaN.", [Commutative]>;
def Scalar_UMaxOp : Scalar_Binary<"umax", "unsigned maximum",
  "The greater operand, as unsigned integers.", [Commutative], "i32">;
def Scalar_UMinOp : Scalar_Binary<"umin", "unsigned minimum",
  "The smaller operand, as unsigned integers.", [Commutative], "i32">;

def Scalar_NegOp : Scalar_Unary<"neg", "negation", "`y = -x`. Integers wrap.">;
def Scalar_SignOp : Scalar_Unary<"sign", "sign",
  "-1, 0 or 1, by the sign of `x`. Signed zeros and NaN are returned unchanged. For complex numbers, `x / |x|`, and 0 at 0.">;
def Scalar_FloorOp : Scalar_Unary<"floor", "floor", "The greatest integral value not above `x`.">;
def Scalar_CeilOp : Scalar_Unary<"ceil", "ceiling", "The least integral value not below `x`.">;
def Scalar_RoundOp : Scalar_Unary<"round", "rounding", "The nearest integral value, ties to even.">;

// Elementary functions.
def Scalar_ExpOp : Scalar_Unary<"exp", "exponential", "`y = e^x`.">;
def Scalar_Expm1Op : Scalar_Unary<"expm1", "exponential minus one", "`y = e^x - 1`, accurate near 0.">;
def Scalar_LogOp : Scalar_Unary<"log", "natural logarithm", "`y = ln x`; for complex numbers the principal branch.">;
def Scalar_Log1pOp : Scalar_Unary<"log1p", "logarithm of one plus", "`y = ln (1 + x)`, accurate near 0.">;
def Scalar_SqrtOp : Scalar_Unary<"sqrt", "square root", "The principal square root.">;
def Scalar_RsqrtOp : Scalar_Unary<"rsqrt", "reciprocal square root", "`y = 1 / sqrt x`.">;
def Scalar_SinOp : Scalar_Unary<"sin", "sine", "`y = sin x`, in radians.">;
def Scalar_CosOp : Scalar_Unary<"cos", "cosine", "`y = cos x`, in radians.">;
def Scalar_TanOp : Scalar_Unary<"tan", "tangent", "`y = tan x`, in radians.">;
def Scalar_TanhOp : Scalar_Unary<"tanh", "hyperbolic tangent", "`y = tanh x`.">;
def Scalar_LogisticOp : Scalar_Unary<"logistic", "logistic function", "`y = 1 / (1 + e^-x)`.">;
def Scalar_Exp2Op : Scalar_Unary<"exp2", "power of two", "`y = 2^x`, exact if `x` is an integer.">;
def Scalar_Log2Op : Scalar_Unary<"log2", "logarithm to base 2",
  "`y = log_2 x`, exact if `x` is a power of two; for complex numbers the principal branch.">;
def Scalar_Log10Op : Scalar_Unary<"log10", "logarithm to base 10",
  "`y = log_10 x`; for complex numbers the principal branch.">;
def Scalar_CbrtOp : Scalar_Unary<"cbrt", "cube root", "The real cube root, with the sign of `x`.">;
def Scalar_SinhOp : Scalar_Unary<"sinh", "hyperbolic sine", "`y = (e^x - e^-x) / 2`, accurate near 0.">;
def Scalar_CoshOp : Scalar_Unary<"cosh", "hyperbolic cosine", "`y = (e^x + e^-x) / 2`.">;
def Scalar_AsinOp : Scalar_Unary<"asin", "arc sine", "The angle in [-pi/2, pi/2] whose sine is `x`; NaN outside [-1, 1].">;
def Scalar_AcosOp : Scalar_Unary<"acos", "arc cosine", "The angle in [0, pi] whose cosine is `x`; NaN outside [-1, 1].">;
def Scalar_AtanOp : Scalar_Unary<"atan", "arc tangent", "The angle in [-pi/2, pi/2] whose tangent is `x`.">;
def Scalar_AsinhOp : Scalar_Unary<"asinh", "inverse hyperbolic sine", "The number whose hyperbolic sine is `x`.">;
def Scalar_AcoshOp : Scalar_Unary<"acosh", "inverse hyperbolic cosine",
  "The number in [0, inf] whose hyperbolic cosine is `x`; NaN below 1.">;
def Scalar_AtanhOp : Scalar_Unary<"atanh", "inverse hyperbolic tangent",
  "The number whose hyperbolic tangent is `x`; infinite at 1 and -1, NaN outside [-1, 1].">;

// Special functions of real arguments.
def Scalar_ErfOp : Scalar_Unary<"erf", "error function", "`y = 2/sqrt(pi) int_0^x e^(-t^2) dt`.">;
def Scalar_ErfcOp : Scalar_Unary<"erfc", "complementary error function",
  "`y = 1 - erf x`, accurate for large `x`, down to the smallest subnormal number.">;
def Scalar_ErfInvOp : Scalar_Unary<"erf_inv", "inverse error function",
  "The number whose `erf` is `x`; infinite at 1 and -1, NaN outside [-1, 1].">;
def Scalar_LgammaOp : Scalar_Unary<"lgamma", "logarithm of the gamma function", "`y = ln |Gamma(x)|`.">;
def Scalar_DigammaOp : Scalar_Unary<"digamma", "digamma function", "`y = Gamma'(x) / Gamma(x)`; NaN at 0, -1, -2, ….">;
def Scalar_PolygammaOp : Scalar_Op<"polygamma", [SameOperandsAndResultType]> {
  let summary = "polygamma function";
  let description = [{
    The derivative of order `n >= 0` of `digamma`; `polygamma 0` is `digamma`.
    At the poles 0, -1, -2, … it is infinite for odd `n` and NaN for even `n`.

    ```mlir
    %y = scalar.polygamma 1, %x : f64
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$n, DP_Value:$x);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "$n `,` $x attr-dict `:` type($x)";
}

// Complex numbers.
def Scalar_ConjOp : Scalar_Unary<"conj", "complex conjugate", "`y = re x - i im x`.", [], "tensor<4xcomplex<f64>>">;
def Scalar_AbsOp : Scalar_Inferred<"abs", "absolute value", [{
    `y = |x|`, which is real for complex `x`. The most negative integer is
    returned unchanged.

    ```mlir
    %y = scalar.abs %z : complex<f64>
    ```
  }]> {
  let arguments = (ins DP_Value:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
def Scalar_RealOp : Scalar_Inferred<"real", "real part", [{
    ```mlir
    %y = scalar.real %z : complex<f64>
    ```
  }]> {
  let arguments = (ins DP_Value:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
def Scalar_ImagOp : Scalar_Inferred<"imag", "imaginary part", [{
    ```mlir
    %y = scalar.imag %z : complex<f64>
    ```
  }]> {
  let arguments = (ins DP_Value:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
def Scalar_ComplexOp : Scalar_Inferred<"complex", "complex number from real and imaginary part", [{
    `y = re + i im`.

    ```mlir
    %z = scalar.complex %re, %im : f64
    ```
  }]> {
  let arguments = (ins DP_Value:$re, DP_Value:$im);
  let assemblyFormat = "$re `,` $im attr-dict `:` type($re)";
}

// Bits and booleans.
def Scalar_AndOp : Scalar_Binary<"and", "bitwise and", "Logical on i1.", [Commutative], "i32">;
def Scalar_OrOp : Scalar_Binary<"or", "bitwise or", "Logical on i1.", [Commutative], "i32">;
def Scalar_XorOp : Scalar_Binary<"xor", "bitwise exclusive or", "Logical on i1.", [Commutative], "i32">;
def Scalar_NotOp : Scalar_Unary<"not", "bitwise complement", "Logical on i1.", [], "tensor<4xi32>">;
def Scalar_ShlOp : Scalar_Binary<"shl", "left shift",
  "`a 2^b`; 0 if `b`, as an unsigned integer, is at least the width.", [], "i32">;
def Scalar_ShrOp : Scalar_Binary<"shr", "arithmetic right shift",
  "Keeps the sign; all sign bits if `b`, as an unsigned integer, is at least the width.", [], "i32">;
def Scalar_UShrOp : Scalar_Binary<"ushr", "logical right shift",
  "0 if `b`, as an unsigned integer, is at least the width.", [], "i32">;

def Scalar_PopcntOp : Scalar_Unary<"popcnt", "number of one bits", "The number of 1 bits in `x`.", [], "tensor<4xi32>">;
def Scalar_CountLeadingZerosOp : Scalar_Unary<"count_leading_zeros", "number of leading zero bits",
  "The number of 0 bits above the highest 1 bit of `x`; the width if `x` is 0.", [], "tensor<4xi32>">;

// Classification of floats.
def Scalar_IsNanOp : Scalar_Inferred<"is_nan", "whether a number is NaN", [{
    Returns i1, elementwise.

    ```mlir
    %p = scalar.is_nan %x : tensor<4xf32>
    ```
  }]> {
  let arguments = (ins DP_Value:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
def Scalar_IsFiniteOp : Scalar_Inferred<"is_finite", "whether a number is finite", [{
    Returns i1, elementwise: false for infinities and NaN.

    ```mlir
    %p = scalar.is_finite %x : tensor<4xf32>
    ```
  }]> {
  let arguments = (ins DP_Value:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

// Choice and conversion.
def Scalar_Predicate : I64EnumAttr<"Predicate", "a comparison predicate", [
    I64EnumAttrCase<"Eq", 0, "eq">, I64EnumAttrCase<"Ne", 1, "ne">,
    I64EnumAttrCase<"Lt", 2, "lt">, I64EnumAttrCase<"Le", 3, "le">,
    I64EnumAttrCase<"Gt", 4, "gt">, I64EnumAttrCase<"Ge", 5, "ge">,
    I64EnumAttrCase<"Ult", 6, "ult">, I64EnumAttrCase<"Ule", 7, "ule">,
    I64EnumAttrCase<"Ugt", 8, "ugt">, I64EnumAttrCase<"Uge", 9, "uge">]> {
  let cppNamespace = "::dp::scalar";
}
def Scalar_CompareOp : Scalar_Inferred<"compare", "comparison", [{
    Returns i1, elementwise. `eq` and `ne` take all types, `lt le gt ge` floats
    and signed integers, `ult ule ugt uge` unsigned integers. On NaN, every
    predicate except `ne` is false.

    ```mlir
    %p = scalar.compare lt %a, %b : tensor<4xf32>
    ```
  }]> {
  let arguments = (ins Scalar_Predicate:$predicate, DP_Value:$a, DP_Value:$b);
  let assemblyFormat = "$predicate $a `,` $b attr-dict `:` type($a)";
}
def Scalar_SelectOp : Scalar_Op<"select", [AllTypesMatch<["a", "b", "y"]>]> {
  let summary = "choice between two values";
  let description = [{
    `y = p ? a : b`, elementwise. The predicate has the shape of the values.

    ```mlir
    %y = scalar.select %p, %a, %b : tensor<4xi1>, tensor<4xf32>
    ```
  }];
  let arguments = (ins DP_Value:$p, DP_Value:$a, DP_Value:$b);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "$p `,` $a `,` $b attr-dict `:` type($p) `,` type($a)";
}
def Scalar_ConvertOp : Scalar_Op<"convert"> {
  let summary = "conversion between element types";
  let description = [{
    Rounds to the nearest value of the result type, ties to even. Float to
    integer rounds toward zero and saturates, and NaN becomes 0. Narrowing of
    integers wraps. With `unsigned`, integer operands and results are unsigned.
    i1 converts to 0 or 1, and conversion to i1 tests for nonzero. A real number
    converts to a complex one with imaginary part 0; a complex number converts
    only to another complex type (use `scalar.real` first).

    ```mlir
    %y = scalar.convert %x : tensor<4xi32> to tensor<4xf32>
    ```
  }];
  let arguments = (ins DP_Value:$x, UnitAttr:$is_unsigned);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "(`unsigned` $is_unsigned^)? $x attr-dict `:` type($x) `to` type($y)";
}
def Scalar_BitcastOp : Scalar_Op<"bitcast"> {
  let summary = "bits of a number as another type";
  let description = [{
    The number of the result type with the same bits, between floats and
    integers of one width. The bits of a NaN are those of some NaN.

    ```mlir
    %y = scalar.bitcast %x : tensor<4xf32> to tensor<4xi32>
    ```
  }];
  let arguments = (ins DP_Value:$x);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($y)";
}
def Scalar_ReducePrecisionOp : Scalar_Op<"reduce_precision", [SameOperandsAndResultType]> {
  let summary = "rounding to fewer digits";
  let description = [{
    Rounds to a float with `exponent` and `mantissa` bits, without a change of
    the type: to nearest, ties to even. What is too large for the exponent
    becomes infinite, and what is below its normal numbers a zero; signs are
    kept, and so is NaN. More bits than the type has change nothing.

    ```mlir
    %y = scalar.reduce_precision exponent 5 mantissa 10 %x : tensor<4xf32>
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntMinValue<1>, IntMaxValue<1024>]>:$exponent,
                       ConfinedAttr<I64Attr, [IntMinValue<0>, IntMaxValue<1024>]>:$mantissa, DP_Value:$x);
  let results = (outs DP_Value:$y);
  let assemblyFormat = "`exponent` $exponent `mantissa` $mantissa $x attr-dict `:` type($x)";
}
def Scalar_ConstantOp : DP_Op<Scalar_Dialect, "constant", [Pure, ConstantLike, AllTypesMatch<["value", "y"]>]> {
  let summary = "a constant";
  let description = [{
    ```mlir
    %two = scalar.constant 2.0 : f64
    ```
  }];
  let arguments = (ins TypedAttrInterface:$value);
  let results = (outs DP_Number:$y);
  let hasFolder = 1;
  let assemblyFormat = "attr-dict $value";
  let extraClassDefinition = verifyTrampoline # [{
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor) { return getValue(); }
  }];
}

#endif
