// RUN: dpopt %s --lower-device-memory | FileCheck %s

// Whole elements of 4 bytes are allocated; what the host has on its stack stays there.
// CHECK-LABEL: func.func @f(
// CHECK:         memref.alloca() : memref<1xi64>
// CHECK:         %[[ADDRESS:.*]] = call @dp_cuda_alloc(%{{.*}}) : (i64) -> i64
// CHECK:         call @dp_cuda_copy(%{{.*}}, %{{.*}}, %{{.*}}) : (i64, i64, i64) -> ()
// CHECK:         call @dp_cuda_free(%{{.*}}) : (i64) -> ()
// CHECK-NOT:     memref.{{alloc|dealloc|copy}}{{[( ]}}
func.func @f(%x: memref<?xf32>, %n: index) {
  %slot = memref.alloca() : memref<1xi64>
  %y = memref.alloc(%n) : memref<?xf32>
  memref.copy %x, %y : memref<?xf32> to memref<?xf32>
  memref.dealloc %y : memref<?xf32>
  return
}

// Lists of what is to be freed are the host's.
// CHECK-LABEL: func.func @g(
// CHECK:         %[[ADDRESS:.*]] = call @dp_cuda_alloc(
// CHECK:         %[[LIST:.*]] = memref.alloc() : memref<1xindex>
// CHECK:         %[[NONE:.*]] = memref.alloc() : memref<0xindex>
// CHECK-NOT:     @dp_cuda_alloc
// CHECK:         call @dp_cuda_free(
// CHECK-NOT:     @dp_cuda_free
// CHECK:         memref.dealloc %[[LIST]]
// CHECK-NEXT:    memref.dealloc %[[NONE]]
func.func @g(%n: index) {
  %c0 = arith.constant 0 : index
  %y = memref.alloc(%n) : memref<?xf32>
  %p = memref.extract_aligned_pointer_as_index %y : memref<?xf32> -> index
  %list = memref.alloc() : memref<1xindex>
  %none = memref.alloc() : memref<0xindex>
  memref.store %p, %list[%c0] : memref<1xindex>
  %some = memref.cast %list : memref<1xindex> to memref<?xindex>
  %empty = memref.cast %none : memref<0xindex> to memref<?xindex>
  call @helper(%some, %empty) : (memref<?xindex>, memref<?xindex>) -> ()
  memref.dealloc %y : memref<?xf32>
  memref.dealloc %list : memref<1xindex>
  memref.dealloc %none : memref<0xindex>
  return
}

func.func private @helper(%list: memref<?xindex>, %other: memref<?xindex>) {
  %c0 = arith.constant 0 : index
  memref.store %c0, %list[%c0] : memref<?xindex>
  return
}

func.func private @dp_cuda_alloc(i64) -> i64
func.func private @dp_cuda_free(i64)
func.func private @dp_cuda_copy(i64, i64, i64)
