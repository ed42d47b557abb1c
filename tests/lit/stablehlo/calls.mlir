// Calls, tuples, tokens and collectives.
// The text is what dpopt prints of it and of its generic form.
// RUN: grep -v '^//' %s > %t.text
// RUN: dpopt %t.text | sed '$ d' | diff - %t.text
// RUN: dpopt %t.text --mlir-print-op-generic > %t.generic
// RUN: dpopt %t.generic | sed '$ d' | diff - %t.text
// RUN: dpopt %t.generic --mlir-print-op-generic | diff - %t.generic
module {
  func.func @calls(%arg0: tensor<2x3xf32>, %arg1: tensor<2x3xf32>, %arg2: tensor<2x3xi32>, %arg3: tensor<f32>, %arg4: tensor<i32>, %arg5: !stablehlo.token, %arg6: tuple<tensor<f32>, tensor<i32>>) {
    %0 = stablehlo.tuple %arg3, %arg4 : tuple<tensor<f32>, tensor<i32>>
    %1 = stablehlo.get_tuple_element %arg6[1] : (tuple<tensor<f32>, tensor<i32>>) -> tensor<i32>
    %2 = stablehlo.create_token : !stablehlo.token
    %3 = stablehlo.after_all %arg5, %2 : !stablehlo.token
    %4:2 = stablehlo.optimization_barrier %arg0, %arg2 : tensor<2x3xf32>, tensor<2x3xi32>
    stablehlo.optimization_barrier()
    %5 = stablehlo.partition_id : tensor<ui32>
    %6 = stablehlo.replica_id : tensor<ui32>
    %7 = stablehlo.custom_call @foo(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %8:2 = stablehlo.custom_call @"foo bar"(%arg0, %arg1) {api_version = 4 : i32, backend_config = {a = 1 : i32}, called_computations = [@callee], has_side_effect = true, operand_layouts = [dense<[1, 0]> : tensor<2xindex>, dense<[1, 0]> : tensor<2xindex>], output_operand_aliases = [#stablehlo.output_operand_alias<output_tuple_indices = [0], operand_index = 0, operand_tuple_indices = []>], result_layouts = [dense<[1, 0]> : tensor<2xindex>, dense<[1, 0]> : tensor<2xindex>]} : (tensor<2x3xf32>, tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>)
    stablehlo.custom_call @foo() {api_version = 1 : i32, backend_config = "abc", has_side_effect = false} : () -> ()
    %9 = stablehlo.composite "my.op" %arg3 {composite_attributes = {k = 3.000000e+00 : f32}, decomposition = @callee, version = 1 : i32} : (tensor<f32>) -> tensor<f32>
    %10 = stablehlo.composite "my.op" %arg3 {decomposition = @callee} : (tensor<f32>) -> tensor<f32>
    %11:2 = "stablehlo.infeed"(%arg5) <{infeed_config = "abc", layout = [[0, 1]]}> : (!stablehlo.token) -> (tensor<2x3xf32>, !stablehlo.token)
    %12 = "stablehlo.outfeed"(%arg0, %arg5) <{outfeed_config = "abc"}> : (tensor<2x3xf32>, !stablehlo.token) -> !stablehlo.token
    %13 = "stablehlo.send"(%arg0, %arg5) <{channel_handle = #stablehlo.channel_handle<handle = 0, type = 2>, is_host_transfer = true}> : (tensor<2x3xf32>, !stablehlo.token) -> !stablehlo.token
    %14:2 = "stablehlo.recv"(%arg5) <{channel_handle = #stablehlo.channel_handle<handle = 0, type = 3>, is_host_transfer = true}> : (!stablehlo.token) -> (tensor<2x3xf32>, !stablehlo.token)
    %15 = "stablehlo.all_gather"(%arg0) <{all_gather_dim = 1 : i64, channel_handle = #stablehlo.channel_handle<handle = 1, type = 0>, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>, use_global_device_ids}> : (tensor<2x3xf32>) -> tensor<2x6xf32>
    %16 = "stablehlo.collective_permute"(%arg0) <{channel_handle = #stablehlo.channel_handle<handle = 0, type = 0>, source_target_pairs = dense<[[0, 1], [1, 0]]> : tensor<2x2xi64>}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %17 = "stablehlo.collective_broadcast"(%arg0) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %18 = "stablehlo.all_to_all"(%arg0) <{concat_dimension = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>, split_count = 2 : i64, split_dimension = 0 : i64}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %19 = "stablehlo.cross-replica-sum"(%arg0) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %20 = "stablehlo.all_reduce"(%arg0) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      %24 = stablehlo.add %arg7, %arg8 : tensor<f32>
      stablehlo.return %24 : tensor<f32>
    }) : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %21 = "stablehlo.reduce_scatter"(%arg0) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>, scatter_dimension = 0 : i64}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      %24 = stablehlo.add %arg7, %arg8 : tensor<f32>
      stablehlo.return %24 : tensor<f32>
    }) : (tensor<2x3xf32>) -> tensor<1x3xf32>
    %22 = "stablehlo.async_start"(%arg0) ({
    ^bb0(%arg7: tensor<2x3xf32>):
      stablehlo.return %arg7 : tensor<2x3xf32>
    }) : (tensor<2x3xf32>) -> !stablehlo.future<tensor<2x3xf32>>
    %23 = "stablehlo.async_done"(%22) : (!stablehlo.future<tensor<2x3xf32>>) -> tensor<2x3xf32>
    return
  }
  func.func private @callee(%arg0: tensor<f32>) -> tensor<f32> {
    return %arg0 : tensor<f32>
  }
}
