// Options that find the step of a pipeline that goes wrong.

// A step has its own name and that of its pass. What is written is the program as it is then.
// RUN: dpc %s --grad f --stop-after=ad | FileCheck %s --check-prefix=AD
// RUN: dpc %s --grad f --stop-after=fuse-loops | FileCheck %s --check-prefix=FUSED
// RUN: dpc %s --grad f --stop-after=fuse -o %t.mlir && FileCheck %s --check-prefix=FUSED --input-file=%t.mlir
// AD-LABEL: func.func @f_grad
// AD-NOT: ad.grad
// AD: scalar.cos
// FUSED-LABEL: func.func @f_grad
// FUSED: linalg.generic

// RUN: dpc %s --print-after=raise-to-scalar --print-after=simplify --emit=header 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=PRINT
// PRINT: ----- after raise (raise-to-scalar) -----
// PRINT: func.func @f
// PRINT: ----- after simplify (simplify) -----
// PRINT: func.func @f
// PRINT-NOT: -----

// RUN: not dpc %s --stop-after=map-kernels 2>&1 >/dev/null | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: dpc: error: --stop-after=map-kernels: no such step was run
// UNKNOWN-NEXT: dpc: help: these have: lift, raise, ad, inline, simplify, invariants, recursion, {{.*}}, symbols{{$}}

// RUN: not dpc %s --stop-after=ad -o %t.so 2>&1 | FileCheck %s --check-prefix=KIND
// KIND: dpc: error: --stop-after=ad writes MLIR, not so
// KIND-NEXT: dpc: help: use an output file with the suffix .mlir, or omit --emit

// Optional steps are counted, and the first of them run.
// RUN: env DP_PASS_LIMIT=1 dpc %s --run f --args='[1.0, 2.0]' 2>&1 | FileCheck %s --check-prefix=LIMIT
// LIMIT: optional step 1: simplify runs
// LIMIT-NEXT: optional step 2: invariants is skipped
// LIMIT: r0 = 1.7507684116335782
// RUN: not env DP_PASS_LIMIT=-1 dpc %s 2>&1 | FileCheck %s --check-prefix=NUMBER
// NUMBER: dpc: error: DP_PASS_LIMIT=-1: not a number
// NUMBER-NEXT: dpc: help: give the number of optional steps to run

// The program before the step that fails, and a command that fails in the same way.
// RUN: not dpc %s --specialize y=3 --reproducer=%t.failed.mlir 2>&1 | FileCheck %s --check-prefix=FAILED
// RUN: FileCheck %s --check-prefix=REPRODUCER --input-file=%t.failed.mlir
// RUN: not dpopt --pass-pipeline="builtin.module(specialize-extents{extents='y=3'})" %t.failed.mlir 2>&1 \
// RUN:   | FileCheck %s --check-prefix=AGAIN
// FAILED: the program before step 'specialize' is in {{.*}}.failed.mlir
// FAILED: error: no function has an argument 'y'
// REPRODUCER: // {{RUN}}: dpopt --pass-pipeline="builtin.module(specialize-extents{extents='y=3'})" %s
// REPRODUCER: func.func @f
// AGAIN: error: no function has an argument 'y'

// A value that an option does not take is an error.
// RUN: not dpopt %s --lower-dot=vector-bytes=33 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not dpopt %s --outline-straight-line=bound=0 2>&1 | FileCheck %s --check-prefix=BOUND
// VALUE: error: invalid value '33' for option 'vector-bytes' of 'lower-dot'
// VALUE: note: give 16, 32 or 64
// BOUND: error: invalid value '0' for option 'bound' of 'outline-straight-line'
// BOUND: note: give a positive number

func.func @f(%x: tensor<?xf64>) -> f64 {
  %0 = math.sin %x : tensor<?xf64>
  %1 = array.reduce add %0 dims [0] : tensor<?xf64>
  %2 = tensor.extract %1[] : tensor<f64>
  return %2 : f64
}
