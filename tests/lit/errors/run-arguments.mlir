// RUN: %refused dpc %s --target=interp --run g 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: %refused dpc %s --target=interp --run f --args 1.0 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: %refused dpc %s --target=interp --run f --args 1.5,[1,2],3.5 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: %refused dpc %s --target=interp --run f --args 1.5,[1,2,3],3 2>&1 | FileCheck %s --check-prefix=EXTENT
// RUN: %refused dpc %s --target=interp --run f --args 1.5,[1,2,3 2>&1 | FileCheck %s --check-prefix=BRACKET

// FUNCTION: dpc: error: --run g: no function 'g'
// FUNCTION-NEXT: dpc: help: {{.*}}run-arguments.mlir defines f

// COUNT: dpc: error: --args: {{.*}}but got 1
// COUNT-NEXT: dpc: help: 'f' takes x: f64, v: tensor<2xf32>, n: i32

// TYPE: dpc: error: --args: `n` has type i32, but `3.5` is not of type i32
// TYPE-NEXT: dpc: help: 'f' takes

// EXTENT: dpc: error: --args: `v` has type tensor<2xf32>, but the value has type tensor<3xf32>
// EXTENT-NEXT: dpc: help: 'f' takes

// BRACKET: dpc: error: --args: unbalanced brackets in `1.5,[1,2,3`
// BRACKET-NEXT: dpc: help: 'f' takes
func.func @f(%x: f64 {dp.name = "x"}, %v: tensor<2xf32> {dp.name = "v"}, %n: i32 {dp.name = "n"}) -> f64 {
  return %x : f64
}
