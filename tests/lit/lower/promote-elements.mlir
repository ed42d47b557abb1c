// RUN: dpopt %s --promote-elements | FileCheck %s
// RUN: dpopt %s --promote-elements=fp=strict | FileCheck %s --check-prefix=STRICT

// What a round adds at i - 1, the next one takes: a number. Each element is stored once, and the last one after the loop,
// if it has a round.
// CHECK-LABEL: func.func @falls(
// CHECK-SAME:    %[[X:.*]]: tensor<?xf64>
// CHECK:         %[[R:.*]]:2 = scf.for %[[K:.*]] = %{{.*}} to %[[END:.*]] step %{{.*}} iter_args(%[[T:.*]] = %{{.*}}, %[[C:.*]] = %{{.*}}) -> (tensor<?xf64>, f64)
// CHECK:           %[[I:.*]] = arith.subi
// CHECK:           %[[XI:.*]] = tensor.extract %[[X]][%[[I]]]
// CHECK:           %[[P:.*]] = scalar.mul %[[C]], %[[XI]]
// CHECK:           %[[NEXT:.*]] = scalar.add %{{.*}}, %[[P]]
// CHECK:           %[[ROW:.*]] = array.broadcast %[[P]]
// CHECK:           %[[U:.*]] = array.update_slice %[[T]], %[[ROW]] starts [%[[I]]]
// CHECK-NEXT:      scf.yield %[[U]], %[[NEXT]]
// CHECK:         %[[LAST:.*]] = arith.subi %[[END]]
// CHECK:         %[[FROM:.*]] = arith.maxsi %[[LAST]]
// CHECK:         %[[S:.*]] = scf.for %{{.*}} = %[[FROM]] to %[[END]] step %{{.*}} iter_args(%{{.*}} = %[[R]]#0)
// CHECK:           array.broadcast %[[R]]#1
// CHECK:         return %[[S]]
// A zero has a sign.
// STRICT-LABEL: func.func @falls(
// STRICT:         %[[P:.*]] = scalar.mul
// STRICT:         scalar.add %{{.*}}, %[[P]]
// STRICT:         scalar.add %{{.*}}, %[[P]]
func.func @falls(%x: tensor<?xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %zero = scalar.constant 0.0 : f64
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %most = arith.maxsi %n, %c1 : index
  %rounds = arith.subi %most, %c1 : index
  %ones = array.broadcast %one dims [] extents(%n) : f64 to tensor<?xf64>
  %r = scf.for %k = %c0 to %rounds step %c1 iter_args(%t = %ones) -> tensor<?xf64> {
    %i = arith.subi %rounds, %k : index
    %before = arith.subi %i, %c1 : index
    %slice = array.slice %t starts [%i] strides [1] : tensor<?xf64> to tensor<1xf64>
    %scalar = array.reshape %slice : tensor<1xf64> to tensor<f64>
    %bar = tensor.extract %scalar[] : tensor<f64>
    %xi = tensor.extract %x[%i] : tensor<?xf64>
    %p = scalar.mul %bar, %xi : f64
    %z1 = array.broadcast %zero dims [] : f64 to tensor<1xf64>
    %p1 = array.broadcast %p dims [] : f64 to tensor<1xf64>
    %t1 = array.update_slice %t, %z1 starts [%i] : tensor<?xf64>, tensor<1xf64>
    %t2 = array.update_slice accumulate %t1, %p1 starts [%i] : tensor<?xf64>, tensor<1xf64>
    %t3 = array.update_slice accumulate %t2, %p1 starts [%before] : tensor<?xf64>, tensor<1xf64>
    scf.yield %t3 : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

// An element that one round adds to is stored; a row that is not a broadcast is read.
// CHECK-LABEL: func.func @grows(
// CHECK:         scf.for %[[I:.*]] = %{{.*}} iter_args(%[[T:.*]] = %{{.*}}) -> (tensor<5xf64>)
// CHECK:           %[[V:.*]] = tensor.extract
// CHECK:           %[[ROW:.*]] = array.broadcast %[[V]]
// CHECK:           array.update_slice %[[T]], %[[ROW]] starts [%[[I]]]
// CHECK-NOT:     update_slice
func.func @grows(%x: tensor<5xf64>) -> tensor<5xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %zeros = array.constant dense<0.0> : tensor<5xf64>
  %r = scf.for %i = %c0 to %c5 step %c1 iter_args(%t = %zeros) -> tensor<5xf64> {
    %row = array.slice %x starts [%i] strides [1] : tensor<5xf64> to tensor<1xf64>
    %u = array.update_slice accumulate %t, %row starts [%i] : tensor<5xf64>, tensor<1xf64>
    scf.yield %u : tensor<5xf64>
  }
  return %r : tensor<5xf64>
}

// Not promoted: a position that may lie outside, where starts are clamped; one that does not move by one; positions from a
// number that changes with the round; a tensor that is passed on before the last change.
// CHECK-LABEL: func.func @others(
// CHECK-COUNT-5: array.update_slice accumulate
func.func @others(%n: index, %m: index, %p: tensor<9xi64>) -> (tensor<9xf64>, tensor<9xf64>, tensor<9xf64>, tensor<9xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %one = scalar.constant 1.0 : f64
  %row = array.broadcast %one dims [] : f64 to tensor<1xf64>
  %zeros = array.constant dense<0.0> : tensor<9xf64>
  %outside = scf.for %i = %c0 to %n step %c1 iter_args(%t = %zeros) -> tensor<9xf64> {
    %u = array.update_slice accumulate %t, %row starts [%i] : tensor<9xf64>, tensor<1xf64>
    scf.yield %u : tensor<9xf64>
  }
  %far = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %zeros) -> tensor<9xf64> {
    %j = arith.muli %i, %c2 : index
    %u = array.update_slice accumulate %t, %row starts [%j] : tensor<9xf64>, tensor<1xf64>
    scf.yield %u : tensor<9xf64>
  }
  %moved = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %zeros) -> tensor<9xf64> {
    %q = tensor.extract %p[%i] : tensor<9xi64>
    %q1 = arith.index_cast %q : i64 to index
    %j = arith.subi %q1, %i : index
    %e = tensor.extract %p[%j] : tensor<9xi64>
    %u = array.update_slice accumulate %t, %row starts [%j] : tensor<9xf64>, tensor<1xf64>
    scf.yield %u : tensor<9xf64>
  }
  %early:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %zeros, %old = %zeros) -> (tensor<9xf64>, tensor<9xf64>) {
    %u = array.update_slice accumulate %t, %row starts [%i] : tensor<9xf64>, tensor<1xf64>
    %v = array.update_slice accumulate %u, %row starts [%i] : tensor<9xf64>, tensor<1xf64>
    scf.yield %v, %u : tensor<9xf64>, tensor<9xf64>
  }
  %sum = scalar.add %early#0, %early#1 : tensor<9xf64>
  return %outside, %far, %moved, %sum : tensor<9xf64>, tensor<9xf64>, tensor<9xf64>, tensor<9xf64>
}
