// A linear map whose residual does not say that it has the extents of the map's argument.
// RUN: %refused dpc %s --emit=mlir -o - 2>&1 | FileCheck %s

func.func @f(%ybar: tensor<?xf64>, %x: tensor<?xf64>, %k: tensor<?xf64>) -> tensor<?xf64> {
  // CHECK: linear-extents.mlir:[[#@LINE+2]]:11: error: extent 0 of a gradient of type tensor<?xf64> cannot be shown to be that of its argument
  // CHECK: help: give the extent in the argument's type{{$}}
  %xbar = ad.linear transpose (%ybar : tensor<?xf64>) at(%x : tensor<?xf64>) -> tensor<?xf64> {
  ^bb0(%dx: tensor<?xf64>):
    %dy = scalar.mul %k, %dx : tensor<?xf64>
    ad.yield %dy : tensor<?xf64>
  }
  return %xbar : tensor<?xf64>
}
