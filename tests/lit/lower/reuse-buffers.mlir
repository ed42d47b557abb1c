// RUN: dpopt %s --reuse-buffers | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#turned = affine_map<(d0, d1) -> (d1, d0)>

// What is read for the last time lies in the result from the start.
// CHECK-LABEL: func.func @result(
// CHECK-SAME:    %[[X:.*]]: memref<?x?xf32>, %[[R:.*]]: memref<?x?xf32>
// CHECK-NOT:     memref.alloc
// CHECK:         linalg.generic {{.*}} ins(%[[X]] : {{.*}}) outs(%[[R]] :
// CHECK:         linalg.generic {{.*}} ins(%[[R]] : {{.*}}) outs(%[[R]] :
func.func @result(%x: memref<?x?xf32>, %r: memref<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %x, %c0 : memref<?x?xf32>
  %n = memref.dim %x, %c1 : memref<?x?xf32>
  %a = memref.alloc(%m, %n) : memref<?x?xf32>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x?xf32>) outs(%a : memref<?x?xf32>) {
  ^bb0(%i: f32, %o: f32):
    %e = scalar.exp %i : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?x?xf32>) outs(%r : memref<?x?xf32>) {
  ^bb0(%i: f32, %o: f32):
    %e = scalar.mul %i, %i : f32
    linalg.yield %e : f32
  }
  return
}

// A chain of buffers is one, also where the last operation reduces along a loop beside it.
// CHECK-LABEL: func.func @chain(
// CHECK:         %[[A:.*]] = memref.alloc() : memref<4x8xf32>
// CHECK-NOT:     memref.alloc
// CHECK:         linalg.generic {{.*}} outs(%[[A]] :
// CHECK:         linalg.generic {{.*}} ins(%[[A]] : {{.*}}) outs(%[[A]] :
// CHECK:         linalg.generic {{.*}} ins(%[[A]] : {{.*}}) outs(%[[A]], %{{.*}} :
// CHECK:         linalg.generic {{.*}} ins(%[[A]] :
func.func @chain(%x: memref<4x8xf32>, %r: memref<4xf32>, %s: memref<8x4xf32>) {
  %a = memref.alloc() : memref<4x8xf32>
  %b = memref.alloc() : memref<4x8xf32>
  %c = memref.alloc() : memref<4x8xf32>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<4x8xf32>) outs(%a : memref<4x8xf32>) {
  ^bb0(%i: f32, %o: f32):
    %e = scalar.exp %i : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x8xf32>) outs(%b : memref<4x8xf32>) {
  ^bb0(%i: f32, %o: f32):
    %e = scalar.mul %i, %i : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#id, #id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%b : memref<4x8xf32>) outs(%c, %r : memref<4x8xf32>, memref<4xf32>) {
  ^bb0(%i: f32, %o: f32, %t: f32):
    %e = scalar.sin %i : f32
    %f = scalar.add %t, %e : f32
    linalg.yield %e, %f : f32, f32
  }
  linalg.generic {indexing_maps = [#id, #turned], iterator_types = ["parallel", "parallel"]}
      ins(%c : memref<4x8xf32>) outs(%s : memref<8x4xf32>) {
  ^bb0(%i: f32, %o: f32):
    linalg.yield %i : f32
  }
  return
}

// Not where it is read again, read at other points too, written at other points, or read in another iteration.
// CHECK-LABEL: func.func @apart(
// CHECK-COUNT-4: memref.alloc
func.func @apart(%x: memref<8x8xf32>, %r: memref<8x8xf32>, %s: memref<8x8xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<8x8xf32>
  %b = memref.alloc() : memref<8x8xf32>
  %c = memref.alloc() : memref<8x8xf32>
  memref.copy %x, %a : memref<8x8xf32> to memref<8x8xf32>
  linalg.generic {indexing_maps = [#id, #turned, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%b : memref<8x8xf32>) {
  ^bb0(%i: f32, %j: f32, %o: f32):
    %e = scalar.mul %i, %j : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#id, #turned], iterator_types = ["parallel", "parallel"]}
      ins(%b : memref<8x8xf32>) outs(%c : memref<8x8xf32>) {
  ^bb0(%i: f32, %o: f32):
    linalg.yield %i : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%c : memref<8x8xf32>) outs(%s : memref<8x8xf32>) {
  ^bb0(%i: f32, %o: f32):
    %e = scalar.exp %i : f32
    linalg.yield %e : f32
  }
  memref.copy %c, %r : memref<8x8xf32> to memref<8x8xf32>
  %d = memref.alloc() : memref<8x8xf32>
  memref.copy %x, %d : memref<8x8xf32> to memref<8x8xf32>
  scf.for %k = %c0 to %n step %c1 {
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%d : memref<8x8xf32>) outs(%s : memref<8x8xf32>) {
    ^bb0(%i: f32, %o: f32):
      %e = scalar.exp %i : f32
      linalg.yield %e : f32
    }
  }
  return
}

// Nor where it has another name in the operation: a view of it, a load in the body, or what a branch hands on.
// CHECK-LABEL: func.func @names(
// CHECK-COUNT-3: memref.alloc
func.func @names(%r: memref<4x3xf64>, %s: memref<4x3xf64>, %t: memref<4x3xf64>, %p: i1) {
  %c0 = arith.constant 0 : index
  %a = memref.alloc() : memref<4x3xf64>
  %b = memref.alloc() : memref<4x3xf64>
  %c = memref.alloc() : memref<4x3xf64>
  memref.copy %t, %a : memref<4x3xf64> to memref<4x3xf64>
  memref.copy %t, %b : memref<4x3xf64> to memref<4x3xf64>
  memref.copy %t, %c : memref<4x3xf64> to memref<4x3xf64>
  %row = memref.subview %a[0, 0] [1, 3] [1, 1] : memref<4x3xf64> to memref<1x3xf64, strided<[3, 1]>>
  %flat = memref.collapse_shape %row [[0, 1]] : memref<1x3xf64, strided<[3, 1]>> into memref<3xf64, strided<[1]>>
  linalg.generic {indexing_maps = [#id, affine_map<(d0, d1) -> (d1)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %flat : memref<4x3xf64>, memref<3xf64, strided<[1]>>) outs(%r : memref<4x3xf64>) {
  ^bb0(%i: f64, %j: f64, %o: f64):
    %e = scalar.sub %i, %j : f64
    linalg.yield %e : f64
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b : memref<4x3xf64>) outs(%s : memref<4x3xf64>) {
  ^bb0(%i: f64, %o: f64):
    %j = memref.load %b[%c0, %c0] : memref<4x3xf64>
    %e = scalar.sub %i, %j : f64
    linalg.yield %e : f64
  }
  %d = scf.if %p -> memref<4x3xf64> {
    scf.yield %c : memref<4x3xf64>
  } else {
    scf.yield %s : memref<4x3xf64>
  }
  linalg.generic {indexing_maps = [#id, affine_map<(d0, d1) -> (0, d1)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%c, %d : memref<4x3xf64>, memref<4x3xf64>) outs(%t : memref<4x3xf64>) {
  ^bb0(%i: f64, %j: f64, %o: f64):
    %e = scalar.sub %i, %j : f64
    linalg.yield %e : f64
  }
  return
}
