//===- Contractions.td - products, transforms and random numbers -------------===//
#ifndef DP_STABLEHLO_CONTRACTIONS_TD
#define DP_STABLEHLO_CONTRACTIONS_TD

include "Shapes.td"

defvar Stablehlo_Precisions = OptionalAttr<Hlo_Keywords<Stablehlo_Precision>>;

def Stablehlo_dot_generalOp : Stablehlo_ShapeOp<"dot_general",
    (ins Stablehlo_Tensor:$lhs, Stablehlo_Tensor:$rhs, Stablehlo_Dot:$dot_dimension_numbers,
         Stablehlo_Precisions:$precision_config, OptionalAttr<Stablehlo_DotAlgorithm>:$algorithm),
    "$lhs `,` $rhs `,` custom<DotDimensions>($dot_dimension_numbers) `` "
    "custom<Precision>($precision_config, $algorithm)">;
def Stablehlo_dotOp : Stablehlo_ShapeOp<"dot",
    (ins Stablehlo_Tensor:$lhs, Stablehlo_Tensor:$rhs, Stablehlo_Precisions:$precision_config),
    "$lhs `,` $rhs `` custom<Precision>($precision_config)">;
def Stablehlo_einsumOp : Stablehlo_ShapeOp<"einsum",
    (ins Stablehlo_Tensor:$lhs, Stablehlo_Tensor:$rhs, StrAttr:$einsum_config),
    "$lhs `,` $rhs `,` `config` `=` $einsum_config">;
def Stablehlo_unary_einsumOp : Stablehlo_ShapeOp<"unary_einsum",
    (ins Stablehlo_Tensor:$operand, StrAttr:$einsum_config), "$operand `,` `config` `=` $einsum_config">;

def Stablehlo_convolutionOp : Stablehlo_ShapeOp<"convolution",
    (ins Stablehlo_Tensor:$lhs, Stablehlo_Tensor:$rhs, OptionalAttr<DenseI64ArrayAttr>:$window_strides,
         OptionalAttr<I64ElementsAttr>:$padding, OptionalAttr<DenseI64ArrayAttr>:$lhs_dilation,
         OptionalAttr<DenseI64ArrayAttr>:$rhs_dilation, OptionalAttr<DenseBoolArrayAttr>:$window_reversal,
         Stablehlo_Conv:$dimension_numbers, I64Attr:$feature_group_count, I64Attr:$batch_group_count,
         Stablehlo_Precisions:$precision_config),
    "`(` $lhs `,` $rhs `)` `dim_numbers` `=` custom<ConvDimensions>($dimension_numbers) `,` `window` `=` `{` "
    "custom<Window>($window_strides, $padding, $lhs_dilation, $rhs_dilation, $window_reversal) `}`"> {
  let hasVerifier = 1;
}
def Stablehlo_dynamic_convOp : Stablehlo_Op<"dynamic_conv", [Pure]> {
  let arguments = (ins Stablehlo_Tensor:$lhs, Stablehlo_Tensor:$rhs, Stablehlo_Tensor:$padding,
      OptionalAttr<DenseI64ArrayAttr>:$window_strides, OptionalAttr<DenseI64ArrayAttr>:$lhs_dilation,
      OptionalAttr<DenseI64ArrayAttr>:$rhs_dilation, OptionalAttr<DenseBoolArrayAttr>:$window_reversal,
      Stablehlo_Conv:$dimension_numbers, I64Attr:$feature_group_count, I64Attr:$batch_group_count,
      Stablehlo_Precisions:$precision_config);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_fftOp : Stablehlo_ShapeOp<"fft",
    (ins Stablehlo_Tensor:$operand, Stablehlo_FftType:$fft_type, DenseI64ArrayAttr:$fft_length),
    "$operand `,` `type` `=` custom<KeywordValue>($fft_type) `,` `length` `=` $fft_length">;

def Stablehlo_choleskyOp : Stablehlo_Op<"cholesky", [Pure, SameOperandsAndResultElementType]> {
  let arguments = (ins Stablehlo_Tensor:$a, OptionalAttr<BoolAttr>:$lower);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = "$a (`,` `lower` `=` $lower^)? attr-dict `:` custom<SameType>(type($a), type($result))";
}

def Stablehlo_triangular_solveOp : Stablehlo_Op<"triangular_solve", [Pure, SameOperandsAndResultElementType]> {
  let arguments = (ins Stablehlo_Tensor:$a, Stablehlo_Tensor:$b, BoolAttr:$left_side, BoolAttr:$lower,
                       BoolAttr:$unit_diagonal, Stablehlo_Transpose:$transpose_a);
  let results = (outs Stablehlo_Tensor:$result);
}

class Stablehlo_BatchNorm<string mnemonic, dag inputs, dag outputs> : Stablehlo_Op<mnemonic, [Pure]> {
  let arguments = !con(inputs, (ins F32Attr:$epsilon, I64Attr:$feature_index));
  let results = outputs;
}
def Stablehlo_batch_norm_trainingOp : Stablehlo_BatchNorm<"batch_norm_training",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$scale, Stablehlo_Tensor:$offset),
    (outs Stablehlo_Tensor:$output, Stablehlo_Tensor:$batch_mean, Stablehlo_Tensor:$batch_var)>;
def Stablehlo_batch_norm_inferenceOp : Stablehlo_BatchNorm<"batch_norm_inference",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$scale, Stablehlo_Tensor:$offset, Stablehlo_Tensor:$mean,
         Stablehlo_Tensor:$variance),
    (outs Stablehlo_Tensor:$result)>;
def Stablehlo_batch_norm_gradOp : Stablehlo_BatchNorm<"batch_norm_grad",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$scale, Stablehlo_Tensor:$mean, Stablehlo_Tensor:$variance,
         Stablehlo_Tensor:$grad_output),
    (outs Stablehlo_Tensor:$grad_operand, Stablehlo_Tensor:$grad_scale, Stablehlo_Tensor:$grad_offset)>;

// Not Pure: each execution draws anew.
def Stablehlo_rngOp : Stablehlo_Op<"rng"> {
  let arguments = (ins Stablehlo_Tensor:$a, Stablehlo_Tensor:$b, Stablehlo_Tensor:$shape,
                       Stablehlo_RngDistribution:$rng_distribution);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = [{
    $a `,` $b `,` $shape `,` `distribution` `=` custom<KeywordValue>($rng_distribution) attr-dict `:`
    functional-type(operands, results)
  }];
}

def Stablehlo_rng_bit_generatorOp : Stablehlo_Op<"rng_bit_generator", [Pure]> {
  let arguments = (ins Stablehlo_RngAlgorithm:$rng_algorithm, Stablehlo_Tensor:$initial_state);
  let results = (outs Stablehlo_Tensor:$output_state, Stablehlo_Tensor:$output);
  let assemblyFormat = [{
    $initial_state `,` `algorithm` `=` custom<KeywordValue>($rng_algorithm) attr-dict `:`
    functional-type(operands, results)
  }];
}

#endif
