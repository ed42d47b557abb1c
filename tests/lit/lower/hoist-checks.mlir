// RUN: dpopt %s --hoist-checks | FileCheck %s

// What depends on arguments alone is checked before memory is touched.
// CHECK-LABEL: func.func @f(
// CHECK:         %[[N:.*]] = memref.dim
// CHECK:         %[[OK:.*]] = arith.cmpi
// CHECK:         cf.assert %[[OK]], "too few"
// CHECK:         memref.alloc
// CHECK:         memref.load
// CHECK:         cf.assert %{{.*}}, "no"
func.func @f(%x: memref<?xi1>) {
  %c0 = arith.constant 0 : index
  %m = memref.alloc() : memref<4xf32>
  %p = memref.load %x[%c0] : memref<?xi1>
  cf.assert %p, "no"
  %n = memref.dim %x, %c0 : memref<?xi1>
  %ok = arith.cmpi sgt, %n, %c0 : index
  cf.assert %ok, "too few"
  memref.dealloc %m : memref<4xf32>
  return
}
