//===- Chlo.td - the operations above StableHLO that JAX leaves --------------===//
#ifndef DP_CHLO_TD
#define DP_CHLO_TD

include "Base.td"

def Chlo_Dialect : Dialect {
  let name = "chlo";
  let cppNamespace = "::dp::chlo";
  let summary = "Functions and implicit broadcasts above StableHLO";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::dp::stablehlo::StablehloDialect"];
}

class Chlo_Op<string mnemonic, list<Trait> traits = []> : Op<Chlo_Dialect, mnemonic, traits>;

defvar Chlo_Tensor = AnyRankedTensor;

def Chlo_ComparisonDirection : Hlo_Keyword<Chlo_Dialect, "ComparisonDirection", "comparison_direction",
    "EQ NE GE GT LE LT">;
def Chlo_ComparisonType : Hlo_Keyword<Chlo_Dialect, "ComparisonType", "comparison_type",
    "NOTYPE FLOAT TOTALORDER SIGNED UNSIGNED">;
def Chlo_Precision : Hlo_Keyword<Chlo_Dialect, "Precision", "precision", "DEFAULT HIGH HIGHEST">;
def Chlo_RaggedDot : Hlo_Struct<Chlo_Dialect, "RaggedDot", "ragged_dot",
    "lhs_batching_dimensions:dims? rhs_batching_dimensions:dims? lhs_contracting_dimensions:dims? "
    "rhs_contracting_dimensions:dims? lhs_ragged_dimensions:dims? rhs_group_dimensions:dims?">;

foreach name = ["_asin_acos_kernel", "acos", "acosh", "asin", "asinh", "atan", "atanh", "bessel_i1e", "conj", "cosh",
                "digamma", "erf", "erf_inv", "erfc", "is_inf", "is_neg_inf", "is_pos_inf", "lgamma", "sinh", "square",
                "tan"] in
  def Chlo_#name#Op : Chlo_Op<name, [Pure, SameOperandsAndResultShape]> {
    let arguments = (ins Chlo_Tensor:$operand);
    let results = (outs Chlo_Tensor:$result);
    let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  }

foreach name = ["mulhi", "next_after", "polygamma", "zeta"] in
  def Chlo_#name#Op : Chlo_Op<name, [Pure, SameOperandsAndResultShape]> {
    let arguments = (ins Chlo_Tensor:$lhs, Chlo_Tensor:$rhs);
    let results = (outs Chlo_Tensor:$result);
    let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
  }

foreach name = ["add", "and", "atan2", "complex", "divide", "maximum", "minimum", "multiply", "next_after", "or",
                "polygamma", "power", "remainder", "shift_left", "shift_right_arithmetic", "shift_right_logical",
                "subtract", "xor", "zeta"] in
  def Chlo_broadcast_#name#Op : Chlo_Op<"broadcast_" # name, [Pure]> {
    let arguments = (ins Chlo_Tensor:$lhs, Chlo_Tensor:$rhs, OptionalAttr<DenseI64ArrayAttr>:$broadcast_dimensions);
    let results = (outs Chlo_Tensor:$result);
    let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  }

def Chlo_broadcast_compareOp : Chlo_Op<"broadcast_compare", [Pure]> {
  let arguments = (ins Chlo_Tensor:$lhs, Chlo_Tensor:$rhs, OptionalAttr<DenseI64ArrayAttr>:$broadcast_dimensions,
                       Chlo_ComparisonDirection:$comparison_direction, OptionalAttr<Chlo_ComparisonType>:$compare_type);
  let results = (outs Chlo_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Chlo_broadcast_selectOp : Chlo_Op<"broadcast_select", [Pure]> {
  let arguments = (ins Chlo_Tensor:$pred, Chlo_Tensor:$on_true, Chlo_Tensor:$on_false);
  let results = (outs Chlo_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Chlo_constantOp : Chlo_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "output"]>]> {
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Chlo_Tensor:$output);
  let assemblyFormat = "attr-dict $value";
}

def Chlo_constant_likeOp : Chlo_Op<"constant_like", [Pure]> {
  let arguments = (ins TypedAttrInterface:$value, Chlo_Tensor:$operand);
  let results = (outs Chlo_Tensor:$result);
}

def Chlo_top_kOp : Chlo_Op<"top_k", [Pure]> {
  let arguments = (ins Chlo_Tensor:$operand, I64Attr:$k);
  let results = (outs Chlo_Tensor:$values, Chlo_Tensor:$indices);
  let assemblyFormat = [{
    `(` $operand `,` `k` `=` $k `)` attr-dict `:` type($operand) `->` `(` type($values) `,` type($indices) `)`
  }];
}

def Chlo_ragged_dotOp : Chlo_Op<"ragged_dot", [Pure]> {
  let arguments = (ins Chlo_Tensor:$lhs, Chlo_Tensor:$rhs, Chlo_Tensor:$group_sizes,
                       Chlo_RaggedDot:$ragged_dot_dimension_numbers,
                       OptionalAttr<Hlo_Keywords<Chlo_Precision>>:$precision_config);
  let results = (outs Chlo_Tensor:$result);
}

def Chlo_scanOp : Chlo_Op<"scan", [RecursiveMemoryEffects, AttrSizedOperandSegments, AttrSizedResultSegments,
                                 SingleBlockImplicitTerminator<"::dp::stablehlo::returnOp">]> {
  let arguments = (ins Variadic<Chlo_Tensor>:$inputs, Variadic<Chlo_Tensor>:$inits, I64Attr:$dimension,
                       OptionalAttr<I64Attr>:$scan_dim_size, OptionalAttr<BoolAttr>:$is_reverse,
                       OptionalAttr<BoolAttr>:$is_associative);
  let results = (outs Variadic<Chlo_Tensor>:$outputs, Variadic<Chlo_Tensor>:$carries);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

#endif
