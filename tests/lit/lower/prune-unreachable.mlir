// RUN: dpopt %s --prune-unreachable | FileCheck %s

// What follows a check that always fails is gone; what the block hands on keeps the extents that are known before.
// CHECK-LABEL: func.func @top(
// CHECK-SAME:    %[[X:.*]]: tensor<?xf64>, %[[N:.*]]: index)
// CHECK:         cf.assert %{{.*}}, "no"
// CHECK-NEXT:    %[[EMPTY:.*]] = tensor.empty(%[[N]]) : tensor<?xf64>
// CHECK-NEXT:    return %[[EMPTY]]
func.func @top(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %same = arith.cmpi eq, %c2, %c3 : index
  cf.assert %same, "no"
  %e = tensor.empty(%n) : tensor<?xf64>
  %y = linalg.copy ins(%x : tensor<?xf64>) outs(%e : tensor<?xf64>) -> tensor<?xf64>
  return %y : tensor<?xf64>
}

// A check that passed says what an extent is, of every tensor that has it.
// CHECK-LABEL: func.func @checks(
// CHECK:         cf.assert %{{.*}}, "first"
// CHECK:         cf.assert %{{.*}}, "second"
// CHECK-NEXT:    %[[ZERO:.*]] = scalar.constant
// CHECK-NEXT:    return %[[ZERO]]
func.func @checks(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %three = arith.cmpi eq, %n, %c3 : index
  cf.assert %three, "first"
  %e = tensor.empty(%n) : tensor<?xf64>
  %m = tensor.dim %e, %c0 : tensor<?xf64>
  %two = arith.cmpi eq, %c2, %m : index
  cf.assert %two, "second"
  %y = tensor.extract %x[%c2] : tensor<?xf64>
  return %y : f64
}

// After a branch that never ends, its condition does not hold: the next one by the same is not taken.
// CHECK-LABEL: func.func @branch(
// CHECK-SAME:    %[[X:.*]]: f64, %[[P:.*]]: i1)
// CHECK:         scf.if %[[P]]
// CHECK-NEXT:      cf.assert %{{.*}}, "no"
// CHECK-NEXT:      %[[ZERO:.*]] = scalar.constant
// CHECK-NEXT:      scf.yield %[[ZERO]]
// CHECK:         scf.if %[[P]]
// CHECK-NEXT:      %[[NONE:.*]] = scalar.constant
// CHECK-NEXT:      scf.yield %[[NONE]]
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %[[X]]
func.func @branch(%x: f64, %p: i1) -> f64 {
  %false = arith.constant false
  %a = scf.if %p -> (f64) {
    cf.assert %false, "no"
    %s = scalar.sin %x : f64
    scf.yield %s : f64
  } else {
    scf.yield %x : f64
  }
  %b = scf.if %p -> (f64) {
    %c = scalar.cos %a : f64
    scf.yield %c : f64
  } else {
    scf.yield %x : f64
  }
  return %b : f64
}

// A loop that may have no rounds may come to its end; one of a round or more does not.
// CHECK-LABEL: func.func @loops(
// CHECK:         scf.for
// CHECK-NEXT:      cf.assert
// CHECK-NEXT:      %[[ZERO:.*]] = scalar.constant
// CHECK-NEXT:      scf.yield %[[ZERO]]
// CHECK:         scalar.cos
// CHECK:         scf.for
// CHECK-NEXT:      cf.assert
// CHECK-NEXT:      scalar.constant
// CHECK-NEXT:      scf.yield
// CHECK-NOT:     scalar.tan
func.func @loops(%x: f64, %n: index) -> f64 {
  %false = arith.constant false
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %a = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> (f64) {
    cf.assert %false, "never"
    %t = scalar.sin %s : f64
    scf.yield %t : f64
  }
  %b = scalar.cos %a : f64
  %c = scf.for %i = %c0 to %c3 step %c1 iter_args(%s = %b) -> (f64) {
    cf.assert %false, "always"
    %t = scalar.sin %s : f64
    scf.yield %t : f64
  }
  %d = scalar.tan %c : f64
  return %d : f64
}

// A loop that keeps the extents of what it carries: they are those that it begins with, round after round.
// CHECK-LABEL: func.func @carried(
// CHECK:         scf.for
// CHECK:           cf.assert
// CHECK-NEXT:      %[[TWO:.*]] = arith.constant 2 : index
// CHECK-NEXT:      %[[EMPTY:.*]] = tensor.empty(%[[TWO]]) : tensor<?xf64>
// CHECK-NEXT:      scf.yield %[[EMPTY]]
func.func @carried(%n: index, %x: f64) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %e = tensor.empty(%c2) : tensor<?xf64>
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%s = %e) -> (tensor<?xf64>) {
    %m = tensor.dim %s, %c0 : tensor<?xf64>
    %three = arith.cmpi eq, %m, %c3 : index
    cf.assert %three, "no"
    %t = linalg.fill ins(%x : f64) outs(%s : tensor<?xf64>) -> tensor<?xf64>
    scf.yield %t : tensor<?xf64>
  }
  return %y : tensor<?xf64>
}

// Boxes and reshapes of tensors that are known to have no elements move none: what they give is as large as they say.
// CHECK-LABEL: func.func @none(
// CHECK-SAME:    %[[X:.*]]: tensor<?xf64>, %[[N:.*]]: index)
// CHECK:         %[[EMPTY:.*]] = tensor.empty(%{{.*}}, %[[N]]) : tensor<?x?xf64>
// CHECK-NEXT:    %[[BOX:.*]] = tensor.empty(%[[N]]) : tensor<?xf64>
// CHECK-NOT:     slice
// CHECK-NOT:     shape
// CHECK:         return %[[BOX]], %[[X]], %{{.*}}, %{{.*}} : tensor<?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<?x?xf64>
func.func @none(%x: tensor<?xf64>, %n: index)
    -> (tensor<?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<?x?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.subi %c1, %c1 : index
  %e = tensor.empty(%zero, %n) : tensor<?x?xf64>
  %box = tensor.extract_slice %e[0, 0] [1, %n] [1, 1] : tensor<?x?xf64> to tensor<?xf64>
  %update = tensor.empty(%zero) : tensor<?xf64>
  %put = tensor.insert_slice %update into %x[%n] [%zero] [1] : tensor<?xf64> into tensor<?xf64>
  %again = tensor.insert_slice %update into %put[0] [%zero] [1] : tensor<?xf64> into tensor<?xf64>
  %line = tensor.collapse_shape %e [[0, 1]] : tensor<?x?xf64> into tensor<?xf64>
  %shape = tensor.expand_shape %line [[0, 1]] output_shape [%n, %c1] : tensor<?xf64> into tensor<?x?xf64>
  return %box, %again, %line, %shape : tensor<?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<?x?xf64>
}

// A box that begins where a tensor ends has no elements.
// CHECK-LABEL: func.func @end(
// CHECK-SAME:    %[[X:.*]]: tensor<?xf64>, %[[N:.*]]: index)
// CHECK-NOT:     insert_slice
// CHECK:         return
func.func @end(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c2 = arith.constant 2 : index
  %e = tensor.empty(%c2) : tensor<?xf64>
  %put = tensor.insert_slice %x into %e[2] [%n] [1] : tensor<?xf64> into tensor<?xf64>
  return %put : tensor<?xf64>
}
