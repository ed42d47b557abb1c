// RUN: dpopt %s --split-input-file --verify-diagnostics

func.func @asks_nobody(%x: f64) {
  // expected-error @+2 {{'ad.grad' op lacks a callee}}
  // expected-note @+1 {{the callee must be a 'func.func' in this module}}
  %y:2 = ad.grad @nobody(%x) wrt [0] : (f64) -> (f64, f64)
  return
}

// -----

func.func private @f(%x: f64, %n: i32) -> f64
func.func @no_such_argument(%x: f64, %n: i32) {
  // expected-error @+2 {{'wrt' lists argument 2, which does not exist}}
  // expected-note @+1 {{the function has 2 arguments, counted from 0}}
  %y:2 = ad.grad @f(%x, %n) wrt [2] : (f64, i32) -> (f64, f64)
  return
}

// -----

func.func private @f(%x: f64, %n: i32) -> f64
func.func @of_an_integer(%x: f64, %n: i32) {
  // expected-error @+2 {{argument 1 has type i32, which is not differentiable}}
  // expected-note @+1 {{only floats, complex numbers and tensors of them are differentiable}}
  %y:2 = ad.grad @f(%x, %n) wrt [1] : (f64, i32) -> (f64, i32)
  return
}

// -----

func.func private @f(%x: f64) -> f64
func.func @twice(%x: f64) {
  // expected-error @+1 {{'wrt' lists argument 0 twice}}
  %y:3 = ad.grad @f(%x) wrt [0, 0] : (f64) -> (f64, f64, f64)
  return
}

// -----

func.func private @f(%x: f64) -> tensor<2xf64>
func.func @gradient_of_many(%x: f64) {
  // expected-error @+2 {{requires a function with one real scalar result}}
  // expected-note @+1 {{use 'ad.vjp'}}
  %y:2 = ad.grad @f(%x) wrt [0] : (f64) -> (tensor<2xf64>, f64)
  return
}

// -----

func.func private @f(%x: f64) -> f64
func.func @without_tangents(%x: f64) {
  // expected-error @+1 {{'ad.jvp' op requires operands of type (f64, f64)}}
  %y:2 = ad.jvp @f(%x) wrt [0] : (f64) -> (f64, f64)
  return
}

// -----

func.func private @f(%x: f64) -> (f64, i32)
func.func @pullback_of_integers(%x: f64) {
  // expected-error @+1 {{'ad.vjp' op requires results of type (f64, i32, !ad.pullback<(f64) -> f64>)}}
  %y:3 = ad.vjp @f(%x) wrt [0] : (f64) -> (f64, i32, !ad.pullback<(f64, i32) -> f64>)
  return
}

// -----

func.func @map_of_other_types(%x: f64, %c: f32) {
  // expected-error @+1 {{'ad.linear' op its region has the type (f64) -> (f64)}}
  %y = ad.linear transpose(%c : f32) at(%x : f64) -> f64 {
  ^bb0(%d: f64):
    ad.yield %d : f64
  }
  return
}

// -----

func.func @elsewhere(%x: f32, %c: f64) {
  // expected-error @+1 {{'ad.linear' op requires 'at' operands of type (f64)}}
  %y = ad.linear(%c : f64) at(%x : f32) -> f64 {
  ^bb0(%d: f64):
    ad.yield %d : f64
  }
  return
}

// -----

func.func @integers_carry_none(%n: i32) {
  // expected-error @+1 {{'ad.stop_gradient' op requires a differentiable type}}
  %y = ad.stop_gradient %n : i32
  return
}
