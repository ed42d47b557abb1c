// What LLVM would read of a function is refused at the function.
// RUN: %refused dpc %s --emit=llvm -o %t.ll 2>&1 | FileCheck %s
// RUN: sed 's/passthrough = .*} {/func.varargs = true} {/' %s > %t.mlir
// RUN: %refused dpc %t.mlir --emit=llvm -o %t.ll 2>&1 | FileCheck %s --check-prefix=VARARGS

// CHECK: admission-attributes.mlir:[[#@LINE+2]]:1: error: the function attribute 'passthrough' is reserved for LLVM
// VARARGS: error: the function attribute 'func.varargs' is reserved for LLVM
func.func @f(%x: f64) -> f64 attributes {passthrough = ["alwaysinline", "noinline"]} {
  return %x : f64
}
