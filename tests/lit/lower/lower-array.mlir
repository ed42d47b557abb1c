// RUN: dpopt %s --lower-array | FileCheck %s
// RUN: dpopt %s --lower-array=fp=strict | FileCheck %s --check-prefix=STRICT
// RUN: dpopt %s --lower-array=windows=true | FileCheck %s --check-prefix=WINDOWS

// An operation on numbers in a nest of loops; extents that may differ are checked.
// CHECK-LABEL: func.func @sum(
// CHECK-SAME:    %[[A:.*]]: tensor<?x4xf32>, %[[B:.*]]: tensor<?x4xf32>)
// CHECK:         cf.assert %{{.*}}, "{{.*}}lower-array.mlir:[[# @LINE + 5]]:8: error: the operands of 'scalar.add' differ in the extent of dimension 0"
// CHECK:         linalg.generic
// CHECK:           %[[S:.*]] = scalar.add %{{.*}}, %{{.*}} : f32
// CHECK:           linalg.yield %[[S]]
func.func @sum(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = scalar.add %a, %b : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// A broadcast is an indexing map.
// CHECK-LABEL: func.func @broadcast
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}, #{{.*}}], iterator_types = ["parallel", "parallel"]}
func.func @broadcast(%x: tensor<4xf32>, %n: index) -> tensor<?x4xf32> {
  %y = array.broadcast %x dims [1] extents(%n) : tensor<4xf32> to tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Starts are clamped, and the box is known to fit or checked.
// CHECK-LABEL: func.func @slice(
// CHECK-NOT:     cf.assert
// CHECK:         arith.maxsi
// CHECK:         arith.minsi
// CHECK:         tensor.extract_slice %{{.*}}[%{{.*}}, 0] [2, 8] [1, 1]
func.func @slice(%x: tensor<5x8xf32>, %i: index) -> tensor<2x8xf32> {
  %y = array.slice %x starts [%i, 0] strides [1, 1] : tensor<5x8xf32> to tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// CHECK-LABEL: func.func @reduce(
// CHECK:         linalg.fill
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]
// CHECK:           scalar.max
func.func @reduce(%x: tensor<?x8xf32>) -> tensor<?xf32> {
  %y = array.reduce max %x dims [1] : tensor<?x8xf32>
  return %y : tensor<?xf32>
}

// CHECK-LABEL: func.func @dot(
// CHECK:         linalg.contract
func.func @dot(%a: tensor<?x8xf32>, %b: tensor<8x3xf32>) -> tensor<?x3xf32> {
  %y = array.dot %a, %b contract [1] with [0] : tensor<?x8xf32>, tensor<8x3xf32>
  return %y : tensor<?x3xf32>
}

// A matmul sums halves up in f32. Where sums keep their order there is none, and what is summed up is f32.
// CHECK-LABEL: func.func @halves(
// CHECK-NOT:     scalar.convert
// CHECK:         linalg.contract {{.*}} ins(%{{.*}}, %{{.*}} : tensor<4x8xbf16>, tensor<8x3xbf16>)
// STRICT-LABEL: func.func @halves(
// STRICT:         scalar.convert %{{.*}} : bf16 to f32
// STRICT:         scalar.convert %{{.*}} : bf16 to f32
// STRICT:         linalg.contract {{.*}} ins(%{{.*}}, %{{.*}} : tensor<4x8xf32>, tensor<8x3xf32>)
// STRICT:         scalar.convert %{{.*}} : f32 to bf16
func.func @halves(%a: tensor<4x8xbf16>, %b: tensor<8x3xbf16>) -> tensor<4x3xbf16> {
  %y = array.dot %a, %b contract [1] with [0] : tensor<4x8xbf16>, tensor<8x3xbf16>
  return %y : tensor<4x3xbf16>
}

// Rows are added in place, one after the other.
// CHECK-LABEL: func.func @scatter(
// CHECK:         scf.for
// CHECK:           tensor.insert_slice
func.func @scatter(%x: tensor<4x3xf32>, %i: tensor<?xi32>, %u: tensor<?x3xf32>) -> tensor<4x3xf32> {
  %y = array.scatter %x, %i, %u : tensor<4x3xf32>, tensor<?xi32>, tensor<?x3xf32>
  return %y : tensor<4x3xf32>
}

// A scan carries a number along the last dimension. On a GPU, there is one loop, over windows.
// CHECK-LABEL: func.func @scan(
// CHECK:         scf.for
// CHECK:           %{{.*}}:2 = scf.for {{.*}} -> (f32, tensor<?x8xf32>)
// CHECK:             tensor.extract
// CHECK:             %[[S:.*]] = scalar.add
// CHECK:             %[[Y:.*]] = tensor.insert %[[S]]
// CHECK:             scf.yield %[[S]], %[[Y]]
// WINDOWS-LABEL: func.func @scan(
// WINDOWS:         %{{.*}}:2 = scf.for {{.*}} -> (tensor<?xf32>, tensor<?x8xf32>)
// WINDOWS:           linalg.generic {{.*}}iterator_types = ["parallel"]
// WINDOWS:           tensor.insert_slice
// WINDOWS-NOT:     scf.for
// WINDOWS-LABEL: func.func @scan_rows(
func.func @scan(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = array.scan add %x dim 1 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Along another dimension, it carries a row. What is exclusive is the accumulator before the element is combined.
// CHECK-LABEL: func.func @scan_rows(
// CHECK:         %[[LAST:.*]] = arith.subi
// CHECK:         scf.for {{.*}} -> (tensor<8xf32>, tensor<?x8xf32>)
// CHECK:           linalg.generic
// CHECK:           ^bb0(%[[X:.*]]: f32, %{{.*}}: f32, %[[TOTAL:.*]]: f32):
// CHECK:             %[[M:.*]] = scalar.max %[[TOTAL]], %[[X]]
// CHECK:             linalg.yield %[[TOTAL]], %[[M]]
// CHECK:           tensor.insert_slice
func.func @scan_rows(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = array.scan max exclusive reverse %x dim 0 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// An extent is that of the argument where it comes from, through all that is computed on the way.
// CHECK-LABEL: func.func @origin(
// CHECK-SAME:    %[[X:.*]]: tensor<?xf64>)
// CHECK:         %[[N:.*]] = tensor.dim %[[X]]
// CHECK:         return %[[N]] : index
func.func @origin(%x: tensor<?xf64>) -> index {
  %c0 = arith.constant 0 : index
  %y = scalar.sin %x : tensor<?xf64>
  %z = scalar.exp %y : tensor<?xf64>
  %n = tensor.dim %z, %c0 : tensor<?xf64>
  return %n : index
}

// A lane is sorted in memory of its own: runs by insertion, then two merges a round; on a GPU, by a network of nests.
// CHECK-LABEL: func.func @sort(
// CHECK:         scf.for
// CHECK:           tensor.empty() : tensor<50xf32>
// CHECK:           scf.while
// CHECK:             scalar.compare lt
// CHECK:           tensor.empty() : tensor<50xf32>
// CHECK-COUNT-2:   scf.for
// CHECK:           tensor.insert
// WINDOWS-LABEL: func.func @sort(
// WINDOWS-NOT:     scf.while
// WINDOWS:         scf.for
// WINDOWS:           scf.for
// WINDOWS:             linalg.generic
// WINDOWS-COUNT-2:       scalar.compare lt
func.func @sort(%x: tensor<?x50xf32>) -> tensor<?x50xf32> {
  %y = array.sort(%x) dim 1 : (tensor<?x50xf32>) -> tensor<?x50xf32> {
  ^bb0(%a: f32, %b: f32):
    %l = scalar.compare lt %a, %b : f32
    array.yield %l : i1
  }
  return %y : tensor<?x50xf32>
}

// A matrix of 4 rows and 4 columns: its columns are transformed, multiplied by factors, transposed and transformed again.
// On GPUs, each pass is a nest.
// CHECK-LABEL:   func.func @transform(
// CHECK-NOT:       array.fft
// CHECK:           vector.transfer_write
// CHECK:           vector.shuffle
// CHECK:           return
// WINDOWS-LABEL: func.func @transform(
// WINDOWS-NOT:     vector.
// WINDOWS-COUNT-4: linalg.generic
// WINDOWS:         return
func.func @transform(%x: tensor<?x16xcomplex<f64>>) -> tensor<?x16xcomplex<f64>> {
  %y = array.fft fft %x dim 1 length 16 : tensor<?x16xcomplex<f64>>
  return %y : tensor<?x16xcomplex<f64>>
}
