// Extents that are symbols in JAX: gradients for any batch.
// RUN: dpc %s --grad main:wrt=0 --run main_grad --args [[1,2],[3,4],[5,6]],[1,2] | FileCheck %s --check-prefix=THREE
// RUN: dpc %s --grad main:wrt=0 --target=interp --run main_grad --args [[1,2]],[1,2] | FileCheck %s --check-prefix=ONE
// RUN: not dpc %s --run main --args [],[1,2] 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: dpopt --import-stablehlo %s | FileCheck %s --check-prefix=IR

// THREE: result = 33
// THREE-NEXT: d_x = {{\[}}[1, 2], [1, 2], [1, 2]]
// ONE: result = 5
// NONE: Input shapes do not match the polymorphic shapes specification. Expected value >= 1 for dimension variable 'b'.

// The extent of the argument is used as it is, not rounded to 32 bits.
// IR-LABEL: func.func private @_wrapped_jax_export_main(
// IR-SAME: %[[B:.*]]: i64
// IR: %[[N:.*]] = arith.index_cast %[[B]] : i64 to index
// IR: array.broadcast %{{.*}} dims [1] extents(%[[N]]) : tensor<2xf32> to tensor<?x2xf32>
module @jit_f attributes {jax.uses_shape_polymorphism = true, mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<?x2xf32> loc("x"), %arg1: tensor<2xf32> loc("w")) -> (tensor<f32> {jax.result_info = "result"}) {
    %c = stablehlo.constant dense<1> : tensor<i64>
    %0 = stablehlo.get_dimension_size %arg0, dim = 0 : (tensor<?x2xf32>) -> tensor<i32>
    %1 = stablehlo.convert %0 : (tensor<i32>) -> tensor<i64>
    %2 = stablehlo.compare GE, %1, %c, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
    stablehlo.custom_call @shape_assertion(%2, %1) {api_version = 2 : i32, error_message = "Input shapes do not match the polymorphic shapes specification. Expected value >= 1 for dimension variable 'b'. Using the following polymorphic shapes specifications: args[0].shape = (b, 2).", has_side_effect = true} : (tensor<i1>, tensor<i64>) -> ()
    %3 = call @_wrapped_jax_export_main(%1, %arg0, %arg1) : (tensor<i64>, tensor<?x2xf32>, tensor<2xf32>) -> tensor<f32>
    return %3 : tensor<f32>
  }
  // Exported beside `main`, which keeps its name in requests.
  func.func @combine(%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<f32> {
    %0 = stablehlo.add %arg0, %arg1 : tensor<f32>
    return %0 : tensor<f32>
  }
  func.func private @_wrapped_jax_export_main(%arg0: tensor<i64>, %arg1: tensor<?x2xf32>, %arg2: tensor<2xf32>) -> tensor<f32> {
    %cst = stablehlo.constant dense<0.0> : tensor<f32>
    %c = stablehlo.constant dense<2> : tensor<1xi32>
    %0 = stablehlo.broadcast_in_dim %arg2, dims = [1] : (tensor<2xf32>) -> tensor<1x2xf32>
    %1 = stablehlo.convert %arg0 : (tensor<i64>) -> tensor<i32>
    %2 = stablehlo.reshape %1 : (tensor<i32>) -> tensor<1xi32>
    %3 = stablehlo.concatenate %2, %c, dim = 0 : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>
    %4 = stablehlo.dynamic_broadcast_in_dim %0, %3, dims = [0, 1] : (tensor<1x2xf32>, tensor<2xi32>) -> tensor<?x2xf32>
    %5 = stablehlo.multiply %arg1, %4 : tensor<?x2xf32>
    %6 = stablehlo.reduce(%5 init: %cst) applies stablehlo.add across dimensions = [0, 1] : (tensor<?x2xf32>, tensor<f32>) -> tensor<f32>
    return %6 : tensor<f32>
  }
}
