// RUN: dpopt %s --hoist-checks | FileCheck %s
// RUN: not dpc %S/Inputs/empty-updates.mlir --run inserts --args=0.5,0 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: dpc %S/Inputs/empty-updates.mlir --run inserts --args=0.5,2 | FileCheck %s --check-prefix=ROOM
// RUN: not dpc %S/Inputs/empty-updates.mlir --run grows --args=[1.0,2.0],20 2>&1 | FileCheck %s --check-prefix=GROWS

// An update that does not fit into the tensor that a loop carries writes nothing.
// EMPTY: error: the slice of 'array.update_slice' is out of bounds
// ROOM: r0 = [0.5, 0.5]
// GROWS: error: the slice of 'array.update_slice' is out of bounds

// What depends on arguments alone is checked before memory is touched.
// CHECK-LABEL: func.func @f(
// CHECK:         %[[N:.*]] = memref.dim
// CHECK:         %[[OK:.*]] = arith.cmpi
// CHECK:         cf.assert %[[OK]], "too few"
// CHECK:         memref.alloc
// CHECK:         memref.load
// CHECK:         cf.assert %{{.*}}, "no"
func.func @f(%x: memref<?xi1>) {
  %c0 = arith.constant 0 : index
  %m = memref.alloc() : memref<4xf32>
  %p = memref.load %x[%c0] : memref<?xi1>
  cf.assert %p, "no"
  %n = memref.dim %x, %c0 : memref<?xi1>
  %ok = arith.cmpi sgt, %n, %c0 : index
  cf.assert %ok, "too few"
  memref.dealloc %m : memref<4xf32>
  return
}

// In a loop, before the elements of the update are computed, which may be at their place.
// CHECK-LABEL: func.func @rounds(
// CHECK:         scf.for
// CHECK-NEXT:      %[[FITS:.*]] = arith.cmpi
// CHECK-NEXT:      cf.assert %[[FITS]], "does not fit"
// CHECK-NEXT:      tensor.empty
func.func @rounds(%x: tensor<?xf64>, %v: f64) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %e = tensor.empty() : tensor<1xf64>
    %f = linalg.fill ins(%v : f64) outs(%e : tensor<1xf64>) -> tensor<1xf64>
    %fits = arith.cmpi sge, %n, %c1 : index
    cf.assert %fits, "does not fit"
    %u = tensor.insert_slice %f into %t[%i] [1] [1] : tensor<1xf64> into tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

// An assertion about the extent of what the block makes stands right after that: before the fill, which is done in it.
// CHECK-LABEL: func.func @made(
// CHECK:         %[[O:.*]] = scf.if
// CHECK:         %[[N:.*]] = tensor.dim %[[O]]
// CHECK-NEXT:    %[[FITS:.*]] = arith.cmpi sle, %{{.*}}, %[[N]]
// CHECK-NEXT:    cf.assert %[[FITS]], "first"
// CHECK-NEXT:    %[[LESS:.*]] = arith.cmpi slt, %{{.*}}, %[[N]]
// CHECK-NEXT:    cf.assert %[[LESS]], "second"
// CHECK-NEXT:    tensor.empty
// CHECK-NEXT:    linalg.fill
// CHECK-NEXT:    tensor.insert_slice
func.func @made(%x: tensor<?xf64>, %s: f64, %p: i1) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %o = scf.if %p -> (tensor<?xf64>) {
    %y = scalar.sin %x : tensor<?xf64>
    scf.yield %y : tensor<?xf64>
  } else {
    scf.yield %x : tensor<?xf64>
  }
  %empty = tensor.empty() : tensor<64xf64>
  %row = linalg.fill ins(%s : f64) outs(%empty : tensor<64xf64>) -> tensor<64xf64>
  %n = tensor.dim %o, %c0 : tensor<?xf64>
  %fits = arith.cmpi sle, %c64, %n : index
  cf.assert %fits, "first"
  %less = arith.cmpi slt, %c64, %n : index
  cf.assert %less, "second"
  %w = tensor.insert_slice %row into %o[0] [64] [1] : tensor<64xf64> into tensor<?xf64>
  return %w : tensor<?xf64>
}
