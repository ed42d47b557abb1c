// The determinant by expansion along the last row of ever larger minors. The minors of the first p rows are numbered by
// the sets of their p columns, as bits; each is computed once, from those with one column less.
func.func @det(%a: tensor<?x?xf64> {dp.name = "a"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one_i = arith.constant 1 : i64
  %zero_i = arith.constant 0 : i64
  %zero = scalar.constant 0.0 : f64
  %one = scalar.constant 1.0 : f64
  %n = tensor.dim %a, %c0 : tensor<?x?xf64>
  %bits = arith.index_cast %n : index to i64
  %sets_i = scalar.shl %one_i, %bits : i64
  %sets = arith.index_cast %sets_i : i64 to index
  %none = array.broadcast %zero dims [] extents(%sets) : f64 to tensor<?xf64>
  %empty = tensor.insert %one into %none[%c0] : tensor<?xf64>
  %minors = scf.for %set = %c1 to %sets step %c1 iter_args(%d = %empty) -> tensor<?xf64> {
    %s = arith.index_cast %set : index to i64
    %size = scalar.popcnt %s : i64
    %row_i = arith.subi %size, %one_i : i64
    %row = arith.index_cast %row_i : i64 to index
    %minor = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %zero) -> f64 {
      %j_i = arith.index_cast %j : index to i64
      %rest = scalar.ushr %s, %j_i : i64
      %bit = scalar.and %rest, %one_i : i64
      %has = arith.cmpi ne, %bit, %zero_i : i64
      // The sign alternates from the last column of the set, where it is positive.
      %above = scalar.popcnt %rest : i64
      %odd = scalar.and %above, %one_i : i64
      %positive = arith.cmpi ne, %odd, %zero_i : i64
      %column = scalar.shl %one_i, %j_i : i64
      %others = scalar.not %column : i64
      %without_i = scalar.and %s, %others : i64
      %without = arith.index_cast %without_i : i64 to index
      %aij = tensor.extract %a[%row, %j] : tensor<?x?xf64>
      %smaller = tensor.extract %d[%without] : tensor<?xf64>
      %product = scalar.mul %aij, %smaller : f64
      %negative = scalar.neg %product : f64
      %signed = scalar.select %positive, %product, %negative : i1, f64
      %term = scalar.select %has, %signed, %zero : i1, f64
      %next = scalar.add %sum, %term : f64
      scf.yield %next : f64
    }
    %table = tensor.insert %minor into %d[%set] : tensor<?xf64>
    scf.yield %table : tensor<?xf64>
  }
  %whole = arith.subi %sets, %c1 : index
  %det = tensor.extract %minors[%whole] : tensor<?xf64>
  return %det : f64
}
