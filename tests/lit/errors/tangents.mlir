// Tangents and cotangents that a caller gives have the extents of what they belong to, on every target: also where
// nothing else in the program compares them.
// RUN: %refused dpc %s --jvp sum --run sum_jvp --args [1,2,3],[1,2] 2>&1 | FileCheck %s --check-prefix=JVP
// RUN: %refused dpc %s --jvp sum --run sum_jvp --args [1,2,3],[1,2] -O0 2>&1 | FileCheck %s --check-prefix=JVP
// RUN: %refused dpc %s --jvp sum --run sum_jvp --args [1,2,3],[1,2] --target=interp 2>&1 | FileCheck %s --check-prefix=JVP
// RUN: %refused dpc %s --jvp sum --specialize a0=3,d_a0=2 --entry sum_jvp --target=xla -o %t.mlir 2>&1 | FileCheck %s --check-prefix=JVP
// RUN: dpc %s --jvp sum --specialize a0=3,d_a0=3 --entry sum_jvp --target=xla -o - | FileCheck %s --check-prefix=XLA
// RUN: dpc %s --jvp sum --run sum_jvp --args [1,2,3],[1,2,4] | FileCheck %s --check-prefix=FITS
// RUN: dpc %s --jvp sum --target=cuda --emit=linalg -o - | FileCheck %s --check-prefix=CUDA
// RUN: %refused dpc %s --jvp scale --jvp scale_jvp --run scale_jvp_jvp --args [1,2],[1,2],[1,2],[1] 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: %refused dpc %s --run pulled --args [1,2,3],[1,2],true 2>&1 | FileCheck %s --check-prefix=PULL
// RUN: %refused dpc %s --run pulled --args [1,2,3],[1,2],true --target=interp 2>&1 | FileCheck %s --check-prefix=PULL
// RUN: dpc %s --run pulled --args [1,2,3],[1,2],false | FileCheck %s --check-prefix=UNTAKEN
// What follows from the program is not checked.
// RUN: dpc %s --emit=mlir --grad sum -o - | FileCheck %s --check-prefix=KNOWN

// JVP: tangents.mlir:[[#@LINE+7]]:1: error: a tangent differs from its argument in the extent of dimension 0
// JVP: tangents.mlir:[[#@LINE+6]]:1: help: check the
// XLA: stablehlo.reduce
// FITS: d_r0 = 7
// CUDA-LABEL: func.func @sum_jvp
// CUDA: %[[SAME:.*]] = arith.cmpi eq
// CUDA: cf.assert %[[SAME]], "{{.*}}tangents.mlir:[[#@LINE+1]]:1: error: a tangent differs
func.func @sum(%x: tensor<?xf64>) -> f64 {
  %0 = array.reduce add %x dims [0] : tensor<?xf64>
  %1 = tensor.extract %0[] : tensor<f64>
  return %1 : f64
}

// TWICE: tangents.mlir:[[#@LINE+1]]:1: error: a tangent differs from its argument in the extent of dimension 0
func.func @scale(%x: tensor<?xf64>) -> tensor<?xf64> {
  %0 = scalar.add %x, %x : tensor<?xf64>
  return %0 : tensor<?xf64>
}

func.func @pulled(%x: tensor<?xf64>, %ct: tensor<?xf64>, %choice: i1) -> tensor<?xf64> {
  %g = scf.if %choice -> tensor<?xf64> {
    %y, %p = ad.vjp @scale(%x) wrt [0] : (tensor<?xf64>) -> (tensor<?xf64>, !ad.pullback<(tensor<?xf64>) -> tensor<?xf64>>)
    // PULL: tangents.mlir:[[#@LINE+1]]:10: error: a cotangent differs from the result it belongs to in the extent of dimension 0
    %z = ad.pull %p(%ct) : !ad.pullback<(tensor<?xf64>) -> tensor<?xf64>>
    scf.yield %z : tensor<?xf64>
  } else {
    scf.yield %x : tensor<?xf64>
  }
  // UNTAKEN: r0 = [1, 2, 3]
  return %g : tensor<?xf64>
}

// The cotangent has its extents from the result.
// KNOWN-LABEL: func.func @known
// KNOWN-NOT: cf.assert
func.func @known(%x: tensor<?xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f64
  %y, %p = ad.vjp @scale(%x) wrt [0] : (tensor<?xf64>) -> (tensor<?xf64>, !ad.pullback<(tensor<?xf64>) -> tensor<?xf64>>)
  %n = tensor.dim %y, %c0 : tensor<?xf64>
  %ct = array.broadcast %one dims [] extents(%n) : f64 to tensor<?xf64>
  %g = ad.pull %p(%ct) : !ad.pullback<(tensor<?xf64>) -> tensor<?xf64>>
  // KNOWN: return
  return %g : tensor<?xf64>
}

// KNOWN-LABEL: func.func @sum_grad
// KNOWN-NOT: cf.assert
// KNOWN: return
