//===- Shapes.td - operations of StableHLO that move elements ----------------===//
#ifndef DP_STABLEHLO_SHAPES_TD
#define DP_STABLEHLO_SHAPES_TD

include "Elementwise.td"

// `stablehlo.name operands, tail {attributes} : (types) -> type`
class Stablehlo_ShapeOp<string mnemonic, dag inputs, string tail = "operands"> : Stablehlo_Op<mnemonic, [Pure]> {
  let arguments = inputs;
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = tail # " attr-dict `:` functional-type(operands, results)";
}

def Stablehlo_constantOp : Stablehlo_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "output"]>]> {
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Stablehlo_Tensor:$output);
  let assemblyFormat = "attr-dict $value";
}

def Stablehlo_iotaOp : Stablehlo_Op<"iota", [Pure]> {
  let arguments = (ins I64Attr:$iota_dimension);
  let results = (outs Stablehlo_Tensor:$output);
  let assemblyFormat = "`dim` `=` $iota_dimension attr-dict `:` type($output)";
}

def Stablehlo_reverseOp : Stablehlo_Op<"reverse", [Pure, SameOperandsAndResultElementType]> {
  let arguments = (ins Stablehlo_Tensor:$operand, DenseI64ArrayAttr:$dimensions);
  let results = (outs Stablehlo_Tensor:$result);
  let assemblyFormat = [{
    $operand `,` `dims` `=` $dimensions attr-dict `:` custom<SameType>(type($operand), type($result))
  }];
}

def Stablehlo_reshapeOp : Stablehlo_ShapeOp<"reshape", (ins Stablehlo_Tensor:$operand)>;
def Stablehlo_broadcastOp : Stablehlo_ShapeOp<"broadcast",
    (ins Stablehlo_Tensor:$operand, DenseI64ArrayAttr:$broadcast_sizes), "$operand `,` `sizes` `=` $broadcast_sizes">;
def Stablehlo_broadcast_in_dimOp : Stablehlo_ShapeOp<"broadcast_in_dim",
    (ins Stablehlo_Tensor:$operand, DenseI64ArrayAttr:$broadcast_dimensions),
    "$operand `,` `dims` `=` $broadcast_dimensions">;
def Stablehlo_transposeOp : Stablehlo_ShapeOp<"transpose",
    (ins Stablehlo_Tensor:$operand, DenseI64ArrayAttr:$permutation), "$operand `,` `dims` `=` $permutation">;
def Stablehlo_concatenateOp : Stablehlo_ShapeOp<"concatenate",
    (ins Variadic<Stablehlo_Tensor>:$inputs, I64Attr:$dimension),
    "custom<OperandsBeforeKeyword>($inputs) `dim` `=` $dimension">;
def Stablehlo_padOp : Stablehlo_ShapeOp<"pad",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$padding_value, DenseI64ArrayAttr:$edge_padding_low,
         DenseI64ArrayAttr:$edge_padding_high, DenseI64ArrayAttr:$interior_padding),
    "$operand `,` $padding_value `,` `low` `=` $edge_padding_low `,` `high` `=` $edge_padding_high `,` "
    "`interior` `=` $interior_padding">;
def Stablehlo_sliceOp : Stablehlo_ShapeOp<"slice",
    (ins Stablehlo_Tensor:$operand, DenseI64ArrayAttr:$start_indices, DenseI64ArrayAttr:$limit_indices,
         DenseI64ArrayAttr:$strides),
    "$operand custom<SliceRanges>($start_indices, $limit_indices, $strides)"> {
  let hasVerifier = 1;
}
def Stablehlo_dynamic_sliceOp : Stablehlo_ShapeOp<"dynamic_slice",
    (ins Stablehlo_Tensor:$operand, Variadic<Stablehlo_Tensor>:$start_indices, DenseI64ArrayAttr:$slice_sizes),
    "$operand `,` custom<OperandsBeforeKeyword>($start_indices) `sizes` `=` $slice_sizes">;
def Stablehlo_dynamic_update_sliceOp : Stablehlo_ShapeOp<"dynamic_update_slice",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$update, Variadic<Stablehlo_Tensor>:$start_indices)>;
def Stablehlo_real_dynamic_sliceOp : Stablehlo_ShapeOp<"real_dynamic_slice",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$start_indices, Stablehlo_Tensor:$limit_indices,
         Stablehlo_Tensor:$strides)>;
def Stablehlo_dynamic_broadcast_in_dimOp : Stablehlo_ShapeOp<"dynamic_broadcast_in_dim",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$output_dimensions, DenseI64ArrayAttr:$broadcast_dimensions,
         OptionalAttr<DenseI64ArrayAttr>:$known_expanding_dimensions,
         OptionalAttr<DenseI64ArrayAttr>:$known_nonexpanding_dimensions),
    "$operand `,` $output_dimensions `,` `dims` `=` $broadcast_dimensions">;
def Stablehlo_dynamic_iotaOp : Stablehlo_ShapeOp<"dynamic_iota",
    (ins Stablehlo_Tensor:$output_shape, I64Attr:$iota_dimension), "$output_shape `,` `dim` `=` $iota_dimension">;
def Stablehlo_dynamic_padOp : Stablehlo_ShapeOp<"dynamic_pad",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$padding_value, Stablehlo_Tensor:$edge_padding_low,
         Stablehlo_Tensor:$edge_padding_high, Stablehlo_Tensor:$interior_padding)>;
def Stablehlo_dynamic_reshapeOp : Stablehlo_ShapeOp<"dynamic_reshape",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$output_shape)>;
def Stablehlo_get_dimension_sizeOp : Stablehlo_ShapeOp<"get_dimension_size",
    (ins Stablehlo_Tensor:$operand, I64Attr:$dimension), "$operand `,` `dim` `=` $dimension">;
def Stablehlo_set_dimension_sizeOp : Stablehlo_ShapeOp<"set_dimension_size",
    (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$size, I64Attr:$dimension),
    "$operand `,` $size `,` `dim` `=` $dimension">;

def Stablehlo_gatherOp : Stablehlo_Op<"gather", [Pure]> {
  let arguments = (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$start_indices,
                       Stablehlo_Gather:$dimension_numbers, DenseI64ArrayAttr:$slice_sizes,
                       OptionalAttr<BoolAttr>:$indices_are_sorted);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_dynamic_gatherOp : Stablehlo_Op<"dynamic_gather", [Pure]> {
  let arguments = (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$start_indices, Stablehlo_Tensor:$slice_sizes,
                       Stablehlo_Gather:$dimension_numbers, OptionalAttr<BoolAttr>:$indices_are_sorted);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_torch_index_selectOp : Stablehlo_Op<"torch_index_select", [Pure]> {
  let arguments = (ins Stablehlo_Tensor:$operand, Stablehlo_Tensor:$index, I64Attr:$dim, I64Attr:$batch_dims);
  let results = (outs Stablehlo_Tensor:$result);
}

#endif
