// Operations of the dialect chlo.
// The text is what dpopt prints of it and of its generic form.
// RUN: grep -v '^//' %s > %t.text
// RUN: dpopt %t.text | sed '$ d' | diff - %t.text
// RUN: dpopt %t.text --mlir-print-op-generic > %t.generic
// RUN: dpopt %t.generic | sed '$ d' | diff - %t.text
// RUN: dpopt %t.generic --mlir-print-op-generic | diff - %t.generic
module {
  func.func @chlo(%arg0: tensor<2x3xf32>, %arg1: tensor<2x3xf32>, %arg2: tensor<2x3xi1>, %arg3: tensor<2x3xi32>, %arg4: tensor<f32>, %arg5: tensor<2x3xcomplex<f32>>, %arg6: tensor<3xf32>, %arg7: tensor<4x3xf32>, %arg8: tensor<6x3xf32>, %arg9: tensor<2x3x4xf32>, %arg10: tensor<2xi32>) {
    %0 = chlo.erf %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %1 = chlo.polygamma %arg0, %arg1 : tensor<2x3xf32>, tensor<2x3xf32> -> tensor<2x3xf32>
    %values, %indices = chlo.top_k(%arg0, k = 2) : tensor<2x3xf32> -> (tensor<2x2xf32>, tensor<2x2xi32>)
    %2 = chlo.constant dense<1.000000e+00> : tensor<f32>
    %3 = chlo.broadcast_add %arg0, %arg4 {broadcast_dimensions = array<i64>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
    %4 = chlo.broadcast_compare %arg0, %arg4 {comparison_direction = #chlo<comparison_direction GE>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xi1>
    %5 = chlo.broadcast_select %arg2, %arg0, %arg4 : (tensor<2x3xi1>, tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
    %6 = "chlo.constant_like"(%arg0) <{value = 1.000000e+00 : f32}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %7 = chlo.is_inf %arg0 : tensor<2x3xf32> -> tensor<2x3xi1>
    %8 = chlo.mulhi %arg3, %arg3 : tensor<2x3xi32>, tensor<2x3xi32> -> tensor<2x3xi32>
    %9 = chlo.conj %arg5 : tensor<2x3xcomplex<f32>> -> tensor<2x3xcomplex<f32>>
    %10 = chlo.is_neg_inf %arg0 : tensor<2x3xf32> -> tensor<2x3xi1>
    %11 = chlo.next_after %arg0, %arg1 : tensor<2x3xf32>, tensor<2x3xf32> -> tensor<2x3xf32>
    %12 = chlo.broadcast_zeta %arg0, %arg1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %13 = chlo.broadcast_complex %arg0, %arg1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xcomplex<f32>>
    %14 = chlo._asin_acos_kernel %arg5 : tensor<2x3xcomplex<f32>> -> tensor<2x3xcomplex<f32>>
    %15 = chlo.acos %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %16 = chlo.acosh %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %17 = chlo.asin %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %18 = chlo.asinh %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %19 = chlo.atan %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %20 = chlo.atanh %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %21 = chlo.bessel_i1e %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %22 = chlo.cosh %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %23 = chlo.digamma %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %24 = chlo.erf_inv %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %25 = chlo.erfc %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %26 = chlo.is_pos_inf %arg0 : tensor<2x3xf32> -> tensor<2x3xi1>
    %27 = chlo.lgamma %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %28 = chlo.sinh %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %29 = chlo.square %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %30 = chlo.tan %arg0 : tensor<2x3xf32> -> tensor<2x3xf32>
    %31 = chlo.zeta %arg0, %arg1 : tensor<2x3xf32>, tensor<2x3xf32> -> tensor<2x3xf32>
    %32 = chlo.broadcast_and %arg3, %arg3 : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3xi32>
    %33 = chlo.broadcast_atan2 %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %34 = chlo.broadcast_divide %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %35 = chlo.broadcast_maximum %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %36 = chlo.broadcast_minimum %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %37 = chlo.broadcast_multiply %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %38 = chlo.broadcast_next_after %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %39 = chlo.broadcast_or %arg3, %arg3 : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3xi32>
    %40 = chlo.broadcast_polygamma %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %41 = chlo.broadcast_power %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %42 = chlo.broadcast_remainder %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %43 = chlo.broadcast_shift_left %arg3, %arg3 : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3xi32>
    %44 = chlo.broadcast_shift_right_arithmetic %arg3, %arg3 : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3xi32>
    %45 = chlo.broadcast_shift_right_logical %arg3, %arg3 : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3xi32>
    %46 = chlo.broadcast_subtract %arg0, %arg0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %47 = chlo.broadcast_xor %arg3, %arg3 : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3xi32>
    %outputs, %carries = chlo.scan(%arg7) inits (%arg6) dimension=0 attributes {is_reverse = false} {
    ^bb0(%arg11: tensor<3xf32>, %arg12: tensor<3xf32>):
      %49 = stablehlo.add %arg11, %arg12 : tensor<3xf32>
      stablehlo.return %49, %49 : tensor<3xf32>, tensor<3xf32>
    } : (tensor<4x3xf32>, tensor<3xf32>) -> (tensor<4x3xf32>, tensor<3xf32>)
    %outputs_0, %carries_1 = chlo.scan(%arg7) inits (%arg6) dimension=0 attributes {is_associative = true, is_reverse = true, note = 1 : i32} {
    ^bb0(%arg11: tensor<3xf32>, %arg12: tensor<3xf32>):
      %49 = stablehlo.add %arg11, %arg12 : tensor<3xf32>
      stablehlo.return %49, %49 : tensor<3xf32>, tensor<3xf32>
    } : (tensor<4x3xf32>, tensor<3xf32>) -> (tensor<4x3xf32>, tensor<3xf32>)
    %48 = "chlo.ragged_dot"(%arg8, %arg9, %arg10) <{precision_config = [#chlo<precision DEFAULT>, #chlo<precision DEFAULT>], ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<6x3xf32>, tensor<2x3x4xf32>, tensor<2xi32>) -> tensor<6x4xf32>
    return
  }
}
