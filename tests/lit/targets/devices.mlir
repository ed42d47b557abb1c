// --devices divides a program with shardings over devices of the PJRT plugin; --print-costs counts the collectives.

// RUN: dpc %s --grad loss --target=xla --run loss_grad --args '[1,2],[[1,2],[3,4],[5,6],[7,8]],[1,1,2,2]' > %t.one
// RUN: dpc %s --grad loss --target=xla --run loss_grad --args '[1,2],[[1,2],[3,4],[5,6],[7,8]],[1,1,2,2]' --devices=2 --print-costs > %t.two 2> %t.costs
// RUN: diff %t.one %t.two
// RUN: FileCheck %s < %t.two
// RUN: FileCheck %s --check-prefix=COSTS < %t.costs
// RUN: dpc %s --grad loss --target=xla --run loss_grad --args '[1,2],[[1,2],[3,4],[5,6],[7,8]],[1,1,2,2]' --devices=2 --print-costs --diagnostics=json 2>&1 | FileCheck %s --check-prefix=JSON

// One device, on which shardings mean nothing, with the output for many.
// RUN: dpc %s --grad loss --target=xla --run loss_grad --args '[1,2],[[1,2],[3,4],[5,6],[7,8]],[1,1,2,2]' --devices=1 --emit=stablehlo -o %t.mlir > %t.alone
// RUN: diff %t.one %t.alone
// RUN: FileCheck %s --check-prefix=TEXT < %t.mlir

// What it writes is what it runs.
// RUN: dpc %t.mlir --target=xla --run main --args '[1,2],[[1,2],[3,4],[5,6],[7,8]],[1,1,2,2]' --devices=2 --format=json | FileCheck %s --check-prefix=AGAIN

// Nothing to exchange.
// RUN: dpc %s --target=xla --run double --args '[1,2,3,4]' --devices=2 --print-costs 2>&1 | FileCheck %s --check-prefix=NONE

// CHECK:      loss = 782
// CHECK-NEXT: d_w = [512, 612]
// CHECK-NEXT: d_x = {{\[}}[8, 16], [20, 40], [30, 60], [42, 84]]
// CHECK-NEXT: d_y = [-8, -20, -30, -42]
// COSTS: dpc: collective all-reduce  1 operations  3 elements
// JSON: "data":{"about":"collectives","count":1,"elements":3,"name":"all-reduce"}
// TEXT: sdy.mesh @mesh = <["data"=2]>
// TEXT: sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>
// AGAIN: 782
// NONE: dpc: collective none  0 operations
// NONE: r0 = [2, 4, 6, 8]
module attributes {dp.meshes = ["mesh <[\"data\"=2]>"]} {
  func.func @loss(%w: tensor<2xf64> {dp.name = "w"},
                  %x: tensor<4x2xf64> {dp.name = "x", dp.sharding = "<@mesh, [{\"data\"}, {}]>"},
                  %y: tensor<4xf64> {dp.name = "y", dp.sharding = "<@mesh, [{\"data\"}]>"}) -> (f64 {dp.name = "loss"}) {
    %p = array.dot %x, %w contract [1] with [0] : tensor<4x2xf64>, tensor<2xf64>
    %d = scalar.sub %p, %y : tensor<4xf64>
    %s = scalar.mul %d, %d : tensor<4xf64>
    %t = array.reduce add %s dims [0] : tensor<4xf64>
    %l = tensor.extract %t[] : tensor<f64>
    return %l : f64
  }

  func.func @double(%x: tensor<4xf64> {dp.sharding = "<@mesh, [{\"data\"}]>"}) -> (tensor<4xf64> {dp.sharding = "<@mesh, [{\"data\"}]>"}) {
    %y = scalar.add %x, %x : tensor<4xf64>
    return %y : tensor<4xf64>
  }
}
