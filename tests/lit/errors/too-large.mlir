// RUN: %refused dpc %s -o %t/libx.so 2>&1 | FileCheck %s
// RUN: %refused dpc %s --target=cuda -o %t/libx.so 2>&1 | FileCheck %s

// CHECK: too-large.mlir:{{.*}}: error: a buffer of type memref<4294967296x4294967296xf32> is too large for the address space
// CHECK: help: use smaller extents
func.func @f(%x: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %start = array.broadcast %x dims [] : f32 to tensor<4294967296x4294967296xf32>
  %end = scf.for %i = %c0 to %c2 step %c1 iter_args(%a = %start) -> (tensor<4294967296x4294967296xf32>) {
    %b = scalar.sin %a : tensor<4294967296x4294967296xf32>
    scf.yield %b : tensor<4294967296x4294967296xf32>
  }
  %y = tensor.extract %end[%c1, %c0] : tensor<4294967296x4294967296xf32>
  return %y : f32
}
