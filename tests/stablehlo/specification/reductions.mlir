// Operations with regions that combine elements.

func.func @reduce_add(%a: tensor<2x3xf64> {example.value = dense<[[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]> : tensor<2x3xf64>},
    %b: tensor<f64> {example.value = dense<1.0> : tensor<f64>})
  -> (tensor<2xf64> {example.value = dense<[7.000000e+00, 4.500000e+00]> : tensor<2xf64>}) {
  %r = stablehlo.reduce(%a init: %b) applies stablehlo.add across dimensions = [1] : (tensor<2x3xf64>, tensor<f64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @reduce_multiply(%a: tensor<2x3xf64> {example.value = dense<[[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]> : tensor<2x3xf64>},
    %b: tensor<f64> {example.value = dense<1.0> : tensor<f64>})
  -> (tensor<2xf64> {example.value = dense<[6.000000e+00, -2.000000e+00]> : tensor<2xf64>}) {
  %r = stablehlo.reduce(%a init: %b) applies stablehlo.multiply across dimensions = [1] : (tensor<2x3xf64>, tensor<f64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @reduce_maximum(%a: tensor<2x3xf64> {example.value = dense<[[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]> : tensor<2x3xf64>},
    %b: tensor<f64> {example.value = dense<1.0> : tensor<f64>})
  -> (tensor<2xf64> {example.value = dense<[3.000000e+00, 4.000000e+00]> : tensor<2xf64>}) {
  %r = stablehlo.reduce(%a init: %b) applies stablehlo.maximum across dimensions = [1] : (tensor<2x3xf64>, tensor<f64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @reduce_minimum(%a: tensor<2x3xf64> {example.value = dense<[[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]> : tensor<2x3xf64>},
    %b: tensor<f64> {example.value = dense<1.0> : tensor<f64>})
  -> (tensor<2xf64> {example.value = dense<[1.000000e+00, -1.000000e+00]> : tensor<2xf64>}) {
  %r = stablehlo.reduce(%a init: %b) applies stablehlo.minimum across dimensions = [1] : (tensor<2x3xf64>, tensor<f64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @reduce_maximum_nan(%a: tensor<2x3xf64> {example.value = dense<[[3.0, 1.0, 2.0], [0.5, 4.0, 0x7FF8000000000000]]> : tensor<2x3xf64>},
    %b: tensor<f64> {example.value = dense<0xFFF0000000000000> : tensor<f64>})
  -> (tensor<2xf64> {example.value = dense<[3.000000e+00, 0x7FF8000000000000]> : tensor<2xf64>}) {
  %r = stablehlo.reduce(%a init: %b) applies stablehlo.maximum across dimensions = [1] : (tensor<2x3xf64>, tensor<f64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @reduce_and(%a: tensor<2x2xi1> {example.value = dense<[[true, false], [true, true]]> : tensor<2x2xi1>},
    %b: tensor<i1> {example.value = dense<true> : tensor<i1>})
  -> (tensor<2xi1> {example.value = dense<[false, true]> : tensor<2xi1>}) {
  %r = stablehlo.reduce(%a init: %b) applies stablehlo.and across dimensions = [1] : (tensor<2x2xi1>, tensor<i1>) -> tensor<2xi1>
  return %r : tensor<2xi1>
}

func.func @reduce_wraps(%a: tensor<1x6xi8> {example.value = dense<[[100, 100, 1, 2, 3, 4]]> : tensor<1x6xi8>},
    %b: tensor<i8> {example.value = dense<0> : tensor<i8>})
  -> (tensor<1xi8> {example.value = dense<-46> : tensor<1xi8>}) {
  %r = stablehlo.reduce(%a init: %b) applies stablehlo.add across dimensions = [1] : (tensor<1x6xi8>, tensor<i8>) -> tensor<1xi8>
  return %r : tensor<1xi8>
}

func.func @reduce_empty(%a: tensor<0x2xf64> {example.value = dense<> : tensor<0x2xf64>},
    %b: tensor<f64> {example.value = dense<3.0> : tensor<f64>})
  -> (tensor<2xf64> {example.value = dense<[3.0, 3.0]> : tensor<2xf64>}) {
  %r = stablehlo.reduce(%a init: %b) applies stablehlo.add across dimensions = [0] : (tensor<0x2xf64>, tensor<f64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @reduce_pair(%a: tensor<4xf64> {example.value = dense<[3.0, 9.0, 2.0, 9.0]> : tensor<4xf64>},
    %b: tensor<4xi32> {example.value = dense<[0, 1, 2, 3]> : tensor<4xi32>},
    %c: tensor<f64> {example.value = dense<0xFFF0000000000000> : tensor<f64>},
    %d: tensor<i32> {example.value = dense<-1> : tensor<i32>})
  -> (tensor<f64> {example.value = dense<9.000000e+00> : tensor<f64>},
     tensor<i32> {example.value = dense<1> : tensor<i32>}) {
  %r, %s = stablehlo.reduce(%a init: %c), (%b init: %d) across dimensions = [0] : (tensor<4xf64>, tensor<4xi32>, tensor<f64>, tensor<i32>) -> (tensor<f64>, tensor<i32>)
   reducer(%x: tensor<f64>, %y: tensor<f64>) (%i: tensor<i32>, %j: tensor<i32>) {
    %g = stablehlo.compare GE, %x, %y, FLOAT : (tensor<f64>, tensor<f64>) -> tensor<i1>
    %v = stablehlo.select %g, %x, %y : tensor<i1>, tensor<f64>
    %w = stablehlo.select %g, %i, %j : tensor<i1>, tensor<i32>
    stablehlo.return %v, %w : tensor<f64>, tensor<i32>
   }
  return %r, %s : tensor<f64>, tensor<i32>
}

func.func @reduce_window(%a: tensor<3x2xi32> {example.value = dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>},
    %b: tensor<i32> {example.value = dense<0> : tensor<i32>})
  -> (tensor<2x2xi32> {example.value = dense<[[0, 0], [3, 4]]> : tensor<2x2xi32>}) {
  %r = "stablehlo.reduce_window"(%a, %b) ({
  ^bb0(%x: tensor<i32>, %y: tensor<i32>):
    %z = stablehlo.add %x, %y : tensor<i32>
    stablehlo.return %z : tensor<i32>
  }) {window_dimensions = array<i64: 2, 1>, window_strides = array<i64: 4, 1>, base_dilations = array<i64: 2, 1>, window_dilations = array<i64: 3, 1>, padding = dense<[[2, 1], [0, 0]]> : tensor<2x2xi64>} : (tensor<3x2xi32>, tensor<i32>) -> tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}

func.func @reduce_window_maximum(%a: tensor<4x4xi32> {example.value = dense<[[0, 5, 10, 4], [7, 1, 6, 0], [3, 8, 2, 7], [10, 4, 9, 3]]> : tensor<4x4xi32>},
    %b: tensor<i32> {example.value = dense<-2147483648> : tensor<i32>})
  -> (tensor<2x2xi32> {example.value = dense<[[7, 10], [10, 9]]> : tensor<2x2xi32>}) {
  %r = "stablehlo.reduce_window"(%a, %b) ({
  ^bb0(%x: tensor<i32>, %y: tensor<i32>):
    %z = stablehlo.maximum %x, %y : tensor<i32>
    stablehlo.return %z : tensor<i32>
  }) {window_dimensions = array<i64: 2, 2>, window_strides = array<i64: 2, 2>} : (tensor<4x4xi32>, tensor<i32>) -> tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}

func.func @reduce_window_cumulative(%a: tensor<5xi32> {example.value = dense<[1, 2, 3, 4, 5]> : tensor<5xi32>},
    %b: tensor<i32> {example.value = dense<0> : tensor<i32>})
  -> (tensor<5xi32> {example.value = dense<[1, 3, 6, 10, 15]> : tensor<5xi32>}) {
  %r = "stablehlo.reduce_window"(%a, %b) ({
  ^bb0(%x: tensor<i32>, %y: tensor<i32>):
    %z = stablehlo.add %x, %y : tensor<i32>
    stablehlo.return %z : tensor<i32>
  }) {window_dimensions = array<i64: 5>, padding = dense<[[4, 0]]> : tensor<1x2xi64>} : (tensor<5xi32>, tensor<i32>) -> tensor<5xi32>
  return %r : tensor<5xi32>
}

func.func @select_and_scatter(%a: tensor<4x2xi64> {example.value = dense<[[1, 5], [2, 5], [3, 6], [4, 4]]> : tensor<4x2xi64>},
    %b: tensor<2x2xi64> {example.value = dense<[[5, 6], [7, 8]]> : tensor<2x2xi64>},
    %c: tensor<i64> {example.value = dense<0> : tensor<i64>})
  -> (tensor<4x2xi64> {example.value = dense<[[0, 0], [0, 0], [5, 14], [7, 0]]> : tensor<4x2xi64>}) {
  %r = "stablehlo.select_and_scatter"(%a, %b, %c) ({
  ^bb0(%x: tensor<i64>, %y: tensor<i64>):
    %g = stablehlo.compare GE, %x, %y, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
    stablehlo.return %g : tensor<i1>
  }, {
  ^bb0(%x: tensor<i64>, %y: tensor<i64>):
    %g = stablehlo.add %x, %y : tensor<i64>
    stablehlo.return %g : tensor<i64>
  }) {window_dimensions = array<i64: 3, 1>, window_strides = array<i64: 2, 1>, padding = dense<[[0, 1], [0, 0]]> : tensor<2x2xi64>} : (tensor<4x2xi64>, tensor<2x2xi64>, tensor<i64>) -> tensor<4x2xi64>
  return %r : tensor<4x2xi64>
}

func.func @sort_ascending(%a: tensor<2x3xi64> {example.value = dense<[[1, 3, 2], [3, 2, 1]]> : tensor<2x3xi64>},
    %b: tensor<2x3xi64> {example.value = dense<[[3, 1, 2], [1, 2, 3]]> : tensor<2x3xi64>})
  -> (tensor<2x3xi64> {example.value = dense<[[1, 2, 3], [1, 2, 3]]> : tensor<2x3xi64>},
     tensor<2x3xi64> {example.value = dense<[[3, 2, 1], [3, 2, 1]]> : tensor<2x3xi64>}) {
  %r, %s = "stablehlo.sort"(%a, %b) ({
  ^bb0(%x: tensor<i64>, %y: tensor<i64>, %u: tensor<i64>, %v: tensor<i64>):
    %g = stablehlo.compare LT, %x, %y, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
    stablehlo.return %g : tensor<i1>
  }) {dimension = 1 : i64, is_stable = true} : (tensor<2x3xi64>, tensor<2x3xi64>) -> (tensor<2x3xi64>, tensor<2x3xi64>)
  return %r, %s : tensor<2x3xi64>, tensor<2x3xi64>
}

func.func @sort_descending(%a: tensor<2x3xi64> {example.value = dense<[[1, 3, 2], [3, 2, 1]]> : tensor<2x3xi64>},
    %b: tensor<2x3xi64> {example.value = dense<[[3, 1, 2], [1, 2, 3]]> : tensor<2x3xi64>})
  -> (tensor<2x3xi64> {example.value = dense<[[3, 2, 1], [3, 2, 1]]> : tensor<2x3xi64>},
     tensor<2x3xi64> {example.value = dense<[[1, 2, 3], [1, 2, 3]]> : tensor<2x3xi64>}) {
  %r, %s = "stablehlo.sort"(%a, %b) ({
  ^bb0(%x: tensor<i64>, %y: tensor<i64>, %u: tensor<i64>, %v: tensor<i64>):
    %g = stablehlo.compare GT, %x, %y, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
    stablehlo.return %g : tensor<i1>
  }) {dimension = 1 : i64, is_stable = true} : (tensor<2x3xi64>, tensor<2x3xi64>) -> (tensor<2x3xi64>, tensor<2x3xi64>)
  return %r, %s : tensor<2x3xi64>, tensor<2x3xi64>
}

func.func @sort_total(%a: tensor<6xf64> {example.value = dense<[0.0, 0x7FF8000000000000, -0.0, 1.0, 0xFFF0000000000000, 0xFFF8000000000000]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[0xFFF8000000000000, 0xFFF0000000000000, -0.0, 0.0, 1.0, 0x7FF8000000000000]> : tensor<6xf64>}) {
  %r = "stablehlo.sort"(%a) ({
  ^bb0(%x: tensor<f64>, %y: tensor<f64>):
    %g = stablehlo.compare LT, %x, %y, TOTALORDER : (tensor<f64>, tensor<f64>) -> tensor<i1>
    stablehlo.return %g : tensor<i1>
  }) {dimension = 0 : i64, is_stable = true} : (tensor<6xf64>) -> tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @map_products(%a: tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>},
    %b: tensor<2xi64> {example.value = dense<[5, 6]> : tensor<2xi64>})
  -> (tensor<2xi64> {example.value = dense<[5, 12]> : tensor<2xi64>}) {
  %r = "stablehlo.map"(%a, %b) ({
  ^bb0(%x: tensor<i64>, %y: tensor<i64>):
    %g = stablehlo.multiply %x, %y : tensor<i64>
    stablehlo.return %g : tensor<i64>
  }) {dimensions = array<i64: 0>} : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  return %r : tensor<2xi64>
}
