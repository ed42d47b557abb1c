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

func.func private @dp_cuda_alloc(i64) -> i64
func.func private @dp_cuda_free(i64)
func.func private @dp_cuda_copy(i64, i64, i64)
