// RUN: dpopt %s --guard-allocations | FileCheck %s
// RUN: dpopt %s --guard-allocations=caller=true | FileCheck %s --check-prefix=CALLER

// A caller may ask for the size of the workspace, and give it.
// CALLER-LABEL: func.func @f(
// CALLER-SAME:    %[[GIVEN:[a-z0-9]+]]: !llvm.ptr, %[[SIZE:[a-z0-9]+]]: i64) -> memref<?xf64> attributes {dp.workspace}
// CALLER:         llvm.call @dp_workspace_tell(%[[GIVEN]], %[[SIZE]], %[[TOTAL:[a-z0-9]+]])
// CALLER:         cf.assert %{{.*}}, "the size of the workspace has been written"
// CALLER:         cf.assert %{{.*}}, "{{.*}}the workspace is smaller than
// CALLER:         cf.assert %{{.*}}, "{{.*}}the workspace is not aligned to 64 bytes"
// CALLER:         llvm.call @dp_workspace(%[[GIVEN]], %[[TOTAL]])
// CALLER:         %[[HELD:.*]] = arith.select
// CALLER:         memref.store %[[HELD]], %{{.*}}[%c1
// CALLER:         llvm.call @dp_workspace_free(%[[GIVEN]], %{{.*}})

// The table has a place for the list, for the workspace and for the result.
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    %[[N:.*]]: index)
// CHECK:         %[[HELD:.*]] = memref.alloca() {dp.held} : memref<3xindex>
// CHECK-COUNT-3: memref.store %c0{{.*}}, %[[HELD]]
// CHECK:         %[[MEMORY:.*]] = llvm.call @dp_allocate(
// CHECK:         %[[AT:.*]] = memref.extract_aligned_pointer_as_index
// CHECK:         %[[THERE:.*]] = arith.cmpi ne, %[[AT]]
// CHECK:         cf.assert %{{.*}}, "{{.*}}out of memory"
// CHECK:         memref.store %[[AT]], %[[HELD]][%c1
// CHECK:         %[[W:.*]] = memref.view {{.*}} to memref<8192xi8>

// The size of the result is counted; it may be 0, and is no error then.
// CHECK:         %[[FITS:.*]] = arith.cmpi ult, %[[N]]
// CHECK:         cf.assert %[[FITS]], "{{.*}}out of memory"
// CHECK:         llvm.call @dp_allocate(
// CHECK:         arith.ori
// CHECK:         cf.assert %{{.*}}, "{{.*}}out of memory"
// CHECK:         memref.store %{{.*}}, %[[HELD]][%c2
// CHECK:         %[[RESULT:.*]] = memref.view %{{.*}}[%c0{{.*}}][%[[N]]] : memref<?xi8> to memref<?xf64>

// All else is on the list until it is freed.
// CHECK:         scf.for
// CHECK:           %[[ENTRY:.*]] = llvm.call @dp_acquire(
// CHECK:           cf.assert %{{.*}}, "{{.*}}out of memory"
// CHECK:           memref.view %{{.*}}[%c64{{.*}}][%[[N]]] : memref<?xi8> to memref<?xf64>
// CHECK:           llvm.call @dp_release(
// CHECK:         memref.dealloc %[[W]]
// CHECK:         return %[[RESULT]]
func.func @f(%n: index) -> memref<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f64
  %w = memref.alloc() {bufferization.manual_deallocation} : memref<8192xi8>
  %r = memref.alloc(%n) : memref<?xf64>
  scf.for %i = %c0 to %n step %c1 {
    %a = memref.alloc(%n) : memref<?xf64>
    memref.store %zero, %a[%i] : memref<?xf64>
    memref.copy %a, %r : memref<?xf64> to memref<?xf64>
    memref.dealloc %a : memref<?xf64>
  }
  memref.dealloc %w {bufferization.manual_deallocation} : memref<8192xi8>
  return %r : memref<?xf64>
}

// A kernel checks for itself.
// CHECK-LABEL: func.func private @kernel(
// CHECK-NEXT:    memref.alloc() : memref<8xf64>
// CHECK-NEXT:    memref.dealloc
func.func private @kernel() attributes {no_inline} {
  %a = memref.alloc() : memref<8xf64>
  memref.dealloc %a : memref<8xf64>
  return
}

// CHECK: llvm.func internal @dp_acquire(
// CHECK: llvm.func internal @dp_release(
// CHECK: llvm.func internal @dp_release_all(
