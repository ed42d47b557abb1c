//===- Stablehlo.td - calls, tokens and collectives of StableHLO -------------===//
#ifndef DP_STABLEHLO_TD
#define DP_STABLEHLO_TD

include "Regions.td"

def Stablehlo_custom_callOp : Stablehlo_Op<"custom_call"> {
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$call_target_name, OptionalAttr<BoolAttr>:$has_side_effect,
                       OptionalAttr<AnyAttr>:$backend_config, OptionalAttr<AnyAttr>:$api_version,
                       OptionalAttr<ArrayAttr>:$called_computations, OptionalAttr<ArrayAttr>:$operand_layouts,
                       OptionalAttr<ArrayAttr>:$result_layouts, OptionalAttr<ArrayAttr>:$output_operand_aliases);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{
    custom<CallTarget>($call_target_name) `(` $inputs `)` attr-dict `:` functional-type(operands, results)
  }];
}

def Stablehlo_compositeOp : Stablehlo_Op<"composite"> {
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$name, OptionalAttr<DictionaryAttr>:$composite_attributes,
                       FlatSymbolRefAttr:$decomposition, OptionalAttr<I32Attr>:$version);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region VariadicRegion<AnyRegion>:$composite_regions);
  let assemblyFormat = [{
    $name $inputs (`(` $composite_regions^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
}

def Stablehlo_optimization_barrierOp : Stablehlo_Op<"optimization_barrier", [Pure]> {
  let arguments = (ins Variadic<AnyType>:$operand);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{
    attr-dict ($operand^ `:` custom<PairwiseTypes>(type($operand), type($results))) : (`(` `)`)?
  }];
  let hasVerifier = 1;
}

def Stablehlo_tupleOp : Stablehlo_Op<"tuple", [Pure]> {
  let arguments = (ins Variadic<AnyType>:$val);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$val attr-dict `:` custom<TupleType>(type($val), type($result))";
  let hasVerifier = 1;
}

def Stablehlo_get_tuple_elementOp : Stablehlo_Op<"get_tuple_element", [Pure]> {
  let arguments = (ins AnyType:$operand, I32Attr:$index);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$operand `[` $index `]` attr-dict `:` functional-type(operands, results)";
}

def Stablehlo_create_tokenOp : Stablehlo_Op<"create_token", [Pure]> {
  let results = (outs Stablehlo_TokenType:$output);
  let assemblyFormat = "attr-dict `:` type(results)";
}

def Stablehlo_after_allOp : Stablehlo_Op<"after_all", [Pure]> {
  let arguments = (ins Variadic<Stablehlo_TokenType>:$inputs);
  let results = (outs Stablehlo_TokenType:$result);
  let assemblyFormat = "$inputs attr-dict `:` custom<VariadicSameType>(ref($inputs), type($inputs), type($result))";
}

foreach name = ["partition_id", "replica_id"] in
  def Stablehlo_#name#Op : Stablehlo_Op<name, [Pure]> {
    let results = (outs Stablehlo_Tensor:$result);
    let assemblyFormat = "attr-dict `:` type(results)";
  }

def Stablehlo_infeedOp : Stablehlo_Op<"infeed"> {
  let arguments = (ins Stablehlo_TokenType:$token, OptionalAttr<StrAttr>:$infeed_config,
                       OptionalAttr<ArrayAttr>:$layout);
  let results = (outs Variadic<AnyType>:$results);
}

def Stablehlo_outfeedOp : Stablehlo_Op<"outfeed"> {
  let arguments = (ins Variadic<AnyType>:$inputs, Stablehlo_TokenType:$token, OptionalAttr<StrAttr>:$outfeed_config);
  let results = (outs Stablehlo_TokenType:$result);
}

defvar Stablehlo_Transfer = (ins Stablehlo_TokenType:$token, Stablehlo_ChannelHandle:$channel_handle,
                                 OptionalAttr<BoolAttr>:$is_host_transfer,
                                 OptionalAttr<I64ElementsAttr>:$source_target_pairs);

def Stablehlo_sendOp : Stablehlo_Op<"send"> {
  let arguments = !con((ins Variadic<AnyType>:$inputs), Stablehlo_Transfer);
  let results = (outs Stablehlo_TokenType:$result);
}

def Stablehlo_recvOp : Stablehlo_Op<"recv"> {
  let arguments = Stablehlo_Transfer;
  let results = (outs Variadic<AnyType>:$results);
}

def Stablehlo_async_startOp : Stablehlo_RegionOp<"async_start"> {
  let arguments = (ins Variadic<AnyType>:$inputs);
  let results = (outs Stablehlo_FutureType:$result);
  let regions = (region SizedRegion<1>:$body);
}

def Stablehlo_async_doneOp : Stablehlo_Op<"async_done"> {
  let arguments = (ins Stablehlo_FutureType:$operand);
  let results = (outs Variadic<AnyType>:$results);
}

// Collectives. `replica_groups` is a matrix of integers or
// `#stablehlo.replica_group_mesh_axes`.
defvar Stablehlo_Channel = (ins OptionalAttr<Stablehlo_ChannelHandle>:$channel_handle);
defvar Stablehlo_Groups = (ins AnyAttr:$replica_groups);
defvar Stablehlo_GlobalIds = (ins UnitAttr:$use_global_device_ids);

def Stablehlo_all_gatherOp : Stablehlo_Op<"all_gather"> {
  let arguments = !con((ins Variadic<Stablehlo_Tensor>:$operands, I64Attr:$all_gather_dim), Stablehlo_Groups,
                       Stablehlo_Channel, Stablehlo_GlobalIds);
  let results = (outs Variadic<Stablehlo_Tensor>:$results);
}

def Stablehlo_all_reduceOp : Stablehlo_RegionOp<"all_reduce", []> {
  let arguments = !con((ins Variadic<Stablehlo_Tensor>:$operands), Stablehlo_Groups, Stablehlo_Channel,
                       Stablehlo_GlobalIds);
  let results = (outs Variadic<Stablehlo_Tensor>:$results);
  let regions = (region SizedRegion<1>:$computation);
}

def Stablehlo_reduce_scatterOp : Stablehlo_RegionOp<"reduce_scatter", []> {
  let arguments = !con((ins Stablehlo_Tensor:$operand, I64Attr:$scatter_dimension), Stablehlo_Groups,
                       Stablehlo_Channel, Stablehlo_GlobalIds);
  let results = (outs Stablehlo_Tensor:$result);
  let regions = (region SizedRegion<1>:$computation);
}

def Stablehlo_all_to_allOp : Stablehlo_Op<"all_to_all"> {
  let arguments = !con((ins Variadic<Stablehlo_Tensor>:$operands, I64Attr:$split_dimension,
                            I64Attr:$concat_dimension, I64Attr:$split_count),
                       Stablehlo_Groups, Stablehlo_Channel);
  let results = (outs Variadic<Stablehlo_Tensor>:$results);
}

def Stablehlo_collective_permuteOp : Stablehlo_Op<"collective_permute"> {
  let arguments = !con((ins Stablehlo_Tensor:$operand, I64ElementsAttr:$source_target_pairs), Stablehlo_Channel);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_collective_broadcastOp : Stablehlo_Op<"collective_broadcast"> {
  let arguments = !con((ins Stablehlo_Tensor:$operand), Stablehlo_Groups, Stablehlo_Channel);
  let results = (outs Stablehlo_Tensor:$result);
}

def Stablehlo_cross_replica_sumOp : Stablehlo_Op<"cross-replica-sum"> {
  let arguments = !con((ins Stablehlo_Tensor:$operand), Stablehlo_Groups);
  let results = (outs Stablehlo_Tensor:$result);
}

#endif
