// A sharding that cannot be read is refused where it is to go out.

// RUN: not dpc %s --target=xla --emit=stablehlo -o - 2>&1 | FileCheck %s
// RUN: sed 's/{data}]>/{?}]>/; s/@mesh/@other/' %s > %t.mlir && not dpc %t.mlir --target=xla --emit=stablehlo -o - 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: sed 's/<@mesh.*]>")/{a;b}")/; s/<@mesh.*]>"}/{a;b}"}/' %s > %t.mlir && not dpc %t.mlir --target=xla --emit=stablehlo -o - 2>&1 | FileCheck %s --check-prefix=XLA
// RUN: sed 's/=2]>"/=2]"/' %s > %t.mlir && not dpc %t.mlir --target=xla --emit=stablehlo -o - 2>&1 | FileCheck %s --check-prefix=MESH

// CHECK: error: the sharding '<@mesh, [{data}]>' is not supported: '"' is expected before 'data}]>'
// OTHER: error: the sharding '<@other, [{?}]>' is not supported: there is no such mesh in 'dp.meshes'
// XLA: error: the sharding '{a;b}' is not supported: it is not in the words of Shardy or of XLA
// MESH: error: the sharding 'mesh <["data"=2]' is not supported: '>' is expected
// CHECK: help: write it as '<@mesh, [{"axis"}, {}]>'
module attributes {dp.meshes = ["mesh <[\"data\"=2]>"]} {
  func.func @f(%x: tensor<4xf64> {dp.sharding = "<@mesh, [{data}]>"}) -> tensor<4xf64> {
    return %x : tensor<4xf64>
  }
}
