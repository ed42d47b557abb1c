// RUN: dpopt %s --lower-interface --split-input-file --verify-diagnostics | FileCheck %s

// The parameters of C, in its order; the function returns a status.
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    %[[X:.*]]: !llvm.ptr {llvm.noalias, llvm.nocapture, llvm.readonly}, %[[N:.*]]: i64, %[[Z:.*]]: !llvm.ptr {{{.*}}}, %[[Y:.*]]: !llvm.ptr {llvm.noalias, llvm.nocapture}, %[[R:.*]]: !llvm.ptr {llvm.noalias, llvm.nocapture}) -> i32
// CHECK:         llvm.insertvalue %[[X]], %{{.*}}[1]
// CHECK:         llvm.insertvalue %[[N]], %{{.*}}[3, 0]
// CHECK:         %[[RE:.*]] = complex.re
// CHECK:         llvm.store %[[RE]], %[[R]]
// CHECK:         %[[OK:.*]] = llvm.mlir.constant(0 : i32)
// CHECK:         return %[[OK]]
module attributes {dp.abi = "dp-abi 1 m\0Af: f32 x[?], complex<f32> z -> f32 y[x.0], complex<f32> r\0A"} {
  func.func @f(%x: memref<?xf32>, %z: complex<f32>, %y: memref<?xf32>) -> complex<f32> {
    %c0 = arith.constant 0 : index
    %v = memref.load %x[%c0] : memref<?xf32>
    memref.store %v, %y[%c0] : memref<?xf32>
    return %z : complex<f32>
  }
}

// -----

// expected-error @+2 {{the module has no library description}}
// expected-note @+1 {{run 'lower-entries' first}}
module {
}
