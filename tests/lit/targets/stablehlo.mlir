// What dpc makes of a program for XLA.
// RUN: rm -rf %t && mkdir %t
// RUN: dpc %s --target=xla --specialize x=4x3 --entry loss -o %t/model.mlir && FileCheck %s < %t/model.mlir
// RUN: dpc %s --target=xla --specialize x=4x3 --entry loss --emit=stablehlo | cmp - %t/model.mlir
// RUN: dpc %s --target=xla --entry lanes --emit=stablehlo | FileCheck %s --check-prefix=WHILE
// RUN: dpc %s --grad loss --target=xla --specialize x=4x3 --entry loss_grad --emit=stablehlo | FileCheck %s --check-prefix=GRADIENT
// RUN: dpc %s --grad loss --target=xla --run loss_grad --args [[1,2,3],[4,5,6]] | FileCheck %s --check-prefix=CALL
// RUN: dpc %s --target=xla --run lanes --args [0.5,40,3] | FileCheck %s --check-prefix=LANES
// RUN: dpc %s --target=interp --run lanes --args [0.5,40,3] | FileCheck %s --check-prefix=LANES
// What is called is the entry, of several functions and beside what is written.
// RUN: dpc %s --target=xla --run lanes --args [0.5,40,3] --specialize x=4x3 --emit=stablehlo -o %t/called.mlir | FileCheck %s --check-prefix=LANES
// RUN: dpc %s --target=xla --entry lanes --specialize x=4x3 --emit=stablehlo | cmp - %t/called.mlir
// RUN: dpc %s --target=xla --specialize x=4x3 --emit=mlir --run lanes --args [0.5,40,3] -o %t/written.mlir | FileCheck %s --check-prefix=LANES
// RUN: dpc %s --emit=mlir | cmp - %t/written.mlir
// RUN: dpc %s --target=xla --specialize x=4x3 --entry lanes --emit=mlir --run lanes --args [0.5,40,3] -o %t/written.mlir | FileCheck %s --check-prefix=LANES
// RUN: dpc %s --emit=mlir | cmp - %t/written.mlir

// CHECK: module @stablehlo {
// CHECK: func.func public @main(%[[X:.*]]: tensor<4x3xf64>) -> (tensor<f64>) {
// CHECK: stablehlo.multiply %[[X]], %[[X]] : tensor<4x3xf64>
// CHECK: stablehlo.reduce({{.*}}) applies stablehlo.add across dimensions = [0, 1]
// CHECK-NOT: @lanes
// GRADIENT: func.func public @main(%{{.*}}: tensor<4x3xf64>) -> (tensor<f64>, tensor<4x3xf64>) {
// CALL: 91
// CALL-NEXT: d_x = {{\[\[}}2, 4, 6], [8, 10, 12]]
func.func @loss(%x: tensor<?x3xf64> {dp.name = "x"}) -> f64 {
  %y = scalar.mul %x, %x : tensor<?x3xf64>
  %s = array.reduce add %y dims [0, 1] : tensor<?x3xf64>
  %n = tensor.extract %s[] : tensor<f64>
  return %n : f64
}

// Each lane of a map goes its own way: both branches are computed, and a loop runs while any lane that has come to it
// wants to.
// WHILE: stablehlo.while
// WHILE: stablehlo.reduce({{.*}}) applies stablehlo.or across dimensions = [0]
// WHILE: stablehlo.select
// LANES: r0 = [16, 40, 6]
func.func @lanes(%x: tensor<3xf64>) -> tensor<3xf64> {
  %y = array.map(%x) : (tensor<3xf64>) -> tensor<3xf64> {
  ^bb0(%a: f64):
    %ten = scalar.constant 10.0 : f64
    %three = scalar.constant 3.0 : f64
    %small = scalar.compare lt %a, %three : f64
    %r = scf.if %small -> f64 {
      // Without end where the branch is not taken and `a` is 0.
      %w = scf.while (%v = %a) : (f64) -> f64 {
        %go = scalar.compare lt %v, %ten : f64
        scf.condition(%go) %v : f64
      } do {
      ^bb0(%v: f64):
        %d = scalar.add %v, %v : f64
        scf.yield %d : f64
      }
      scf.yield %w : f64
    } else {
      %large = scalar.compare gt %a, %ten : f64
      %e = scf.if %large -> f64 {
        scf.yield %a : f64
      } else {
        %d = scalar.add %a, %a : f64
        scf.yield %d : f64
      }
      scf.yield %e : f64
    }
    array.yield %r : f64
  }
  return %y : tensor<3xf64>
}
