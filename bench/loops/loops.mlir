// Loops whose gradients are compared with adjoints written by hand.

// x to the power n, by n multiplications.
func.func @power(%x: f64 {dp.name = "x"}, %n: i64 {dp.name = "n"}) -> f64 {
  %one = scalar.constant 1.0 : f64
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %r:2 = scf.while (%p = %one, %left = %n) : (f64, i64) -> (f64, i64) {
    %more = arith.cmpi sgt, %left, %c0 : i64
    scf.condition(%more) %p, %left : f64, i64
  } do {
  ^bb0(%p: f64, %left: i64):
    %q = scalar.mul %p, %x : f64
    %less = arith.subi %left, %c1 : i64
    scf.yield %q, %less : f64, i64
  }
  return %r#0 : f64
}

// The sum of five rounds of sin(cos(x)) over a vector.
func.func @waves(%x: tensor<?xf64> {dp.name = "x"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %zero = scalar.constant 0.0 : f64
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %total = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %zero) -> f64 {
    %xi = tensor.extract %x[%i] : tensor<?xf64>
    %y = scf.for %k = %c0 to %c5 step %c1 iter_args(%now = %xi) -> f64 {
      %c = scalar.cos %now : f64
      %s = scalar.sin %c : f64
      scf.yield %s : f64
    }
    %next = scalar.add %sum, %y : f64
    scf.yield %next : f64
  }
  return %total : f64
}

// Thomas's algorithm: a tridiagonal system with lower, main and upper diagonals a, b and c, and right-hand side d. The
// value is the sum of the squares of the solution.
func.func @thomas(%a: tensor<?xf64> {dp.name = "a"}, %b: tensor<?xf64> {dp.name = "b"},
    %c: tensor<?xf64> {dp.name = "c"}, %d: tensor<?xf64> {dp.name = "d"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %n = tensor.dim %b, %c0 : tensor<?xf64>
  %b0 = tensor.extract %b[%c0] : tensor<?xf64>
  %c_0 = tensor.extract %c[%c0] : tensor<?xf64>
  %d0 = tensor.extract %d[%c0] : tensor<?xf64>
  %u0 = scalar.div %c_0, %b0 : f64
  %v0 = scalar.div %d0, %b0 : f64
  %us = tensor.insert %u0 into %c[%c0] : tensor<?xf64>
  %vs = tensor.insert %v0 into %d[%c0] : tensor<?xf64>
  %down:4 = scf.for %i = %c1 to %n step %c1 iter_args(%u = %u0, %v = %v0, %ut = %us, %vt = %vs)
      -> (f64, f64, tensor<?xf64>, tensor<?xf64>) {
    %ai = tensor.extract %a[%i] : tensor<?xf64>
    %bi = tensor.extract %b[%i] : tensor<?xf64>
    %ci = tensor.extract %c[%i] : tensor<?xf64>
    %di = tensor.extract %d[%i] : tensor<?xf64>
    %au = scalar.mul %ai, %u : f64
    %m = scalar.sub %bi, %au : f64
    %av = scalar.mul %ai, %v : f64
    %r = scalar.sub %di, %av : f64
    %ui = scalar.div %ci, %m : f64
    %vi = scalar.div %r, %m : f64
    %un = tensor.insert %ui into %ut[%i] : tensor<?xf64>
    %vn = tensor.insert %vi into %vt[%i] : tensor<?xf64>
    scf.yield %ui, %vi, %un, %vn : f64, f64, tensor<?xf64>, tensor<?xf64>
  }
  %last = arith.subi %n, %c1 : index
  %up:2 = scf.for %j = %c0 to %n step %c1 iter_args(%x = %zero, %sum = %zero) -> (f64, f64) {
    %i = arith.subi %last, %j : index
    %ui = tensor.extract %down#2[%i] : tensor<?xf64>
    %vi = tensor.extract %down#3[%i] : tensor<?xf64>
    %ux = scalar.mul %ui, %x : f64
    %xi = scalar.sub %vi, %ux : f64
    %square = scalar.mul %xi, %xi : f64
    %next = scalar.add %sum, %square : f64
    scf.yield %xi, %next : f64, f64
  }
  return %up#1 : f64
}

// The heat equation on a line by the explicit scheme; the value is the sum of the squares at the end.
func.func @heat(%u: tensor<?xf64> {dp.name = "u"}, %r: f64 {dp.name = "r"}, %steps: index {dp.name = "steps"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %u, %c0 : tensor<?xf64>
  %m = arith.subi %n, %c2 : index
  %two = scalar.constant 2.0 : f64
  %twos = array.broadcast %two dims [] extents(%m) : f64 to tensor<?xf64>
  %rs = array.broadcast %r dims [] extents(%m) : f64 to tensor<?xf64>
  %end = scf.for %step = %c0 to %steps step %c1 iter_args(%now = %u) -> (tensor<?xf64>) {
    %left = array.slice %now starts [0] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %here = array.slice %now starts [1] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %right = array.slice %now starts [2] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %both = scalar.add %left, %right : tensor<?xf64>
    %double = scalar.mul %twos, %here : tensor<?xf64>
    %bend = scalar.sub %both, %double : tensor<?xf64>
    %change = scalar.mul %rs, %bend : tensor<?xf64>
    %inner = scalar.add %here, %change : tensor<?xf64>
    %next = array.update_slice %now, %inner starts [1] : tensor<?xf64>, tensor<?xf64>
    scf.yield %next : tensor<?xf64>
  }
  %squares = scalar.mul %end, %end : tensor<?xf64>
  %whole = array.reduce add %squares dims [0] : tensor<?xf64>
  %sum = tensor.extract %whole[] : tensor<f64>
  return %sum : f64
}

// Prefix products, written into a vector element by element; the value is their sum.
func.func @prefix(%x: tensor<?xf64> {dp.name = "x"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %all = scf.for %i = %c1 to %n step %c1 iter_args(%y = %x) -> tensor<?xf64> {
    %before = arith.subi %i, %c1 : index
    %p = tensor.extract %y[%before] : tensor<?xf64>
    %xi = tensor.extract %y[%i] : tensor<?xf64>
    %q = scalar.mul %p, %xi : f64
    %z = tensor.insert %q into %y[%i] : tensor<?xf64>
    scf.yield %z : tensor<?xf64>
  }
  %whole = array.reduce add %all dims [0] : tensor<?xf64>
  %sum = tensor.extract %whole[] : tensor<f64>
  return %sum : f64
}

func.func private @lorenz_slope(%x: f64, %y: f64, %z: f64, %s: f64, %r: f64, %b: f64) -> (f64, f64, f64) {
  %yx = scalar.sub %y, %x : f64
  %dx = scalar.mul %s, %yx : f64
  %rz = scalar.sub %r, %z : f64
  %xrz = scalar.mul %x, %rz : f64
  %dy = scalar.sub %xrz, %y : f64
  %xy = scalar.mul %x, %y : f64
  %bz = scalar.mul %b, %z : f64
  %dz = scalar.sub %xy, %bz : f64
  return %dx, %dy, %dz : f64, f64, f64
}

func.func private @advance(%x: f64, %y: f64, %z: f64, %dx: f64, %dy: f64, %dz: f64, %h: f64) -> (f64, f64, f64) {
  %hx = scalar.mul %h, %dx : f64
  %hy = scalar.mul %h, %dy : f64
  %hz = scalar.mul %h, %dz : f64
  %x1 = scalar.add %x, %hx : f64
  %y1 = scalar.add %y, %hy : f64
  %z1 = scalar.add %z, %hz : f64
  return %x1, %y1, %z1 : f64, f64, f64
}

func.func private @weighted(%k1: f64, %k2: f64, %k3: f64, %k4: f64) -> f64 {
  %two = scalar.constant 2.0 : f64
  %m = scalar.add %k2, %k3 : f64
  %m2 = scalar.mul %two, %m : f64
  %e = scalar.add %k1, %k4 : f64
  %k = scalar.add %e, %m2 : f64
  return %k : f64
}

// Lorenz's system by the classical Runge-Kutta method of fourth order, `steps` steps of length h; the value is the sum of
// the squares of the state at the end.
func.func @lorenz(%x0: f64 {dp.name = "x0"}, %y0: f64 {dp.name = "y0"}, %z0: f64 {dp.name = "z0"},
    %s: f64 {dp.name = "s"}, %r: f64 {dp.name = "r"}, %b: f64 {dp.name = "b"},
    %h: f64 {dp.name = "h"}, %steps: index {dp.name = "steps"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %half = scalar.constant 0.5 : f64
  %six = scalar.constant 6.0 : f64
  %h2 = scalar.mul %half, %h : f64
  %h6 = scalar.div %h, %six : f64
  %end:3 = scf.for %i = %c0 to %steps step %c1 iter_args(%x = %x0, %y = %y0, %z = %z0) -> (f64, f64, f64) {
    %k1:3 = func.call @lorenz_slope(%x, %y, %z, %s, %r, %b) : (f64, f64, f64, f64, f64, f64) -> (f64, f64, f64)
    %p1:3 = func.call @advance(%x, %y, %z, %k1#0, %k1#1, %k1#2, %h2)
      : (f64, f64, f64, f64, f64, f64, f64) -> (f64, f64, f64)
    %k2:3 = func.call @lorenz_slope(%p1#0, %p1#1, %p1#2, %s, %r, %b) : (f64, f64, f64, f64, f64, f64) -> (f64, f64, f64)
    %p2:3 = func.call @advance(%x, %y, %z, %k2#0, %k2#1, %k2#2, %h2)
      : (f64, f64, f64, f64, f64, f64, f64) -> (f64, f64, f64)
    %k3:3 = func.call @lorenz_slope(%p2#0, %p2#1, %p2#2, %s, %r, %b) : (f64, f64, f64, f64, f64, f64) -> (f64, f64, f64)
    %p3:3 = func.call @advance(%x, %y, %z, %k3#0, %k3#1, %k3#2, %h)
      : (f64, f64, f64, f64, f64, f64, f64) -> (f64, f64, f64)
    %k4:3 = func.call @lorenz_slope(%p3#0, %p3#1, %p3#2, %s, %r, %b) : (f64, f64, f64, f64, f64, f64) -> (f64, f64, f64)
    %kx = func.call @weighted(%k1#0, %k2#0, %k3#0, %k4#0) : (f64, f64, f64, f64) -> f64
    %ky = func.call @weighted(%k1#1, %k2#1, %k3#1, %k4#1) : (f64, f64, f64, f64) -> f64
    %kz = func.call @weighted(%k1#2, %k2#2, %k3#2, %k4#2) : (f64, f64, f64, f64) -> f64
    %next:3 = func.call @advance(%x, %y, %z, %kx, %ky, %kz, %h6) : (f64, f64, f64, f64, f64, f64, f64) -> (f64, f64, f64)
    scf.yield %next#0, %next#1, %next#2 : f64, f64, f64
  }
  %xx = scalar.mul %end#0, %end#0 : f64
  %yy = scalar.mul %end#1, %end#1 : f64
  %zz = scalar.mul %end#2, %end#2 : f64
  %xy = scalar.add %xx, %yy : f64
  %sum = scalar.add %xy, %zz : f64
  return %sum : f64
}
