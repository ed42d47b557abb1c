// RUN: not dpopt %s --map-kernels 2>&1 | FileCheck %s

func.func @on_tensors(%x: tensor<2xf64>) -> tensor<2xf64> {
  %e = tensor.empty() : tensor<2xf64>
  // CHECK: map-kernels-invalid.mlir:[[# @LINE + 2]]:8: error: 'linalg.generic' cannot be mapped to a kernel
  // CHECK: note: kernels operate on buffers; bufferize first
  %y = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%x : tensor<2xf64>) outs(%e : tensor<2xf64>) {
  ^bb0(%a: f64, %b: f64):
    %s = arith.addf %a, %a : f64
    linalg.yield %s : f64
  } -> tensor<2xf64>
  return %y : tensor<2xf64>
}
