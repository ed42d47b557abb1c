// RUN: dpopt %s --outline-straight-line=bound=2 | FileCheck %s
// RUN: dpopt %s --outline-straight-line | FileCheck %s --check-prefix=SHORT
// RUN: dpopt %s --outline-straight-line=bound=6 | FileCheck %s --check-prefix=LOOPS

// Arguments go into the workspace, numbers that cross go through it, constants
// are made again, and what the rest reads is loaded after the calls.
// CHECK-LABEL: func.func @f(
// CHECK-SAME:      %[[X:.*]]: f64)
// CHECK:         %[[W:.*]] = memref.alloca() : memref<[[N:[0-9]+]]xf64>
// CHECK:         memref.store %[[X]], %[[W]]
// CHECK-NEXT:    call @[[FIRST:f__part[0-9]+]](%[[W]])
// CHECK-NEXT:    call @[[SECOND:f__part[0-9]+]](%[[W]])
// CHECK:         %[[Y:.*]] = memref.load %[[W]]
// CHECK:         return %[[Y]]
// SHORT-LABEL: func.func @f(
// SHORT-NOT:     call
func.func @f(%x: f64) -> f64 {
  %two = scalar.constant 2.0 : f64
  %0 = scalar.mul %x, %two : f64
  %1 = scalar.sin %0 : f64
  %2 = scalar.add %1, %x : f64
  %3 = scalar.mul %2, %two : f64
  return %3 : f64
}

// CHECK:       func.func private @[[FIRST]](%[[W:.*]]: memref<[[N]]xf64>)
// CHECK-SAME:      no_inline
// CHECK:         scalar.constant 2.0
// CHECK:         %[[S:.*]] = scalar.sin
// CHECK:         memref.store %[[S]], %[[W]]
// CHECK:       func.func private @[[SECOND]](
// CHECK:         memref.load
// CHECK:         scalar.constant 2.0
// CHECK:         memref.store

// Loops and branches count with all that they hold. Where a view is used, it is made again, from the buffer that it is
// of; a number that a loop gives crosses through the workspace; what allocates stays where it is.
// LOOPS-LABEL: func.func @loops(
// LOOPS-SAME:      %[[B:.*]]: memref<64xi8>, %[[X:.*]]: f64, %[[P:.*]]: i1)
// LOOPS:         call @loops__part{{[0-9]+}}({{.*}}, %[[B]])
// LOOPS-NOT:     scf.for
// LOOPS:         call @loops__part{{[0-9]+}}({{.*}})
// LOOPS-NOT:     scf.if
// LOOPS:         memref.alloc()
// LOOPS:         return
func.func @loops(%b: memref<64xi8>, %x: f64, %p: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %v = memref.view %b[%c0][] : memref<64xi8> to memref<8xf64>
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%a = %x) -> f64 {
    %e = memref.load %v[%i] : memref<8xf64>
    %n = scalar.add %a, %e : f64
    memref.store %n, %v[%i] : memref<8xf64>
    scf.yield %n : f64
  }
  %r = scf.if %p -> f64 {
    %t = scalar.sin %s : f64
    %u = scalar.mul %t, %x : f64
    scf.yield %u : f64
  } else {
    %t = scalar.cos %s : f64
    scf.yield %t : f64
  }
  %q = scalar.mul %r, %r : f64
  %m = memref.alloc() : memref<f64>
  memref.store %q, %m[] : memref<f64>
  memref.dealloc %m : memref<f64>
  return %q : f64
}

// A view that nothing uses moves with the loop in which it stands; one that is made again has its number from its own
// part.
// LOOPS-LABEL: func.func @views(
// LOOPS-NOT:     scf.for
// LOOPS:         return
func.func @views(%b: memref<64xi8>, %n: index, %x: memref<8xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %k = arith.minsi %n, %c8 : index
  %l = arith.muli %n, %k : index
  %m = arith.addi %l, %n : index
  %f = arith.index_cast %m : index to i64
  %g = scalar.convert %f : i64 to f64
  %h = scalar.sin %g : f64
  %o = arith.minsi %n, %c1 : index
  %w = memref.subview %x[%o] [4] [1] : memref<8xf64> to memref<4xf64, strided<[1], offset: ?>>
  scf.for %i = %c0 to %c1 step %c1 {
    %v = memref.view %b[%k][] : memref<64xi8> to memref<1xf64>
    %e = memref.load %w[%i] : memref<4xf64, strided<[1], offset: ?>>
    memref.store %h, %x[%i] : memref<8xf64>
  }
  return
}

// LOOPS:       func.func private @loops__part{{[0-9]+}}(
// LOOPS-SAME:      %[[OF:[a-z0-9]+]]: memref<64xi8>)
// LOOPS:         %[[V:.*]] = memref.view %[[OF]]
// LOOPS:         %[[S:.*]] = scf.for
// LOOPS:           memref.load %[[V]]
// LOOPS:         memref.store %[[S]]
// LOOPS:       func.func private @loops__part
// LOOPS:         memref.load
// LOOPS:         scf.if
// LOOPS:       func.func private @views__part
// LOOPS:       func.func private @views__part
// LOOPS:         %[[O:.*]] = arith.minsi
// LOOPS:         memref.subview %{{.*}}[%[[O]]]
// LOOPS:         scf.for
// LOOPS:           memref.view %{{.*}}[%{{.*}}][]
