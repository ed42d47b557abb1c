// Loops that carry tensors of run-time extents: functions that they call keep the extents, or rounds change them.
// RUN: split-file %s %t
// RUN: dpc %t/kept.mlir --grad call --run call_grad --args [0.5,1,0] | FileCheck %s --check-prefix=CALL
// RUN: dpc %t/kept.mlir --grad call --grad swap --grad sums --grad conditional --check-gradients -o %t/libkept.so
// RUN: dpc %t/kept.mlir --grad call --grad swap --grad sums --grad conditional --check-gradients --target=interp --emit=mlir -o /dev/null
// RUN: sed s/f64/f32/g %t/kept.mlir | dpc - --grad call --grad swap --grad sums --grad conditional --check-gradients -o %t/libkept.so
// RUN: dpc %t/kept.mlir --grad swap --jvp swap_grad --check-gradients -o %t/libkept.so
// RUN: dpc %t/kept.mlir --grad conditional --max-tape=1K --check-gradients -o %t/libkept.so
// RUN: dpc %t/recursive.mlir --grad recursive --grad recursive_alone --grad mutual --grad growing --check-gradients --target=interp --emit=mlir -o /dev/null
// RUN: dpc %t/changed.mlir --grad grow --grad shrink --grad halve --grad turns --check-gradients -o %t/libchanged.so
// RUN: dpc %t/changed.mlir --grad grow --grad shrink --grad halve --grad turns --check-gradients --target=interp --emit=mlir -o /dev/null
// RUN: sed s/f64/f32/g %t/changed.mlir | dpc - --grad grow --grad shrink --grad halve --grad turns --check-gradients -o %t/libchanged.so
// RUN: dpc %t/changed.mlir --grad shrink --jvp shrink_grad --check-gradients -o %t/libchanged.so
// RUN: dpc %t/changed.mlir --grad shrink --run shrink_grad --args [0.5,2,3] | FileCheck %s --check-prefix=SHRINK
// RUN: dpc %t/changed.mlir --vjp shrink --run shrink_vjp --args [0.5,2,3],1 | FileCheck %s --check-prefix=SHRINK
// RUN: %refused dpc %t/changed.mlir --grad grow --max-tape=1K -o %t/libchanged.so 2>&1 | FileCheck %s --check-prefix=LIMIT
// RUN: dpc %t/changed.mlir --grad grow --emit=mlir -o /dev/null --ad-report 2>&1 | FileCheck %s --check-prefix=REPORT

// REPORT: remark: kept: tensor<?xf64> in 'scf.for' at [[PLACE:.*changed.mlir:4:8]], 8 * value([[PLACE]]) * trips([[PLACE]]) bytes
// REPORT: remark: kept: tensor<?xf64>, 8 * dim(value([[PLACE]]), 0) bytes, used by the derivative of 'scalar.mul'
// REPORT: [[PLACE]]: remark: this loop may change the extents of what it carries: a copy of it, executed before, finds the greatest extents

// CALL: r0 = {{[0-9.]+}}
// CALL-NEXT: d_a0 = [0.877582561890372{{[0-9]+}}, 0.540302305868139{{[0-9]+}}, 1]

// The result is a b² c, of (a, b, c).
// SHRINK: r0 = 6
// SHRINK-NEXT: d_a0 = [12, 6, 2]

// LIMIT: error: value 0 of type tensor<?xf64> that this loop carries may change its extents from round to round, and '--max-tape' keeps snapshots of it
// LIMIT: help: give each round's value the extents of the value before it

//--- kept.mlir
func.func private @upd(%t: tensor<?xf64>, %i: index) -> tensor<?xf64> {
  %a = tensor.extract %t[%i] : tensor<?xf64>
  %s = scalar.sin %a : f64
  %t1 = tensor.insert %s into %t[%i] : tensor<?xf64>
  return %t1 : tensor<?xf64>
}
func.func private @branch(%k: index, %t: tensor<?xf64>, %u: tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>) {
  %c2 = arith.constant 2 : index
  %c0 = arith.constant 0 : index
  %rem = arith.remsi %k, %c2 : index
  %p = arith.cmpi eq, %rem, %c0 : index
  %r:2 = scf.if %p -> (tensor<?xf64>, tensor<?xf64>) {
    %v = func.call @upd(%t, %k) : (tensor<?xf64>, index) -> tensor<?xf64>
    scf.yield %u, %v : tensor<?xf64>, tensor<?xf64>
  } else {
    %m = scalar.mul %t, %t : tensor<?xf64>
    scf.yield %u, %m : tensor<?xf64>, tensor<?xf64>
  }
  return %r#0, %r#1 : tensor<?xf64>, tensor<?xf64>
}
func.func @call(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf64>) {
    %v = func.call @upd(%t, %i) : (tensor<?xf64>, index) -> tensor<?xf64>
    scf.yield %v : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
func.func @swap(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %y = scalar.sin %x : tensor<?xf64>
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x, %u = %y) -> (tensor<?xf64>, tensor<?xf64>) {
    %w:2 = func.call @branch(%i, %t, %u) : (index, tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>)
    scf.yield %w#0, %w#1 : tensor<?xf64>, tensor<?xf64>
  }
  %sq = scalar.mul %r#0, %r#1 : tensor<?xf64>
  %s = array.reduce add %sq dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
func.func private @window(%x: tensor<?xf64>, %n: index, %m: index) -> tensor<?xf64> {
  %sum = arith.addi %n, %m : index
  %e = array.slice %x starts [0] strides [1] extents(%sum) : tensor<?xf64> to tensor<?xf64>
  %s = scalar.sin %e : tensor<?xf64>
  return %s : tensor<?xf64>
}
func.func @sums(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %n1 = arith.subi %n, %c1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf64>) {
    %v = func.call @window(%t, %c1, %n1) : (tensor<?xf64>, index, index) -> tensor<?xf64>
    %w = scalar.mul %v, %x : tensor<?xf64>
    scf.yield %w : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
func.func @conditional(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %r:2 = scf.while (%i = %c0, %t = %x) : (index, tensor<?xf64>) -> (index, tensor<?xf64>) {
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %i, %t : index, tensor<?xf64>
  } do {
  ^bb0(%i: index, %t: tensor<?xf64>):
    %v = func.call @upd(%t, %i) : (tensor<?xf64>, index) -> tensor<?xf64>
    %m = scalar.mul %v, %t : tensor<?xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %j, %m : index, tensor<?xf64>
  }
  %s = array.reduce add %r#1 dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
//--- recursive.mlir
func.func private @rec(%k: index, %t: tensor<?xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = arith.cmpi sle, %k, %c0 : index
  %r = scf.if %p -> tensor<?xf64> {
    scf.yield %t : tensor<?xf64>
  } else {
    %s = scalar.sin %t : tensor<?xf64>
    %m = arith.subi %k, %c1 : index
    %v = func.call @rec(%m, %s) : (index, tensor<?xf64>) -> tensor<?xf64>
    scf.yield %v : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}
func.func @recursive(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf64>) {
    %v = func.call @rec(%i, %t) : (index, tensor<?xf64>) -> tensor<?xf64>
    %w = scalar.mul %v, %t : tensor<?xf64>
    scf.yield %w : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
func.func @recursive_alone(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf64>) {
    %v = func.call @rec(%i, %t) : (index, tensor<?xf64>) -> tensor<?xf64>
    scf.yield %v : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
func.func private @even(%k: index, %t: tensor<?xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = arith.cmpi sle, %k, %c0 : index
  %r = scf.if %p -> tensor<?xf64> {
    scf.yield %t : tensor<?xf64>
  } else {
    %s = scalar.sin %t : tensor<?xf64>
    %m = arith.subi %k, %c1 : index
    %v = func.call @odd(%s, %m) : (tensor<?xf64>, index) -> tensor<?xf64>
    scf.yield %v : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}
func.func private @odd(%t: tensor<?xf64>, %k: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = arith.cmpi sle, %k, %c0 : index
  %r = scf.if %p -> tensor<?xf64> {
    scf.yield %t : tensor<?xf64>
  } else {
    %s = scalar.cos %t : tensor<?xf64>
    %m = arith.subi %k, %c1 : index
    %v = func.call @even(%m, %s) : (index, tensor<?xf64>) -> tensor<?xf64>
    scf.yield %v : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}
func.func @mutual(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf64>) {
    %v = func.call @even(%i, %t) : (index, tensor<?xf64>) -> tensor<?xf64>
    %w = scalar.mul %v, %x : tensor<?xf64>
    scf.yield %w : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
// A recursive function that does not keep extents.
func.func private @twice(%k: index, %t: tensor<?xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = arith.cmpi sle, %k, %c0 : index
  %r = scf.if %p -> tensor<?xf64> {
    scf.yield %t : tensor<?xf64>
  } else {
    %s = scalar.sin %t : tensor<?xf64>
    %d = array.concatenate %s, %t dim 0 : tensor<?xf64>, tensor<?xf64>
    %m = arith.subi %k, %c1 : index
    %v = func.call @twice(%m, %d) : (index, tensor<?xf64>) -> tensor<?xf64>
    scf.yield %v : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}
func.func @growing(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %x) -> (tensor<?xf64>) {
    %v = func.call @twice(%i, %t) : (index, tensor<?xf64>) -> tensor<?xf64>
    %w = scalar.mul %v, %v : tensor<?xf64>
    scf.yield %w : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
//--- changed.mlir
func.func @grow(%x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %s = scalar.sin %t : tensor<?xf64>
    %m = scalar.mul %s, %t : tensor<?xf64>
    %u = array.concatenate %m, %x dim 0 : tensor<?xf64>, tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  %q = scalar.mul %r, %r : tensor<?xf64>
  %s = array.reduce add %q dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
func.func @shrink(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %m = arith.subi %n, %c1 : index
  %r = scf.for %i = %c0 to %m step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %k = tensor.dim %t, %c0 : tensor<?xf64>
    %k1 = arith.subi %k, %c1 : index
    %a = array.slice %t starts [0] strides [1] extents(%k1) : tensor<?xf64> to tensor<?xf64>
    %b = array.slice %t starts [1] strides [1] extents(%k1) : tensor<?xf64> to tensor<?xf64>
    %u = scalar.mul %a, %b : tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
func.func @halve(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %r = scf.while (%t = %x) : (tensor<?xf64>) -> tensor<?xf64> {
    %k = tensor.dim %t, %c0 : tensor<?xf64>
    %go = arith.cmpi sgt, %k, %c1 : index
    scf.condition(%go) %t : tensor<?xf64>
  } do {
  ^bb0(%t: tensor<?xf64>):
    %k = tensor.dim %t, %c0 : tensor<?xf64>
    %h = arith.divsi %k, %c2 : index
    %a = array.slice %t starts [0] strides [1] extents(%h) : tensor<?xf64> to tensor<?xf64>
    %b = array.slice %t starts [%h] strides [1] extents(%h) : tensor<?xf64> to tensor<?xf64>
    %u = scalar.mul %a, %b : tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %f = tensor.extract %s[] : tensor<f64>
  return %f : f64
}
// Two tensors of different extents take turns.
func.func @turns(%x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = array.concatenate %x, %x dim 0 : tensor<?xf64>, tensor<?xf64>
  %s = scalar.cos %y : tensor<?xf64>
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x, %q = %s) -> (tensor<?xf64>, tensor<?xf64>) {
    %m = scalar.mul %p, %p : tensor<?xf64>
    scf.yield %q, %m : tensor<?xf64>, tensor<?xf64>
  }
  %a = array.reduce add %r#0 dims [0] : tensor<?xf64>
  %b = array.reduce add %r#1 dims [0] : tensor<?xf64>
  %c = scalar.mul %a, %b : tensor<f64>
  %f = tensor.extract %c[] : tensor<f64>
  return %f : f64
}
