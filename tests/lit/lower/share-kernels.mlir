// RUN: dpopt %s --map-kernels --share-kernels | FileCheck %s

// Two calls of the same types, in two functions, with other extents: one kernel of each tile, and one that adds up.
// CHECK-LABEL: func.func @first(
// CHECK:         gpu.launch_func @dp_kernels::@first__0
// CHECK:         gpu.launch_func @dp_kernels::@first__1
// CHECK:         gpu.launch_func @dp_kernels::@first__2
func.func @first(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>] ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}

// CHECK-LABEL: func.func @second(
// CHECK:         gpu.launch_func @dp_kernels::@first__0
// CHECK:         gpu.launch_func @dp_kernels::@first__1
// CHECK:         gpu.launch_func @dp_kernels::@first__2
func.func @second(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>] ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}

// Stored the other way, it is another kernel; what adds up is the same.
// CHECK-LABEL: func.func @transposed(
// CHECK:         gpu.launch_func @dp_kernels::@transposed__0
// CHECK:         gpu.launch_func @dp_kernels::@transposed__1
// CHECK:         gpu.launch_func @dp_kernels::@first__2
func.func @transposed(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>] ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}

// Numbers of the host are parameters, known ones part of the kernel, as types are: so each of these differs from the
// one before, but the last two.
// CHECK-LABEL: func.func @numbers(
// CHECK:         gpu.launch_func @dp_kernels::@numbers__0
// CHECK:         gpu.launch_func @dp_kernels::@numbers__1
// CHECK:         gpu.launch_func @dp_kernels::@numbers__2
// CHECK:         gpu.launch_func @dp_kernels::@numbers__3
// CHECK:         gpu.launch_func @dp_kernels::@numbers__3
func.func @numbers(%x: memref<?xf32>, %y: memref<16xf32>, %p: f32, %q: f32) {
  %one = scalar.constant 1.0 : f32
  %two = scalar.constant 2.0 : f32
  linalg.fill ins(%one : f32) outs(%x : memref<?xf32>)
  linalg.fill ins(%two : f32) outs(%x : memref<?xf32>)
  linalg.fill ins(%two : f32) outs(%y : memref<16xf32>)
  linalg.fill ins(%p : f32) outs(%x : memref<?xf32>)
  linalg.fill ins(%q : f32) outs(%x : memref<?xf32>)
  return
}

// What is launched is there, once, with the memory of its blocks.
// CHECK-LABEL: gpu.module @dp_kernels
// CHECK:         memref.global "private" @first__0.0
// CHECK:         gpu.func @first__0(
// CHECK-NOT:     second__
// CHECK:         memref.global "private" @transposed__0.0
// CHECK:         gpu.func @transposed__0(
// CHECK-NOT:     @transposed__2
// CHECK:         gpu.func @numbers__3(
// CHECK-NOT:     gpu.func
