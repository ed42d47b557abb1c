// RUN: %refused dpc %s --vjp count 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: %refused dpc %s --vjp integer 2>&1 | FileCheck %s --check-prefix=INTEGER
// RUN: %refused dpc %s --vjp cube:wrt=1 2>&1 | FileCheck %s --check-prefix=WRT
// RUN: %refused dpc %s --vjp taken 2>&1 | FileCheck %s --check-prefix=TAKEN
// RUN: %refused dpc %s --vjp dropped 2>&1 | FileCheck %s --check-prefix=DROPPED
// RUN: %refused dpc %s --vjp power --target=cuda -o %t.d/libx.so 2>&1 | FileCheck %s --check-prefix=RECURSIVE
// RUN: %refused dpc %s --vjp cube --target=xla 2>&1 | FileCheck %s --check-prefix=XLA
// RUN: %refused dpc %s --vjp cube --run cube_pull --args 1.0 2>&1 | FileCheck %s --check-prefix=PULL
// RUN: sed 's/array<i64: 1, 0>/array<i64: 1, 7>/' %S/Inputs/marked.mlir > %t.mlir
// RUN: %refused dpc %t.mlir --emit=llvm -o - 2>&1 | FileCheck %s --check-prefix=MARK

// NONE: pullbacks.mlir:[[#@LINE+20]]:1: error: --vjp count: no argument is differentiable
// INTEGER: pullbacks.mlir:[[#@LINE+23]]:1: error: --vjp integer: no result is differentiable
// INTEGER: help: return floats or complex numbers
// WRT: error: --vjp cube:wrt=1: argument 1 does not exist
// TAKEN: error: --vjp taken: the name 'taken_pull' is already taken
// TAKEN: help: rename one of them
// DROPPED: error: --vjp dropped: the name 'dropped_drop' is already taken
// RECURSIVE: pullbacks.mlir:[[#@LINE+36]]:1: error: power_vjp: a pullback that keeps records, of recursive calls or of pullbacks, cannot be kept by this target
// RECURSIVE: help: use '--grad', or write a recursion as a loop and pull a pullback where it is made
// XLA: dpc: error: --vjp: an XLA program cannot keep what a pullback needs between calls
// XLA: help: use --grad
// PULL: dpc: error: --run cube_pull: a handle cannot be passed on the command line
// PULL: help: use --run cube_vjp, which takes the cotangents after the arguments and pulls them back
// MARK: error: f_vjp: the attribute 'dp.pullback' does not fit the function
// MARK: help: remove it, and use '--vjp'

func.func @cube(%x: f64) -> f64 {
  %y = scalar.mul %x, %x : f64
  return %y : f64
}
func.func @count(%n: i32) -> i32 {
  return %n : i32
}

func.func @integer(%x: f64) -> i32 {
  %n = scalar.convert %x : f64 to i32
  return %n : i32
}

func.func @taken(%x: f64) -> f64 {
  return %x : f64
}
func.func @taken_pull(%x: f64) -> f64 {
  return %x : f64
}

func.func @dropped(%x: f64) -> f64 {
  return %x : f64
}
func.func @dropped_drop(%x: f64) -> f64 {
  return %x : f64
}

func.func @power(%x: f64, %n: i32) -> f64 {
  %zero = scalar.constant 0 : i32
  %is_last = scalar.compare le %n, %zero : i32
  %y = scf.if %is_last -> f64 {
    scf.yield %x : f64
  } else {
    %one = scalar.constant 1 : i32
    %m = scalar.sub %n, %one : i32
    %p = func.call @power(%x, %m) : (f64, i32) -> f64
    %q = scalar.sin %p : f64
    %r = scalar.mul %q, %x : f64
    scf.yield %r : f64
  }
  return %y : f64
}
