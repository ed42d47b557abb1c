// What a derivative keeps, computes again and chooses; and which gradients are zero by structure. The report changes
// nothing in the program.
// RUN: split-file %s %t
// RUN: dpc %t/loop.mlir --grad f --emit=mlir -o %t/with.mlir --ad-report 2> %t/report.txt
// RUN: FileCheck %t/loop.mlir < %t/report.txt
// RUN: dpc %t/loop.mlir --grad f --emit=mlir -o %t/without.mlir 2> %t/warnings.txt
// RUN: FileCheck %t/loop.mlir --check-prefix=QUIET < %t/warnings.txt
// RUN: cmp %t/with.mlir %t/without.mlir
// RUN: dpc %t/loop.mlir --grad f --emit=mlir -o %t/with.mlir --ad-report=%t/file.txt 2> %t/warnings.txt
// RUN: FileCheck %t/loop.mlir --check-prefix=FILE < %t/file.txt
// RUN: FileCheck %t/loop.mlir --check-prefix=QUIET < %t/warnings.txt
// RUN: dpopt %t/nest.mlir "--ad=report=true" 2> %t/nest.txt > /dev/null
// RUN: FileCheck %t/nest.mlir < %t/nest.txt
// RUN: dpopt %t/rows.mlir "--ad=report=true" 2> %t/rows.txt > /dev/null
// RUN: FileCheck %t/rows.mlir < %t/rows.txt
// RUN: dpopt %t/recursive.mlir "--ad=report=true" 2> %t/recursive.txt > /dev/null
// RUN: FileCheck %t/recursive.mlir < %t/recursive.txt
// RUN: dpc %t/loop.mlir --grad f --max-tape=1K --emit=mlir -o /dev/null --ad-report 2> %t/limit.txt
// RUN: FileCheck %t/loop.mlir --check-prefix=LIMIT < %t/limit.txt
// RUN: dpc %t/snapshots.mlir --emit=mlir -o /dev/null --ad-report 2> %t/snapshots.txt
// RUN: FileCheck %t/snapshots.mlir < %t/snapshots.txt
// RUN: dpc %t/snapshots.mlir --emit=mlir -o /dev/null --ad-report --diagnostics=json 2> %t/lines.json
// RUN: FileCheck %t/snapshots.mlir --check-prefix=JSON < %t/lines.json
// RUN: dpc %t/snapshots.mlir --emit=mlir -o /dev/null --ad-report=%t/report.json --diagnostics=json
// RUN: %python -c "import json; print([line['data']['kind'] for line in json.load(open('%t/report.json'))])" | FileCheck %t/snapshots.mlir --check-prefix=KINDS
// RUN: dpc %t/recursive.mlir --jvp power --grad power_jvp --emit=mlir -o /dev/null --ad-report 2> %t/names.txt
// RUN: FileCheck %t/recursive.mlir --check-prefix=NAMES < %t/names.txt

//--- loop.mlir
// CHECK:      remark: 'ad.grad' of '@f' in '@f_grad' keeps 4 values, 17 + 8 * trips([[PLACE:.*loop.mlir]]:[[#LOOP:]]:8) bytes
// CHECK:      [[PLACE]]:[[#LOOP]]:8: remark: kept: f64 in 'scf.for' at [[PLACE]]:[[#LOOP]]:8, 8 * trips([[PLACE]]:[[#LOOP]]:8) bytes, used by the derivative of 'scalar.mul' at [[PLACE]]:[[#LOOP+1]]:10
// CHECK:      [[#LOOP-2]]:11: remark: kept: i1, computed by the rule of 'scalar.max', 1 byte, used by the derivative of 'scalar.max'
// CHECK:      [[#LOOP-2]]:11: remark: kept: f64, computed by the rule of 'scalar.max', 8 bytes, used by the derivative of 'scalar.max'
// CHECK:      [[#LOOP-1]]:10: remark: kept: f64, computed by the rule of 'scalar.sin', 8 bytes, used by the derivative of 'scalar.sin'
// CHECK:      [[#LOOP-2]]:11: remark: choice of the derivative of 'scalar.max': at a tie, the mean of both
// CHECK:      warning: the gradient of '@f' with respect to argument 1, 'other', is zero by structure
// CHECK-NEXT: func.func @f(
// CHECK:      help: leave the argument out of 'wrt'
// CHECK-NOT:  warning

// QUIET-NOT:  remark
// QUIET:      warning: the gradient of '@f' with respect to argument 1
// QUIET-NOT:  {{remark|warning:}}

// FILE:       loop.mlir:{{.*}}: remark: 'ad.grad' of '@f' in '@f_grad' keeps
// FILE-NEXT:  loop.mlir:{{.*}}: remark: kept: f64 in 'scf.for'
// FILE-NOT:   warning

// LIMIT:      remark: computed again: this loop, from snapshots of what it carries in {{[0-9]+}} bytes
// LIMIT:      warning: the gradient of '@f' with respect to argument 1
// LIMIT-NOT:  warning:

func.func @f(%x: f64 {dp.name = "x"}, %other: f64 {dp.name = "other"}, %n: index {dp.name = "n"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %stopped = ad.stop_gradient %other : f64
  %most = scalar.max %x, %stopped : f64
  %sin = scalar.sin %most : f64
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %sin) -> f64 {
    %b = scalar.mul %a, %a : f64
    scf.yield %b : f64
  }
  return %r : f64
}

//--- nest.mlir
// CHECK:      remark: 'ad.grad' of '@nest' in '@gradients' keeps 5 values, 4 + 36 * dim(x, 0) + 80 * trips([[PLACE:.*nest.mlir]]:[[#ROWS:]]:8) bytes
// CHECK:      [[#ROWS+2]]:14: remark: kept: f64 in 'scf.for' at [[PLACE]]:[[#ROWS+1]]:10, computed by the rule of 'scalar.sin', 80 * trips([[PLACE]]:[[#ROWS]]:8) bytes
// CHECK:      remark: kept: tensor<?x4xf32> in 'scf.if' at {{.*}}, 16 * dim(x, 0) bytes, used by the derivative of 'scalar.exp'
// CHECK:      remark: kept: f32 in 'array.map' at {{.*}}, computed by the rule of 'scalar.cos', 16 * dim(x, 0) bytes
// CHECK:      remark: kept: tensor<?x4xi1>, computed by the rule of 'array.reduce', 4 * dim(x, 0) bytes
// CHECK:      remark: choice of the derivative of 'array.reduce': at a tie for max or min, the mean over the tied elements

// A loop in a loop: one residual, of which there are as many as rounds of both; beside it, a tensor, of a branch.
func.func private @nest(%x: tensor<?x4xf32> {dp.name = "x"}, %w: f64 {dp.name = "w"}, %n: index {dp.name = "n"}, %p: i1) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %w) -> f64 {
    %s = scf.for %j = %c0 to %c10 step %c1 iter_args(%z = %a) -> f64 {
      %sin = scalar.sin %z : f64
      scf.yield %sin : f64
    }
    scf.yield %s : f64
  }
  %y = scf.if %p -> tensor<?x4xf32> {
    %exp = scalar.exp %x : tensor<?x4xf32>
    scf.yield %exp : tensor<?x4xf32>
  } else {
    scf.yield %x : tensor<?x4xf32>
  }
  %m = array.map(%y) : (tensor<?x4xf32>) -> tensor<?x4xf32> {
  ^bb0(%t: f32):
    %u = scalar.cos %t : f32
    array.yield %u : f32
  }
  %sum = array.reduce max %m dims [0, 1] : tensor<?x4xf32>
  %v = tensor.extract %sum[] : tensor<f32>
  %wide = scalar.convert %v : f32 to f64
  %all = scalar.add %wide, %r : f64
  return %all : f64
}
func.func @gradients(%x: tensor<?x4xf32> {dp.name = "x"}, %w: f64, %n: index {dp.name = "n"}, %p: i1) -> (tensor<?x4xf32>, f64) {
  %v:3 = ad.grad @nest(%x, %w, %n, %p) wrt [0, 1] : (tensor<?x4xf32>, f64, index, i1) -> (f64, tensor<?x4xf32>, f64)
  return %v#1, %v#2 : tensor<?x4xf32>, f64
}

//--- snapshots.mlir
// CHECK:      remark: 'ad.grad' of '@f' in '@gradient' keeps 3 values, 88 bytes
// CHECK:      [[PLACE:.*snapshots.mlir]]:[[#BODY:]]:10: remark: kept: f64 in 'scf.for' at {{.*}}, computed by the rule of 'scalar.sin', 24 bytes, used by the derivative of 'scalar.sin'
// CHECK:      remark: kept: index in snapshots of 'scf.for' at [[PLACE]]:[[#BODY-1]]:8, of which there are 4, 32 bytes, used by what is computed again
// CHECK:      remark: kept: f64 in snapshots of 'scf.for' at [[PLACE]]:[[#BODY-1]]:8, of which there are 4, 32 bytes, used by what is computed again
// CHECK:      remark: computed again: this loop, from 4 snapshots of what it carries; 3 rounds at once keep their values
// JSON:       "data":{"about":"ad-report","bytes":"88","differentiated":"'@f'","function":"f","in":"'@gradient'","kind":"derivative","request":"ad.grad","values":3}
// JSON:       "data":{"about":"ad-report","bytes":"24","construct":"scf.for","construct_at":"{{.*}}","kind":"kept","rule":"scalar.sin","type":"f64","used_by":["'scalar.sin' at {{.*}}"]}
// JSON:       "data":{"about":"ad-report",{{.*}}"kind":"kept","snapshots":"4","type":"index"
// KINDS:      ['derivative', 'kept', 'kept', 'kept', 'computed again']
func.func private @f(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> f64 {
    %s = scalar.sin %t : f64
    scf.yield %s : f64
  } {dp.checkpoint = array<i64: 4, 3>}
  return %r : f64
}
func.func @gradient(%x: f64, %n: index) -> f64 {
  %v:2 = ad.grad @f(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#1 : f64
}

//--- rows.mlir
// CHECK: keeps 2 values, 8 * trips([[INNER:.*rows.mlir:[0-9]+:10]]) * trips([[OUTER:.*rows.mlir:[0-9]+:8]]) + 8 * trips([[OUTER]]) bytes
// CHECK: remark: kept: f64 in 'scf.for' at [[INNER]], computed by the rule of 'scalar.sin', 8 * trips([[INNER]]) * trips([[OUTER]]) bytes
// CHECK: [[OUTER]]: remark: kept: index in 'scf.for' at [[OUTER]], 8 * trips([[OUTER]]) bytes
// CHECK: [[OUTER]]: remark: the extents of what is kept differ from round to round: all rounds are kept one after the other
// CHECK-NOT: computed again: 'scf.for'
func.func private @f(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> f64 {
    %q = scf.for %j = %c0 to %i step %c1 iter_args(%u = %p) -> f64 {
      %s = scalar.sin %u : f64
      scf.yield %s : f64
    }
    scf.yield %q : f64
  }
  return %r : f64
}
func.func @g(%x: f64, %n: index) -> (f64, f64) {
  %v:2 = ad.grad @f(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#0, %v#1 : f64, f64
}

//--- recursive.mlir
// NAMES:      remark: 'ad.grad' of the derivative that '@power_jvp' returns in '@power_jvp_grad' keeps
// NAMES:      remark: each call of the derivative in forward mode of '@power', which is recursive, in a derivative keeps
// CHECK:      remark: each call of '@power', which is recursive, in a derivative keeps {{.*}} bytes
func.func private @power(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %is_last = arith.cmpi eq, %n, %c0 : index
  %r = scf.if %is_last -> f64 {
    %one = scalar.constant 1.0 : f64
    scf.yield %one : f64
  } else {
    %m = arith.subi %n, %c1 : index
    %below = func.call @power(%x, %m) : (f64, index) -> f64
    %y = scalar.mul %below, %x : f64
    scf.yield %y : f64
  }
  return %r : f64
}
func.func @gradient(%x: f64, %n: index) -> f64 {
  %v:2 = ad.grad @power(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %v#1 : f64
}
