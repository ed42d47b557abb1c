//===- Elementwise.td - elementwise operations of StableHLO ------------------===//
#ifndef DP_STABLEHLO_ELEMENTWISE_TD
#define DP_STABLEHLO_ELEMENTWISE_TD

include "Attributes.td"

class Stablehlo_Op<string mnemonic, list<Trait> traits = []> : Op<Stablehlo_Dialect, mnemonic, traits>;

// Accepted everywhere: what an operation takes is for the importer to check.
defvar Stablehlo_Tensor = AnyRankedTensor;

// The type is printed once if all are the same.
class Stablehlo_Unary<string mnemonic, list<Trait> traits = [SameOperandsAndResultElementType]>
    : Stablehlo_Op<mnemonic, traits # [Pure, SameOperandsAndResultShape]> {
  let arguments = (ins Stablehlo_Tensor:$operand);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` custom<SameType>(type($operand), type($result))";
}

class Stablehlo_AccurateUnary<string mnemonic> : Stablehlo_Unary<mnemonic> {
  let arguments = (ins Stablehlo_Tensor:$operand, OptionalAttr<Stablehlo_ResultAccuracy>:$result_accuracy);
}

class Stablehlo_Binary<string mnemonic, list<Trait> traits = [SameOperandsAndResultElementType]>
    : Stablehlo_Op<mnemonic, traits # [Pure, SameOperandsAndResultShape]> {
  let arguments = (ins Stablehlo_Tensor:$lhs, Stablehlo_Tensor:$rhs);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` custom<SameType>(type($lhs), type($rhs), type($result))";
}

foreach name = ["ceil", "count_leading_zeros", "floor", "negate", "not", "popcnt", "round_nearest_afz",
                "round_nearest_even", "sign"] in
  def Stablehlo_#name#Op : Stablehlo_Unary<name>;

foreach name = ["cbrt", "cosine", "exponential", "exponential_minus_one", "log", "log_plus_one", "logistic", "rsqrt",
                "sine", "sqrt", "tan", "tanh"] in
  def Stablehlo_#name#Op : Stablehlo_AccurateUnary<name>;

// The element type of the result differs.
foreach name = ["abs", "convert", "imag", "is_finite", "real", "uniform_dequantize", "uniform_quantize"] in
  def Stablehlo_#name#Op : Stablehlo_Unary<name, []>;

foreach name = ["add", "and", "atan2", "divide", "maximum", "minimum", "multiply", "or", "power", "remainder",
                "shift_left", "shift_right_arithmetic", "shift_right_logical", "subtract", "xor"] in
  def Stablehlo_#name#Op : Stablehlo_Binary<name>;

def Stablehlo_complexOp : Stablehlo_Binary<"complex", []> {
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` custom<ComplexType>(type($lhs), type($rhs), type($result))";
}

def Stablehlo_bitcast_convertOp : Stablehlo_Op<"bitcast_convert", [Pure]> {
  let arguments = (ins Stablehlo_Tensor:$operand);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Stablehlo_reduce_precisionOp
    : Stablehlo_Op<"reduce_precision", [Pure, SameOperandsAndResultElementType, SameOperandsAndResultShape]> {
  let arguments = (ins Stablehlo_Tensor:$operand, I32Attr:$exponent_bits, I32Attr:$mantissa_bits);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = [{
    $operand `,` `format` `=` custom<FloatFormat>($exponent_bits, $mantissa_bits) attr-dict `:`
    custom<SameType>(type($operand), type($result))
  }];
}

def Stablehlo_compareOp : Stablehlo_Op<"compare", [Pure, SameOperandsElementType, SameOperandsAndResultShape]> {
  let arguments = (ins Stablehlo_Tensor:$lhs, Stablehlo_Tensor:$rhs,
                       Stablehlo_ComparisonDirection:$comparison_direction,
                       OptionalAttr<Stablehlo_ComparisonType>:$compare_type);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = [{
    custom<KeywordValue>($comparison_direction) `,` $lhs `,` $rhs (`,` custom<KeywordValue>($compare_type)^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def Stablehlo_selectOp : Stablehlo_Op<"select", [Pure]> {
  let arguments = (ins Stablehlo_Tensor:$pred, Stablehlo_Tensor:$on_true, Stablehlo_Tensor:$on_false);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = [{
    operands attr-dict `:`
    custom<SelectType>(type($pred), type($on_true), type($on_false), type($result))
  }];
}

def Stablehlo_clampOp : Stablehlo_Op<"clamp", [Pure, SameOperandsAndResultElementType]> {
  let arguments = (ins Stablehlo_Tensor:$min, Stablehlo_Tensor:$operand, Stablehlo_Tensor:$max);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = [{
    $min `,` $operand `,` $max attr-dict `:`
    custom<SameType>(type($min), type($operand), type($max), type($result))
  }];
}

#endif
