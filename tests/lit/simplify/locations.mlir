// RUN: dpopt %s --simplify --mlir-print-debuginfo | FileCheck %s

// What replaces an operation has its place in the source.
// CHECK: scalar.sub %{{.*}} : f64 loc(#[[PLACE:.*]])
// CHECK: #[[PLACE]] = loc("model.mlir":7:3)
func.func @f(%a: f64, %b: f64) -> f64 {
  %0 = scalar.neg %b : f64 loc("model.mlir":6:3)
  %1 = scalar.add %a, %0 : f64 loc("model.mlir":7:3)
  return %1 : f64
}
