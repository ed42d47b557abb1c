// RUN: dpopt %s --plan-workspace --canonicalize --cse | FileCheck %s

// %a is read for the last time where %b is made, so %c takes its place; both of the others are in use
// at once. Each takes 8 n bytes, up to a multiple of a line; the sum up to one of a page. The second one does not begin
// at the place in a page where the first one does, nor near it, unless that is short.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[X:.*]]: memref<?xf64>, %[[Y:.*]]: memref<?xf64>)
// CHECK:         %[[N:.*]] = memref.dim %[[X]]
// CHECK:         cf.assert %{{.*}}, "first"
// CHECK:         %[[FITS:.*]] = arith.cmpi ult, %[[N]]
// CHECK:         cf.assert %[[FITS]], "{{.*}}error: out of memory"
// CHECK:         %[[BYTES:.*]] = arith.muli %[[LINES:.*]], %c64
// CHECK:         %[[MORE:.*]] = arith.addi %[[BYTES]], %c1536
// CHECK:         %[[PAGES:.*]] = arith.ceildivui %[[MORE]], %c4096
// CHECK:         %[[UP:.*]] = arith.muli %[[PAGES]], %c4096
// CHECK:         %[[APART:.*]] = arith.subi %[[UP]], %c1536
// CHECK:         %[[TWICE:.*]] = arith.muli %[[LINES]], %c128
// CHECK:         %[[START:.*]] = arith.minui %[[APART]], %[[TWICE]]
// CHECK:         arith.addi %[[START]], %[[BYTES]]
// CHECK:         %[[ALL:.*]] = arith.muli %{{.*}}, %c4096
// CHECK:         %[[W:.*]] = memref.alloc(%[[ALL]]) {alignment = 64 : i64, bufferization.manual_deallocation} : memref<?xi8>
// CHECK:         %[[A:.*]] = memref.view %[[W]][%c0][%[[N]]]
// CHECK:         %[[B:.*]] = memref.view %[[W]][%[[START]]][%[[N]]]
// CHECK:         memref.copy %[[X]], %[[A]]
// CHECK:         memref.copy %[[A]], %[[B]]
// CHECK:         memref.copy %[[B]], %[[A]]
// CHECK:         memref.copy %[[A]], %[[Y]]
// CHECK:         memref.dealloc %[[W]] {bufferization.manual_deallocation}
// CHECK-NEXT:    return
func.func @chain(%x: memref<?xf64>, %y: memref<?xf64>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf64>
  %m = memref.dim %y, %c0 : memref<?xf64>
  %same = arith.cmpi eq, %m, %n : index
  cf.assert %same, "first"
  %a = memref.alloc(%n) : memref<?xf64>
  memref.copy %x, %a : memref<?xf64> to memref<?xf64>
  %b = memref.alloc(%n) : memref<?xf64>
  memref.copy %a, %b : memref<?xf64> to memref<?xf64>
  %c = memref.alloc(%n) : memref<?xf64>
  memref.copy %b, %c : memref<?xf64> to memref<?xf64>
  memref.copy %c, %y : memref<?xf64> to memref<?xf64>
  return
}

// What is small goes on the stack; the rest takes 5120 bytes, and with it two pages.
// CHECK-LABEL: func.func @known(
// CHECK-NOT:     memref.alloc(
// CHECK-DAG:     memref.alloca() {alignment = 64 : i64} : memref<64xi8>
// CHECK-DAG:     %[[W:.*]] = memref.alloc() {{.*}} : memref<8192xi8>
// CHECK:         memref.view %[[W]][%c0][] : memref<8192xi8> to memref<640xf64>
// CHECK:         memref.dealloc %[[W]]
func.func @known(%x: memref<640xf64>, %y: memref<640xf64>) {
  %c0 = arith.constant 0 : index
  %small = memref.alloc() : memref<8xf64>
  %large = memref.alloc() : memref<640xf64>
  memref.copy %x, %large : memref<640xf64> to memref<640xf64>
  %v = memref.load %large[%c0] : memref<640xf64>
  memref.store %v, %small[%c0] : memref<8xf64>
  %w = memref.load %small[%c0] : memref<8xf64>
  memref.store %w, %large[%c0] : memref<640xf64>
  memref.copy %large, %y : memref<640xf64> to memref<640xf64>
  return
}

// An iteration's own buffer has a place in the workspace; what it hands on has none.
// CHECK-LABEL: func.func @loop(
// CHECK:         %[[W:.*]] = memref.alloc() {{.*}} : memref<28672xi8>
// CHECK:         scf.for
// CHECK-NOT:       memref.alloc() {{.*}}i8>
// CHECK:           %[[NEXT:.*]] = memref.alloc() : memref<1000xf64>
// CHECK:           scf.yield %[[NEXT]]
func.func @loop(%x: memref<1000xf64>, %y: memref<1000xf64>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %start = memref.alloc() : memref<1000xf64>
  memref.copy %x, %start : memref<1000xf64> to memref<1000xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%z = %start) -> memref<1000xf64> {
    %own = memref.alloc() : memref<2000xf64>
    %half = memref.subview %own[0] [1000] [1] : memref<2000xf64> to memref<1000xf64, strided<[1]>>
    memref.copy %z, %half : memref<1000xf64> to memref<1000xf64, strided<[1]>>
    %next = memref.alloc() : memref<1000xf64>
    memref.copy %half, %next : memref<1000xf64, strided<[1]>> to memref<1000xf64>
    scf.yield %next : memref<1000xf64>
  }
  memref.copy %r, %y : memref<1000xf64> to memref<1000xf64>
  return
}

// An extent that is checked in a branch may be negative where the branch is not taken.
// CHECK-LABEL: func.func @negative(
// CHECK-SAME:    %{{.*}}, %[[N:.*]]: index)
// CHECK:         %[[MORE:.*]] = arith.maxsi %[[N]], %c0 : index
// CHECK:         cf.assert %{{.*}}out of memory"
// CHECK:         arith.muli %[[MORE]], %c8 : index
// CHECK:         memref.view %{{.*}}[%c0][%[[N]]]
func.func @negative(%x: memref<?xf64>, %y: memref<?xf64>, %p: i1, %n: index) {
  scf.if %p {
    %a = memref.alloc(%n) : memref<?xf64>
    memref.copy %x, %a : memref<?xf64> to memref<?xf64>
    memref.copy %a, %y : memref<?xf64> to memref<?xf64>
  }
  return
}

// A branch's buffer lives on as a result of the branches: %c is in use beside it.
// CHECK-LABEL: func.func @branches(
// CHECK-DAG:     %[[W:.*]] = memref.alloc() {{.*}} : memref<20480xi8>
// CHECK-DAG:     memref.view %[[W]][%c0][]
// CHECK-DAG:     memref.view %[[W]][%c10752][]
// CHECK:         memref.dealloc
func.func @branches(%x: memref<1000xf64>, %y: memref<1000xf64>, %p: i1) {
  %r = scf.if %p -> memref<1000xf64> {
    %a = memref.alloc() : memref<1000xf64>
    memref.copy %x, %a : memref<1000xf64> to memref<1000xf64>
    scf.yield %a : memref<1000xf64>
  } else {
    scf.yield %x : memref<1000xf64>
  }
  %c = memref.alloc() : memref<1000xf64>
  memref.copy %x, %c : memref<1000xf64> to memref<1000xf64>
  memref.copy %r, %y : memref<1000xf64> to memref<1000xf64>
  memref.copy %c, %y : memref<1000xf64> to memref<1000xf64>
  return
}

// What is returned, and what has an extent that the function computes, is allocated where it was. A product of
// extents is counted with 128 bits.
// CHECK-LABEL: func.func @rest(
// CHECK:         arith.mului_extended
// CHECK:         cf.assert %{{.*}}, "{{.*}}out of memory"
// CHECK:         memref.alloc(%{{.*}}) {{.*}} : memref<?xi8>
// CHECK:         memref.alloc(%{{.*}}) : memref<?xf64>
// CHECK:         %[[RESULT:.*]] = memref.alloc(%{{.*}}, %{{.*}}) : memref<?x?xf64>
// CHECK:         return %[[RESULT]]
func.func @rest(%x: memref<?x?xf64>, %places: memref<index>) -> memref<?x?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?x?xf64>
  %m = memref.dim %x, %c1 : memref<?x?xf64>
  %a = memref.alloc(%n, %m) : memref<?x?xf64>
  memref.copy %x, %a : memref<?x?xf64> to memref<?x?xf64>
  %k = memref.load %places[] : memref<index>
  %b = memref.alloc(%k) : memref<?xf64>
  %v = memref.load %a[%c0, %c0] : memref<?x?xf64>
  memref.store %v, %b[%c0] : memref<?xf64>
  %r = memref.alloc(%n, %m) : memref<?x?xf64>
  memref.copy %a, %r : memref<?x?xf64> to memref<?x?xf64>
  %w = memref.load %b[%c0] : memref<?xf64>
  memref.store %w, %r[%c0, %c0] : memref<?x?xf64>
  memref.dealloc %b : memref<?xf64>
  return %r : memref<?x?xf64>
}
