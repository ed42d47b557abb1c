// Elementwise operations with one operand.

func.func @abs_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[2.500000e+00, 0.000000e+00, 0.000000e+00, 3.000000e-01, 1.000000e+00, 7.250000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.abs %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @ceil_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-2.000000e+00, -0.000000e+00, 0.000000e+00, 1.000000e+00, 1.000000e+00, 8.000000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.ceil %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @floor_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-3.000000e+00, -0.000000e+00, 0.000000e+00, 0.000000e+00, 1.000000e+00, 7.000000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.floor %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @negate_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[2.500000e+00, 0.000000e+00, -0.000000e+00, -3.000000e-01, -1.000000e+00, -7.250000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.negate %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @sign_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-1.000000e+00, -0.000000e+00, 0.000000e+00, 1.000000e+00, 1.000000e+00, 1.000000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.sign %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @exponential_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[0.0820849986238988, 1.000000e+00, 1.000000e+00, 1.3498588075760032, 2.7182818284590451, 1408.1048482046956]> : tensor<6xf64>}) {
  %r = stablehlo.exponential %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @exponential_minus_one_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-0.91791500137610126, -0.000000e+00, 0.000000e+00, 0.34985880757600307, 1.7182818284590451, 1407.1048482046956]> : tensor<6xf64>}) {
  %r = stablehlo.exponential_minus_one %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @sine_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-0.59847214410395655, -0.000000e+00, 0.000000e+00, 0.29552020666133955, 0.8414709848078965, 0.82308087901150551]> : tensor<6xf64>}) {
  %r = stablehlo.sine %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @cosine_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-0.8011436155469337, 1.000000e+00, 1.000000e+00, 0.95533648912560598, 0.54030230586813977, 0.56792417328869482]> : tensor<6xf64>}) {
  %r = stablehlo.cosine %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @tan_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[0.74702229723866032, -0.000000e+00, 0.000000e+00, 0.30933624960962325, 1.5574077246549023, 1.4492795301268253]> : tensor<6xf64>}) {
  %r = stablehlo.tan %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @tanh_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-0.98661429815143031, -0.000000e+00, 0.000000e+00, 0.2913126124515909, 0.76159415595576485, 0.99999899130518354]> : tensor<6xf64>}) {
  %r = stablehlo.tanh %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @logistic_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[0.075858180021243546, 5.000000e-01, 5.000000e-01, 0.57444251681165903, 0.7310585786300049, 0.99929032960089947]> : tensor<6xf64>}) {
  %r = stablehlo.logistic %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @cbrt_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-1.3572088082974532, -0.000000e+00, 0.000000e+00, 0.66943295008216941, 1.000000e+00, 1.9354383203138983]> : tensor<6xf64>}) {
  %r = stablehlo.cbrt %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @round_nearest_afz_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-3.000000e+00, -0.000000e+00, 0.000000e+00, 0.000000e+00, 1.000000e+00, 7.000000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.round_nearest_afz %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @round_nearest_even_f64(%a: tensor<6xf64> {example.value = dense<[-2.5, -0.0, 0.0, 0.3, 1.0, 7.25]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-2.000000e+00, -0.000000e+00, 0.000000e+00, 0.000000e+00, 1.000000e+00, 7.000000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.round_nearest_even %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @log_f64(%a: tensor<4xf64> {example.value = dense<[0.25, 1.0, 2.0, 9.0]> : tensor<4xf64>})
  -> (tensor<4xf64> {example.value = dense<[-1.3862943611198906, 0.000000e+00, 0.69314718055994529, 2.1972245773362196]> : tensor<4xf64>}) {
  %r = stablehlo.log %a : tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @sqrt_f64(%a: tensor<4xf64> {example.value = dense<[0.25, 1.0, 2.0, 9.0]> : tensor<4xf64>})
  -> (tensor<4xf64> {example.value = dense<[5.000000e-01, 1.000000e+00, 1.4142135623730951, 3.000000e+00]> : tensor<4xf64>}) {
  %r = stablehlo.sqrt %a : tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @rsqrt_f64(%a: tensor<4xf64> {example.value = dense<[0.25, 1.0, 2.0, 9.0]> : tensor<4xf64>})
  -> (tensor<4xf64> {example.value = dense<[2.000000e+00, 1.000000e+00, 0.70710678118654746, 0.33333333333333331]> : tensor<4xf64>}) {
  %r = stablehlo.rsqrt %a : tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @log_plus_one_f64(%a: tensor<4xf64> {example.value = dense<[-0.5, 0.0, 0.001, 3.0]> : tensor<4xf64>})
  -> (tensor<4xf64> {example.value = dense<[-0.69314718055994529, 0.000000e+00, 9.9950033308353315E-4, 1.3862943611198906]> : tensor<4xf64>}) {
  %r = stablehlo.log_plus_one %a : tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @round_nearest_afz_halves(%a: tensor<6xf64> {example.value = dense<[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-3.000000e+00, -2.000000e+00, -1.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.round_nearest_afz %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @round_nearest_even_halves(%a: tensor<6xf64> {example.value = dense<[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-2.000000e+00, -2.000000e+00, -0.000000e+00, 0.000000e+00, 2.000000e+00, 2.000000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.round_nearest_even %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @floor_halves(%a: tensor<6xf64> {example.value = dense<[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-3.000000e+00, -2.000000e+00, -1.000000e+00, 0.000000e+00, 1.000000e+00, 2.000000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.floor %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @ceil_halves(%a: tensor<6xf64> {example.value = dense<[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]> : tensor<6xf64>})
  -> (tensor<6xf64> {example.value = dense<[-2.000000e+00, -1.000000e+00, -0.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00]> : tensor<6xf64>}) {
  %r = stablehlo.ceil %a : tensor<6xf64>
  return %r : tensor<6xf64>
}

func.func @abs_i8(%a: tensor<4xi8> {example.value = dense<[-128, -3, 0, 127]> : tensor<4xi8>})
  -> (tensor<4xi8> {example.value = dense<[-128, 3, 0, 127]> : tensor<4xi8>}) {
  %r = stablehlo.abs %a : tensor<4xi8>
  return %r : tensor<4xi8>
}

func.func @negate_i8(%a: tensor<4xi8> {example.value = dense<[-128, -3, 0, 127]> : tensor<4xi8>})
  -> (tensor<4xi8> {example.value = dense<[-128, 3, 0, -127]> : tensor<4xi8>}) {
  %r = stablehlo.negate %a : tensor<4xi8>
  return %r : tensor<4xi8>
}

func.func @sign_i8(%a: tensor<4xi8> {example.value = dense<[-128, -3, 0, 127]> : tensor<4xi8>})
  -> (tensor<4xi8> {example.value = dense<[-1, -1, 0, 1]> : tensor<4xi8>}) {
  %r = stablehlo.sign %a : tensor<4xi8>
  return %r : tensor<4xi8>
}

func.func @not_i8(%a: tensor<4xi8> {example.value = dense<[-128, -3, 0, 127]> : tensor<4xi8>})
  -> (tensor<4xi8> {example.value = dense<[127, 2, -1, -128]> : tensor<4xi8>}) {
  %r = stablehlo.not %a : tensor<4xi8>
  return %r : tensor<4xi8>
}

func.func @not_i1(%a: tensor<2xi1> {example.value = dense<[true, false]> : tensor<2xi1>})
  -> (tensor<2xi1> {example.value = dense<[false, true]> : tensor<2xi1>}) {
  %r = stablehlo.not %a : tensor<2xi1>
  return %r : tensor<2xi1>
}

func.func @popcnt_i8(%a: tensor<4xi8> {example.value = dense<[-128, -3, 0, 127]> : tensor<4xi8>})
  -> (tensor<4xi8> {example.value = dense<[1, 7, 0, 7]> : tensor<4xi8>}) {
  %r = stablehlo.popcnt %a : tensor<4xi8>
  return %r : tensor<4xi8>
}

func.func @count_leading_zeros_i8(%a: tensor<4xi8> {example.value = dense<[-128, 1, 0, 127]> : tensor<4xi8>})
  -> (tensor<4xi8> {example.value = dense<[0, 7, 8, 1]> : tensor<4xi8>}) {
  %r = stablehlo.count_leading_zeros %a : tensor<4xi8>
  return %r : tensor<4xi8>
}

func.func @abs_complex(%a: tensor<2xcomplex<f64>> {example.value = dense<[(3.0, -4.0), (0.0, 2.0)]> : tensor<2xcomplex<f64>>})
  -> (tensor<2xf64> {example.value = dense<[5.0, 2.0]> : tensor<2xf64>}) {
  %r = stablehlo.abs %a : (tensor<2xcomplex<f64>>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @real_part(%a: tensor<2xcomplex<f64>> {example.value = dense<[(3.0, -4.0), (0.0, 2.0)]> : tensor<2xcomplex<f64>>})
  -> (tensor<2xf64> {example.value = dense<[3.0, 0.0]> : tensor<2xf64>}) {
  %r = stablehlo.real %a : (tensor<2xcomplex<f64>>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @imag_part(%a: tensor<2xcomplex<f64>> {example.value = dense<[(3.0, -4.0), (0.0, 2.0)]> : tensor<2xcomplex<f64>>})
  -> (tensor<2xf64> {example.value = dense<[-4.0, 2.0]> : tensor<2xf64>}) {
  %r = stablehlo.imag %a : (tensor<2xcomplex<f64>>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @exponential_complex(%a: tensor<2xcomplex<f64>> {example.value = dense<[(0.5, -1.0), (0.25, 2.0)]> : tensor<2xcomplex<f64>>})
  -> (tensor<2xcomplex<f64>> {example.value = dense<[(0.8908079042931287, -1.3873511113297634), (-0.53434311520073, 1.167561007372937)]> : tensor<2xcomplex<f64>>}) {
  %r = stablehlo.exponential %a : tensor<2xcomplex<f64>>
  return %r : tensor<2xcomplex<f64>>
}

func.func @sine_complex(%a: tensor<2xcomplex<f64>> {example.value = dense<[(0.5, -1.0), (0.25, 2.0)]> : tensor<2xcomplex<f64>>})
  -> (tensor<2xcomplex<f64>> {example.value = dense<[(0.7397922644560138, -1.0313360742545512), (0.9307821094643965, 3.514110100973512)]> : tensor<2xcomplex<f64>>}) {
  %r = stablehlo.sine %a : tensor<2xcomplex<f64>>
  return %r : tensor<2xcomplex<f64>>
}

func.func @sqrt_complex(%a: tensor<2xcomplex<f64>> {example.value = dense<[(0.5, -1.0), (0.25, 2.0)]> : tensor<2xcomplex<f64>>})
  -> (tensor<2xcomplex<f64>> {example.value = dense<[(0.8994537199739336, -0.5558929702514211), (1.064322422265602, 0.9395649091666413)]> : tensor<2xcomplex<f64>>}) {
  %r = stablehlo.sqrt %a : tensor<2xcomplex<f64>>
  return %r : tensor<2xcomplex<f64>>
}

func.func @tanh_complex(%a: tensor<2xcomplex<f64>> {example.value = dense<[(0.5, -1.0), (0.25, 2.0)]> : tensor<2xcomplex<f64>>})
  -> (tensor<2xcomplex<f64>> {example.value = dense<[(1.0428307283443612, -0.8068774121630852), (1.099398135211779, -1.5966892107707558)]> : tensor<2xcomplex<f64>>}) {
  %r = stablehlo.tanh %a : tensor<2xcomplex<f64>>
  return %r : tensor<2xcomplex<f64>>
}

func.func @log_complex(%a: tensor<2xcomplex<f64>> {example.value = dense<[(0.5, -1.0), (0.25, 2.0)]> : tensor<2xcomplex<f64>>})
  -> (tensor<2xcomplex<f64>> {example.value = dense<[(0.11157177565710488, -1.1071487177940904), (0.7008992738279278, 1.446441332248135)]> : tensor<2xcomplex<f64>>}) {
  %r = stablehlo.log %a : tensor<2xcomplex<f64>>
  return %r : tensor<2xcomplex<f64>>
}

func.func @is_finite(%a: tensor<5xf64> {example.value = dense<[0x7FF8000000000000, 0x7FF0000000000000, 0xFFF0000000000000, -0.0, 1.0e300]> : tensor<5xf64>})
  -> (tensor<5xi1> {example.value = dense<[false, false, false, true, true]> : tensor<5xi1>}) {
  %r = stablehlo.is_finite %a : (tensor<5xf64>) -> tensor<5xi1>
  return %r : tensor<5xi1>
}

func.func @reduce_precision(%a: tensor<5xf32> {example.value = dense<[0x7F800000, 65519.0, 65520.0, 1.0009765, 1.0e-8]> : tensor<5xf32>})
  -> (tensor<5xf32> {example.value = dense<[0x7F800000, 6.550400e+04, 0x7F800000, 1.00097656, 0.000000e+00]> : tensor<5xf32>}) {
  %r = stablehlo.reduce_precision %a, format = e5m10 : tensor<5xf32>
  return %r : tensor<5xf32>
}

func.func @convert_truncates(%a: tensor<5xf64> {example.value = dense<[-2.7, -0.5, 0.0, 2.7, 100.0]> : tensor<5xf64>})
  -> (tensor<5xi32> {example.value = dense<[-2, 0, 0, 2, 100]> : tensor<5xi32>}) {
  %r = stablehlo.convert %a : (tensor<5xf64>) -> tensor<5xi32>
  return %r : tensor<5xi32>
}

func.func @convert_wraps(%a: tensor<4xi32> {example.value = dense<[300, -129, 127, -1]> : tensor<4xi32>})
  -> (tensor<4xi8> {example.value = dense<[44, 127, 127, -1]> : tensor<4xi8>}) {
  %r = stablehlo.convert %a : (tensor<4xi32>) -> tensor<4xi8>
  return %r : tensor<4xi8>
}

func.func @convert_boolean(%a: tensor<3xi32> {example.value = dense<[0, 5, -1]> : tensor<3xi32>})
  -> (tensor<3xi1> {example.value = dense<[false, true, true]> : tensor<3xi1>}) {
  %r = stablehlo.convert %a : (tensor<3xi32>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @convert_unsigned(%a: tensor<2xui8> {example.value = dense<[255, 7]> : tensor<2xi8>})
  -> (tensor<2xf32> {example.value = dense<[2.550000e+02, 7.000000e+00]> : tensor<2xf32>}) {
  %r = stablehlo.convert %a : (tensor<2xui8>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @convert_complex(%a: tensor<2xf32> {example.value = dense<[1.5, -2.0]> : tensor<2xf32>})
  -> (tensor<2xcomplex<f32>> {example.value = dense<[(1.5, 0.0), (-2.0, 0.0)]> : tensor<2xcomplex<f32>>}) {
  %r = stablehlo.convert %a : (tensor<2xf32>) -> tensor<2xcomplex<f32>>
  return %r : tensor<2xcomplex<f32>>
}

func.func @bitcast_wider(%a: tensor<4xi16> {example.value = dense<[-12817, -21555, 4660, 0]> : tensor<4xi16>})
  -> (tensor<1xf64> {example.value = dense<9.8899244765334761E-311> : tensor<1xf64>}) {
  %s = stablehlo.reshape %a : (tensor<4xi16>) -> tensor<1x4xi16>
  %r = stablehlo.bitcast_convert %s : (tensor<1x4xi16>) -> tensor<1xf64>
  return %r : tensor<1xf64>
}

func.func @bitcast_narrower(%a: tensor<f64> {example.value = dense<1.25> : tensor<f64>})
  -> (tensor<4xi16> {example.value = dense<[0, 0, 0, 16372]> : tensor<4xi16>}) {
  %r = stablehlo.bitcast_convert %a : (tensor<f64>) -> tensor<4xi16>
  return %r : tensor<4xi16>
}
