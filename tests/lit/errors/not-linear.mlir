// A region that is not linear in its tangents, on every way through the compiler: it is applied, and nothing would notice.
// RUN: %refused dpc %s --emit=mlir -o - 2>&1 | FileCheck %s
// RUN: %refused dpc %s --run f --args 1,2 2>&1 | FileCheck %s
// RUN: %refused dpc %s --run f --args 1,2 --target=interp 2>&1 | FileCheck %s
// RUN: %refused dpc %s --target=xla --entry f -o - 2>&1 | FileCheck %s
// RUN: %refused dpc %s --grad f:wrt=0 --emit=mlir -o - 2>&1 | FileCheck %s

func.func @f(%x: f64, %dx: f64) -> f64 {
  %y = ad.linear (%dx : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // CHECK: not-linear.mlir:[[#@LINE+2]]:10: error: 'scalar.add' is not linear in a tangent
    // CHECK: help: what is added to a tangent, or chosen instead of one, must depend on tangents too, or be a constant 0
    %s = scalar.add %d, %x : f64
    ad.yield %s : f64
  }
  return %y : f64
}
