// What dpc makes of a program.
// RUN: rm -rf %t && mkdir %t
// RUN: dpc %s --grad f --emit=mlir | FileCheck %s --check-prefix=MLIR
// RUN: dpc %s --grad f --emit=simplified | FileCheck %s --check-prefix=SIMPLIFIED
// RUN: dpc %s --grad f --emit=linalg | FileCheck %s --check-prefix=LINALG
// RUN: dpc %s --grad f --emit=llvm | FileCheck %s --check-prefix=LLVM
// RUN: dpc %s --grad f --emit=asm | FileCheck %s --check-prefix=ASM
// RUN: dpc %s --grad f --emit=obj -o %t/f.o && llvm-nm %t/f.o | FileCheck %s --check-prefix=SYMBOLS
// RUN: dpc %s --grad f --emit=header | FileCheck %s --check-prefix=HEADER
// RUN: dpc %s --grad f --target=cuda --emit=header | FileCheck %s --check-prefixes=HEADER,DEVICE --implicit-check-not="no state"

// A library, its header, and the program after each phase on request.
// RUN: dpc %s --grad f -o %t/libmodel.so --save-temps -v 2>&1 | FileCheck %s --check-prefix=PHASES
// RUN: ls -A %t | FileCheck %s --check-prefix=FILES
// RUN: llvm-nm -D --defined-only %t/libmodel.so | FileCheck %s --check-prefix=DYNAMIC
// RUN: llvm-readelf -d %t/libmodel.so | FileCheck %s --check-prefix=NEEDED
// RUN: clang -std=c11 -Wall -Wextra -Werror -fsyntax-only -x c %t/model.h
// RUN: clang -std=c++17 -Wall -Wextra -Werror -fsyntax-only -x c++ %t/model.h

// The same program gives the same bytes.
// RUN: mkdir %t/again && dpc - --grad f -o %t/again/libmodel.so < %s
// RUN: dpc - --grad f -o %t/libmodel.so < %s && cmp %t/libmodel.so %t/again/libmodel.so

// MLIR: func.func @f_grad
// MLIR: scalar.cos
// SIMPLIFIED: func.func @f_grad
// SIMPLIFIED: scalar.cos
// LINALG: linalg.generic
// LLVM: define {{.*}}@f_grad(
// ASM: f_grad:
// SYMBOLS: T f_grad
// DEVICE: The library needs NVIDIA's driver, and keeps
// A number is one for a device too.
// HEADER: * func.func @f_grad(tensor<?xf64>) -> (f64, tensor<?xf64>)
// The place of what the program has, which the gradient is of.
// HEADER-NEXT: * {{.*}}emit.mlir:{{[0-9]+}}:1
// HEADER: int f_grad(const double *x, int64_t x_d0, double *r0, double *d_x);
// DEVICE: int f_grad__device(const double *x, int64_t x_d0, double *r0, double *d_x, void *stream);
// PHASES: dpc: parse {{.*}} ms
// PHASES-NEXT: dpc: lift {{.*}} ms, {{[0-9]+}} operations
// PHASES-NEXT: dpc: raise {{.*}} ms, {{[0-9]+}} operations
// PHASES-NEXT: dpc: ad-hoist {{.*}} ms, {{[0-9]+}} operations
// PHASES-NEXT: dpc: ad-sink {{.*}} ms, {{[0-9]+}} operations
// PHASES-NEXT: dpc: ad {{.*}} ms, {{[0-9]+}} operations
// PHASES-NEXT: dpc: verify {{.*}} ms
// PHASES-NEXT: dpc: inline {{.*}} ms, {{[0-9]+}} operations
// PHASES-NEXT: dpc: simplify {{.*}} ms, {{[0-9]+}} operations
// PHASES-NEXT: dpc: invariants {{.*}} ms, {{[0-9]+}} operations
// PHASES-NEXT: dpc: verify {{.*}} ms
// PHASES: dpc: fuse {{.*}} ms, {{[0-9]+}} operations
// PHASES: dpc: symbols {{.*}} ms, {{[0-9]+}} operations
// PHASES-NEXT: dpc: lower {{.*}} ms
// PHASES-NEXT: dpc: linker {{.*}}ld.{{.*}}
// PHASES-NEXT: dpc: code+link {{.*}} ms
// FILES: libmodel.01-lift.mlir
// FILES-NEXT: libmodel.02-raise.mlir
// FILES-NEXT: libmodel.03-ad-hoist.mlir
// FILES-NEXT: libmodel.04-ad-sink.mlir
// FILES-NEXT: libmodel.05-ad.mlir
// FILES-NEXT: libmodel.06-inline.mlir
// FILES-NEXT: libmodel.07-simplify.mlir
// FILES: libmodel.{{[0-9]+}}-fuse.mlir
// FILES: libmodel.{{[0-9]+}}-symbols.mlir
// FILES-NEXT: libmodel.so
// FILES-NEXT: model.h
// DYNAMIC-DAG: T f
// DYNAMIC-DAG: T f_grad
// DYNAMIC-DAG: T model_message
// NEEDED-NOT: NEEDED {{.*}}[lib{{[^cm]}}
func.func @f(%x: tensor<?xf64> {dp.name = "x"}) -> f64 {
  %s = scalar.sin %x : tensor<?xf64>
  %r = array.reduce add %s dims [0] : tensor<?xf64>
  %y = tensor.extract %r[] : tensor<f64>
  return %y : f64
}
