// RUN: dpopt %s --place-chains=links=3 --split-input-file | FileCheck %s

// Boxes that are apart, and all of the result: each is computed in its place.
// CHECK-LABEL: func.func @apart(
// CHECK-SAME:    %[[R:[a-z0-9]+]]: memref<6xf64>)
// CHECK-DAG:     %[[A:.*]] = memref.subview %[[R]][0] [2] [1]
// CHECK-DAG:     %[[B:.*]] = memref.subview %[[R]][2] [2] [1]
// CHECK-DAG:     %[[C:.*]] = memref.subview %[[R]][4] [2] [1]
// CHECK-DAG:     bufferization.materialize_in_destination %{{.*}} in restrict writable %[[A]]
// CHECK-DAG:     bufferization.materialize_in_destination %{{.*}} in restrict writable %[[B]]
// CHECK-DAG:     bufferization.materialize_in_destination %{{.*}} in restrict writable %[[C]]
// CHECK-NOT:     tensor.insert_slice
func.func @apart(%a: tensor<2xf64>, %b: tensor<2xf64>, %c: tensor<2xf64>, %r: memref<6xf64>) {
  %0 = tensor.empty() : tensor<6xf64>
  %1 = tensor.insert_slice %a into %0[0] [2] [1] : tensor<2xf64> into tensor<6xf64>
  %2 = tensor.insert_slice %b into %1[2] [2] [1] : tensor<2xf64> into tensor<6xf64>
  %3 = tensor.insert_slice %c into %2[4] [2] [1] : tensor<2xf64> into tensor<6xf64>
  bufferization.materialize_in_destination %3 in restrict writable %r : (tensor<6xf64>, memref<6xf64>) -> ()
  return
}

// -----

// Boxes that overlap, read before they are replaced: copied in order, and not before.
// CHECK-LABEL: func.func @over(
// CHECK:         %[[M:.*]] = memref.alloc() : memref<6xf64>
// CHECK:         bufferization.materialize_in_destination %{{.*}} in writable %[[M]]
// CHECK:         bufferization.materialize_in_destination %{{.*}} in writable
// CHECK:         memref.store %{{.*}}, %[[M]][%c1
// CHECK:         memref.load %[[M]][%c1
// CHECK:         bufferization.materialize_in_destination %{{.*}} in writable
// CHECK:         bufferization.to_tensor %[[M]] restrict writable
func.func @over(%x: tensor<6xf64>, %a: tensor<2xf64>, %b: f64) -> (tensor<6xf64>, f64) {
  %c1 = arith.constant 1 : index
  %1 = tensor.insert_slice %a into %x[0] [2] [1] : tensor<2xf64> into tensor<6xf64>
  %2 = tensor.insert %b into %1[%c1] : tensor<6xf64>
  %e = tensor.extract %2[%c1] : tensor<6xf64>
  %3 = tensor.insert_slice %a into %2[1] [2] [1] : tensor<2xf64> into tensor<6xf64>
  return %3, %e : tensor<6xf64>, f64
}

// -----

// Many reads of an argument are reads of its memory.
// CHECK-LABEL: func.func @reads(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<6xf64>)
// CHECK:         memref.load %[[X]][%c1
// CHECK:         memref.load %[[X]][%c2
// CHECK:         %[[VIEW:.*]] = memref.subview %[[X]][3] [2] [1]
// CHECK:         bufferization.to_tensor %[[VIEW]] restrict
// CHECK-NOT:     tensor.extract
func.func @reads(%x: memref<6xf64>) -> (f64, f64, tensor<2xf64>) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = bufferization.to_tensor %x restrict : memref<6xf64> to tensor<6xf64>
  %a = tensor.extract %t[%c1] : tensor<6xf64>
  %b = tensor.extract %t[%c2] : tensor<6xf64>
  %c = tensor.extract_slice %t[3] [2] [1] : tensor<6xf64> to tensor<2xf64>
  return %a, %b, %c : f64, f64, tensor<2xf64>
}

// -----

// Each of many loops that read an argument names its memory; an operand twice, once. What a loop writes to stays.
// CHECK-LABEL: func.func @loops(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<6xf64>)
// CHECK:         %[[T:.*]] = bufferization.to_tensor %[[X]] restrict
// CHECK:         %[[A:.*]] = bufferization.to_tensor %[[X]] restrict
// CHECK-NEXT:    linalg.generic {{.*}} ins(%[[A]], %[[A]]
// CHECK:         %[[B:.*]] = bufferization.to_tensor %[[X]] restrict
// CHECK-NEXT:    linalg.generic {{.*}} ins(%[[B]]
// CHECK-SAME:      outs(%[[T]]
// CHECK:         %[[C:.*]] = bufferization.to_tensor %[[X]] restrict
// CHECK-NEXT:    linalg.generic {{.*}} ins(%[[C]]
#id = affine_map<(d0) -> (d0)>
func.func @loops(%x: memref<6xf64>) -> (tensor<6xf64>, tensor<6xf64>, tensor<6xf64>) {
  %t = bufferization.to_tensor %x restrict : memref<6xf64> to tensor<6xf64>
  %e = tensor.empty() : tensor<6xf64>
  %0 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%t, %t : tensor<6xf64>, tensor<6xf64>) outs(%e : tensor<6xf64>) {
  ^bb0(%a: f64, %b: f64, %c: f64):
    %s = scalar.add %a, %b : f64
    linalg.yield %s : f64
  } -> tensor<6xf64>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%t : tensor<6xf64>) outs(%t : tensor<6xf64>) {
  ^bb0(%a: f64, %c: f64):
    %s = scalar.add %a, %c : f64
    linalg.yield %s : f64
  } -> tensor<6xf64>
  %f = tensor.empty() : tensor<6xf64>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%t : tensor<6xf64>) outs(%f : tensor<6xf64>) {
  ^bb0(%a: f64, %c: f64):
    linalg.yield %a : f64
  } -> tensor<6xf64>
  return %0, %1, %2 : tensor<6xf64>, tensor<6xf64>, tensor<6xf64>
}
