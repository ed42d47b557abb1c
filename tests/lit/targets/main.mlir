// Options may call the only public function `main`, and its derivatives; names of the program stand for themselves.
// RUN: split-file %s %t
// RUN: dpc %t/only.mlir --grad main --run main_grad --args 3 --target=interp | FileCheck %s
// RUN: dpc %t/only.mlir --grad main_loop --run main_loop_grad --args 3 --target=interp | FileCheck %s
// RUN: dpc %t/only.mlir --run main_helper --args 3 --target=interp | FileCheck %s --check-prefix=HELPER
// RUN: %refused dpc %t/two.mlir --grad main --run main_grad --args 3 2>&1 | FileCheck %s --check-prefix=TWO
// CHECK: r0 = 9
// CHECK-NEXT: d_a0 = 6
// HELPER: r0 = 4
// TWO: error: --grad main: {{.*}}'main'
//--- only.mlir
func.func private @main_helper(%x: f64) -> f64 {
  %one = scalar.constant 1.0 : f64
  %y = scalar.add %x, %one : f64
  return %y : f64
}
func.func @main_loop(%x: f64) -> f64 {
  %y = scalar.mul %x, %x : f64
  return %y : f64
}
//--- two.mlir
func.func @f(%x: f64) -> f64 { return %x : f64 }
func.func @g(%x: f64) -> f64 { return %x : f64 }
