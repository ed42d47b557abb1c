// Operations that move elements.
// The text is what dpopt prints of it and of its generic form.
// RUN: grep -v '^//' %s > %t.text
// RUN: dpopt %t.text | sed '$ d' | diff - %t.text
// RUN: dpopt %t.text --mlir-print-op-generic > %t.generic
// RUN: dpopt %t.generic | sed '$ d' | diff - %t.text
// RUN: dpopt %t.generic --mlir-print-op-generic | diff - %t.generic
module {
  func.func @shapes(%arg0: tensor<2x3xf32>, %arg1: tensor<2x3xf32>, %arg2: tensor<f32>, %arg3: tensor<i32>, %arg4: tensor<2xi64>) {
    %0 = stablehlo.broadcast_in_dim %arg2, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
    %1 = stablehlo.broadcast %arg0, sizes = [4] : (tensor<2x3xf32>) -> tensor<4x2x3xf32>
    %2 = stablehlo.concatenate %arg0, %arg1, dim = 1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
    %3 = stablehlo.concatenate %arg0, dim = 1 : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %4 = stablehlo.dynamic_broadcast_in_dim %arg2, %arg4, dims = [] : (tensor<f32>, tensor<2xi64>) -> tensor<?x?xf32>
    %5 = stablehlo.dynamic_broadcast_in_dim %arg0, %arg4, dims = [0, 1] {known_expanding_dimensions = array<i64: 0>, known_nonexpanding_dimensions = array<i64: 1>} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<?x?xf32>
    %6 = stablehlo.dynamic_iota %arg4, dim = 1 : (tensor<2xi64>) -> tensor<?x?xi32>
    %7 = stablehlo.dynamic_pad %arg0, %arg2, %arg4, %arg4, %arg4 : (tensor<2x3xf32>, tensor<f32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x?xf32>
    %8 = stablehlo.dynamic_reshape %arg0, %arg4 : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<?x?xf32>
    %9 = stablehlo.get_dimension_size %arg0, dim = 0 : (tensor<2x3xf32>) -> tensor<i32>
    %10 = stablehlo.set_dimension_size %arg0, %arg3, dim = 0 : (tensor<2x3xf32>, tensor<i32>) -> tensor<?x3xf32, #stablehlo.bounds<2, ?>>
    %11 = stablehlo.iota dim = 0 : tensor<4xi32>
    %12 = stablehlo.pad %arg0, %arg2, low = [0, 1], high = [0, -1], interior = [0, 0] : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
    %13 = stablehlo.reshape %arg0 : (tensor<2x3xf32>) -> tensor<6xf32>
    %14 = stablehlo.reverse %arg0, dims = [0, 1] : tensor<2x3xf32>
    %15 = stablehlo.slice %arg0 [0:2, 1:3:2] : (tensor<2x3xf32>) -> tensor<2x1xf32>
    %16 = stablehlo.real_dynamic_slice %arg0, %arg4, %arg4, %arg4 : (tensor<2x3xf32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x?xf32>
    %17 = stablehlo.transpose %arg0, dims = [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
    %18 = stablehlo.dynamic_slice %arg0, %arg3, %arg3, sizes = [1, 2] : (tensor<2x3xf32>, tensor<i32>, tensor<i32>) -> tensor<1x2xf32>
    %19 = stablehlo.dynamic_update_slice %arg0, %arg0, %arg3, %arg3 : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<i32>, tensor<i32>) -> tensor<2x3xf32>
    %20 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %21 = stablehlo.constant {note = 1 : i32} dense<1.000000e+00> : tensor<f32>
    %22 = "stablehlo.torch_index_select"(%arg0, %11) <{batch_dims = 0 : i64, dim = 0 : i64}> : (tensor<2x3xf32>, tensor<4xi32>) -> tensor<4x3xf32>
    %23 = "stablehlo.gather"(%arg0, %11) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 3>}> : (tensor<2x3xf32>, tensor<4xi32>) -> tensor<4x3xf32>
    %24 = "stablehlo.dynamic_gather"(%arg0, %11, %arg4) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>}> : (tensor<2x3xf32>, tensor<4xi32>, tensor<2xi64>) -> tensor<4x?xf32>
    return
  }
}
