// A loop hands a buffer on, of extents that its first iteration changes: two buffers in the workspace take turns, and no
// iteration allocates. The library allocates the result.
func.func @carried(%x: tensor<?x?xf64>, %n: index) -> tensor<?x?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> tensor<?x?xf64> {
    %z = array.dot %y, %x contract [0] with [0] : tensor<?x?xf64>, tensor<?x?xf64>
    scf.yield %z : tensor<?x?xf64>
  }
  return %r : tensor<?x?xf64>
}

// The same, and each iteration reads an element of x at a place that it computes.
func.func @checked(%x: tensor<?x?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x, %sum = %zero) -> (tensor<?x?xf64>, f64) {
    %z = array.dot %y, %x contract [1] with [0] : tensor<?x?xf64>, tensor<?x?xf64>
    %first = tensor.extract %z[%c0, %c0] : tensor<?x?xf64>
    %number = scalar.convert %first : f64 to i64
    %place = arith.index_cast %number : i64 to index
    %e = tensor.extract %x[%place, %c0] : tensor<?x?xf64>
    %s = scalar.add %sum, %e : f64
    scf.yield %z, %s : tensor<?x?xf64>, f64
  }
  return %r#1 : f64
}

// The data say how much memory it takes; what it computes says which element is read in the end.
func.func @measured(%x: tensor<?xf64>) -> (tensor<?xf64>, f64) {
  %c0 = arith.constant 0 : index
  %first = tensor.extract %x[%c0] : tensor<?xf64>
  %number = scalar.convert %first : f64 to i64
  %count = arith.index_cast %number : i64 to index
  %row = array.iota dim 0 extents(%count) : tensor<?xf64>
  %exp = scalar.exp %row : tensor<?xf64>
  %column = array.dot %exp, %exp contract [] with [] : tensor<?xf64>, tensor<?xf64>
  %products = array.dot %column, %row contract [1] with [0] : tensor<?x?xf64>, tensor<?xf64>
  %second = tensor.extract %products[%c0] : tensor<?xf64>
  %which = scalar.convert %second : f64 to i64
  %place = arith.index_cast %which : i64 to index
  %e = tensor.extract %products[%place] : tensor<?xf64>
  return %products, %e : tensor<?xf64>, f64
}

// Each call of the recursion works on a vector of its own, and reads it at a place that the data say.
func.func private @down(%n: i64, %x: f64) -> f64 {
  %none = scalar.constant 0 : i64
  %stop = scalar.compare le %n, %none : i64
  %r = scf.if %stop -> f64 {
    scf.yield %x : f64
  } else {
    %one = scalar.constant 1 : i64
    %row = array.iota dim 0 : tensor<1000xf64>
    %xs = array.broadcast %x dims [] : f64 to tensor<1000xf64>
    %sum = scalar.add %row, %xs : tensor<1000xf64>
    %total = array.reduce add %sum dims [0] : tensor<1000xf64>
    %rows = array.broadcast %total dims [] : tensor<f64> to tensor<1000xf64>
    %part = scalar.div %sum, %rows : tensor<1000xf64>
    %number = scalar.convert %x : f64 to i64
    %place = arith.index_cast %number : i64 to index
    %e = tensor.extract %part[%place] : tensor<1000xf64>
    %less = scalar.sub %n, %one : i64
    %next = scalar.add %x, %e : f64
    %deep = func.call @down(%less, %next) : (i64, f64) -> f64
    %all = array.reduce max %part dims [0] : tensor<1000xf64>
    %greatest = tensor.extract %all[] : tensor<f64>
    %y = scalar.add %deep, %greatest : f64
    scf.yield %y : f64
  }
  return %r : f64
}
func.func @recursive(%n: i64, %x: f64) -> f64 {
  %r = func.call @down(%n, %x) : (i64, f64) -> f64
  return %r : f64
}

// A pullback keeps a handle, and a tensor of its own for each loop's record; the second result is allocated too.
func.func private @curve(%x: tensor<?xf64>, %n: index) -> (f64, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%v = %x) -> tensor<?xf64> {
    %s = scalar.sin %v : tensor<?xf64>
    scf.yield %s : tensor<?xf64>
  }
  %t = array.reduce add %y dims [0] : tensor<?xf64>
  %e = tensor.extract %t[] : tensor<f64>
  %z = array.broadcast %e dims [] extents(%n) : f64 to tensor<?xf64>
  return %e, %z : f64, tensor<?xf64>
}

func.func @curve_vjp(%x: tensor<?xf64>, %n: index, %d: f64, %dz: tensor<?xf64>) -> (f64, tensor<?xf64>, tensor<?xf64>)
    attributes {dp.pullback = array<i64: 2, 0>} {
  %e, %z, %back = ad.vjp @curve(%x, %n) wrt [0]
      : (tensor<?xf64>, index) -> (f64, tensor<?xf64>, !ad.pullback<(f64, tensor<?xf64>) -> tensor<?xf64>>)
  %g = ad.pull %back(%d, %dz) : !ad.pullback<(f64, tensor<?xf64>) -> tensor<?xf64>>
  return %e, %z, %g : f64, tensor<?xf64>, tensor<?xf64>
}

// Each call of the recursion returns a tensor, and records others: the handle holds the tape.
func.func private @walk(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %stop = arith.cmpi sle, %n, %c0 : index
  %r = scf.if %stop -> tensor<?xf64> {
    scf.yield %x : tensor<?xf64>
  } else {
    %m = arith.subi %n, %c1 : index
    %s = scalar.sin %x : tensor<?xf64>
    %deep = func.call @walk(%s, %m) : (tensor<?xf64>, index) -> tensor<?xf64>
    %p = scalar.mul %deep, %x : tensor<?xf64>
    scf.yield %p : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}
func.func private @walked(%x: tensor<?xf64>, %n: index) -> f64 {
  %y = func.call @walk(%x, %n) : (tensor<?xf64>, index) -> tensor<?xf64>
  %t = array.reduce add %y dims [0] : tensor<?xf64>
  %e = tensor.extract %t[] : tensor<f64>
  return %e : f64
}
func.func @walked_vjp(%x: tensor<?xf64>, %n: index, %d: f64) -> (f64, tensor<?xf64>)
    attributes {dp.pullback = array<i64: 1, 0>} {
  %e, %back = ad.vjp @walked(%x, %n) wrt [0]
      : (tensor<?xf64>, index) -> (f64, !ad.pullback<(f64) -> tensor<?xf64>>)
  %g = ad.pull %back(%d) : !ad.pullback<(f64) -> tensor<?xf64>>
  return %e, %g : f64, tensor<?xf64>
}

// The pullback of a gradient records something itself, on a tape of its own.
func.func private @slope(%x: f64, %n: i64) -> f64 {
  %y:2 = ad.grad @fall(%x, %n) wrt [0] : (f64, i64) -> (f64, f64)
  return %y#1 : f64
}
func.func private @fall(%x: f64, %n: i64) -> f64 {
  %none = scalar.constant 0 : i64
  %stop = scalar.compare le %n, %none : i64
  %r = scf.if %stop -> f64 {
    scf.yield %x : f64
  } else {
    %one = scalar.constant 1 : i64
    %less = scalar.sub %n, %one : i64
    %deep = func.call @fall(%x, %less) : (f64, i64) -> f64
    %s = scalar.sin %deep : f64
    %p = scalar.mul %s, %x : f64
    scf.yield %p : f64
  }
  return %r : f64
}
func.func @slope_vjp(%x: f64, %n: i64, %d: f64) -> (f64, f64) attributes {dp.pullback = array<i64: 1, 0>} {
  %e, %back = ad.vjp @slope(%x, %n) wrt [0] : (f64, i64) -> (f64, !ad.pullback<(f64) -> f64>)
  %g = ad.pull %back(%d) : !ad.pullback<(f64) -> f64>
  return %e, %g : f64, f64
}

// A loop of 9,000 rounds records the number of each, on a tape that grows. The pullback reads it twice; a loop around its
// gradient releases what each round has recorded.
func.func private @tame(%x: f64) -> f64 {
  %k = scalar.constant 0.001 : f64
  %end = scalar.constant 0.1 : f64
  %r = scf.while (%y = %x) : (f64) -> f64 {
    %c = scalar.compare gt %y, %end : f64
    scf.condition(%c) %y : f64
  } do {
  ^bb0(%y: f64):
    %z = scalar.mul %y, %y : f64
    %w = scalar.mul %z, %k : f64
    %u = scalar.sub %y, %w : f64
    scf.yield %u : f64
  }
  return %r : f64
}
func.func @tame_grad(%x: f64) -> (f64, f64) {
  %g:2 = ad.grad @tame(%x) wrt [0] : (f64) -> (f64, f64)
  return %g#0, %g#1 : f64, f64
}
func.func @tame_vjp(%x: f64, %d: f64) -> (f64, f64) attributes {dp.pullback = array<i64: 1, 0>} {
  %e, %back = ad.vjp @tame(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
  %g = ad.pull %back(%d) : !ad.pullback<(f64) -> f64>
  return %e, %g : f64, f64
}
func.func @tamed(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %k = scalar.constant 0.01 : f64
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> f64 {
    %g:2 = ad.grad @tame(%a) wrt [0] : (f64) -> (f64, f64)
    %s = scalar.mul %g#1, %k : f64
    %b = scalar.sub %a, %s : f64
    scf.yield %b : f64
  }
  return %r : f64
}

// A loop that records a tensor of each round: the pullback reads them twice where they are.
func.func private @shrink(%x: tensor<?xf64>) -> f64 {
  %least = scalar.constant 0.01 : f64
  %r = scf.while (%v = %x) : (tensor<?xf64>) -> tensor<?xf64> {
    %m = array.reduce add %v dims [0] : tensor<?xf64>
    %e = tensor.extract %m[] : tensor<f64>
    %c = scalar.compare gt %e, %least : f64
    scf.condition(%c) %v : tensor<?xf64>
  } do {
  ^bb0(%v: tensor<?xf64>):
    %s = scalar.mul %v, %v : tensor<?xf64>
    scf.yield %s : tensor<?xf64>
  }
  %m = array.reduce add %r dims [0] : tensor<?xf64>
  %e = tensor.extract %m[] : tensor<f64>
  return %e : f64
}
func.func @shrink_vjp(%x: tensor<?xf64>, %d: f64) -> (f64, tensor<?xf64>) attributes {dp.pullback = array<i64: 1, 0>} {
  %e, %back = ad.vjp @shrink(%x) wrt [0] : (tensor<?xf64>) -> (f64, !ad.pullback<(f64) -> tensor<?xf64>>)
  %g = ad.pull %back(%d) : !ad.pullback<(f64) -> tensor<?xf64>>
  return %e, %g : f64, tensor<?xf64>
}
