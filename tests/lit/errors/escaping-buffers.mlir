// RUN: %refused dpc %s --run f --args 1 2>&1 | FileCheck %s
// RUN: sed 's/private/public/' %s > %t.mlir
// RUN: %refused dpc %t.mlir --grad g -o - 2>&1 | FileCheck %s --check-prefix=PUBLIC
// RUN: sed -n '/^func.func @lifted/,$p' %s > %t.lifted.mlir
// RUN: %refused dpc %t.lifted.mlir --run lifted --args 1,2 2>&1 | FileCheck %s --check-prefix=LIFTED

// Functions with buffers are refused before anything is asked of them.
// CHECK: escaping-buffers.mlir:[[#@LINE+4]]:1: error: argument 1 has type memref<4xf64>: functions do not take or return buffers
// CHECK: escaping-buffers.mlir:[[#@LINE+3]]:1: help: take and return tensors; {{.*}}. Calls are not inlined before buffers are raised
// CHECK-NOT: error
// PUBLIC: error: argument 1 has type memref<4xf64>: functions do not take or return buffers
func.func private @g(%x: f64, %b: memref<4xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %y = memref.load %b[%c0] : memref<4xf64>
  return %y : f64
}

func.func @f(%x: f64) -> f64 {
  %b = memref.alloc() : memref<4xf64>
  %y = call @g(%x, %b) : (f64, memref<4xf64>) -> f64
  return %y : f64
}

// The loop passes on the buffer of its last iteration: one error, at the branch.
// LIFTED: lifted.mlir:10:3: error: 'scf.while' does not pass on buffers
// LIFTED: lifted.mlir:10:3: help: allocate the buffer before, and use it inside directly
// LIFTED-NOT: error
func.func @lifted(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  cf.br ^head(%c0 : index)
^head(%i: index):
  %b = memref.alloca() : memref<f64>
  memref.store %x, %b[] : memref<f64>
  %i1 = arith.addi %i, %c1 : index
  %c = arith.cmpi slt, %i1, %n : index
  cf.cond_br %c, ^head(%i1 : index), ^done
^done:
  %y = memref.load %b[] : memref<f64>
  return %y : f64
}
