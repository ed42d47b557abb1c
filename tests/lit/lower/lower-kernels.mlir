// RUN: dpopt %s --lower-kernels | FileCheck %s

// Elementary functions are libclc's; roundings are LLVM's own; none is NVIDIA's.
// CHECK-LABEL: gpu.module @dp_kernels
// CHECK:         llvm.func @f__0(
// CHECK:           llvm.call @_Z3expf(
// CHECK:           llvm.call @llvm.floor.f32(
// CHECK-NOT:     __nv
module attributes {gpu.container_module} {
  gpu.module @dp_kernels {
    gpu.func @f__0(%p: !llvm.ptr) kernel {
      %x = llvm.load %p : !llvm.ptr -> f32
      %y = scalar.exp %x : f32
      %z = scalar.floor %y : f32
      llvm.store %z, %p : f32, !llvm.ptr
      gpu.return
    }
  }
}
