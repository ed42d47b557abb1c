// RUN: dpopt %s --share-stored --simplify-carried --canonicalize | FileCheck %s

// One tape has what the loop stores in `y`, one what it reads there before, and one what it reads where no earlier round
// has stored: they are read from the last and the first `y`.
// CHECK-LABEL: func.func @tapes(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?xf64>
// CHECK:         %[[Y:.*]] = scf.for %[[I:.*]] = %{{.*}} iter_args(%[[T:.*]] = %[[X]]) -> (tensor<?xf64>)
// CHECK:           tensor.extract %[[T]]
// CHECK:           tensor.extract %[[X]][%[[I]]]
// CHECK-COUNT-1:   array.update_slice
// CHECK-NOT:       array.update_slice
// CHECK:         scf.for %[[J:.*]] = %{{.*}} iter_args
// CHECK:           %[[K:.*]] = arith.addi %[[J]], %{{.*}}
// CHECK:           tensor.extract %[[Y]][%[[K]]]
// CHECK:           tensor.extract %[[Y]][%[[J]]]
// CHECK:           tensor.extract %[[X]][%{{.*}}]
func.func @tapes(%x: tensor<?xf64>) -> (tensor<?xf64>, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %most = arith.maxsi %n, %c1 : index
  %rows = arith.subi %most, %c1 : index
  %fill = array.broadcast %zero dims [] extents(%rows) : f64 to tensor<?xf64>
  %r:4 = scf.for %i = %c1 to %n step %c1 iter_args(%y = %x, %a = %fill, %b = %fill, %c = %fill)
      -> (tensor<?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<?xf64>) {
    %k = arith.subi %i, %c1 : index
    %p = tensor.extract %y[%k] : tensor<?xf64>
    %q = tensor.extract %y[%i] : tensor<?xf64>
    %s = scalar.mul %p, %q : f64
    %s1 = array.broadcast %s dims [] : f64 to tensor<1xf64>
    %p1 = array.broadcast %p dims [] : f64 to tensor<1xf64>
    %q1 = array.broadcast %q dims [] : f64 to tensor<1xf64>
    %y1 = array.update_slice %y, %s1 starts [%i] : tensor<?xf64>, tensor<1xf64>
    %a1 = array.update_slice %a, %s1 starts [%k] : tensor<?xf64>, tensor<1xf64>
    %b1 = array.update_slice %b, %p1 starts [%k] : tensor<?xf64>, tensor<1xf64>
    %c2 = array.update_slice %c, %q1 starts [%k] : tensor<?xf64>, tensor<1xf64>
    scf.yield %y1, %a1, %b1, %c2 : tensor<?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<?xf64>
  }
  %sum = scf.for %j = %c0 to %rows step %c1 iter_args(%now = %zero) -> f64 {
    %a = tensor.extract %r#1[%j] : tensor<?xf64>
    %b = tensor.extract %r#2[%j] : tensor<?xf64>
    %c = tensor.extract %r#3[%j] : tensor<?xf64>
    %ab = scalar.mul %a, %b : f64
    %abc = scalar.mul %ab, %c : f64
    %next = scalar.add %now, %abc : f64
    scf.yield %next : f64
  }
  return %r#0, %sum : tensor<?xf64>, f64
}

// A tape of a carried number: round i - 1 stored the present one in `y`, which starts with the first one.
// CHECK-LABEL: func.func @carried(
// CHECK:         scf.for {{.*}} -> (f64, tensor<9xf64>)
// CHECK-COUNT-1:   array.update_slice
// CHECK-NOT:     array.update_slice
func.func @carried(%x: tensor<9xf64>, %u: f64) -> (tensor<9xf64>, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c9 = arith.constant 9 : index
  %zero = scalar.constant 0.0 : f64
  %fill = array.broadcast %zero dims [] : f64 to tensor<8xf64>
  %u1 = array.broadcast %u dims [] : f64 to tensor<1xf64>
  %start = array.update_slice %x, %u1 starts [%c0] : tensor<9xf64>, tensor<1xf64>
  %r:3 = scf.for %i = %c1 to %c9 step %c1 iter_args(%v = %u, %y = %start, %a = %fill)
      -> (f64, tensor<9xf64>, tensor<8xf64>) {
    %k = arith.subi %i, %c1 : index
    %v1 = array.broadcast %v dims [] : f64 to tensor<1xf64>
    %a1 = array.update_slice %a, %v1 starts [%k] : tensor<8xf64>, tensor<1xf64>
    %w = scalar.sin %v : f64
    %w1 = array.broadcast %w dims [] : f64 to tensor<1xf64>
    %y1 = array.update_slice %y, %w1 starts [%i] : tensor<9xf64>, tensor<1xf64>
    scf.yield %w, %y1, %a1 : f64, tensor<9xf64>, tensor<8xf64>
  }
  %sum = scf.for %j = %c0 to %c8 step %c1 iter_args(%now = %zero) -> f64 {
    %a = tensor.extract %r#2[%j] : tensor<8xf64>
    %next = scalar.add %now, %a : f64
    scf.yield %next : f64
  }
  return %r#1, %sum : tensor<9xf64>, f64
}

// These keep both: what is read is stored over and the tensor before that is not an argument, a start may be clamped, the first value of `y` is not that
// of the number, and a read of the tape may fail.
// CHECK-LABEL: func.func @others(
// CHECK-COUNT-8:  array.update_slice %{{.*}} starts [%{{.*}}] : tensor<9xf64>, tensor<1xf64>
func.func @others(%x: tensor<9xf64>, %u: f64, %n: index) -> (tensor<9xf64>, tensor<9xf64>, tensor<9xf64>, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c9 = arith.constant 9 : index
  %zero = scalar.constant 0.0 : f64
  %fill = array.broadcast %zero dims [] : f64 to tensor<9xf64>
  // The first tensor is not an argument.
  %t = scalar.sin %x : tensor<9xf64>
  %r:2 = scf.for %i = %c0 to %c9 step %c1 iter_args(%y = %t, %a = %fill) -> (tensor<9xf64>, tensor<9xf64>) {
    %q = tensor.extract %y[%i] : tensor<9xf64>
    %q1 = array.broadcast %q dims [] : f64 to tensor<1xf64>
    %a1 = array.update_slice %a, %q1 starts [%i] : tensor<9xf64>, tensor<1xf64>
    %s = scalar.sin %q : f64
    %s1 = array.broadcast %s dims [] : f64 to tensor<1xf64>
    %y1 = array.update_slice %y, %s1 starts [%i] : tensor<9xf64>, tensor<1xf64>
    scf.yield %y1, %a1 : tensor<9xf64>, tensor<9xf64>
  }
  // Starts are clamped from round 8.
  %s:2 = scf.for %i = %c0 to %c9 step %c1 iter_args(%y = %x, %a = %fill) -> (tensor<9xf64>, tensor<9xf64>) {
    %i2 = arith.addi %i, %c2 : index
    %v64 = arith.index_cast %i : index to i64
    %v = scalar.convert %v64 : i64 to f64
    %v1 = array.broadcast %v dims [] : f64 to tensor<1xf64>
    %a1 = array.update_slice %a, %v1 starts [%i] : tensor<9xf64>, tensor<1xf64>
    %y1 = array.update_slice %y, %v1 starts [%i2] : tensor<9xf64>, tensor<1xf64>
    scf.yield %y1, %a1 : tensor<9xf64>, tensor<9xf64>
  }
  // y starts with something else.
  %w:3 = scf.for %i = %c0 to %c9 step %c1 iter_args(%v = %u, %y = %x, %a = %fill) -> (f64, tensor<9xf64>, tensor<9xf64>) {
    %v1 = array.broadcast %v dims [] : f64 to tensor<1xf64>
    %a1 = array.update_slice %a, %v1 starts [%i] : tensor<9xf64>, tensor<1xf64>
    %next = scalar.sin %v : f64
    %n1 = array.broadcast %next dims [] : f64 to tensor<1xf64>
    %y1 = array.update_slice %y, %n1 starts [%i] : tensor<9xf64>, tensor<1xf64>
    scf.yield %next, %y1, %a1 : f64, tensor<9xf64>, tensor<9xf64>
  }
  // The read at `n` may be out of bounds.
  %z:2 = scf.for %i = %c0 to %c9 step %c1 iter_args(%y = %x, %a = %fill) -> (tensor<9xf64>, tensor<9xf64>) {
    %v64 = arith.index_cast %i : index to i64
    %v = scalar.convert %v64 : i64 to f64
    %v1 = array.broadcast %v dims [] : f64 to tensor<1xf64>
    %a1 = array.update_slice %a, %v1 starts [%i] : tensor<9xf64>, tensor<1xf64>
    %y1 = array.update_slice %y, %v1 starts [%i] : tensor<9xf64>, tensor<1xf64>
    scf.yield %y1, %a1 : tensor<9xf64>, tensor<9xf64>
  }
  %at = tensor.extract %z#1[%n] : tensor<9xf64>
  %sum = scf.for %j = %c0 to %c9 step %c1 iter_args(%now = %at) -> f64 {
    %a = tensor.extract %r#1[%j] : tensor<9xf64>
    %b = tensor.extract %s#1[%j] : tensor<9xf64>
    %c = tensor.extract %w#2[%j] : tensor<9xf64>
    %ab = scalar.mul %a, %b : f64
    %abc = scalar.mul %ab, %c : f64
    %next = scalar.add %now, %abc : f64
    scf.yield %next : f64
  }
  %yz = scalar.add %w#1, %z#0 : tensor<9xf64>
  return %r#0, %s#0, %yz, %sum : tensor<9xf64>, tensor<9xf64>, tensor<9xf64>, f64
}
