// Elementwise operations.
// The text is what dpopt prints of it and of its generic form.
// RUN: grep -v '^//' %s > %t.text
// RUN: dpopt %t.text | sed '$ d' | diff - %t.text
// RUN: dpopt %t.text --mlir-print-op-generic > %t.generic
// RUN: dpopt %t.generic | sed '$ d' | diff - %t.text
// RUN: dpopt %t.generic --mlir-print-op-generic | diff - %t.generic
module {
  func.func @elementwise(%arg0: tensor<2x3xf32>, %arg1: tensor<2x3xf32>, %arg2: tensor<2x3xi1>, %arg3: tensor<2x3xi32>, %arg4: tensor<f32>, %arg5: tensor<2x3xcomplex<f32>>, %arg6: tensor<?x3xf32>, %arg7: tensor<i1>) {
    %0 = stablehlo.add %arg0, %arg1 : tensor<2x3xf32>
    %1 = stablehlo.add %arg0, %arg6 : (tensor<2x3xf32>, tensor<?x3xf32>) -> tensor<2x3xf32>
    %2 = stablehlo.add %arg0, %arg1 {a = 1 : i32} : tensor<2x3xf32>
    %3 = stablehlo.exponential %arg0 {result_accuracy = #stablehlo.result_accuracy<atol = 1.000000e-03, ulps = 3, mode = #stablehlo.result_accuracy_mode<TOLERANCE>>} : tensor<2x3xf32>
    %4 = stablehlo.exponential %arg0 {result_accuracy = #stablehlo.result_accuracy<mode = #stablehlo.result_accuracy_mode<HIGHEST>>} : tensor<2x3xf32>
    %5 = stablehlo.exponential %arg0 {result_accuracy = #stablehlo.result_accuracy<mode = #stablehlo.result_accuracy_mode<DEFAULT>>} : tensor<2x3xf32>
    %6 = stablehlo.compare GE, %arg0, %arg1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
    %7 = stablehlo.compare GE, %arg0, %arg1, TOTALORDER : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
    %8 = stablehlo.complex %arg0, %arg1 : tensor<2x3xcomplex<f32>>
    %9 = stablehlo.real %arg5 : (tensor<2x3xcomplex<f32>>) -> tensor<2x3xf32>
    %10 = stablehlo.select %arg2, %arg0, %arg1 : tensor<2x3xi1>, tensor<2x3xf32>
    %11 = stablehlo.select %arg7, %arg0, %arg6 : (tensor<i1>, tensor<2x3xf32>, tensor<?x3xf32>) -> tensor<2x3xf32>
    %12 = stablehlo.clamp %arg4, %arg0, %arg4 : (tensor<f32>, tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
    %13 = stablehlo.clamp %arg0, %arg0, %arg0 : tensor<2x3xf32>
    %14 = stablehlo.reduce_precision %arg0, format = e5m10 : tensor<2x3xf32>
    %15 = stablehlo.convert %arg0 : (tensor<2x3xf32>) -> tensor<2x3xi32>
    %16 = stablehlo.is_finite %arg0 : (tensor<2x3xf32>) -> tensor<2x3xi1>
    %17 = stablehlo.abs %arg5 : (tensor<2x3xcomplex<f32>>) -> tensor<2x3xf32>
    %18 = stablehlo.bitcast_convert %arg0 : (tensor<2x3xf32>) -> tensor<2x3xi32>
    %19 = stablehlo.uniform_quantize %arg0 : (tensor<2x3xf32>) -> tensor<2x3x!quant.uniform<i8:f32, 2.000000e+00:15>>
    %20 = stablehlo.uniform_dequantize %19 : (tensor<2x3x!quant.uniform<i8:f32, 2.000000e+00:15>>) -> tensor<2x3xf32>
    %21 = stablehlo.ceil %arg0 : tensor<2x3xf32>
    %22 = stablehlo.count_leading_zeros %arg3 : tensor<2x3xi32>
    %23 = stablehlo.floor %arg0 : tensor<2x3xf32>
    %24 = stablehlo.negate %arg0 : tensor<2x3xf32>
    %25 = stablehlo.not %arg3 : tensor<2x3xi32>
    %26 = stablehlo.popcnt %arg3 : tensor<2x3xi32>
    %27 = stablehlo.round_nearest_afz %arg0 : tensor<2x3xf32>
    %28 = stablehlo.round_nearest_even %arg0 : tensor<2x3xf32>
    %29 = stablehlo.sign %arg0 : tensor<2x3xf32>
    %30 = stablehlo.cbrt %arg0 : tensor<2x3xf32>
    %31 = stablehlo.cosine %arg0 : tensor<2x3xf32>
    %32 = stablehlo.exponential_minus_one %arg0 : tensor<2x3xf32>
    %33 = stablehlo.log %arg0 : tensor<2x3xf32>
    %34 = stablehlo.log_plus_one %arg0 : tensor<2x3xf32>
    %35 = stablehlo.logistic %arg0 : tensor<2x3xf32>
    %36 = stablehlo.rsqrt %arg0 : tensor<2x3xf32>
    %37 = stablehlo.sine %arg0 : tensor<2x3xf32>
    %38 = stablehlo.sqrt %arg0 : tensor<2x3xf32>
    %39 = stablehlo.tan %arg0 : tensor<2x3xf32>
    %40 = stablehlo.tanh %arg0 : tensor<2x3xf32>
    %41 = stablehlo.imag %arg5 : (tensor<2x3xcomplex<f32>>) -> tensor<2x3xf32>
    %42 = stablehlo.and %arg3, %arg3 : tensor<2x3xi32>
    %43 = stablehlo.atan2 %arg0, %arg0 : tensor<2x3xf32>
    %44 = stablehlo.divide %arg0, %arg0 : tensor<2x3xf32>
    %45 = stablehlo.maximum %arg0, %arg0 : tensor<2x3xf32>
    %46 = stablehlo.minimum %arg0, %arg0 : tensor<2x3xf32>
    %47 = stablehlo.multiply %arg0, %arg0 : tensor<2x3xf32>
    %48 = stablehlo.or %arg3, %arg3 : tensor<2x3xi32>
    %49 = stablehlo.power %arg0, %arg0 : tensor<2x3xf32>
    %50 = stablehlo.remainder %arg0, %arg0 : tensor<2x3xf32>
    %51 = stablehlo.shift_left %arg3, %arg3 : tensor<2x3xi32>
    %52 = stablehlo.shift_right_arithmetic %arg3, %arg3 : tensor<2x3xi32>
    %53 = stablehlo.shift_right_logical %arg3, %arg3 : tensor<2x3xi32>
    %54 = stablehlo.subtract %arg0, %arg0 : tensor<2x3xf32>
    %55 = stablehlo.xor %arg3, %arg3 : tensor<2x3xi32>
    return
  }
}
