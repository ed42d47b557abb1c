// RUN: dpopt %s --split-input-file --merge-counted-loops=records=true --cse --canonicalize | FileCheck %s
// RUN: dpopt %s --split-input-file --merge-counted-loops --cse --canonicalize | FileCheck %s --check-prefix=PLAIN

// A loop counts, a second one repeats its rounds and stores the states, a third reads them in reverse order. The first
// records them, and the third reads the records.

// CHECK-LABEL: @tape(
// CHECK: %[[OUT:.*]]:3 = scf.while (%[[Y:.*]] = %arg0, %[[N:.*]] = %c0, %[[AT:.*]] = %c0)
// CHECK: ^bb0(%[[Y:.*]]: f64, %[[N:.*]]: index, %[[AT:.*]]: index):
// CHECK: %[[NEXT:.*]] = scalar.mul %[[Y]], %[[Y]]
// CHECK: %[[HERE:.*]] = ad.record(%[[Y]], %[[AT]] : f64, index)
// CHECK: scf.yield %[[NEXT]], %{{.*}}, %[[HERE]]
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c1 iter_args(%[[D:.*]] = %{{.*}}, %[[AT:.*]] = %[[OUT]]#2)
// CHECK: %[[KEPT:.*]]:2 = ad.recall %[[AT]] : f64, index
// CHECK: scalar.mul %[[D]], %[[KEPT]]#0
// CHECK: scf.yield %{{.*}}, %[[KEPT]]#1
// CHECK-NOT: ad.release
// CHECK: return %[[OUT]]#0

// PLAIN-LABEL: @tape(
// PLAIN-NOT: ad.record
// PLAIN: scf.while
// PLAIN: scf.for
// PLAIN: array.update_slice
// PLAIN: scf.for
func.func @tape(%x: f64) -> (f64, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %one = scalar.constant 1.0 : f64
  %end:2 = scf.while (%y = %x, %n = %c0) : (f64, index) -> (f64, index) {
    %most = scalar.constant 100.0 : f64
    %less = scalar.compare lt %y, %most : f64
    scf.condition(%less) %y, %n : f64, index
  } do {
  ^bb0(%y: f64, %n: index):
    %next = scalar.mul %y, %y : f64
    %more = arith.addi %n, %c1 : index
    scf.yield %next, %more : f64, index
  }
  %count = arith.maxsi %end#1, %c0 : index
  %none = array.broadcast %zero dims [] extents(%count) : f64 to tensor<?xf64>
  %again:2 = scf.for %i = %c0 to %end#1 step %c1 iter_args(%y = %x, %tape = %none) -> (f64, tensor<?xf64>) {
    %row = array.broadcast %y dims [] : f64 to tensor<1xf64>
    %stored = array.update_slice %tape, %row starts [%i] : tensor<?xf64>, tensor<1xf64>
    %next = scalar.mul %y, %y : f64
    scf.yield %next, %stored : f64, tensor<?xf64>
  }
  %last = arith.subi %count, %c1 : index
  %d = scf.for %i = %c0 to %count step %c1 iter_args(%d = %one) -> f64 {
    %at = arith.subi %last, %i : index
    %y = tensor.extract %again#1[%at] : tensor<?xf64>
    %a = scalar.mul %d, %y : f64
    %b = scalar.add %a, %a : f64
    scf.yield %b : f64
  }
  return %again#0, %d : f64, f64
}

// -----

// What is stored is not in the first loop: it is computed there, from what its condition has computed.

// CHECK-LABEL: @computed(
// CHECK: scf.while
// CHECK: %[[E:.*]] = scalar.exp %{{.*}} : f64
// CHECK: scf.condition(%{{.*}}) %[[E]], %{{.*}} : f64, index
// CHECK: ^bb0(%[[E:.*]]: f64, %{{.*}}: index, %{{.*}}: f64, %[[AT:.*]]: index):
// CHECK: %[[S:.*]] = scalar.sin %[[E]]
// CHECK: ad.record(%[[S]], %[[AT]] : f64, index)
// CHECK: scf.for
// CHECK: ad.recall
// PLAIN-LABEL: @computed(
func.func @computed(%x: f64) -> (f64, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %one = scalar.constant 1.0 : f64
  %end:2 = scf.while (%y = %x, %n = %c0) : (f64, index) -> (f64, index) {
    %e = scalar.exp %y : f64
    %most = scalar.constant 100.0 : f64
    %less = scalar.compare lt %e, %most : f64
    scf.condition(%less) %e, %n : f64, index
  } do {
  ^bb0(%e: f64, %n: index):
    %next = scalar.add %e, %e : f64
    %more = arith.addi %n, %c1 : index
    scf.yield %next, %more : f64, index
  }
  %count = arith.maxsi %end#1, %c0 : index
  %none = array.broadcast %zero dims [] extents(%count) : f64 to tensor<?xf64>
  %again:2 = scf.for %i = %c0 to %end#1 step %c1 iter_args(%y = %x, %tape = %none) -> (f64, tensor<?xf64>) {
    %e = scalar.exp %y : f64
    %s = scalar.sin %e : f64
    %row = array.broadcast %s dims [] : f64 to tensor<1xf64>
    %stored = array.update_slice %tape, %row starts [%i] : tensor<?xf64>, tensor<1xf64>
    %next = scalar.add %e, %e : f64
    scf.yield %next, %stored : f64, tensor<?xf64>
  }
  %last = arith.subi %count, %c1 : index
  %d = scf.for %i = %c0 to %count step %c1 iter_args(%d = %one) -> f64 {
    %at = arith.subi %last, %i : index
    %s = tensor.extract %again#1[%at] : tensor<?xf64>
    %a = scalar.mul %d, %s : f64
    scf.yield %a : f64
  }
  return %again#0, %d : f64, f64
}

// -----

// In a loop, the records of a round are released. Without a tape, the second loop is gone in both modes.

// CHECK-LABEL: @inner(
// CHECK: scf.for
// CHECK: %[[MARK:.*]] = ad.record()
// CHECK: scf.while (%{{.*}} = %{{.*}}, %{{.*}} = %c0, %{{.*}} = %[[MARK]])
// CHECK: scf.for
// CHECK: ad.recall
// CHECK: ad.release %[[MARK]]
// PLAIN-LABEL: @inner(
func.func @inner(%x: f64, %rounds: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %one = scalar.constant 1.0 : f64
  %sum = scf.for %k = %c0 to %rounds step %c1 iter_args(%sum = %zero) -> f64 {
    %end:2 = scf.while (%y = %x, %n = %c0) : (f64, index) -> (f64, index) {
      %most = scalar.constant 100.0 : f64
      %less = scalar.compare lt %y, %most : f64
      scf.condition(%less) %y, %n : f64, index
    } do {
    ^bb0(%y: f64, %n: index):
      %next = scalar.mul %y, %y : f64
      %more = arith.addi %n, %c1 : index
      scf.yield %next, %more : f64, index
    }
    %count = arith.maxsi %end#1, %c0 : index
    %none = array.broadcast %zero dims [] extents(%count) : f64 to tensor<?xf64>
    %again:2 = scf.for %i = %c0 to %end#1 step %c1 iter_args(%y = %x, %tape = %none) -> (f64, tensor<?xf64>) {
      %row = array.broadcast %y dims [] : f64 to tensor<1xf64>
      %stored = array.update_slice %tape, %row starts [%i] : tensor<?xf64>, tensor<1xf64>
      %next = scalar.mul %y, %y : f64
      scf.yield %next, %stored : f64, tensor<?xf64>
    }
    %last = arith.subi %count, %c1 : index
    %d = scf.for %i = %c0 to %count step %c1 iter_args(%d = %one) -> f64 {
      %at = arith.subi %last, %i : index
      %y = tensor.extract %again#1[%at] : tensor<?xf64>
      %a = scalar.mul %d, %y : f64
      scf.yield %a : f64
    }
    %next = scalar.add %sum, %d : f64
    scf.yield %next : f64
  }
  return %sum : f64
}

// -----

// CHECK-LABEL: @repeated(
// CHECK: scf.while
// CHECK-NOT: scf.for
// CHECK: return
// PLAIN-LABEL: @repeated(
// PLAIN: scf.while
// PLAIN-NOT: scf.for
// PLAIN: return
func.func @repeated(%x: f64) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = scf.while (%y = %x, %n = %c0) : (f64, index) -> index {
    %most = scalar.constant 100.0 : f64
    %less = scalar.compare lt %y, %most : f64
    scf.condition(%less) %n : index
  } do {
  ^bb0(%n: index):
    %next = scalar.add %x, %x : f64
    %more = arith.addi %n, %c1 : index
    scf.yield %next, %more : f64, index
  }
  %again = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> f64 {
    %next = scalar.add %x, %x : f64
    scf.yield %next : f64
  }
  return %again : f64
}

// -----

// The second loop computes something else; or the whole tape is returned; or it is read in another order.

// CHECK-LABEL: @other(
// CHECK-NOT: ad.record
// CHECK: scf.while
// CHECK: scf.for
// CHECK: return
// PLAIN-LABEL: @other(
// PLAIN: scf.for
func.func @other(%x: f64) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end:2 = scf.while (%y = %x, %n = %c0) : (f64, index) -> (f64, index) {
    %most = scalar.constant 100.0 : f64
    %less = scalar.compare lt %y, %most : f64
    scf.condition(%less) %y, %n : f64, index
  } do {
  ^bb0(%y: f64, %n: index):
    %next = scalar.mul %y, %y : f64
    %more = arith.addi %n, %c1 : index
    scf.yield %next, %more : f64, index
  }
  %again = scf.for %i = %c0 to %end#1 step %c1 iter_args(%y = %x) -> f64 {
    %next = scalar.add %y, %y : f64
    scf.yield %next : f64
  }
  return %again : f64
}

// -----

// CHECK-LABEL: @returned(
// CHECK-NOT: ad.record
// CHECK: array.update_slice
// CHECK: return
// PLAIN-LABEL: @returned(
func.func @returned(%x: f64) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %end:2 = scf.while (%y = %x, %n = %c0) : (f64, index) -> (f64, index) {
    %most = scalar.constant 100.0 : f64
    %less = scalar.compare lt %y, %most : f64
    scf.condition(%less) %y, %n : f64, index
  } do {
  ^bb0(%y: f64, %n: index):
    %next = scalar.mul %y, %y : f64
    %more = arith.addi %n, %c1 : index
    scf.yield %next, %more : f64, index
  }
  %count = arith.maxsi %end#1, %c0 : index
  %none = array.broadcast %zero dims [] extents(%count) : f64 to tensor<?xf64>
  %again:2 = scf.for %i = %c0 to %end#1 step %c1 iter_args(%y = %x, %tape = %none) -> (f64, tensor<?xf64>) {
    %row = array.broadcast %y dims [] : f64 to tensor<1xf64>
    %stored = array.update_slice %tape, %row starts [%i] : tensor<?xf64>, tensor<1xf64>
    %next = scalar.mul %y, %y : f64
    scf.yield %next, %stored : f64, tensor<?xf64>
  }
  return %again#1 : tensor<?xf64>
}

// -----

// CHECK-LABEL: @forward(
// CHECK-NOT: ad.record
// CHECK: array.update_slice
// CHECK: tensor.extract
// CHECK: return
// PLAIN-LABEL: @forward(
func.func @forward(%x: f64) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %end:2 = scf.while (%y = %x, %n = %c0) : (f64, index) -> (f64, index) {
    %most = scalar.constant 100.0 : f64
    %less = scalar.compare lt %y, %most : f64
    scf.condition(%less) %y, %n : f64, index
  } do {
  ^bb0(%y: f64, %n: index):
    %next = scalar.mul %y, %y : f64
    %more = arith.addi %n, %c1 : index
    scf.yield %next, %more : f64, index
  }
  %count = arith.maxsi %end#1, %c0 : index
  %none = array.broadcast %zero dims [] extents(%count) : f64 to tensor<?xf64>
  %again:2 = scf.for %i = %c0 to %end#1 step %c1 iter_args(%y = %x, %tape = %none) -> (f64, tensor<?xf64>) {
    %row = array.broadcast %y dims [] : f64 to tensor<1xf64>
    %stored = array.update_slice %tape, %row starts [%i] : tensor<?xf64>, tensor<1xf64>
    %next = scalar.mul %y, %y : f64
    scf.yield %next, %stored : f64, tensor<?xf64>
  }
  %d = scf.for %i = %c0 to %count step %c1 iter_args(%d = %zero) -> f64 {
    %y = tensor.extract %again#1[%i] : tensor<?xf64>
    %a = scalar.add %d, %y : f64
    scf.yield %a : f64
  }
  return %d : f64
}

// -----

// Rows of tensors are recorded, and read in the shape of a row.

// CHECK-LABEL: @rows(
// CHECK: %[[DIM:.*]] = tensor.dim %arg0
// CHECK: %[[OUT:.*]]:3 = scf.while (%{{.*}} = %arg0, %{{.*}} = %c0, %{{.*}} = %c0)
// CHECK: ^bb0(%[[V:.*]]: tensor<?xf64>, %{{.*}}: index, %[[AT:.*]]: index):
// CHECK: %[[S:.*]] = scalar.sin %[[V]]
// CHECK: %[[HERE:.*]] = ad.record(%[[V]], %[[AT]] : tensor<?xf64>, index)
// CHECK: scf.yield %[[S]], %{{.*}}, %[[HERE]]
// CHECK: scf.for %{{.*}} iter_args(%[[D:.*]] = %{{.*}}, %[[AT:.*]] = %[[OUT]]#2)
// CHECK: %[[KEPT:.*]]:2 = ad.recall %[[AT]] : tensor<?xf64>, index
// CHECK: array.reshape %[[KEPT]]#0 extents(%[[DIM]]) : tensor<?xf64> to tensor<1x?xf64>
// CHECK: scf.yield %{{.*}}, %[[KEPT]]#1
// PLAIN-LABEL: @rows(
// PLAIN-NOT: ad.record
func.func @rows(%x: tensor<?xf64>, %most: f64) -> (tensor<?xf64>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %dim = tensor.dim %x, %c0 : tensor<?xf64>
  %end:2 = scf.while (%y = %x, %n = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, index) {
    %s = array.reduce add %y dims [0] : tensor<?xf64>
    %e = tensor.extract %s[] : tensor<f64>
    %less = scalar.compare lt %e, %most : f64
    scf.condition(%less) %y, %n : tensor<?xf64>, index
  } do {
  ^bb0(%y: tensor<?xf64>, %n: index):
    %next = scalar.sin %y : tensor<?xf64>
    %more = arith.addi %n, %c1 : index
    scf.yield %next, %more : tensor<?xf64>, index
  }
  %count = arith.maxsi %end#1, %c0 : index
  %none = array.broadcast %zero dims [] extents(%count, %dim) : f64 to tensor<?x?xf64>
  %again:2 = scf.for %i = %c0 to %end#1 step %c1 iter_args(%y = %x, %tape = %none) -> (tensor<?xf64>, tensor<?x?xf64>) {
    %own = tensor.dim %y, %c0 : tensor<?xf64>
    %row = array.broadcast %y dims [1] extents(%own) : tensor<?xf64> to tensor<1x?xf64>
    %stored = array.update_slice %tape, %row starts [%i, 0] : tensor<?x?xf64>, tensor<1x?xf64>
    %next = scalar.sin %y : tensor<?xf64>
    scf.yield %next, %stored : tensor<?xf64>, tensor<?x?xf64>
  }
  %last = arith.subi %count, %c1 : index
  %d = scf.for %i = %c0 to %count step %c1 iter_args(%d = %again#0) -> tensor<?xf64> {
    %at = arith.subi %last, %i : index
    %row = array.slice %again#1 starts [%at, 0] strides [1, 1] extents(%dim) : tensor<?x?xf64> to tensor<1x?xf64>
    %y = array.reshape %row extents(%dim) : tensor<1x?xf64> to tensor<?xf64>
    %c = scalar.cos %y : tensor<?xf64>
    %a = scalar.mul %d, %c : tensor<?xf64>
    scf.yield %a : tensor<?xf64>
  }
  return %again#0, %d : tensor<?xf64>, tensor<?xf64>
}

// -----

// Memory of the tape would leave the loop that reads it, and is released behind it.

// CHECK-LABEL: @left(
// CHECK-NOT: ad.record
// CHECK: array.update_slice
// CHECK: return
// PLAIN-LABEL: @left(
func.func @left(%x: tensor<4xf64>, %most: f64, %rounds: index) -> tensor<4xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %all = scf.for %k = %c0 to %rounds step %c1 iter_args(%from = %x) -> tensor<4xf64> {
    %end:2 = scf.while (%y = %from, %n = %c0) : (tensor<4xf64>, index) -> (tensor<4xf64>, index) {
      %s = array.reduce add %y dims [0] : tensor<4xf64>
      %e = tensor.extract %s[] : tensor<f64>
      %less = scalar.compare lt %e, %most : f64
      scf.condition(%less) %y, %n : tensor<4xf64>, index
    } do {
    ^bb0(%y: tensor<4xf64>, %n: index):
      %next = scalar.sin %y : tensor<4xf64>
      %more = arith.addi %n, %c1 : index
      scf.yield %next, %more : tensor<4xf64>, index
    }
    %count = arith.maxsi %end#1, %c0 : index
    %none = array.broadcast %zero dims [] extents(%count) : f64 to tensor<?x4xf64>
    %again:2 = scf.for %i = %c0 to %end#1 step %c1 iter_args(%y = %from, %tape = %none) -> (tensor<4xf64>, tensor<?x4xf64>) {
      %row = array.broadcast %y dims [1] : tensor<4xf64> to tensor<1x4xf64>
      %stored = array.update_slice %tape, %row starts [%i, 0] : tensor<?x4xf64>, tensor<1x4xf64>
      %next = scalar.sin %y : tensor<4xf64>
      scf.yield %next, %stored : tensor<4xf64>, tensor<?x4xf64>
    }
    %last = arith.subi %count, %c1 : index
    %d = scf.for %i = %c0 to %count step %c1 iter_args(%d = %again#0) -> tensor<4xf64> {
      %at = arith.subi %last, %i : index
      %row = array.slice %again#1 starts [%at, 0] strides [1, 1] : tensor<?x4xf64> to tensor<1x4xf64>
      %y = array.reshape %row : tensor<1x4xf64> to tensor<4xf64>
      scf.yield %y : tensor<4xf64>
    }
    scf.yield %d : tensor<4xf64>
  }
  return %all : tensor<4xf64>
}

// -----

// The body of the first loop computes again what its condition has computed.

// CHECK-LABEL: @both_blocks(
// CHECK: %[[OUT:.*]]:2 = scf.while
// CHECK-NOT: scf.for
// CHECK: return %[[OUT]]#0

// PLAIN-LABEL: @both_blocks(
// PLAIN: scf.while
// PLAIN-NOT: scf.for
// PLAIN: return
func.func @both_blocks(%x: f64) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %least = scalar.constant 0.5 : f64
  %end:2 = scf.while (%y = %x, %n = %c0) : (f64, index) -> (f64, index) {
    %s = scalar.sin %y : f64
    %more = scalar.compare gt %s, %least : f64
    scf.condition(%more) %y, %n : f64, index
  } do {
  ^bb0(%y: f64, %n: index):
    %s = scalar.sin %y : f64
    %m = arith.addi %n, %c1 : index
    scf.yield %s, %m : f64, index
  }
  %again = scf.for %i = %c0 to %end#1 step %c1 iter_args(%y = %x) -> f64 {
    %s = scalar.sin %y : f64
    scf.yield %s : f64
  }
  return %again : f64
}
