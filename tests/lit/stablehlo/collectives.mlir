// Collective operations among groups of one device change nothing, and the program is differentiated as any other; those
// among several are refused at their place.
// RUN: split-file %s %t
// RUN: dpc %t/one.mlir --grad step --run step_grad --args [1,2] --format=json | FileCheck %s
// RUN: dpopt %t/one.mlir --import-stablehlo | FileCheck %s --check-prefix=TEXT
// Six times x, four times x, and what is sent from nowhere, which is 0.
// CHECK: 30
// CHECK: {{\[}}10{{(\.0)?}}, 10
// TEXT-NOT: stablehlo
// TEXT-NOT: sdy

// RUN: dpopt %t/manual.mlir --import-stablehlo | FileCheck %s --check-prefix=MANUAL
// RUN: dpc %t/manual.mlir --run f --args [1,2,3,4] | FileCheck %s --check-prefix=VALUE
// RUN: dpc %t/manual.mlir --target=xla --run f --args [1,2,3,4] --devices=4 | FileCheck %s --check-prefix=VALUE
// MANUAL: %[[A:.*]] = array.shard %{{.*}} "<@mesh, [{\22free\22}]>" : tensor<4xf64>
// MANUAL: %[[B:.*]] = scalar.add %[[A]], %[[A]] : tensor<4xf64>
// MANUAL: array.shard %[[B]] "<@mesh, [{\22free\22}]>"
// VALUE: r0 = [2, 4, 6, 8]

// RUN: %refused dpc %t/reduce.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=REDUCE
// REDUCE: reduce.mlir:2:8: error: 'stablehlo.all_reduce' is for one of 2 devices, and has no translation
// REDUCE: help: write the program for whole arrays and with shardings, in JAX by 'jax.jit' with 'in_shardings' instead of 'shard_map' or 'pmap'; --devices=2 divides it
// RUN: %refused dpc %t/all.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=ALL
// ALL: all.mlir:3:10: error: 'stablehlo.all_gather' is for one of 4 devices
// RUN: %refused dpc %t/permute.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=PERMUTE
// PERMUTE: permute.mlir:2:8: error: 'stablehlo.collective_permute' is for one of 2 devices
// RUN: %refused dpc %t/id.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=ID
// ID: id.mlir:3:10: error: 'stablehlo.partition_id' is for one of 4 devices
// RUN: %refused dpc %t/split.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=SPLIT
// SPLIT: split.mlir:2:8: error: its result is tensor<2xf64>, not tensor<4xf64>
// RUN: %refused dpc %t/by-hand.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=HAND
// HAND: by-hand.mlir:4:10: error: 'sdy.manual_computation' is for one of 4 devices
// RUN: %refused dpc %t/axis.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=AXIS
// AXIS: axis.mlir:4:10: error: {{.*}}no mesh has these axes
//--- one.mlir
module @jit_step attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%x: tensor<2xf64> loc("x")) -> tensor<f64> {
    %0 = "stablehlo.all_reduce"(%x) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>, replica_groups = dense<0> : tensor<1x1xi64>, use_global_device_ids}> ({
    ^bb0(%a: tensor<f64>, %b: tensor<f64>):
      %s = stablehlo.add %a, %b : tensor<f64>
      stablehlo.return %s : tensor<f64>
    }) : (tensor<2xf64>) -> tensor<2xf64>
    %1 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<> : tensor<0x0xi64>}> : (tensor<2xf64>) -> tensor<2xf64>
    %2 = "stablehlo.reduce_scatter"(%x) <{replica_groups = dense<[[0, -1]]> : tensor<1x2xi64>, scatter_dimension = 0 : i64}> ({
    ^bb0(%a: tensor<f64>, %b: tensor<f64>):
      %s = stablehlo.maximum %a, %b : tensor<f64>
      stablehlo.return %s : tensor<f64>
    }) : (tensor<2xf64>) -> tensor<2xf64>
    %3 = "stablehlo.all_to_all"(%x) <{concat_dimension = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>, split_count = 1 : i64, split_dimension = 0 : i64}> : (tensor<2xf64>) -> tensor<2xf64>
    %4 = "stablehlo.collective_permute"(%x) <{source_target_pairs = dense<0> : tensor<1x2xi64>}> : (tensor<2xf64>) -> tensor<2xf64>
    %5 = "stablehlo.collective_broadcast"(%x) <{replica_groups = dense<0> : tensor<1x1xi64>}> : (tensor<2xf64>) -> tensor<2xf64>
    %nothing = "stablehlo.collective_permute"(%x) <{source_target_pairs = dense<> : tensor<0x2xi64>}> : (tensor<2xf64>) -> tensor<2xf64>
    %p = stablehlo.partition_id : tensor<ui32>
    %r = stablehlo.replica_id : tensor<ui32>
    %pr = stablehlo.add %p, %r : tensor<ui32>
    %four = stablehlo.constant dense<4> : tensor<ui32>
    %k = stablehlo.add %pr, %four : tensor<ui32>
    %kf = stablehlo.convert %k : (tensor<ui32>) -> tensor<f64>
    %kb = stablehlo.broadcast_in_dim %kf, dims = [] : (tensor<f64>) -> tensor<2xf64>
    %6 = stablehlo.multiply %kb, %x : tensor<2xf64>
    %7 = stablehlo.add %0, %1 : tensor<2xf64>
    %8 = stablehlo.add %7, %2 : tensor<2xf64>
    %9 = stablehlo.add %8, %3 : tensor<2xf64>
    %10 = stablehlo.add %9, %4 : tensor<2xf64>
    %11 = stablehlo.add %10, %5 : tensor<2xf64>
    %12 = stablehlo.add %11, %6 : tensor<2xf64>
    %13 = stablehlo.add %12, %nothing : tensor<2xf64>
    %zero = stablehlo.constant dense<0.0> : tensor<f64>
    %y = stablehlo.reduce(%13 init: %zero) applies stablehlo.add across dimensions = [0] : (tensor<2xf64>, tensor<f64>) -> tensor<f64>
    return %y : tensor<f64>
  }
}
//--- manual.mlir
module @jit_f attributes {mhlo.num_partitions = 4 : i32, mhlo.num_replicas = 1 : i32} {
  sdy.mesh @mesh = <["one"=1, "free"=4]>
  func.func public @main(%x: tensor<4xf64>) -> tensor<4xf64> {
    %0 = sdy.manual_computation(%x) in_shardings=[<@mesh, [{"free"}]>] out_shardings=[<@mesh, [{"free"}]>] manual_axes={"one"} (%y: tensor<4xf64>) {
      %1 = "stablehlo.all_reduce"(%y) <{replica_groups = dense<[[0], [1], [2], [3]]> : tensor<4x1xi64>}> ({
      ^bb0(%a: tensor<f64>, %b: tensor<f64>):
        %s = stablehlo.add %a, %b : tensor<f64>
        stablehlo.return %s : tensor<f64>
      }) : (tensor<4xf64>) -> tensor<4xf64>
      %2 = stablehlo.add %1, %1 : tensor<4xf64>
      sdy.return %2 : tensor<4xf64>
    } : (tensor<4xf64>) -> tensor<4xf64>
    return %0 : tensor<4xf64>
  }
}
//--- reduce.mlir
func.func @f(%x: tensor<2xf64>) -> tensor<2xf64> {
  %0 = "stablehlo.all_reduce"(%x) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> ({
  ^bb0(%a: tensor<f64>, %b: tensor<f64>):
    %s = stablehlo.add %a, %b : tensor<f64>
    stablehlo.return %s : tensor<f64>
  }) : (tensor<2xf64>) -> tensor<2xf64>
  return %0 : tensor<2xf64>
}
//--- all.mlir
module attributes {mhlo.num_partitions = 2 : i32, mhlo.num_replicas = 2 : i32} {
  func.func public @f(%x: tensor<2xf64>) -> tensor<8xf64> {
    %0 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<> : tensor<0x0xi64>}> : (tensor<2xf64>) -> tensor<8xf64>
    return %0 : tensor<8xf64>
  }
}
//--- permute.mlir
func.func @f(%x: tensor<2xf64>) -> tensor<2xf64> {
  %0 = "stablehlo.collective_permute"(%x) <{source_target_pairs = dense<[[0, 1], [1, 0]]> : tensor<2x2xi64>}> : (tensor<2xf64>) -> tensor<2xf64>
  return %0 : tensor<2xf64>
}
//--- id.mlir
module attributes {mhlo.num_partitions = 4 : i32} {
  func.func public @f() -> tensor<ui32> {
    %0 = stablehlo.partition_id : tensor<ui32>
    return %0 : tensor<ui32>
  }
}
//--- split.mlir
func.func @f(%x: tensor<2xf64>) -> tensor<4xf64> {
  %0 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>}> : (tensor<2xf64>) -> tensor<4xf64>
  return %0 : tensor<4xf64>
}
//--- by-hand.mlir
module attributes {mhlo.num_partitions = 4 : i32} {
  sdy.mesh @mesh = <["data"=4]>
  func.func public @f(%x: tensor<4xf64>) -> tensor<4xf64> {
    %0 = sdy.manual_computation(%x) in_shardings=[<@mesh, [{"data"}]>] out_shardings=[<@mesh, [{"data"}]>] manual_axes={"data"} (%y: tensor<1xf64>) {
      %1 = stablehlo.add %y, %y : tensor<1xf64>
      sdy.return %1 : tensor<1xf64>
    } : (tensor<4xf64>) -> tensor<4xf64>
    return %0 : tensor<4xf64>
  }
}
//--- axis.mlir
module attributes {mhlo.num_partitions = 4 : i32} {
  sdy.mesh @mesh = <["data"=4]>
  func.func public @f(%x: tensor<4xf64>) -> tensor<4xf64> {
    %0 = sdy.manual_computation(%x) in_shardings=[<@mesh, [{}]>] out_shardings=[<@mesh, [{}]>] manual_axes={"model"} (%y: tensor<4xf64>) {
      sdy.return %y : tensor<4xf64>
    } : (tensor<4xf64>) -> tensor<4xf64>
    return %0 : tensor<4xf64>
  }
}
