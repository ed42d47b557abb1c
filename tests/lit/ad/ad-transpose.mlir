// RUN: dpopt %s --ad-transpose --split-input-file --verify-diagnostics | FileCheck %s

// The region is turned around: each operation becomes its transpose, and the
// factor is a residual from outside.
// CHECK-LABEL: func.func @turned(
// CHECK-SAME:    %[[X:.*]]: f64, %[[R:.*]]: f64, %[[CT:.*]]: f64)
// CHECK-NEXT:    %[[P:.*]] = scalar.mul %[[CT]], %[[R]]
// CHECK-NEXT:    %[[S:.*]] = scalar.add %[[CT]], %[[P]]
// CHECK-NEXT:    return %[[S]]
func.func @turned(%x: f64, %r: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose(%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%dx: f64):
    %0 = scalar.mul %r, %dx : f64
    %1 = scalar.add %0, %dx : f64
    ad.yield %1 : f64
  }
  return %g : f64
}

// An applied region is inlined as it stands.
// CHECK-LABEL: func.func @applied(
// CHECK-SAME:    %[[X:.*]]: f64, %[[R:.*]]: f64, %[[DX:.*]]: f64)
// CHECK-NEXT:    %[[P:.*]] = scalar.mul %[[R]], %[[DX]]
// CHECK-NEXT:    return %[[P]]
func.func @applied(%x: f64, %r: f64, %dx: f64) -> f64 {
  %g = ad.linear(%dx : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    %0 = scalar.mul %r, %d : f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// A cotangent that is zero where an operand is not chosen is multiplied within the select, since the factor may be
// infinite there; the cotangents of both operands are one choice.
// CHECK-LABEL: func.func @chosen(
// CHECK-SAME:    %[[X:[^:]*]]: f64, %[[P:[^:]*]]: i1, %[[R:[^:]*]]: f64, %[[S:[^:]*]]: f64, %[[CT:[^:]*]]: f64)
// CHECK-NEXT:    %[[B:.*]] = scalar.div %[[CT]], %[[S]]
// CHECK-NEXT:    %[[A:.*]] = scalar.mul %[[CT]], %[[R]]
// CHECK-NEXT:    %[[G:.*]] = scalar.select %[[P]], %[[A]], %[[B]]
// CHECK-NEXT:    return %[[G]]
func.func @chosen(%x: f64, %p: i1, %r: f64, %s: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose(%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%dx: f64):
    %0 = scalar.mul %r, %dx : f64
    %1 = scalar.div %dx, %s : f64
    %2 = scalar.select %p, %0, %1 : i1, f64
    ad.yield %2 : f64
  }
  return %g : f64
}

// Masks within one another become one.
// CHECK-LABEL: func.func @chosen_twice(
// CHECK-SAME:    %[[X:[^:]*]]: f64, %[[P:[^:]*]]: i1, %[[Q:[^:]*]]: i1, %[[R:[^:]*]]: f64, %[[S:[^:]*]]: f64, %[[CT:[^:]*]]: f64)
// CHECK-NEXT:    %[[D:.*]] = scalar.div %[[CT]], %[[S]]
// CHECK-NEXT:    %[[N:.*]] = scalar.not %[[Q]]
// CHECK-NEXT:    %[[BOTH:.*]] = scalar.and %[[N]], %[[P]]
// CHECK-NEXT:    %[[M:.*]] = scalar.mul %[[D]], %[[R]]
// CHECK-NEXT:    %[[ZERO:.*]] = scalar.constant 0.0
// CHECK-NEXT:    %[[G:.*]] = scalar.select %[[BOTH]], %[[M]], %[[ZERO]]
// CHECK-NEXT:    return %[[G]]
func.func @chosen_twice(%x: f64, %p: i1, %q: i1, %r: f64, %s: f64, %ct: f64) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %g = ad.linear transpose(%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%dx: f64):
    %0 = scalar.mul %r, %dx : f64
    %1 = scalar.select %q, %zero, %0 : i1, f64
    %2 = scalar.div %1, %s : f64
    %3 = scalar.select %p, %2, %zero : i1, f64
    ad.yield %3 : f64
  }
  return %g : f64
}

// Reads accumulate into one slot: no dense tensors of zeros are added up.
// CHECK-LABEL: func.func @reads(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?xf64>, %[[I:.*]]: index
// CHECK:         %[[ZEROS:.*]] = array.broadcast %{{.*}} dims [] extents
// CHECK:         %[[ONCE:.*]] = array.update_slice accumulate %[[ZEROS]]
// CHECK:         %[[TWICE:.*]] = array.update_slice accumulate %[[ONCE]]
// CHECK-NOT:     scalar.add
// CHECK:         return %[[TWICE]]
func.func @reads(%x: tensor<?xf64>, %i: index, %j: index, %ct: f64) -> tensor<?xf64> {
  %g = ad.linear transpose(%ct : f64) at(%x : tensor<?xf64>) -> tensor<?xf64> {
  ^bb0(%d: tensor<?xf64>):
    %0 = tensor.extract %d[%i] : tensor<?xf64>
    %1 = tensor.extract %d[%j] : tensor<?xf64>
    %2 = scalar.add %0, %1 : f64
    ad.yield %2 : f64
  }
  return %g : tensor<?xf64>
}

// An argument that nothing flows to has zeros of the primal's extents.
// CHECK-LABEL: func.func @nothing(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?xf64>
// CHECK:         %[[N:.*]] = tensor.dim %[[X]]
// CHECK:         %[[Z:.*]] = array.broadcast %{{.*}} dims [] extents(%[[N]])
// CHECK:         return %[[Z]]
func.func @nothing(%x: tensor<?xf64>, %ct: f64) -> tensor<?xf64> {
  %zero = scalar.constant 0.0 : f64
  %g = ad.linear transpose(%ct : f64) at(%x : tensor<?xf64>) -> tensor<?xf64> {
  ^bb0(%d: tensor<?xf64>):
    ad.yield %zero : f64
  }
  return %g : tensor<?xf64>
}

// -----

func.func @not_linear(%x: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose(%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{'scalar.mul' is not linear in a tangent}}
    // expected-note @+1 {{one factor alone may depend on tangents}}
    %0 = scalar.mul %d, %d : f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

func.func @no_row(%x: f64, %dx: f64) -> f64 {
  %g = ad.linear (%dx : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{'scalar.sin' is not linear in a tangent}}
    // expected-note @+1 {{a linear region moves, adds and negates tangents}}
    %0 = scalar.sin %d : f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

func.func @affine(%x: f64, %dx: f64) -> f64 {
  %g = ad.linear (%dx : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{'scalar.add' is not linear in a tangent}}
    // expected-note @+1 {{must depend on tangents too, or be a constant 0}}
    %0 = scalar.add %d, %x : f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

func.func @constant(%x: f64, %dx: f64) -> f64 {
  %g = ad.linear (%dx : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{yields what depends on no tangent}}
    // expected-note @+1 {{a linear map gives 0 for tangents that are 0}}
    ad.yield %x : f64
  }
  return %g : f64
}

// -----

func.func @divisor(%x: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose (%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{'scalar.div' is not linear in a tangent}}
    // expected-note @+1 {{the dividend alone}}
    %0 = scalar.div %x, %d : f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

func.func @chosen_by_a_tangent(%x: f64, %dx: f64) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %g = ad.linear (%dx : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{'scalar.compare' is not linear in a tangent}}
    // expected-note @+1 {{a linear region moves}}
    %p = scalar.compare lt %d, %zero : f64
    %0 = scalar.select %p, %d, %zero : i1, f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

func.func @one_branch(%x: f64, %p: i1, %dx: f64) -> f64 {
  %g = ad.linear (%dx : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{'scf.if' is not linear in a tangent}}
    // expected-note @+1 {{chosen instead of one}}
    %0 = scf.if %p -> f64 {
      scf.yield %d : f64
    } else {
      scf.yield %x : f64
    }
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

func.func @greatest(%x: tensor<4xf64>, %dx: tensor<4xf64>) -> tensor<f64> {
  %g = ad.linear (%dx : tensor<4xf64>) at(%x : tensor<4xf64>) -> tensor<f64> {
  ^bb0(%d: tensor<4xf64>):
    // expected-error @+2 {{'array.reduce' is not linear in a tangent}}
    // expected-note @+1 {{a linear region moves}}
    %0 = array.reduce max %d dims [0] : tensor<4xf64>
    ad.yield %0 : tensor<f64>
  }
  return %g : tensor<f64>
}

// -----

func.func @in_a_map(%x: tensor<4xf64>, %dx: tensor<4xf64>) -> tensor<4xf64> {
  %g = ad.linear (%dx : tensor<4xf64>) at(%x : tensor<4xf64>) -> tensor<4xf64> {
  ^bb0(%d: tensor<4xf64>):
    %0 = array.map(%d, %x) : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64> {
    ^bb0(%e: f64, %y: f64):
      // expected-error @+2 {{'scalar.add' is not linear in a tangent}}
      // expected-note @+1 {{must depend on tangents too}}
      %s = scalar.add %e, %y : f64
      array.yield %s : f64
    }
    ad.yield %0 : tensor<4xf64>
  }
  return %g : tensor<4xf64>
}

// -----

func.func private @square(%x: f64) -> f64 {
  %y = scalar.mul %x, %x : f64
  return %y : f64
}
func.func @in_a_call(%x: f64, %dx: f64) -> f64 {
  %g = ad.linear (%dx : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{the call of '@square' is not linear in a tangent: in it, 'scalar.mul' is not}}
    // expected-note @+1 {{a linear region moves}}
    %0 = func.call @square(%d) : (f64) -> f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

// What is linear all the same.
func.func private @scaled(%n: i32, %r: f64, %d: f64) -> f64 {
  %zero = scalar.constant 0 : i32
  %one = scalar.constant 1 : i32
  %ends = scalar.compare eq %n, %zero : i32
  %y = scf.if %ends -> f64 {
    scf.yield %d : f64
  } else {
    %m = scalar.sub %n, %one : i32
    %half = scalar.mul %r, %d : f64
    %again = func.call @scaled(%m, %r, %half) : (i32, f64, f64) -> f64
    scf.yield %again : f64
  }
  return %y : f64
}
func.func private @of_the_first(%a: f64, %b: f64) -> f64 {
  %s = scalar.sin %b : f64
  %y = scalar.mul %a, %s : f64
  return %y : f64
}
// CHECK-LABEL: func.func @all_linear(
// CHECK-NOT:     ad.linear
func.func @all_linear(%x: tensor<?xf64>, %r: tensor<?xf64>, %p: i1, %n: i32, %dx: tensor<?xf64>) -> (f64, f64, tensor<?xf64>) {
  %zero = scalar.constant 0.0 : f64
  %c0 = arith.constant 0 : index
  %g:3 = ad.linear (%dx : tensor<?xf64>) at(%x : tensor<?xf64>) -> f64, f64, tensor<?xf64> {
  ^bb0(%d: tensor<?xf64>):
    %sin = scalar.sin %r : tensor<?xf64>
    %dim = tensor.dim %d, %c0 : tensor<?xf64>
    %zeros = array.broadcast %zero dims [] extents(%dim) : f64 to tensor<?xf64>
    %where = scalar.compare lt %r, %sin : tensor<?xf64>
    %chosen = scalar.select %where, %d, %zeros : tensor<?xi1>, tensor<?xf64>
    %fused = scalar.fma %chosen, %sin, %d : tensor<?xf64>
    %dot = array.dot %sin, %fused contract [0] with [0] : tensor<?xf64>, tensor<?xf64>
    %number = tensor.extract %dot[] : tensor<f64>
    %branch = scf.if %p -> f64 {
      %sum = scalar.add %number, %number : f64
      scf.yield %sum : f64
    } else {
      scf.yield %zero : f64
    }
    %called = func.call @scaled(%n, %zero, %branch) : (i32, f64, f64) -> f64
    %of_first = func.call @of_the_first(%branch, %zero) : (f64, f64) -> f64
    %mapped = array.map(%d, %r) : (tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64> {
    ^bb0(%e: f64, %y: f64):
      %product = scalar.mul %y, %e : f64
      %negated = scalar.neg %product : f64
      array.yield %negated : f64
    }
    ad.yield %called, %of_first, %mapped : f64, f64, tensor<?xf64>
  }
  return %g#0, %g#1, %g#2 : f64, f64, tensor<?xf64>
}

// -----

// Regions within regions.
// CHECK-LABEL: func.func @nested(
// CHECK-SAME:    %[[X:.*]]: f64, %[[CT:.*]]: f64)
// CHECK-NEXT:    %[[A:.*]] = scalar.mul %[[CT]], %[[X]]
// CHECK-NEXT:    %[[B:.*]] = scalar.mul %[[A]], %[[X]]
// CHECK-NEXT:    return %[[B]]
func.func @nested(%x: f64, %ct: f64) -> f64 {
  %y = ad.linear transpose (%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    %s = ad.linear (%d : f64) at(%x : f64) -> f64 {
    ^bb0(%e: f64):
      %t = scalar.mul %e, %x : f64
      ad.yield %t : f64
    }
    %u = ad.linear transpose (%s : f64) at(%x : f64) -> f64 {
    ^bb0(%e: f64):
      %t = scalar.mul %e, %x : f64
      ad.yield %t : f64
    }
    ad.yield %u : f64
  }
  return %y : f64
}

// -----

// What is called on tangents is copied in; residuals come from calls, branches and maps beside tangents.
func.func private @scaled(%r: f64, %d: f64) -> (f64, f64) {
  %s = scalar.sin %r : f64
  %y = scalar.mul %d, %s : f64
  return %s, %y : f64, f64
}
// CHECK-LABEL: func.func @called(
// CHECK-SAME:    %[[X:.*]]: f64, %[[CT:.*]]: f64)
// CHECK-NEXT:    %[[S:.*]] = scalar.sin %[[X]]
// CHECK-NEXT:    %[[A:.*]] = scalar.mul %[[CT]], %[[S]]
// CHECK-NEXT:    %[[B:.*]] = scalar.mul %[[A]], %[[S]]
// CHECK-NEXT:    return %[[B]]
func.func @called(%x: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose(%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    %s, %t = func.call @scaled(%x, %d) : (f64, f64) -> (f64, f64)
    %u = scalar.mul %s, %t : f64
    ad.yield %u : f64
  }
  return %g : f64
}

// CHECK-LABEL: func.func @fused(
// CHECK-SAME:    %[[R:.*]]: f64, %[[CT:.*]]: f64)
// CHECK-NEXT:    %[[P:.*]] = scalar.mul %[[CT]], %[[R]]
// CHECK-NEXT:    %[[S:.*]] = scalar.add %[[P]], %[[CT]]
// CHECK-NEXT:    return %[[S]]
func.func @fused(%r: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose(%ct : f64) at(%r : f64) -> f64 {
  ^bb0(%d: f64):
    %0 = scalar.fma %r, %d, %d : f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// CHECK-LABEL: func.func @residual_of_a_branch(
// CHECK:         %[[R:.*]] = scf.if %{{.*}} -> (f64) {
// CHECK:         %[[P:.*]] = scalar.mul %{{.*}}, %[[R]]
// CHECK:         scf.if %{{.*}} -> (f64) {
func.func @residual_of_a_branch(%x: f64, %p: i1, %ct: f64) -> f64 {
  %g = ad.linear transpose(%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    %r, %t = scf.if %p -> (f64, f64) {
      %n = scalar.neg %d : f64
      scf.yield %x, %n : f64, f64
    } else {
      %s = scalar.sin %x : f64
      scf.yield %s, %d : f64, f64
    }
    %y = scalar.mul %r, %t : f64
    ad.yield %y : f64
  }
  return %g : f64
}

// The extent of a tangent is that of the point.
// CHECK-LABEL: func.func @extent_of_a_tangent(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?xf64>, %[[R:.*]]: f64, %[[CT:[^:]*]]: tensor<?xf64>)
// CHECK:         %[[N:.*]] = tensor.dim %[[X]]
// CHECK:         %[[ALL:.*]] = array.broadcast %[[R]] dims [] extents(%[[N]])
// CHECK:         scalar.mul %[[CT]], %[[ALL]]
func.func @extent_of_a_tangent(%x: tensor<?xf64>, %r: f64, %ct: tensor<?xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %g = ad.linear transpose(%ct : tensor<?xf64>) at(%x : tensor<?xf64>) -> tensor<?xf64> {
  ^bb0(%d: tensor<?xf64>):
    %n = tensor.dim %d, %c0 : tensor<?xf64>
    %all = array.broadcast %r dims [] extents(%n) : f64 to tensor<?xf64>
    %y = scalar.mul %all, %d : tensor<?xf64>
    ad.yield %y : tensor<?xf64>
  }
  return %g : tensor<?xf64>
}

// -----

// A recursive function that is linear in an argument has a transpose, which is recursive too.
// CHECK-LABEL: func.func private @scaled__reverse(
// CHECK-SAME:    %[[N:.*]]: i32, %[[CT:.*]]: f64) -> f64
// CHECK:           scf.yield %[[CT]]
// CHECK:           %[[M:.*]] = scalar.sub %[[N]]
// CHECK:           func.call @scaled__reverse(%[[M]], %[[CT]])
// CHECK-LABEL: func.func @recursive(
// CHECK-SAME:    %{{.*}}: f64, %[[N:.*]]: i32, %[[CT:.*]]: f64)
// CHECK-NEXT:    %[[G:.*]] = call @scaled__reverse(%[[N]], %[[CT]])
// CHECK-NEXT:    return %[[G]]
func.func private @scaled(%n: i32, %d: f64) -> f64 {
  %zero = scalar.constant 0 : i32
  %one = scalar.constant 1 : i32
  %ends = scalar.compare eq %n, %zero : i32
  %y = scf.if %ends -> f64 {
    scf.yield %d : f64
  } else {
    %m = scalar.sub %n, %one : i32
    %again = func.call @scaled(%m, %d) : (i32, f64) -> f64
    scf.yield %again : f64
  }
  return %y : f64
}
func.func @recursive(%x: f64, %n: i32, %ct: f64) -> f64 {
  %g = ad.linear transpose (%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    %0 = func.call @scaled(%n, %d) : (i32, f64) -> f64
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

func.func private @f(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
func.func @along(%x: f64, %ct: f64) -> f64 {
  %g = ad.linear transpose (%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{'ad.jvp' has no transpose before its derivative is found}}
    // expected-note @+1 {{run the pass 'ad'}}
    %y, %dy = ad.jvp @f(%x, %d) wrt [0] : (f64, f64) -> (f64, f64)
    ad.yield %dy : f64
  }
  return %g : f64
}

// -----

func.func @given(%x: f64, %ct: f64, %back: !ad.pullback<(f64) -> f64>) -> f64 {
  %g = ad.linear transpose (%ct : f64) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    // expected-error @+2 {{'ad.pull' has no transpose before its derivative is found}}
    // expected-note @+1 {{a pullback is pulled in the function that makes it}}
    %0 = ad.pull %back(%d) : !ad.pullback<(f64) -> f64>
    ad.yield %0 : f64
  }
  return %g : f64
}

// -----

func.func @only_tangents(%x: tensor<4xf64>, %ct: tensor<4xf64>) -> tensor<4xf64> {
  %g = ad.linear transpose (%ct : tensor<4xf64>) at(%x : tensor<4xf64>) -> tensor<4xf64> {
  ^bb0(%d: tensor<4xf64>):
    %c, %0 = array.map(%d) : (tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>) {
    ^bb0(%e: f64):
      %two = scalar.constant 2.0 : f64
      array.yield %two, %e : f64, f64
    }
    // expected-error @+2 {{a residual that 'array.map' gives is not there in the transpose: tangents flow into it}}
    // expected-note @+1 {{compute residuals by operations into which no tangent flows}}
    %1 = scalar.mul %c, %0 : tensor<4xf64>
    ad.yield %1 : tensor<4xf64>
  }
  return %g : tensor<4xf64>
}
