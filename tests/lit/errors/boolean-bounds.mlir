// RUN: dpopt %s --raise-to-scalar --verify-diagnostics

func.func @f(%x: f64, %p: i1) -> f64 {
  %no = arith.constant false
  %yes = arith.constant true
  // expected-error @+2 {{'scf.for' has bounds of type i1, for which no signed step is positive}}
  // expected-note @+1 {{extend the bounds, as by 'arith.extui' to i32}}
  %r = scf.for %i = %no to %p step %yes iter_args(%a = %x) -> f64 : i1 {
    %s = scalar.sin %a : f64
    scf.yield %s : f64
  }
  return %r : f64
}
