// A program of JAX: `main` has the name of the module in C, and requests may call it `main`.
// RUN: dpc %s --grad main:wrt=0 --run main_grad --args [1,2,3],2.0 | FileCheck %s
// RUN: dpc %s --grad main:wrt=0 --target=interp --run loss_grad --args [1,2,3],2.0 | FileCheck %s
// RUN: dpc %s --grad main --emit=header -o - | FileCheck %s --check-prefix=HEADER
// RUN: dpc - --emit=mlir < %s | FileCheck %s --check-prefix=MLIR

// CHECK: result = 28
// CHECK-NEXT: d_x = [4, 8, 12]
// HEADER: loss(
// HEADER: loss_grad(
// MLIR: func.func public @loss
module @jit_loss attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3xf32> loc("x"), %arg1: tensor<f32> loc("scale")) -> (tensor<f32> {jax.result_info = "result"}) {
    %0 = stablehlo.multiply %arg0, %arg0 : tensor<3xf32>
    %cst = stablehlo.constant dense<0.0> : tensor<f32>
    %1 = stablehlo.reduce(%0 init: %cst) applies stablehlo.add across dimensions = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
    %2 = stablehlo.multiply %1, %arg1 : tensor<f32>
    return %2 : tensor<f32>
  }
}
