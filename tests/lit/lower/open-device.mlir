// RUN: dpopt %s --lower-entries --one-shot-bufferize --lower-launches --open-device | FileCheck %s

// CHECK-LABEL: func.func @f(%{{.*}}: memref<?xf32>, %{{.*}}: memref<?xf32>)
// CHECK:         call @dp_cuda_begin(
// CHECK:         call @dp_cuda_upload(
// CHECK:         call @f__run(
// CHECK:         call @dp_cuda_download(
// CHECK-LABEL: func.func @f__device(%{{.*}}: memref<?xf32>, %{{.*}}: memref<?xf32>, %{{.*}}: memref<i8>)
// CHECK-NOT:     dp_cuda_upload
// CHECK:         cf.assert %{{.*}}, "{{.*}}'a0' is not aligned to 16 bytes"
// CHECK:         call @f__run(
// CHECK-LABEL: func.func private @f__run(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}
