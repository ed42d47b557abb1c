// Products, transforms and factorizations.

func.func @dot_general(%a: tensor<2x2x2xi64> {example.value = dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]> : tensor<2x2x2xi64>},
    %b: tensor<2x2x2xi64> {example.value = dense<[[[1, 0], [0, 1]], [[2, 1], [0, 3]]]> : tensor<2x2x2xi64>})
  -> (tensor<2x2x2xi64> {example.value = dense<[[[1, 2], [3, 4]], [[10, 23], [14, 31]]]> : tensor<2x2x2xi64>}) {
  %r = stablehlo.dot_general %a, %b, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x2x2xi64>, tensor<2x2x2xi64>) -> tensor<2x2x2xi64>
  return %r : tensor<2x2x2xi64>
}

func.func @dot_general_outer(%a: tensor<2xf64> {example.value = dense<[1.0, 2.0]> : tensor<2xf64>},
    %b: tensor<3xf64> {example.value = dense<[3.0, 4.0, 5.0]> : tensor<3xf64>})
  -> (tensor<2x3xf64> {example.value = dense<[[3.000000e+00, 4.000000e+00, 5.000000e+00], [6.000000e+00, 8.000000e+00, 1.000000e+01]]> : tensor<2x3xf64>}) {
  %r = stablehlo.dot_general %a, %b, contracting_dims = [] x [] : (tensor<2xf64>, tensor<3xf64>) -> tensor<2x3xf64>
  return %r : tensor<2x3xf64>
}

func.func @convolution(%a: tensor<1x4x4x1xf64> {example.value = dense<[[[[0.0], [1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0], [0.0]], [[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [0.0], [1.0]]]]> : tensor<1x4x4x1xf64>},
    %b: tensor<3x3x1x1xf64> {example.value = dense<[[[[1.0]], [[2.0]], [[3.0]]], [[[4.0]], [[5.0]], [[6.0]]], [[[7.0]], [[8.0]], [[9.0]]]]> : tensor<3x3x1x1xf64>})
  -> (tensor<1x2x2x1xf64> {example.value = dense<[[[[7.600000e+01], [5.300000e+01]], [[9.600000e+01], [2.400000e+01]]]]> : tensor<1x2x2x1xf64>}) {
  %r = stablehlo.convolution(%a, %b) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [4, 4], pad = [[0, 0], [0, 0]], lhs_dilate = [2, 2], rhs_dilate = [1, 1]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x4x4x1xf64>, tensor<3x3x1x1xf64>) -> tensor<1x2x2x1xf64>
  return %r : tensor<1x2x2x1xf64>
}

func.func @convolution_padded(%a: tensor<1x4x4x1xf64> {example.value = dense<[[[[0.0], [1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0], [0.0]], [[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [0.0], [1.0]]]]> : tensor<1x4x4x1xf64>},
    %b: tensor<3x3x1x1xf64> {example.value = dense<[[[[1.0]], [[2.0]], [[3.0]]], [[[4.0]], [[5.0]], [[6.0]]], [[[7.0]], [[8.0]], [[9.0]]]]> : tensor<3x3x1x1xf64>})
  -> (tensor<1x2x1x1xf64> {example.value = dense<[[[[1.600000e+02]], [[8.200000e+01]]]]> : tensor<1x2x1x1xf64>}) {
  %r = stablehlo.convolution(%a, %b) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 1], pad = [[1, 2], [0, -1]], rhs_dilate = [2, 1]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x4x4x1xf64>, tensor<3x3x1x1xf64>) -> tensor<1x2x1x1xf64>
  return %r : tensor<1x2x1x1xf64>
}

func.func @convolution_reversed(%a: tensor<1x4x4x1xf64> {example.value = dense<[[[[0.0], [1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0], [0.0]], [[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [0.0], [1.0]]]]> : tensor<1x4x4x1xf64>},
    %b: tensor<3x3x1x1xf64> {example.value = dense<[[[[1.0]], [[2.0]], [[3.0]]], [[[4.0]], [[5.0]], [[6.0]]], [[[7.0]], [[8.0]], [[9.0]]]]> : tensor<3x3x1x1xf64>})
  -> (tensor<1x2x2x1xf64> {example.value = dense<[[[[117.0], [120.0]], [[171.0], [139.0]]]]> : tensor<1x2x2x1xf64>}) {
  %r = stablehlo.convolution(%a, %b) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {reverse = [true, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x4x4x1xf64>, tensor<3x3x1x1xf64>) -> tensor<1x2x2x1xf64>
  return %r : tensor<1x2x2x1xf64>
}

func.func @convolution_groups(%a: tensor<1x2x4xf64> {example.value = dense<[[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]]> : tensor<1x2x4xf64>},
    %b: tensor<2x1x2xf64> {example.value = dense<[[[1.0, -1.0]], [[2.0, 1.0]]]> : tensor<2x1x2xf64>})
  -> (tensor<1x2x3xf64> {example.value = dense<[[[-1.000000e+00, -1.000000e+00, -1.000000e+00], [1.600000e+01, 1.900000e+01, 2.200000e+01]]]> : tensor<1x2x3xf64>}) {
  %r = stablehlo.convolution(%a, %b) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0], window = {} {batch_group_count = 1 : i64, feature_group_count = 2 : i64} : (tensor<1x2x4xf64>, tensor<2x1x2xf64>) -> tensor<1x2x3xf64>
  return %r : tensor<1x2x3xf64>
}

func.func @cholesky(%a: tensor<3x3xf64> {example.value = dense<[[1.0, 2.0, 3.0], [2.0, 20.0, 26.0], [3.0, 26.0, 70.0]]> : tensor<3x3xf64>})
  -> (tensor<3x3xf64> {example.value = dense<[[1.0, 0.0, 0.0], [2.0, 4.0, 0.0], [3.0, 5.0, 6.0]]> : tensor<3x3xf64>}) {
  %r = stablehlo.cholesky %a, lower = true : tensor<3x3xf64>
  return %r : tensor<3x3xf64>
}

func.func @triangular_solve(%a: tensor<3x3xf64> {example.value = dense<[[1.0, 0.0, 0.0], [2.0, 4.0, 0.0], [3.0, 5.0, 6.0]]> : tensor<3x3xf64>},
    %b: tensor<3x3xf64> {example.value = dense<[[2.0, 0.0, 0.0], [4.0, 8.0, 0.0], [6.0, 10.0, 12.0]]> : tensor<3x3xf64>})
  -> (tensor<3x3xf64> {example.value = dense<[[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]> : tensor<3x3xf64>}) {
  %r = "stablehlo.triangular_solve"(%a, %b) {left_side = true, lower = true, unit_diagonal = false, transpose_a = #stablehlo<transpose NO_TRANSPOSE>} : (tensor<3x3xf64>, tensor<3x3xf64>) -> tensor<3x3xf64>
  return %r : tensor<3x3xf64>
}

func.func @fft(%a: tensor<4xcomplex<f64>> {example.value = dense<[(1.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)]> : tensor<4xcomplex<f64>>})
  -> (tensor<4xcomplex<f64>> {example.value = dense<[(1.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 0.0)]> : tensor<4xcomplex<f64>>}) {
  %r = stablehlo.fft %a, type = FFT, length = [4] : (tensor<4xcomplex<f64>>) -> tensor<4xcomplex<f64>>
  return %r : tensor<4xcomplex<f64>>
}

func.func @rfft(%a: tensor<4xf64> {example.value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf64>})
  -> (tensor<3xcomplex<f64>> {example.value = dense<[(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0)]> : tensor<3xcomplex<f64>>}) {
  %r = stablehlo.fft %a, type = RFFT, length = [4] : (tensor<4xf64>) -> tensor<3xcomplex<f64>>
  return %r : tensor<3xcomplex<f64>>
}

func.func @irfft(%a: tensor<3xcomplex<f64>> {example.value = dense<[(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0)]> : tensor<3xcomplex<f64>>})
  -> (tensor<4xf64> {example.value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf64>}) {
  %r = stablehlo.fft %a, type = IRFFT, length = [4] : (tensor<3xcomplex<f64>>) -> tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @batch_norm_inference(%a: tensor<2x2x2xf64> {example.value = dense<[[[1.0, 2.0], [3.0, 4.0]], [[3.0, 4.0], [1.0, 2.0]]]> : tensor<2x2x2xf64>},
    %b: tensor<2xf64> {example.value = dense<[1.0, 1.0]> : tensor<2xf64>},
    %c: tensor<2xf64> {example.value = dense<[1.0, 1.0]> : tensor<2xf64>},
    %d: tensor<2xf64> {example.value = dense<[2.0, 3.0]> : tensor<2xf64>},
    %e: tensor<2xf64> {example.value = dense<[1.0, 1.0]> : tensor<2xf64>})
  -> (tensor<2x2x2xf64> {example.value = dense<[[[0.0, 0.0], [2.0, 2.0]], [[2.0, 2.0], [0.0, 0.0]]]> : tensor<2x2x2xf64>}) {
  %r = "stablehlo.batch_norm_inference"(%a, %b, %c, %d, %e) {epsilon = 0.0 : f32, feature_index = 2 : i64} : (tensor<2x2x2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>) -> tensor<2x2x2xf64>
  return %r : tensor<2x2x2xf64>
}

func.func @batch_norm_training(%a: tensor<2x2x2xf64> {example.value = dense<[[[1.0, 2.0], [3.0, 4.0]], [[3.0, 4.0], [1.0, 2.0]]]> : tensor<2x2x2xf64>},
    %b: tensor<2xf64> {example.value = dense<[1.0, 2.0]> : tensor<2xf64>},
    %c: tensor<2xf64> {example.value = dense<[1.0, 0.0]> : tensor<2xf64>})
  -> (tensor<2x2x2xf64> {example.value = dense<[[[0.0, -2.0], [2.0, 2.0]], [[2.0, 2.0], [0.0, -2.0]]]> : tensor<2x2x2xf64>},
     tensor<2xf64> {example.value = dense<[2.0, 3.0]> : tensor<2xf64>},
     tensor<2xf64> {example.value = dense<[1.0, 1.0]> : tensor<2xf64>}) {
  %r, %s, %t = "stablehlo.batch_norm_training"(%a, %b, %c) {epsilon = 0.0 : f32, feature_index = 2 : i64} : (tensor<2x2x2xf64>, tensor<2xf64>, tensor<2xf64>) -> (tensor<2x2x2xf64>, tensor<2xf64>, tensor<2xf64>)
  return %r, %s, %t : tensor<2x2x2xf64>, tensor<2xf64>, tensor<2xf64>
}

func.func @batch_norm_grad(%a: tensor<2x2x2xf64> {example.value = dense<[[[1.0, 2.0], [3.0, 4.0]], [[3.0, 4.0], [1.0, 2.0]]]> : tensor<2x2x2xf64>},
    %b: tensor<2xf64> {example.value = dense<[1.0, 2.0]> : tensor<2xf64>},
    %c: tensor<2xf64> {example.value = dense<[2.0, 3.0]> : tensor<2xf64>},
    %d: tensor<2xf64> {example.value = dense<[1.0, 1.0]> : tensor<2xf64>},
    %e: tensor<2x2x2xf64> {example.value = dense<[[[0.1, 0.2], [0.3, 0.1]], [[0.1, 0.1], [0.1, 0.4]]]> : tensor<2x2x2xf64>})
  -> (tensor<2x2x2xf64> {example.value = dense<[[[6.938893903907228e-18, -0.2], [0.1, 0.0]], [[-0.09999999999999998, 0.0], [6.938893903907228e-18, 0.2]]]> : tensor<2x2x2xf64>},
     tensor<2xf64> {example.value = dense<[0.19999999999999998, -0.4]> : tensor<2xf64>},
     tensor<2xf64> {example.value = dense<[0.6, 0.8]> : tensor<2xf64>}) {
  %r, %s, %t = "stablehlo.batch_norm_grad"(%a, %b, %c, %d, %e) {epsilon = 0.0 : f32, feature_index = 2 : i64} : (tensor<2x2x2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2x2x2xf64>) -> (tensor<2x2x2xf64>, tensor<2xf64>, tensor<2xf64>)
  return %r, %s, %t : tensor<2x2x2xf64>, tensor<2xf64>, tensor<2xf64>
}

func.func @rng_bit_generator_three_fry_uint8(%a: tensor<2xui64> {example.value = dense<[1, 2]> : tensor<2xi64>})
  -> (tensor<2xui64> {example.value = dense<[1, 5]> : tensor<2xi64>},
     tensor<5xui8> {example.value = dense<[84, 59, 211, 3, 211]> : tensor<5xi8>}) {
  %r, %s = stablehlo.rng_bit_generator %a, algorithm = THREE_FRY : (tensor<2xui64>) -> (tensor<2xui64>, tensor<5xui8>)
  return %r, %s : tensor<2xui64>, tensor<5xui8>
}

func.func @rng_bit_generator_three_fry_uint16(%a: tensor<2xui64> {example.value = dense<[1, 2]> : tensor<2xi64>})
  -> (tensor<2xui64> {example.value = dense<[1, 5]> : tensor<2xi64>},
     tensor<5xui16> {example.value = dense<[59732, 54587, 37587, 20483, 3027]> : tensor<5xi16>}) {
  %r, %s = stablehlo.rng_bit_generator %a, algorithm = THREE_FRY : (tensor<2xui64>) -> (tensor<2xui64>, tensor<5xui16>)
  return %r, %s : tensor<2xui64>, tensor<5xui16>
}

func.func @rng_bit_generator_three_fry_uint32(%a: tensor<2xui64> {example.value = dense<[1, 2]> : tensor<2xi64>})
  -> (tensor<2xui64> {example.value = dense<[1, 5]> : tensor<2xi64>},
     tensor<5xui32> {example.value = dense<[43444564, 2150618427, 3979645651, 3745730563, 1672743891]> : tensor<5xi32>}) {
  %r, %s = stablehlo.rng_bit_generator %a, algorithm = THREE_FRY : (tensor<2xui64>) -> (tensor<2xui64>, tensor<5xui32>)
  return %r, %s : tensor<2xui64>, tensor<5xui32>
}

func.func @rng_bit_generator_three_fry_uint64(%a: tensor<2xui64> {example.value = dense<[1, 2]> : tensor<2xi64>})
  -> (tensor<2xui64> {example.value = dense<[1, 7]> : tensor<2xi64>},
     tensor<5xui64> {example.value = dense<[9236835810183407956, 16087790271692313299, 18212823393184779219, 2658481902456610144, 16424712389986402477]> : tensor<5xi64>}) {
  %r, %s = stablehlo.rng_bit_generator %a, algorithm = THREE_FRY : (tensor<2xui64>) -> (tensor<2xui64>, tensor<5xui64>)
  return %r, %s : tensor<2xui64>, tensor<5xui64>
}

func.func @dot_vector(%a: tensor<2x3xi64> {example.value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>},
    %b: tensor<3xi64> {example.value = dense<[1, 0, -1]> : tensor<3xi64>})
  -> (tensor<2xi64> {example.value = dense<[-2, -2]> : tensor<2xi64>}) {
  %r = stablehlo.dot %a, %b : (tensor<2x3xi64>, tensor<3xi64>) -> tensor<2xi64>
  return %r : tensor<2xi64>
}
