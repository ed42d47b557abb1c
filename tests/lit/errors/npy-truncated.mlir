// RUN: %python %S/Inputs/vector.py %t.npy 0
// RUN: dpc %s --target=interp --run f --args @%t.npy | FileCheck %s --check-prefix=WHOLE
// RUN: %python %S/Inputs/vector.py %t.npy 5
// RUN: %refused dpc %s --target=interp --run f --args @%t.npy 2>&1 | FileCheck %s
// RUN: %refused dpc %s --target=interp --run f --args @%t.missing.npy 2>&1 | FileCheck %s --check-prefix=MISSING

// WHOLE: r0 = [0, 1, 2, 3]

// CHECK: dpc: error: --args: `x`: {{.*}}.npy: the file is truncated: expected 32 bytes of elements, found 27
// CHECK-NEXT: dpc: help: 'f' takes x: tensor<4xf64>

// MISSING: dpc: error: --args: `x`: {{.*}}missing.npy: No such file
// MISSING-NEXT: dpc: help: 'f' takes x: tensor<4xf64>
func.func @f(%x: tensor<4xf64> {dp.name = "x"}) -> tensor<4xf64> {
  return %x : tensor<4xf64>
}
