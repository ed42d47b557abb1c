// RUN: dpopt %s --forward-buffers | FileCheck %s

// The round yields what it allocates: the condition passes on what it is given.
// CHECK-LABEL: func.func @own(
// CHECK:         scf.while (%[[X:[^ ]*]] = %{{.*}}) : (memref<8xf64>) -> memref<8xf64> {
// CHECK-NOT:       memref.alloc
// CHECK-NOT:       memref.copy
// CHECK:           scf.condition(%{{.*}}) %[[X]]
// CHECK:         } do {
func.func @own(%u: memref<8xf64>, %go: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %start = memref.alloc() : memref<8xf64>
  memref.copy %u, %start : memref<8xf64> to memref<8xf64>
  %end = scf.while (%x = %start) : (memref<8xf64>) -> memref<8xf64> {
    %t = memref.alloc() : memref<8xf64>
    memref.copy %x, %t : memref<8xf64> to memref<8xf64>
    scf.condition(%go) %t : memref<8xf64>
  } do {
  ^bb0(%y: memref<8xf64>):
    %next = memref.alloc() : memref<8xf64>
    memref.copy %y, %next : memref<8xf64> to memref<8xf64>
    scf.yield %next : memref<8xf64>
  }
  %e = memref.load %end[%c0] : memref<8xf64>
  return %e : f64
}

// Two buffers swap. The extents of what is not allocated any more go, too.
// CHECK-LABEL: func.func @swapped(
// CHECK:         scf.while (%[[X:[^ ]*]] = %{{.*}}, %[[Y:[^ ]*]] = %{{.*}})
// CHECK-NOT:       memref
// CHECK:           scf.condition(%{{.*}}) %[[Y]], %[[X]] :
func.func @swapped(%n: index, %go: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %a = memref.alloc(%n) : memref<?xf64>
  %b = memref.alloc(%n) : memref<?xf64>
  %end:2 = scf.while (%x = %a, %y = %b) : (memref<?xf64>, memref<?xf64>) -> (memref<?xf64>, memref<?xf64>) {
    %m = memref.dim %y, %c0 : memref<?xf64>
    %s = memref.alloc(%m) : memref<?xf64>
    memref.copy %y, %s : memref<?xf64> to memref<?xf64>
    %t = memref.alloc(%m) : memref<?xf64>
    memref.copy %x, %t : memref<?xf64> to memref<?xf64>
    scf.condition(%go) %s, %t : memref<?xf64>, memref<?xf64>
  } do {
  ^bb0(%s: memref<?xf64>, %t: memref<?xf64>):
    scf.yield %s, %t : memref<?xf64>, memref<?xf64>
  }
  %e = memref.load %end#0[%c0] : memref<?xf64>
  return %e : f64
}

// One buffer is passed to two places: one of them gets it, and the other one a copy.
// CHECK-LABEL: func.func @passed_twice(
// CHECK:         scf.while (%[[X:[^ ]*]] = %{{.*}})
// CHECK:           %[[T:.*]] = memref.alloc
// CHECK-NEXT:      memref.copy %[[X]], %[[T]]
// CHECK-NEXT:      scf.condition(%{{.*}}) %[[X]], %[[T]] :
func.func @passed_twice(%go: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f64
  %a = memref.alloc() : memref<8xf64>
  %end:2 = scf.while (%x = %a) : (memref<8xf64>) -> (memref<8xf64>, memref<8xf64>) {
    %s = memref.alloc() : memref<8xf64>
    memref.copy %x, %s : memref<8xf64> to memref<8xf64>
    %t = memref.alloc() : memref<8xf64>
    memref.copy %x, %t : memref<8xf64> to memref<8xf64>
    scf.condition(%go) %s, %t : memref<8xf64>, memref<8xf64>
  } do {
  ^bb0(%s: memref<8xf64>, %t: memref<8xf64>):
    memref.store %zero, %s[%c0] : memref<8xf64>
    scf.yield %t : memref<8xf64>
  }
  %e = memref.load %end#1[%c0] : memref<8xf64>
  return %e : f64
}

// The buffer comes from outside, where it is read later: the body may write only to a copy.
// CHECK-LABEL: func.func @read_later(
// CHECK:         scf.while (%[[X:[^ ]*]] = %{{.*}})
// CHECK:           %[[T:.*]] = memref.alloc
// CHECK-NEXT:      memref.copy %[[X]], %[[T]]
// CHECK-NEXT:      scf.condition(%{{.*}}) %[[T]] :
func.func @read_later(%go: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f64
  %a = memref.alloc() : memref<8xf64>
  %end = scf.while (%x = %a) : (memref<8xf64>) -> (memref<8xf64>) {
    %s = memref.alloc() : memref<8xf64>
    memref.copy %x, %s : memref<8xf64> to memref<8xf64>
    scf.condition(%go) %s : memref<8xf64>
  } do {
  ^bb0(%s: memref<8xf64>):
    memref.store %zero, %s[%c0] : memref<8xf64>
    scf.yield %s : memref<8xf64>
  }
  %e = memref.load %a[%c0] : memref<8xf64>
  return %e : f64
}

// The body yields one buffer at two places, or one from outside: where the first block writes to what it is given, it
// is a copy.
// CHECK-LABEL: func.func @yielded_twice(
// CHECK-SAME:    %[[U:[^ ]*]]: memref<8xf64>
// CHECK:         ^bb0(%[[S:.*]]: memref<8xf64>, %{{.*}}: memref<8xf64>, %{{.*}}: memref<8xf64>):
// CHECK:           %[[A:.*]] = memref.alloc
// CHECK-NEXT:      memref.copy %[[S]], %[[A]]
// CHECK:           %[[B:.*]] = memref.alloc
// CHECK-NEXT:      memref.copy %[[U]], %[[B]]
// CHECK:           scf.yield %[[A]], %[[S]], %[[B]] :
func.func @yielded_twice(%u: memref<8xf64>, %go: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f64
  %a = memref.alloc() : memref<8xf64>
  %b = memref.alloc() : memref<8xf64>
  %c = memref.alloc() : memref<8xf64>
  %end:3 = scf.while (%x = %a, %y = %b, %z = %c) : (memref<8xf64>, memref<8xf64>, memref<8xf64>) -> (memref<8xf64>, memref<8xf64>, memref<8xf64>) {
    memref.store %zero, %x[%c0] : memref<8xf64>
    memref.store %zero, %z[%c0] : memref<8xf64>
    %s = memref.alloc() : memref<8xf64>
    memref.copy %x, %s : memref<8xf64> to memref<8xf64>
    %t = memref.alloc() : memref<8xf64>
    memref.copy %y, %t : memref<8xf64> to memref<8xf64>
    %v = memref.alloc() : memref<8xf64>
    memref.copy %z, %v : memref<8xf64> to memref<8xf64>
    scf.condition(%go) %s, %t, %v : memref<8xf64>, memref<8xf64>, memref<8xf64>
  } do {
  ^bb0(%s: memref<8xf64>, %t: memref<8xf64>, %v: memref<8xf64>):
    scf.yield %s, %s, %u : memref<8xf64>, memref<8xf64>, memref<8xf64>
  }
  %e = memref.load %end#1[%c0] : memref<8xf64>
  return %e : f64
}
