// Shardings in the words of XLA.

// RUN: dpopt %s --import-stablehlo | FileCheck %s
// RUN: dpc %s --target=xla --emit=stablehlo -o - | FileCheck %s --check-prefix=OUT

// CHECK: func.func public @f(%{{.*}}: tensor<4x4xf32> {dp.sharding = "{devices=[2,1]<=[2]}"}
// CHECK:   array.shard %{{.*}} "{devices=[1,2]<=[2]}" : tensor<4x4xf32>

// OUT: func.func public @main(%{{.*}}: tensor<4x4xf32> {mhlo.sharding = "{devices=[2,1]<=[2]}"})
// OUT:   stablehlo.custom_call @Sharding(%{{.*}}) {mhlo.sharding = "{devices=[1,2]<=[2]}"} : (tensor<4x4xf32>) -> tensor<4x4xf32>
module @jit_f attributes {mhlo.num_partitions = 2 : i32} {
  func.func public @main(%arg0: tensor<4x4xf32> {mhlo.sharding = "{devices=[2,1]<=[2]}"}) -> tensor<4x4xf32> {
    %0 = stablehlo.custom_call @Sharding(%arg0) {mhlo.sharding = "{devices=[1,2]<=[2]}"} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    %1 = stablehlo.exponential %0 : tensor<4x4xf32>
    return %1 : tensor<4x4xf32>
  }
}
