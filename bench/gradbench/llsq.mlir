// The polynomial with coefficients x fitted to the sign of t at n points in [-1, 1]: half the sum over the points t of
// (sign(t) - sum_j x_j t^j)^2. The powers of all points are summed together by Horner's rule.
func.func @llsq(%x: tensor<?xf64> {dp.name = "x"}, %n: index {dp.name = "n"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %one = scalar.constant 1.0 : f64
  %two = scalar.constant 2.0 : f64
  %half = scalar.constant 0.5 : f64
  %m = tensor.dim %x, %c0 : tensor<?xf64>
  %last = arith.subi %n, %c1 : index
  %count = arith.index_cast %last : index to i64
  %intervals = arith.sitofp %count : i64 to f64
  %index = array.iota dim 0 extents(%n) : tensor<?xf64>
  %twos = array.broadcast %two dims [] extents(%n) : f64 to tensor<?xf64>
  %all = array.broadcast %intervals dims [] extents(%n) : f64 to tensor<?xf64>
  %ones = array.broadcast %one dims [] extents(%n) : f64 to tensor<?xf64>
  %twice = scalar.mul %index, %twos : tensor<?xf64>
  %right = scalar.div %twice, %all : tensor<?xf64>
  %t = scalar.sub %right, %ones : tensor<?xf64>
  %signs = scalar.sign %t : tensor<?xf64>
  %zeros = array.broadcast %zero dims [] extents(%n) : f64 to tensor<?xf64>
  %top = arith.subi %m, %c1 : index
  %polynomial = scf.for %i = %c0 to %m step %c1 iter_args(%p = %zeros) -> tensor<?xf64> {
    %j = arith.subi %top, %i : index
    %xj = tensor.extract %x[%j] : tensor<?xf64>
    %xs = array.broadcast %xj dims [] extents(%n) : f64 to tensor<?xf64>
    %scaled = scalar.mul %p, %t : tensor<?xf64>
    %next = scalar.add %scaled, %xs : tensor<?xf64>
    scf.yield %next : tensor<?xf64>
  }
  %r = scalar.sub %signs, %polynomial : tensor<?xf64>
  %squares = scalar.mul %r, %r : tensor<?xf64>
  %sum = array.reduce add %squares dims [0] : tensor<?xf64>
  %total = tensor.extract %sum[] : tensor<f64>
  %y = scalar.mul %half, %total : f64
  return %y : f64
}
