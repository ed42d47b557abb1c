// On one device, a tensor is not spread.

// RUN: dpopt %s --drop-shardings | FileCheck %s
// RUN: dpc %s --emit=simplified -o - | FileCheck %s

// CHECK-LABEL: func.func @f(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4xf64>
// CHECK-NOT:     array.shard
// CHECK:         %[[Y:.*]] = scalar.exp %[[X]]
// CHECK:         return %[[Y]]
module attributes {dp.meshes = ["mesh <[\"data\"=2]>"]} {
  func.func @f(%x: tensor<4xf64> {dp.sharding = "<@mesh, [{\"data\"}]>"}) -> tensor<4xf64> {
    %s = array.shard %x "<@mesh, [{\"data\"}]>" : tensor<4xf64>
    %y = scalar.exp %s : tensor<4xf64>
    return %y : tensor<4xf64>
  }
}
