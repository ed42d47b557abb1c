// RUN: dpopt %s --ad --split-input-file --verify-diagnostics

// Snapshots of what a loop carries have one size.
func.func @f(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @+2 {{value 0 of type tensor<?xf64> that this loop carries may change its extents from round to round, and 'dp.checkpoint' asks for snapshots of it, which all have one size}}
  // expected-note @+1 {{give each round's value the extents of the value before it}}
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %u = array.concatenate %t, %x dim 0 : tensor<?xf64>, tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  } {dp.checkpoint = 2}
  return %r : tensor<?xf64>
}
func.func @g(%x: tensor<?xf64>, %n: index, %ct: tensor<?xf64>) -> tensor<?xf64> {
  %y, %back = ad.vjp @f(%x, %n) wrt [0] : (tensor<?xf64>, index)
      -> (tensor<?xf64>, !ad.pullback<(tensor<?xf64>) -> tensor<?xf64>>)
  %g = ad.pull %back(%ct) : !ad.pullback<(tensor<?xf64>) -> tensor<?xf64>>
  return %g : tensor<?xf64>
}

// -----

// Two tensors that take turns may have different extents.
func.func @f(%x: tensor<?xf64>, %y: tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>) {
  // expected-error @+2 {{value 0 of type tensor<?xf64> that this loop carries may change its extents from round to round}}
  // expected-note @+1 {{give each round's value}}
  %r:2 = scf.while (%p = %x, %q = %y) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>) {
    %c0 = arith.constant 0 : index
    %c9 = arith.constant 9 : index
    %n = tensor.dim %p, %c0 : tensor<?xf64>
    %c = arith.cmpi slt, %n, %c9 : index
    scf.condition(%c) %p, %q : tensor<?xf64>, tensor<?xf64>
  } do {
  ^bb0(%p: tensor<?xf64>, %q: tensor<?xf64>):
    scf.yield %q, %p : tensor<?xf64>, tensor<?xf64>
  } attributes {dp.checkpoint = 2}
  return %r#0, %r#1 : tensor<?xf64>, tensor<?xf64>
}
func.func @g(%x: tensor<?xf64>, %y: tensor<?xf64>, %ct: tensor<?xf64>) -> tensor<?xf64> {
  %a, %b, %back = ad.vjp @f(%x, %y) wrt [0] : (tensor<?xf64>, tensor<?xf64>)
      -> (tensor<?xf64>, tensor<?xf64>, !ad.pullback<(tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64>>)
  %g = ad.pull %back(%ct, %ct) : !ad.pullback<(tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64>>
  return %g : tensor<?xf64>
}

// -----

// A linear region that a program writes takes the number of rounds from outside.
func.func @f(%d: f64, %x: f64) -> f64 {
  %y = ad.linear (%d : f64) at(%x : f64) -> f64 {
  ^bb0(%e: f64):
    // expected-error @+2 {{'scf.while' is not supported in a linear region}}
    // expected-note @+1 {{take the number of rounds from outside of the region, and write 'scf.for'}}
    %r = scf.while (%t = %e) : (f64) -> f64 {
      %c = scalar.compare lt %x, %x : f64
      scf.condition(%c) %t : f64
    } do {
    ^bb0(%t: f64):
      scf.yield %t : f64
    }
    ad.yield %r : f64
  }
  return %y : f64
}

// -----

func.func @f(%d: f64, %x: f64, %n: index) -> f64 {
  %c1 = arith.constant 1 : index
  %y = ad.linear transpose (%d : f64) at(%x : f64) -> f64 {
  ^bb0(%e: f64):
    // expected-error @+2 {{a linear loop that does not count from 0 in steps of 1 is not transposed}}
    // expected-note @+1 {{count from 0 in steps of 1, by an 'index'}}
    %r = scf.for %i = %c1 to %n step %c1 iter_args(%t = %e) -> f64 {
      %u = scalar.mul %t, %x : f64
      scf.yield %u : f64
    }
    ad.yield %r : f64
  }
  return %y : f64
}

// -----

func.func @f(%d: f64, %x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = ad.linear transpose (%d : f64) at(%x : f64) -> f64 {
  ^bb0(%e: f64):
    // expected-error @+2 {{value 1 that a linear loop carries depends on no tangent}}
    // expected-note @+1 {{compute it in a loop of its own, outside of the region}}
    %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%t = %e, %k = %x) -> (f64, f64) {
      %u = scalar.mul %t, %k : f64
      %s = scalar.sin %k : f64
      scf.yield %u, %s : f64, f64
    }
    ad.yield %r#0 : f64
  }
  return %y : f64
}

// -----

// A loop whose rounds are no linear map of the tangents is not linear: its values grow by a constant.
func.func @f(%d: f64, %x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = ad.linear transpose (%d : f64) at(%x : f64) -> f64 {
  ^bb0(%e: f64):
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %e) -> f64 {
      // expected-error @+2 {{'scalar.add' is not linear in a tangent}}
      // expected-note @+1 {{what is added to a tangent, or chosen instead of one, must depend on tangents too}}
      %u = scalar.add %t, %x : f64
      scf.yield %u : f64
    }
    ad.yield %r : f64
  }
  return %y : f64
}

// -----

// A tape of more elements than an extent can count.
func.func @f(%x: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = array.broadcast %x dims [] : f32 to tensor<4294967296x4294967296xf32>
  // expected-error @+2 {{the derivative of this loop saves more elements than can be counted}}
  // expected-note @+1 {{use smaller tensors, or fewer iterations}}
  %r = scf.for %i = %c0 to %c2 step %c1 iter_args(%u = %t) -> tensor<4294967296x4294967296xf32> {
    %s = scalar.sin %u : tensor<4294967296x4294967296xf32>
    scf.yield %s : tensor<4294967296x4294967296xf32>
  }
  %e = tensor.extract %r[%c1, %c0] : tensor<4294967296x4294967296xf32>
  return %e : f32
}
func.func @g(%x: f32) -> f32 {
  %v:2 = ad.grad @f(%x) wrt [0] : (f32) -> (f32, f32)
  return %v#1 : f32
}
