// Shardings come in, are those of tangents and cotangents too, and go out.

// RUN: dpopt %s --import-stablehlo | FileCheck %s
// RUN: dpc %s --grad step:wrt=0 --target=xla --entry step_grad --emit=stablehlo -o - | FileCheck %s --check-prefix=OUT

// CHECK: module @jit_step attributes {dp.meshes = ["mesh <[\22data\22=2, \22model\22=2]>"]
// CHECK: func.func public @step(
// CHECK-SAME: tensor<4x6xf32> {dp.name = "w", dp.sharding = "<@mesh, [{}, {\22model\22}]>"}
// CHECK-SAME: tensor<8x4xf32> {dp.name = "x", dp.sharding = "<@mesh, [{\22data\22, ?}, {}]>"}
// CHECK:   array.shard %{{.*}} "<@mesh, [{\22data\22}, {\22model\22}]>" : tensor<8x6xf32>

// OUT:       sdy.mesh @mesh = <["data"=2, "model"=2]>
// OUT-NEXT:  func.func public @main(
// OUT-SAME:    tensor<4x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"model"}]>}
// OUT-SAME:    tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>}
// OUT-SAME:    -> (tensor<f32> {sdy.sharding = #sdy.sharding<@mesh, []>}, tensor<4x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"model"}]>})
// The primal and its cotangent.
// OUT:         sdy.sharding_constraint %{{.*}} <@mesh, [{"data"}, {"model"}]> : tensor<8x6xf32>
// OUT:         sdy.sharding_constraint %{{.*}} <@mesh, [{"data"}, {"model"}]> : tensor<8x6xf32>
module @jit_step attributes {mhlo.num_partitions = 4 : i32, mhlo.num_replicas = 1 : i32} {
  sdy.mesh @mesh = <["data"=2, "model"=2]>
  func.func public @main(%w: tensor<4x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"model"}]>} loc("w"),
                         %x: tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"data", ?}, {}]>} loc("x")) -> tensor<f32> {
    %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<8x4xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>
    %1 = sdy.sharding_constraint %0 <@mesh, [{"data"}, {"model"}]> : tensor<8x6xf32>
    %2 = stablehlo.tanh %1 : tensor<8x6xf32>
    %cst = stablehlo.constant dense<0.0> : tensor<f32>
    %3 = stablehlo.reduce(%2 init: %cst) applies stablehlo.add across dimensions = [0, 1] : (tensor<8x6xf32>, tensor<f32>) -> tensor<f32>
    return %3 : tensor<f32>
  }
}
