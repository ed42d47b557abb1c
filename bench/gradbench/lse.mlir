// The logarithm of a sum of exponentials. The maximum cancels, so its derivative is stopped.
func.func @lse(%x: tensor<?xf64> {dp.name = "x"}) -> f64 {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %top = array.reduce max %x dims [0] : tensor<?xf64>
  %stopped = ad.stop_gradient %top : tensor<f64>
  %a = tensor.extract %stopped[] : tensor<f64>
  %as = array.broadcast %a dims [] extents(%n) : f64 to tensor<?xf64>
  %low = scalar.sub %x, %as : tensor<?xf64>
  %e = scalar.exp %low : tensor<?xf64>
  %sum = array.reduce add %e dims [0] : tensor<?xf64>
  %s = tensor.extract %sum[] : tensor<f64>
  %log = scalar.log %s : f64
  %lse = scalar.add %log, %a : f64
  return %lse : f64
}
