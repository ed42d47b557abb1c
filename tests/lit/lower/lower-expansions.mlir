// RUN: dpopt %s --lower-expansions | FileCheck %s
// RUN: dpopt %s --lower-expansions --expand-strided-metadata | FileCheck %s --check-prefix=UPSTREAM

// Two extents of one dimension are unknown: the strides are computed from what is given.
// CHECK-LABEL: func.func @several(
// CHECK-SAME:    %{{.*}}: memref<?xf64>, %[[N:[^:]*]]: index, %[[M:[^:]*]]: index)
// CHECK-NOT:     memref.expand_shape
// CHECK:         %[[ROW:.*]] = arith.muli %{{.*}}, %[[M]]
// CHECK:         %[[PLANE:.*]] = arith.muli %[[ROW]], %{{.*}}
// CHECK:         memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%[[N]], 8, %[[M]]], strides: [%[[PLANE]], %[[ROW]], 1]
// UPSTREAM-NOT:  memref.expand_shape
func.func @several(%x: memref<?xf64>, %n: index, %m: index) -> memref<?x8x?xf64> {
  %y = memref.expand_shape %x [[0, 1, 2]] output_shape [%n, 8, %m] : memref<?xf64> into memref<?x8x?xf64>
  return %y : memref<?x8x?xf64>
}

// What is strided and lies somewhere stays so.
// CHECK-LABEL: func.func @strided(
// CHECK:         memref.extract_strided_metadata
// CHECK:         memref.reinterpret_cast %{{.*}} to offset: [%{{.*}}], sizes: [4, %{{.*}}, %{{.*}}], strides: [%{{.*}}, %{{.*}}, 2]
func.func @strided(%x: memref<4x?xf64, strided<[?, 2], offset: ?>>, %n: index, %m: index)
    -> memref<4x?x?xf64, strided<[?, ?, 2], offset: ?>> {
  %y = memref.expand_shape %x [[0], [1, 2]] output_shape [4, %n, %m]
      : memref<4x?xf64, strided<[?, 2], offset: ?>> into memref<4x?x?xf64, strided<[?, ?, 2], offset: ?>>
  return %y : memref<4x?x?xf64, strided<[?, ?, 2], offset: ?>>
}

// CHECK-LABEL: func.func @one(
// CHECK:         memref.expand_shape
func.func @one(%x: memref<?xf64>, %n: index) -> memref<?x8xf64> {
  %y = memref.expand_shape %x [[0, 1]] output_shape [%n, 8] : memref<?xf64> into memref<?x8xf64>
  return %y : memref<?x8xf64>
}
