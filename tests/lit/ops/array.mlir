// RUN: dpopt %s | dpopt | FileCheck %s
// RUN: dpopt %s --mlir-print-op-generic | dpopt | FileCheck %s

// Every operation reads what it prints, in its own form and in the generic one.
// CHECK-LABEL: func.func @shapes(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x8xf32>, %[[N:[^:]*]]: index, %[[V:[^:]*]]: f32
func.func @shapes(%x: tensor<?x8xf32>, %n: index, %v: f32) {
  // CHECK: array.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  %constant = array.constant dense<[1.0, 2.0]> : tensor<2xf32>
  // CHECK: array.iota dim 0 extents(%[[N]]) : tensor<?x3xi32>
  %iota = array.iota dim 0 extents(%n) : tensor<?x3xi32>
  // CHECK: array.broadcast %[[V]] dims [] extents(%[[N]]) : f32 to tensor<?x3xf32>
  %number = array.broadcast %v dims [] extents(%n) : f32 to tensor<?x3xf32>
  // CHECK: array.broadcast %[[X]] dims [0, 2] extents(%[[N]], %[[N]]) : tensor<?x8xf32> to tensor<?x?x8xf32>
  %broadcast = array.broadcast %x dims [0, 2] extents(%n, %n) : tensor<?x8xf32> to tensor<?x?x8xf32>
  // CHECK: array.reshape %[[X]] extents(%[[N]]) : tensor<?x8xf32> to tensor<?xf32>
  %reshape = array.reshape %x extents(%n) : tensor<?x8xf32> to tensor<?xf32>
  // CHECK: array.transpose %[[X]] permutation [1, 0] : tensor<?x8xf32>
  %transpose = array.transpose %x permutation [1, 0] : tensor<?x8xf32>
  // CHECK: %[[BOX:.*]] = array.slice %[[X]] starts [%[[N]], 0] strides [1, 2] : tensor<?x8xf32> to tensor<1x4xf32>
  %slice = array.slice %x starts [%n, 0] strides [1, 2] : tensor<?x8xf32> to tensor<1x4xf32>
  // CHECK: array.slice %[[X]] starts [0, 0] strides [1, 1] extents(%[[N]]) : tensor<?x8xf32> to tensor<?x8xf32>
  %rows = array.slice %x starts [0, 0] strides [1, 1] extents(%n) : tensor<?x8xf32> to tensor<?x8xf32>
  // CHECK: array.update_slice %[[X]], %[[BOX]] starts [%[[N]], 0] : tensor<?x8xf32>, tensor<1x4xf32>
  %update = array.update_slice %x, %slice starts [%n, 0] : tensor<?x8xf32>, tensor<1x4xf32>
  // CHECK: array.update_slice accumulate %[[X]], %[[BOX]] starts [0, 1] : tensor<?x8xf32>, tensor<1x4xf32>
  %added = array.update_slice accumulate %x, %slice starts [0, 1] : tensor<?x8xf32>, tensor<1x4xf32>
  // CHECK: array.pad %[[X]], %[[V]] low [1, 0] high [2, 0] interior [0, 1] extents(%[[N]]) : tensor<?x8xf32>, f32 to tensor<?x15xf32>
  %pad = array.pad %x, %v low [1, 0] high [2, 0] interior [0, 1] extents(%n) : tensor<?x8xf32>, f32 to tensor<?x15xf32>
  // CHECK: array.windows %[[X]] dim 1 sizes [3] strides [2] dilations [1] : tensor<?x8xf32>
  %windows = array.windows %x dim 1 sizes [3] strides [2] dilations [1] : tensor<?x8xf32>
  // CHECK: array.concatenate %[[X]], %[[X]] dim 1 : tensor<?x8xf32>, tensor<?x8xf32>
  %concatenate = array.concatenate %x, %x dim 1 : tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// CHECK-LABEL: func.func @computation(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x8xf32>, %[[I:[^:]*]]: tensor<5xi32>, %[[V:[^:]*]]: f32
func.func @computation(%x: tensor<?x8xf32>, %i: tensor<5xi32>, %v: f32) {
  // CHECK: array.map(%[[X]], %[[X]]) : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK:   array.yield
  %map = array.map(%x, %x) : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %r = scalar.mul %p, %q : f32
    array.yield %r : f32
  }
  // CHECK: array.reduce max %[[X]] dims [0, 1] : tensor<?x8xf32>
  %max = array.reduce max %x dims [0, 1] : tensor<?x8xf32>
  // CHECK: array.reduce region %[[X]] dims [1] init(%[[V]] : f32) : tensor<?x8xf32> {
  // CHECK:   array.yield
  %region = array.reduce region %x dims [1] init(%v : f32) : tensor<?x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %r = scalar.mul %p, %q : f32
    array.yield %r : f32
  }
  // CHECK: array.scan add %[[X]] dim 1 : tensor<?x8xf32>
  %sums = array.scan add %x dim 1 : tensor<?x8xf32>
  // CHECK: array.scan max exclusive %[[X]] dim 0 : tensor<?x8xf32>
  %before = array.scan max exclusive %x dim 0 : tensor<?x8xf32>
  // CHECK: array.scan min exclusive reverse %[[X]] dim 0 : tensor<?x8xf32>
  %after = array.scan min exclusive reverse %x dim 0 : tensor<?x8xf32>
  // CHECK: array.scan region reverse %[[X]] dim 1 init(%[[V]] : f32) : tensor<?x8xf32> {
  // CHECK:   array.yield
  %scanned = array.scan region reverse %x dim 1 init(%v : f32) : tensor<?x8xf32> {
  ^bb0(%p: f32, %q: f32):
    %r = scalar.mul %p, %q : f32
    array.yield %r : f32
  }
  // CHECK: array.sort(%[[X]], %{{.*}}) dim 0 : (tensor<?x8xf32>, tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  // CHECK:   array.yield %{{.*}} : i1
  %sorted:2 = array.sort(%x, %map) dim 0 : (tensor<?x8xf32>, tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32, %t: f32):
    %less = scalar.compare lt %p, %q : f32
    array.yield %less : i1
  }
  // CHECK: array.dot %[[X]], %[[X]] contract [1] with [1] : tensor<?x8xf32>, tensor<?x8xf32>
  %dot = array.dot %x, %x contract [1] with [1] : tensor<?x8xf32>, tensor<?x8xf32>
  // CHECK: array.dot %[[X]], %[[X]] batch [0] with [0] contract [1] with [1] : tensor<?x8xf32>, tensor<?x8xf32>
  %batched = array.dot %x, %x batch [0] with [0] contract [1] with [1] : tensor<?x8xf32>, tensor<?x8xf32>
  // CHECK: %[[ROWS:.*]] = array.gather %[[X]], %[[I]] : tensor<?x8xf32>, tensor<5xi32>
  %gather = array.gather %x, %i : tensor<?x8xf32>, tensor<5xi32>
  // CHECK: array.scatter %[[X]], %[[I]], %[[ROWS]] : tensor<?x8xf32>, tensor<5xi32>, tensor<5x8xf32>
  %scatter = array.scatter %x, %i, %gather : tensor<?x8xf32>, tensor<5xi32>, tensor<5x8xf32>
  return
}

// CHECK-LABEL: func.func @matrices(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<2x?x?xf64>, %[[B:[^:]*]]: tensor<2x?x3xf64>
func.func @matrices(%a: tensor<2x?x?xf64>, %b: tensor<2x?x3xf64>, %c: tensor<2x3x3xcomplex<f32>>) {
  // CHECK: array.cholesky %[[A]] : tensor<2x?x?xf64>
  %l = array.cholesky %a : tensor<2x?x?xf64>
  // CHECK: array.triangular_solve %[[A]], %[[B]] : tensor<2x?x?xf64>, tensor<2x?x3xf64>
  %y = array.triangular_solve %a, %b : tensor<2x?x?xf64>, tensor<2x?x3xf64>
  // CHECK: array.triangular_solve right upper unit transposed conjugated %[[C:.*]], %[[C]]
  %z = array.triangular_solve right upper unit transposed conjugated %c, %c : tensor<2x3x3xcomplex<f32>>, tensor<2x3x3xcomplex<f32>>
  // CHECK: %[[P:.*]] = array.lu_pivots %[[B]] : tensor<2x?x3xf64>
  %p = array.lu_pivots %b : tensor<2x?x3xf64>
  // CHECK: array.lu %[[B]], %[[P]] : tensor<2x?x3xf64>, tensor<2x?xi32>
  %f = array.lu %b, %p : tensor<2x?x3xf64>, tensor<2x?xi32>
  // CHECK: array.swap_rows %[[B]], %[[P]] : tensor<2x?x3xf64>, tensor<2x?xi32>
  %s = array.swap_rows %b, %p : tensor<2x?x3xf64>, tensor<2x?xi32>
  // CHECK: array.swap_rows reverse %[[B]], %[[P]] : tensor<2x?x3xf64>, tensor<2x?xi32>
  %r = array.swap_rows reverse %b, %p : tensor<2x?x3xf64>, tensor<2x?xi32>
  // CHECK: array.shard %[[B]] "{devices=[2,1,1]<=[2]}" : tensor<2x?x3xf64>
  %t = array.shard %b "{devices=[2,1,1]<=[2]}" : tensor<2x?x3xf64>
  return
}

// CHECK-LABEL: func.func @decompositions(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<2x5x3xf64>, %[[B:[^:]*]]: tensor<?x?xcomplex<f32>>
func.func @decompositions(%a: tensor<2x5x3xf64>, %b: tensor<?x?xcomplex<f32>>)
    -> (tensor<2x3xf64>, tensor<?xf32>, tensor<2x3xf64>, tensor<2x5x3xf64>, tensor<2x3x3xf64>, tensor<?x?xcomplex<f32>>) {
  // CHECK: array.qr %[[A]] : tensor<2x5x3xf64>
  %q = array.qr %a : tensor<2x5x3xf64>
  // CHECK: array.qr_taus %[[A]] : tensor<2x5x3xf64>
  %t = array.qr_taus %a : tensor<2x5x3xf64>
  // CHECK: array.eigh_values %[[B]] : tensor<?x?xcomplex<f32>>
  %w = array.eigh_values %b : tensor<?x?xcomplex<f32>>
  // CHECK: array.eigh_vectors %[[B]] : tensor<?x?xcomplex<f32>>
  %e = array.eigh_vectors %b : tensor<?x?xcomplex<f32>>
  // CHECK: array.svd_values %[[A]] : tensor<2x5x3xf64>
  %s = array.svd_values %a : tensor<2x5x3xf64>
  // CHECK: array.svd_left %[[A]] : tensor<2x5x3xf64>
  %u = array.svd_left %a : tensor<2x5x3xf64>
  // CHECK: array.svd_right %[[A]] : tensor<2x5x3xf64>
  %v = array.svd_right %a : tensor<2x5x3xf64>
  return %t, %w, %s, %u, %v, %e : tensor<2x3xf64>, tensor<?xf32>, tensor<2x3xf64>, tensor<2x5x3xf64>, tensor<2x3x3xf64>, tensor<?x?xcomplex<f32>>
}

// CHECK-LABEL: func.func @transforms(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x5xf32>, %[[Z:[^:]*]]: tensor<4x?xcomplex<f64>>
func.func @transforms(%x: tensor<?x5xf32>, %z: tensor<4x?xcomplex<f64>>) -> tensor<?x5xf32> {
  // CHECK: %[[Y:.*]] = array.fft rfft %[[X]] dim 1 length 5 : tensor<?x5xf32>
  %y = array.fft rfft %x dim 1 length 5 : tensor<?x5xf32>
  // CHECK: %[[W:.*]] = array.fft irfft %[[Y]] dim 1 length 5 : tensor<?x3xcomplex<f32>>
  %w = array.fft irfft %y dim 1 length 5 : tensor<?x3xcomplex<f32>>
  // CHECK: %[[V:.*]] = array.fft fft %[[Z]] dim 0 length 4 : tensor<4x?xcomplex<f64>>
  %v = array.fft fft %z dim 0 length 4 : tensor<4x?xcomplex<f64>>
  // CHECK: array.fft ifft %[[V]] dim 0 length 4 : tensor<4x?xcomplex<f64>>
  %u = array.fft ifft %v dim 0 length 4 : tensor<4x?xcomplex<f64>>
  return %w : tensor<?x5xf32>
}
