// RUN: dpopt %s --lower-copies | FileCheck %s

// CHECK-LABEL: func.func @f(
// CHECK-NOT:     memref.copy
// CHECK:         linalg.generic
func.func @f(%x: memref<?x4xf32>, %y: memref<?x4xf32, strided<[8, 2]>>) {
  memref.copy %x, %y : memref<?x4xf32> to memref<?x4xf32, strided<[8, 2]>>
  return
}
