// Models with intermediate tensors that are too large for malloc to reuse between calls.

// Softmax of each row.
func.func @softmax(%x: tensor<?x?xf32> {dp.name = "x"}) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?xf32>
  %top = array.reduce max %x dims [1] : tensor<?x?xf32>
  %tops = array.broadcast %top dims [0] extents(%m, %n) : tensor<?xf32> to tensor<?x?xf32>
  %low = scalar.sub %x, %tops : tensor<?x?xf32>
  %e = scalar.exp %low : tensor<?x?xf32>
  %sum = array.reduce add %e dims [1] : tensor<?x?xf32>
  %sums = array.broadcast %sum dims [0] extents(%m, %n) : tensor<?xf32> to tensor<?x?xf32>
  %y = scalar.div %e, %sums : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// Layer norm: each row minus its mean, divided by its standard deviation.
func.func @layer_norm(%x: tensor<?x?xf32> {dp.name = "x"}, %g: tensor<?xf32> {dp.name = "g"},
                      %b: tensor<?xf32> {dp.name = "b"}) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?xf32>
  %ni = arith.index_cast %n : index to i64
  %count = scalar.convert %ni : i64 to f32
  %counts = array.broadcast %count dims [] extents(%m) : f32 to tensor<?xf32>
  %sum = array.reduce add %x dims [1] : tensor<?x?xf32>
  %mean = scalar.div %sum, %counts : tensor<?xf32>
  %means = array.broadcast %mean dims [0] extents(%m, %n) : tensor<?xf32> to tensor<?x?xf32>
  %d = scalar.sub %x, %means : tensor<?x?xf32>
  %d2 = scalar.mul %d, %d : tensor<?x?xf32>
  %var_sum = array.reduce add %d2 dims [1] : tensor<?x?xf32>
  %var = scalar.div %var_sum, %counts : tensor<?xf32>
  %small = scalar.constant 1.0e-5 : f32
  %smalls = array.broadcast %small dims [] extents(%m) : f32 to tensor<?xf32>
  %above = scalar.add %var, %smalls : tensor<?xf32>
  %deviation = scalar.sqrt %above : tensor<?xf32>
  %deviations = array.broadcast %deviation dims [0] extents(%m, %n) : tensor<?xf32> to tensor<?x?xf32>
  %unit = scalar.div %d, %deviations : tensor<?x?xf32>
  %gs = array.broadcast %g dims [1] extents(%m, %n) : tensor<?xf32> to tensor<?x?xf32>
  %bs = array.broadcast %b dims [1] extents(%m, %n) : tensor<?xf32> to tensor<?x?xf32>
  %scaled = scalar.mul %unit, %gs : tensor<?x?xf32>
  %y = scalar.add %scaled, %bs : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// A weighted sum of squares of the layer norm, so that its derivative is not zero.
func.func @layer_norm_loss(%x: tensor<?x?xf32> {dp.name = "x"}, %g: tensor<?xf32> {dp.name = "g"},
                           %b: tensor<?xf32> {dp.name = "b"}, %w: tensor<?x?xf32> {dp.name = "w"}) -> f32 {
  %y = func.call @layer_norm(%x, %g, %b) : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %wy = scalar.mul %w, %y : tensor<?x?xf32>
  %sum = array.reduce add %wy dims [0, 1] : tensor<?x?xf32>
  %loss = tensor.extract %sum[] : tensor<f32>
  return %loss : f32
}

// Least squares, half the sum over rows of (a x - b)^2.
func.func @llsq(%a: tensor<?x?xf64> {dp.name = "a"}, %x: tensor<?xf64> {dp.name = "x"},
                %b: tensor<?xf64> {dp.name = "b"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %a, %c0 : tensor<?x?xf64>
  %n = tensor.dim %a, %c1 : tensor<?x?xf64>
  %xs = array.broadcast %x dims [1] extents(%m, %n) : tensor<?xf64> to tensor<?x?xf64>
  %ax = scalar.mul %a, %xs : tensor<?x?xf64>
  %fit = array.reduce add %ax dims [1] : tensor<?x?xf64>
  %r = scalar.sub %fit, %b : tensor<?xf64>
  %r2 = scalar.mul %r, %r : tensor<?xf64>
  %sum = array.reduce add %r2 dims [0] : tensor<?xf64>
  %s = tensor.extract %sum[] : tensor<f64>
  %half = scalar.constant 0.5 : f64
  %loss = scalar.mul %half, %s : f64
  return %loss : f64
}

// The logarithm of a mixture of normal distributions without correlations:
// sum_n log sum_k exp(w_k - 1/2 sum_d ((x_nd - mu_kd) exp(q_kd))^2).
func.func @mixture(%w: tensor<?xf64> {dp.name = "w"}, %mu: tensor<?x?xf64> {dp.name = "mu"},
                   %q: tensor<?x?xf64> {dp.name = "q"}, %x: tensor<?x?xf64> {dp.name = "x"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf64>
  %k = tensor.dim %mu, %c0 : tensor<?x?xf64>
  %d = tensor.dim %mu, %c1 : tensor<?x?xf64>
  %xs = array.broadcast %x dims [0, 2] extents(%n, %k, %d) : tensor<?x?xf64> to tensor<?x?x?xf64>
  %mus = array.broadcast %mu dims [1, 2] extents(%n, %k, %d) : tensor<?x?xf64> to tensor<?x?x?xf64>
  %e = scalar.exp %q : tensor<?x?xf64>
  %es = array.broadcast %e dims [1, 2] extents(%n, %k, %d) : tensor<?x?xf64> to tensor<?x?x?xf64>
  %diff = scalar.sub %xs, %mus : tensor<?x?x?xf64>
  %z = scalar.mul %diff, %es : tensor<?x?x?xf64>
  %z2 = scalar.mul %z, %z : tensor<?x?x?xf64>
  %far = array.reduce add %z2 dims [2] : tensor<?x?x?xf64>
  %half = scalar.constant 0.5 : f64
  %halves = array.broadcast %half dims [] extents(%n, %k) : f64 to tensor<?x?xf64>
  %far2 = scalar.mul %halves, %far : tensor<?x?xf64>
  %ws = array.broadcast %w dims [1] extents(%n, %k) : tensor<?xf64> to tensor<?x?xf64>
  %t = scalar.sub %ws, %far2 : tensor<?x?xf64>
  %top = array.reduce max %t dims [1] : tensor<?x?xf64>
  %tops = array.broadcast %top dims [0] extents(%n, %k) : tensor<?xf64> to tensor<?x?xf64>
  %low = scalar.sub %t, %tops : tensor<?x?xf64>
  %p = scalar.exp %low : tensor<?x?xf64>
  %ps = array.reduce add %p dims [1] : tensor<?x?xf64>
  %l = scalar.log %ps : tensor<?xf64>
  %ll = scalar.add %l, %top : tensor<?xf64>
  %sum = array.reduce add %ll dims [0] : tensor<?xf64>
  %loss = tensor.extract %sum[] : tensor<f64>
  return %loss : f64
}
