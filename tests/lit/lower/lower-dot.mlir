// RUN: dpopt %s --lower-dot=vector-bytes=64 | FileCheck %s
// RUN: dpopt %s --lower-dot="fp=strict vector-bytes=64" | FileCheck %s --check-prefix=STRICT

// The matrix product sums in blocks and contracts: sums that keep their order are loops.
// STRICT-NOT: dp_dot
// STRICT: linalg.contract
// STRICT-NOT: dp_dot

// The zeros before it make the product overwrite its result.
// CHECK-LABEL: func.func @plain(
// CHECK-NOT:     linalg
// CHECK:         %[[NO:.*]] = arith.constant false
// CHECK:         call @dp_dot_f32(%{{.*}}, %{{.*}}, %{{.*}}, %[[NO]])
func.func @plain(%a: memref<?x64xf32>, %b: memref<64x10xf32>, %c: memref<?x10xf32>) {
  %zero = scalar.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<?x10xf32>)
  linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    ins(%a, %b : memref<?x64xf32>, memref<64x10xf32>) outs(%c : memref<?x10xf32>)
  return
}

// A batch is a loop.
// CHECK-LABEL: func.func @batched(
// CHECK:         scf.for
// CHECK:           %[[YES:.*]] = arith.constant true
// CHECK:           call @dp_dot_f64(%{{.*}}, %{{.*}}, %{{.*}}, %[[YES]])
func.func @batched(%a: memref<?x3x4xf64>, %b: memref<?x4x5xf64>, %c: memref<?x3x5xf64>) {
  linalg.contract indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, k, n)>, affine_map<(b, m, n, k) -> (b, m, n)>]
    ins(%a, %b : memref<?x3x4xf64>, memref<?x4x5xf64>) outs(%c : memref<?x3x5xf64>)
  return
}

// Columns of a result whose rows are not contiguous are products of their own, and so is a vector.
// CHECK-LABEL: func.func @apart(
// CHECK-NOT:     linalg.contract
// CHECK:         scf.for
// CHECK:           call @dp_dot_f32
// CHECK:         call @dp_dot_f32
func.func @apart(%a: memref<7x64xf32>, %b: memref<64x10xf32>, %c: memref<7x10xf32, strided<[20, 2]>>, %v: memref<64xf32>, %w: memref<7xf32, strided<[2]>>) {
  linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    ins(%a, %b : memref<7x64xf32>, memref<64x10xf32>) outs(%c : memref<7x10xf32, strided<[20, 2]>>)
  linalg.contract indexing_maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>]
    ins(%a, %v : memref<7x64xf32>, memref<64xf32>) outs(%w : memref<7xf32, strided<[2]>>)
  return
}

// A convolution: rows of windows, and their features, are the columns of a matrix whose rows overlap.
// CHECK-LABEL: func.func @convolution(
// CHECK-NOT:     linalg.generic
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK-NOT:           scf.for
// CHECK:               call @dp_dot_f32
func.func @convolution(%x: memref<2x8x8x16xf32>, %k: memref<3x3x16x5xf32>, %y: memref<2x6x6x5xf32>) {
  linalg.generic {dp.contraction, indexing_maps = [affine_map<(n, p, q, o, s, t, i) -> (n, p + s, q + t, i)>, affine_map<(n, p, q, o, s, t, i) -> (s, t, i, o)>, affine_map<(n, p, q, o, s, t, i) -> (n, p, q, o)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
    ins(%x, %k : memref<2x8x8x16xf32>, memref<3x3x16x5xf32>) outs(%y : memref<2x6x6x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %product : f32
    linalg.yield %sum : f32
  }
  return
}

// CHECK: func.func private @dp_dot_f32
// CHECK: func.func private @dp_dot_f64
