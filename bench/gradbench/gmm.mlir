// The logarithm of the posterior density of a mixture of k normal distributions in d dimensions, given n points, with a
// Wishart prior. The inverse covariance of a component is transpose(Q) Q; Q has exp(q) on its diagonal and the columns
// of `l`, one after the other, below it.
func.func @gmm(%alpha: tensor<?xf64> {dp.name = "alpha"}, %mu: tensor<?x?xf64> {dp.name = "mu"},
    %q: tensor<?x?xf64> {dp.name = "q"}, %l: tensor<?x?xf64> {dp.name = "l"}, %x: tensor<?x?xf64> {dp.name = "x"},
    %gamma: f64 {dp.name = "gamma"}, %m: i64 {dp.name = "m"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %half = scalar.constant 0.5 : f64
  %n = tensor.dim %x, %c0 : tensor<?x?xf64>
  %d = tensor.dim %x, %c1 : tensor<?x?xf64>
  %k = tensor.dim %mu, %c0 : tensor<?x?xf64>

  // Q, by components.
  %ql = func.call @unpack(%l, %d) : (tensor<?x?xf64>, index) -> tensor<?x?x?xf64>
  %eq = scalar.exp %q : tensor<?x?xf64>
  %diagonals = array.broadcast %eq dims [0, 1] extents(%k, %d, %d) : tensor<?x?xf64> to tensor<?x?x?xf64>
  %row = array.iota dim 1 extents(%k, %d, %d) : tensor<?x?x?xi64>
  %column = array.iota dim 2 extents(%k, %d, %d) : tensor<?x?x?xi64>
  %is_diagonal = scalar.compare eq %row, %column : tensor<?x?x?xi64>
  %full = scalar.select %is_diagonal, %diagonals, %ql : tensor<?x?x?xi1>, tensor<?x?x?xf64>

  // Each component's term at each point. Q (x - mu) is Q x - Q mu, where Q x is one matrix product for all components.
  %q_x = array.dot %x, %full contract [1] with [2] : tensor<?x?xf64>, tensor<?x?x?xf64>
  %q_mu = array.dot %full, %mu batch [0] with [0] contract [2] with [1] : tensor<?x?x?xf64>, tensor<?x?xf64>
  %q_mus = array.broadcast %q_mu dims [1, 2] extents(%n, %k, %d) : tensor<?x?xf64> to tensor<?x?x?xf64>
  %qx = scalar.sub %q_x, %q_mus : tensor<?x?x?xf64>
  %qx2 = scalar.mul %qx, %qx : tensor<?x?x?xf64>
  %distance = array.reduce add %qx2 dims [2] : tensor<?x?x?xf64>
  %sum_q = array.reduce add %q dims [1] : tensor<?x?xf64>
  %weight = scalar.add %alpha, %sum_q : tensor<?xf64>
  %weights = array.broadcast %weight dims [1] extents(%n, %k) : tensor<?xf64> to tensor<?x?xf64>
  %halves = array.broadcast %half dims [] extents(%n, %k) : f64 to tensor<?x?xf64>
  %exponent = scalar.mul %halves, %distance : tensor<?x?xf64>
  %terms = scalar.sub %weights, %exponent : tensor<?x?xf64>

  // The logarithm of the sum over components, summed over points.
  %tops = array.reduce max %terms dims [1] : tensor<?x?xf64>
  %top = ad.stop_gradient %tops : tensor<?xf64>
  %top_everywhere = array.broadcast %top dims [0] extents(%n, %k) : tensor<?xf64> to tensor<?x?xf64>
  %low = scalar.sub %terms, %top_everywhere : tensor<?x?xf64>
  %e = scalar.exp %low : tensor<?x?xf64>
  %se = array.reduce add %e dims [1] : tensor<?x?xf64>
  %log = scalar.log %se : tensor<?xf64>
  %lse = scalar.add %log, %top : tensor<?xf64>
  %slse_0 = array.reduce add %lse dims [0] : tensor<?xf64>
  %slse = tensor.extract %slse_0[] : tensor<f64>

  // The same of alpha, n times.
  %alpha_top_0 = array.reduce max %alpha dims [0] : tensor<?xf64>
  %alpha_top_1 = ad.stop_gradient %alpha_top_0 : tensor<f64>
  %alpha_top = tensor.extract %alpha_top_1[] : tensor<f64>
  %alpha_tops = array.broadcast %alpha_top dims [] extents(%k) : f64 to tensor<?xf64>
  %alpha_low = scalar.sub %alpha, %alpha_tops : tensor<?xf64>
  %alpha_e = scalar.exp %alpha_low : tensor<?xf64>
  %alpha_sum_0 = array.reduce add %alpha_e dims [0] : tensor<?xf64>
  %alpha_sum = tensor.extract %alpha_sum_0[] : tensor<f64>
  %alpha_log = scalar.log %alpha_sum : f64
  %alpha_lse = scalar.add %alpha_log, %alpha_top : f64
  %n_i = arith.index_cast %n : index to i64
  %nf = arith.sitofp %n_i : i64 to f64
  %alpha_part = scalar.mul %nf, %alpha_lse : f64

  // The Wishart prior.
  %eq2 = scalar.mul %eq, %eq : tensor<?x?xf64>
  %eq_sum_0 = array.reduce add %eq2 dims [0, 1] : tensor<?x?xf64>
  %eq_sum = tensor.extract %eq_sum_0[] : tensor<f64>
  %l2 = scalar.mul %l, %l : tensor<?x?xf64>
  %l_sum_0 = array.reduce add %l2 dims [0, 1] : tensor<?x?xf64>
  %l_sum = tensor.extract %l_sum_0[] : tensor<f64>
  %frobenius = scalar.add %eq_sum, %l_sum : f64
  %gamma2 = scalar.mul %gamma, %gamma : f64
  %half_gamma2 = scalar.mul %half, %gamma2 : f64
  %spread = scalar.mul %half_gamma2, %frobenius : f64
  %q_sum_0 = array.reduce add %sum_q dims [0] : tensor<?xf64>
  %q_sum = tensor.extract %q_sum_0[] : tensor<f64>
  %mf = arith.sitofp %m : i64 to f64
  %scale = scalar.mul %mf, %q_sum : f64
  %prior = scalar.sub %scale, %spread : f64

  %constant = func.call @constant(%n, %d, %k, %gamma, %mf) : (index, index, index, f64, f64) -> f64
  %r1 = scalar.sub %slse, %alpha_part : f64
  %r2 = scalar.add %r1, %prior : f64
  %r3 = scalar.add %r2, %constant : f64
  return %r3 : f64
}

// The strictly lower triangular matrices whose columns are the rows of l, one after the other.
func.func private @unpack(%l: tensor<?x?xf64>, %d: index) -> tensor<?x?x?xf64> {
  %c0 = arith.constant 0 : index
  %zero = scalar.constant 0.0 : f64
  %k = tensor.dim %l, %c0 : tensor<?x?xf64>
  %row = array.iota dim 0 extents(%d, %d) : tensor<?x?xi64>
  %column = array.iota dim 1 extents(%d, %d) : tensor<?x?xi64>
  // Column j starts after the d - 1, d - 2, ... elements of the columns before it: element (i, j) is at
  // j (2 d - j - 1) / 2 + i - j - 1.
  %d_i = arith.index_cast %d : index to i64
  %one = arith.constant 1 : i64
  %two = arith.constant 2 : i64
  %d2 = arith.muli %d_i, %two : i64
  %side = arith.subi %d2, %one : i64
  %ones = array.broadcast %one dims [] extents(%d, %d) : i64 to tensor<?x?xi64>
  %twos = array.broadcast %two dims [] extents(%d, %d) : i64 to tensor<?x?xi64>
  %sides = array.broadcast %side dims [] extents(%d, %d) : i64 to tensor<?x?xi64>
  %length = scalar.sub %sides, %column : tensor<?x?xi64>
  %area = scalar.mul %column, %length : tensor<?x?xi64>
  %start = scalar.div %area, %twos : tensor<?x?xi64>
  %below = scalar.sub %row, %column : tensor<?x?xi64>
  %offset = scalar.sub %below, %ones : tensor<?x?xi64>
  %place = scalar.add %start, %offset : tensor<?x?xi64>
  %lt = array.transpose %l permutation [1, 0] : tensor<?x?xf64>
  %spread = array.gather %lt, %place : tensor<?x?xf64>, tensor<?x?xi64>
  %matrices = array.transpose %spread permutation [2, 0, 1] : tensor<?x?x?xf64>
  %is_lower = scalar.compare gt %row, %column : tensor<?x?xi64>
  %mask = array.broadcast %is_lower dims [1, 2] extents(%k, %d, %d) : tensor<?x?xi1> to tensor<?x?x?xi1>
  %zeros = array.broadcast %zero dims [] extents(%k, %d, %d) : f64 to tensor<?x?x?xf64>
  %lower = scalar.select %mask, %matrices, %zeros : tensor<?x?x?xi1>, tensor<?x?x?xf64>
  return %lower : tensor<?x?x?xf64>
}

// -n d/2 log(2 pi) + k (N d (log(gamma) - log(2)/2) - log Gamma_d(N/2)) for N = d + m + 1 and the multivariate gamma
// function: log Gamma_d(a) = d (d - 1)/4 log(pi) + sum_j lgamma(a - j/2), j = 0, ..., d - 1.
func.func private @constant(%n: index, %d: index, %k: index, %gamma: f64, %m: f64) -> f64 {
  %half = scalar.constant 0.5 : f64
  %one = scalar.constant 1.0 : f64
  %quarter = scalar.constant 0.25 : f64
  %log_2 = scalar.constant 0.69314718055994531 : f64
  %log_pi = scalar.constant 1.1447298858494002 : f64
  %log_2pi = scalar.add %log_2, %log_pi : f64
  %n_i = arith.index_cast %n : index to i64
  %d_i = arith.index_cast %d : index to i64
  %k_i = arith.index_cast %k : index to i64
  %nf = arith.sitofp %n_i : i64 to f64
  %df = arith.sitofp %d_i : i64 to f64
  %kf = arith.sitofp %k_i : i64 to f64
  %nd = scalar.mul %nf, %df : f64
  %half_nd = scalar.mul %half, %nd : f64
  %normal = scalar.mul %half_nd, %log_2pi : f64
  %d1 = scalar.add %df, %one : f64
  %freedom = scalar.add %d1, %m : f64
  %log_gamma = scalar.log %gamma : f64
  %half_log_2 = scalar.mul %half, %log_2 : f64
  %log_scale = scalar.sub %log_gamma, %half_log_2 : f64
  %nd_prior = scalar.mul %freedom, %df : f64
  %volume = scalar.mul %nd_prior, %log_scale : f64
  %a = scalar.mul %half, %freedom : f64
  %j = array.iota dim 0 extents(%d) : tensor<?xf64>
  %as = array.broadcast %a dims [] extents(%d) : f64 to tensor<?xf64>
  %halves = array.broadcast %half dims [] extents(%d) : f64 to tensor<?xf64>
  %half_j = scalar.mul %halves, %j : tensor<?xf64>
  %at = scalar.sub %as, %half_j : tensor<?xf64>
  %lgammas = scalar.lgamma %at : tensor<?xf64>
  %lgamma_0 = array.reduce add %lgammas dims [0] : tensor<?xf64>
  %lgamma = tensor.extract %lgamma_0[] : tensor<f64>
  %less = scalar.sub %df, %one : f64
  %dd = scalar.mul %df, %less : f64
  %quarter_dd = scalar.mul %quarter, %dd : f64
  %pi_part = scalar.mul %quarter_dd, %log_pi : f64
  %log_gamma_d = scalar.add %lgamma, %pi_part : f64
  %each = scalar.sub %volume, %log_gamma_d : f64
  %all = scalar.mul %kf, %each : f64
  %c = scalar.sub %all, %normal : f64
  return %c : f64
}
