// RUN: dpopt %s --lower-loops=vector-bytes=64 | FileCheck %s
// RUN: dpopt %s --lower-loops=vector-bytes=32 | FileCheck %s --check-prefix=PLAIN

#id = affine_map<(d0, d1) -> (d0, d1)>
#turned = affine_map<(d0, d1) -> (d1, d0)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>

// The two loops walk dense memory: one loop of whole vectors, and what is left of them in a masked one, or one by one.
// CHECK-LABEL: func.func @chain(
// CHECK-COUNT-1: memref.collapse_shape
// CHECK:         scf.for %[[I:.*]] = %c0{{.*}} to %[[WHOLE:.*]] step %c16
// CHECK:           vector.load %{{.*}}[%[[I]]]
// CHECK:           vector.store %{{.*}}[%[[I]]]
// CHECK:         scf.for %[[I:.*]] = %[[WHOLE]] to %[[N:.*]] step %c16
// CHECK-DAG:       %[[LEFT:.*]] = arith.subi %[[N]], %[[I]]
// CHECK:           %[[LEFT:.*]] = vector.broadcast %{{.*}} : i32 to vector<16xi32>
// CHECK:           %[[MASK:.*]] = arith.cmpi slt, %{{.*}}, %[[LEFT]] : vector<16xi32>
// CHECK:           %[[X:.*]] = vector.maskedload %{{.*}}[%[[I]]], %[[MASK]]
// CHECK:           %[[Y:.*]] = arith.addf %[[X]], %{{.*}} fastmath<contract> : vector<16xf32>
// CHECK:           vector.maskedstore %{{.*}}[%[[I]]], %[[MASK]], %[[Y]]
// CHECK-NOT:     scf.for
// PLAIN-LABEL: func.func @chain(
// PLAIN:         %[[REST:.*]] = arith.remui %[[N:.*]], %c8
// PLAIN:         %[[WHOLE:.*]] = arith.subi %[[N]], %[[REST]]
// PLAIN:         scf.for %{{.*}} = %c0{{.*}} to %[[WHOLE]] step %c8
// PLAIN:           vector.load
// PLAIN:           vector.store
// PLAIN:         scf.for %{{.*}} = %[[WHOLE]] to %[[N]] step %c1
// PLAIN:           memref.load
// PLAIN:           memref.store
func.func @chain(%x: memref<?x10xf32>, %y: memref<?x10xf32>, %c: f32) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x10xf32>) outs(%y : memref<?x10xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.addf %a, %c fastmath<contract> : f32
    linalg.yield %s : f32
  }
  return
}

// Rows shorter than a vector: one masked step, no loop. The lanes begin with the
// identity and are added up at the end.
// CHECK-LABEL: func.func @row_sums(
// CHECK:         scf.for
// CHECK:           %[[ZERO:.*]] = arith.constant dense<-0.000000e+00> : vector<16xf32>
// CHECK:           %[[MASK:.*]] = arith.cmpi slt, %{{.*}}, %{{.*}} : vector<16xi32>
// CHECK:           %[[X:.*]] = vector.maskedload
// CHECK:           %[[S:.*]] = arith.addf %{{.*}}, %[[X]] fastmath<reassoc> : vector<16xf32>
// CHECK:           arith.select %[[MASK]], %[[S]]
// CHECK:           vector.reduction <add>
// CHECK-NOT:     scf.for
// In the order that is said, they are no vectors.
// CHECK-LABEL: func.func @row_sums_in_order(
// CHECK:         linalg.generic
// PLAIN-LABEL: func.func @row_sums(
// Without masks, eight and two.
// PLAIN:         vector.load {{.*}} vector<8xf32>
// PLAIN:         vector.reduction <add>
// PLAIN:         vector.load {{.*}} vector<2xf32>
// PLAIN:         vector.reduction <add>
// PLAIN-NOT:     memref.load {{.*}} memref<?x10xf32>
func.func @row_sums(%x: memref<?x10xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x10xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.addf %out, %a fastmath<reassoc> : f32
    linalg.yield %s : f32
  }
  return
}
func.func @row_sums_in_order(%x: memref<?x10xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x10xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.addf %out, %a : f32
    linalg.yield %s : f32
  }
  return
}

// Sums along columns are in order whatever vectors do: rows are added to a row.
// CHECK-LABEL: func.func @column_sums(
// CHECK:         scf.for
// CHECK:           vector.load
// CHECK-NEXT:      vector.load
// CHECK-NEXT:      arith.addf %{{.*}} : vector<16xf32>
// CHECK-NEXT:      vector.store
func.func @column_sums(%x: memref<?x16xf32>, %y: memref<16xf32>) {
  linalg.generic {indexing_maps = [#id, #column], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<?x16xf32>) outs(%y : memref<16xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.addf %out, %a : f32
    linalg.yield %s : f32
  }
  return
}

// A short body: four vectors of partial sums are under way at once.
// CHECK-LABEL: func.func @sum(
// CHECK:         scf.for {{.*}} step %c32{{.*}} -> (vector<8xf64>, vector<8xf64>, vector<8xf64>, vector<8xf64>)
// CHECK-COUNT-4:   vector.load
// Blocks of 256 steps, and what rounding takes from their sums: nothing of it may be simplified.
// CHECK:         scf.if {{.*}} -> (vector<8xf64>)
// CHECK:           scf.for {{.*}} step %c8192{{.*}} -> (vector<8xf64>, vector<8xf64>)
// CHECK:             scf.for {{.*}} step %c32
// CHECK:             %[[SUM:[^ ]+]] = arith.addf %[[BEFORE:[^ ,]+]], %{{[^ ,]+}} : vector<8xf64>
// CHECK-NEXT:        arith.subf %[[SUM]], %[[BEFORE]] : vector<8xf64>
// CHECK:           arith.cmpf ord
// CHECK:         scf.for {{.*}} step %c8{{.*}} -> (vector<8xf64>)
// CHECK:           vector.maskedload
func.func @sum(%x: memref<?xf64>, %y: memref<f64>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
      ins(%x : memref<?xf64>) outs(%y : memref<f64>) {
  ^bb0(%a: f64, %out: f64):
    %s = arith.addf %out, %a fastmath<reassoc> : f64
    linalg.yield %s : f64
  }
  return
}

// What walks columns is read in squares of rows, which are turned; what squares leave goes one by one.
// CHECK-LABEL: func.func @turn(
// CHECK-NOT:     linalg
// CHECK:         scf.for %[[FIRST:.*]] = %{{.*}} to %{{.*}} step %c32
// CHECK:           scf.for %[[COLUMN:.*]] = %{{.*}} to %{{.*}} step %c8
// CHECK:             scf.for %[[ROW:.*]] = %[[FIRST]] to %{{.*}} step %c8
// CHECK-COUNT-8:       vector.load %{{.*}} : memref<?x?xf32>, vector<8xf32>
// CHECK-COUNT-24:      vector.shuffle
// CHECK-COUNT-8:       vector.store
// CHECK:         memref.load
// CHECK:         memref.store
// PLAIN-LABEL: func.func @turn(
// PLAIN-COUNT-24: vector.shuffle
func.func @turn(%x: memref<?x?xf32>, %y: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x?xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  }
  return
}

// A function that is called is there once more, on vectors; the position is a vector too.
// CHECK-LABEL: func.func @called(
// CHECK:         arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : vector<8xindex>
// CHECK:         call @half_x8(%{{.*}}) : (vector<8xi64>) -> vector<8xi64>
// CHECK:       func.func private @half_x8(%{{.*}}: vector<8xi64>) -> vector<8xi64>
// CHECK-DAG:     arith.constant dense<1> : vector<8xi64>
func.func @called(%y: memref<64xi64>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%y : memref<64xi64>) {
  ^bb0(%out: i64):
    %i = linalg.index 0 : index
    %p = arith.index_cast %i : index to i64
    %h = func.call @half(%p) : (i64) -> i64
    linalg.yield %h : i64
  }
  return
}
func.func private @half(%x: i64) -> i64 {
  %one = arith.constant 1 : i64
  %y = arith.shrsi %x, %one : i64
  return %y : i64
}

// Rows shorter than a vector have a shorter one, and what is left of it.
// PLAIN-LABEL: func.func @rows_of_seven(
// PLAIN:         vector.load {{.*}} vector<4xf32>
// PLAIN:         vector.store {{.*}} vector<4xf32>
// PLAIN:         vector.load {{.*}} vector<2xf32>
// PLAIN:         vector.store {{.*}} vector<2xf32>
// PLAIN:         memref.load
// PLAIN:         memref.store
func.func @rows_of_seven(%x: memref<?x7xf32>, %b: memref<?xf32>, %y: memref<?x7xf32>) {
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : memref<?x7xf32>, memref<?xf32>) outs(%y : memref<?x7xf32>) {
  ^bb0(%a: f32, %c: f32, %out: f32):
    %s = arith.addf %a, %c : f32
    linalg.yield %s : f32
  }
  return
}
