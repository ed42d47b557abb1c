// RUN: dpopt %s --check-recursion | FileCheck %s

// The limit begins near the frame of the public function.
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    %[[X:.*]]: f64) -> f64
// CHECK:         %[[LIMIT:.*]] = memref.alloca() : memref<1xindex>
// CHECK:         llvm.intr.stacksave : !llvm.ptr
// CHECK:         arith.subi %{{.*}}, %c65536
// CHECK:         %[[P:.*]] = llvm.inttoptr
// CHECK:         call @between(%[[X]], %[[P]])
func.func @f(%x: f64) -> f64 {
  %y = func.call @between(%x) : (f64) -> f64
  return %y : f64
}

// It passes the limit on.
// CHECK-LABEL: func.func private @between(
// CHECK-SAME:    %[[X:.*]]: f64, %[[P:.*]]: !llvm.ptr) -> f64
// CHECK-NEXT:    call @deep(%[[X]], %[[P]])
func.func private @between(%x: f64) -> f64 {
  %y = func.call @deep(%x) : (f64) -> f64
  return %y : f64
}

// CHECK-LABEL: func.func private @deep(
// CHECK-SAME:    %[[X:.*]]: f64, %[[P:.*]]: !llvm.ptr) -> f64
// CHECK-NEXT:    %[[HERE:.*]] = llvm.intr.stacksave : !llvm.ptr
// CHECK-NEXT:    %[[FITS:.*]] = llvm.call @dp_stack_fits(%[[P]], %[[HERE]])
// CHECK-NEXT:    cf.assert %[[FITS]], "{{.*}}check-recursion.mlir:{{.*}}: error: the recursion is too deep for the stack of the calling thread"
// CHECK:         call @deep(%[[X]], %[[P]])
func.func private @deep(%x: f64) -> f64 {
  %y = func.call @deep(%x) : (f64) -> f64
  %z = math.sqrt %y : f64
  return %z : f64
}

// What only calls itself at its end becomes a loop, and what does not call itself costs nothing.
// CHECK-LABEL: func.func private @last(
// CHECK-SAME:    %{{.*}}: f64, %{{.*}}: i1) -> f64
// CHECK-NOT:     llvm.
// CHECK:         call @last
// CHECK-LABEL: func.func @g(
// CHECK-NOT:     llvm.
// CHECK:         return
func.func private @last(%x: f64, %c: i1) -> f64 {
  %y = scf.if %c -> f64 {
    %z = math.sqrt %x : f64
    %r = func.call @last(%z, %c) : (f64, i1) -> f64
    scf.yield %r : f64
  } else {
    scf.yield %x : f64
  }
  return %y : f64
}
func.func @g(%x: f64, %c: i1) -> f64 {
  %y = func.call @last(%x, %c) : (f64, i1) -> f64
  return %y : f64
}
