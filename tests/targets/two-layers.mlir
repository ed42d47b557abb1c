// A network of two layers like that of examples/digits, with dynamic extents.
func.func @predict(
    %w1: tensor<?x?xf32> {dp.name = "w1"}, %b1: tensor<?xf32> {dp.name = "b1"},
    %w2: tensor<?x?xf32> {dp.name = "w2"}, %b2: tensor<?xf32> {dp.name = "b2"},
    %x: tensor<?x?xf32> {dp.name = "x"}) -> (tensor<?x?xf32> {dp.name = "logits"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %h = tensor.dim %w1, %c1 : tensor<?x?xf32>
  %k = tensor.dim %w2, %c1 : tensor<?x?xf32>
  %xw = array.dot %x, %w1 contract [1] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
  %b1_rows = array.broadcast %b1 dims [1] extents(%n, %h) : tensor<?xf32> to tensor<?x?xf32>
  %sum = scalar.add %xw, %b1_rows : tensor<?x?xf32>
  %hidden = scalar.tanh %sum : tensor<?x?xf32>
  %hw = array.dot %hidden, %w2 contract [1] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
  %b2_rows = array.broadcast %b2 dims [1] extents(%n, %k) : tensor<?xf32> to tensor<?x?xf32>
  %logits = scalar.add %hw, %b2_rows : tensor<?x?xf32>
  return %logits : tensor<?x?xf32>
}
func.func @loss(
    %w1: tensor<?x?xf32> {dp.name = "w1"}, %b1: tensor<?xf32> {dp.name = "b1"},
    %w2: tensor<?x?xf32> {dp.name = "w2"}, %b2: tensor<?xf32> {dp.name = "b2"},
    %x: tensor<?x?xf32> {dp.name = "x"}, %labels: tensor<?xi32> {dp.name = "labels"}) -> (f32 {dp.name = "loss"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %h = tensor.dim %w1, %c1 : tensor<?x?xf32>
  %k = tensor.dim %w2, %c1 : tensor<?x?xf32>
  %xw = array.dot %x, %w1 contract [1] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
  %b1_rows = array.broadcast %b1 dims [1] extents(%n, %h) : tensor<?xf32> to tensor<?x?xf32>
  %sum = scalar.add %xw, %b1_rows : tensor<?x?xf32>
  %hidden = scalar.tanh %sum : tensor<?x?xf32>
  %hw = array.dot %hidden, %w2 contract [1] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
  %b2_rows = array.broadcast %b2 dims [1] extents(%n, %k) : tensor<?xf32> to tensor<?x?xf32>
  %logits = scalar.add %hw, %b2_rows : tensor<?x?xf32>
  %greatest = array.reduce max %logits dims [1] : tensor<?x?xf32>
  %m = ad.stop_gradient %greatest : tensor<?xf32>
  %m_rows = array.broadcast %m dims [0] extents(%n, %k) : tensor<?xf32> to tensor<?x?xf32>
  %shifted = scalar.sub %logits, %m_rows : tensor<?x?xf32>
  %exp = scalar.exp %shifted : tensor<?x?xf32>
  %total = array.reduce add %exp dims [1] : tensor<?x?xf32>
  %log = scalar.log %total : tensor<?xf32>
  %classes = array.iota dim 1 extents(%n, %k) : tensor<?x?xi32>
  %labels_rows = array.broadcast %labels dims [0] extents(%n, %k) : tensor<?xi32> to tensor<?x?xi32>
  %is_label = scalar.compare eq %classes, %labels_rows : tensor<?x?xi32>
  %zero = scalar.constant 0.0 : f32
  %zeros = array.broadcast %zero dims [] extents(%n, %k) : f32 to tensor<?x?xf32>
  %at_label = scalar.select %is_label, %shifted, %zeros : tensor<?x?xi1>, tensor<?x?xf32>
  %chosen = array.reduce add %at_label dims [1] : tensor<?x?xf32>
  %losses = scalar.sub %log, %chosen : tensor<?xf32>
  %sumt = array.reduce add %losses dims [0] : tensor<?xf32>
  %number = tensor.extract %sumt[] : tensor<f32>
  %count = arith.index_cast %n : index to i64
  %rows = scalar.convert %count : i64 to f32
  %mean = scalar.div %number, %rows : f32
  return %mean : f32
}
func.func @loss_grad(
    %a0: tensor<?x?xf32>, %a1: tensor<?xf32>, %a2: tensor<?x?xf32>, %a3: tensor<?xf32>, %a4: tensor<?x?xf32>, %a5: tensor<?xi32>)
    -> (f32, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>) {
  %r:5 = ad.grad @loss(%a0, %a1, %a2, %a3, %a4, %a5) wrt [0, 1, 2, 3]
    : (tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xi32>)
    -> (f32, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>)
  return %r#0, %r#1, %r#2, %r#3, %r#4 : f32, tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?xf32>
}
