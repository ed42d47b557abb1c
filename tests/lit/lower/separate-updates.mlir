// RUN: dpopt %s --separate-updates --split-input-file | FileCheck %s

// All but the border is computed into another tensor, and the border is copied.
// CHECK-LABEL: func.func @grid(
// CHECK:         scf.for {{.*}} iter_args(%[[NOW:.*]] = %{{.*}})
// CHECK:           %[[OTHER:.*]] = tensor.empty() : tensor<10xf64>
// CHECK:           %[[INNER:.*]] = linalg.generic
// CHECK:           %[[BOX:.*]] = tensor.insert_slice %[[INNER]] into %[[OTHER]][1] [8] [1]
// CHECK:           %[[LOW:.*]] = tensor.extract_slice %[[NOW]][0] [1] [1]
// CHECK:           %[[BELOW:.*]] = tensor.insert_slice %[[LOW]] into %[[BOX]][0] [1] [1]
// CHECK:           %[[HIGH:.*]] = tensor.extract_slice %[[NOW]][9] [1] [1]
// CHECK:           %[[ALL:.*]] = tensor.insert_slice %[[HIGH]] into %[[BELOW]][9] [1] [1]
// CHECK:           scf.yield %[[ALL]]
#id = affine_map<(d0) -> (d0)>
func.func @grid(%u: tensor<10xf64>, %n: index) -> tensor<10xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = scf.for %i = %c0 to %n step %c1 iter_args(%now = %u) -> (tensor<10xf64>) {
    %left = tensor.extract_slice %now[0] [8] [1] : tensor<10xf64> to tensor<8xf64>
    %empty = tensor.empty() : tensor<8xf64>
    %inner = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%left : tensor<8xf64>) outs(%empty : tensor<8xf64>) {
    ^bb0(%a: f64, %out: f64):
      %s = arith.addf %a, %a : f64
      linalg.yield %s : f64
    } -> tensor<8xf64>
    %next = tensor.insert_slice %inner into %now[1] [8] [1] : tensor<8xf64> into tensor<10xf64>
    scf.yield %next : tensor<10xf64>
  }
  return %end : tensor<10xf64>
}

// -----

// A small box stays where it is.
// CHECK-LABEL: func.func @row(
// CHECK:         tensor.insert_slice %{{.*}} into %{{.*}}[1] [2] [1] : tensor<2xf64> into tensor<10xf64>
#id = affine_map<(d0) -> (d0)>
func.func @row(%u: tensor<10xf64>, %n: index) -> tensor<10xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = scf.for %i = %c0 to %n step %c1 iter_args(%now = %u) -> (tensor<10xf64>) {
    %left = tensor.extract_slice %now[0] [2] [1] : tensor<10xf64> to tensor<2xf64>
    %empty = tensor.empty() : tensor<2xf64>
    %inner = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%left : tensor<2xf64>) outs(%empty : tensor<2xf64>) {
    ^bb0(%a: f64, %out: f64):
      %s = arith.addf %a, %a : f64
      linalg.yield %s : f64
    } -> tensor<2xf64>
    %next = tensor.insert_slice %inner into %now[1] [2] [1] : tensor<2xf64> into tensor<10xf64>
    scf.yield %next : tensor<10xf64>
  }
  return %end : tensor<10xf64>
}
