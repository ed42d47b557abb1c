// RUN: dpopt %s --annotate-loops=vector-bytes=64 | FileCheck %s
// RUN: dpopt %s --annotate-loops=vector-bytes=32 | FileCheck %s --check-prefix=NARROW

// The branch back to the loop's head says it; the one that enters does not.
// CHECK: #[[HINT:.*]] = #llvm.loop_vectorize<predicateEnable = true>
// CHECK: #[[LOOP:.*]] = #llvm.loop_annotation<vectorize = #[[HINT]]>
// CHECK-LABEL: llvm.func @count(
// CHECK:         llvm.br ^bb1(%{{.*}} : i64){{$}}
// CHECK:         llvm.br ^bb1(%{{.*}} : i64) {loop_annotation = #[[LOOP]]}
// CHECK:         llvm.br ^bb4{{$}}
// NARROW-LABEL: llvm.func @count(
// NARROW-NOT: loop_annotation
// NARROW-LABEL: llvm.func @vectors(
llvm.func @count(%n: i64) {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  llvm.br ^bb1(%zero : i64)
^bb1(%i: i64):
  %more = llvm.icmp "slt" %i, %n : i64
  llvm.cond_br %more, ^bb2, ^bb3
^bb2:
  %next = llvm.add %i, %one : i64
  llvm.br ^bb1(%next : i64)
^bb3:
  llvm.br ^bb4
^bb4:
  llvm.return
}

// A loop of vectors is left as it is.
// CHECK-LABEL: llvm.func @vectors(
// CHECK:         llvm.br ^bb1(%{{.*}} : i64) {loop_annotation = #[[DONE:.*]]}
// NARROW:        llvm.br ^bb1(%{{.*}} : i64) {loop_annotation = #{{.*}}}
llvm.func @vectors(%n: i64, %p: !llvm.ptr) {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(8 : i64) : i64
  llvm.br ^bb1(%zero : i64)
^bb1(%i: i64):
  %more = llvm.icmp "slt" %i, %n : i64
  llvm.cond_br %more, ^bb2, ^bb3
^bb2:
  %q = llvm.getelementptr %p[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %x = llvm.load %q : !llvm.ptr -> vector<8xf32>
  llvm.store %x, %p : vector<8xf32>, !llvm.ptr
  %next = llvm.add %i, %one : i64
  llvm.br ^bb1(%next : i64)
^bb3:
  llvm.return
}
