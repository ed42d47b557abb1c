//===- Attributes.td - dialect, types and attributes of StableHLO ------------===//
#ifndef DP_STABLEHLO_ATTRIBUTES_TD
#define DP_STABLEHLO_ATTRIBUTES_TD

include "Base.td"

def Stablehlo_Dialect : Dialect {
  let name = "stablehlo";
  let cppNamespace = "::dp::stablehlo";
  let summary = "StableHLO as other programs write it";
  let description = [{
    Reads and prints StableHLO. Verifiers check only what printers rely on;
    the importer checks the rest.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

def Stablehlo_TokenType : TypeDef<Stablehlo_Dialect, "Token"> {
  let mnemonic = "token";
  let summary = "an order of effects";
}

def Stablehlo_FutureType : TypeDef<Stablehlo_Dialect, "Future"> {
  let mnemonic = "future";
  let summary = "results of an operation that runs concurrently";
  let parameters = (ins ArrayRefParameter<"::mlir::Type">:$types);
  let assemblyFormat = "`<` $types `>`";
}

def Stablehlo_Dot : Hlo_Struct<Stablehlo_Dialect, "Dot", "dot",
    "lhs_batching_dimensions:dims? rhs_batching_dimensions:dims? "
    "lhs_contracting_dimensions:dims? rhs_contracting_dimensions:dims?">;
def Stablehlo_DotAlgorithm : Hlo_Struct<Stablehlo_Dialect, "DotAlgorithm", "dot_algorithm",
    "lhs_precision_type:type rhs_precision_type:type accumulation_type:type lhs_component_count:int "
    "rhs_component_count:int num_primitive_operations:int allow_imprecise_accumulation:bool">;
def Stablehlo_Gather : Hlo_Struct<Stablehlo_Dialect, "Gather", "gather",
    "offset_dims:dims? collapsed_slice_dims:dims? operand_batching_dims:dims? start_indices_batching_dims:dims? "
    "start_index_map:dims? index_vector_dim:int?">;
def Stablehlo_Scatter : Hlo_Struct<Stablehlo_Dialect, "Scatter", "scatter",
    "update_window_dims:dims? inserted_window_dims:dims? input_batching_dims:dims? "
    "scatter_indices_batching_dims:dims? scatter_dims_to_operand_dims:dims? index_vector_dim:int?">;
def Stablehlo_ChannelHandle : Hlo_Struct<Stablehlo_Dialect, "ChannelHandle", "channel_handle",
    "handle:int type:int">;
def Stablehlo_OutputOperandAlias : Hlo_Struct<Stablehlo_Dialect, "OutputOperandAlias", "output_operand_alias",
    "output_tuple_indices:dims operand_index:int operand_tuple_indices:dims">;
def Stablehlo_ResultAccuracy : Hlo_Struct<Stablehlo_Dialect, "ResultAccuracy", "result_accuracy",
    "atol:float? rtol:float? ulps:int? mode:attribute">;
def Stablehlo_TypeExtensions : Hlo_Struct<Stablehlo_Dialect, "TypeExtensions", "type_extensions", "bounds:dims">;

// `<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>`. The fields are those of the
// specification, such as `input_batch_dimension`.
def Stablehlo_Conv : Hlo_Attr<Stablehlo_Dialect, "Conv", "conv"> {
  let parser = "parseConv";
  let printer = "printConv";
}

// `<2, ?>`: the bounds of dynamic extents, in the encoding of a tensor type.
def Stablehlo_Bounds : Hlo_Attr<Stablehlo_Dialect, "Bounds", "bounds"> {
  let parser = "parseBounds";
  let printer = "printBounds";
}

def Stablehlo_ComparisonDirection : Hlo_Keyword<Stablehlo_Dialect, "ComparisonDirection", "comparison_direction",
    "EQ NE GE GT LE LT">;
def Stablehlo_ComparisonType : Hlo_Keyword<Stablehlo_Dialect, "ComparisonType", "comparison_type",
    "NOTYPE FLOAT TOTALORDER SIGNED UNSIGNED">;
def Stablehlo_Precision : Hlo_Keyword<Stablehlo_Dialect, "Precision", "precision", "DEFAULT HIGH HIGHEST">;
def Stablehlo_FftType : Hlo_Keyword<Stablehlo_Dialect, "FftType", "fft_type", "FFT IFFT RFFT IRFFT">;
def Stablehlo_Transpose : Hlo_Keyword<Stablehlo_Dialect, "Transpose", "transpose",
    "TRANSPOSE_INVALID NO_TRANSPOSE TRANSPOSE ADJOINT">;
def Stablehlo_RngAlgorithm : Hlo_Keyword<Stablehlo_Dialect, "RngAlgorithm", "rng_algorithm",
    "DEFAULT PHILOX THREE_FRY">;
def Stablehlo_RngDistribution : Hlo_Keyword<Stablehlo_Dialect, "RngDistribution", "rng_distribution",
    "UNIFORM NORMAL">;
def Stablehlo_CustomCallApiVersion : Hlo_Keyword<Stablehlo_Dialect, "CustomCallApiVersion", "custom_call_api_version",
    "API_VERSION_UNSPECIFIED API_VERSION_ORIGINAL API_VERSION_STATUS_RETURNING API_VERSION_STATUS_RETURNING_UNIFIED "
    "API_VERSION_TYPED_FFI">;
def Stablehlo_ResultAccuracyMode : Hlo_Keyword<Stablehlo_Dialect, "ResultAccuracyMode", "result_accuracy_mode",
    "DEFAULT HIGHEST TOLERANCE"> {
  // `<HIGHEST>`
  let printer = "printBracketedKeyword";
}

// Groups of replicas by the axes of a mesh.
def Stablehlo_ReplicaGroupMeshAxes : Hlo_Text<Stablehlo_Dialect, "ReplicaGroupMeshAxes", "replica_group_mesh_axes">;

#endif
