// Operations with regions.
// The text is what dpopt prints of it and of its generic form.
// RUN: grep -v '^//' %s > %t.text
// RUN: dpopt %t.text | sed '$ d' | diff - %t.text
// RUN: dpopt %t.text --mlir-print-op-generic > %t.generic
// RUN: dpopt %t.generic | sed '$ d' | diff - %t.text
// RUN: dpopt %t.generic --mlir-print-op-generic | diff - %t.generic
module {
  func.func @regions(%arg0: tensor<2x3xf32>, %arg1: tensor<2x3xf32>, %arg2: tensor<2x3xi32>, %arg3: tensor<f32>, %arg4: tensor<i32>, %arg5: tensor<i1>) {
    %0 = stablehlo.reduce(%arg0 init: %arg3) applies stablehlo.add across dimensions = [0, 1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<f32>
    %1 = stablehlo.reduce(%arg0 init: %arg3) across dimensions = [0, 1] {note = 1 : i32} : (tensor<2x3xf32>, tensor<f32>) -> tensor<f32>
     reducer(%arg6: tensor<f32>, %arg7: tensor<f32>)  {
      %12 = stablehlo.add %arg7, %arg6 : tensor<f32>
      stablehlo.return %12 : tensor<f32>
    }
    %2:2 = stablehlo.reduce(%arg0 init: %arg3), (%arg2 init: %arg4) across dimensions = [1] {note = 1 : i32} : (tensor<2x3xf32>, tensor<2x3xi32>, tensor<f32>, tensor<i32>) -> (tensor<2xf32>, tensor<2xi32>)
     reducer(%arg6: tensor<f32>, %arg8: tensor<f32>) (%arg7: tensor<i32>, %arg9: tensor<i32>)  {
      %12 = stablehlo.add %arg6, %arg8 : tensor<f32>
      stablehlo.return %12, %arg9 : tensor<f32>, tensor<i32>
    }
    %3 = stablehlo.reduce(%arg0 init: %arg3) across dimensions = [0, 1] {note = 1 : i32} : (tensor<2x3xf32>, tensor<f32>) -> tensor<f32>
     reducer(%arg6: tensor<f32>, %arg7: tensor<f32>)  {
      %12 = stablehlo.add %arg6, %arg7 {note = 1 : i32} : tensor<f32>
      stablehlo.return %12 : tensor<f32>
    }
    %4:2 = stablehlo.while(%arg6 = %arg0, %arg7 = %arg4) : tensor<2x3xf32>, tensor<i32> attributes {note = 1 : i32}
    cond {
      %12 = stablehlo.compare LT, %arg7, %arg7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %12 : tensor<i1>
    } do {
      stablehlo.return %arg6, %arg7 : tensor<2x3xf32>, tensor<i32>
    }
    stablehlo.while()
    cond {
      stablehlo.return %arg5 : tensor<i1>
    } do {
      stablehlo.return 
    }
    %5 = "stablehlo.if"(%arg5) ({
      stablehlo.return %arg0 : tensor<2x3xf32>
    }, {
      stablehlo.return %arg1 : tensor<2x3xf32>
    }) : (tensor<i1>) -> tensor<2x3xf32>
    %6 = "stablehlo.case"(%arg4) ({
      stablehlo.return %arg0 : tensor<2x3xf32>
    }, {
      stablehlo.return %arg1 : tensor<2x3xf32>
    }) : (tensor<i32>) -> tensor<2x3xf32>
    %7 = "stablehlo.map"(%arg0, %arg1) <{dimensions = array<i64: 0, 1>}> ({
    ^bb0(%arg6: tensor<f32>, %arg7: tensor<f32>):
      %12 = stablehlo.add %arg6, %arg7 : tensor<f32>
      stablehlo.return %12 : tensor<f32>
    }) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %8 = "stablehlo.sort"(%arg0) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg6: tensor<f32>, %arg7: tensor<f32>):
      %12 = stablehlo.compare LT, %arg6, %arg7, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %12 : tensor<i1>
    }) : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %9 = "stablehlo.reduce_window"(%arg0, %arg3) <{base_dilations = array<i64: 1, 1>, padding = dense<[[0, 0], [1, 0]]> : tensor<2x2xi64>, window_dilations = array<i64: 1, 1>, window_dimensions = array<i64: 1, 2>, window_strides = array<i64: 1, 1>}> ({
    ^bb0(%arg6: tensor<f32>, %arg7: tensor<f32>):
      %12 = stablehlo.add %arg6, %arg7 : tensor<f32>
      stablehlo.return %12 : tensor<f32>
    }) : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
    %10 = "stablehlo.select_and_scatter"(%arg0, %arg0, %arg3) <{window_dimensions = array<i64: 1, 1>, window_strides = array<i64: 1, 1>}> ({
    ^bb0(%arg6: tensor<f32>, %arg7: tensor<f32>):
      %12 = stablehlo.compare GE, %arg6, %arg7 : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %12 : tensor<i1>
    }, {
    ^bb0(%arg6: tensor<f32>, %arg7: tensor<f32>):
      %12 = stablehlo.add %arg6, %arg7 : tensor<f32>
      stablehlo.return %12 : tensor<f32>
    }) : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
    %11 = "stablehlo.scatter"(%arg0, %arg4, %arg1) <{indices_are_sorted = true, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [0, 1], scatter_dims_to_operand_dims = [0]>, unique_indices = true}> ({
    ^bb0(%arg6: tensor<f32>, %arg7: tensor<f32>):
      %12 = stablehlo.add %arg6, %arg7 : tensor<f32>
      stablehlo.return %12 : tensor<f32>
    }) : (tensor<2x3xf32>, tensor<i32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    return
  }
}
