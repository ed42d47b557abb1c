// What LLVM would read of a function is refused at the function.
// RUN: %refused dpc %s --emit=llvm -o %t.ll 2>&1 | FileCheck %s
// RUN: sed 's/passthrough = .*} {/func.varargs = true} {/' %s > %t.mlir
// RUN: %refused dpc %t.mlir --emit=llvm -o %t.ll 2>&1 | FileCheck %s --check-prefix=VARARGS

// CHECK: admission-attributes.mlir:[[#@LINE+2]]:1: error: the attribute 'passthrough' of a function is LLVM's
// VARARGS: error: the attribute 'func.varargs' of a function is LLVM's
func.func @f(%x: f64) -> f64 attributes {passthrough = ["alwaysinline", "noinline"]} {
  return %x : f64
}
