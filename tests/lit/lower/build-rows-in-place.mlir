// RUN: dpopt %s --build-rows-in-place | FileCheck %s
// RUN: dpc %s --print-after bounds --emit=llvm -o - 2>&1 | FileCheck %s --check-prefix=LOWERED

// The inner loops store what they keep in the tensor of the outermost one, which is not filled: they write all of it.
// CHECK-LABEL: func.func @nest(
// CHECK:         scf.for %[[I:.*]] = %{{.*}} iter_args(%[[T:.*]] = %{{.*}}) -> (tensor<?x4x?xf64>)
// CHECK:           scf.for %[[J:.*]] = %{{.*}} iter_args(%[[U:.*]] = %[[T]]) -> (tensor<?x4x?xf64>)
// CHECK:             scf.for %[[K:.*]] = %{{.*}} iter_args(%[[V:.*]] = %[[U]]) -> (tensor<?x4x?xf64>)
// CHECK:               %[[X:.*]] = array.broadcast %{{.*}} dims [] : f64 to tensor<1x1x1xf64>
// CHECK:               array.update_slice %[[V]], %[[X]] starts [%[[I]], %[[J]], %[[K]]]
// CHECK-NOT:     array.update_slice
// LOWERED-LABEL: func.func @nest(
// LOWERED:         %[[E:.*]] = tensor.empty(%{{.*}}, %{{.*}}) : tensor<?x4x?xf64>
// LOWERED:         scf.for {{.*}} iter_args(%{{.*}} = %[[E]])
// LOWERED-LABEL: func.func @whiles(
func.func @nest(%n: index, %m: index) -> tensor<?x4x?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = scalar.constant 0.0 : f64
  %rows = arith.maxsi %n, %c0 : index
  %columns = arith.maxsi %m, %c0 : index
  %all = array.broadcast %zero dims [] extents(%rows, %columns) : f64 to tensor<?x4x?xf64>
  %whole = array.broadcast %zero dims [] extents(%columns) : f64 to tensor<4x?xf64>
  %part = array.broadcast %zero dims [] extents(%columns) : f64 to tensor<?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %all) -> tensor<?x4x?xf64> {
    %s = scf.for %j = %c0 to %c4 step %c1 iter_args(%u = %whole) -> tensor<4x?xf64> {
      %q = scf.for %k = %c0 to %m step %c1 iter_args(%v = %part) -> tensor<?xf64> {
        %ij = arith.addi %i, %j : index
        %ijk = arith.addi %ij, %k : index
        %x64 = arith.index_cast %ijk : index to i64
        %x = scalar.convert %x64 : i64 to f64
        %x1 = array.broadcast %x dims [] : f64 to tensor<1xf64>
        %w = array.update_slice %v, %x1 starts [%k] : tensor<?xf64>, tensor<1xf64>
        scf.yield %w : tensor<?xf64>
      }
      %q1 = array.broadcast %q dims [1] extents(%columns) : tensor<?xf64> to tensor<1x?xf64>
      %w = array.update_slice %u, %q1 starts [%j, 0] : tensor<4x?xf64>, tensor<1x?xf64>
      scf.yield %w : tensor<4x?xf64>
    }
    %s1 = array.broadcast %s dims [1, 2] extents(%columns) : tensor<4x?xf64> to tensor<1x4x?xf64>
    %w = array.update_slice %t, %s1 starts [%i, 0, 0] : tensor<?x4x?xf64>, tensor<1x4x?xf64>
    scf.yield %w : tensor<?x4x?xf64>
  }
  return %r : tensor<?x4x?xf64>
}

// An extent of the row is read from its initial value, and a `while` passes the tensor on as a `for` does.
// CHECK-LABEL: func.func @whiles(
// CHECK:         scf.for %[[I:.*]] = %{{.*}} iter_args(%[[T:.*]] = %{{.*}})
// CHECK:           %[[ROW:.*]] = array.broadcast
// CHECK:           scf.while (%{{.*}} = %{{.*}}, %{{.*}} = %[[T]]) : (index, tensor<3x8xf64>) -> (index, tensor<3x8xf64>)
// CHECK:             array.update_slice %{{.*}}, %{{.*}} starts [%[[I]], %{{.*}}] : tensor<3x8xf64>, tensor<1x1xf64>
// CHECK-NOT:     array.update_slice
func.func @whiles(%x: f64) -> tensor<3x8xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c8 = arith.constant 8 : index
  %one = scalar.constant 1.0 : f64
  %all = array.broadcast %one dims [] : f64 to tensor<3x8xf64>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %all) -> tensor<3x8xf64> {
    %row = array.broadcast %one dims [] : f64 to tensor<8xf64>
    %s:2 = scf.while (%k = %c0, %u = %row) : (index, tensor<8xf64>) -> (index, tensor<8xf64>) {
      %more = arith.cmpi slt, %k, %c8 : index
      scf.condition(%more) %k, %u : index, tensor<8xf64>
    } do {
    ^bb0(%k: index, %u: tensor<8xf64>):
      %x1 = array.broadcast %x dims [] : f64 to tensor<1xf64>
      %w = array.update_slice %u, %x1 starts [%k] : tensor<8xf64>, tensor<1xf64>
      %next = arith.addi %k, %c1 : index
      scf.yield %next, %w : index, tensor<8xf64>
    }
    %s1 = array.broadcast %s#1 dims [1] : tensor<8xf64> to tensor<1x8xf64>
    %w = array.update_slice %t, %s1 starts [%i, 0] : tensor<3x8xf64>, tensor<1x8xf64>
    scf.yield %w : tensor<3x8xf64>
  }
  return %r : tensor<3x8xf64>
}

// Not where the two start as different numbers, where the row is used elsewhere, or where a row may be stored twice.
// CHECK-LABEL: func.func @others(
// CHECK-COUNT-3: array.update_slice %{{.*}}, %{{.*}} starts [%{{.*}}, 0] : tensor<3x8xf64>, tensor<1x8xf64>
func.func @others(%x: f64) -> (tensor<3x8xf64>, tensor<3x8xf64>, f64, tensor<3x8xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %zero = scalar.constant 0.0 : f64
  %minus = scalar.constant -0.0 : f64
  %all = array.broadcast %zero dims [] : f64 to tensor<3x8xf64>
  %row = array.broadcast %zero dims [] : f64 to tensor<8xf64>
  %other = array.broadcast %minus dims [] : f64 to tensor<8xf64>
  %x1 = array.broadcast %x dims [] : f64 to tensor<1xf64>
  %a = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %all) -> tensor<3x8xf64> {
    %s = scf.for %j = %c0 to %c2 step %c1 iter_args(%u = %other) -> tensor<8xf64> {
      %w = array.update_slice %u, %x1 starts [%j] : tensor<8xf64>, tensor<1xf64>
      scf.yield %w : tensor<8xf64>
    }
    %s1 = array.broadcast %s dims [1] : tensor<8xf64> to tensor<1x8xf64>
    %w = array.update_slice %t, %s1 starts [%i, 0] : tensor<3x8xf64>, tensor<1x8xf64>
    scf.yield %w : tensor<3x8xf64>
  }
  %b:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %all, %sum = %zero) -> (tensor<3x8xf64>, f64) {
    %s = scf.for %j = %c0 to %c2 step %c1 iter_args(%u = %row) -> tensor<8xf64> {
      %w = array.update_slice %u, %x1 starts [%j] : tensor<8xf64>, tensor<1xf64>
      scf.yield %w : tensor<8xf64>
    }
    %e = tensor.extract %s[%i] : tensor<8xf64>
    %s1 = array.broadcast %s dims [1] : tensor<8xf64> to tensor<1x8xf64>
    %w = array.update_slice %t, %s1 starts [%i, 0] : tensor<3x8xf64>, tensor<1x8xf64>
    %next = scalar.add %sum, %e : f64
    scf.yield %w, %next : tensor<3x8xf64>, f64
  }
  %c = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %all) -> tensor<3x8xf64> {
    %s = scf.for %j = %c0 to %i step %c1 iter_args(%u = %row) -> tensor<8xf64> {
      %w = array.update_slice %u, %x1 starts [%j] : tensor<8xf64>, tensor<1xf64>
      scf.yield %w : tensor<8xf64>
    }
    %s1 = array.broadcast %s dims [1] : tensor<8xf64> to tensor<1x8xf64>
    %half = arith.divsi %i, %c2 : index
    %w = array.update_slice %t, %s1 starts [%half, 0] : tensor<3x8xf64>, tensor<1x8xf64>
    scf.yield %w : tensor<3x8xf64>
  }
  return %a, %b#0, %b#1, %c : tensor<3x8xf64>, tensor<3x8xf64>, f64, tensor<3x8xf64>
}

// The number of a row is computed again before the inner loop: it may be used before, or made after it.
// CHECK-LABEL: func.func @numbers(
// CHECK:         scf.for %[[I:.*]] = %{{.*}} iter_args
// CHECK:           %[[K:.*]] = arith.subi %[[I]], %{{.*}}
// CHECK:           array.update_slice %{{.*}} starts [%[[K]]]
// CHECK:           %[[AGAIN:.*]] = arith.subi %[[I]], %{{.*}}
// CHECK:           %[[ONE:.*]] = arith.constant 1
// CHECK:           %[[OTHER:.*]] = arith.subi %[[I]], %[[ONE]]
// CHECK:           scf.for
// CHECK-DAG:         array.update_slice %{{.*}} starts [%[[AGAIN]], %{{.*}}]
// CHECK-DAG:         array.update_slice %{{.*}} starts [%[[OTHER]], %{{.*}}]
func.func @numbers(%x: f64, %n: index) -> (tensor<2xf64>, tensor<2x3xf64>, tensor<2x3xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %zero = scalar.constant 0.0 : f64
  %some = array.broadcast %zero dims [] : f64 to tensor<2xf64>
  %all = array.broadcast %zero dims [] : f64 to tensor<2x3xf64>
  %row = array.broadcast %zero dims [] : f64 to tensor<3xf64>
  %x1 = array.broadcast %x dims [] : f64 to tensor<1xf64>
  %r:3 = scf.for %i = %c1 to %c3 step %c1 iter_args(%b = %some, %t = %all, %v = %all)
      -> (tensor<2xf64>, tensor<2x3xf64>, tensor<2x3xf64>) {
    %k = arith.subi %i, %c1 : index
    %b1 = array.update_slice %b, %x1 starts [%k] : tensor<2xf64>, tensor<1xf64>
    %s:2 = scf.for %j = %c0 to %n step %c1 iter_args(%u = %row, %y = %row) -> (tensor<3xf64>, tensor<3xf64>) {
      %w = array.update_slice %u, %x1 starts [%j] : tensor<3xf64>, tensor<1xf64>
      %z = array.update_slice %y, %x1 starts [%j] : tensor<3xf64>, tensor<1xf64>
      scf.yield %w, %z : tensor<3xf64>, tensor<3xf64>
    }
    %s1 = array.broadcast %s#0 dims [1] : tensor<3xf64> to tensor<1x3xf64>
    %w = array.update_slice %t, %s1 starts [%k, 0] : tensor<2x3xf64>, tensor<1x3xf64>
    %one = arith.constant 1 : index
    %l = arith.subi %i, %one : index
    %z1 = array.broadcast %s#1 dims [1] : tensor<3xf64> to tensor<1x3xf64>
    %z = array.update_slice %v, %z1 starts [%l, 0] : tensor<2x3xf64>, tensor<1x3xf64>
    scf.yield %b1, %w, %z : tensor<2xf64>, tensor<2x3xf64>, tensor<2x3xf64>
  }
  return %r#0, %r#1, %r#2 : tensor<2xf64>, tensor<2x3xf64>, tensor<2x3xf64>
}
