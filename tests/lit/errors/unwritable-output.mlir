// RUN: rm -rf %t && mkdir %t && mkdir %t/libdir.so
// RUN: %refused dpc %s --emit=mlir -o %t/none/x.mlir 2>&1 | FileCheck %s
// RUN: %refused dpc %s --emit=mlir -o %t 2>&1 | FileCheck %s
// RUN: %refused dpc %s -o %t/none/libx.so 2>&1 | FileCheck %s --check-prefix=LIBRARY
// RUN: %refused dpc %s -o %t/libdir.so 2>&1 | FileCheck %s
// RUN: %refused dpc %s -o %t/libmy-model.so 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: dpc %s --emit=mlir -o %t/x.mlir && dpopt %t/x.mlir
// RUN: ls -A %t | FileCheck %s --check-prefix=FILES

// CHECK: dpc: error: cannot write {{.*}}
// CHECK-NEXT: dpc: {{note|help}}: choose a file in a writable directory

// LIBRARY: dpc: error: cannot write {{.*}}libx.so: no such directory

// NAME: dpc: error: -o {{.*}}libmy-model.so: `my-model` is not a valid C name: it must start with a letter
// NAME-NEXT: dpc: help: choose another name

// Nothing but what was asked for is left: no header without its library either.
// FILES: libdir.so
// FILES-NEXT: x.mlir
// FILES-NOT: {{.}}
func.func @f(%x: f64) -> f64 {
  return %x : f64
}
