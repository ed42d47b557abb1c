// RUN: dpopt %s --raise-buffers --split-input-file | FileCheck %s

// A buffer of rank 0 is a scalar; others are tensors. What is not stored is zero.
// CHECK-LABEL: func.func @straight(
// CHECK-SAME:    %[[X:[^:]*]]: f64, %[[N:[^:]*]]: index
// CHECK-NOT:     memref
// CHECK:         %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?x2xf64>
// CHECK-NEXT:    %[[U:.*]] = tensor.insert %[[X]] into %[[E]][%[[C0:.*]], %[[C0]]] : tensor<?x2xf64>
// CHECK-NEXT:    %[[V:.*]] = tensor.extract %[[U]][%[[C0]], %[[C0]]] : tensor<?x2xf64>
// CHECK-NEXT:    %[[S:.*]] = arith.addf %[[V]], %[[X]]
// CHECK:         return %[[S]], %[[U]], %[[N]]
func.func @straight(%x: f64, %n: index) -> (f64, tensor<?x2xf64>, index) {
  %c0 = arith.constant 0 : index
  %p = memref.alloca() {alignment = 16 : i64} : memref<f64>
  %b = memref.alloc(%n) : memref<?x2xf64>
  memref.store %x, %p[] : memref<f64>
  memref.store %x, %b[%c0, %c0] : memref<?x2xf64>
  %y = memref.load %b[%c0, %c0] : memref<?x2xf64>
  %z = memref.load %p[] : memref<f64>
  %s = arith.addf %y, %z : f64
  %t = bufferization.to_tensor %b : memref<?x2xf64> to tensor<?x2xf64>
  memref.store %z, %b[%c0, %c0] : memref<?x2xf64>
  %d = memref.dim %b, %c0 : memref<?x2xf64>
  memref.dealloc %b : memref<?x2xf64>
  return %s, %t, %d : f64, tensor<?x2xf64>, index
}

// -----

// Loops carry the buffers that they write, and no others: not those that they only read, nor those whose contents nothing
// reads later, nor those of one iteration.
// CHECK-LABEL: func.func @loops(
// CHECK-SAME:    %[[X:[^:]*]]: f64, %[[N:[^:]*]]: index
// CHECK-DAG:     %[[A:.*]] = tensor.empty(%[[N]]) : tensor<?xf64>
// CHECK-DAG:     %[[B:.*]] = tensor.empty(%[[N]]) : tensor<?xf64>
// CHECK:         %[[F:.*]] = scf.for %[[I:.*]] = %{{.*}} iter_args(%[[C:.*]] = %{{.*}}) -> (tensor<?xf64>) {
// CHECK:           tensor.extract %{{.*}}[%[[I]]] : tensor<?xf64>
// CHECK:           %[[G:.*]] = scf.for %{{.*}} iter_args(%[[D:.*]] = %[[C]]) -> (tensor<?xf64>) {
// CHECK:             %[[O:.*]] = tensor.extract %[[D]]
// CHECK:             %[[P:.*]] = tensor.insert %{{.*}} into %[[D]]
// CHECK:             scf.yield %[[P]]
// CHECK:           scf.yield %[[G]]
// CHECK:         return %[[F]]
func.func @loops(%x: f64, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc(%n) : memref<?xf64>
  %b = memref.alloc(%n) : memref<?xf64>
  %scratch = memref.alloca() : memref<f64>
  scf.for %i = %c0 to %n step %c1 {
    %own = memref.alloca() : memref<2xf64>
    %y = memref.load %a[%i] : memref<?xf64>
    memref.store %y, %scratch[] : memref<f64>
    memref.store %y, %own[%c0] : memref<2xf64>
    scf.for %j = %c0 to %n step %c1 {
      %z = memref.load %scratch[] : memref<f64>
      %o = memref.load %own[%c0] : memref<2xf64>
      %w = memref.load %b[%j] : memref<?xf64>
      %zw = arith.addf %z, %w : f64
      %zo = arith.addf %zw, %o : f64
      memref.store %zo, %b[%j] : memref<?xf64>
    }
  }
  %t = bufferization.to_tensor %b : memref<?xf64> to tensor<?xf64>
  return %t : tensor<?xf64>
}

// -----

// A branch gets an alternative where it has none; results that it has stay.
// CHECK-LABEL: func.func @branches(
// CHECK-SAME:    %[[C:[^:]*]]: i1, %[[X:[^:]*]]: f64, %[[Y:[^:]*]]: f64
// CHECK:         %[[R:.*]] = scf.if %[[C]] -> (f64) {
// CHECK-NEXT:      scf.yield %[[Y]]
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %[[X]]
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[S:.*]]:2 = scf.if %[[C]] -> (index, f64) {
// CHECK-NEXT:      scf.yield %[[C0:.*]], %[[R]]
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %{{.*}}, %[[X]]
// CHECK-NEXT:    }
// CHECK-NEXT:    return %[[S]]#0, %[[S]]#1
func.func @branches(%c: i1, %x: f64, %y: f64) -> (index, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = memref.alloca() : memref<f64>
  memref.store %x, %b[] : memref<f64>
  scf.if %c {
    memref.store %y, %b[] : memref<f64>
  }
  %k = scf.if %c -> index {
    scf.yield %c0 : index
  } else {
    memref.store %x, %b[] : memref<f64>
    scf.yield %c1 : index
  }
  %z = memref.load %b[] : memref<f64>
  return %k, %z : index, f64
}

// -----

// Both regions of a while loop take the contents.
// CHECK-LABEL: func.func @halve(
// CHECK-SAME:    %[[X:[^:]*]]: f64
// CHECK:         %[[W:.*]]:2 = scf.while (%[[K:.*]] = %{{.*}}, %[[P:.*]] = %[[X]]) : (i32, f64) -> (i32, f64) {
// CHECK:           %[[M:.*]] = arith.cmpf ogt, %[[P]]
// CHECK-NEXT:      scf.condition(%[[M]]) %[[K]], %[[P]]
// CHECK:         ^bb0(%[[L:.*]]: i32, %[[Q:.*]]: f64):
// CHECK:           %[[H:.*]] = arith.mulf %[[Q]]
// CHECK:           scf.yield %{{.*}}, %[[H]]
// CHECK:         return %[[W]]#0, %[[W]]#1
func.func @halve(%x: f64) -> (i32, f64) {
  %one = arith.constant 1.0 : f64
  %half = arith.constant 0.5 : f64
  %z = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %b = memref.alloca() : memref<f64>
  memref.store %x, %b[] : memref<f64>
  %n = scf.while (%k = %z) : (i32) -> i32 {
    %y = memref.load %b[] : memref<f64>
    %more = arith.cmpf ogt, %y, %one : f64
    scf.condition(%more) %k : i32
  } do {
  ^bb0(%k: i32):
    %y = memref.load %b[] : memref<f64>
    %h = arith.mulf %y, %half : f64
    memref.store %h, %b[] : memref<f64>
    %k1 = arith.addi %k, %i1 : i32
    scf.yield %k1 : i32
  }
  %y = memref.load %b[] : memref<f64>
  return %n, %y : i32, f64
}

// -----

// Also what the condition replaces and the body reads, although nothing reads it before or after the loop.
// CHECK-LABEL: func.func @condition(
// CHECK:         scf.while (%[[K:.*]] = %{{.*}}, %[[P:.*]] = %{{.*}}) : (index, f64) -> (index, f64) {
// CHECK:           %[[Q:.*]] = arith.sitofp
// CHECK:           scf.condition(%{{.*}}) %[[K]], %[[Q]]
// CHECK:         ^bb0(%{{.*}}: index, %[[R:.*]]: f64):
// CHECK:           arith.fptosi %[[R]]
func.func @condition(%n: index) -> index {
  %c0 = arith.constant 0 : index
  %b = memref.alloca() : memref<f64>
  %r = scf.while (%k = %c0) : (index) -> index {
    %i = arith.index_cast %k : index to i64
    %f = arith.sitofp %i : i64 to f64
    memref.store %f, %b[] : memref<f64>
    %c = arith.cmpi slt, %k, %n : index
    scf.condition(%c) %k : index
  } do {
  ^bb0(%k: index):
    %f = memref.load %b[] : memref<f64>
    %i = arith.fptosi %f : f64 to i64
    %j = arith.index_cast %i : i64 to index
    %c1 = arith.constant 1 : index
    %l = arith.addi %j, %c1 : index
    scf.yield %l : index
  }
  return %r : index
}

// -----

// A copy is the value itself, or an update of the whole where extents are dynamic. A buffer of a tensor starts as it.
// CHECK-LABEL: func.func @copies(
// CHECK-SAME:    %[[T:[^:]*]]: tensor<4xf64>, %[[U:[^:]*]]: tensor<?xf64>
// CHECK:         %[[N:.*]] = tensor.dim %[[U]]
// CHECK:         %[[D:.*]] = tensor.empty(%[[N]])
// CHECK:         %[[V:.*]] = tensor.insert_slice %[[U]] into %[[D]][0] [%{{.*}}] [1] : tensor<?xf64> into tensor<?xf64>
// CHECK:         return %[[T]], %[[V]]
func.func @copies(%t: tensor<4xf64>, %u: tensor<?xf64>) -> (tensor<4xf64>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %a = bufferization.to_buffer %t : tensor<4xf64> to memref<4xf64>
  %b = memref.alloc() : memref<4xf64>
  memref.copy %a, %b : memref<4xf64> to memref<4xf64>
  %n = tensor.dim %u, %c0 : tensor<?xf64>
  %c = bufferization.to_buffer %u : tensor<?xf64> to memref<?xf64>
  %d = memref.alloc(%n) : memref<?xf64>
  memref.copy %c, %d : memref<?xf64> to memref<?xf64>
  %r = bufferization.to_tensor %b : memref<4xf64> to tensor<4xf64>
  %s = bufferization.to_tensor %d : memref<?xf64> to tensor<?xf64>
  return %r, %s : tensor<4xf64>, tensor<?xf64>
}

// -----

// Programs without buffers stay as they are.
// CHECK-LABEL: func.func @plain(
// CHECK-NEXT:    arith.constant 1.0
// CHECK-NEXT:    return
func.func @plain(%x: f64) -> f64 {
  %unused = arith.constant 1.0 : f64
  return %x : f64
}
