// RUN: dpopt %s --lower-launches | FileCheck %s

module attributes {gpu.container_module} {
  // CHECK-LABEL: func.func @f(
  // CHECK:         memref.alloca() : memref<3xi64>
  // CHECK:         memref.alloc(
  // CHECK:         call @dp_cuda_launch({{.*}}) : (i32, i64, i64, i64, i64, i64, i64, i64) -> ()
  func.func @f(%x: memref<?xf32>, %n: index) {
    %c1 = arith.constant 1 : index
    %y = memref.alloc(%n) : memref<?xf32>
    gpu.launch_func @dp_kernels::@f__0 blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<?xf32>, %n : index)
    return
  }

  // An element that is loaded from the device is a parameter of the next launch.
  // CHECK-LABEL: func.func @g(
  // CHECK:         call @dp_cuda_download(
  // CHECK:         %[[LOADED:.*]] = memref.load %{{.*}}[] : memref<i64>
  // CHECK:         memref.store %[[LOADED]], %{{.*}} : memref<1xi64>
  // CHECK:         call @dp_cuda_launch(
  func.func @g(%n: memref<?xi64>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %count = memref.load %n[%c0] : memref<?xi64>
    gpu.launch_func @dp_kernels::@g__0 blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%count : i64)
    return
  }

  // A pointer, the extent that the type does not say, and a number.
  // CHECK-LABEL: gpu.module @dp_kernels
  // CHECK:         gpu.func @f__0(%{{.*}}: !llvm.ptr, %{{.*}}: index, %{{.*}}: index) kernel
  gpu.module @dp_kernels {
    gpu.func @f__0(%x: memref<?xf32>, %n: index) kernel {
      %c0 = arith.constant 0 : index
      %zero = arith.constant 0.0 : f32
      memref.store %zero, %x[%c0] : memref<?xf32>
      gpu.return
    }
    gpu.func @g__0(%n: i64) kernel {
      gpu.return
    }
  }
}
// CHECK: func.func private @dp_cuda_launch
