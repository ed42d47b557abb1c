// RUN: split-file %s %t
// RUN: %refused dpc %t/extents.mlir --target=xla -o %t/out.mlir 2>&1 | FileCheck %t/extents.mlir
// RUN: not test -e %t/out.mlir
// RUN: %refused dpc %t/extents.mlir --target=xla --specialize x=4,y=5 2>&1 | FileCheck %t/extents.mlir --check-prefix=DISAGREE
// RUN: %refused dpc %t/extents.mlir --target=xla --specialize x=4x4 2>&1 | FileCheck %t/extents.mlir --check-prefix=RANK
// RUN: %refused dpc %t/recursion.mlir --target=xla 2>&1 | FileCheck %t/recursion.mlir
// RUN: %refused dpc %t/element.mlir --target=xla 2>&1 | FileCheck %t/element.mlir
// RUN: %refused dpc %t/element.mlir --target=xla --entry g 2>&1 | FileCheck %t/element.mlir --check-prefix=ENTRY
// RUN: %refused dpc %t/fine.mlir --target=xla --run f --args 1 --pjrt-plugin %t/none.so 2>&1 | FileCheck %t/fine.mlir
// RUN: env DP_PJRT_PLUGIN= %refused dpc %t/fine.mlir --target=xla --run f --args 1 2>&1 | FileCheck %t/fine.mlir --check-prefix=NONE
// RUN: %refused dpc %t/fine.mlir --target=xla --emit=exe 2>&1 | FileCheck %t/fine.mlir --check-prefix=EXE

//--- extents.mlir
// CHECK: extents.mlir:[[#@LINE+9]]:1: error: argument 'x' has dynamic extents
// CHECK: extents.mlir:[[#@LINE+8]]:1: help: XLA requires static shapes; fix the extents with --specialize x=2x3
// DISAGREE: extents.mlir:[[#@LINE+8]]:8: error: 'scalar.add' requires operands of the same shape, not tensor<4xf32> and tensor<5xf32>
// RANK: extents.mlir:[[#@LINE+6]]:1: error: the argument 'x' of type tensor<?xf32> does not match x=4x4





func.func @f(%x: tensor<?xf32> {dp.name = "x"}, %y: tensor<?xf32> {dp.name = "y"}) -> tensor<?xf32> {
  %z = scalar.add %x, %y : tensor<?xf32>
  return %z : tensor<?xf32>
}

//--- recursion.mlir
// CHECK: recursion.mlir:[[#@LINE+7]]:10: error: cannot inline the call of 'f'; XLA supports neither recursion nor external functions
// CHECK: help: write the recursion as a loop, or use --target=cpu
func.func @f(%n: i32) -> i32 {
  %one = scalar.constant 1 : i32
  %small = scalar.compare le %n, %one : i32
  %y = scf.if %small -> i32 { scf.yield %n : i32 } else {
    %a = scalar.sub %n, %one : i32
    %b = func.call @f(%a) : (i32) -> i32
    scf.yield %b : i32
  }
  return %y : i32
}

//--- element.mlir
// CHECK: element.mlir:[[#@LINE+4]]:8: error: 'tensor.extract' has a dynamic index, which XLA cannot check
// CHECK: help: use 'array.slice' or 'array.gather', which clamp positions
// ENTRY: error: the entry 'g' is not a public function
func.func @f(%x: tensor<4xf32>, %i: index) -> f32 {
  %y = tensor.extract %x[%i] : tensor<4xf32>
  return %y : f32
}

//--- fine.mlir
// CHECK: dpc: error: --run f: cannot load {{.*}}none.so
// NONE: dpc: error: --run f: no PJRT plugin
// NONE-NEXT: dpc: help: set --pjrt-plugin or DP_PJRT_PLUGIN
// EXE: dpc: error: --tpu: an executable needs a topology to compile for
// EXE-NEXT: dpc: help: add for example --tpu=v5e:1x1
func.func @f(%x: f32) -> f32 {
  return %x : f32
}
