// Operations that move elements.

func.func @broadcast_in_dim(%a: tensor<1x3xi32> {example.value = dense<[[1, 2, 3]]> : tensor<1x3xi32>})
  -> (tensor<2x3x2xi32> {example.value = dense<[[[1, 1], [2, 2], [3, 3]], [[1, 1], [2, 2], [3, 3]]]> : tensor<2x3x2xi32>}) {
  %r = stablehlo.broadcast_in_dim %a, dims = [2, 1] : (tensor<1x3xi32>) -> tensor<2x3x2xi32>
  return %r : tensor<2x3x2xi32>
}

func.func @concatenate(%a: tensor<3x2xi64> {example.value = dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi64>},
    %b: tensor<1x2xi64> {example.value = dense<[[7, 8]]> : tensor<1x2xi64>})
  -> (tensor<4x2xi64> {example.value = dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi64>}) {
  %r = stablehlo.concatenate %a, %b, dim = 0 : (tensor<3x2xi64>, tensor<1x2xi64>) -> tensor<4x2xi64>
  return %r : tensor<4x2xi64>
}

func.func @iota()
  -> (tensor<4x5xi32> {example.value = dense<[[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [2, 2, 2, 2, 2], [3, 3, 3, 3, 3]]> : tensor<4x5xi32>}) {
  %r = stablehlo.iota dim = 0 : tensor<4x5xi32>
  return %r : tensor<4x5xi32>
}

func.func @iota_complex()
  -> (tensor<2x3xcomplex<f64>> {example.value = dense<[[(0.0,0.0),(1.0,0.0),(2.0,0.0)],[(0.0,0.0),(1.0,0.0),(2.0,0.0)]]> : tensor<2x3xcomplex<f64>>}) {
  %r = stablehlo.iota dim = 1 : tensor<2x3xcomplex<f64>>
  return %r : tensor<2x3xcomplex<f64>>
}

func.func @pad(%a: tensor<2x3xi32> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>},
    %b: tensor<i32> {example.value = dense<0> : tensor<i32>})
  -> (tensor<5x9xi32> {example.value = dense<[[0, 1, 0, 0, 2, 0, 0, 3, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 4, 0, 0, 5, 0, 0, 6, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0]]> : tensor<5x9xi32>}) {
  %r = stablehlo.pad %a, %b, low = [0, 1], high = [2, 1], interior = [1, 2] : (tensor<2x3xi32>, tensor<i32>) -> tensor<5x9xi32>
  return %r : tensor<5x9xi32>
}

func.func @pad_negative(%a: tensor<2x3xi32> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>},
    %b: tensor<i32> {example.value = dense<9> : tensor<i32>})
  -> (tensor<2x4xi32> {example.value = dense<[[9, 9, 9, 9], [2, 3, 9, 9]]> : tensor<2x4xi32>}) {
  %r = stablehlo.pad %a, %b, low = [1, -1], high = [-1, 2], interior = [0, 0] : (tensor<2x3xi32>, tensor<i32>) -> tensor<2x4xi32>
  return %r : tensor<2x4xi32>
}

func.func @pad_negative_interior(%a: tensor<2x3xi32> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>},
    %b: tensor<i32> {example.value = dense<9> : tensor<i32>})
  -> (tensor<2x2xi32> {example.value = dense<[[9, 9], [5, 9]]> : tensor<2x2xi32>}) {
  %r = stablehlo.pad %a, %b, low = [-1, -2], high = [0, -1], interior = [1, 1] : (tensor<2x3xi32>, tensor<i32>) -> tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}

func.func @reshape(%a: tensor<2x3xi32> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>})
  -> (tensor<3x2xi32> {example.value = dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>}) {
  %r = stablehlo.reshape %a : (tensor<2x3xi32>) -> tensor<3x2xi32>
  return %r : tensor<3x2xi32>
}

func.func @reverse(%a: tensor<3x2xi32> {example.value = dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>})
  -> (tensor<3x2xi32> {example.value = dense<[[2, 1], [4, 3], [6, 5]]> : tensor<3x2xi32>}) {
  %r = stablehlo.reverse %a, dims = [1] : tensor<3x2xi32>
  return %r : tensor<3x2xi32>
}

func.func @slice(%a: tensor<3x4xi64> {example.value = dense<[[0, 0, 0, 0], [0, 0, 1, 2], [3, 0, 3, 4]]> : tensor<3x4xi64>})
  -> (tensor<2x2xi64> {example.value = dense<[[0, 1], [3, 3]]> : tensor<2x2xi64>}) {
  %r = stablehlo.slice %a [1:3, 0:4:2] : (tensor<3x4xi64>) -> tensor<2x2xi64>
  return %r : tensor<2x2xi64>
}

func.func @transpose(%a: tensor<2x3x2xi32> {example.value = dense<[[[1,2], [3,4], [5,6]], [[7,8], [9,10], [11,12]]]> : tensor<2x3x2xi32>})
  -> (tensor<2x3x2xi32> {example.value = dense<[[[1, 7], [3, 9], [5, 11]], [[2, 8], [4, 10], [6, 12]]]> : tensor<2x3x2xi32>}) {
  %r = stablehlo.transpose %a, dims = [2, 1, 0] : (tensor<2x3x2xi32>) -> tensor<2x3x2xi32>
  return %r : tensor<2x3x2xi32>
}

func.func @dynamic_slice_inside(%a: tensor<3x4xi32> {example.value = dense<[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]> : tensor<3x4xi32>},
    %b: tensor<i64> {example.value = dense<1> : tensor<i64>},
    %c: tensor<i64> {example.value = dense<1> : tensor<i64>})
  -> (tensor<2x2xi32> {example.value = dense<[[5, 6], [9, 10]]> : tensor<2x2xi32>}) {
  %r = stablehlo.dynamic_slice %a, %b, %c, sizes = [2, 2] : (tensor<3x4xi32>, tensor<i64>, tensor<i64>) -> tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}

func.func @dynamic_update_slice_inside(%a: tensor<3x4xi32> {example.value = dense<[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]> : tensor<3x4xi32>},
    %b: tensor<2x2xi32> {example.value = dense<[[90, 91], [92, 93]]> : tensor<2x2xi32>},
    %c: tensor<i64> {example.value = dense<1> : tensor<i64>},
    %d: tensor<i64> {example.value = dense<1> : tensor<i64>})
  -> (tensor<3x4xi32> {example.value = dense<[[0, 1, 2, 3], [4, 90, 91, 7], [8, 92, 93, 11]]> : tensor<3x4xi32>}) {
  %r = stablehlo.dynamic_update_slice %a, %b, %c, %d : (tensor<3x4xi32>, tensor<2x2xi32>, tensor<i64>, tensor<i64>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}

func.func @dynamic_slice_below(%a: tensor<3x4xi32> {example.value = dense<[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]> : tensor<3x4xi32>},
    %b: tensor<i64> {example.value = dense<-5> : tensor<i64>},
    %c: tensor<i64> {example.value = dense<-1> : tensor<i64>})
  -> (tensor<2x2xi32> {example.value = dense<[[0, 1], [4, 5]]> : tensor<2x2xi32>}) {
  %r = stablehlo.dynamic_slice %a, %b, %c, sizes = [2, 2] : (tensor<3x4xi32>, tensor<i64>, tensor<i64>) -> tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}

func.func @dynamic_update_slice_below(%a: tensor<3x4xi32> {example.value = dense<[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]> : tensor<3x4xi32>},
    %b: tensor<2x2xi32> {example.value = dense<[[90, 91], [92, 93]]> : tensor<2x2xi32>},
    %c: tensor<i64> {example.value = dense<-5> : tensor<i64>},
    %d: tensor<i64> {example.value = dense<-1> : tensor<i64>})
  -> (tensor<3x4xi32> {example.value = dense<[[90, 91, 2, 3], [92, 93, 6, 7], [8, 9, 10, 11]]> : tensor<3x4xi32>}) {
  %r = stablehlo.dynamic_update_slice %a, %b, %c, %d : (tensor<3x4xi32>, tensor<2x2xi32>, tensor<i64>, tensor<i64>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}

func.func @dynamic_slice_above(%a: tensor<3x4xi32> {example.value = dense<[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]> : tensor<3x4xi32>},
    %b: tensor<i64> {example.value = dense<9> : tensor<i64>},
    %c: tensor<i64> {example.value = dense<9> : tensor<i64>})
  -> (tensor<2x2xi32> {example.value = dense<[[6, 7], [10, 11]]> : tensor<2x2xi32>}) {
  %r = stablehlo.dynamic_slice %a, %b, %c, sizes = [2, 2] : (tensor<3x4xi32>, tensor<i64>, tensor<i64>) -> tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}

func.func @dynamic_update_slice_above(%a: tensor<3x4xi32> {example.value = dense<[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]> : tensor<3x4xi32>},
    %b: tensor<2x2xi32> {example.value = dense<[[90, 91], [92, 93]]> : tensor<2x2xi32>},
    %c: tensor<i64> {example.value = dense<9> : tensor<i64>},
    %d: tensor<i64> {example.value = dense<9> : tensor<i64>})
  -> (tensor<3x4xi32> {example.value = dense<[[0, 1, 2, 3], [4, 5, 90, 91], [8, 9, 92, 93]]> : tensor<3x4xi32>}) {
  %r = stablehlo.dynamic_update_slice %a, %b, %c, %d : (tensor<3x4xi32>, tensor<2x2xi32>, tensor<i64>, tensor<i64>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}

func.func @dynamic_slice_rank0(%a: tensor<i32> {example.value = dense<7> : tensor<i32>})
  -> (tensor<i32> {example.value = dense<7> : tensor<i32>}) {
  %r = stablehlo.dynamic_slice %a, sizes = [] : (tensor<i32>) -> tensor<i32>
  return %r : tensor<i32>
}

func.func @gather_batches(%a: tensor<2x3x4x2xi32> {example.value = dense<[[[[0, 1], [2, 3], [4, 5], [6, 7]], [[8, 9], [10, 11], [12, 13], [14, 15]], [[16, 17], [18, 19], [20, 21], [22, 23]]], [[[24, 25], [26, 27], [28, 29], [30, 31]], [[32, 33], [34, 35], [36, 37], [38, 39]], [[40, 41], [42, 43], [44, 45], [46, 47]]]]> : tensor<2x3x4x2xi32>},
    %b: tensor<2x2x3x2xi64> {example.value = dense<[[[[0, 0], [1, 0], [2, 1]], [[0, 1], [1, 1], [0, 9]]], [[[0, 0], [2, 1], [2, 2]], [[1, 2], [0, 1], [1, 0]]]]> : tensor<2x2x3x2xi64>})
  -> (tensor<2x2x3x2x2xi32> {example.value = dense<[[[[[0, 1], [2, 3]], [[2, 3], [4, 5]], [[12, 13], [14, 15]]], [[[32, 33], [34, 35]], [[34, 35], [36, 37]], [[40, 41], [42, 43]]]], [[[[0, 1], [2, 3]], [[12, 13], [14, 15]], [[20, 21], [22, 23]]], [[[42, 43], [44, 45]], [[32, 33], [34, 35]], [[26, 27], [28, 29]]]]]> : tensor<2x2x3x2x2xi32>}) {
  %r = "stablehlo.gather"(%a, %b) {dimension_numbers = #stablehlo.gather<offset_dims = [3, 4], collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [1], start_index_map = [2, 1], index_vector_dim = 3>, slice_sizes = array<i64: 1, 1, 2, 2>, indices_are_sorted = false} : (tensor<2x3x4x2xi32>, tensor<2x2x3x2xi64>) -> tensor<2x2x3x2x2xi32>
  return %r : tensor<2x2x3x2x2xi32>
}

func.func @gather_clamps(%a: tensor<4x2xi32> {example.value = dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi32>},
    %b: tensor<3x1xi64> {example.value = dense<[[-3], [2], [9]]> : tensor<3x1xi64>})
  -> (tensor<3x2x2xi32> {example.value = dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[5, 6], [7, 8]]]> : tensor<3x2x2xi32>}) {
  %r = "stablehlo.gather"(%a, %b) {dimension_numbers = #stablehlo.gather<offset_dims = [1, 2], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 2, 2>} : (tensor<4x2xi32>, tensor<3x1xi64>) -> tensor<3x2x2xi32>
  return %r : tensor<3x2x2xi32>
}

func.func @scatter_add(%a: tensor<4x2xi64> {example.value = dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi64>},
    %b: tensor<3x1xi64> {example.value = dense<[[0], [2], [0]]> : tensor<3x1xi64>},
    %c: tensor<3x2xi64> {example.value = dense<[[10, 20], [30, 40], [50, 60]]> : tensor<3x2xi64>})
  -> (tensor<4x2xi64> {example.value = dense<[[61, 82], [3, 4], [35, 46], [7, 8]]> : tensor<4x2xi64>}) {
  %r = "stablehlo.scatter"(%a, %b, %c) ({
  ^bb0(%x: tensor<i64>, %y: tensor<i64>):
    %z = stablehlo.add %x, %y : tensor<i64>
    stablehlo.return %z : tensor<i64>
  }) {scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>} : (tensor<4x2xi64>, tensor<3x1xi64>, tensor<3x2xi64>) -> tensor<4x2xi64>
  return %r : tensor<4x2xi64>
}

func.func @scatter_outside(%a: tensor<4x2xi64> {example.value = dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi64>},
    %b: tensor<3x1xi64> {example.value = dense<[[-1], [2], [4]]> : tensor<3x1xi64>},
    %c: tensor<3x2xi64> {example.value = dense<[[10, 20], [30, 40], [50, 60]]> : tensor<3x2xi64>})
  -> (tensor<4x2xi64> {example.value = dense<[[1, 2], [3, 4], [35, 46], [7, 8]]> : tensor<4x2xi64>}) {
  %r = "stablehlo.scatter"(%a, %b, %c) ({
  ^bb0(%x: tensor<i64>, %y: tensor<i64>):
    %z = stablehlo.add %x, %y : tensor<i64>
    stablehlo.return %z : tensor<i64>
  }) {scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>} : (tensor<4x2xi64>, tensor<3x1xi64>, tensor<3x2xi64>) -> tensor<4x2xi64>
  return %r : tensor<4x2xi64>
}

func.func @scatter_maximum(%a: tensor<4x2xi64> {example.value = dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi64>},
    %b: tensor<3x1xi64> {example.value = dense<[[3], [9], [3]]> : tensor<3x1xi64>},
    %c: tensor<3x2xi64> {example.value = dense<[[10, 20], [30, 40], [50, 60]]> : tensor<3x2xi64>})
  -> (tensor<4x2xi64> {example.value = dense<[[1, 2], [3, 4], [5, 6], [50, 60]]> : tensor<4x2xi64>}) {
  %r = "stablehlo.scatter"(%a, %b, %c) ({
  ^bb0(%x: tensor<i64>, %y: tensor<i64>):
    %z = stablehlo.maximum %x, %y : tensor<i64>
    stablehlo.return %z : tensor<i64>
  }) {scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>} : (tensor<4x2xi64>, tensor<3x1xi64>, tensor<3x2xi64>) -> tensor<4x2xi64>
  return %r : tensor<4x2xi64>
}

func.func @scatter_set(%a: tensor<4x2xi64> {example.value = dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi64>},
    %b: tensor<3x1xi64> {example.value = dense<[[1], [3], [7]]> : tensor<3x1xi64>},
    %c: tensor<3x2xi64> {example.value = dense<[[10, 20], [30, 40], [50, 60]]> : tensor<3x2xi64>})
  -> (tensor<4x2xi64> {example.value = dense<[[1, 2], [10, 20], [5, 6], [30, 40]]> : tensor<4x2xi64>}) {
  %r = "stablehlo.scatter"(%a, %b, %c) ({
  ^bb0(%x: tensor<i64>, %y: tensor<i64>):
    %z = stablehlo.optimization_barrier %y : tensor<i64>
    stablehlo.return %z : tensor<i64>
  }) {scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>} : (tensor<4x2xi64>, tensor<3x1xi64>, tensor<3x2xi64>) -> tensor<4x2xi64>
  return %r : tensor<4x2xi64>
}

func.func @broadcast_before(%a: tensor<2xi32> {example.value = dense<[1, 2]> : tensor<2xi32>})
  -> (tensor<2x1x2xi32> {example.value = dense<[[[1, 2]], [[1, 2]]]> : tensor<2x1x2xi32>}) {
  %r = stablehlo.broadcast %a, sizes = [2, 1] : (tensor<2xi32>) -> tensor<2x1x2xi32>
  return %r : tensor<2x1x2xi32>
}
