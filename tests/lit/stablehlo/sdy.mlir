// Annotations for several devices.
// The text is what dpopt prints of it and of its generic form.
// RUN: grep -v '^//' %s > %t.text
// RUN: dpopt %t.text | sed '$ d' | diff - %t.text
// RUN: dpopt %t.text --mlir-print-op-generic > %t.generic
// RUN: dpopt %t.generic | sed '$ d' | diff - %t.text
// RUN: dpopt %t.generic --mlir-print-op-generic | diff - %t.generic
module {
  sdy.mesh @mesh = <["data"=2, "model"=2]>
  func.func private @annotated(%arg0: tensor<4x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}, {"data", ?}]>}) {
    %0 = sdy.reshard %arg0 <@mesh, [{"data"}, {"model"}]> : tensor<4x4xf32>
    sdy.sharding_group %arg0 group_id=21 : tensor<4x4xf32>
    %1 = sdy.manual_computation(%arg0) in_shardings=[<@mesh, [{"data"}, {"model"}]>] out_shardings=[<@mesh, [{"data"}, {"model"}]>] manual_axes={} (%arg1: tensor<4x4xf32>) {
      sdy.return %arg1 : tensor<4x4xf32>
    } {note = 1 : i32} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    %2 = sdy.sharding_constraint %arg0 <@mesh, [{"data", "model"}, {?}]> : tensor<4x4xf32>
    %3 = stablehlo.custom_call @foo(%arg0) {sdy.sharding_rule = #sdy.op_sharding_rule<([i, j])->([i, j]) {i=4, j=4}, custom>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    return
  }
}
