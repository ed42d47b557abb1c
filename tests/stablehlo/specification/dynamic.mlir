// Operations whose extents are operands.

func.func @dynamic_broadcast_in_dim(%a: tensor<1x3xi64> {example.value = dense<[[1, 2, 3]]> : tensor<1x3xi64>})
  -> (tensor<2x3x2xi64> {example.value = dense<[[[1, 1], [2, 2], [3, 3]], [[1, 1], [2, 2], [3, 3]]]> : tensor<2x3x2xi64>}) {
  %s = stablehlo.constant dense<[2, 3, 2]> : tensor<3xi64>
  %r = stablehlo.dynamic_broadcast_in_dim %a, %s, dims = [2, 1] : (tensor<1x3xi64>, tensor<3xi64>) -> tensor<2x3x2xi64>
  return %r : tensor<2x3x2xi64>
}

func.func @dynamic_iota()
  -> (tensor<4x5xi64> {example.value = dense<[[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [2, 2, 2, 2, 2], [3, 3, 3, 3, 3]]> : tensor<4x5xi64>}) {
  %s = stablehlo.constant dense<[4, 5]> : tensor<2xi64>
  %r = stablehlo.dynamic_iota %s, dim = 0 : (tensor<2xi64>) -> tensor<4x5xi64>
  return %r : tensor<4x5xi64>
}

func.func @dynamic_pad(%a: tensor<2x3xi64> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>},
    %b: tensor<i64> {example.value = dense<0> : tensor<i64>})
  -> (tensor<5x7xi64> {example.value = dense<[[0, 0, 2, 0, 0, 3, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 5, 0, 0, 6, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]]> : tensor<5x7xi64>}) {
  %l = stablehlo.constant dense<[0, -1]> : tensor<2xi64>
  %h = stablehlo.constant dense<[2, 1]> : tensor<2xi64>
  %i = stablehlo.constant dense<[1, 2]> : tensor<2xi64>
  %r = stablehlo.dynamic_pad %a, %b, %l, %h, %i : (tensor<2x3xi64>, tensor<i64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<5x7xi64>
  return %r : tensor<5x7xi64>
}

func.func @dynamic_reshape(%a: tensor<2x3xi64> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>})
  -> (tensor<3x2xi64> {example.value = dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi64>}) {
  %s = stablehlo.constant dense<[3, 2]> : tensor<2xi64>
  %r = stablehlo.dynamic_reshape %a, %s : (tensor<2x3xi64>, tensor<2xi64>) -> tensor<3x2xi64>
  return %r : tensor<3x2xi64>
}

func.func @dynamic_gather(%a: tensor<4x2xi64> {example.value = dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi64>},
    %b: tensor<3x1xi64> {example.value = dense<[[-3], [2], [9]]> : tensor<3x1xi64>})
  -> (tensor<3x2x2xi64> {example.value = dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[5, 6], [7, 8]]]> : tensor<3x2x2xi64>}) {
  %s = stablehlo.constant dense<[2, 2]> : tensor<2xi64>
  %r = "stablehlo.dynamic_gather"(%a, %b, %s) {dimension_numbers = #stablehlo.gather<offset_dims = [1, 2], start_index_map = [0], index_vector_dim = 1>} : (tensor<4x2xi64>, tensor<3x1xi64>, tensor<2xi64>) -> tensor<3x2x2xi64>
  return %r : tensor<3x2x2xi64>
}

func.func @dynamic_conv(%a: tensor<1x4x4x1xf64> {example.value = dense<[[[[0.0], [1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0], [0.0]], [[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [0.0], [1.0]]]]> : tensor<1x4x4x1xf64>},
    %b: tensor<3x3x1x1xf64> {example.value = dense<[[[[1.0]], [[2.0]], [[3.0]]], [[[4.0]], [[5.0]], [[6.0]]], [[[7.0]], [[8.0]], [[9.0]]]]> : tensor<3x3x1x1xf64>})
  -> (tensor<1x2x2x1xf64> {example.value = dense<[[[[8.300000e+01], [1.150000e+02]], [[1.340000e+02], [1.150000e+02]]]]> : tensor<1x2x2x1xf64>}) {
  %p = stablehlo.constant dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>
  %r = "stablehlo.dynamic_conv"(%a, %b, %p) {window_strides = array<i64: 2, 2>, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, batch_group_count = 1 : i64} : (tensor<1x4x4x1xf64>, tensor<3x3x1x1xf64>, tensor<2x2xi64>) -> tensor<1x2x2x1xf64>
  return %r : tensor<1x2x2x1xf64>
}

func.func @real_dynamic_slice(%a: tensor<3x4xi64> {example.value = dense<[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]> : tensor<3x4xi64>},
    %b: tensor<2xi64> {example.value = dense<[1, 0]> : tensor<2xi64>},
    %c: tensor<2xi64> {example.value = dense<[3, 4]> : tensor<2xi64>})
  -> (tensor<2x2xi64> {example.value = dense<[[4, 6], [8, 10]]> : tensor<2x2xi64>}) {
  %s = stablehlo.constant dense<[1, 2]> : tensor<2xi64>
  %r = stablehlo.real_dynamic_slice %a, %b, %c, %s : (tensor<3x4xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<2x2xi64>
  return %r : tensor<2x2xi64>
}

func.func @get_dimension_size(%a: tensor<2x3xi64> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>})
  -> (tensor<i32> {example.value = dense<3> : tensor<i32>}) {
  %r = stablehlo.get_dimension_size %a, dim = 1 : (tensor<2x3xi64>) -> tensor<i32>
  return %r : tensor<i32>
}

func.func @get_dimension_size_narrowed(%a: tensor<200xi8> {example.value = dense<1> : tensor<200xi8>})
  -> (tensor<i32> {example.value = dense<-56> : tensor<i32>}, tensor<f32> {example.value = dense<200.0> : tensor<f32>}) {
  %n = stablehlo.get_dimension_size %a, dim = 0 : (tensor<200xi8>) -> tensor<i32>
  %narrow = stablehlo.convert %n : (tensor<i32>) -> tensor<i8>
  %wide = stablehlo.convert %narrow : (tensor<i8>) -> tensor<i32>
  %float = stablehlo.convert %n : (tensor<i32>) -> tensor<f32>
  return %wide, %float : tensor<i32>, tensor<f32>
}

func.func @set_dimension_size(%a: tensor<2x3xi64> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>})
  -> (tensor<2x3xi64> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>}) {
  %n = stablehlo.constant dense<3> : tensor<i32>
  %r = stablehlo.set_dimension_size %a, %n, dim = 1 : (tensor<2x3xi64>, tensor<i32>) -> tensor<2x3xi64>
  return %r : tensor<2x3xi64>
}
