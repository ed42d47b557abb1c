// What a derivative keeps stays within --max-tape, or it is refused where it does not.
// RUN: split-file %s %t
// RUN: dpc %t/loop.mlir --grad f --max-tape=1K --run f_grad --args 0.3,1000 | FileCheck %s --check-prefix=LOOP
// RUN: dpc %t/loop.mlir --grad f --run f_grad --args 0.3,1000 | FileCheck %s --check-prefix=LOOP
// RUN: dpc %t/loop.mlir --grad f --target=interp --max-tape=100 --run f_grad --args 0.3,1000 | FileCheck %s --check-prefix=LOOP
// A bound says how many rounds the plan is for, also where extents must be known: XLA.
// RUN: dpc %t/loop.mlir --grad f --target=xla --bound 4=1200 --max-tape=1K --run f_grad --args 0.3,1000 | FileCheck %s --check-prefix=LOOP
// RUN: dpc %t/until.mlir --grad f:wrt=0 --target=interp --bound 3=60 --max-tape=300 --run f_grad --args 0.3,61 | FileCheck %s --check-prefix=UNTIL
// RUN: dpc %t/until.mlir --grad f:wrt=0 --bound 3=60 --max-tape=300 --run f_grad --args 0.3,61 | FileCheck %s --check-prefix=UNTIL
// RUN: dpc %t/until.mlir --grad f:wrt=0 --target=xla --bound 3=60 --max-tape=300 --run f_grad --args 0.3,61 | FileCheck %s --check-prefix=UNTIL
// RUN: dpc %t/until.mlir --grad f:wrt=0 --jvp f_grad:wrt=0 --target=xla --bound 3=60 --max-tape=300 --run f_grad_jvp --args 0.3,61,1 | FileCheck %s --check-prefix=UNTIL
// RUN: dpc %t/until.mlir --grad f:wrt=0 --target=xla --bound 3=60 --max-tape=1M --run f_grad --args 0.3,61 | FileCheck %s --check-prefix=UNTIL
// RUN: %refused dpc %t/until.mlir --grad f:wrt=0 --target=xla --bound 3=60 --max-tape=300 --run f_grad --args 0.3,62 2>&1 | FileCheck %s --check-prefix=MORE
// RUN: %refused dpc %t/until.mlir --grad f:wrt=0 --target=xla --bound 3=60 --max-tape=16 --run f_grad --args 0.3,61 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: dpopt %t/asked.mlir "--ad=max-tape=1K" | FileCheck %s --check-prefix=PLANNED
// RUN: %refused dpc %t/loop.mlir --grad f --max-tape=16 -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: %refused dpc %t/straight.mlir --grad f --max-tape=1K -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=STRAIGHT
// RUN: dpc %t/straight.mlir --grad f --max-tape=16K -o %t/libx.so
// RUN: %refused dpc %t/open.mlir --grad f --max-tape=1G -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=OPEN
// RUN: %refused dpc %t/branch.mlir --grad f --max-tape=1G -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=BRANCH
// RUN: dpc %t/carried.mlir --grad f --grad g --grad h --run f_grad --args [0.3,0.5],40 | FileCheck %s --check-prefix=CARRIED
// RUN: dpc %t/carried.mlir --grad f --grad g --grad h --max-tape=300 --run f_grad --args [0.3,0.5],40 | FileCheck %s --check-prefix=CARRIED
// RUN: dpc %t/carried.mlir --grad f --grad g --grad h --max-tape=300 --check-gradients -o %t/libx.so
// RUN: dpc %t/carried.mlir --grad f --grad g --grad h --max-tape=300 --check-gradients --target=interp --emit=mlir -o /dev/null
// RUN: sed s/f64/f32/g %t/carried.mlir | dpc - --grad f --grad g --grad h --max-tape=300 --check-gradients -o %t/libx.so
// RUN: not dpc %t/carried.mlir --grad f --max-tape=40 --run f_grad --args [0.3,0.5],40 2>&1 | FileCheck %s --check-prefix=STATES
// RUN: %refused dpc %t/recursive.mlir --grad f --max-tape=1G -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=RECURSIVE
// RUN: not dpc %t/loop.mlir --grad f --max-tape=1X -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=UNIT

// LOOP: r0 = 0.05
// LOOP: d_a0 = 0.00

// UNTIL: 0.178685834652465
// UNTIL: 0.20879459751908
// MORE: until.mlir:3:10: error: this loop has more rounds than its bound, 60
// MORE: help: raise the bound of the loop, by --bound or 'dp.bound', or pass values that need fewer rounds
// FEW: until.mlir:3:10: error: one round and one state of this loop are 32 bytes, and '--max-tape' leaves 16 for them

// PLANNED: scf.for
// PLANNED: array.update_slice

// SMALL: loop.mlir:4:8: error: one round and one state of this loop are 24 bytes, and '--max-tape' leaves 16 for them
// SMALL: help: raise the limit, or let the loop carry and use smaller tensors
// STRAIGHT: straight.mlir:{{.*}}: error: the derivative keeps {{[0-9]+}} bytes outside of loops, of which this value has 8000; '--max-tape' allows 1024
// STRAIGHT: help: raise the limit, or put what computes the value into an 'ad.checkpoint'
// OPEN: open.mlir:{{.*}}: error: the derivative keeps a value of type tensor<?xf64> outside of loops, 8 * dim(a0, 0) bytes; '--max-tape' needs a number that is known when the program is compiled
// OPEN: help: write the extents in the types of the arguments on which they depend
// BRANCH: branch.mlir:2:8: error: the derivative keeps a value of type tensor<?xf64> outside of loops, 8 * dim(x, 0) bytes
// CARRIED: r0 = 0.43972827269
// CARRIED-NEXT: d_a0 = [0.30039391950816{{[0-9]*}}, 0.10362396689308
// STATES: carried.mlir:4:8: error: a derivative keeps more bytes than '--max-tape' allows
// STATES: help: raise the limit, or pass values that need fewer rounds
// RECURSIVE: recursive.mlir:{{.*}}: error: this derivative keeps records, of recursive calls or of pullbacks, of which '--max-tape' finds no bound
// UNIT: '1X'
// UNIT: 'X' is no unit of bytes

//--- loop.mlir
func.func @f(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> f64 {
    %s = scalar.sin %p : f64
    scf.yield %s : f64
  }
  return %r : f64
}
//--- until.mlir
func.func @f(%x: f64, %n: f64) -> f64 {
  %one = scalar.constant 1.0 : f64
  %r:2 = scf.while (%p = %x, %left = %n) : (f64, f64) -> (f64, f64) {
    %go = scalar.compare gt %left, %one : f64
    scf.condition(%go) %p, %left : f64, f64
  } do {
  ^bb0(%p: f64, %left: f64):
    %s = scalar.sin %p : f64
    %less = scalar.sub %left, %one : f64
    scf.yield %s, %less : f64, f64
  }
  return %r#0 : f64
}
//--- asked.mlir
func.func private @f(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> f64 {
    %s = scalar.sin %p : f64
    scf.yield %s : f64
  }
  return %r : f64
}
func.func @g(%x: f64, %n: index) -> f64 {
  %y, %g = ad.grad @f(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %g : f64
}
//--- straight.mlir
func.func @f(%x: tensor<1000xf64>) -> f64 {
  %s = scalar.sin %x : tensor<1000xf64>
  %e = scalar.exp %s : tensor<1000xf64>
  %t = array.reduce add %e dims [0] : tensor<1000xf64>
  %y = tensor.extract %t[] : tensor<f64>
  return %y : f64
}
//--- open.mlir
func.func @f(%x: tensor<?xf64>) -> f64 {
  %e = scalar.exp %x : tensor<?xf64>
  %t = array.reduce add %e dims [0] : tensor<?xf64>
  %y = tensor.extract %t[] : tensor<f64>
  return %y : f64
}
//--- branch.mlir
func.func @f(%x: tensor<?xf64> {dp.name = "x"}, %p: i1) -> f64 {
  %s = scf.if %p -> tensor<?xf64> {
    %a = scalar.sin %x : tensor<?xf64>
    %b = scalar.exp %a : tensor<?xf64>
    scf.yield %b : tensor<?xf64>
  } else {
    scf.yield %x : tensor<?xf64>
  }
  %t = array.reduce add %s dims [0] : tensor<?xf64>
  %f = tensor.extract %t[] : tensor<f64>
  return %f : f64
}
//--- carried.mlir
func.func @f(%x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %s = scalar.sin %t : tensor<?xf64>
    scf.yield %s : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
// The initial state is computed, and so is not there without being kept.
func.func @g(%x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scalar.add %x, %x : tensor<?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %y) -> tensor<?xf64> {
    %s = scalar.sin %t : tensor<?xf64>
    scf.yield %s : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
// What a branch keeps in some rounds.
func.func @h(%x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %p = arith.cmpi slt, %i, %c1 : index
    %s = scf.if %p -> tensor<?xf64> {
      %a = scalar.sin %t : tensor<?xf64>
      %b = scalar.exp %a : tensor<?xf64>
      scf.yield %b : tensor<?xf64>
    } else {
      scf.yield %t : tensor<?xf64>
    }
    scf.yield %s : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
//--- recursive.mlir
func.func @f(%x: f64, %n: i32) -> f64 {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %ends = arith.cmpi eq, %n, %zero : i32
  %r = scf.if %ends -> f64 {
    scf.yield %x : f64
  } else {
    %m = arith.subi %n, %one : i32
    %p = func.call @f(%x, %m) : (f64, i32) -> f64
    %s = scalar.sin %p : f64
    scf.yield %s : f64
  }
  return %r : f64
}
