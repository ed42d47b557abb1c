// RUN: dpopt %s --ad --split-input-file --verify-diagnostics
// RUN: dpopt %s --ad-linearize --split-input-file --verify-diagnostics

// Only the first block of a function would be differentiated: refused, not guessed.
// expected-error @+2 {{branches between blocks are not differentiated}}
// expected-note @+1 {{run '--lift-cf-to-scf' first}}
func.func @f(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  cf.br ^done(%y : f64)
^done(%r: f64):
  return %r : f64
}
func.func @g(%x: f64) -> f64 {
  %v:2 = ad.grad @f(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#1 : f64
}

// -----

// Also where it is reached by a call.
// expected-error @+2 {{branches between blocks are not differentiated}}
// expected-note @+1 {{run '--lift-cf-to-scf' first}}
func.func private @inner(%x: f64) -> f64 {
  cf.br ^done(%x : f64)
^done(%r: f64):
  return %r : f64
}
func.func @f(%x: f64) -> f64 {
  %y = call @inner(%x) : (f64) -> f64
  return %y : f64
}
func.func @g(%x: f64, %dx: f64) -> f64 {
  %v:2 = ad.jvp @f(%x, %dx) wrt [0] : (f64, f64) -> (f64, f64)
  return %v#1 : f64
}

// -----

// And within a region.
func.func @f(%x: f64) -> f64 {
  // expected-error @+2 {{branches between blocks are not differentiated}}
  // expected-note @+1 {{run '--lift-cf-to-scf' first}}
  %y = scf.execute_region -> f64 {
    %s = scalar.sin %x : f64
    cf.br ^done(%s : f64)
  ^done(%r: f64):
    scf.yield %r : f64
  }
  return %y : f64
}
func.func @g(%x: f64) -> f64 {
  %v:2 = ad.grad @f(%x) wrt [0] : (f64) -> (f64, f64)
  return %v#1 : f64
}
