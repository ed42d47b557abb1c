// The system y'_0 = x_0, y'_i = x_i y_(i-1) with y(0) = 0, solved up to t = 2 by the classical Runge-Kutta method of
// fourth order in `s` steps. The slope at i needs only the stage before it at i - 1, so one sweep over i makes a step.
func.func @ode(%x: tensor<?xf64> {dp.name = "x"}, %s: index {dp.name = "s"}) -> (tensor<?xf64> {dp.name = "y"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %one = scalar.constant 1.0 : f64
  %two = scalar.constant 2.0 : f64
  %six = scalar.constant 6.0 : f64
  %steps = arith.index_cast %s : index to i64
  %number = arith.sitofp %steps : i64 to f64
  %h = scalar.div %two, %number : f64
  %half = scalar.div %h, %two : f64
  %sixth = scalar.div %h, %six : f64
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %start = array.broadcast %zero dims [] extents(%n) : f64 to tensor<?xf64>
  %end = scf.for %step = %c0 to %s step %c1 iter_args(%now = %start) -> tensor<?xf64> {
    // The values of y and of the three stages at i - 1; y_(-1) is 1.
    %sweep:5 = scf.for %i = %c0 to %n step %c1 iter_args(%y = %now, %p0 = %one, %p1 = %one, %p2 = %one, %p3 = %one)
        -> (tensor<?xf64>, f64, f64, f64, f64) {
      %xi = tensor.extract %x[%i] : tensor<?xf64>
      %yi = tensor.extract %y[%i] : tensor<?xf64>
      %k1 = scalar.mul %xi, %p0 : f64
      %k2 = scalar.mul %xi, %p1 : f64
      %k3 = scalar.mul %xi, %p2 : f64
      %k4 = scalar.mul %xi, %p3 : f64
      %d1 = scalar.mul %half, %k1 : f64
      %d2 = scalar.mul %half, %k2 : f64
      %d3 = scalar.mul %h, %k3 : f64
      %y1 = scalar.add %yi, %d1 : f64
      %y2 = scalar.add %yi, %d2 : f64
      %y3 = scalar.add %yi, %d3 : f64
      %ends = scalar.add %k1, %k4 : f64
      %middle = scalar.add %k2, %k3 : f64
      %twice = scalar.mul %two, %middle : f64
      %k = scalar.add %ends, %twice : f64
      %change = scalar.mul %sixth, %k : f64
      %next = scalar.add %yi, %change : f64
      %z = tensor.insert %next into %y[%i] : tensor<?xf64>
      scf.yield %z, %yi, %y1, %y2, %y3 : tensor<?xf64>, f64, f64, f64, f64
    }
    scf.yield %sweep#0 : tensor<?xf64>
  }
  return %end : tensor<?xf64>
}

// The last component, whose gradient the eval asks for.
func.func @last(%x: tensor<?xf64> {dp.name = "x"}, %s: index {dp.name = "s"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %i = arith.subi %n, %c1 : index
  %y = func.call @ode(%x, %s) : (tensor<?xf64>, index) -> tensor<?xf64>
  %last = tensor.extract %y[%i] : tensor<?xf64>
  return %last : f64
}
