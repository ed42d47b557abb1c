// RUN: dpopt %s --simplify-carried | FileCheck %s

// What only its own next value needs is dropped, with what computes it, also where it goes through an inner loop.
// CHECK-LABEL: func.func @unused(
// CHECK:         %[[R:.*]] = scf.for %{{.*}} iter_args(%[[X:.*]] = %{{.*}}) -> (f64) {
// CHECK-NEXT:      %[[I:.*]] = scf.for %{{.*}} iter_args(%[[Y:.*]] = %[[X]]) -> (f64) {
// CHECK-NEXT:        %[[S:.*]] = scalar.sin %[[Y]]
// CHECK-NEXT:        scf.yield %[[S]] : f64
// CHECK-NEXT:      }
// CHECK-NEXT:      scf.yield %[[I]] : f64
// CHECK-NEXT:    }
// CHECK-NEXT:    return %[[R]]
func.func @unused(%x: f64, %t: tensor<9xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %u = %t) -> (f64, tensor<9xf64>) {
    %s:2 = scf.for %j = %c0 to %n step %c1 iter_args(%b = %a, %v = %u) -> (f64, tensor<9xf64>) {
      %e = scalar.exp %v : tensor<9xf64>
      %f = scalar.sin %b : f64
      scf.yield %f, %e : f64, tensor<9xf64>
    }
    scf.yield %s#0, %s#1 : f64, tensor<9xf64>
  }
  return %r#0 : f64
}

// A value that an iteration needs stays, even if nothing needs the last one.
// CHECK-LABEL: func.func @needed(
// CHECK:         scf.for %{{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) -> (f64, f64)
func.func @needed(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x) -> (f64, f64) {
    %c = scalar.sin %b : f64
    %d = scalar.add %a, %b : f64
    scf.yield %d, %c : f64, f64
  }
  return %r#0 : f64
}

// Nothing changes `t`, in any of the loops and branches.
// CHECK-LABEL: func.func @unchanged(
// CHECK-SAME:    %[[T:[a-z0-9]+]]: tensor<9xf64>
// CHECK-NOT:     iter_args
// CHECK:         return %[[T]] : tensor<9xf64>
func.func @unchanged(%t: tensor<9xf64>, %n: index, %p: i1) -> tensor<9xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%u = %t) -> tensor<9xf64> {
    %w:2 = scf.while (%k = %c0, %v = %u) : (index, tensor<9xf64>) -> (index, tensor<9xf64>) {
      %more = arith.cmpi slt, %k, %n : index
      scf.condition(%more) %k, %v : index, tensor<9xf64>
    } do {
    ^bb0(%k: index, %v: tensor<9xf64>):
      %next = arith.addi %k, %c1 : index
      %s = scf.if %p -> tensor<9xf64> {
        scf.yield %v : tensor<9xf64>
      } else {
        scf.yield %v : tensor<9xf64>
      }
      scf.yield %next, %s : index, tensor<9xf64>
    }
    scf.yield %w#1 : tensor<9xf64>
  }
  return %r : tensor<9xf64>
}

// Two counters that count the same are one.
// CHECK-LABEL: func.func @equal(
// CHECK:         %[[W:.*]] = scf.while (%{{.*}} = %{{.*}}) : (index) -> index
// CHECK:         return %[[W]], %[[W]]
func.func @equal(%n: index) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %w:2 = scf.while (%j = %c0, %k = %c0) : (index, index) -> (index, index) {
    %more = arith.cmpi slt, %k, %n : index
    scf.condition(%more) %j, %k : index, index
  } do {
  ^bb0(%j: index, %k: index):
    %j1 = arith.addi %j, %c1 : index
    %k1 = arith.addi %k, %c1 : index
    scf.yield %j1, %k1 : index, index
  }
  return %w#0, %w#1 : index, index
}

// Two that start equal and differ later are two.
// CHECK-LABEL: func.func @different(
// CHECK:         scf.for %{{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) -> (f64, f64)
func.func @different(%x: f64, %n: index) -> (f64, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x) -> (f64, f64) {
    %c = scalar.sin %a : f64
    %d = scalar.sin %c : f64
    scf.yield %c, %d : f64, f64
  }
  return %r#0, %r#1 : f64, f64
}

// A loop with an effect stays where its results go, and so does a branch; its other results go.
// CHECK-LABEL: func.func @effects(
// CHECK:         scf.if
// CHECK:           cf.assert
// CHECK:         scf.index_switch %{{.*}} -> f64
func.func @effects(%x: f64, %k: index, %p: i1) -> f64 {
  %a = scf.if %p -> f64 {
    cf.assert %p, "p"
    scf.yield %x : f64
  } else {
    %y = scalar.sin %x : f64
    scf.yield %y : f64
  }
  %b:2 = scf.index_switch %k -> f64, f64
  case 1 {
    %y = scalar.sin %x : f64
    scf.yield %y, %x : f64, f64
  }
  default {
    %y = scalar.cos %x : f64
    scf.yield %x, %y : f64, f64
  }
  return %b#1 : f64
}

// A carried constant, and two values that swap and are updated alike, in a branch too.
// CHECK-LABEL: func.func @constant(
// CHECK:         %[[ONE:.*]] = scalar.constant 1.0
// CHECK:         %[[R:.*]] = scf.for %{{.*}} iter_args(%[[X:.*]] = %{{.*}}) -> (f64) {
// CHECK:         return %[[R]], %[[R]], %[[ONE]] : f64, f64, f64
func.func @constant(%x: f64, %p: i1, %n: index) -> (f64, f64, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x, %c = %one) -> (f64, f64, f64) {
    %again = scalar.constant 1.0 : f64
    %s = scalar.mul %a, %c : f64
    %t = scalar.mul %b, %again : f64
    %y:3 = scf.if %p -> (f64, f64, f64) {
      %u = scalar.sin %s : f64
      %v = scalar.sin %t : f64
      scf.yield %u, %v, %again : f64, f64, f64
    } else {
      scf.yield %s, %t, %c : f64, f64, f64
    }
    scf.yield %y#1, %y#0, %y#2 : f64, f64, f64
  }
  return %r#0, %r#1, %r#2 : f64, f64, f64
}

// Values that start equal but are not updated alike stay, and so does what follows from them a round later.
// CHECK-LABEL: func.func @later(
// CHECK:         scf.for %{{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) -> (f64, f64, f64)
func.func @later(%x: f64, %n: index) -> (f64, f64, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x, %c = %x) -> (f64, f64, f64) {
    %s = scalar.sin %a : f64
    scf.yield %s, %a, %b : f64, f64, f64
  }
  return %r#0, %r#1, %r#2 : f64, f64, f64
}
