// Elementwise operations with two and three operands.

func.func @add_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 0, 5, 127, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -3, 2, 1, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[-127, -5, -3, 7, -128, -56]> : tensor<6xi8>}) {
  %r = stablehlo.add %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @subtract_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 0, 5, 127, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -3, 2, 1, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[127, -9, 3, 3, 126, 0]> : tensor<6xi8>}) {
  %r = stablehlo.subtract %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @multiply_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 0, 5, 127, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -3, 2, 1, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[-128, -14, 0, 10, 127, 16]> : tensor<6xi8>}) {
  %r = stablehlo.multiply %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @maximum_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 0, 5, 127, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -3, 2, 1, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[1, 2, 0, 5, 127, 100]> : tensor<6xi8>}) {
  %r = stablehlo.maximum %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @minimum_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 0, 5, 127, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -3, 2, 1, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[-128, -7, -3, 2, 1, 100]> : tensor<6xi8>}) {
  %r = stablehlo.minimum %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @and_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 0, 5, 127, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -3, 2, 1, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[0, 0, 0, 0, 1, 100]> : tensor<6xi8>}) {
  %r = stablehlo.and %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @or_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 0, 5, 127, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -3, 2, 1, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[-127, -5, -3, 7, 127, 100]> : tensor<6xi8>}) {
  %r = stablehlo.or %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @xor_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 0, 5, 127, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -3, 2, 1, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[-127, -5, -3, 7, 126, 0]> : tensor<6xi8>}) {
  %r = stablehlo.xor %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @divide_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 7, -7, 7, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -2, -2, 2, 3]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[-128, -3, -3, 3, 3, 33]> : tensor<6xi8>}) {
  %r = stablehlo.divide %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @remainder_i8(%a: tensor<6xi8> {example.value = dense<[-128, -7, 7, -7, 7, 100]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, -2, -2, 2, 3]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[0, -1, 1, -1, 1, 1]> : tensor<6xi8>}) {
  %r = stablehlo.remainder %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @divide_i8_corners(%a: tensor<2xi8> {example.value = dense<[-128, 5]> : tensor<2xi8>},
    %b: tensor<2xi8> {example.value = dense<[-1, 0]> : tensor<2xi8>})
  -> (tensor<2xi8> {example.value = dense<[-128, -1]> : tensor<2xi8>}) {
  %r = stablehlo.divide %a, %b : tensor<2xi8>
  return %r : tensor<2xi8>
}

func.func @remainder_i8_corners(%a: tensor<2xi8> {example.value = dense<[-128, 5]> : tensor<2xi8>},
    %b: tensor<2xi8> {example.value = dense<[-1, 0]> : tensor<2xi8>})
  -> (tensor<2xi8> {example.value = dense<[0, 5]> : tensor<2xi8>}) {
  %r = stablehlo.remainder %a, %b : tensor<2xi8>
  return %r : tensor<2xi8>
}

func.func @power_i32(%a: tensor<6xi32> {example.value = dense<[-2, -1, -3, 2, 0, 5]> : tensor<6xi32>},
    %b: tensor<6xi32> {example.value = dense<[3, 5, 2, 10, 0, 1]> : tensor<6xi32>})
  -> (tensor<6xi32> {example.value = dense<[-8, -1, 9, 1024, 1, 5]> : tensor<6xi32>}) {
  %r = stablehlo.power %a, %b : tensor<6xi32>
  return %r : tensor<6xi32>
}

func.func @shift_left_i8(%a: tensor<6xi8> {example.value = dense<[-1, -128, 6, 1, 127, -5]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, 3, 7, 8, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[-2, 0, 48, -128, 0, 0]> : tensor<6xi8>}) {
  %r = stablehlo.shift_left %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @shift_right_arithmetic_i8(%a: tensor<6xi8> {example.value = dense<[-1, -128, 6, 1, 127, -5]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, 3, 7, 8, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[-1, -32, 0, 0, 0, -1]> : tensor<6xi8>}) {
  %r = stablehlo.shift_right_arithmetic %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @shift_right_logical_i8(%a: tensor<6xi8> {example.value = dense<[-1, -128, 6, 1, 127, -5]> : tensor<6xi8>},
    %b: tensor<6xi8> {example.value = dense<[1, 2, 3, 7, 8, 100]> : tensor<6xi8>})
  -> (tensor<6xi8> {example.value = dense<[127, 32, 0, 0, 0, 0]> : tensor<6xi8>}) {
  %r = stablehlo.shift_right_logical %a, %b : tensor<6xi8>
  return %r : tensor<6xi8>
}

func.func @add_i1(%a: tensor<4xi1> {example.value = dense<[false, false, true, true]> : tensor<4xi1>},
    %b: tensor<4xi1> {example.value = dense<[false, true, false, true]> : tensor<4xi1>})
  -> (tensor<4xi1> {example.value = dense<[false, true, true, true]> : tensor<4xi1>}) {
  %r = stablehlo.add %a, %b : tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @multiply_i1(%a: tensor<4xi1> {example.value = dense<[false, false, true, true]> : tensor<4xi1>},
    %b: tensor<4xi1> {example.value = dense<[false, true, false, true]> : tensor<4xi1>})
  -> (tensor<4xi1> {example.value = dense<[false, false, false, true]> : tensor<4xi1>}) {
  %r = stablehlo.multiply %a, %b : tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @maximum_i1(%a: tensor<4xi1> {example.value = dense<[false, false, true, true]> : tensor<4xi1>},
    %b: tensor<4xi1> {example.value = dense<[false, true, false, true]> : tensor<4xi1>})
  -> (tensor<4xi1> {example.value = dense<[false, true, true, true]> : tensor<4xi1>}) {
  %r = stablehlo.maximum %a, %b : tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @minimum_i1(%a: tensor<4xi1> {example.value = dense<[false, false, true, true]> : tensor<4xi1>},
    %b: tensor<4xi1> {example.value = dense<[false, true, false, true]> : tensor<4xi1>})
  -> (tensor<4xi1> {example.value = dense<[false, false, false, true]> : tensor<4xi1>}) {
  %r = stablehlo.minimum %a, %b : tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @and_i1(%a: tensor<4xi1> {example.value = dense<[false, false, true, true]> : tensor<4xi1>},
    %b: tensor<4xi1> {example.value = dense<[false, true, false, true]> : tensor<4xi1>})
  -> (tensor<4xi1> {example.value = dense<[false, false, false, true]> : tensor<4xi1>}) {
  %r = stablehlo.and %a, %b : tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @or_i1(%a: tensor<4xi1> {example.value = dense<[false, false, true, true]> : tensor<4xi1>},
    %b: tensor<4xi1> {example.value = dense<[false, true, false, true]> : tensor<4xi1>})
  -> (tensor<4xi1> {example.value = dense<[false, true, true, true]> : tensor<4xi1>}) {
  %r = stablehlo.or %a, %b : tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @xor_i1(%a: tensor<4xi1> {example.value = dense<[false, false, true, true]> : tensor<4xi1>},
    %b: tensor<4xi1> {example.value = dense<[false, true, false, true]> : tensor<4xi1>})
  -> (tensor<4xi1> {example.value = dense<[false, true, true, false]> : tensor<4xi1>}) {
  %r = stablehlo.xor %a, %b : tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @add_f64(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xf64> {example.value = dense<[3.000000e+00, 0x7FF8000000000000, 0.000000e+00, 0.000000e+00, 0x7FF0000000000000, 0x7FF8000000000000, 0x7FF8000000000000]> : tensor<7xf64>}) {
  %r = stablehlo.add %a, %b : tensor<7xf64>
  return %r : tensor<7xf64>
}

func.func @subtract_f64(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xf64> {example.value = dense<[-1.000000e+00, 0x7FF8000000000000, -0.000000e+00, 0.000000e+00, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>}) {
  %r = stablehlo.subtract %a, %b : tensor<7xf64>
  return %r : tensor<7xf64>
}

func.func @multiply_f64(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xf64> {example.value = dense<[2.000000e+00, 0x7FF8000000000000, -0.000000e+00, -0.000000e+00, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>}) {
  %r = stablehlo.multiply %a, %b : tensor<7xf64>
  return %r : tensor<7xf64>
}

func.func @maximum_f64(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xf64> {example.value = dense<[2.000000e+00, 0x7FF8000000000000, 0.000000e+00, 0.000000e+00, 0x7FF0000000000000, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>}) {
  %r = stablehlo.maximum %a, %b : tensor<7xf64>
  return %r : tensor<7xf64>
}

func.func @minimum_f64(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xf64> {example.value = dense<[1.000000e+00, 0x7FF8000000000000, -0.000000e+00, -0.000000e+00, 1.000000e+00, 0xFFF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>}) {
  %r = stablehlo.minimum %a, %b : tensor<7xf64>
  return %r : tensor<7xf64>
}

func.func @divide_f64(%a: tensor<4xf64> {example.value = dense<[1.0, -1.0, 0.0, 7.0]> : tensor<4xf64>},
    %b: tensor<4xf64> {example.value = dense<[0.0, 0.0, 0.0, 2.0]> : tensor<4xf64>})
  -> (tensor<4xf64> {example.value = dense<[0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 3.500000e+00]> : tensor<4xf64>}) {
  %r = stablehlo.divide %a, %b : tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @remainder_f64(%a: tensor<4xf64> {example.value = dense<[5.5, -5.5, 5.5, 1.0]> : tensor<4xf64>},
    %b: tensor<4xf64> {example.value = dense<[2.0, 2.0, -2.0, 0x7FF0000000000000]> : tensor<4xf64>})
  -> (tensor<4xf64> {example.value = dense<[1.500000e+00, -1.500000e+00, 1.500000e+00, 1.000000e+00]> : tensor<4xf64>}) {
  %r = stablehlo.remainder %a, %b : tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @power_f64(%a: tensor<5xf64> {example.value = dense<[2.0, -2.0, 0.0, 9.0, 1.0]> : tensor<5xf64>},
    %b: tensor<5xf64> {example.value = dense<[0.5, 3.0, 0.0, -0.5, 0x7FF8000000000000]> : tensor<5xf64>})
  -> (tensor<5xf64> {example.value = dense<[1.4142135623730951, -8.000000e+00, 1.000000e+00, 0.33333333333333331, 1.000000e+00]> : tensor<5xf64>}) {
  %r = stablehlo.power %a, %b : tensor<5xf64>
  return %r : tensor<5xf64>
}

func.func @atan2_f64(%a: tensor<4xf64> {example.value = dense<[0.0, 0.0, 1.0, -1.0]> : tensor<4xf64>},
    %b: tensor<4xf64> {example.value = dense<[1.0, -1.0, 0.0, -1.0]> : tensor<4xf64>})
  -> (tensor<4xf64> {example.value = dense<[0.000000e+00, 3.1415926535897931, 1.5707963267948966, -2.3561944901923448]> : tensor<4xf64>}) {
  %r = stablehlo.atan2 %a, %b : tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @complex_numbers(%a: tensor<2xf32> {example.value = dense<[1.0, 3.0]> : tensor<2xf32>},
    %b: tensor<2xf32> {example.value = dense<[2.0, 4.0]> : tensor<2xf32>})
  -> (tensor<2xcomplex<f32>> {example.value = dense<[(1.0, 2.0), (3.0, 4.0)]> : tensor<2xcomplex<f32>>}) {
  %r = stablehlo.complex %a, %b : tensor<2xcomplex<f32>>
  return %r : tensor<2xcomplex<f32>>
}

func.func @compare_eq_float(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xi1> {example.value = dense<[false, false, true, true, false, false, false]> : tensor<7xi1>}) {
  %r = stablehlo.compare EQ, %a, %b, FLOAT : (tensor<7xf64>, tensor<7xf64>) -> tensor<7xi1>
  return %r : tensor<7xi1>
}

func.func @compare_ne_float(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xi1> {example.value = dense<[true, true, false, false, true, true, true]> : tensor<7xi1>}) {
  %r = stablehlo.compare NE, %a, %b, FLOAT : (tensor<7xf64>, tensor<7xf64>) -> tensor<7xi1>
  return %r : tensor<7xi1>
}

func.func @compare_lt_float(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xi1> {example.value = dense<[true, false, false, false, false, true, false]> : tensor<7xi1>}) {
  %r = stablehlo.compare LT, %a, %b, FLOAT : (tensor<7xf64>, tensor<7xf64>) -> tensor<7xi1>
  return %r : tensor<7xi1>
}

func.func @compare_le_float(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xi1> {example.value = dense<[true, false, true, true, false, true, false]> : tensor<7xi1>}) {
  %r = stablehlo.compare LE, %a, %b, FLOAT : (tensor<7xf64>, tensor<7xf64>) -> tensor<7xi1>
  return %r : tensor<7xi1>
}

func.func @compare_gt_float(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xi1> {example.value = dense<[false, false, false, false, true, false, false]> : tensor<7xi1>}) {
  %r = stablehlo.compare GT, %a, %b, FLOAT : (tensor<7xf64>, tensor<7xf64>) -> tensor<7xi1>
  return %r : tensor<7xi1>
}

func.func @compare_ge_float(%a: tensor<7xf64> {example.value = dense<[1.0, 0x7FF8000000000000, -0.0, 0.0, 0x7FF0000000000000, 0xFFF0000000000000, 3.0]> : tensor<7xf64>},
    %b: tensor<7xf64> {example.value = dense<[2.0, 1.0, 0.0, -0.0, 1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<7xf64>})
  -> (tensor<7xi1> {example.value = dense<[false, false, true, true, true, false, false]> : tensor<7xi1>}) {
  %r = stablehlo.compare GE, %a, %b, FLOAT : (tensor<7xf64>, tensor<7xf64>) -> tensor<7xi1>
  return %r : tensor<7xi1>
}

func.func @compare_lt_signed(%a: tensor<3xi8> {example.value = dense<[-1, 2, -128]> : tensor<3xi8>},
    %b: tensor<3xi8> {example.value = dense<[1, 2, 127]> : tensor<3xi8>})
  -> (tensor<3xi1> {example.value = dense<[true, false, true]> : tensor<3xi1>}) {
  %r = stablehlo.compare LT, %a, %b, SIGNED : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @compare_lt_unsigned(%a: tensor<3xui8> {example.value = dense<[255, 2, 128]> : tensor<3xi8>},
    %b: tensor<3xui8> {example.value = dense<[1, 2, 127]> : tensor<3xi8>})
  -> (tensor<3xi1> {example.value = dense<false> : tensor<3xi1>}) {
  %r = stablehlo.compare LT, %a, %b, UNSIGNED : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @compare_lt_total(%a: tensor<4xf64> {example.value = dense<[-0.0, 0x7FF8000000000000, 1.0, 0xFFF0000000000000]> : tensor<4xf64>},
    %b: tensor<4xf64> {example.value = dense<[0.0, 0x7FF0000000000000, 1.0, 0x7FF8000000000000]> : tensor<4xf64>})
  -> (tensor<4xi1> {example.value = dense<[true, false, false, true]> : tensor<4xi1>}) {
  %r = stablehlo.compare LT, %a, %b, TOTALORDER : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @compare_ge_signed(%a: tensor<3xi8> {example.value = dense<[-1, 2, -128]> : tensor<3xi8>},
    %b: tensor<3xi8> {example.value = dense<[1, 2, 127]> : tensor<3xi8>})
  -> (tensor<3xi1> {example.value = dense<[false, true, false]> : tensor<3xi1>}) {
  %r = stablehlo.compare GE, %a, %b, SIGNED : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @compare_ge_unsigned(%a: tensor<3xui8> {example.value = dense<[255, 2, 128]> : tensor<3xi8>},
    %b: tensor<3xui8> {example.value = dense<[1, 2, 127]> : tensor<3xi8>})
  -> (tensor<3xi1> {example.value = dense<true> : tensor<3xi1>}) {
  %r = stablehlo.compare GE, %a, %b, UNSIGNED : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @compare_ge_total(%a: tensor<4xf64> {example.value = dense<[-0.0, 0x7FF8000000000000, 1.0, 0xFFF0000000000000]> : tensor<4xf64>},
    %b: tensor<4xf64> {example.value = dense<[0.0, 0x7FF0000000000000, 1.0, 0x7FF8000000000000]> : tensor<4xf64>})
  -> (tensor<4xi1> {example.value = dense<[false, true, true, false]> : tensor<4xi1>}) {
  %r = stablehlo.compare GE, %a, %b, TOTALORDER : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @compare_complex(%a: tensor<2xcomplex<f64>> {example.value = dense<[(1.0, 2.0), (1.0, 3.0)]> : tensor<2xcomplex<f64>>},
    %b: tensor<2xcomplex<f64>> {example.value = dense<[(1.0, 2.0), (1.0, 2.0)]> : tensor<2xcomplex<f64>>})
  -> (tensor<2xi1> {example.value = dense<[true, false]> : tensor<2xi1>}) {
  %r = stablehlo.compare EQ, %a, %b, FLOAT : (tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<2xi1>
  return %r : tensor<2xi1>
}

func.func @divide_unsigned(%a: tensor<3xui8> {example.value = dense<[255, 200, 7]> : tensor<3xi8>},
    %b: tensor<3xui8> {example.value = dense<[2, 255, 7]> : tensor<3xi8>})
  -> (tensor<3xui8> {example.value = dense<[127, 0, 1]> : tensor<3xi8>}) {
  %r = stablehlo.divide %a, %b : tensor<3xui8>
  return %r : tensor<3xui8>
}

func.func @maximum_unsigned(%a: tensor<3xui8> {example.value = dense<[255, 200, 7]> : tensor<3xi8>},
    %b: tensor<3xui8> {example.value = dense<[2, 255, 7]> : tensor<3xi8>})
  -> (tensor<3xui8> {example.value = dense<[255, 255, 7]> : tensor<3xi8>}) {
  %r = stablehlo.maximum %a, %b : tensor<3xui8>
  return %r : tensor<3xui8>
}

func.func @clamp(%a: tensor<3xi32> {example.value = dense<[5, 10, 15]> : tensor<3xi32>},
    %b: tensor<3xi32> {example.value = dense<[3, 13, 23]> : tensor<3xi32>},
    %c: tensor<3xi32> {example.value = dense<[10, 15, 20]> : tensor<3xi32>})
  -> (tensor<3xi32> {example.value = dense<[5, 13, 20]> : tensor<3xi32>}) {
  %r = stablehlo.clamp %a, %b, %c : tensor<3xi32>
  return %r : tensor<3xi32>
}

func.func @clamp_nan(%a: tensor<f64> {example.value = dense<0.0> : tensor<f64>},
    %b: tensor<4xf64> {example.value = dense<[0x7FF8000000000000, -1.0, 0.5, 2.0]> : tensor<4xf64>},
    %c: tensor<f64> {example.value = dense<1.0> : tensor<f64>})
  -> (tensor<4xf64> {example.value = dense<[0x7FF8000000000000, 0.000000e+00, 5.000000e-01, 1.000000e+00]> : tensor<4xf64>}) {
  %r = stablehlo.clamp %a, %b, %c : (tensor<f64>, tensor<4xf64>, tensor<f64>) -> tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @select_elements(%a: tensor<2x2xi1> {example.value = dense<[[false, true], [true, false]]> : tensor<2x2xi1>},
    %b: tensor<2x2xi32> {example.value = dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>},
    %c: tensor<2x2xi32> {example.value = dense<[[5, 6], [7, 8]]> : tensor<2x2xi32>})
  -> (tensor<2x2xi32> {example.value = dense<[[5, 2], [3, 8]]> : tensor<2x2xi32>}) {
  %r = stablehlo.select %a, %b, %c : tensor<2x2xi1>, tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}

func.func @select_rank0(%a: tensor<i1> {example.value = dense<true> : tensor<i1>},
    %b: tensor<2xi32> {example.value = dense<[1, 2]> : tensor<2xi32>},
    %c: tensor<2xi32> {example.value = dense<[5, 6]> : tensor<2xi32>})
  -> (tensor<2xi32> {example.value = dense<[1, 2]> : tensor<2xi32>}) {
  %r = stablehlo.select %a, %b, %c : (tensor<i1>, tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  return %r : tensor<2xi32>
}
