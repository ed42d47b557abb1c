// RUN: dpopt %s --rotate-buffers | FileCheck %s

// What an iteration yields is read by the next: two buffers take turns.
// CHECK-LABEL: func.func @one(
// CHECK:         %[[A:.*]] = memref.alloc() : memref<8xf64>
// CHECK:         %[[B:.*]] = memref.alloc() : memref<8xf64>
// CHECK-NOT:     memref.alloc
// CHECK:         scf.for {{.*}} iter_args(%[[NOW:.*]] = %{{.*}}, %[[X:.*]] = %[[A]], %[[Y:.*]] = %[[B]])
// CHECK:           memref.copy %[[NOW]], %[[X]]
// CHECK:           scf.yield %[[X]], %[[Y]], %[[X]]
func.func @one(%u: memref<8xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = scf.for %i = %c0 to %n step %c1 iter_args(%now = %u) -> (memref<8xf64>) {
    %next = memref.alloc() : memref<8xf64>
    memref.copy %now, %next : memref<8xf64> to memref<8xf64>
    scf.yield %next : memref<8xf64>
  }
  %e = memref.load %end[%c0] : memref<8xf64>
  return %e : f64
}

// Where the next iteration hands it on, three do. The extent, which the loop computes from outside, is known before.
// CHECK-LABEL: func.func @two(
// CHECK:         %[[M:.*]] = arith.addi
// CHECK-COUNT-3: memref.alloc(%[[M]]) : memref<?xf64>
// CHECK-NOT:     memref.alloc
// CHECK:         scf.for {{.*}} iter_args(%[[OLD:.*]] = %{{.*}}, %[[NOW:.*]] = %{{.*}}, %[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}}, %[[Z:.*]] = %{{.*}})
// CHECK:           scf.yield %[[NOW]], %[[X]], %[[Y]], %[[Z]], %[[X]]
func.func @two(%u: memref<?xf64>, %v: memref<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end:2 = scf.for %i = %c0 to %n step %c1 iter_args(%old = %u, %now = %v) -> (memref<?xf64>, memref<?xf64>) {
    %m = arith.addi %n, %c1 : index
    %next = memref.alloc(%m) : memref<?xf64>
    memref.copy %old, %next : memref<?xf64> to memref<?xf64>
    scf.yield %now, %next : memref<?xf64>, memref<?xf64>
  }
  %e = memref.load %end#1[%c0] : memref<?xf64>
  return %e : f64
}

// What any number of iterations may read stays: the buffer is handed on to where it was.
// CHECK-LABEL: func.func @kept(
// CHECK:         scf.for
// CHECK:           memref.alloc
func.func @kept(%u: memref<8xf64>, %v: memref<8xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %u, %b = %v) -> (memref<8xf64>, memref<8xf64>) {
    %next = memref.alloc() : memref<8xf64>
    %even = arith.cmpi eq, %i, %c0 : index
    %some = arith.select %even, %a, %b : memref<8xf64>
    scf.yield %next, %some : memref<8xf64>, memref<8xf64>
  }
  %e = memref.load %end#1[%c0] : memref<8xf64>
  return %e : f64
}

// A while loop: what the second block allocates is read by the first and the second block of the next round.
// CHECK-LABEL: func.func @second_block(
// CHECK:         %[[A:.*]] = memref.alloc() : memref<8xf64>
// CHECK:         %[[B:.*]] = memref.alloc() : memref<8xf64>
// CHECK-NOT:     memref.alloc
// CHECK:         scf.while (%[[NOW:[^ ]*]] = %{{.*}}, %[[X:[^ ]*]] = %[[A]], %[[Y:[^ ]*]] = %[[B]])
// CHECK:           scf.condition(%{{.*}}) %[[NOW]], %[[X]], %[[Y]]
// CHECK:         ^bb0(%[[NOW:.*]]: memref<8xf64>, %[[X:.*]]: memref<8xf64>, %[[Y:.*]]: memref<8xf64>):
// CHECK:           memref.copy %[[NOW]], %[[X]]
// CHECK:           scf.yield %[[X]], %[[Y]], %[[X]]
func.func @second_block(%u: memref<8xf64>, %go: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %end = scf.while (%now = %u) : (memref<8xf64>) -> memref<8xf64> {
    scf.condition(%go) %now : memref<8xf64>
  } do {
  ^bb0(%now: memref<8xf64>):
    %next = memref.alloc() : memref<8xf64>
    memref.copy %now, %next : memref<8xf64> to memref<8xf64>
    scf.yield %next : memref<8xf64>
  }
  %e = memref.load %end[%c0] : memref<8xf64>
  return %e : f64
}

// What the first block allocates is read in the next round, if the second one passes it on, else in the same round.
// CHECK-LABEL: func.func @first_block(
// CHECK-COUNT-3: memref.alloc() : memref<8xf64>
// CHECK-NOT:     memref.alloc
// CHECK:         scf.while (%[[NOW:[^ ]*]] = %{{.*}}, %[[X:[^ ]*]] = %{{.*}}, %[[Y:[^ ]*]] = %{{.*}}, %[[Z:[^ ]*]] = %{{.*}})
// CHECK:           memref.copy %[[NOW]], %[[X]]
// CHECK:           memref.copy %[[NOW]], %[[Z]]
// CHECK:           scf.condition(%{{.*}}) %[[X]], %[[Z]], %[[Y]]
// CHECK-SAME:      :
func.func @first_block(%u: memref<8xf64>, %go: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %end:2 = scf.while (%now = %u) : (memref<8xf64>) -> (memref<8xf64>, memref<8xf64>) {
    %next = memref.alloc() : memref<8xf64>
    memref.copy %now, %next : memref<8xf64> to memref<8xf64>
    %other = memref.alloc() : memref<8xf64>
    memref.copy %now, %other : memref<8xf64> to memref<8xf64>
    scf.condition(%go) %next, %other : memref<8xf64>, memref<8xf64>
  } do {
  ^bb0(%next: memref<8xf64>, %other: memref<8xf64>):
    memref.copy %other, %next : memref<8xf64> to memref<8xf64>
    scf.yield %next : memref<8xf64>
  }
  %e = memref.load %end#1[%c0] : memref<8xf64>
  return %e : f64
}

// Two tensors of different extents swap: the buffers have room for both, and an iteration has views of them.
// CHECK-LABEL: func.func @different(
// CHECK:         arith.maxui
// CHECK-COUNT-3: memref.alloc(%{{.*}}) {{.*}} : memref<?xi8>
// CHECK-NOT:     memref.alloc
// CHECK:         scf.for {{.*}} iter_args(%[[OLD:.*]] = %{{.*}}, %[[NOW:.*]] = %{{.*}}, %[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}}, %[[Z:.*]] = %{{.*}})
// CHECK:           %[[EXTENT:.*]] = memref.dim %[[OLD]]
// CHECK:           %[[NEXT:.*]] = memref.view %[[X]][%{{.*}}][%[[EXTENT]]] : memref<?xi8> to memref<?xf64>
// CHECK:           memref.copy %[[OLD]], %[[NEXT]]
// CHECK:           scf.yield %[[NOW]], %[[NEXT]], %[[Y]], %[[Z]], %[[X]]
func.func @different(%u: memref<?xf64>, %v: memref<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end:2 = scf.for %i = %c0 to %n step %c1 iter_args(%old = %u, %now = %v) -> (memref<?xf64>, memref<?xf64>) {
    %m = memref.dim %old, %c0 : memref<?xf64>
    %next = memref.alloc(%m) : memref<?xf64>
    memref.copy %old, %next : memref<?xf64> to memref<?xf64>
    scf.yield %now, %next : memref<?xf64>, memref<?xf64>
  }
  %e = memref.load %end#1[%c0] : memref<?xf64>
  return %e : f64
}

// An extent that grows is not known before the loop.
// CHECK-LABEL: func.func @grows(
// CHECK:         scf.for
// CHECK:           memref.alloc
func.func @grows(%u: memref<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = scf.for %i = %c0 to %n step %c1 iter_args(%now = %u) -> (memref<?xf64>) {
    %m = memref.dim %now, %c0 : memref<?xf64>
    %more = arith.addi %m, %c1 : index
    %next = memref.alloc(%more) : memref<?xf64>
    scf.yield %next : memref<?xf64>
  }
  %e = memref.load %end[%c0] : memref<?xf64>
  return %e : f64
}

// A branch allocates in some iterations: the buffers take turns in these.
// CHECK-LABEL: func.func @some(
// CHECK-COUNT-2: memref.alloc() : memref<8xf64>
// CHECK-NOT:     memref.alloc
// CHECK:         scf.for {{.*}} iter_args(%[[NOW:.*]] = %{{.*}}, %[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}})
// CHECK:           %[[IF:.*]]:3 = scf.if
// CHECK:             memref.copy %[[NOW]], %[[X]]
// CHECK:             scf.yield %[[X]], %[[Y]], %[[X]]
// CHECK:             scf.yield %[[NOW]], %[[X]], %[[Y]]
// CHECK:           scf.yield %[[IF]]#0, %[[IF]]#1, %[[IF]]#2
func.func @some(%u: memref<8xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = scf.for %i = %c0 to %n step %c1 iter_args(%now = %u) -> (memref<8xf64>) {
    %even = arith.cmpi eq, %i, %c0 : index
    %some = scf.if %even -> memref<8xf64> {
      %next = memref.alloc() : memref<8xf64>
      memref.copy %now, %next : memref<8xf64> to memref<8xf64>
      scf.yield %next : memref<8xf64>
    } else {
      scf.yield %now : memref<8xf64>
    }
    scf.yield %some : memref<8xf64>
  }
  %e = memref.load %end[%c0] : memref<8xf64>
  return %e : f64
}

// The other region keeps another buffer, which any number of iterations that allocate may read.
// CHECK-LABEL: func.func @other(
// CHECK:         scf.for
// CHECK:           scf.if
// CHECK:             memref.alloc
func.func @other(%u: memref<8xf64>, %v: memref<8xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %u, %b = %v) -> (memref<8xf64>, memref<8xf64>) {
    %even = arith.cmpi eq, %i, %c0 : index
    %some:2 = scf.if %even -> (memref<8xf64>, memref<8xf64>) {
      %next = memref.alloc() : memref<8xf64>
      memref.copy %a, %next : memref<8xf64> to memref<8xf64>
      scf.yield %next, %b : memref<8xf64>, memref<8xf64>
    } else {
      scf.yield %b, %a : memref<8xf64>, memref<8xf64>
    }
    scf.yield %some#0, %some#1 : memref<8xf64>, memref<8xf64>
  }
  %e = memref.load %end#1[%c0] : memref<8xf64>
  return %e : f64
}
