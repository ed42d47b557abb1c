// RUN: dpopt %s --simplify --mlir-print-debuginfo --mlir-print-local-scope --split-input-file | FileCheck %s

// What replaces an operation has its place in the source.
// CHECK-LABEL: func.func @replaced(
// CHECK: scalar.sub %{{.*}} : f64 loc("model.mlir":7:3)
func.func @replaced(%a: f64, %b: f64) -> f64 {
  %0 = scalar.neg %b : f64 loc("model.mlir":6:3)
  %1 = scalar.add %a, %0 : f64 loc("model.mlir":7:3)
  return %1 : f64
}

// -----

// What moves out of an operation keeps its own place, and so does its check.
// CHECK-LABEL: func.func @moved(
// CHECK: array.slice %{{.*}} loc("model.mlir":2:3)
func.func @moved(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %0 = scalar.neg %x : tensor<?xf32> loc("model.mlir":1:3)
  %1 = array.slice %0 starts [0] strides [1] extents(%n) : tensor<?xf32> to tensor<?xf32> loc("model.mlir":2:3)
  %2 = scalar.neg %1 : tensor<?xf32> loc("model.mlir":3:3)
  return %2 : tensor<?xf32>
}

// -----

// The operands of a difference must agree because those of the sum had to, not of the negation.
// CHECK-LABEL: func.func @checked(
// CHECK: scalar.sub %{{.*}} loc("model.mlir":2:3)
func.func @checked(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %0 = scalar.neg %x : tensor<?xf32> loc("model.mlir":1:3)
  %1 = scalar.add %0, %y : tensor<?xf32> loc("model.mlir":2:3)
  %2 = scalar.neg %1 : tensor<?xf32> loc("model.mlir":3:3)
  return %2 : tensor<?xf32>
}

// -----

// Of equal operations the first one stays, and what stays is where it was: between others that fail.
// CHECK-LABEL: func.func @merged(
// CHECK:      array.slice {{.*}} loc("model.mlir":2:3)
// CHECK-NEXT: cf.assert {{.*}} loc("model.mlir":3:3)
// CHECK-NEXT: array.reshape {{.*}} loc("model.mlir":5:3)
// CHECK-NEXT: array.reduce {{.*}} loc("model.mlir":7:3)
// CHECK-NEXT: scalar.exp {{.*}} loc("model.mlir":10:3)
// CHECK-NEXT: return
func.func @merged(%x: tensor<?xf32>, %n: index, %m: index, %p: i1) -> tensor<?xf32> {
  %0 = array.slice %x starts [0] strides [1] extents(%n) : tensor<?xf32> to tensor<?xf32> loc("model.mlir":2:3)
  cf.assert %p, "no" loc("model.mlir":3:3)
  %1 = array.slice %x starts [0] strides [1] extents(%n) : tensor<?xf32> to tensor<?xf32> loc("model.mlir":4:3)
  %2 = array.reshape %0 extents(%m) : tensor<?xf32> to tensor<?x2xf32> loc("model.mlir":5:3)
  %3 = array.reshape %1 extents(%m) : tensor<?xf32> to tensor<?x2xf32> loc("model.mlir":6:3)
  %4 = array.reduce max %2 dims [1] : tensor<?x2xf32> loc("model.mlir":7:3)
  %5 = array.reduce max %3 dims [1] : tensor<?x2xf32> loc("model.mlir":8:3)
  %6 = scalar.max %4, %5 : tensor<?xf32> loc("model.mlir":9:3)
  %7 = scalar.exp %6 : tensor<?xf32> loc("model.mlir":10:3)
  return %7 : tensor<?xf32>
}

// -----

// What differentiation made says so.
// CHECK-LABEL: func.func @adjoint(
// CHECK: scalar.sub %{{.*}} loc(fused<#ad.origin<"scalar.mul", 1>>["model.mlir":2:3])
func.func @adjoint(%a: f64, %b: f64) -> f64 {
  %0 = scalar.neg %b : f64 loc(fused<#ad.origin<"scalar.sin", 1>>["model.mlir":1:3])
  %1 = scalar.add %a, %0 : f64 loc(fused<#ad.origin<"scalar.mul", 1>>["model.mlir":2:3])
  return %1 : f64
}
