// The gradient of examples/digits/model.mlir, written by hand.

// The adjoint as a careful person writes it: the softmax is computed once and
// serves the loss and its gradient; 1/n goes in where the values are few.
func.func @by_hand(
    %w1: tensor<64x64xf32>, %b1: tensor<64xf32>, %w2: tensor<64x10xf32>, %b2: tensor<10xf32>,
    %x: tensor<?x64xf32>, %labels: tensor<?xi32>)
    -> (f32, tensor<64x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %zero = scalar.constant 0.0 : f32
  %one = scalar.constant 1.0 : f32
  %count = arith.index_cast %n : index to i64
  %rows = scalar.convert %count : i64 to f32
  %weight = scalar.div %one, %rows : f32

  // Forward.
  %xw = array.dot %x, %w1 contract [1] with [0] : tensor<?x64xf32>, tensor<64x64xf32>
  %b1_rows = array.broadcast %b1 dims [1] extents(%n) : tensor<64xf32> to tensor<?x64xf32>
  %sum = scalar.add %xw, %b1_rows : tensor<?x64xf32>
  %h = scalar.tanh %sum : tensor<?x64xf32>
  %hw = array.dot %h, %w2 contract [1] with [0] : tensor<?x64xf32>, tensor<64x10xf32>
  %b2_rows = array.broadcast %b2 dims [1] extents(%n) : tensor<10xf32> to tensor<?x10xf32>
  %z = scalar.add %hw, %b2_rows : tensor<?x10xf32>
  %m = array.reduce max %z dims [1] : tensor<?x10xf32>
  %m_rows = array.broadcast %m dims [0] extents(%n) : tensor<?xf32> to tensor<?x10xf32>
  %shifted = scalar.sub %z, %m_rows : tensor<?x10xf32>
  %exp = scalar.exp %shifted : tensor<?x10xf32>
  %total = array.reduce add %exp dims [1] : tensor<?x10xf32>
  %log = scalar.log %total : tensor<?xf32>
  %classes = array.iota dim 1 extents(%n) : tensor<?x10xi32>
  %labels_rows = array.broadcast %labels dims [0] extents(%n) : tensor<?xi32> to tensor<?x10xi32>
  %is_label = scalar.compare eq %classes, %labels_rows : tensor<?x10xi32>
  %zeros = array.broadcast %zero dims [] extents(%n) : f32 to tensor<?x10xf32>
  %at_label = scalar.select %is_label, %shifted, %zeros : tensor<?x10xi1>, tensor<?x10xf32>
  %chosen = array.reduce add %at_label dims [1] : tensor<?x10xf32>
  %losses = scalar.sub %log, %chosen : tensor<?xf32>
  %loss = array.reduce add %losses dims [0] : tensor<?xf32>
  %number = tensor.extract %loss[] : tensor<f32>
  %mean = scalar.mul %number, %weight : f32

  // Reverse: dz = (exp / total - is_label) / n.
  %weights = array.broadcast %weight dims [] extents(%n) : f32 to tensor<?xf32>
  %share = scalar.div %weights, %total : tensor<?xf32>
  %share_rows = array.broadcast %share dims [0] extents(%n) : tensor<?xf32> to tensor<?x10xf32>
  %softmax = scalar.mul %exp, %share_rows : tensor<?x10xf32>
  %weight_rows = array.broadcast %weight dims [] extents(%n) : f32 to tensor<?x10xf32>
  %target = scalar.select %is_label, %weight_rows, %zeros : tensor<?x10xi1>, tensor<?x10xf32>
  %dz = scalar.sub %softmax, %target : tensor<?x10xf32>
  %db2 = array.reduce add %dz dims [0] : tensor<?x10xf32>
  %dw2 = array.dot %h, %dz contract [0] with [0] : tensor<?x64xf32>, tensor<?x10xf32>
  %dh = array.dot %dz, %w2 contract [1] with [1] : tensor<?x10xf32>, tensor<64x10xf32>
  // d tanh = 1 - h^2.
  %ones = array.broadcast %one dims [] extents(%n) : f32 to tensor<?x64xf32>
  %h2 = scalar.mul %h, %h : tensor<?x64xf32>
  %slope = scalar.sub %ones, %h2 : tensor<?x64xf32>
  %da = scalar.mul %dh, %slope : tensor<?x64xf32>
  %db1 = array.reduce add %da dims [0] : tensor<?x64xf32>
  %dw1 = array.dot %x, %da contract [0] with [0] : tensor<?x64xf32>, tensor<?x64xf32>
  return %mean, %dw1, %db1, %dw2, %db2
    : f32, tensor<64x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>
}
