// RUN: dpopt %s --store-records --canonicalize --cse | FileCheck %s

// A tensor is stored in memory of the tape, of which the record has the address: one that the block is given where it
// begins, since what is recorded later may be released. Large tensors begin at a multiple of 64 bytes.

// CHECK-LABEL: @kept(
// CHECK-SAME:    %[[X:.*]]: tensor<?x2xf64>, %[[Y:.*]]: tensor<3xf32>
// CHECK:         %[[SMALL:.*]] = ad.reserve %c16
// CHECK:         bufferization.materialize_in_destination %[[Y]] in restrict writable
// CHECK:         %[[DIM:.*]] = tensor.dim %[[X]]
// CHECK:         ad.reserve
// CHECK:         %[[LARGE:.*]] = arith.andi %{{.*}}, %c-64
// CHECK:         memref.view %{{.*}}[%c0][%[[DIM]]] : memref<?xi8> to memref<?x2xf64>
// CHECK:         bufferization.materialize_in_destination %[[X]] in restrict writable
// CHECK:         %[[MARK:.*]] = ad.record()
// CHECK:         ad.release %[[MARK]]
// CHECK:         ad.record(%[[DIM]], %[[LARGE]], %[[SMALL]], %{{.*}} : index, index, index, f64)
func.func @kept(%x: tensor<?x2xf64>, %y: tensor<3xf32>, %z: f64) -> index {
  %mark = ad.record()
  ad.release %mark
  %at = ad.record(%x, %y, %z : tensor<?x2xf64>, tensor<3xf32>, f64)
  return %at : index
}

// It is read where it is.

// CHECK-LABEL: @read(
// CHECK:         %[[ALL:.*]]:4 = ad.recall %arg0 : index, index, index, f64
// CHECK:         memref.view %{{.*}}[%c0][%[[ALL]]#0] : memref<?xi8> to memref<?x2xf64>
// CHECK:         %[[X:.*]] = bufferization.to_tensor %{{.*}} restrict : memref<?x2xf64> to tensor<?x2xf64>
// CHECK:         memref.view %{{.*}}[%c0][] : memref<?xi8> to memref<3xf32>
// CHECK:         %[[Y:.*]] = bufferization.to_tensor
// CHECK:         return %[[X]], %[[Y]], %[[ALL]]#3
func.func @read(%at: index) -> (tensor<?x2xf64>, tensor<3xf32>, f64) {
  %x, %y, %z = ad.recall %at : tensor<?x2xf64>, tensor<3xf32>, f64
  return %x, %y, %z : tensor<?x2xf64>, tensor<3xf32>, f64
}

// What an operation computes into a new tensor is computed on the tape: its memory is reserved before.

// CHECK-LABEL: @computed(
// CHECK-SAME:    %[[Z:.*]]: f64, %[[N:.*]]: index
// CHECK:         ad.reserve
// CHECK:         %[[VIEW:.*]] = memref.view %{{.*}}[%c0][%[[N]]]
// CHECK:         %[[Y:.*]] = linalg.fill
// CHECK-NEXT:    bufferization.materialize_in_destination %[[Y]] in restrict writable %[[VIEW]]
// CHECK-NEXT:    ad.record(%[[N]], %{{.*}} : index, index)
func.func @computed(%z: f64, %n: index) -> index {
  %e = tensor.empty(%n) : tensor<?xf64>
  %y = linalg.fill ins(%z : f64) outs(%e : tensor<?xf64>) -> tensor<?xf64>
  %at = ad.record(%y : tensor<?xf64>)
  return %at : index
}

// But not where memory that is reserved before may be released.

// CHECK-LABEL: @released(
// CHECK:         linalg.fill
// CHECK:         ad.release
// CHECK:         ad.reserve
func.func @released(%z: f64, %n: index) -> index {
  %mark = ad.record()
  %e = tensor.empty(%n) : tensor<?xf64>
  %y = linalg.fill ins(%z : f64) outs(%e : tensor<?xf64>) -> tensor<?xf64>
  ad.release %mark
  %at = ad.record(%y : tensor<?xf64>)
  return %at : index
}
