func.func @inserts(%s: f64, %k: index) -> tensor<?xf64> {
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c0 = arith.constant 0 : index
  %v = array.broadcast %s dims [] extents(%k) : f64 to tensor<?xf64>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %v) -> tensor<?xf64> {
    %one = array.broadcast %s dims [] : f64 to tensor<1xf64>
    %u = array.update_slice %t, %one starts [%i] : tensor<?xf64>, tensor<1xf64>
    scf.yield %u : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

func.func @grows(%x: tensor<?xf64>, %k: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %r = scf.for %i = %c0 to %k step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %many = arith.muli %i, %i : index
    %w = array.broadcast %one dims [] extents(%many) : f64 to tensor<?xf64>
    %u = array.update_slice %t, %w starts [0] : tensor<?xf64>, tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}
