// RUN: dpopt %s --order-results | FileCheck %s

// The first copy would overwrite what the second one reads.
// CHECK-LABEL: func.func @second_reads_first(
// CHECK-SAME:    %[[A:.*]]: memref<4xf64>, %[[B:.*]]: memref<4xf64>)
// CHECK:         %[[T:.*]] = memref.alloc
// CHECK:         memref.copy %[[A]], %[[B]]
// CHECK-NEXT:    memref.copy %[[T]], %[[A]]
// CHECK-NEXT:    return
func.func @second_reads_first(%a: memref<4xf64>, %b: memref<4xf64>) {
  %t = memref.alloc() : memref<4xf64>
  memref.copy %t, %a : memref<4xf64> to memref<4xf64> loc("f")
  memref.copy %a, %b : memref<4xf64> to memref<4xf64> loc("f")
  return
} loc("f")

// Two that read each other: one is saved.
// CHECK-LABEL: func.func @circle(
// CHECK-SAME:    %[[A:.*]]: memref<?xf64>, %[[B:.*]]: memref<?xf64>)
// CHECK:         %[[N:.*]] = memref.dim %{{.*}}
// CHECK:         %[[T:.*]] = memref.alloc(%[[N]])
// CHECK-NEXT:    memref.copy %[[A]], %[[T]]
// CHECK-NEXT:    memref.copy %[[B]], %[[A]]
// CHECK-NEXT:    memref.copy %[[T]], %[[B]]
// CHECK-NEXT:    return
func.func @circle(%a: memref<?xf64>, %b: memref<?xf64>) {
  memref.copy %b, %a : memref<?xf64> to memref<?xf64> loc("f")
  memref.copy %a, %b : memref<?xf64> to memref<?xf64> loc("f")
  return
} loc("f")

// A copy that an operation needs is none of these, and stays where it is.
// CHECK-LABEL: func.func @other_copies(
// CHECK-SAME:    %[[X:.*]]: memref<4xf64>, %[[A:.*]]: memref<4xf64>, %[[B:.*]]: memref<4xf64>)
// CHECK-NEXT:    memref.copy %[[X]], %[[A]]
// CHECK-NEXT:    memref.copy %[[A]], %[[B]]
func.func @other_copies(%x: memref<4xf64>, %a: memref<4xf64>, %b: memref<4xf64>) {
  memref.copy %x, %a : memref<4xf64> to memref<4xf64>
  memref.copy %a, %b : memref<4xf64> to memref<4xf64> loc("f")
  return
} loc("f")

// A fill of another result stands between the copies and the end.
// CHECK-LABEL: func.func @fill_after(
// CHECK-SAME:    %[[A:.*]]: memref<4xf64>, %[[B:.*]]: memref<4xf64>, %[[C:.*]]: memref<4xf64>, %[[X:.*]]: f64)
// CHECK:         %[[T:.*]] = memref.alloc
// CHECK-NEXT:    linalg.fill ins(%[[X]] : f64) outs(%[[C]] : memref<4xf64>)
// CHECK-NEXT:    memref.copy %[[A]], %[[B]]
// CHECK-NEXT:    memref.copy %[[T]], %[[A]]
// CHECK-NEXT:    return
func.func @fill_after(%a: memref<4xf64>, %b: memref<4xf64>, %c: memref<4xf64>, %x: f64) {
  %t = memref.alloc() : memref<4xf64>
  memref.copy %t, %a : memref<4xf64> to memref<4xf64> loc("f")
  memref.copy %a, %b : memref<4xf64> to memref<4xf64> loc("f")
  linalg.fill ins(%x : f64) outs(%c : memref<4xf64>)
  return
} loc("f")
