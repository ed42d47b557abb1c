// A classifier of handwritten digits: 64 pixels, a hidden layer of 64, 10 classes.
//
//   logits = tanh(x w1 + b1) w2 + b2
//   loss   = mean over the rows of  log Σ_k exp(logits_k) - logits_label
//
// The batch has any size: x and labels say how many rows there are.

func.func @predict(
    %w1: tensor<64x64xf32> {dp.name = "w1"}, %b1: tensor<64xf32> {dp.name = "b1"},
    %w2: tensor<64x10xf32> {dp.name = "w2"}, %b2: tensor<10xf32> {dp.name = "b2"},
    %x: tensor<?x64xf32> {dp.name = "x"}) -> (tensor<?x10xf32> {dp.name = "logits"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %xw = array.dot %x, %w1 contract [1] with [0] : tensor<?x64xf32>, tensor<64x64xf32>
  %b1_rows = array.broadcast %b1 dims [1] extents(%n) : tensor<64xf32> to tensor<?x64xf32>
  %sum = scalar.add %xw, %b1_rows : tensor<?x64xf32>
  %hidden = scalar.tanh %sum : tensor<?x64xf32>
  %hw = array.dot %hidden, %w2 contract [1] with [0] : tensor<?x64xf32>, tensor<64x10xf32>
  %b2_rows = array.broadcast %b2 dims [1] extents(%n) : tensor<10xf32> to tensor<?x10xf32>
  %logits = scalar.add %hw, %b2_rows : tensor<?x10xf32>
  return %logits : tensor<?x10xf32>
}

func.func @loss(
    %w1: tensor<64x64xf32> {dp.name = "w1"}, %b1: tensor<64xf32> {dp.name = "b1"},
    %w2: tensor<64x10xf32> {dp.name = "w2"}, %b2: tensor<10xf32> {dp.name = "b2"},
    %x: tensor<?x64xf32> {dp.name = "x"}, %labels: tensor<?xi32> {dp.name = "labels"}) -> (f32 {dp.name = "loss"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %logits = func.call @predict(%w1, %b1, %w2, %b2, %x)
    : (tensor<64x64xf32>, tensor<64xf32>, tensor<64x10xf32>, tensor<10xf32>, tensor<?x64xf32>) -> tensor<?x10xf32>

  // log Σ_k exp(z_k) = m + log Σ_k exp(z_k - m) for any m. The greatest z_k keeps
  // exp finite; as the value does not depend on m, no derivative need go through it.
  %greatest = array.reduce max %logits dims [1] : tensor<?x10xf32>
  %m = ad.stop_gradient %greatest : tensor<?xf32>
  %m_rows = array.broadcast %m dims [0] extents(%n) : tensor<?xf32> to tensor<?x10xf32>
  %shifted = scalar.sub %logits, %m_rows : tensor<?x10xf32>
  %exp = scalar.exp %shifted : tensor<?x10xf32>
  %total = array.reduce add %exp dims [1] : tensor<?x10xf32>
  %log = scalar.log %total : tensor<?xf32>

  // The logit of each row's label, less m: the one place where the class is the label.
  %classes = array.iota dim 1 extents(%n) : tensor<?x10xi32>
  %labels_rows = array.broadcast %labels dims [0] extents(%n) : tensor<?xi32> to tensor<?x10xi32>
  %is_label = scalar.compare eq %classes, %labels_rows : tensor<?x10xi32>
  %zero = scalar.constant 0.0 : f32
  %zeros = array.broadcast %zero dims [] extents(%n) : f32 to tensor<?x10xf32>
  %at_label = scalar.select %is_label, %shifted, %zeros : tensor<?x10xi1>, tensor<?x10xf32>
  %chosen = array.reduce add %at_label dims [1] : tensor<?x10xf32>

  %losses = scalar.sub %log, %chosen : tensor<?xf32>
  %sum = array.reduce add %losses dims [0] : tensor<?xf32>
  %number = tensor.extract %sum[] : tensor<f32>
  %count = arith.index_cast %n : index to i64
  %rows = scalar.convert %count : i64 to f32
  %mean = scalar.div %number, %rows : f32
  return %mean : f32
}
