// Kernels without a region, in a module whose attribute has upstream's verifier look up a kernel in them.
// RUN: not dpc %s --target=interp --emit=mlir 2>&1 | FileCheck %s
// RUN: not dpopt %s 2>&1 | FileCheck %s
// CHECK: kernels-without-region.mlir:[[# @LINE + 12]]:3: error: 'gpu.module' op requires one region

"builtin.module"() ({
  "func.func"() <{function_type = (memref<?xf32>, index) -> (), sym_name = "f"}> ({
  ^bb0(%0: memref<?xf32>, %1: index):
    %2 = "arith.constant"() <{value = 1 : index}> : () -> index
    "gpu.launch_func"(%2, %2, %2, %2, %2, %2, %0, %1) <{kernel = @kernels::@f,
      operandSegmentSizes = array<i32: 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2, 0>}>
      : (index, index, index, index, index, index, memref<?xf32>, index) -> ()
    "func.return"() : () -> ()
  }) : () -> ()
  // No region.
  "gpu.module"() <{sym_name = "kernels"}> : () -> ()
}) {gpu.container_module} : () -> ()
