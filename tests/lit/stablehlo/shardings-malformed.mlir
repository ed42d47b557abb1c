// A sharding that cannot be read is refused where it is to go out.

// RUN: not dpc %s --target=xla --emit=stablehlo -o - 2>&1 | FileCheck %s

// CHECK: error: the sharding '<@mesh, [{data}]>' is not supported: '"' is expected before 'data}]>'
// CHECK: help: write it as '<@mesh, [{"axis"}, {}]>'
module attributes {dp.meshes = ["mesh <[\"data\"=2]>"]} {
  func.func @f(%x: tensor<4xf64> {dp.sharding = "<@mesh, [{data}]>"}) -> tensor<4xf64> {
    return %x : tensor<4xf64>
  }
}
