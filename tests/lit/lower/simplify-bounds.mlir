// RUN: dpopt %s --simplify-bounds --canonicalize | FileCheck %s

// Positions of a loop over a dimension lie within it, from the front, from the back and between.
// CHECK-LABEL: func.func @within(
// CHECK:         scf.for
// CHECK-NOT:     minsi
// CHECK-NOT:     maxsi
// CHECK-NOT:     cf.assert
// CHECK:         return
func.func @within(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = scalar.constant 0.0 : f64
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %last = arith.subi %n, %c1 : index
  %m = arith.subi %n, %c2 : index
  %m0 = arith.maxsi %m, %c0 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> f64 {
    %low = arith.maxsi %i, %c0 : index
    %front = arith.minsi %low, %last : index
    %back = arith.subi %last, %i : index
    %back_low = arith.maxsi %back, %c0 : index
    %end = arith.minsi %back_low, %last : index
    %there = arith.cmpi ult, %back, %n : index
    cf.assert %there, "behind the end"
    %some = arith.cmpi sge, %n, %c1 : index
    cf.assert %some, "empty"
    %a = tensor.extract %x[%front] : tensor<?xf64>
    %b = tensor.extract %x[%end] : tensor<?xf64>
    %ab = scalar.add %a, %b : f64
    %next = scalar.add %s, %ab : f64
    scf.yield %next : f64
  }
  %q = scf.for %i = %c0 to %m0 step %c1 iter_args(%s = %r) -> f64 {
    %i2 = arith.addi %i, %c2 : index
    %low = arith.maxsi %i2, %c1 : index
    %right = arith.minsi %low, %last : index
    %a = tensor.extract %x[%right] : tensor<?xf64>
    %next = scf.for %j = %c1 to %i2 step %c1 iter_args(%t = %s) -> f64 {
      %b = tensor.extract %x[%i] : tensor<?xf64>
      %u = scalar.add %t, %b : f64
      scf.yield %u : f64
    }
    %sum = scalar.add %next, %a : f64
    scf.yield %sum : f64
  }
  return %q : f64
}

// A triangle: each position is below one that is below the end.
// CHECK-LABEL: func.func @triangle(
// CHECK-NOT:     minsi
// CHECK:         return
func.func @triangle(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %last = arith.subi %n, %c1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> f64 {
    %end = arith.addi %i, %c1 : index
    %q = scf.for %j = %c0 to %end step %c1 iter_args(%t = %s) -> f64 {
      %front = arith.minsi %j, %last : index
      %k = arith.subi %i, %j : index
      %back = arith.minsi %k, %last : index
      %a = tensor.extract %x[%front] : tensor<?xf64>
      %b = tensor.extract %x[%back] : tensor<?xf64>
      %ab = scalar.mul %a, %b : f64
      %next = scalar.add %t, %ab : f64
      scf.yield %next : f64
    }
    scf.yield %q : f64
  }
  return %r : f64
}

// Not these: one past the end, another dimension's extent, before the beginning, a bound that may wrap around.
// CHECK-LABEL: func.func @beyond(
// CHECK-COUNT-4: arith.minsi
// CHECK-COUNT-2: arith.maxsi
// CHECK:         arith.minsi
// CHECK:         return
func.func @beyond(%x: tensor<?xf64>, %y: tensor<?xf64>, %k: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = scalar.constant 0.0 : f64
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %o = tensor.dim %y, %c0 : tensor<?xf64>
  %last = arith.subi %n, %c1 : index
  %other = arith.subi %o, %c1 : index
  %few = arith.subi %n, %c2 : index
  %k2 = arith.subi %k, %c2 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> f64 {
    %up = arith.addi %i, %c1 : index
    %past = arith.minsi %up, %last : index
    %mixed = arith.minsi %i, %other : index
    %near = arith.minsi %i, %few : index
    %above = arith.subi %n, %i : index
    %behind = arith.minsi %above, %last : index
    %down = arith.subi %i, %c1 : index
    %before = arith.maxsi %down, %c0 : index
    %flip = arith.subi %few, %i : index
    %low = arith.maxsi %flip, %c0 : index
    %a = tensor.extract %x[%past] : tensor<?xf64>
    %b = tensor.extract %y[%mixed] : tensor<?xf64>
    %c = tensor.extract %x[%near] : tensor<?xf64>
    %d = tensor.extract %x[%behind] : tensor<?xf64>
    %e = tensor.extract %x[%before] : tensor<?xf64>
    %f = tensor.extract %x[%low] : tensor<?xf64>
    %ab = scalar.add %a, %b : f64
    %cd = scalar.add %c, %d : f64
    %ef = scalar.add %e, %f : f64
    %abcd = scalar.add %ab, %cd : f64
    %all = scalar.add %abcd, %ef : f64
    %next = scalar.add %s, %all : f64
    scf.yield %next : f64
  }
  %q = scf.for %i = %c0 to %k2 step %c1 iter_args(%s = %r) -> f64 {
    %wraps = arith.minsi %i, %k : index
    %a = tensor.extract %x[%wraps] : tensor<?xf64>
    %next = scalar.add %s, %a : f64
    scf.yield %next : f64
  }
  return %q : f64
}

// A tensor that the loop writes row by row, from 0 or from elsewhere, is not filled before.
// CHECK-LABEL: func.func @rows(
// CHECK-NOT:     linalg.fill {{.*}}?x
// CHECK:         return
func.func @rows(%n: index, %m: index, %row: tensor<1x?xf64>, %x: f64) -> (tensor<?x?xf64>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %n0 = arith.maxsi %n, %c0 : index
  %m0 = arith.maxsi %m, %c0 : index
  %e = tensor.empty(%n0, %m0) : tensor<?x?xf64>
  %f = linalg.fill ins(%zero : f64) outs(%e : tensor<?x?xf64>) -> tensor<?x?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %f) -> tensor<?x?xf64> {
    %u = tensor.insert_slice %row into %t[%i, 0] [1, %m] [1, 1] : tensor<1x?xf64> into tensor<?x?xf64>
    scf.yield %u : tensor<?x?xf64>
  }
  %n1 = arith.maxsi %n, %c1 : index
  %count = arith.subi %n1, %c1 : index
  %g = tensor.empty(%count) : tensor<?xf64>
  %h = linalg.fill ins(%zero : f64) outs(%g : tensor<?xf64>) -> tensor<?xf64>
  %one = tensor.empty() : tensor<1xf64>
  %element = linalg.fill ins(%x : f64) outs(%one : tensor<1xf64>) -> tensor<1xf64>
  %q = scf.for %i = %c1 to %n step %c1 iter_args(%t = %h) -> tensor<?xf64> {
    %k = arith.subi %i, %c1 : index
    %u = tensor.insert_slice %element into %t[%k] [1] [1] : tensor<1xf64> into tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  return %r, %q : tensor<?x?xf64>, tensor<?xf64>
}

// These keep their fills: every second row, a part of each row, more rows than iterations, and one that is read.
// CHECK-LABEL: func.func @parts(
// CHECK:         %[[F1:.*]] = linalg.fill
// CHECK:         %[[F2:.*]] = linalg.fill
// CHECK:         %[[F3:.*]] = linalg.fill
// CHECK:         %[[F4:.*]] = linalg.fill
// CHECK:         scf.for {{.*}} iter_args(%{{.*}} = %[[F1]])
// CHECK:         scf.for {{.*}} iter_args(%{{.*}} = %[[F2]])
// CHECK:         scf.for {{.*}} iter_args(%{{.*}} = %[[F3]])
// CHECK:         scf.for {{.*}} iter_args(%{{.*}} = %[[F4]], %{{.*}})
// CHECK:         return
func.func @parts(%n: index, %m: index, %k: index, %row: tensor<1x?xf64>)
    -> (tensor<?x?xf64>, tensor<?x?xf64>, tensor<?x?xf64>, tensor<?x?xf64>, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = scalar.constant 0.0 : f64
  %n0 = arith.maxsi %n, %c0 : index
  %m0 = arith.maxsi %m, %c0 : index
  %e = tensor.empty(%n0, %m0) : tensor<?x?xf64>
  %f1 = linalg.fill ins(%zero : f64) outs(%e : tensor<?x?xf64>) -> tensor<?x?xf64>
  %f2 = linalg.fill ins(%zero : f64) outs(%e : tensor<?x?xf64>) -> tensor<?x?xf64>
  %f3 = linalg.fill ins(%zero : f64) outs(%e : tensor<?x?xf64>) -> tensor<?x?xf64>
  %f4 = linalg.fill ins(%zero : f64) outs(%e : tensor<?x?xf64>) -> tensor<?x?xf64>
  %r1 = scf.for %i = %c0 to %n step %c2 iter_args(%t = %f1) -> tensor<?x?xf64> {
    %u = tensor.insert_slice %row into %t[%i, 0] [1, %m] [1, 1] : tensor<1x?xf64> into tensor<?x?xf64>
    scf.yield %u : tensor<?x?xf64>
  }
  %r2 = scf.for %i = %c0 to %n step %c1 iter_args(%t = %f2) -> tensor<?x?xf64> {
    %u = tensor.insert_slice %row into %t[%i, 0] [1, %k] [1, 1] : tensor<1x?xf64> into tensor<?x?xf64>
    scf.yield %u : tensor<?x?xf64>
  }
  %r3 = scf.for %i = %c0 to %k step %c1 iter_args(%t = %f3) -> tensor<?x?xf64> {
    %u = tensor.insert_slice %row into %t[%i, 0] [1, %m] [1, 1] : tensor<1x?xf64> into tensor<?x?xf64>
    scf.yield %u : tensor<?x?xf64>
  }
  %r4:2 = scf.for %i = %c0 to %n step %c1 iter_args(%t = %f4, %s = %zero) -> (tensor<?x?xf64>, f64) {
    %old = tensor.extract %t[%i, %c0] : tensor<?x?xf64>
    %sum = scalar.add %s, %old : f64
    %u = tensor.insert_slice %row into %t[%i, 0] [1, %m] [1, 1] : tensor<1x?xf64> into tensor<?x?xf64>
    scf.yield %u, %sum : tensor<?x?xf64>, f64
  }
  return %r1, %r2, %r3, %r4#0, %r4#1 : tensor<?x?xf64>, tensor<?x?xf64>, tensor<?x?xf64>, tensor<?x?xf64>, f64
}

// The least index has no negative.
// CHECK-LABEL: func.func @least(
// CHECK:         arith.minsi
func.func @least(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %least = arith.constant -9223372036854775808 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %least to %n step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %e = arith.maxsi %i, %least : index
    %m = arith.minsi %e, %n : index
    %p = tensor.extract %t[%m] : tensor<?xf64>
    %u = tensor.insert %p into %t[%m] : tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

// A loop that overwrites all rows but the first reads only rows before: of the argument, that one is copied.
// CHECK-LABEL: func.func @rest(
// CHECK:         %[[X:.*]] = bufferization.to_tensor
// CHECK:         %[[E:.*]] = tensor.empty(%[[N:.*]]) : tensor<?xf64>
// CHECK:         %[[FEW:.*]] = arith.minsi %[[N]], %c1
// CHECK:         %[[END:.*]] = arith.maxsi %[[FEW]], %c0
// CHECK:         %[[S:.*]] = scf.for %[[I:.*]] = %c0 to %[[END]] step %c1 iter_args(%[[T:.*]] = %[[E]])
// CHECK:           %[[ROW:.*]] = tensor.extract_slice %[[X]][%[[I]]] [1] [1]
// CHECK:           tensor.insert_slice %[[ROW]] into %[[T]][%[[I]]] [1] [1]
// CHECK:         scf.for %{{.*}} = %c1 to %{{.*}} step %c1 iter_args(%{{.*}} = %[[S]])
func.func @rest(%buffer: memref<?xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = bufferization.to_tensor %buffer restrict : memref<?xf64> to tensor<?xf64>
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %r = scf.for %i = %c1 to %n step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %before = arith.subi %i, %c1 : index
    %row = tensor.extract_slice %t[%before] [1] [1] : tensor<?xf64> to tensor<1xf64>
    %u = tensor.insert_slice %row into %t[%i] [1] [1] : tensor<1xf64> into tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

// All is copied where a round reads what it overwrites later, where the row comes from a number of the round, and where an
// inner region stores.
// CHECK-LABEL: func.func @all(
// CHECK:         %[[X:.*]] = bufferization.to_tensor
// CHECK-COUNT-2: scf.for %{{.*}} iter_args(%{{.*}} = %[[X]])
func.func @all(%buffer: memref<8xf64>, %p: tensor<8xindex>, %row: tensor<1xf64>) -> (tensor<8xf64>, tensor<8xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %x = bufferization.to_tensor %buffer restrict : memref<8xf64> to tensor<8xf64>
  %ahead = scf.for %i = %c0 to %c7 step %c1 iter_args(%t = %x) -> tensor<8xf64> {
    %next = arith.addi %i, %c1 : index
    %part = tensor.extract_slice %t[%next] [1] [1] : tensor<8xf64> to tensor<1xf64>
    %u = tensor.insert_slice %part into %t[%i] [1] [1] : tensor<1xf64> into tensor<8xf64>
    scf.yield %u : tensor<8xf64>
  }
  %moved = scf.for %i = %c0 to %c7 step %c1 iter_args(%t = %x) -> tensor<8xf64> {
    %q = tensor.extract %p[%i] : tensor<8xindex>
    %j = arith.subi %q, %i : index
    %u = tensor.insert_slice %row into %t[%j] [1] [1] : tensor<1xf64> into tensor<8xf64>
    scf.yield %u : tensor<8xf64>
  }
  return %ahead, %moved : tensor<8xf64>, tensor<8xf64>
}

// An assertion before it shows that a position is within.
// CHECK-LABEL: func.func @asserted(
// CHECK:         scf.for %[[I:.*]] = %{{.*}} iter_args(%[[T:.*]] =
// CHECK-NOT:       arith.minsi
// CHECK:           cf.assert
// CHECK:           tensor.insert_slice %{{.*}} into %[[T]][%[[I]]]
// CHECK:           %[[K:.*]] = arith.minsi
// CHECK:           tensor.insert_slice %{{.*}} into %{{.*}}[%[[K]]]
func.func @asserted(%x: tensor<?xf64>, %n: index, %row: tensor<1xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %extent = tensor.dim %x, %c0 : tensor<?xf64>
  %last = arith.subi %extent, %c1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %is_within = arith.cmpi ult, %i, %extent : index
    cf.assert %is_within, "out of bounds"
    %k = arith.minsi %i, %last : index
    %u = tensor.insert_slice %row into %t[%k] [1] [1] : tensor<1xf64> into tensor<?xf64>
    %next = arith.addi %i, %c1 : index
    %k1 = arith.minsi %next, %last : index
    %v = tensor.insert_slice %row into %u[%k1] [1] [1] : tensor<1xf64> into tensor<?xf64>
    scf.yield %v : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}
