// RUN: rm -rf %t && mkdir %t
// RUN: %refused dpc %s --emit=mlir -o %t/none/x.mlir 2>&1 | FileCheck %s
// RUN: %refused dpc %s --emit=mlir -o %t 2>&1 | FileCheck %s
// RUN: dpc %s --emit=mlir -o %t/x.mlir && dpopt %t/x.mlir
// RUN: ls -A %t | FileCheck %s --check-prefix=FILES

// CHECK: dpc: error: cannot write {{.*}}
// CHECK-NEXT: dpc: note: does the folder exist, and may you write there?

// Nothing but what was asked for is left.
// FILES: x.mlir
// FILES-NOT: {{.}}
func.func @f(%x: f64) -> f64 {
  return %x : f64
}
