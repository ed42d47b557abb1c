// RUN: dpopt %s --simplify-branches --cse --canonicalize | FileCheck %s
// RUN: dpopt %s --simplify-branches | FileCheck %s --check-prefix=HALVES

// In the regions of a branch its condition is known, and so is what follows from it.
// CHECK-LABEL: func.func @known(
// CHECK-SAME:    %[[X:.*]]: f64, %[[Y:.*]]: f64
// CHECK:         %[[C:.*]] = scalar.compare lt %[[X]], %[[Y]]
// CHECK-NEXT:    scf.if %[[C]]
// CHECK-NEXT:      scalar.sin %[[X]]
// CHECK-NEXT:      scf.yield
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scalar.exp %[[Y]]
// CHECK-NEXT:      scf.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    return
func.func @known(%x: f64, %y: f64) -> f64 {
  %c = scalar.compare lt %x, %y : f64
  %r = scf.if %c -> f64 {
    %d = scalar.compare ge %x, %y : f64
    %s = scf.if %d -> f64 {
      %e = scalar.cos %x : f64
      scf.yield %e : f64
    } else {
      // The same comparison, with its operands in the other order.
      %f = scalar.compare gt %y, %x : f64
      %g = scf.if %f -> f64 {
        %e = scalar.sin %x : f64
        scf.yield %e : f64
      } else {
        scf.yield %y : f64
      }
      scf.yield %g : f64
    }
    scf.yield %s : f64
  } else {
    %s = scf.if %c -> f64 {
      scf.yield %x : f64
    } else {
      %e = scalar.exp %y : f64
      scf.yield %e : f64
    }
    scf.yield %s : f64
  }
  return %r : f64
}

// Numbers that are not less may be unordered: then they are not at least as great either. Integers are.
// CHECK-LABEL: func.func @unordered(
// CHECK:         scalar.compare lt
// CHECK:         scf.if
// CHECK:         } else {
// CHECK:           %[[D:.*]] = scalar.compare ge %{{.*}} : f64
// CHECK:           arith.select %[[D]]
// CHECK:         scalar.compare lt %{{.*}} : i64
// CHECK-NOT:     compare
// CHECK:         return
func.func @unordered(%x: f64, %y: f64, %m: i64, %n: i64) -> (f64, i64) {
  %c = scalar.compare lt %x, %y : f64
  %r = scf.if %c -> f64 {
    %e = scalar.exp %x : f64
    scf.yield %e : f64
  } else {
    %d = scalar.compare ge %x, %y : f64
    %s = scf.if %d -> f64 {
      scf.yield %x : f64
    } else {
      scf.yield %y : f64
    }
    scf.yield %s : f64
  }
  %i = scalar.compare lt %m, %n : i64
  %t = scf.if %i -> i64 {
    %e = scalar.mul %m, %n : i64
    scf.yield %e : i64
  } else {
    %d = scalar.compare ge %m, %n : i64
    %s = scf.if %d -> i64 {
      scf.yield %m : i64
    } else {
      scf.yield %n : i64
    }
    scf.yield %s : i64
  }
  return %r, %t : f64, i64
}

// The order of integers without signs says nothing about that with signs, except for equality.
// CHECK-LABEL: func.func @unsigned(
// CHECK:         arith.cmpi ult
// CHECK:         scf.if
// CHECK:           arith.cmpi slt
// CHECK-NOT:       arith.cmpi
// CHECK:         return
func.func @unsigned(%m: index, %n: index) -> (i1, i1) {
  %false = scalar.constant false
  %c = arith.cmpi ult, %m, %n : index
  %r:2 = scf.if %c -> (i1, i1) {
    %s = arith.cmpi slt, %m, %n : index
    %e = arith.cmpi eq, %n, %m : index
    scf.yield %s, %e : i1, i1
  } else {
    scf.yield %false, %false : i1, i1
  }
  return %r#0, %r#1 : i1, i1
}

// The selector of a switch is the constant of the case, and none of them by default.
// CHECK-LABEL: func.func @cases(
// CHECK-SAME:    %[[K:.*]]: index
// CHECK:         scf.index_switch %[[K]]
// CHECK:         case 3 {
// CHECK-NEXT:      scf.yield %{{c3.*}} :
// CHECK:         default {
// CHECK-NEXT:      scf.yield %[[K]] :
// CHECK-NOT:     scf.index_switch
func.func @cases(%k: index) -> index {
  %c5 = arith.constant 5 : index
  %r = scf.index_switch %k -> index
  case 3 {
    %s = scf.index_switch %k -> index
    case 3 {
      scf.yield %k : index
    }
    default {
      scf.yield %c5 : index
    }
    scf.yield %s : index
  }
  default {
    %s = scf.index_switch %k -> index
    case 3 {
      scf.yield %c5 : index
    }
    default {
      scf.yield %k : index
    }
    scf.yield %s : index
  }
  return %r : index
}

// A condition of two parts, and one that says that a number is a constant.
// CHECK-LABEL: func.func @parts(
// CHECK:         scf.if
// CHECK-NEXT:      scf.yield %{{c7.*}} : index
// CHECK-NEXT:    } else {
// CHECK-NEXT:      arith.muli
// CHECK-NEXT:      scf.yield
func.func @parts(%p: i1, %n: index) -> index {
  %c7 = arith.constant 7 : index
  %c9 = arith.constant 9 : index
  %e = arith.cmpi eq, %n, %c7 : index
  %b = scalar.and %p, %e : i1
  %r = scf.if %b -> index {
    %s = scf.if %p -> index {
      scf.yield %n : index
    } else {
      scf.yield %c9 : index
    }
    scf.yield %s : index
  } else {
    %d = arith.muli %n, %n : index
    scf.yield %d : index
  }
  return %r : index
}

// What both regions compute is computed before. What can fail stays: the errors keep their places.
// CHECK-LABEL: func.func @common(
// CHECK:         %[[M:.*]] = scalar.mul
// CHECK-NEXT:    %[[S:.*]] = scalar.sin %[[M]]
// CHECK-NEXT:    scf.if
// CHECK-NEXT:      tensor.extract
// CHECK-NEXT:      scalar.exp %[[S]]
// CHECK:         } else {
// CHECK-NEXT:      tensor.extract
// CHECK-NEXT:      scalar.cos
func.func @common(%p: i1, %x: f64, %y: f64, %t: tensor<?xf64>, %i: index) -> (f64, f64) {
  %r:2 = scf.if %p -> (f64, f64) {
    %a = scalar.mul %x, %y : f64
    %b = scalar.sin %a : f64
    %u = tensor.extract %t[%i] : tensor<?xf64>
    %c = scalar.exp %b : f64
    scf.yield %c, %u : f64, f64
  } else {
    %u = tensor.extract %t[%i] : tensor<?xf64>
    %a = scalar.mul %y, %x : f64
    %b = scalar.sin %a : f64
    %c = scalar.cos %b : f64
    scf.yield %c, %u : f64, f64
  }
  return %r#0, %r#1 : f64, f64
}

// Equal branches are their value, and a branch that returns its condition is the condition.
// CHECK-LABEL: func.func @equal(
// CHECK-SAME:    %[[P:.*]]: i1, %[[X:.*]]: f64
// CHECK-DAG:     %[[E:.*]] = scalar.exp %[[X]]
// CHECK-DAG:     %[[N:.*]] = scalar.not %[[P]]
// CHECK-NOT:     scf.if
// CHECK:         return %[[E]], %[[P]], %[[N]]
func.func @equal(%p: i1, %x: f64) -> (f64, i1, i1) {
  %true = scalar.constant true
  %false = scalar.constant false
  %r:3 = scf.if %p -> (f64, i1, i1) {
    %e = scalar.exp %x : f64
    scf.yield %e, %true, %false : f64, i1, i1
  } else {
    %e = scalar.exp %x : f64
    scf.yield %e, %p, %true : f64, i1, i1
  }
  return %r#0, %r#1, %r#2 : f64, i1, i1
}

// The second branch needs of the first what this one need not return then.
// CHECK-LABEL: func.func @merged(
// CHECK:         %[[T:.*]] = scalar.exp
// CHECK:         %[[R:.*]]:2 = scf.if %{{.*}} -> (f64, f64) {
// CHECK:         } else {
// CHECK:         }
// CHECK-NOT:     scf.if
// CHECK:         return %[[R]]#0, %[[R]]#1
func.func @merged(%p: i1, %x: f64, %y: f64) -> (f64, f64) {
  %r:2 = scf.if %p -> (f64, f64) {
    %s = scalar.sin %x : f64
    %c = scalar.cos %x : f64
    scf.yield %s, %c : f64, f64
  } else {
    scf.yield %x, %y : f64, f64
  }
  %t = scalar.exp %y : f64
  %g = scf.if %p -> f64 {
    %m = scalar.mul %t, %r#1 : f64
    scf.yield %m : f64
  } else {
    scf.yield %t : f64
  }
  return %r#0, %g : f64, f64
}

// Not if the second needs what is computed of the first's results, nor across a check that could fail before.
// CHECK-LABEL: func.func @apart(
// CHECK-COUNT-2: scf.if
// CHECK-LABEL: func.func @checks(
// CHECK-COUNT-2: scf.if
func.func @apart(%p: i1, %x: f64, %y: f64) -> f64 {
  %r = scf.if %p -> f64 {
    %s = scalar.sin %x : f64
    scf.yield %s : f64
  } else {
    scf.yield %x : f64
  }
  %t = scalar.exp %r : f64
  %g = scf.if %p -> f64 {
    %m = scalar.mul %t, %y : f64
    scf.yield %m : f64
  } else {
    scf.yield %t : f64
  }
  return %g : f64
}

func.func @checks(%p: i1, %t: tensor<?xf64>, %i: index, %j: index, %x: f64) -> (f64, f64, f64) {
  %r = scf.if %p -> f64 {
    %s = scalar.sin %x : f64
    scf.yield %s : f64
  } else {
    scf.yield %x : f64
  }
  %u = tensor.extract %t[%i] : tensor<?xf64>
  %g = scf.if %p -> f64 {
    %m = tensor.extract %t[%j] : tensor<?xf64>
    scf.yield %m : f64
  } else {
    scf.yield %x : f64
  }
  return %r, %u, %g : f64, f64, f64
}

// Many branches on the same values, in turn.
// CHECK-LABEL: func.func @turns(
// CHECK-COUNT-2: scf.if
// CHECK-NOT:     scf.if
// CHECK:         return
func.func @turns(%p: i1, %q: i1, %x: f64) -> f64 {
  %a = scf.if %p -> f64 {
    %s = scalar.sin %x : f64
    scf.yield %s : f64
  } else {
    scf.yield %x : f64
  }
  %b = scf.if %q -> f64 {
    %s = scalar.cos %x : f64
    scf.yield %s : f64
  } else {
    scf.yield %x : f64
  }
  %c = scf.if %p -> f64 {
    %s = scalar.exp %a : f64
    scf.yield %s : f64
  } else {
    scf.yield %a : f64
  }
  %d = scf.if %q -> f64 {
    %s = scalar.exp %b : f64
    scf.yield %s : f64
  } else {
    scf.yield %b : f64
  }
  %e = scalar.add %c, %d : f64
  return %e : f64
}

// Branches within branches that come together meet too.
// CHECK-LABEL: func.func @nested(
// CHECK-COUNT-2: scf.if
// CHECK-NOT:     scf.if
// CHECK:         return
func.func @nested(%p: i1, %q: i1, %x: f64) -> (f64, f64) {
  %a = scf.if %p -> f64 {
    %b = scf.if %q -> f64 {
      %s = scalar.sin %x : f64
      scf.yield %s : f64
    } else {
      %s = scalar.tan %x : f64
      scf.yield %s : f64
    }
    scf.yield %b : f64
  } else {
    scf.yield %x : f64
  }
  %c = scf.if %p -> f64 {
    %b = scf.if %q -> f64 {
      %s = scalar.exp %x : f64
      scf.yield %s : f64
    } else {
      %s = scalar.tan %x : f64
      scf.yield %s : f64
    }
    scf.yield %b : f64
  } else {
    scf.yield %x : f64
  }
  return %a, %c : f64, f64
}

// An update of nothing is no branch.
// CHECK-LABEL: func.func @nothing(
// CHECK-NEXT:    return
func.func @nothing(%p: i1, %x: f64) {
  scf.if %p {
    %s = scalar.sin %x : f64
  }
  return
}

// A branch that depends on a cotangent stays apart from one that does not: `split-pullbacks` divides the function.
// HALVES-LABEL: func.func @f_vjp(
// HALVES-COUNT-2: scf.if
// HALVES-NOT:     scf.if
// HALVES:         return
func.func @f_vjp(%x: f64, %p: i1, %d: f64) -> (f64, f64) attributes {dp.pullback = array<i64: 1, 0>} {
  %r:2 = scf.if %p -> (f64, f64) {
    %s = scalar.sin %x : f64
    %c = scalar.cos %x : f64
    scf.yield %s, %c : f64, f64
  } else {
    scf.yield %x, %x : f64, f64
  }
  %g = scf.if %p -> f64 {
    %m = scalar.mul %d, %r#1 : f64
    scf.yield %m : f64
  } else {
    scf.yield %d : f64
  }
  %h = scf.if %p -> f64 {
    %m = scalar.exp %g : f64
    scf.yield %m : f64
  } else {
    scf.yield %g : f64
  }
  return %r#0, %h : f64, f64
}
