// A loop of many short rounds, for gradients within a limit of memory.
func.func @logistic(%x: f64 {dp.name = "x"}, %rate: f64 {dp.name = "rate"}, %rounds: index {dp.name = "rounds"})
    -> (f64 {dp.name = "y"}) {
  %zero = arith.constant 0 : index
  %step = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %y = scf.for %i = %zero to %rounds step %step iter_args(%p = %x) -> f64 {
    %q = scalar.sub %one, %p : f64
    %pq = scalar.mul %p, %q : f64
    %next = scalar.mul %rate, %pq : f64
    scf.yield %next : f64
  }
  return %y : f64
}
